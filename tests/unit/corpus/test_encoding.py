import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.corpus.encoding import (
    LineCounter,
    UndecodableError,
    count_line_ends,
    decode,
    is_binary,
    line_number,
    line_starts,
)


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_decides_and_is_dropped(mark: bytes, codec: str) -> None:
    text, _ = decode(mark + "Größe 中\r\n".encode(codec))

    assert text == "Größe 中\r\n"


def test_plain_utf8_is_tried_first() -> None:
    assert decode("é".encode()) == ("é", "utf-8")


def test_legacy_code_page_is_detected() -> None:
    source = "Les élèves étudient à l'école où ils ont été très occupés. " * 20

    text, encoding = decode(source.encode("cp1252"))

    assert text == source
    assert encoding != "utf-8"


def test_one_bad_byte_does_not_spoil_a_utf8_file() -> None:
    text, encoding = decode("žluťoučký kůň ".encode() * 20 + b"\xff end")

    assert encoding == "utf-8"
    assert "žluťoučký kůň" in text


def test_broken_utf16_is_never_a_traceback() -> None:
    try:
        decode(codecs.BOM_UTF16_LE + b"a\x00b")
    except UndecodableError as error:
        assert error.reason == "undecodable"


def test_nul_bytes_are_binary_unless_a_mark_explains_them() -> None:
    assert is_binary(b"PK\x00\x01")
    assert not is_binary(codecs.BOM_UTF16_LE + "text".encode("utf-16-le"))
    assert not is_binary(b"text\twith\r\ntabs\x0c")


def test_many_control_bytes_are_binary() -> None:
    assert is_binary(b"\x01\x02\x03abc")


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_other_separators_end_no_line(separator: str) -> None:
    assert line_starts(f"a{separator}b\nc") == [0, 4]


def test_all_three_line_ends_count() -> None:
    assert line_starts("a\r\nb\rc\nd") == [0, 3, 5, 7]
    assert line_starts("a\n") == [0]
    assert line_starts("") == [0]


def test_line_ends_are_counted_within_a_stretch() -> None:
    text = "a\r\nb\nc\rd"

    assert count_line_ends(text) == 3
    assert count_line_ends(text, 3, 5) == 1
    assert count_line_ends(text, 2, 3) == 1


def test_line_number_counts_from_one() -> None:
    starts = line_starts("ab\ncd\n")

    assert [line_number(starts, offset) for offset in (0, 2, 3, 5)] == [1, 1, 2, 2]


def test_a_line_counter_goes_forth_and_back() -> None:
    counter = LineCounter("ab\ncd\nef", 5)

    assert [counter.line_at(place) for place in (0, 3, 7, 2, 6)] == [5, 6, 7, 5, 7]


@given(st.binary(max_size=300))
def test_random_bytes_decode_or_are_refused(data: bytes) -> None:
    try:
        text, _ = decode(data)
    except UndecodableError:
        return

    assert isinstance(text, str)

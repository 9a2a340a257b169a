import re
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.corpus.sections import split_long
from docsearch_cli.models import Section
from tests.support import usual_or_soak


def section(text: str, *, line: int = 1, anchors: tuple[str, ...] = ()) -> Section:
    ends = len(re.findall(r"\r\n|\n|\r", text))
    last = line + ends - (1 if text.endswith(("\n", "\r")) else 0)
    return Section("H", 2, line, last, text, anchors)


def test_short_sections_stay() -> None:
    sections = (section("# H"), section("a b c"))

    assert split_long(sections) == sections


def test_cuts_fall_between_paragraphs() -> None:
    text = "\n\n".join(f"{'word ' * 99}end{number}." for number in range(5))

    pieces = split_long([section(text, line=10)])

    assert [piece.text.strip()[-5:] for piece in pieces] == ["end1.", "end3.", "end4."]
    assert [(piece.line_start, piece.line_end) for piece in pieces] == [
        (10, 13),
        (14, 17),
        (18, 18),
    ]
    assert {(piece.heading, piece.level) for piece in pieces} == {("H", 2)}


def test_no_crumb_is_left_at_the_end() -> None:
    text = "\n\n".join("word " * 20 for _ in range(13))

    sizes = [len(piece.text.split()) for piece in split_long([section(text)])]

    assert min(sizes) >= 100


def test_heading_is_not_left_alone() -> None:
    pieces = split_long([section("# Title\n\n" + "word " * 249 + "\n\n" + "more " * 200)])

    assert "word" in pieces[0].text


def test_anchor_goes_with_the_text_it_stands_in() -> None:
    text = "word " * 240 + '\n\n<a name="late"></a>\n' + "word " * 240

    pieces = split_long([section(text, anchors=("h", "late"))])

    assert [piece.anchors for piece in pieces] == [("h",), ("late",)]


def test_pages_keep_their_number() -> None:
    page = Section("", 0, 7, 7, "line of words\n" * 300)

    assert {(piece.line_start, piece.line_end) for piece in split_long([page])} == {(7, 7)}


def test_chinese_counts_by_characters_and_is_cut_after_a_clause() -> None:
    pieces = split_long([section("这是一个很长的句子。" * 200)])

    assert all(len(piece.text) <= 500 for piece in pieces)
    assert all(piece.text.endswith("。") for piece in pieces)


def test_huge_single_line_is_bounded_in_size_and_time() -> None:
    text = "x" * 5_000_000
    began = time.process_time()

    pieces = split_long([section(text)])

    assert time.process_time() - began < 5
    assert max(len(piece.text) for piece in pieces) <= 2500
    assert "".join(piece.text for piece in pieces) == text


def test_many_short_lines_take_linear_time() -> None:
    began = time.process_time()

    pieces = split_long([section("line\n" * 200_000)])

    assert time.process_time() - began < 10
    assert pieces[-1].line_end == 200_000


@settings(max_examples=usual_or_soak(75, 300), deadline=None)
@given(
    text=st.lists(
        st.sampled_from(
            ["word ", "x" * 60, "\n", "\r\n", "\r", "\n\n", " \n\t\n", "中文", "。", "  ", "\u2028"]
        ),
        min_size=1, max_size=80,
    ).map("".join),
    max_words=st.integers(min_value=1, max_value=30),
    line=st.integers(min_value=1, max_value=50),
)  # fmt: skip
def test_nothing_is_lost_and_lines_are_true(text: str, max_words: int, line: int) -> None:
    whole = section(text, line=line)

    pieces = split_long([whole], max_words=max_words)

    assert "".join(piece.text for piece in pieces) == text
    offset = 0
    for piece in pieces:
        assert piece.line_start == line + _line_ends(text[:offset])
        last_character = max(offset, offset + len(piece.text.rstrip("\r\n")) - 1)
        assert piece.line_start <= piece.line_end <= whole.line_end
        assert piece.line_end >= line + _line_ends(text[:last_character])
        offset += len(piece.text)


def _line_ends(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def test_each_id_goes_to_the_piece_it_is_written_in() -> None:
    names = [f"^b{number}" for number in range(1, 60)] + [f"i{number}" for number in range(1, 60)]
    lines = [f"a few words for this line ^b{number}\n" for number in range(1, 60)]
    lines += [f"<a id='i{number}'></a> and a few more words\n" for number in range(1, 60)]
    section = Section("", 0, 1, len(lines), "".join(lines), tuple(names))

    pieces = split_long([section], max_words=40)

    assert [name for piece in pieces for name in piece.anchors] == names
    for piece in pieces:
        assert all(f"{name.strip('^')}" in piece.text for name in piece.anchors)


def test_very_many_ids_in_very_many_pieces_are_told_apart() -> None:
    # Looking for each id in each piece would be 10^9 searches.
    names = tuple(f"i{number}" for number in range(60_000))
    text = "".join(f'<a id="{name}"></a> word\n' for name in names)

    pieces = split_long([Section("", 0, 1, len(names), text, names)], max_words=5)

    assert sum(len(piece.anchors) for piece in pieces) == len(names)
    assert all(f'"{piece.anchors[0]}"' in piece.text for piece in pieces if piece.anchors)

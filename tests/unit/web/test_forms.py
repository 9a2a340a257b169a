import pytest

from docsearch_cli.errors import UsageError
from docsearch_cli.web.forms import Fields, read_lines


def fields(text: str) -> Fields:
    return Fields.of(text.encode())


def test_the_first_of_several_values_counts():
    assert fields("q=+a+b+&q=c").text("q") == "a b"


def test_what_is_no_utf8_is_replaced():
    assert fields("q=%ff%00x").text("q") == "\ufffd\0x"


def test_a_missing_field_is_empty():
    assert fields("").text("q") == ""
    assert fields("n=").number("n") is None


def test_a_field_that_is_too_long_names_itself():
    with pytest.raises(UsageError, match="q has 11 characters"):
        fields("q=aaaaaaaaaaa").text("q", most=10)


@pytest.mark.parametrize("text", ["x", "1.5", "1e9", "1_0", "٣", "9" * 30, "0x10"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(UsageError, match=r"n .* is not a whole number"):
        fields(f"n={text}").number("n")


def test_a_choice_is_one_of_those_that_there_are():
    assert fields("mode=deep").choice("mode", ("auto", "deep"), "auto") == "deep"
    assert fields("").choice("mode", ("auto", "deep"), "auto") == "auto"
    with pytest.raises(UsageError, match="mode 'x' is not known"):
        fields("mode=x").choice("mode", ("auto", "deep"), "auto")


def test_parts_are_separated_by_commas_or_lines():
    assert fields("path=a/*,+b%0Ac,,").parts("path") == ["a/*", "b", "c"]


@pytest.mark.parametrize(
    ("text", "lines"), [("", None), ("12", (12, 12)), ("12-14", (12, 14)), ("3-3", (3, 3))]
)
def test_lines_are_read(text, lines):
    assert read_lines(text) == lines


@pytest.mark.parametrize("text", ["0", "-1", "1-", "-", "a", "1-x", "3-2", "1-2-3", "9" * 15, "٣"])
def test_what_are_no_lines_is_refused(text):
    with pytest.raises(UsageError):
        read_lines(text)

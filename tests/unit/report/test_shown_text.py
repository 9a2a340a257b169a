import pytest

from docsearch_cli.report.shown_text import named, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("\x1b[31m\x00\r\x7f", "␛[31m␀␍␡"),
        ("a\x85b", "a<U+0085>b"),
        ("\u202egnp\u2066\u200f", "<U+202E>gnp<U+2066><U+200F>"),
        ("half \ud83d", "half \\ud83d"),
        ("Größe 漢字 👍🏽", "Größe 漢字 👍🏽"),
    ],
)
def test_what_would_deceive_a_reader_is_shown_as_what_it_is(text, expected):
    assert shown(text) == expected


def test_a_text_that_is_too_long_is_cut_and_says_by_how_much():
    assert shown("x" * 1_000_000, 10) == "x" * 10 + " […999,990 more characters]"


def test_a_text_is_not_cut_inside_a_character():
    assert shown("ab👍🏽cd", 3).startswith("ab ")


def test_a_name_is_one_line():
    assert named("a\n b\t c") == "a b c"

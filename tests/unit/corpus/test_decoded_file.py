import pytest

from docsearch_cli.corpus.decoded_file import parse_source


@pytest.mark.parametrize(
    ("text", "first_line"),
    [
        ("", 0),
        ("a\nb\n", 0),
        ("---\ntitle: A\n---\n", 3),
        ("---\ntitle: A\n---", 3),
        ("---\ntitle: A\n---\nb\n", 3),
        ("---\r\ntitle: A\r\n---\r\n\r\nb", 3),
    ],
)
def test_the_text_begins_below_the_front_matter(text, first_line):
    assert parse_source(text).first_line == first_line


def test_lines_have_no_ends():
    assert parse_source("a\r\n\nb\rc ").lines() == ["a", "", "b", "c "]


def test_a_line_past_the_last_starts_where_the_text_ends():
    source = parse_source("a\nbc\n")

    assert [source.offset_of(line) for line in range(4)] == [0, 2, 5, 5]

import pytest

from docsearch_cli.corpus.decoded_file import document_of, parse_file
from docsearch_cli.models import Link


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
    assert parse_file(text).first_line == first_line


def test_lines_have_no_ends():
    assert parse_file("a\r\n\nb\rc ").lines() == ["a", "", "b", "c "]


def test_a_line_past_the_last_starts_where_the_text_ends():
    file = parse_file("a\nbc\n")

    assert [file.offset_of(line) for line in range(4)] == [0, 2, 5, 5]


def test_what_the_front_matter_says_comes_before_what_the_text_says():
    file = parse_file(
        "---\ntitle: T\naliases: [A, /old/]\ntags: [x, y]\nrelated: [b.md]\n---\nbody\n"
    )

    document = document_of(
        file,
        "a.md",
        "markdown",
        "",
        names=["In the text"],
        sections=(),
        links=[Link("c.md", "", 7)],
        labels=["l", "l"],
        tags=["y", "z"],
        routes=["older"],
    )

    assert (document.title, document.aliases) == ("T", ("A",))
    assert document.tags == ("x", "y", "z")
    assert document.routes == ("/old/", "older")
    assert document.labels == ("l",)
    assert [(link.target, link.line) for link in document.links] == [("b.md", 5), ("c.md", 7)]


def test_without_front_matter_the_best_name_in_the_text_is_the_title():
    file = parse_file("body\n")

    titles = [
        document_of(file, "a-b.md", "rst", "", names=names, sections=(), links=()).title
        for names in (["", "Second"], [])
    ]

    assert titles == ["Second", "a b"]

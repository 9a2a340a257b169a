import pytest

from docsearch_cli.corpus.naming import first_name, heading_slug, one_line, title_of_path


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("a/My-first_note.md", "My first note"),
        ("x.tar.gz", "x.tar"),
        ("_.md", "_"),
        ("README", "README"),
        ("_sources/my-page.rst.txt", "my page"),
        ("notes.v1.txt", "notes.v1"),
        ("2-factor authentication.md", "2-factor authentication"),
        ("a_b and c.md", "a_b and c"),
        ("Who-pays%3F.md", "Who pays?"),
        ("Crew___Duty.md", "Crew/Duty"),
        ("50%25 off.md", "50% off"),
        ("50% off.md", "50% off"),
        ("a%0Ab%FF.md", "a%0Ab%FF"),
        ("caf%C3%A9.md", "café"),
    ],
)
def test_file_name_made_readable(path: str, title: str) -> None:
    assert title_of_path(path) == title


def test_first_name_that_is_not_blank_wins() -> None:
    assert first_name(["", " \n", " A \n b "], "x.md") == "A b"


def test_lone_surrogates_are_replaced() -> None:
    assert one_line("a\ud800b").encode() == "a\ufffdb".encode()


@pytest.mark.parametrize(
    ("heading", "slug"),
    [("What's New?", "whats-new"), ("A & B", "a--b"), ("Größe 中", "größe-中"), ("a_b-c", "a_b-c")],
)
def test_slug_is_that_of_github(heading: str, slug: str) -> None:
    assert heading_slug(heading) == slug

import pytest

from docsearch_cli.corpus.formats.suffixes import split_suffix, suffix_of, suffix_rank
from docsearch_cli.corpus.formats.table import FORMATS


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        ("a/b.MD", ".md"),
        ("a.rst.txt", ".rst.txt"),
        ("a.IPYNB.txt", ".ipynb.txt"),
        ("a.b.txt", ".txt"),
        ("a", ""),
        ("a.", ""),
        (".md", ""),
        ("a.md/b", ""),
        ("a.md/", ".md"),
        ("..md", ".md"),
    ],
)
def test_a_kept_source_has_the_suffix_of_its_format(path: str, suffix: str) -> None:
    assert suffix_of(path) == suffix


@pytest.mark.parametrize("suffix", [suffix for row in FORMATS for suffix in row.suffixes])
def test_a_link_may_leave_out_every_suffix_of_a_page(suffix: str) -> None:
    assert split_suffix(f"a/b{suffix}") == ("a/b", suffix)
    assert split_suffix(f"a/b{suffix.upper()}") == ("a/b", suffix)


@pytest.mark.parametrize("name", ["app.cfg", "run.log", "notes.text", "v1.2", "a/.md", ".md", "a"])
def test_other_suffixes_are_part_of_the_name(name: str) -> None:
    assert split_suffix(name) == (name, "")


def test_sources_rank_before_what_is_built_from_them_and_copies_last() -> None:
    suffixes = [".rst.txt", ".html", ".ipynb", ".md", ".pdf", ".adoc", ".txt", ".rst", ".org", ""]

    assert sorted(suffixes, key=suffix_rank) == [
        ".md",
        ".rst",
        ".adoc",
        ".org",
        ".ipynb",
        ".html",
        ".txt",
        ".pdf",
        ".rst.txt",
        "",
    ]

from pathlib import Path

from docsearch_cli.corpus.walk.found_files import printable, root_names


def test_printable_leaves_other_names_alone() -> None:
    assert printable("phe\u0301nome\u0300ne [x].md") == "phe\u0301nome\u0300ne [x].md"


def test_printable_spells_bytes_that_are_not_utf8() -> None:
    assert printable("a\udcff.md") == "a\\xff.md"


def test_every_root_has_a_name_of_its_own(tmp_path: Path) -> None:
    roots = [tmp_path / name for name in ("a/docs", "b/docs", "docs-2", "notes.md", "c/notes.md")]
    for root in roots[:3]:
        root.mkdir(parents=True)

    assert root_names(roots) == ("docs", "docs-2", "docs-2-2", "notes.md", "notes-2.md")

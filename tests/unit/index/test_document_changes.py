from dataclasses import replace

import pytest

from docsearch_cli.errors import CorpusVanishedError, DocumentsRemovedError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.document_changes import DocumentChanges
from docsearch_cli.index.store import current_generation
from tests.support import write_files

FILES = {f"{name}.md": f"# {name}\n\nAbout {name}.\n" for name in ("a", "b", "c", "d")}


@pytest.fixture
def build(tmp_path):
    """Build an index of folders below the test's own."""
    write_files(tmp_path / "docs", FILES)

    def build(*names, **options):
        roots = [tmp_path / name for name in names or ("docs",)]
        return build_index(tmp_path / "home", roots, workers=1, **options)

    return build


def test_all_documents_of_a_first_build_are_new(build):
    assert build().changes == DocumentChanges(added=4)


def test_a_build_says_what_it_does_to_documents(build, tmp_path):
    build()
    docs = tmp_path / "docs"
    (docs / "a.md").unlink()
    (docs / "b.md").write_text("# b\n\nOther.\n")
    (docs / "c.md").rename(docs / "see.md")
    write_files(docs, {"e.md": "# e\n", "f.md": "# f\n"})
    changes = build().changes

    assert changes == DocumentChanges(before=4, added=2, changed=1, moved=1, removed=1)
    assert changes.in_words() == "2 added, 1 changed, 1 moved, 1 removed (of 4)"


def test_nothing_changed_says_nothing(build):
    build()

    assert build().changes.in_words() == ""
    assert build(rebuild=True).changes.in_words() == ""


def test_most_documents_are_not_removed_by_a_slip(build, tmp_path):
    build()
    before = current_generation(tmp_path / "home")
    for name in ("a", "b", "c"):
        (tmp_path / "docs" / f"{name}.md").unlink()
    with pytest.raises(DocumentsRemovedError, match="3 of the 4 documents"):
        build()

    assert current_generation(tmp_path / "home") == before
    assert build(allow_removal=True).changes.removed == 3


def test_half_of_the_documents_may_go(build, tmp_path):
    build()
    (tmp_path / "docs" / "a.md").unlink()
    (tmp_path / "docs" / "b.md").unlink()

    assert build().changes.removed == 2


def test_another_folder_does_not_replace_the_documents(build, tmp_path):
    build()
    write_files(tmp_path / "other", {f"{n}.md": f"# {n}\n" for n in range(9)})
    with pytest.raises(DocumentsRemovedError):
        build("other")

    assert build("other", allow_removal=True).counts["documents"] == 9


def test_a_folder_that_was_renamed_or_is_named_beside_another_loses_nothing(build, tmp_path):
    build()
    write_files(tmp_path / "other", {"x.md": "# x\n"})
    beside = build("docs", "other").changes
    (tmp_path / "docs").rename(tmp_path / "new")
    renamed = build("new", "other").changes

    assert beside == DocumentChanges(before=4, added=1)
    assert replace(renamed, before=0) == DocumentChanges(moved=4)


def test_each_word_allows_what_it_says(build, tmp_path):
    build()
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusVanishedError):
        build("empty", allow_removal=True)

    assert build("empty", allow_empty=True).changes.removed == 4

import pytest

from docsearch_cli.index.document_files import DocumentFiles, file_of
from docsearch_cli.index.manifest import Root
from tests.support import write_files


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / "one", {"a.md": "a", "in/b.md": "b"})


def test_a_file_lies_below_the_only_root(folder):
    assert file_of([Root("", str(folder))], "in/b.md") == folder / "in" / "b.md"


def test_of_several_roots_the_path_names_the_one_it_lies_below(folder, tmp_path):
    other = write_files(tmp_path / "two", {"b.md": "b"})
    roots = [Root("one", str(folder)), Root("two", str(other)), Root("c.md", str(folder / "a.md"))]

    assert file_of(roots, "two/b.md") == other / "b.md"
    assert file_of(roots, "c.md") == folder / "a.md"
    assert file_of(roots, "three/b.md") is None


def test_the_only_root_may_be_the_file(folder):
    assert file_of([Root("", str(folder / "a.md"))], "a.md") == folder / "a.md"


def test_a_file_outside_of_the_root_is_none(folder):
    (folder / "link.md").symlink_to(folder / "a.md")
    (folder / "away.md").symlink_to(folder.parent / "elsewhere.md")
    roots = [Root("", str(folder))]

    assert file_of(roots, "../elsewhere.md") is None
    assert file_of(roots, "away.md") is None
    assert file_of(roots, "link.md") == folder / "link.md"


def test_what_json_says_of_a_document_is_null_where_it_cannot_be_found(folder):
    files = DocumentFiles([Root("", str(folder))])
    nowhere = {"root": None, "absolute_path": None}

    assert files.to_dict("in/b..md") == {
        "root": str(folder),
        "absolute_path": f"{folder}/in/b..md",
    }
    for path in ("../elsewhere.md", "in/../../elsewhere.md", "kiln\\xff.md"):
        assert files.to_dict(path) == nowhere
    assert DocumentFiles([Root("", str(folder / "gone"))]).to_dict("a.md") == nowhere


def test_a_file_is_named_where_nothing_is_any_more():
    assert DocumentFiles([Root("", "/gone")]).find("in/b.md") == ("/gone", "/gone/in/b.md")
    assert DocumentFiles([Root("one", "/gone")]).find("two/b.md") is None

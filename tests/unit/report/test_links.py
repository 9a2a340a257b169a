from types import SimpleNamespace

import pytest

from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.report.links import DocumentLinks
from tests.support import write_files

ODD = "a #1%?.md"


@pytest.fixture
def index(tmp_path):
    write_files(
        tmp_path / "docs",
        {ODD: "# A\n\nThe lamp is lit.\n", "b.md": "# B\n\nThe store is shut.\n"},
    )
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    return open_index(tmp_path / ".docsearch")


def quote(path, text="The lamp is lit."):
    return SimpleNamespace(path=path, line_start=3, line_end=3, quote=text, paged=False)


def test_a_link_leads_to_the_file(index, tmp_path):
    links = DocumentLinks(index)

    assert links.address(ODD) == (tmp_path / "docs" / ODD).as_uri()
    assert links.address(f"{ODD}//2") == links.address(ODD)
    assert [folder.path for folder in links.folders] == [str(tmp_path / "docs")]


def test_nothing_is_linked_that_is_not_there(index, tmp_path):
    (tmp_path / "docs" / "b.md").unlink()
    links = DocumentLinks(index)

    assert links.address("b.md") == ""
    assert links.address("../secret.md") == ""
    assert links.address("unknown.md") == ""
    assert links.address("x\\xff.md") == ""


def test_nothing_is_linked_that_leads_out_of_the_folder(index, tmp_path):
    (tmp_path / "secret.md").write_text("# Secret\n")
    (tmp_path / "docs" / "b.md").unlink()
    (tmp_path / "docs" / "b.md").symlink_to(tmp_path / "secret.md")

    assert DocumentLinks(index).address("b.md") == ""


def test_a_quote_that_no_longer_stands_is_told(index, tmp_path):
    (tmp_path / "docs" / "b.md").write_text("# B\n\nIt is open.\n")
    quotes = [quote("b.md", "The store is shut."), quote("unknown.md"), quote(ODD)]

    assert DocumentLinks(index).states(quotes) == ["changed", "elsewhere", "current"]

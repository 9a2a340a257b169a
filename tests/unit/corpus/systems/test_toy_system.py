"""A documentation system is one module and one row: nothing else knows the toy system."""

from pathlib import Path

import pytest

from docsearch_cli.corpus.systems import table
from docsearch_cli.index.build import build_index
from docsearch_cli.index.link_report import read_link_report
from docsearch_cli.index.store import open_index
from tests.unit.corpus.systems.toy import ROW


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders with the same pages, with the toy system's row added."""
    monkeypatch.setattr(table, "SYSTEMS", (*table.SYSTEMS, ROW))
    root = tmp_path / "docs"
    for folder in ("one/deep", "two"):
        (root / folder).mkdir(parents=True)
        (root / folder / "start.md").write_text("# Start\n\nSee [the setup](setup).\n")
        (root / folder / "setup_page.md").write_text("# Setup\n\nTurn it on.\n")
    return root


def broken_in(docs: Path, *, rebuild: bool = False) -> list[str]:
    """Index, and return the pages with a broken link."""
    home = docs.parent / ("clean" if rebuild else ".docsearch")
    build_index(home, [docs], workers=1, rebuild=rebuild)
    broken = read_link_report(open_index(home).folder)["broken"]
    assert {link["target"] for link in broken} <= {"setup"}
    return [link["source_path"] for link in broken]


def test_its_pages_are_served_below_its_marker_alone(docs: Path) -> None:
    (docs / "one" / "toy.cfg").write_text("")

    assert broken_in(docs) == ["two/start.md"]


def test_no_page_is_served_so_without_a_marker(docs: Path) -> None:
    assert broken_in(docs) == ["one/deep/start.md", "two/start.md"]


@pytest.mark.parametrize("content", [b"", b"\0"], ids=["a document", "no document"])
def test_links_follow_a_marker_that_comes_and_goes(docs: Path, content: bytes) -> None:
    marker = docs / "toy.cfg"
    found = [broken_in(docs)]
    marker.write_bytes(content)
    found += [broken_in(docs), broken_in(docs, rebuild=True)]
    marker.unlink()
    found += [broken_in(docs), broken_in(docs, rebuild=True)]

    assert found == [["one/deep/start.md", "two/start.md"], [], [], found[0], found[0]]

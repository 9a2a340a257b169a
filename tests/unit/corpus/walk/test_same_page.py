from collections.abc import Callable
from pathlib import Path

import pytest

from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index

Files = dict[str, str | bytes]
TEXT = (
    "The kiln is warmed slowly, then held at red heat for nine hours. Nobody opens the door. "
    "When the glaze has run, the draught is closed and the ware cools for two days."
)
OTHER = (
    "A loom wants four beams, a reed and a patient weaver who counts threads all day long, "
    "since one that is missed shows in every yard of the cloth that is woven after it."
)
ITEMS = "".join(f"<li>Chapter {n} of the great book of pots</li>" for n in range(40))
MENU = f"<ul>{ITEMS}</ul>"


def outcome(root: Path) -> dict[str, str]:
    return {
        entry.path: "" if isinstance(entry, FoundFile) else f"{entry.reason}: {entry.detail}"
        for entry in walk([root])
    }


@pytest.mark.parametrize("source", ["page.md", "page.rst", "page.adoc"])
def test_a_page_beside_its_source_is_a_copy(folder: Callable[[Files], Path], source: str) -> None:
    root = folder({source: f"# Kiln\n\n{TEXT}\n", "page.html": f"<h1>Kiln</h1><p>{TEXT}</p>"})

    assert outcome(root) == {source: "", "page.html": f"copy: the page made of {source}"}


def test_plain_text_beside_its_page_is_the_copy(folder: Callable[[Files], Path]) -> None:
    root = folder({"page.txt": TEXT, "page.html": f"<p>{TEXT}</p>"})

    assert outcome(root) == {"page.txt": "copy: the source of page.html", "page.html": ""}


def test_a_source_of_a_page_that_says_more_is_the_copy(folder: Callable[[Files], Path]) -> None:
    root = folder({"page.md": f"{TEXT}\n", "page.html": f"{MENU}<p>{TEXT}</p>"})

    assert outcome(root) == {"page.md": "copy: the source of page.html", "page.html": ""}


@pytest.mark.parametrize(
    "files",
    [
        {"page.txt": TEXT, "page.html": f"<p>{OTHER}</p>"},
        {"page.txt": "Kiln", "page.html": "<h1>Kiln</h1>"},
        {"a/page.txt": TEXT, "b/page.html": f"<p>{TEXT}</p>"},
        {"page.txt": TEXT, "page.md": TEXT},
    ],
)
def test_other_pages_of_one_name_are_two(folder: Callable[[Files], Path], files: Files) -> None:
    assert set(outcome(folder(files)).values()) == {""}


def test_a_link_to_a_copy_leads_to_what_is_kept(folder: Callable[[Files], Path]) -> None:
    page = "<p>See <a href='page.html'>the kiln</a>.</p>"
    root = folder({"page.md": TEXT, "page.html": f"<p>{TEXT}</p>", "start.html": page})
    build_index(root.parent / "index", [root])
    index = open_index(root.parent / "index")

    assert [path.decode() for path in index.paths.rows()] == ["page.md", "start.html"]
    assert index.graph.edge_list().targets.tolist() == [0]

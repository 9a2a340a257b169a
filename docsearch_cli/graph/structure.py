"""Structure edges: between the parts of a long document, and between a folder's page and its pages.

They follow from the documents' paths and lengths alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from docsearch_cli.corpus.naming import INDEX_NAMES
from docsearch_cli.graph.edges import Edge, PageOutline

# A folder with more pages than this is a pile, not a chapter: its index page leads nowhere better.
_MOST_PAGES_OF_A_FOLDER = 200


def structure_edges(outline: PageOutline) -> Iterator[Edge]:
    """Yield ``next`` and ``part`` edges between a document's parts, and from a folder's own page.

    Args:
        outline: The documents.

    Yields:
        The edges.
    """
    paths, first_nodes = outline.paths, outline.first_nodes
    for first, end in pairwise(first_nodes):
        for row in range(first + 1, end):
            yield Edge(first, row, "part")
            yield Edge(row, first, "part")
            yield Edge(row - 1, row, "next")
            yield Edge(row, row - 1, "next")
    for pages in _pages_by_folder(paths).values():
        owner = _index_page([paths[page] for page in pages])
        if owner is None or len(pages) > _MOST_PAGES_OF_A_FOLDER:
            continue
        own = first_nodes[pages[owner]]
        for page in pages:
            if first_nodes[page] != own:
                yield Edge(own, first_nodes[page], "part")
                yield Edge(first_nodes[page], own, "part")


def _pages_by_folder(paths: Sequence[str]) -> dict[str, list[int]]:
    folders: dict[str, list[int]] = {}
    for number, path in enumerate(paths):
        folders.setdefault(path.rpartition("/")[0], []).append(number)
    return folders


def _index_page(paths: Sequence[str]) -> int | None:
    by_stem = {
        path.rpartition("/")[2].rpartition(".")[0].casefold(): place
        for place, path in enumerate(paths)
    }
    return next((by_stem[stem] for stem in INDEX_NAMES if stem in by_stem), None)

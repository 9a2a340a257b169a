"""Where documents are on this machine: a link is made only where it leads to the file.

A report is written on the machine of the index, and a link leads to a file there. Of a run that
came in a file, whose documents may be elsewhere, nothing is linked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from docsearch_cli.explore.findings import Citation
from docsearch_cli.graph.nodes import split_node_id
from docsearch_cli.index.document_files import file_of, is_respelled
from docsearch_cli.index.freshness import QuoteState, check_freshness
from docsearch_cli.index.reader import IndexReader

SourceState = Literal[QuoteState, "elsewhere"]
"""``elsewhere``: there is no index here that has the document, so nothing was looked up."""


class IndexedFolder(NamedTuple):
    """A folder whose documents were searched."""

    name: str
    """Begins the documents' paths where there are several; else empty."""
    path: str


class DocumentLinks:
    """Finds the file of a document for a link.

    Args:
        index: The index that was searched; None where it is not here.
    """

    def __init__(self, index: IndexReader | None) -> None:
        self._index = index
        self._known: dict[str, str] = {}

    @cached_property
    def folders(self) -> tuple[IndexedFolder, ...]:
        """The folders of the index that is here."""
        roots = self._index.roots if self._index is not None else ()
        return tuple(IndexedFolder(root.name, root.path) for root in roots)

    def address(self, node: str) -> str:
        """Return the address of a document's file; empty if it is not there.

        Args:
            node: A document's path, or the id of a part of one.

        Returns:
            It begins with ``file:``.
        """
        path = split_node_id(node)[0]
        if path not in self._known:
            self._known[path] = self._find(path)
        return self._known[path]

    def _find(self, path: str) -> str:
        if self._index is None or is_respelled(path) or self._index.paths.find(path) is None:
            return ""
        file = file_of(self._index.roots, path)
        return file.absolute().as_uri() if file is not None and file.is_file() else ""

    def states(self, quotes: Sequence[Citation]) -> list[SourceState]:
        """Return whether each quote still stands in its file, on its lines."""
        index = self._index
        if index is None:
            return ["elsewhere"] * len(quotes)
        known = [item for item in quotes if index.paths.find(item.path) is not None]
        found = iter(check_freshness(index, known).quotes)
        return [
            next(found) if index.paths.find(item.path) is not None else "elsewhere"
            for item in quotes
        ]

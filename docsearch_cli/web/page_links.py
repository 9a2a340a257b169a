"""Where a report's links lead on the page: to documents and steps that it shows itself."""

from __future__ import annotations

from docsearch_cli.graph.nodes import split_node_id
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.report.links import DocumentLinks
from docsearch_cli.web.addresses import document_url, run_url


class PageLinks(DocumentLinks):
    """Finds the page of a document, and that of a step.

    Args:
        index: The index; None where there is none that can be read.
        shows_steps: Whether steps have pages of their own: not where one is shown already.
    """

    def __init__(self, index: IndexReader | None, *, shows_steps: bool = True) -> None:
        super().__init__(index)
        self._shows_steps = shows_steps

    leads_to = "the documents as they were indexed"

    def address(self, node: str, first: int = 0, last: int = 0) -> str:
        """Return where a document is read; empty if the index does not have it.

        Args:
            node: A document's path, or the id of a part of one.
            first: The first of the lines that are meant; 0 for all.
            last: The last one.

        Returns:
            The address on this server.
        """
        path = split_node_id(node)[0]
        if self._index is None or self._index.paths.find(path) is None:
            return ""
        return document_url(path, first or None, last or None)

    def step_address(self, run_id: str, number: int) -> str:
        """Return where a step is shown; empty if it is shown already."""
        return "" if not self._shows_steps else run_url(run_id, "steps", str(number))

"""Where a report's links lead on the page: to documents and steps that it shows itself."""

from __future__ import annotations

from docsearch_cli.graph.nodes import split_node_id
from docsearch_cli.report.links import DocumentLinks
from docsearch_cli.web.addresses import document_url, run_url


class PageLinks(DocumentLinks):
    """Finds the page of a document, and that of a step."""

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
        """Return where a step is shown."""
        return run_url(run_id, "steps", str(number))

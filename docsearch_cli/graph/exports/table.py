"""The formats in which the graph is written: one row each.

A writer takes an excerpt and yields pieces of text; each is imported when it is asked for. Titles
and texts of documents are hostile: none may end a string, an element or a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from docsearch_cli.graph.exports.layout import MOST_DRAWN

if TYPE_CHECKING:
    from docsearch_cli.graph.excerpt import Excerpt


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One way to write a graph."""

    name: str
    """What a person calls it: ``--format NAME``."""
    meaning: str
    """A few words for a person."""
    writer: str
    """``module:function``."""
    most_nodes: int | None = None
    """More are refused; None for any number."""

    def write(self, excerpt: Excerpt) -> Iterator[str]:
        """Return the pieces of the document."""
        module, _, function = self.writer.partition(":")
        write = getattr(import_module(f"docsearch_cli.graph.exports.{module}"), function)
        return cast("Callable[[Excerpt], Iterator[str]]", write)(excerpt)


EXPORT_FORMATS: dict[str, ExportFormat] = {
    row.name: row
    for row in (
        ExportFormat("graphml", "for Gephi, yEd, Cytoscape", "graphml:write_graphml"),
        ExportFormat("dot", "for Graphviz", "dot:write_dot"),
        ExportFormat("json", "networkx's node-link form", "node_link:write_node_link"),
        ExportFormat("html", "a page to click through", "page:write_page", MOST_DRAWN),
        ExportFormat("svg", "a picture", "svg:write_svg", MOST_DRAWN),
    )
}

"""What a document leads to and what leads to it, as the lists beside its text show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from docsearch_cli.corpus.formats.table import unit_of_path
from docsearch_cli.graph.edge_kinds import PRECEDENCE, kind_of_code
from docsearch_cli.web.addresses import document_url

if TYPE_CHECKING:
    from docsearch_cli.index.reader import IndexReader

# Edges of one list; the graph around the document has more.
MOST_LISTED = 40


@dataclass(frozen=True, slots=True)
class ListedEdge:
    """An edge as a line of a list."""

    title: str
    """Of the document at its other end."""
    url: str
    kind: str
    line: int
    """Where it stands, in the document that it starts at; 0 for nowhere."""
    unit: str
    """What ``line`` counts."""
    line_url: str


@dataclass(frozen=True, slots=True)
class EdgeList:
    """The edges of one direction."""

    name: str
    total: int
    edges: tuple[ListedEdge, ...]


def lists_around(reader: IndexReader, path: str) -> list[EdgeList]:
    """Return the lists of a document, those that are empty left out.

    Args:
        reader: The index.
        path: The document.

    Returns:
        Where it leads, in the order of its lines; and what leads here, in the order of paths.
    """
    graph, own = reader.graph, reader.nodes_of_document(path)
    out: list[tuple[int, int, int, int]] = []
    into: list[tuple[int, int, int, int]] = []
    for node in own:
        for edge in graph.edges_out(node).tolist():
            target = int(graph.targets[edge])
            if target not in own:
                out.append((int(graph.lines[edge]), _rank(graph.kinds[edge]), target, edge))
        edges = graph.edges_in(node)
        for edge, source in zip(edges.tolist(), graph.sources_of(edges).tolist(), strict=True):
            if source not in own:
                into.append((_rank(graph.kinds[edge]), source, int(graph.lines[edge]), edge))
    groups = (
        ("Leads to", [(node, edge, path) for _, _, node, edge in sorted(out)]),
        ("Leads here", [(node, edge, "") for _, node, _, edge in sorted(into)]),
    )
    return [
        EdgeList(
            name,
            len(found),
            tuple(_listed(reader, *item) for item in found[:MOST_LISTED]),
        )
        for name, found in groups
        if found
    ]


def _rank(code: int) -> int:
    return PRECEDENCE[int(code)]


def _listed(reader: IndexReader, node: int, edge: int, start: str) -> ListedEdge:
    """Return one edge to, or from, a node; ``start`` is where it starts, if not there."""
    path = reader.paths[int(reader.node_documents[node])]
    graph, start = reader.graph, start or path
    line = int(graph.lines[edge])
    return ListedEdge(
        title=reader.node_title(node) or path,
        url=document_url(path),
        kind=kind_of_code(int(graph.kinds[edge])).name,
        line=line,
        unit="page" if unit_of_path(start) != "line" else "line",
        line_url=document_url(start, line) if line else "",
    )

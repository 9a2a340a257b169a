"""The document graph, as networkx holds it while it is built.

Nodes are added first; an edge to anything else is refused, since networkx would make the missing
node up. Two nodes are joined by at most one edge in each direction: the most telling kind wins
(link, mention, part, next), and repeats add to ``count`` instead of becoming edges of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docsearch_cli.graph.mentions import Mention
from docsearch_cli.graph.nodes import Node
from docsearch_cli.models import EDGE_KINDS, EdgeKind

if TYPE_CHECKING:
    import networkx

# Names by which a folder's own page goes, the first that exists.
INDEX_STEMS = ("index", "readme", "_index")
# A folder with more pages than this is a pile, not a chapter: its index page leads nowhere better.
_MOST_PAGES_OF_A_FOLDER = 200


def new_graph(nodes: Sequence[Node], titles: Sequence[str]) -> networkx.DiGraph:
    """Return a graph of the nodes, numbered by row, without edges."""
    import networkx

    graph = networkx.DiGraph()
    for row, (node, title) in enumerate(zip(nodes, titles, strict=True)):
        graph.add_node(row, id=node.id, title=title)
    return graph


def add_edge(
    graph: networkx.DiGraph,
    source: int,
    target: int,
    kind: EdgeKind,
    *,
    weight: float = 1.0,
    line: int = 0,
    text: str = "",
) -> None:
    """Join two nodes, or count one more of an edge that is there.

    Args:
        graph: The graph to change.
        source: Row of the node the edge starts at.
        target: Row of the node it leads to; a node that leads to itself is left out.
        kind: What joins them.
        weight: 0 to 1, how much it says.
        line: Where it stands in the source; 0 where it stands nowhere.
        text: The words that carry it.

    Raises:
        KeyError: If one of the two is not a node of the graph.
    """
    for row in (source, target):
        if row not in graph:
            raise KeyError(f"no node {row} to join")
    if source == target:
        return
    known = graph.edges.get((source, target))
    if known is not None and EDGE_KINDS.index(known["kind"]) <= EDGE_KINDS.index(kind):
        known["count"] += known["kind"] == kind
        return
    graph.add_edge(source, target, kind=kind, weight=weight, line=line, text=text, count=1)


def add_mentions(graph: networkx.DiGraph, mentions: Sequence[Mention]) -> None:
    """Add what ``find_mentions`` found."""
    for mention in mentions:
        add_edge(
            graph,
            mention.source,
            mention.target,
            "mention",
            weight=mention.weight,
            line=mention.line,
            text=mention.text,
        )


def add_structure(graph: networkx.DiGraph, nodes: Sequence[Node], paths: Sequence[str]) -> None:
    """Add ``next`` and ``part`` edges between a document's parts, and from a folder's own page."""
    first_of: dict[str, int] = {}
    for row, node in enumerate(nodes):
        if node.part == 0:
            first_of[paths[node.document]] = row
            continue
        first = row - node.part
        add_edge(graph, first, row, "part")
        add_edge(graph, row, first, "part")
        add_edge(graph, row - 1, row, "next")
        add_edge(graph, row, row - 1, "next")
    for pages in _pages_by_folder(first_of).values():
        owner = _index_page(pages)
        if owner is None or len(pages) > _MOST_PAGES_OF_A_FOLDER:
            continue
        for path in pages:
            add_edge(graph, first_of[owner], first_of[path], "part")
            add_edge(graph, first_of[path], first_of[owner], "part")


def _pages_by_folder(first_of: dict[str, int]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for path in sorted(first_of):
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return folders


def _index_page(pages: Sequence[str]) -> str | None:
    by_stem = {path.rpartition("/")[2].rpartition(".")[0].casefold(): path for path in pages}
    return next((by_stem[stem] for stem in INDEX_STEMS if stem in by_stem), None)

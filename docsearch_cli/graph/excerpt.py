"""A part of the graph that is shown or handed on: some kinds of edges, some pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.graph.csr import GraphArrays
from docsearch_cli.graph.edge_kinds import kind_of_code
from docsearch_cli.graph.nodes import split_node_id


@dataclass(frozen=True, slots=True)
class ExcerptNode:
    """A node of an excerpt."""

    id: str
    path: str
    """Of its document."""
    part: int
    """Which part of the document it is, from 1."""
    title: str
    edges_in: int
    """Edges of the excerpt that lead to it."""
    edges_out: int
    hops: int | None
    """Edges to the page that the excerpt is around; None if it is of the whole graph."""


@dataclass(frozen=True, slots=True)
class ExcerptEdge:
    """An edge of an excerpt."""

    source: int
    """Place of a node in the excerpt."""
    target: int
    kind: str
    weight: float
    line: int
    """Where its words are in the source; 0 if it has none."""
    count: int
    """How often the source has it."""
    text: str
    """The words that carry it."""


@dataclass(frozen=True)
class Excerpt:
    """Nodes in the order of the index, and the edges between them by source and target.

    Shapes:
        edge_rows: (n_edges,) int64, numbers of the stored edges.
    """

    nodes: tuple[ExcerptNode, ...]
    arrays: GraphArrays
    edge_rows: NDArray[np.int64]
    place_of: NDArray[np.int64]
    around: str = ""
    """Id of the node that it is around; empty for the whole graph."""

    @property
    def edge_count(self) -> int:
        """Number of edges."""
        return len(self.edge_rows)

    def edges(self) -> Iterator[ExcerptEdge]:
        """Yield the edges, one at a time: a large graph need not be in memory as objects."""
        arrays = self.arrays
        sources = self.place_of[arrays.sources_of(self.edge_rows)]
        targets = self.place_of[arrays.targets[self.edge_rows]]
        for place, row in enumerate(self.edge_rows.tolist()):
            yield ExcerptEdge(
                source=int(sources[place]),
                target=int(targets[place]),
                kind=kind_of_code(int(arrays.kinds[row])).name,
                weight=round(float(arrays.weights[row]), 6),
                line=int(arrays.lines[row]),
                count=int(arrays.counts[row]),
                text=arrays.texts[row],
            )


def take_excerpt(
    arrays: GraphArrays,
    node_ids: Sequence[str],
    titles: Sequence[str],
    *,
    codes: Sequence[int],
    around: int | None = None,
    hops: int = 2,
) -> Excerpt:
    """Return the whole graph, or what is near one node.

    Args:
        arrays: The stored graph.
        node_ids: Id of each node.
        titles: Title of each node's document.
        codes: The kinds of edges that count.
        around: Row of a node; None for the whole graph.
        hops: Most edges between that node and another one, walked either way.

    Returns:
        The excerpt, with all edges of those kinds between its nodes.
    """
    is_meant = np.isin(arrays.kinds, np.array(codes, np.uint8))
    count = arrays.node_count
    distance = np.zeros(count, np.int64)
    if around is not None:
        distance = _distances(arrays, is_meant, around, hops)
    rows = np.flatnonzero(distance >= 0)
    place_of = np.full(count, -1, np.int64)
    place_of[rows] = np.arange(len(rows))
    sources = arrays.sources_of(np.arange(len(arrays.targets)))
    is_inside = is_meant & (place_of[sources] >= 0) & (place_of[arrays.targets] >= 0)
    edge_rows = np.flatnonzero(is_inside)
    edges_out = np.bincount(sources[edge_rows], minlength=count)
    edges_in = np.bincount(arrays.targets[edge_rows], minlength=count)
    nodes = []
    for row in rows.tolist():
        path, part = split_node_id(node_ids[row])
        nodes.append(
            ExcerptNode(
                id=node_ids[row],
                path=path,
                part=part + 1,
                title=titles[row],
                edges_in=int(edges_in[row]),
                edges_out=int(edges_out[row]),
                hops=int(distance[row]) if around is not None else None,
            )
        )
    name = node_ids[around] if around is not None else ""
    return Excerpt(tuple(nodes), arrays, edge_rows, place_of, name)


def _distances(
    arrays: GraphArrays, is_meant: NDArray[np.bool_], around: int, hops: int
) -> NDArray[np.int64]:
    """Return how many edges, walked either way, lead to each node; -1 for more than ``hops``."""
    distance = np.full(arrays.node_count, -1, np.int64)
    distance[around] = 0
    sources = arrays.sources_of(np.flatnonzero(is_meant))
    targets = arrays.targets[is_meant]
    for hop in range(1, hops + 1):
        reached = np.concatenate(
            [targets[distance[sources] == hop - 1], sources[distance[targets] == hop - 1]]
        )
        new = reached[distance[reached] < 0]
        if not len(new):
            break
        distance[new] = hop
    return distance

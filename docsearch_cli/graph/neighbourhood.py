"""The pages around a page: what leads there, where it leads, and what is one hop further.

Bounded whatever the graph is like: a page that five thousand others link to has a picture too, of
the nearest ones, which says how many are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.graph.csr import GraphArrays

Side = Literal["before", "centre", "after"]
# Edges that are looked at of each node one hop away: behind a hub everything is two hops away.
_MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class NearNode:
    """A node of the picture."""

    node: int
    hops: int
    side: Side
    """``before`` if it only leads here, ``after`` if this page leads there; two hops away, that
    of the nearest node that it is joined with."""
    rank: float
    """How central it is in the whole graph: 0 to 1, the most central node being 1."""


@dataclass(frozen=True, slots=True)
class NearEdge:
    """An edge between two nodes of the picture."""

    source: int
    target: int
    code: int
    """Its kind, see ``edge_kinds.py``."""
    line: int
    """Where it stands in the source; 0 for nowhere."""
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The pages around a page."""

    nodes: tuple[NearNode, ...]
    """The page itself, then those one hop away, then those two hops away; each the most closely
    joined first."""
    edges: tuple[NearEdge, ...]
    left_out: tuple[int, int]
    """How many nodes more there are, one and two hops away; of the latter at least so many."""


def find_neighbourhood(
    graph: GraphArrays,
    centre: int,
    ranks: NDArray[np.float64],
    *,
    hops: int,
    most: int,
    codes: Collection[int],
) -> Neighbourhood:
    """Return the pages around a page.

    Shapes:
        ranks: (n_nodes,) float64, 0 to 1.

    Args:
        graph: The whole graph.
        centre: The page's node.
        ranks: How central each node is.
        hops: 1 or 2.
        most: The most nodes, the page itself included.
        codes: The kinds of edges that count.

    Returns:
        The nodes and all edges between them.
    """
    wanted = np.isin(graph.kinds, list(codes))
    leads_to = _ends_out(graph, centre, wanted)
    leads_here = _ends_in(graph, centre, wanted)
    near = {node: weight + leads_here.get(node, 0.0) for node, weight in leads_to.items()}
    near = {**leads_here, **near}
    near.pop(centre, None)  # a page may link to itself
    ordered = sorted(near, key=lambda node: (-near[node], -ranks[node], node))
    # Two thirds at most, so that something two hops away is seen at all.
    room = most - 1 if hops == 1 else max(1, (2 * most) // 3)
    first = ordered[: min(room, most - 1)]
    side: dict[int, Side] = {node: "after" if node in leads_to else "before" for node in first}
    joined: Counter[int] = Counter()
    nearest: dict[int, int] = {}
    if hops > 1:
        shown = {centre, *near}
        for node in first:
            ends = {**_ends_in(graph, node, wanted), **_ends_out(graph, node, wanted)}
            for end in sorted(ends)[:_MOST_LOOKED_AT]:
                if end not in shown:
                    joined[end] += 1
                    nearest.setdefault(end, node)
    further = sorted(joined, key=lambda node: (-joined[node], -ranks[node], node))
    second = further[: most - 1 - len(first)]
    nodes = [NearNode(centre, 0, "centre", float(ranks[centre]))]
    nodes += [NearNode(node, 1, side[node], float(ranks[node])) for node in first]
    nodes += [NearNode(node, 2, side[nearest[node]], float(ranks[node])) for node in second]
    return Neighbourhood(
        nodes=tuple(nodes),
        edges=tuple(_edges_between(graph, [item.node for item in nodes], wanted)),
        left_out=(len(ordered) - len(first), len(further) - len(second)),
    )


def _ends_out(graph: GraphArrays, node: int, wanted: NDArray[np.bool_]) -> dict[int, float]:
    """Return where the edges of a node lead, with their weights."""
    edges = graph.edges_out(node)
    edges = edges[wanted[edges]]
    return dict(zip(graph.targets[edges].tolist(), graph.weights[edges].tolist(), strict=True))


def _ends_in(graph: GraphArrays, node: int, wanted: NDArray[np.bool_]) -> dict[int, float]:
    """Return where the edges into a node come from, with their weights."""
    edges = graph.edges_in(node)
    edges = edges[wanted[edges]]
    sources = graph.sources_of(edges).tolist()
    return dict(zip(sources, graph.weights[edges].tolist(), strict=True))


def _edges_between(
    graph: GraphArrays, nodes: list[int], wanted: NDArray[np.bool_]
) -> list[NearEdge]:
    inside = np.zeros(graph.node_count, np.bool_)
    inside[nodes] = True
    found = []
    for node in sorted(nodes):
        edges = graph.edges_out(node)
        edges = edges[wanted[edges] & inside[graph.targets[edges]]]
        found += [
            NearEdge(
                source=node,
                target=int(graph.targets[edge]),
                code=int(graph.kinds[edge]),
                line=int(graph.lines[edge]),
                text=graph.texts[int(edge)],
                weight=float(graph.weights[edge]),
            )
            for edge in edges.tolist()
            if int(graph.targets[edge]) != node
        ]
    return found

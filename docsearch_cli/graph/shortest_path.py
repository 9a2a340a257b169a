"""The shortest way from one node to another over the stored edges.

Of several that are equally short, the one is taken whose nodes' ids come first, so that the same
graph always gives the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.graph.csr import GraphArrays


@dataclass(frozen=True, slots=True)
class Hop:
    """One edge of a way."""

    edge: int
    """Number of the stored edge."""
    node: int
    """Row of the node that it leads to."""
    is_forward: bool
    """Whether it is walked from its source to its target."""


@dataclass(frozen=True, slots=True)
class ShortestPath:
    """A shortest way."""

    hops: tuple[Hop, ...]
    """Empty from a node to itself."""
    equal: int
    """How many ways through other nodes are as short, this one included."""


class _Ways:
    """The edges of some kinds that leave a node, walked forward only or either way."""

    def __init__(
        self, arrays: GraphArrays, codes: Sequence[int], *, forward: bool, backward: bool
    ) -> None:
        self._arrays = arrays
        self._is_meant: NDArray[np.bool_] = np.isin(arrays.kinds, np.array(codes, np.uint8))
        self._forward = forward
        self._backward = backward

    def hops(self, node: int) -> list[Hop]:
        """Return the hops from a node, those along an edge first."""
        found: list[Hop] = []
        if self._forward:
            edges = self._arrays.edges_out(node)
            edges = edges[self._is_meant[edges]]
            ends = self._arrays.targets[edges].tolist()
            found += [Hop(*pair, True) for pair in zip(edges.tolist(), ends, strict=True)]
        if self._backward:
            into = self._arrays.edges_in(node)
            into = into[self._is_meant[into]]
            starts = self._arrays.sources_of(into).tolist()
            found += [Hop(*pair, False) for pair in zip(into.tolist(), starts, strict=True)]
        return found


def shortest_path(
    arrays: GraphArrays,
    source: int,
    target: int,
    node_ids: Sequence[str],
    *,
    codes: Sequence[int],
    either_way: bool = False,
) -> ShortestPath | None:
    """Return the shortest way between two nodes.

    Args:
        arrays: The stored graph.
        source: Row of the node to start at.
        target: Row of the node to reach.
        node_ids: Id of each node.
        codes: The kinds of edges that may be walked.
        either_way: Whether an edge may be walked against its direction, too.

    Returns:
        The way; None if there is none.
    """
    left = _distances_to(
        target, source, _Ways(arrays, codes, forward=either_way, backward=True), arrays.node_count
    )
    if left[source] < 0:
        return None
    onward = _Ways(arrays, codes, forward=True, backward=either_way)
    path: list[Hop] = []
    node = source
    while node != target:
        nearer = [hop for hop in onward.hops(node) if left[hop.node] == left[node] - 1]
        best = min(nearer, key=lambda hop: (node_ids[hop.node], not hop.is_forward, hop.edge))
        path.append(best)
        node = best.node
    return ShortestPath(tuple(path), _count(source, target, left, onward))


def _distances_to(target: int, source: int, ways: _Ways, count: int) -> list[int]:
    """Return how far the target is from each node, as far as the source is; -1 for further."""
    left = [-1] * count
    left[target] = 0
    layer = [target]
    while layer and left[source] < 0:
        found: list[int] = []
        for node in layer:
            for hop in ways.hops(node):
                if left[hop.node] < 0:
                    left[hop.node] = left[node] + 1
                    found.append(hop.node)
        layer = found
    return left


def _count(source: int, target: int, left: Sequence[int], onward: _Ways) -> int:
    """Return the number of shortest ways, told apart by their nodes."""
    counts = {source: 1}
    for _ in range(left[source]):
        following: dict[int, int] = {}
        for node, ways in counts.items():
            for end in {hop.node for hop in onward.hops(node) if left[hop.node] == left[node] - 1}:
                following[end] = following.get(end, 0) + ways
        counts = following
    return counts[target]

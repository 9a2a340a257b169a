"""Edges in memory, while an index is built.

Two nodes are joined by at most one edge in each direction: the kind that is first in the
table of kinds stays, and repeats add to ``counts`` instead of becoming edges of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.graph.edge_kinds import EDGE_KINDS, PRECEDENCE, code_of


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge between two nodes, given by their rows."""

    source: int
    target: int
    kind: str
    """Name of a stored kind of ``edge_kinds.py``."""
    weight: float = 1.0
    """0 to 1, how much it says of its target."""
    line: int = 0
    """Where its words are in the source; 0 if it has none."""
    text: str = ""
    """The words that carry it."""


@dataclass(frozen=True, slots=True)
class EdgeList:
    """Edges, one a row.

    Shapes:
        sources, targets, lines, counts: (n_edges,) int32.
        kinds: (n_edges,) uint8, codes of ``edge_kinds.py``.
        weights: (n_edges,) float32.
    """

    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    weights: NDArray[np.float32]
    lines: NDArray[np.int32]
    counts: NDArray[np.int32]
    texts: Sequence[bytes]
    """UTF-8."""

    @classmethod
    def of(cls, edges: Iterable[Edge]) -> EdgeList:
        """Return edges as rows, in the order given."""
        rows = list(edges)
        return cls(
            sources=np.array([edge.source for edge in rows], dtype=np.int32),
            targets=np.array([edge.target for edge in rows], dtype=np.int32),
            kinds=np.array([code_of(edge.kind) for edge in rows], dtype=np.uint8),
            weights=np.array([edge.weight for edge in rows], dtype=np.float32),
            lines=np.array([edge.line for edge in rows], dtype=np.int32),
            counts=np.ones(len(rows), dtype=np.int32),
            texts=[edge.text.encode("utf-8", "replace") for edge in rows],
        )

    def rows(self, chosen: NDArray[np.intp]) -> EdgeList:
        """Return some of the edges, given their rows."""
        return EdgeList(
            sources=self.sources[chosen],
            targets=self.targets[chosen],
            kinds=self.kinds[chosen],
            weights=self.weights[chosen],
            lines=self.lines[chosen],
            counts=self.counts[chosen],
            texts=[self.texts[row] for row in chosen.tolist()],
        )


@dataclass(frozen=True, slots=True)
class PageOutline:
    """What of all documents stored edges are found by, apart from links and mentions."""

    paths: Sequence[str]
    """Path of each document."""
    titles: Sequence[str]
    """Title of each document."""
    first_nodes: Sequence[int]
    """Row of each document's first node, and the number of nodes at the end."""


def edges_by_outline(outline: PageOutline) -> EdgeList:
    """Return the edges of the stored kinds that have a finder; each finder is asked once."""
    finders = {kind.finder: kind for kind in EDGE_KINDS if kind.code is not None and kind.finder}
    found = (kind.load_finder()(outline) for kind in finders.values())
    return EdgeList.of(edge for edges in found for edge in edges)


def join_edges(lists: Sequence[EdgeList]) -> EdgeList:
    """Return the edges of several lists, sorted by (source, target), each pair once.

    Args:
        lists: The edges; where a pair has several of the same kind, the first gives its line and
            words. A node that leads to itself is left out.

    Returns:
        One edge a pair.
    """
    sources = np.concatenate([edges.sources for edges in lists])
    targets = np.concatenate([edges.targets for edges in lists])
    kinds = np.concatenate([edges.kinds for edges in lists])
    counts = np.concatenate([edges.counts for edges in lists])
    order = np.lexsort((np.array(PRECEDENCE, np.uint8)[kinds], targets, sources))
    order = order[sources[order] != targets[order]]
    if not len(order):
        return EdgeList.of(())
    pair = (sources[order].astype(np.int64) << 32) | targets[order]
    new_pair = np.diff(pair, prepend=-1) != 0
    new_kind = new_pair | (np.diff(kinds[order].astype(np.int16), prepend=-1) != 0)
    total = np.add.reduceat(counts[order], np.flatnonzero(new_kind))
    best = order[new_pair]
    texts = [text for edges in lists for text in edges.texts]
    return EdgeList(
        sources=sources[best],
        targets=targets[best],
        kinds=kinds[best],
        weights=np.concatenate([edges.weights for edges in lists])[best],
        lines=np.concatenate([edges.lines for edges in lists])[best],
        counts=total[new_pair[new_kind]].astype(np.int32),
        texts=[texts[row] for row in best.tolist()],
    )

"""The document graph on disk: compressed sparse rows, opened by mmap.

networkx needs seconds and hundreds of megabytes for a graph that these arrays open in under a
millisecond. Edges are numbered by (source, target); the edges out of node *n* are
``out_starts[n]:out_starts[n + 1]``; ``in_edges[in_starts[n]:in_starts[n + 1]]`` are those into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import StringTable, load_array, save_array, save_strings
from docsearch_cli.models import EDGE_KINDS

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True, slots=True)
class GraphArrays:
    """A directed graph with typed, weighted edges.

    Shapes:
        out_starts, in_starts: (n_nodes + 1,) int64.
        sources, targets, lines, counts: (n_edges,) int32.
        kinds: (n_edges,) uint8, an index into ``models.EDGE_KINDS``.
        weights: (n_edges,) float32.
        in_edges: (n_edges,) int32, edge numbers ordered by (target, source).
    """

    out_starts: NDArray[np.int64]
    in_starts: NDArray[np.int64]
    in_edges: NDArray[np.int32]
    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    weights: NDArray[np.float32]
    lines: NDArray[np.int32]
    counts: NDArray[np.int32]
    texts: StringTable

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.out_starts) - 1

    def edges_out(self, node: int) -> NDArray[np.int64]:
        """Return the numbers of the edges that leave a node."""
        return np.arange(self.out_starts[node], self.out_starts[node + 1])

    def edges_in(self, node: int) -> NDArray[np.int32]:
        """Return the numbers of the edges that lead to a node."""
        return self.in_edges[self.in_starts[node] : self.in_starts[node + 1]]


def save_graph(folder: Path, graph: networkx.DiGraph) -> None:
    """Write the arrays of a graph whose nodes are 0 to n - 1."""
    edges = sorted(graph.edges(data=True), key=lambda edge: (edge[0], edge[1]))
    sources = np.array([edge[0] for edge in edges], dtype=np.int32)
    targets = np.array([edge[1] for edge in edges], dtype=np.int32)
    facts = [edge[2] for edge in edges]
    kind_code = {kind: code for code, kind in enumerate(EDGE_KINDS)}
    save_array(folder, "graph.out_starts", _starts(sources, graph.number_of_nodes()))
    save_array(folder, "graph.in_starts", _starts(targets, graph.number_of_nodes()))
    save_array(folder, "graph.in_edges", np.lexsort((sources, targets)).astype(np.int32))
    save_array(folder, "graph.sources", sources)
    save_array(folder, "graph.targets", targets)
    save_array(
        folder, "graph.kinds", np.array([kind_code[fact["kind"]] for fact in facts], np.uint8)
    )
    save_array(folder, "graph.weights", np.array([fact["weight"] for fact in facts], np.float32))
    save_array(folder, "graph.lines", np.array([fact["line"] for fact in facts], np.int32))
    save_array(folder, "graph.counts", np.array([fact["count"] for fact in facts], np.int32))
    save_strings(folder, "graph.texts", (fact["text"] for fact in facts))


def load_graph(folder: Path) -> GraphArrays:
    """Open the arrays that ``save_graph`` wrote."""
    return GraphArrays(
        out_starts=load_array(folder, "graph.out_starts"),
        in_starts=load_array(folder, "graph.in_starts"),
        in_edges=load_array(folder, "graph.in_edges"),
        sources=load_array(folder, "graph.sources"),
        targets=load_array(folder, "graph.targets"),
        kinds=load_array(folder, "graph.kinds"),
        weights=load_array(folder, "graph.weights"),
        lines=load_array(folder, "graph.lines"),
        counts=load_array(folder, "graph.counts"),
        texts=StringTable.load(folder, "graph.texts"),
    )


def _starts(rows: NDArray[np.int32], node_count: int) -> NDArray[np.int64]:
    starts = np.zeros(node_count + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=node_count), out=starts[1:])
    return starts

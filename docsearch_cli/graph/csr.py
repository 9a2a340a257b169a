"""The document graph on disk: compressed sparse rows, opened by mmap.

networkx needs seconds and hundreds of megabytes for a graph that these arrays open in under a
millisecond. Edges are numbered by (source, target); the edges out of node *n* are
``out_starts[n]:out_starts[n + 1]``; ``in_edges[in_starts[n]:in_starts[n + 1]]`` are those into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import damaged, load_rows, load_starts, load_values, save_array, starts_of
from docsearch_cli.graph.edge_kinds import STORED_CODES
from docsearch_cli.graph.edges import EdgeList
from docsearch_cli.string_table import StringTable, StringWriter


@dataclass(frozen=True, slots=True)
class GraphArrays:
    """A directed graph with typed, weighted edges.

    Shapes:
        out_starts, in_starts: (n_nodes + 1,) int64.
        targets, lines, counts: (n_edges,) int32.
        kinds: (n_edges,) uint8, codes of ``edge_kinds.py``.
        weights: (n_edges,) float32.
        in_edges: (n_edges,) int32, edge numbers ordered by (target, source).
    """

    out_starts: NDArray[np.int64]
    in_starts: NDArray[np.int64]
    in_edges: NDArray[np.int32]
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

    def sources_of(self, edges: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        """Return the nodes that some edges leave, given the edges' numbers."""
        return (np.searchsorted(self.out_starts, edges, side="right") - 1).astype(np.int32)

    def edge_list(self) -> EdgeList:
        """Return all edges in memory."""
        return EdgeList(
            sources=self.sources_of(np.arange(len(self.targets))),
            targets=self.targets,
            kinds=self.kinds,
            weights=self.weights,
            lines=self.lines,
            counts=self.counts,
            texts=self.texts.rows(),
        )


def save_graph(folder: Path, edges: EdgeList, node_count: int) -> None:
    """Write the arrays of a graph whose nodes are 0 to n - 1.

    Args:
        folder: Where the files go.
        edges: Sorted by (source, target), each pair once.
        node_count: Number of nodes.

    Raises:
        ValueError: If an edge joins something else than nodes: a graph makes no node up.
    """
    for ends in (edges.sources, edges.targets):
        if len(ends) and not 0 <= int(ends.min()) <= int(ends.max()) < node_count:
            raise ValueError(f"an edge joins something else than nodes 0 to {node_count - 1}")
    save_array(
        folder, "graph.out_starts", starts_of(np.bincount(edges.sources, minlength=node_count))
    )
    save_array(
        folder, "graph.in_starts", starts_of(np.bincount(edges.targets, minlength=node_count))
    )
    in_edges = np.lexsort((edges.sources, edges.targets)).astype(np.int32)
    save_array(folder, "graph.in_edges", in_edges)
    save_array(folder, "graph.targets", edges.targets)
    save_array(folder, "graph.kinds", edges.kinds)
    save_array(folder, "graph.weights", edges.weights)
    save_array(folder, "graph.lines", edges.lines)
    save_array(folder, "graph.counts", edges.counts)
    with StringWriter(folder, "graph.texts") as texts:
        texts.extend(edges.texts)


def load_graph(folder: Path) -> GraphArrays:
    """Open the arrays that ``save_graph`` wrote.

    Args:
        folder: Where they are.

    Returns:
        The graph.

    Raises:
        IndexCorruptError: If one is missing or they do not fit each other.
    """
    out_starts = load_starts(folder, "graph.out_starts")
    node_count, edge_count = len(out_starts) - 1, int(out_starts[-1])
    graph = GraphArrays(
        out_starts=out_starts.astype(np.int64, copy=False),
        in_starts=load_starts(
            folder, "graph.in_starts", groups=node_count, values=edge_count
        ).astype(np.int64, copy=False),
        in_edges=load_rows(folder, "graph.in_edges", below=edge_count, count=edge_count),
        targets=load_rows(folder, "graph.targets", below=node_count, count=edge_count),
        kinds=load_values(folder, "graph.kinds", np.uint8, (edge_count,)),
        weights=load_values(folder, "graph.weights", np.float32, (edge_count,)),
        lines=load_values(folder, "graph.lines", np.int32, (edge_count,)),
        counts=load_values(folder, "graph.counts", np.int32, (edge_count,)),
        texts=StringTable.load(folder, "graph.texts", rows=edge_count),
    )
    _check_graph(folder, graph)
    return graph


def _check_graph(folder: Path, graph: GraphArrays) -> None:
    """Check that edges are in order, and that those into a node are the ones that lead to it."""
    if not _ascends_in_groups(graph.targets, graph.out_starts):
        raise damaged(folder / "graph.targets.npy", "its edges are not in order")
    led_to = graph.targets[graph.in_edges]
    nodes = np.repeat(np.arange(graph.node_count, dtype=np.int32), np.diff(graph.in_starts))
    if not np.array_equal(led_to, nodes):
        raise damaged(folder / "graph.in_starts.npy", "it does not fit the edges")
    if not _ascends_in_groups(graph.in_edges, graph.in_starts):
        raise damaged(folder / "graph.in_edges.npy", "its edges are not in order")
    if not np.isin(graph.kinds, STORED_CODES).all():
        raise damaged(folder / "graph.kinds.npy", "there is no such kind of edge")
    if not (graph.weights >= 0).all() or not np.isfinite(graph.weights).all():
        raise damaged(folder / "graph.weights.npy", "a weight is no positive number")


def _ascends_in_groups(values: NDArray[np.int32], starts: NDArray[np.int64]) -> bool:
    """Tell whether values rise strictly within each group."""
    rises = values[1:] > values[:-1]
    bounds = starts[(starts > 0) & (starts < len(values))]
    rises[bounds - 1] = True
    return bool(rises.all())

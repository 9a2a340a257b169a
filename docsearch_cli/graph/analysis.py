"""Figures of a whole graph: size, kinds of edges, components, orphans, central nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from docsearch_cli.graph.csr import GraphArrays
from docsearch_cli.graph.edge_kinds import EDGE_KINDS, kind_of_code

if TYPE_CHECKING:
    import networkx
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class GraphStats:
    """Figures of a graph; ids are node ids."""

    nodes: int
    edges: int
    edges_by_kind: dict[str, int]
    components: int
    """Weakly connected parts."""
    largest_component: int
    orphans: int
    """Nodes that no edge touches."""
    most_linked: tuple[tuple[str, int], ...]
    """Up to ten nodes with the most edges into them."""
    central: tuple[tuple[str, float], ...]
    """Up to ten nodes with the highest PageRank."""

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return asdict(self)


def to_networkx(arrays: GraphArrays, node_ids: Sequence[str]) -> networkx.DiGraph:
    """Return the stored graph as a networkx graph, nodes named by id."""
    import networkx
    import numpy as np

    graph = networkx.DiGraph()
    graph.add_nodes_from(node_ids)
    sources = arrays.sources_of(np.arange(len(arrays.targets)))
    for edge in range(len(arrays.targets)):
        graph.add_edge(
            node_ids[int(sources[edge])],
            node_ids[int(arrays.targets[edge])],
            kind=kind_of_code(int(arrays.kinds[edge])).name,
            weight=float(arrays.weights[edge]),
            line=int(arrays.lines[edge]),
            count=int(arrays.counts[edge]),
            text=arrays.texts[edge],
        )
    return graph


def measure_graph(graph: networkx.DiGraph) -> GraphStats:
    """Return the figures of a graph; an empty one has zeros."""
    import networkx

    kinds = Counter(kind for _, _, kind in graph.edges(data="kind"))
    components = [len(part) for part in networkx.weakly_connected_components(graph)]
    return GraphStats(
        nodes=graph.number_of_nodes(),
        edges=graph.number_of_edges(),
        edges_by_kind={kind.name: kinds[kind.name] for kind in EDGE_KINDS if kinds[kind.name]},
        components=len(components),
        largest_component=max(components, default=0),
        orphans=networkx.number_of_isolates(graph),
        most_linked=_best(dict(graph.in_degree())),
        central=_best(page_rank(graph)),
    )


def page_rank(graph: networkx.DiGraph) -> dict[str, float]:
    """Return each node's PageRank; networkx's own wants scipy, which the base install lacks."""
    import numpy as np

    nodes = list(graph)
    row_of = {node: row for row, node in enumerate(nodes)}
    sources = np.array([row_of[source] for source, _ in graph.edges()], dtype=np.int64)
    targets = np.array([row_of[target] for _, target in graph.edges()], dtype=np.int64)
    ranks = rank_nodes(sources, targets, len(nodes))
    return {node: round(float(ranks[row]), 9) for node, row in row_of.items()}


def rank_nodes(
    sources: NDArray[np.integer[Any]], targets: NDArray[np.integer[Any]], node_count: int
) -> NDArray[np.float64]:
    """Return the PageRank of nodes by power iteration, in numpy alone.

    Shapes:
        sources, targets: (n_edges,) int, rows of nodes.

    Source:
        Page et al. 1999; damping .85, dangling nodes spread evenly.

    Args:
        sources: Where each edge starts.
        targets: Where it leads.
        node_count: Number of nodes.

    Returns:
        The rank of each node; they add up to 1.
    """
    import numpy as np

    if not node_count:
        return np.zeros(0)
    degree = np.bincount(sources, minlength=node_count).astype(np.float64)
    rank = np.full(node_count, 1 / node_count)
    for _ in range(100):
        share = np.divide(rank, degree, out=np.zeros_like(rank), where=degree > 0)
        flow = np.bincount(targets, weights=share[sources], minlength=node_count)
        dangling = rank[degree == 0].sum() / node_count
        new_rank = 0.15 / node_count + 0.85 * (flow + dangling)
        if np.abs(new_rank - rank).sum() < 1e-9:
            break
        rank = new_rank
    return rank


def _best(values: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    return tuple(item for item in ordered[:10] if item[1] > 0)

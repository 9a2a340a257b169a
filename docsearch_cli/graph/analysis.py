"""Figures of a whole graph: size, kinds of edges, components, orphans, central nodes, hubs."""

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

# Nodes and edges that counting shortest ways may pass: two to four seconds of networkx.
_MOST_PASSED = 4_000_000
# Fewer nodes to start from than this say little, however large the graph is.
_LEAST_SAMPLED = 16


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
    component_sizes: tuple[int, ...]
    """Nodes of up to ten components, the largest first."""
    first_orphans: tuple[str, ...]
    """Up to ten orphans, by id."""
    most_linked: tuple[tuple[str, int], ...]
    """Up to ten nodes with the most edges into them."""
    central: tuple[tuple[str, float], ...]
    """Up to ten nodes with the highest PageRank."""
    hubs: tuple[tuple[str, int], ...]
    """Up to ten nodes with the most edges out of them."""
    between: tuple[tuple[str, float], ...]
    """Up to ten nodes that most shortest ways pass, as a share of all pairs: 0 to 1."""
    between_sampled: int | None
    """How many nodes those ways start at; None for all of them."""

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
    components = sorted(map(len, networkx.weakly_connected_components(graph)), reverse=True)
    orphans = sorted(networkx.isolates(graph))
    sampled = _starts_to_sample(graph)
    return GraphStats(
        nodes=graph.number_of_nodes(),
        edges=graph.number_of_edges(),
        edges_by_kind={kind.name: kinds[kind.name] for kind in EDGE_KINDS if kinds[kind.name]},
        components=len(components),
        largest_component=max(components, default=0),
        orphans=len(orphans),
        component_sizes=tuple(components[:10]),
        first_orphans=tuple(orphans[:10]),
        most_linked=_best(dict(graph.in_degree())),
        central=_best(page_rank(graph)),
        hubs=_best(dict(graph.out_degree())),
        between=_best(betweenness(graph, sampled)),
        between_sampled=sampled,
    )


def _starts_to_sample(graph: networkx.DiGraph) -> int | None:
    """Return how many nodes shortest ways are counted from; None for all."""
    size = graph.number_of_nodes() + graph.number_of_edges()
    most = max(_LEAST_SAMPLED, _MOST_PASSED // max(1, size))
    return None if most >= graph.number_of_nodes() else most


def betweenness(graph: networkx.DiGraph, sampled: int | None = None) -> dict[str, float]:
    """Return the share of shortest ways between other nodes that pass each node.

    Source:
        Brandes 2001; from some nodes only, Brandes and Pich 2007.

    Args:
        graph: The graph; edges are walked in their direction.
        sampled: How many nodes the ways start at, always the same ones; None for all.

    Returns:
        The shares, to a millionth; estimates where nodes are sampled.
    """
    import networkx

    shares = networkx.betweenness_centrality(graph, k=sampled, seed=1)
    return {node: round(share, 6) for node, share in shares.items()}


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

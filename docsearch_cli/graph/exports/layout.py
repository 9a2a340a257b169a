"""Where the nodes of a picture stand: each connected part by springs, the parts side by side.

Source:
    Fruchterman and Reingold 1991, as networkx has it; from a fixed start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx

    from docsearch_cli.graph.excerpt import Excerpt

# networkx asks for scipy, which the base install does not have, from 500 nodes on; and a picture of
# so many cannot be read.
MOST_DRAWN = 400
# Room for a node and a short label.
_CELL_PX = 74.0
_MARGIN_PX = 30.0
# Names stand to the right of their nodes.
_NAME_PX = 190.0
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Layout:
    """Places in pixels, to a tenth."""

    places: tuple[tuple[float, float], ...]
    """Of each node of the excerpt."""
    width: float
    height: float


def lay_out(excerpt: Excerpt) -> Layout:
    """Return where the nodes stand; the same excerpt gives the same places.

    Args:
        excerpt: Of at most ``MOST_DRAWN`` nodes.

    Returns:
        The places.
    """
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(len(excerpt.nodes)))
    graph.add_edges_from((edge.source, edge.target) for edge in excerpt.edges())
    parts = [sorted(part) for part in networkx.connected_components(graph)]
    parts.sort(key=lambda part: (-len(part), part[0]))
    sides = [_CELL_PX * len(part) ** 0.5 * (1.3 if len(part) > 1 else 1) for part in parts]
    row_px = max([sum(side * side for side in sides) ** 0.5 * 1.2, *sides], default=0.0)
    places: dict[int, tuple[float, float]] = {}
    left = top = row_height = widest = 0.0
    for part, side in zip(parts, sides, strict=True):
        if left and left + side > row_px:
            left, top, row_height = 0.0, top + row_height, 0.0
        for node, (across, down) in _spread(graph, part).items():
            places[node] = (
                round(_MARGIN_PX + left + side * across, 1),
                round(_MARGIN_PX + top + side * down, 1),
            )
        left, row_height = left + side, max(row_height, side)
        widest = max(widest, left)
    return Layout(
        tuple(places[node] for node in range(len(excerpt.nodes))),
        round(widest + 2 * _MARGIN_PX + _NAME_PX, 1),
        round(top + row_height + 2 * _MARGIN_PX, 1),
    )


def _spread(graph: networkx.Graph, part: list[int]) -> dict[int, tuple[float, float]]:
    """Return places of the nodes of a connected part, 0 to 1 in each direction."""
    import networkx

    if len(part) == 1:
        return {part[0]: (0.5, 0.5)}
    inner = networkx.Graph()  # a subgraph of networkx has its nodes in the order of a set
    inner.add_nodes_from(part)
    inner.add_edges_from(sorted(graph.subgraph(part).edges()))
    found = networkx.spring_layout(inner, iterations=_ROUNDS, seed=1)
    low = [min(place[axis] for place in found.values()) for axis in (0, 1)]
    high = [max(place[axis] for place in found.values()) for axis in (0, 1)]
    spans = [(high[axis] - low[axis]) or 1.0 for axis in (0, 1)]
    return {
        node: (
            0.06 + 0.88 * float((found[node][0] - low[0]) / spans[0]),
            0.06 + 0.88 * float((found[node][1] - low[1]) / spans[1]),
        )
        for node in part
    }

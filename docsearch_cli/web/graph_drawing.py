"""Where the boxes and lines of a neighbourhood stand: in columns, from what leads here on.

    two hops before | one hop before | the page | one hop after | two hops after

A picture of columns keeps every title readable, and is the same each time; a cloud of points that
push each other off does neither. Drawn here rather than in the browser, it needs no script and no
library, and its boxes are ordinary links.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from docsearch_cli.graph.neighbourhood import NearEdge, NearNode, Neighbourhood

BOX_WIDTH = 196
# A box is as high as its page is central.
_LEAST_HEIGHT = 26
_MOST_HEIGHT = 46
# Of a box with two lines of text.
_LEAST_HEIGHT_OF_TWO = 38
_GAP_X = 84
_GAP_Y = 10
_MARGIN = 12
# How far an edge between two pages of one column swings out, by how far it goes.
_BULGE = 26


@dataclass(frozen=True, slots=True)
class Box:
    """A node in the picture."""

    node: NearNode
    x: int
    """Of its left side."""
    y: int
    """Of its upper side."""
    height: int

    @property
    def middle(self) -> int:
        """Height of its middle."""
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Line:
    """An edge in the picture."""

    edge: NearEdge
    path: str
    """As SVG spells a curve."""
    touches_centre: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A neighbourhood, placed."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def draw(around: Neighbourhood, two_lines: AbstractSet[int] = frozenset()) -> Drawing:
    """Place a neighbourhood.

    Args:
        around: What to place.
        two_lines: The nodes whose boxes take two lines of text.

    Returns:
        Boxes in the order of its nodes, lines in that of its edges.
    """
    columns: dict[int, list[NearNode]] = {}
    for item in around.nodes:
        columns.setdefault(_column(item), []).append(item)
    places = _order(columns, around)
    tall = {item.node: _height(item, two_lines) for item in around.nodes}
    heights = {
        column: sum(tall[item.node] + _GAP_Y for item in items) - _GAP_Y
        for column, items in places.items()
    }
    height = max(heights.values()) + 2 * _MARGIN
    boxes: dict[int, Box] = {}
    for number, column in enumerate(sorted(places)):
        y = (height - heights[column]) // 2
        for item in places[column]:
            x = _MARGIN + number * (BOX_WIDTH + _GAP_X)
            boxes[item.node] = Box(item, x, y, tall[item.node])
            y += tall[item.node] + _GAP_Y
    width = 2 * _MARGIN + len(places) * (BOX_WIDTH + _GAP_X) - _GAP_X
    if any(_swings_out(boxes[e.source], boxes[e.target]) for e in around.edges):
        width += _BULGE
    return Drawing(
        width,
        height,
        tuple(boxes[item.node] for item in around.nodes),
        tuple(_line(edge, boxes[edge.source], boxes[edge.target]) for edge in around.edges),
    )


def _column(item: NearNode) -> int:
    return -item.hops if item.side == "before" else item.hops


def _height(item: NearNode, two_lines: AbstractSet[int]) -> int:
    least = _LEAST_HEIGHT_OF_TWO if item.node in two_lines else _LEAST_HEIGHT
    return round(least + (_MOST_HEIGHT - least) * item.rank)


def _order(columns: dict[int, list[NearNode]], around: Neighbourhood) -> dict[int, list[NearNode]]:
    """Return the columns with each page two hops away beside those it is joined with."""
    row = {item.node: place for column in columns.values() for place, item in enumerate(column)}
    hops = {item.node: item.hops for item in around.nodes}
    joined: dict[int, list[int]] = {}
    for edge in around.edges:
        for one, other in ((edge.source, edge.target), (edge.target, edge.source)):
            if hops[one] == 2 and hops[other] == 1:
                joined.setdefault(one, []).append(row[other])
    mean = {node: sum(rows) / len(rows) for node, rows in joined.items()}
    return {
        column: sorted(items, key=lambda item: (mean.get(item.node, 0.0), row[item.node]))
        if abs(column) == 2
        else items
        for column, items in columns.items()
    }


def _line(edge: NearEdge, source: Box, target: Box) -> Line:
    return Line(edge, _curve(source, target), 0 in (source.node.hops, target.node.hops))


def _swings_out(source: Box, target: Box) -> bool:
    return source.x == target.x


def _curve(source: Box, target: Box) -> str:
    """Return a curve from the side of one box to the facing side of another."""
    one, other = source.middle, target.middle
    if _swings_out(source, target):
        x = source.x + BOX_WIDTH
        out = x + _BULGE
        return f"M{x} {one}C{out} {one} {out} {other} {x} {other}"
    if source.x < target.x:
        start, end = source.x + BOX_WIDTH, target.x
    else:
        start, end = source.x, target.x + BOX_WIDTH
    half = (start + end) // 2
    return f"M{start} {one}C{half} {one} {half} {other} {end} {other}"

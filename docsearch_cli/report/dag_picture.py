"""The DAG of a run as a picture: a column for each depth, a box for each step, a line for each way.

    depth 0        depth 1        depth 2
    [1 a.md ]------[4 c.md ]------[6 f.md ]
          `--------[5 d.md ] - - - - ´         dashed: proposed the same page too

In a column the boxes stand in the order of those that sent them, so that no two ways cross. Of a
large run the steps are drawn that matter most, with those that led to them; the others of a depth
are one box that counts them. The same run gives the same picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from docsearch_cli.graph.nodes import split_node_id
from docsearch_cli.report.run_data import StepCard
from docsearch_cli.report.shown_text import named

# More boxes than this are no picture.
_MOST_DRAWN = 200
_BOX_WIDTH, _BOX_HEIGHT = 168, 22
_COLUMN, _ROW = 232, 30
_LEFT, _TOP = 8, 30
_NAME_CHARS = 19


@dataclass(frozen=True, slots=True)
class Box:
    """A step, or what a column folds; places in pixels from the top left."""

    x: int
    y: int
    label: str
    state: str
    """What became of the step: a class of the style sheet."""
    step: int | None = None
    """None for what is folded."""
    said: str = ""
    """All of it in words, for one who does not see the picture."""
    is_cited: bool = False


@dataclass(frozen=True, slots=True)
class DagPicture:
    """What is drawn."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    ways: tuple[str, ...]
    """Paths of the lines by which steps were sent."""
    later: tuple[str, ...]
    """Paths of the lines from other steps of a lesser depth that proposed the same page."""
    columns: tuple[tuple[int, str], ...]
    """Left edge and heading of each."""
    drawn: int
    folded: int
    box_width: int = _BOX_WIDTH
    box_height: int = _BOX_HEIGHT


def draw_dag(cards: Sequence[StepCard]) -> DagPicture:
    """Return the picture of a run's steps.

    Args:
        cards: The steps, by dispatch number.

    Returns:
        The picture; empty if there are no steps.
    """
    chosen = _chosen(cards)
    drawn = [card for card in cards if card.number in chosen]
    rows: dict[int, int] = {}
    columns: dict[int, list[StepCard]] = {}
    for card in drawn:
        columns.setdefault(card.summary.depth, []).append(card)
    for depth in sorted(columns):
        columns[depth].sort(key=lambda card: (rows.get(card.summary.parent or 0, -1), card.number))
        rows.update({card.number: row for row, card in enumerate(columns[depth])})
    folded = Counter(card.summary.depth for card in cards if card.number not in chosen)
    depths = sorted({*columns, *folded})
    height = max((len(columns.get(depth, ())) + (depth in folded) for depth in depths), default=0)
    left = {depth: _LEFT + place * _COLUMN for place, depth in enumerate(depths)}
    places = {card.number: (left[card.summary.depth], _y(rows[card.number])) for card in drawn}
    boxes = [_box(card, *places[card.number]) for card in drawn]
    for depth in sorted(folded):
        label = f"{folded[depth]:,} more"
        boxes.append(Box(left[depth], _y(len(columns.get(depth, ()))), label, "folded", said=label))
    return DagPicture(
        width=_LEFT * 2 + max(0, len(depths) - 1) * _COLUMN + _BOX_WIDTH,
        height=_TOP + height * _ROW + 4,
        boxes=tuple(boxes),
        ways=tuple(
            _line(places[card.summary.parent], places[card.number])
            for card in drawn
            if card.summary.parent is not None
        ),
        later=tuple(
            _line(places[drop.parent], places[card.number])
            for card in drawn
            for drop in card.row.proposed_by
            if drop.parent in places
            and drop.parent != card.summary.parent
            and cards[drop.parent - 1].summary.depth < card.summary.depth
        ),
        columns=tuple((left[depth], f"depth {depth}") for depth in depths),
        drawn=len(drawn),
        folded=sum(folded.values()),
    )


def _chosen(cards: Sequence[StepCard]) -> frozenset[int]:
    """Return the steps that are drawn: cited ones, then the most relevant, each with its way."""
    if len(cards) <= _MOST_DRAWN:
        return frozenset(card.number for card in cards)
    chosen: set[int] = set()
    for card in sorted(cards, key=lambda card: (not card.quotes, -card.summary.score, card.number)):
        way: list[int] = []
        number: int | None = card.number
        while number is not None and number not in chosen:
            way.append(number)
            number = cards[number - 1].summary.parent
        if len(chosen) + len(way) > _MOST_DRAWN:
            break
        chosen.update(way)
    return frozenset(chosen)


def _box(card: StepCard, x: int, y: int) -> Box:
    path, part = split_node_id(card.summary.node)
    name = path.rpartition("/")[2] or path
    short = named(name, 400)
    if len(short) > _NAME_CHARS:
        short = f"{short[: _NAME_CHARS - 1]}…"
    piece = f" part {part + 1}" if part else ""
    said = f"step {card.number}, {named(path)}{piece}, {card.state_words}"
    cited = f", quoted as {', '.join(map(str, card.quotes))}" if card.quotes else ""
    return Box(
        x, y, f"{card.number} {short}", card.state, card.number, said + cited, bool(card.quotes)
    )


def _y(row: int) -> int:
    return _TOP + row * _ROW


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    """Return a curve from the right side of a box to the left side of another."""
    x, y = start[0] + _BOX_WIDTH, start[1] + _BOX_HEIGHT // 2
    to_x, to_y = end[0], end[1] + _BOX_HEIGHT // 2
    middle = (x + to_x) // 2
    return f"M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}"

"""Recall against the budget, as one self-contained SVG: no font, script or style from elsewhere.

Two lines: what the agents opened, and what a reader of the plain keyword ranking would have opened
who stopped after as many documents. Colours follow the viewer's light or dark theme; the lines
also differ by dash and marker. The same points give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from docsearch_cli.corpus.graphemes import whole_until

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 696, 92, 336
# Room to the right of the last budget, for the values at which the lines end.
_END_PX = 60
_END_LABEL_PX = 15
# Labels of budgets are at least this far apart; one that is nearer is left out.
_LABEL_PX = 44
# A file's name longer than this is cut in the middle.
_MOST_NAME_CHARS = 64

_STYLE = """
    text { font: 13px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #57606a }
    .page { fill: #ffffff; stroke: #d0d7de }
    .name { font-size: 16px; font-weight: 600; fill: #1f2328 }
    .key { fill: #1f2328 }
    .end { text-anchor: end }
    .middle { text-anchor: middle }
    .grid { stroke: #eaeef2 }
    .axis { stroke: #8c959f }
    .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
    .keyword.line { stroke-dasharray: 2 6 }
    .explored { stroke: #0969da } .explored.dot { fill: #0969da }
    .keyword { stroke: #bc4c00 } .keyword.dot { fill: #ffffff; stroke-width: 2 }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 }
      .page { fill: #0d1117; stroke: #3d444d }
      .name, .key { fill: #f0f6fc }
      .grid { stroke: #21262d }
      .axis { stroke: #656c76 }
      .explored { stroke: #4493f8 } .explored.dot { fill: #4493f8 }
      .keyword { stroke: #f0883e } .keyword.dot { fill: #0d1117 }
    }
  """


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One budget; shares are 0 to 1."""

    max_agents: int
    documents: float
    """Opened on average."""
    explored: float
    """Share of the gold documents among those that agents opened."""
    keyword: float
    """The same among as many of the keyword ranking."""


def draw_curve(name: str, questions: int, points: Sequence[CurvePoint]) -> str:
    """Return the curve as an SVG document.

    Args:
        name: Of the questions file, for the title.
        questions: The number that the means are over.
        points: One a budget, ascending; at least one, its budget above 0.

    Returns:
        The document, UTF-8 when written.
    """
    subject = f"{questions:,} question{'' if questions == 1 else 's'}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="name">',
        f'  <title id="name">{_text(name)}, {subject}: recall by budget</title>',
        f"  <style>{_STYLE}</style>",
        f'  <rect class="page" x=".5" y=".5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="6"/>',
        f'  <text class="name" x="24" y="34">{_text(_shortened(name))}</text>',
        f'  <text x="24" y="55">{subject}: share of the gold documents that was opened</text>',
        *_legend(),
        *_grid(),
        *_ticks(points),
        *_line(points, "keyword"),
        *_line(points, "explored"),
        *_ends(points[-1]),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _legend() -> Iterator[str]:
    for x, kind, said in ((24, "explored", "exploring"), (132, "keyword", "BM25 reading as many")):
        yield f'  <path class="{kind} line" d="M{x} 73h28"/>'
        yield f"  {_marker(x + 14, 73, kind)}"
        yield f'  <text class="key" x="{x + 36}" y="77.5">{said}</text>'


def _grid() -> Iterator[str]:
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        kind = "grid" if percent else "axis"
        yield f'  <path class="{kind}" d="M{_LEFT} {y}H{_RIGHT}"/>'
        yield f'  <text class="end" x="{_LEFT - 10}" y="{y + 4.5}">{percent}%</text>'


def _ticks(points: Sequence[CurvePoint]) -> Iterator[str]:
    """Label the budgets, the largest in any case, each with the documents that it opened."""
    free = float(_WIDTH)
    for point in reversed(points):
        x = _x(point, points)
        if x > free - _LABEL_PX:
            continue
        free = x
        yield f'  <path class="axis" d="M{x} {_BOTTOM}v6"/>'
        yield f'  <text class="key middle" x="{x}" y="{_BOTTOM + 23}">{point.max_agents:,}</text>'
        yield f'  <text class="middle" x="{x}" y="{_BOTTOM + 41}">{point.documents:,.1f}</text>'
    middle = (_LEFT + _RIGHT) / 2
    yield (
        f'  <text class="middle" x="{middle}" y="{_BOTTOM + 66}">'
        "most agents; below, the documents that they opened on average</text>"
    )


def _line(points: Sequence[CurvePoint], kind: Literal["explored", "keyword"]) -> Iterator[str]:
    places = [
        (_x(point, points), _y(point.explored if kind == "explored" else point.keyword))
        for point in points
    ]
    path = "L".join(f"{x} {y}" for x, y in places)
    yield f'  <path class="{kind} line" d="M{path}"/>'
    for x, y in places:
        yield f"  {_marker(x, y, kind)}"


def _ends(point: CurvePoint) -> Iterator[str]:
    """Write the last value beside each line, one above the other where they meet."""
    x, high, low = _RIGHT - _END_PX + 12, _y(point.explored), _y(point.keyword)
    if abs(high - low) < _END_LABEL_PX:
        middle, up = (high + low) / 2, 1 if high <= low else -1
        high, low = middle - up * _END_LABEL_PX / 2, middle + up * _END_LABEL_PX / 2
    for y, share in ((high, point.explored), (low, point.keyword)):
        yield f'  <text class="key" x="{x}" y="{y + 4.5:.1f}">{100 * share:.1f}%</text>'


def _marker(x: float, y: float, kind: str) -> str:
    if kind == "explored":
        return f'<circle class="{kind} dot" cx="{x}" cy="{y}" r="4.5"/>'
    return f'<rect class="{kind} dot" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'


def _x(point: CurvePoint, points: Sequence[CurvePoint]) -> float:
    return round(_LEFT + (_RIGHT - _END_PX - _LEFT) * point.max_agents / points[-1].max_agents, 1)


def _y(share: float) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP - 12) * share, 1)


def _shortened(name: str) -> str:
    if len(name) <= _MOST_NAME_CHARS:
        return name
    half = _MOST_NAME_CHARS // 2
    return f"{name[: whole_until(name, half)]}…{name[whole_until(name, len(name) - half) :]}"


def _text(name: str) -> str:
    """Return a file's name as XML text; what XML does not allow at all becomes a mark for it."""
    return escape("".join(char if _is_allowed(char) else "\ufffd" for char in name))


def _is_allowed(char: str) -> bool:
    return " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char > "\uffff"

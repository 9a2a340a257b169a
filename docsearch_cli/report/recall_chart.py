"""Recall by budget as a chart: the search with its intervals, and the keyword ranking as deep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 16, 44
_WIDTH, _HEIGHT = 640, 300
_GRID_PERCENT = 20


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One budget; shares are 0 to 1."""

    max_agents: int
    explored: float
    low: float | None
    """Lower end of its interval; None where too few questions give none."""
    high: float | None
    keyword: float | None
    """None for budget 0, which is the keyword ranking."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a line, with its interval; places in pixels from the top left."""

    x: float
    y: float
    low: float | None
    high: float | None
    said: str


@dataclass(frozen=True, slots=True)
class RecallChart:
    """What is drawn."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    grid: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    explored: tuple[Mark, ...]
    keyword: tuple[Mark, ...]

    @property
    def explored_path(self) -> str:
        """The line through the points of the search."""
        return _path(self.explored)

    @property
    def keyword_path(self) -> str:
        """The line through those of the keyword ranking."""
        return _path(self.keyword)


def draw_recall(points: Sequence[ChartPoint]) -> RecallChart:
    """Return the chart, the budgets side by side whatever their distance.

    Args:
        points: One a budget, ascending; at least one.

    Returns:
        What is drawn.
    """
    room = _WIDTH - _LEFT - _RIGHT
    xs = [round(_LEFT + room * (place + 0.5) / len(points), 1) for place in range(len(points))]
    return RecallChart(
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        bottom=_HEIGHT - _BOTTOM,
        grid=tuple(
            (_y(percent / 100), f"{percent}%") for percent in range(0, 101, _GRID_PERCENT)
        ),
        ticks=tuple((x, f"{point.max_agents:,}") for x, point in zip(xs, points, strict=True)),
        explored=tuple(
            Mark(
                x, _y(point.explored),
                _y(point.low) if point.low is not None else None,
                _y(point.high) if point.high is not None else None,
                f"{point.max_agents} agents: {100 * point.explored:.1f}%",
            )
            for x, point in zip(xs, points, strict=True)
        ),
        keyword=tuple(
            Mark(x, _y(point.keyword), None, None, f"keyword ranking: {100 * point.keyword:.1f}%")
            for x, point in zip(xs, points, strict=True)
            if point.keyword is not None
        ),
    )  # fmt: skip


def _y(share: float) -> float:
    return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - share), 1)


def _path(marks: Sequence[Mark]) -> str:
    return "M" + "L".join(f"{mark.x} {mark.y}" for mark in marks) if marks else ""

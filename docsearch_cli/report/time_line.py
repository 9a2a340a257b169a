"""The time line of a run: a lane for each worker, a bar for each attempt, from the record's times.

    docsearch    |plan|                                            |fan-in|
    worker 1            |1--------|  |4----|     // 5.1 s //  |7---|
    worker 2            |2---|  |3-------|                    |8-|

A pause in which nothing ran, as between a run that was stopped and its resume, is cut out and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docsearch_cli.report.page import ms as in_words
from docsearch_cli.report.run_data import StepCard
from docsearch_cli.runs.step_row import StepRow

_LEFT, _WIDTH, _RIGHT = 92, 860, 8
_TOP, _LANE, _BAR = 24, 24, 16
_LEAST_BAR = 2.0
# A pause is cut if it is longer than this and than all that ran, and takes so much room then.
_LONG_PAUSE_MS = 1_000.0
_PAUSE_PX = 64.0
# Below the lanes, for how long the pauses were.
_PAUSE_WORDS_PX = 18
# A time line has about so many ticks.
_TICKS = 8
_TICK_LABEL_PX = 48.0
_LABELLED_PX = 18.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One attempt, or a step that every search has."""

    x: float
    y: int
    width: float
    label: str
    """Empty where there is no room."""
    state: str
    said: str
    step: int | None
    """None for a step that every search has."""


@dataclass(frozen=True, slots=True)
class TimeLine:
    """What is drawn."""

    width: int
    height: int
    lanes: tuple[tuple[int, str], ...]
    """Top and name of each."""
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    pauses: tuple[tuple[float, str], ...]
    """Middle of each that is cut, and how long it was."""
    workers: int
    without: int
    """Attempts of which the record does not say when they began."""
    bar_height: int = _BAR


@dataclass(frozen=True, slots=True)
class _Span:
    lane: str
    start: float
    end: float
    state: str
    said: str
    step: int | None


def draw_time_line(cards: Sequence[StepCard], fixed: Iterable[StepRow]) -> TimeLine | None:
    """Return the time line of a run.

    Args:
        cards: The steps that opened a node.
        fixed: Those that every search has.

    Returns:
        What is drawn; None if the record does not say when anything began.
    """
    spans = [*_fixed_spans(fixed), *_attempt_spans(cards)]
    without = sum(item.row.started_ms is None for card in cards for item in card.attempts)
    if not any(span.step is not None for span in spans):
        return None
    scale = _Scale(spans)
    lanes: list[tuple[int, str]] = []
    bars: list[Bar] = []
    names = list(dict.fromkeys(span.lane for span in spans))
    for name in names:
        y = _TOP + len(lanes) * _LANE
        rows = _packed([span for span in spans if span.lane == name])
        lanes += [(y + row * _LANE, name if not row else "") for row in range(len(rows))]
        bars += [
            _bar(span, scale, y + row * _LANE) for row, row_spans in enumerate(rows)
            for span in row_spans
        ]  # fmt: skip
    return TimeLine(
        width=_LEFT + _WIDTH + _RIGHT,
        height=_TOP + len(lanes) * _LANE + (_PAUSE_WORDS_PX if scale.pauses() else 4),
        lanes=tuple(lanes),
        bars=tuple(bars),
        ticks=scale.ticks(),
        pauses=scale.pauses(),
        workers=len({item.row.worker for card in cards for item in card.attempts}),
        without=without,
    )


def _fixed_spans(fixed: Iterable[StepRow]) -> list[_Span]:
    return [
        _Span(
            "docsearch", row.started_ms, row.started_ms + row.elapsed_ms, "dead_end",
            f"{row.kind}, {in_words(row.elapsed_ms)}, began at {in_words(row.started_ms)}", None,
        )
        for row in fixed
        if row.started_ms is not None
    ]  # fmt: skip


def _attempt_spans(cards: Sequence[StepCard]) -> list[_Span]:
    """Return the attempts in the order in which they began; workers are numbered by it."""
    begun = sorted(
        (item.row.started_ms, card.number, item.row.number, card, item.row)
        for card in cards
        for item in card.attempts
        if item.row.started_ms is not None
    )
    workers: dict[int, str] = {}
    spans = []
    for start, number, attempt, card, row in begun:
        lane = workers.setdefault(row.worker, f"worker {len(workers) + 1}")
        again = f", attempt {attempt}" if len(card.attempts) > 1 else ""
        state = card.state if row.status == "ok" else "failed"
        took, at = in_words(row.elapsed_ms), in_words(start)
        said = f"step {number}{again}, {row.status}, {took}, began at {at}, process {row.worker}"
        spans.append(_Span(lane, start, start + row.elapsed_ms, state, said, number))
    return spans


def _packed(spans: Sequence[_Span]) -> list[list[_Span]]:
    """Return the spans of a lane in as few rows as they need: what waits for a network overlaps."""
    rows: list[list[_Span]] = []
    for span in sorted(spans, key=lambda span: span.start):
        row = next((row for row in rows if row[-1].end <= span.start + 1e-3), None)
        if row is None:
            rows.append([span])
        else:
            row.append(span)
    return rows


def _bar(span: _Span, scale: _Scale, y: int) -> Bar:
    x = scale.x(span.start)
    width = max(_LEAST_BAR, round(scale.x(span.end) - x, 1))
    label = str(span.step) if span.step is not None and width >= _LABELLED_PX else ""
    return Bar(x, y, width, label, span.state, span.said, span.step)


class _Scale:
    """Milliseconds to pixels, with long pauses cut out."""

    def __init__(self, spans: Sequence[_Span]) -> None:
        # Stretches in which something ran, with shorter pauses inside: [start, end].
        stretches: list[list[float]] = []
        busy = sum(span.end - span.start for span in spans)
        for span in sorted(spans, key=lambda span: (span.start, span.end)):
            if stretches and span.start - stretches[-1][1] <= max(_LONG_PAUSE_MS, busy):
                stretches[-1][1] = max(stretches[-1][1], span.end)
            else:
                stretches.append([span.start, span.end])
        if stretches[0][0] <= max(_LONG_PAUSE_MS, busy):
            stretches[0][0] = 0.0
        total = sum(end - start for start, end in stretches) or 1.0
        self._px_per_ms = (_WIDTH - _PAUSE_PX * (len(stretches) - 1)) / total
        self._stretches: list[tuple[float, float, float]] = []
        left = float(_LEFT)
        for start, end in stretches:
            self._stretches.append((start, end, left))
            left += (end - start) * self._px_per_ms + _PAUSE_PX
        self._total = total

    def x(self, at: float) -> float:
        """Return where a moment is."""
        start, _, left = next(
            (item for item in reversed(self._stretches) if item[0] <= at), self._stretches[0]
        )
        return round(left + (at - start) * self._px_per_ms, 1)

    def pauses(self) -> tuple[tuple[float, str], ...]:
        pairs = zip(self._stretches, self._stretches[1:], strict=False)
        return tuple(
            (round(after[2] - _PAUSE_PX / 2, 1), in_words(after[0] - before[1]))
            for before, after in pairs
        )

    def ticks(self) -> tuple[tuple[float, str], ...]:
        step = _round_up(self._total / _TICKS)
        found = []
        for start, end, _ in self._stretches:
            at = step * -(-start // step)
            while at <= end and self.x(at) < _LEFT + _WIDTH - _TICK_LABEL_PX:
                found.append((self.x(at), in_words(at) if at else "0"))
                at += step
        return tuple(found)


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, ..."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    return next(
        power * factor for factor in (1, 2, 5, 10) if power * factor >= min(value, power * 10)
    )

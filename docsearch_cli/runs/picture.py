"""A recorded run as it is drawn, from its record alone, after every hash was checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from docsearch_cli.explore.step_summary import StepEnding, StepSummary, Way, summarise_step, ways_on
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.drift import Drift, find_drift
from docsearch_cli.runs.reached import limits_reached_by
from docsearch_cli.runs.salvage import salvage
from docsearch_cli.runs.step_values import read_decision, read_seeds, read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, read_trace


@dataclass(frozen=True, slots=True)
class RunPicture:
    """A recorded run, as it is drawn."""

    run_id: str
    trace: Trace
    steps: tuple[StepSummary, ...]
    seeds: tuple[dict[str, Any], ...]
    drops: Mapping[str, int]
    """Proposals not taken, by reason."""
    drift: tuple[Drift, ...]
    checked: int
    """Hashes that were recomputed and fit."""
    lost: str = ""
    """What of a damaged record is lost; empty if nothing is."""

    def to_dict(self) -> dict[str, Any]:
        """Return the run as the JSON result shows it."""
        return {
            "run_id": self.run_id,
            "status": self.trace.status,
            "facts": self.trace.facts,
            "ending": self.trace.ending,
            "steps": [step.to_dict() for step in self.steps],
            "proposed_by": self._later_parents(),
            "drops": dict(self.drops),
            "drift": [asdict(item) for item in self.drift],
            "limits_reached": [limit.to_dict() for limit in limits_reached_by(self.trace)],
            "hashes_checked": self.checked,
            "lost": self.lost or None,
        }

    def _later_parents(self) -> dict[str, list[dict[str, Any]]]:
        """Return, by step, the proposals of its node that another way was taken for."""
        return {
            row.id: [
                {
                    "step": self.trace.step(drop.parent).id if drop.parent is not None else "plan",
                    "item": drop.item,
                    "reason": drop.reason,
                    "priority": drop.priority,
                }
                for drop in row.proposed_by
            ]
            for row in self.trace.steps
            if row.proposed_by
        }


def picture_run(home: Path, store: RunStore) -> RunPicture:
    """Return a run as it is drawn, after checking every hash of its record.

    Args:
        home: The ``.docsearch`` folder, to see what has changed since.
        store: The run's record.

    Returns:
        The run.

    Raises:
        RunCorruptError: If the record is not what was written.
    """
    with making_sense():
        return _picture(home, store)


def picture_what_is_left(home: Path, store: RunStore) -> RunPicture:
    """Return a run as it is drawn, as far as its record can be read.

    Args:
        home: The ``.docsearch`` folder, to see what has changed since.
        store: The run's record, which may be damaged.

    Returns:
        The run up to the last event that is whole, and what is lost.

    Raises:
        RunCorruptError: If nothing of it can be read, or it makes no sense.
    """
    with making_sense():
        left = salvage(store)
        if not left.lost:
            return _picture(home, store)
        return replace(_draw(home, store, left.trace()), lost=left.lost)


def _picture(home: Path, store: RunStore) -> RunPicture:
    trace = read_trace(store)
    checked = trace.events + store.check_blobs()
    return replace(_draw(home, store, trace), checked=checked)


def _draw(home: Path, store: RunStore, trace: Trace) -> RunPicture:
    return RunPicture(
        run_id=trace.run_id,
        trace=trace,
        steps=tuple(summarise_steps(store, trace)),
        seeds=tuple(read_seeds(store, trace)),
        drops=dict(sorted(Counter(drop.reason for drop in trace.drops).items())),
        drift=tuple(find_drift(home, trace)),
        checked=trace.events,
    )


def summarise_steps(store: RunStore, trace: Trace) -> list[StepSummary]:
    """Return the summaries of the steps that opened a node, from the record alone."""
    views = [read_view(store, row) for row in trace.steps]
    decisions = [read_decision(store, row) for row in trace.steps]
    summaries: list[StepSummary] = []
    for row, view, decision in zip(trace.steps, views, decisions, strict=True):
        step = row.planned
        assert step is not None  # the trace keeps the others apart
        way = Way()
        if step.parent is not None and (decided := decisions[step.parent - 1]) is not None:
            ways = ways_on(views[step.parent - 1], decided)
            way = ways[step.item] if step.item is not None and step.item < len(ways) else way
        ending = StepEnding(
            id=row.id,
            parent_id=trace.step(step.parent).id if step.parent is not None else None,
            status=row.status,
            attempts=max(1, len(row.attempts)),
            cached=row.is_cached,
            ms=round(row.elapsed_ms, 3),
            error=row.error,
        )
        summaries.append(summarise_step(step, view, decision, way=way, ending=ending))
    return summaries

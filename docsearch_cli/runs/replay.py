"""Reading a run back: draw it again, or run one of its steps again.

A replay uses what was recorded, never the index or the documents of today, so it works after they
have changed; what has changed since is said. Nothing is written to the run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.errors import RunCorruptError, UsageError
from docsearch_cli.explore.step_functions import FUNCTIONS, StepDefinition
from docsearch_cli.explore.step_output import gone_view
from docsearch_cli.explore.step_summary import StepEnding, StepSummary, Way, summarise_step, ways_on
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.files import hash_file
from docsearch_cli.fingerprint import source_digest
from docsearch_cli.index.freshness import file_of
from docsearch_cli.index.manifest import Root
from docsearch_cli.index.store import current_digest
from docsearch_cli.runs.store import RunStore, making_sense
from docsearch_cli.runs.trace import StepRow, Trace, find_step, fixed_output, read_trace

# Differences shown; one is enough to know that the step is another.
_MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Drift:
    """What is not as it was when the run was recorded."""

    what: str
    """``code``, ``index`` or ``document``."""
    detail: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of the output that is another one now."""

    field: str
    recorded: Any
    now: Any


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


@dataclass(frozen=True, slots=True)
class StepReplay:
    """One step, run again."""

    step: StepRow
    input: Any
    """What it was given, with the changes asked for."""
    recorded: Any
    """What it gave then; None if it failed."""
    now: Any
    """What it gives now; None if it raises."""
    error: str
    """The exception it raises now; empty if it raises none."""
    changes: tuple[str, ...]
    differences: tuple[Difference, ...]
    drift: tuple[Drift, ...]

    @property
    def reproduced(self) -> bool:
        """True if the output, or the exception where there was none, is the recorded one."""
        if self.recorded is None:
            return bool(self.error) and self.error == self.step.error
        return not self.differences and not self.error


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


def _picture(home: Path, store: RunStore) -> RunPicture:
    trace = read_trace(store)
    checked = trace.events + store.check_blobs()
    return RunPicture(
        run_id=trace.run_id,
        trace=trace,
        steps=tuple(summarise_steps(store, trace)),
        seeds=tuple(read_seeds(store, trace)),
        drops=dict(sorted(Counter(drop.reason for drop in trace.drops).items())),
        drift=tuple(find_drift(home, trace)),
        checked=checked,
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
            cached=row.origin != "ran",
            ms=round(row.elapsed_ms, 3),
            error=row.error,
        )
        summaries.append(summarise_step(step, view, decision, way=way, ending=ending))
    return summaries


def replay_step(
    home: Path,
    store: RunStore,
    wanted: str,
    *,
    changes: tuple[str, ...] = (),
    call: Callable[[StepDefinition, Any], Any] = lambda definition, value: definition.call(value),
) -> StepReplay:
    """Run one step again in this process, from its recorded input.

    Args:
        home: The ``.docsearch`` folder, to see what has changed since.
        store: The run's record.
        wanted: The step's number, id, or the start of its id.
        changes: ``field=value`` pairs that replace parts of the input.
        call: Runs the step's function on its input; a debugger stands here.

    Returns:
        What it gave then and what it gives now.

    Raises:
        StepNotFoundError: If there is no such step, or several fit.
        UsageError: If a change names a field that the input does not have.
        RunCorruptError: If the input is damaged, or this version lacks the step's function.
    """
    with making_sense():
        trace = read_trace(store)
        row = find_step(trace.all_steps(), wanted)
    definition = FUNCTIONS.get(row.made_by)
    if definition is None:
        raise RunCorruptError(
            f"this version of docsearch has no {row.made_by}",
            hint="replay it with the version that recorded it",
        )
    with making_sense():
        facts = json.loads(store.blob(row.input))
        recorded = json.loads(store.blob(row.output)) if row.output is not None else None
    for change in changes:
        apply_change(facts, change)
    now, error = None, ""
    try:
        now = json.loads(definition.write(call(definition, definition.parse(facts))))
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    with making_sense():
        drift = find_drift(home, trace)
        if row.planned is not None:
            drift.extend(_document_drift(trace, facts))
    return StepReplay(
        step=row,
        input=facts,
        recorded=recorded,
        now=now,
        error=error,
        changes=changes,
        differences=tuple(find_differences(recorded, now)[:_MOST_DIFFERENCES]),
        drift=tuple(drift),
    )


def apply_change(facts: Any, change: str) -> None:
    """Replace one field of an input, in place.

    Args:
        facts: The input.
        change: ``name=value``, or ``name.0.name=value`` for a field further down; the value is
            JSON, or else taken as text.

    Raises:
        UsageError: If it has another form, or there is no such field.
    """
    name, equals, text = change.partition("=")
    if not equals or not name:
        raise UsageError(f"--set {change!r} is not name=value")
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    *way, last = name.split(".")
    place = facts
    try:
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place[part]
        key: Any = int(last) if isinstance(place, list) else last
        before = place[key]  # raises if there is no such field
        if not _is_alike(before, value):
            raise UsageError(
                f"{name} cannot be {text!r}: it is {json.dumps(before)[:80]}",
                hint="the value is JSON, of the same kind as the one it replaces",
            )
        place[key] = value
    except (KeyError, IndexError, ValueError, TypeError) as error:
        fields = ", ".join(sorted(facts)) if isinstance(facts, dict) else "none"
        raise UsageError(
            f"the step's input has no field {name!r}", hint=f"its fields: {fields}"
        ) from error


def _is_alike(before: Any, value: Any) -> bool:
    """Tell whether a value is of the kind that a field holds, its items included."""
    if isinstance(before, list):
        known = before[0] if before else None
        return isinstance(value, list) and all(
            _is_alike(known, item) if known is not None else isinstance(item, str | dict)
            for item in value
        )
    if isinstance(before, bool) or isinstance(value, bool):
        return isinstance(before, bool) and isinstance(value, bool)
    if isinstance(before, int | float):
        return isinstance(value, int | float)
    return type(before) is type(value)


def find_differences(recorded: Any, now: Any, field: str = "") -> list[Difference]:
    """Return the fields in which two outputs differ, in order."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        return [
            difference
            for name in sorted({*recorded, *now})
            for difference in find_differences(
                recorded.get(name), now.get(name), f"{field}.{name}" if field else name
            )
        ]
    if isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        return [
            difference
            for place, (one, other) in enumerate(zip(recorded, now, strict=True))
            for difference in find_differences(one, other, f"{field}.{place}")
        ]
    return [] if recorded == now else [Difference(field, recorded, now)]


def find_drift(home: Path, trace: Trace) -> list[Drift]:
    """Return how the program and the index differ from those of the run."""
    drift: list[Drift] = []
    latest = trace.latest
    if latest["source"] != source_digest():
        drift.append(Drift("code", f"recorded with {str(latest['source'])[:12]}"))
    if current_digest(home) != latest["index"]:
        drift.append(Drift("index", f"recorded on {str(latest['index'])[:12]}"))
    return drift


def _document_drift(trace: Trace, view: Mapping[str, Any]) -> list[Drift]:
    """Tell whether the document that a step read is another one now."""
    path = str(view["path"])
    file = file_of([Root(root["name"], root["path"]) for root in trace.facts["roots"]], path)
    if file is None:
        return []
    try:
        digest = hash_file(file, follow=True).hex()
    except OSError:
        return [Drift("document", f"{path} is gone or cannot be read")]
    return (
        [Drift("document", f"{path} has changed since")] if digest != view["content_hash"] else []
    )


def read_view(store: RunStore, row: StepRow) -> View:
    """Return what a step's agent was shown."""
    try:
        facts = json.loads(store.blob(row.input))
        return View.from_dict(facts) if facts else gone_view(row.planned.subject)  # type: ignore[union-attr]
    except (ValueError, KeyError, TypeError) as error:
        raise RunCorruptError(f"the input of step {row.id} is not a view: {error}") from error


def read_decision(store: RunStore, row: StepRow) -> Decision | None:
    """Return what a step's agent decided; None if it did not get so far."""
    if row.output is None:
        return None
    try:
        return Decision.from_dict(json.loads(store.blob(row.output)))
    except (ValueError, KeyError, TypeError) as error:
        raise RunCorruptError(f"the output of step {row.id} is not a decision: {error}") from error


def read_seeds(store: RunStore, trace: Trace) -> list[dict[str, Any]]:
    """Return what the search plan chose to begin with; nothing if it did not get so far."""
    output = fixed_output(store, trace, "plan")
    return list(json.loads(output)["seeds"]) if output is not None else []

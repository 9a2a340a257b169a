"""Running a recorded step again, in this process, from its recorded input.

A replay uses what was recorded, never the index or the documents of today, so it works after they
have changed; what has changed since is said. Nothing is written to the run.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.errors import DocsearchError, InputError, RunCorruptError
from docsearch_cli.explore.step_functions import FUNCTIONS, StepDefinition
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.differences import Difference, find_differences
from docsearch_cli.runs.drift import Drift, find_document_drift, find_drift
from docsearch_cli.runs.input_changes import apply_change
from docsearch_cli.runs.recorded_replies import run_recorded
from docsearch_cli.runs.salvage import salvage
from docsearch_cli.runs.step_row import StepRow, find_step
from docsearch_cli.runs.store import RunStore

# Differences shown; one is enough to know that the step differs.
_MOST_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a step gave, and what it gives now."""

    recorded: Any
    """None if it failed."""
    now: Any
    """None if it raises."""
    error: str
    """The exception it raises now; empty if it raises none."""
    differences: tuple[Difference, ...]

    def reproduces(self, row: StepRow) -> bool:
        """Tell whether the output, or the exception where there was none, is the recorded one."""
        if self.recorded is None:
            return bool(self.error) and self.error == row.error
        return not self.differences and not self.error


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
        rerun = Rerun(self.recorded, self.now, self.error, self.differences)
        return rerun.reproduces(self.step)


def replay_step(
    home: Path,
    store: RunStore,
    wanted: str,
    *,
    changes: tuple[str, ...] = (),
    call: Callable[[StepDefinition, Any], Any] | None = None,
) -> StepReplay:
    """Run one step again in this process, from its recorded input.

    Args:
        home: The ``.docsearch`` folder, to see what has changed since.
        store: The run's record.
        wanted: The step's number, id, or the start of its id.
        changes: ``field=value`` pairs that replace parts of the input.
        call: Runs the step's function on its input; a debugger stands here. As it was recorded, on
            what a model replied then, if nothing does.

    Returns:
        What it gave then and what it gives now.

    Raises:
        StepNotFoundError: If there is no such step, or several fit.
        UsageError: If a change names a field that the input does not have.
        RunCorruptError: If the input is damaged, or this version lacks the step's function.
        InputError: If the step was given nothing, because its node was gone.
    """
    with making_sense():
        left = salvage(store)
        trace = left.trace()
        row = find_step(trace.all_steps(), wanted)
    if left.lost and not row.has_ended:
        raise RunCorruptError(
            f"what step {row.id} gave cannot be read: {left.lost}",
            hint=f"what is left of the run: docsearch replay {trace.run_id}",
        )
    definition = FUNCTIONS.get(row.made_by)
    if definition is None:
        raise RunCorruptError(
            f"this version of docsearch has no {row.made_by}",
            hint="replay it with the version that recorded it",
        )
    with making_sense():
        facts = json.loads(store.blob(row.input))
    if row.planned is not None and not facts:
        raise InputError(f"step {row.id} was given nothing to run on: {row.error}")
    for change in changes:
        apply_change(facts, change)
    rerun = rerun_step(store, row, definition, facts, call)
    with making_sense():
        drift = find_drift(home, trace)
        if row.planned is not None:
            drift.extend(find_document_drift(home, trace, facts))
    return StepReplay(
        step=row,
        input=facts,
        recorded=rerun.recorded,
        now=rerun.now,
        error=rerun.error,
        changes=changes,
        differences=rerun.differences,
        drift=tuple(drift),
    )


def rerun_step(
    store: RunStore,
    row: StepRow,
    definition: StepDefinition,
    facts: Any,
    call: Callable[[StepDefinition, Any], Any] | None = None,
) -> Rerun:
    """Run a step's function on an input and compare what it gives with what is recorded.

    Args:
        store: The run's record.
        row: The step.
        definition: Its function.
        facts: The input, as plain data.
        call: Runs the function on its input, if not as it was recorded.

    Returns:
        What it gave then and what it gives now.

    Raises:
        RunCorruptError: If the recorded output is damaged.
    """
    with making_sense():
        recorded = json.loads(store.blob(row.output)) if row.output is not None else None
    now, error = None, ""
    try:
        value = definition.parse(facts)
        output = (
            call(definition, value)
            if call is not None
            else run_recorded(store, row, definition, value)
        )
        now = json.loads(definition.write(output))
    except DocsearchError:  # a key, a damaged record: no doing of the step
        raise
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    differences = find_differences(recorded, now)[:_MOST_DIFFERENCES]
    return Rerun(recorded, now, error, tuple(differences))

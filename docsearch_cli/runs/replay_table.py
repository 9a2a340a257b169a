"""Every step of recorded runs, run again by the present code: what a release is judged by.

A step is *reproduced* if it gives the recorded bytes. It *differs* if it gives others: explained if
other code recorded it, unexplained if it was this code. It is *not replayed* where there is nothing
to compare, and the reason is said. A record that is damaged counts as unexplained.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from docsearch_cli.errors import AccessError, RunCorruptError
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.fingerprint import source_digest, step_source_digest
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.picture import picture_run
from docsearch_cli.runs.replay import rerun_step
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace

StepVerdict = Literal["reproduced", "differs", "not_replayed"]
CODE_CHANGED = "code changed"


@dataclass(frozen=True, slots=True)
class StepCheck:
    """What became of one step."""

    step: str
    verdict: StepVerdict
    reason: str
    """Why it differs or was not replayed; empty if it was reproduced, or differs unexplained."""
    fields: tuple[str, ...] = ()
    """The fields of the output that differ."""

    @property
    def is_unexplained(self) -> bool:
        """True if the same code gives something else."""
        return self.verdict == "differs" and not self.reason


@dataclass(frozen=True, slots=True)
class RunCheck:
    """What became of one run."""

    run: str
    """As it was named: an id, or a file."""
    steps: tuple[StepCheck, ...]
    problem: str = ""
    """Why the run cannot be read at all; empty if it can."""
    is_damaged: bool = False
    """True if that is the record's fault: it is not what docsearch wrote."""

    def count(self, verdict: StepVerdict) -> int:
        """Return how many steps got a verdict."""
        return sum(step.verdict == verdict for step in self.steps)

    def reasons(self) -> dict[str, int]:
        """Return the reasons why steps differ or were not replayed, with how many had each."""
        found = Counter(step.reason for step in self.steps if step.reason)
        return dict(sorted(found.items()))

    @property
    def is_unexplained(self) -> bool:
        """True if something differs that no change of the code explains."""
        return self.is_damaged or any(step.is_unexplained for step in self.steps)


def check_replays(home: Path, runs: Sequence[str]) -> list[RunCheck]:
    """Replay runs and each of their steps.

    Args:
        home: The ``.docsearch`` folder.
        runs: Ids, starts of ids, or exported files.

    Returns:
        What became of each, in the order given.

    Raises:
        RunNotFoundError: If there is no such run.
    """
    return [_check_run(home, run) for run in runs]


def _check_run(home: Path, run: str) -> RunCheck:
    try:
        with opened_run(home, run) as store:
            try:
                with making_sense():
                    trace = picture_run(home, store).trace
                    return RunCheck(run, tuple(_check_steps(store, trace)))
            except RunCorruptError as error:
                return RunCheck(run, (), error.message, is_damaged=not _is_of_other_code(store))
    except RunCorruptError as error:
        return RunCheck(run, (), error.message, is_damaged=error.other_version is None)
    except AccessError as error:  # somebody else's
        return RunCheck(run, (), error.message)


def _is_of_other_code(store: RunStore) -> bool:
    """Tell whether every hash fits and other code wrote the record: then it may mean other things.

    A record whose hashes do not fit is damaged, whoever wrote it.
    """
    try:
        store.check_blobs()
        return bool(store.events()[0].data.get("source") != source_digest())
    except RunCorruptError:
        return False


def _check_steps(store: RunStore, trace: Trace) -> list[StepCheck]:
    processes = (trace.facts, *trace.resumed)
    is_same_code = all(process.get("step_source") == step_source_digest() for process in processes)
    return [_check_step(store, trace, row, is_same_code) for row in trace.all_steps()]


def _check_step(store: RunStore, trace: Trace, row: StepRow, is_same_code: bool) -> StepCheck:
    agent = AGENTS.get(trace.agent)
    definition = FUNCTIONS.get(row.made_by)
    if not row.has_ended:
        return StepCheck(row.id, "not_replayed", "never ended")
    if definition is None:
        return StepCheck(row.id, "not_replayed", _missing(row.made_by))
    if row.planned is not None and agent is not None and not agent.may_be_repeated:
        reason = "asks a network" if agent.waits_on_network else "decides anew each time"
        return StepCheck(row.id, "not_replayed", f"agent {agent.name} {reason}")
    facts = json.loads(store.blob(row.input))
    try:
        definition.parse(facts)
    except Exception as error:  # whatever a foreign input provokes
        if row.output is not None and is_same_code:
            return StepCheck(row.id, "differs", "", ("input",))
        reason = row.error or f"input unreadable: {type(error).__name__}: {error}"
        return StepCheck(row.id, "not_replayed", reason)
    rerun = rerun_step(store, row, definition, facts)
    if rerun.reproduces(row):
        return StepCheck(row.id, "reproduced", "")
    if row.output is None:
        return StepCheck(row.id, "not_replayed", f"failed in the run: {row.error}")
    fields = (rerun.error,) if rerun.error else tuple(item.field for item in rerun.differences)
    return StepCheck(row.id, "differs", "" if is_same_code else CODE_CHANGED, fields)


def _missing(function: str) -> str:
    """Say that this version lacks a function, and which version of it there is now."""
    name = function.partition("@")[0]
    now = sorted(known for known in FUNCTIONS if known.partition("@")[0] == name)
    return f"function version changed: {function}, now {', '.join(now) or 'none'}"

"""A run as its events tell it: what was asked, every step with its tries, every dropped proposal.

    run_started   what was asked, the limits, the fingerprints
    fixed_planned, fixed_ended      a step that every search has: intent, plan, aggregate
    commit        one step's end with all that follows from it: drops, steps sent
    kept          ends of steps that a run was stopped before it could commit
    run_resumed   a later process went on with the run
    run_finished  how it ended

Large values (inputs, outputs, logs) are named by their hash and stay in the store until asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from docsearch_cli.config import DEFAULT_AGENT
from docsearch_cli.errors import RunCorruptError, StepNotFoundError
from docsearch_cli.runs.catalog import RUN_ID
from docsearch_cli.runs.store import Event, RunStore
from docsearch_cli.steps import Drop, PlannedStep, StepStatus

Origin = Literal["ran", "cache", "fork"]


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try of a step."""

    number: int
    status: str
    function: str
    elapsed_ms: float
    worker: int
    error: str
    detail: str
    """Blob of the traceback or of the stacks where it hung; empty if there is none."""
    log: str
    """Blob of what the try wrote; empty if it wrote nothing."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as recorded."""

    id: str
    kind: str
    function: str
    """What was called first; a fallback is another attempt's function."""
    input: str
    """Blob of the input."""
    planned: PlannedStep | None = None
    """As the plan asked for it; None for a step that every search has."""
    output: str | None = None
    """Blob of the output; None if it has not ended, or not well."""
    status: StepStatus = "running"
    origin: Origin = "ran"
    elapsed_ms: float = 0.0
    error: str = ""
    attempts: tuple[AttemptRow, ...] = ()
    proposed_by: tuple[Drop, ...] = ()
    """Proposals of the same node by steps that came too late, and ways that were not the best."""

    @property
    def number(self) -> int | None:
        """Its dispatch number; None for a step that every search has."""
        return self.planned.number if self.planned is not None else None

    @property
    def has_ended(self) -> bool:
        """True if there is nothing left to run."""
        return self.status != "running"

    @property
    def degraded(self) -> bool:
        """True if the output is a fallback's."""
        return self.status == "degraded"

    @property
    def made_by(self) -> str:
        """The function that gave the output: the step's own, or a fallback."""
        return self.attempts[-1].function if self.degraded and self.attempts else self.function


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit did, by dispatch numbers."""

    number: int | None
    """The step that was committed; None where a run began or went on."""
    drops: tuple[Drop, ...]
    sent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that a record says of a run, large values aside."""

    facts: dict[str, Any]
    """What was known when it began."""
    ending: dict[str, Any]
    """How it last ended; empty if it never did."""
    fixed: tuple[StepRow, ...]
    steps: tuple[StepRow, ...]
    """Those that opened a node, by dispatch number."""
    commits: tuple[Commit, ...]
    kept: tuple[int, ...]
    resumed: tuple[dict[str, Any], ...]
    events: int

    @property
    def run_id(self) -> str:
        """The run's id."""
        return str(self.facts["run_id"])

    @property
    def status(self) -> str:
        """``complete``, ``partial`` or ``running``; the last also of a run that was killed."""
        return str(self.ending.get("status", "running"))

    @property
    def latest(self) -> dict[str, Any]:
        """The fingerprints of the process that wrote it last."""
        return self.resumed[-1] if self.resumed else self.facts

    @property
    def drops(self) -> list[Drop]:
        """Every proposal that was not taken, in order."""
        return [drop for commit in self.commits for drop in commit.drops]

    @property
    def limits(self) -> dict[str, int]:
        """The limits it began with."""
        return dict(self.facts["limits"])

    @property
    def agent(self) -> str:
        """Name of the agent that decided; there was one only when older runs were recorded."""
        return str(self.facts.get("agent", DEFAULT_AGENT))

    def step(self, number: int) -> StepRow:
        """Return the step with this dispatch number."""
        return self.steps[number - 1]

    def last_fixed(self, kind: str) -> StepRow | None:
        """Return the last step of a kind that every search has, if it ended well."""
        found = [row for row in self.fixed if row.kind == kind and row.output is not None]
        return found[-1] if found else None

    def all_steps(self) -> list[StepRow]:
        """Return every step in the order of a run: before, during and after the exploration."""
        before = [row for row in self.fixed if row.kind != "aggregate"]
        after = [row for row in self.fixed if row.kind == "aggregate"]
        return [*before, *self.steps, *after]


@dataclass(slots=True)
class _Reader:
    facts: dict[str, Any] = field(default_factory=dict)
    ending: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, StepRow] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    resumed: list[dict[str, Any]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        data = event.data
        if (event.kind == "run_started") != (event.seq == 1):
            raise RunCorruptError(f"event {event.seq} of the run does not begin it")
        if event.kind == "run_started":
            self.facts = data
            if not RUN_ID.fullmatch(data["run_id"]):
                raise RunCorruptError(f"{data['run_id']!r} is not a run id")
        elif event.kind == "fixed_planned":
            self._plan(StepRow(data["id"], data["kind"], data["function"], data["input"]))
        elif event.kind == "fixed_ended":
            self._end(data)
        elif event.kind == "commit":
            if data["ended"] is not None:
                self._end(data["ended"])
            drops = tuple(Drop(**drop) for drop in data["drops"])
            sent = tuple(self._plan(row) for row in _sent(data["sent"]))
            self.commits.append(Commit(data["number"], drops, sent))
        elif event.kind == "kept":
            self.kept.extend(self._end(end).number or 0 for end in data["ended"])
        elif event.kind == "run_resumed":
            if self.ending.get("status") == "complete":
                raise RunCorruptError("the run went on after its end")
            self.resumed.append(data)
            self.ending = {}
        elif event.kind == "run_finished":
            if self.ending or data["status"] not in ("complete", "partial"):
                raise RunCorruptError("the run ended twice, or in an unknown way")
            self.ending = data
        else:
            raise RunCorruptError(f"event {event.seq} of the run is of an unknown kind")

    def _plan(self, row: StepRow) -> int:
        if row.id in self.rows and row.planned is None:
            return 0  # a fixed step that came out the same again
        number = row.number or 0
        if row.id in self.rows or (number and number != len(self.numbers) + 1):
            raise RunCorruptError(f"step {row.id} of the run was planned twice or out of order")
        self.rows[row.id] = row
        if number:
            self.numbers[number] = row.id
        return number

    def _end(self, data: dict[str, Any]) -> StepRow:
        row = self.rows.get(data["id"])
        if row is None or (row.has_ended and row.planned is not None):
            raise RunCorruptError(f"step {data['id']} of the run ended twice or was never planned")
        facts = {name: value for name, value in data.items() if name not in ("id", "attempts")}
        if data["status"] not in get_args(StepStatus):
            raise RunCorruptError(f"step {row.id} of the run has an unknown status")
        if data["origin"] not in get_args(Origin):
            raise RunCorruptError(f"step {row.id} of the run has an unknown origin")
        if (data["output"] is not None) != (data["status"] in ("ok", "degraded")):
            raise RunCorruptError(f"step {row.id} of the run has no output that fits its status")
        attempts = tuple(AttemptRow(**attempt) for attempt in data.get("attempts", ()))
        self.rows[row.id] = replace(row, **facts, attempts=attempts)
        return self.rows[row.id]


def read_trace(store: RunStore) -> Trace:
    """Return a run as its events tell it.

    Args:
        store: The run's record.

    Returns:
        The trace.

    Raises:
        RunCorruptError: If the events are not what was recorded, or make no sense.
    """
    reader = _Reader()
    events = store.events()
    try:
        for event in events:
            reader.take(event)
        rows = [reader.rows[name] for name in reader.numbers.values()]
        proposals = _proposals(reader.commits)
        return Trace(
            facts=reader.facts,
            ending=reader.ending,
            fixed=tuple(row for row in reader.rows.values() if row.planned is None),
            steps=tuple(
                replace(row, proposed_by=tuple(proposals.get(row.planned.subject, ())))
                for row in rows
                if row.planned is not None
            ),
            commits=tuple(reader.commits),
            kept=tuple(reader.kept),
            resumed=tuple(reader.resumed),
            events=len(events),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RunCorruptError(f"the run's events make no sense: {error}") from error


def fixed_output(store: RunStore, trace: Trace, kind: str) -> bytes | None:
    """Return what the last step of a kind that every search has gave; None if none ended well."""
    row = trace.last_fixed(kind)
    return store.blob(row.output) if row is not None and row.output is not None else None


def find_step(steps: Sequence[StepRow], wanted: str) -> StepRow:
    """Return the step with this dispatch number, kind or id, or whose id starts so.

    Args:
        steps: The run's steps.
        wanted: Dispatch number, kind, id, or the start of an id.

    Returns:
        The step; of several fixed ones of a kind, the last.

    Raises:
        StepNotFoundError: If none or several fit; the message lists them.
    """
    fixed = [step for step in steps if step.planned is None and step.kind == wanted]
    if fixed:
        return fixed[-1]
    exact = [step for step in steps if wanted == step.id or wanted == str(step.number or "")]
    found = exact if len(exact) == 1 else [step for step in steps if step.id.startswith(wanted)]
    listed = found or list(steps)
    ids = ", ".join(step.id for step in listed[:12])
    if len(listed) > 12:
        ids += f" and {len(listed) - 12} more"
    if not wanted or not found:
        raise StepNotFoundError(f"there is no step {wanted!r}", hint=f"steps of this run: {ids}")
    if len(found) > 1:
        raise StepNotFoundError(f"{wanted!r} is the start of {len(found)} steps: {ids}")
    return found[0]


def _sent(items: list[dict[str, Any]]) -> Iterator[StepRow]:
    names = PlannedStep.__dataclass_fields__
    for item in items:
        planned = PlannedStep(**{name: item[name] for name in names})
        yield StepRow(item["id"], planned.kind, item["function"], item["input"], planned)


def _proposals(commits: Sequence[Commit]) -> dict[str, list[Drop]]:
    """Return, by node, the proposals that led to a node that another one opened."""
    late = ("visited", "queued", "better_way")
    found: dict[str, list[Drop]] = {}
    for commit in commits:
        for drop in commit.drops:
            if drop.reason in late:
                found.setdefault(drop.subject, []).append(drop)
    return found

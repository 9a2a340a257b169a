"""A run as its events tell it: what was asked, each step with its attempts, each dropped proposal.

``events.py`` lists the kinds of events. Large values (inputs, outputs, logs) are named by their
hash and stay in the store until asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from docsearch_cli.config import DEFAULT_AGENT
from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.catalog import RUN_ID
from docsearch_cli.runs.events import (
    AskedFacts,
    CommitFacts,
    Ended,
    Fingerprints,
    FixedEnded,
    FixedPlanned,
    KeptFacts,
    Origin,
    RepliedFacts,
    RunFinished,
    RunStarted,
    RunStatus,
    StepEnded,
    StepSent,
    drop_from_dict,
)
from docsearch_cli.runs.step_row import AttemptRow, ExchangeRow, StepRow
from docsearch_cli.runs.store import Event, RunStore
from docsearch_cli.steps import Amount, Drop, DropReason, PlannedStep, StepStatus, StopReason

# Reasons to drop a proposal because its node was reached another way.
_LATE: tuple[DropReason, ...] = ("visited", "queued", "better_way")
_STOP_REASONS = get_args(StopReason)
# Steps that every search has, or may have, after its exploration.
_LAST = ("aggregate", "write")


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit did, by dispatch numbers."""

    number: int | None
    """The step that was committed; None where a run began or went on."""
    drops: tuple[Drop, ...]
    sent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that a record says of a run, except large values."""

    facts: RunStarted
    """What was known when it began."""
    ending: RunFinished
    """How it last ended; empty if it never did."""
    fixed: tuple[StepRow, ...]
    steps: tuple[StepRow, ...]
    """Those that opened a node, by dispatch number."""
    commits: tuple[Commit, ...]
    kept: tuple[int, ...]
    resumed: tuple[Fingerprints, ...]
    """The fingerprints of each process that continued it."""
    events: int

    @property
    def run_id(self) -> str:
        """The run's id."""
        return str(self.facts["run_id"])

    @property
    def status(self) -> RunStatus | Literal["running"]:
        """How it ended; ``running`` also for a run that was killed."""
        return self.ending.get("status", "running")

    @property
    def latest(self) -> Fingerprints:
        """The fingerprints of the last process that wrote it."""
        return self.resumed[-1] if self.resumed else self.facts

    @property
    def committed(self) -> set[int]:
        """The dispatch numbers of the steps that were committed."""
        return {commit.number for commit in self.commits if commit.number is not None}

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

    @property
    def sent_after(self) -> dict[int, int]:
        """For each step, by dispatch number, the last step that was committed when it was sent."""
        found: dict[int, int] = {}
        committed = 0
        for commit in self.commits:
            committed = commit.number or committed
            found.update(dict.fromkeys(commit.sent, committed))
        return found

    @property
    def requests(self) -> int:
        """How many requests to a model were written down."""
        return sum(len(row.exchanges) for row in (*self.steps, *self.fixed))

    def step(self, number: int) -> StepRow:
        """Return the step with this dispatch number."""
        return self.steps[number - 1]

    def last_fixed(self, kind: str) -> StepRow | None:
        """Return the last step of a kind that every search has, if it ended well."""
        found = [row for row in self.fixed if row.kind == kind and row.output is not None]
        return found[-1] if found else None

    def all_steps(self) -> list[StepRow]:
        """Return every step in the order of a run: before, during and after the exploration."""
        before = [row for row in self.fixed if row.kind not in _LAST]
        after = [row for row in self.fixed if row.kind in _LAST]
        return [*before, *self.steps, *after]


@dataclass(slots=True)
class _Reader:
    facts: RunStarted | None = None
    ending: RunFinished = field(default_factory=lambda: RunFinished())
    rows: dict[str, StepRow] = field(default_factory=dict)
    exchanges: dict[int, tuple[str, ExchangeRow]] = field(default_factory=dict)
    planned_last: str = ""
    numbers: dict[int, str] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    resumed: list[Fingerprints] = field(default_factory=list)

    def take(self, event: Event) -> None:
        if (event.kind == "run_started") != (event.seq == 1):
            raise RunCorruptError(f"event {event.seq} of the run does not begin it")
        data: Any = event.data  # what it must hold is said where it is read
        if event.kind == "run_started":
            self._begin(data)
        elif event.kind == "fixed_planned":
            self._plan_fixed(data)
        elif event.kind == "fixed_ended":
            self._end_fixed(data)
        elif event.kind == "commit":
            self._commit(data)
        elif event.kind == "kept":
            self._keep(data)
        elif event.kind == "asked":
            self._ask(data)
        elif event.kind == "replied":
            self._reply(data)
        elif event.kind == "run_resumed":
            self._resume(data)
        elif event.kind == "run_finished":
            self._finish(data)
        else:
            raise RunCorruptError(f"event {event.seq} of the run is of an unknown kind")

    def _begin(self, data: RunStarted) -> None:
        self.facts = data
        if not RUN_ID.fullmatch(data["run_id"]):
            raise RunCorruptError(f"{data['run_id']!r} is not a run id")

    def _plan_fixed(self, data: FixedPlanned) -> None:
        before = self.rows.get(data["id"])
        self._plan(StepRow(data["id"], data["kind"], data["function"], data["input"]))
        self.planned_last = data["id"]
        for item in before.exchanges if before is not None else ():  # what was asked stays paid for
            self._put_exchange(data["id"], replace(item, is_before=True))

    def _commit(self, data: CommitFacts) -> None:
        if data["ended"] is not None:
            self._end_step(data["ended"])
        drops = tuple(drop_from_dict(drop) for drop in data["drops"])
        sent = tuple(self._plan(row) for row in _sent(data["sent"]))
        self.commits.append(Commit(data["number"], drops, sent))

    def _keep(self, data: KeptFacts) -> None:
        self.kept.extend(self._end_step(end).number or 0 for end in data["ended"])

    def _ask(self, data: AskedFacts) -> None:
        row = self.rows[self.numbers[data["step"]] if data["step"] else self.planned_last]
        if data["number"] != len(self.exchanges) + 1 or row.has_ended:
            raise RunCorruptError(f"request {data['number']} of the run was made out of order")
        reserved = Amount(**data["reserved"])
        self._put_exchange(
            row.id,
            ExchangeRow(
                number=data["number"],
                attempt=data["attempt"],
                input=data["input"],
                origin=data["origin"],
                reserved=reserved,
                charged=reserved,
            ),
        )

    def _reply(self, data: RepliedFacts) -> None:
        name, asked = self.exchanges[data["number"]]
        is_answered = asked.charged != asked.reserved or asked.output is not None or asked.error
        if is_answered or self.rows[name].has_ended:
            raise RunCorruptError(f"request {data['number']} was answered twice, or too late")
        charged = Amount(**data["charged"])
        self._put_exchange(
            name, replace(asked, output=data["output"], error=data["error"], charged=charged)
        )

    def _put_exchange(self, name: str, exchange: ExchangeRow) -> None:
        self.exchanges[exchange.number] = name, exchange
        others = [item for item in self.rows[name].exchanges if item.number != exchange.number]
        exchanges = tuple(sorted([*others, exchange], key=lambda item: item.number))
        self.rows[name] = replace(self.rows[name], exchanges=exchanges)

    def _resume(self, data: Fingerprints) -> None:
        for name, exchange in list(self.exchanges.values()):
            if not self.rows[name].has_ended:
                self._put_exchange(name, replace(exchange, is_before=True))
        if self.ending.get("status") == "complete":
            raise RunCorruptError("the run was continued after its end")
        self.resumed.append(data)
        self.ending = RunFinished()

    def _finish(self, data: RunFinished) -> None:
        if self.ending or data["status"] not in get_args(RunStatus):
            raise RunCorruptError("the run ended twice, or in an unknown way")
        if "stop_reason" in data and data["stop_reason"] not in _STOP_REASONS:
            raise RunCorruptError("the run stopped for an unknown reason")
        self.ending = data

    def _plan(self, row: StepRow) -> int:
        if row.planned is None:
            self.rows.pop(row.id, None)  # one that came out the same again counts where it did last
        number = row.number or 0
        if row.id in self.rows or (number and number != len(self.numbers) + 1):
            raise RunCorruptError(f"step {row.id} of the run was planned twice or out of order")
        self.rows[row.id] = row
        if number:
            self.numbers[number] = row.id
        return number

    def _end(self, data: Ended) -> StepRow:
        row = self.rows.get(data["id"])
        if row is None or (row.has_ended and row.planned is not None):
            raise RunCorruptError(f"step {data['id']} of the run ended twice or was never planned")
        if data["status"] not in get_args(StepStatus):
            raise RunCorruptError(f"step {row.id} of the run has an unknown status")
        if data["origin"] not in get_args(Origin):
            raise RunCorruptError(f"step {row.id} of the run has an unknown origin")
        if (data["output"] is not None) != (data["status"] in ("ok", "degraded")):
            raise RunCorruptError(f"step {row.id} of the run has no output that fits its status")
        self.rows[row.id] = replace(
            row,
            status=data["status"],
            output=data["output"],
            origin=data["origin"],
            elapsed_ms=data["elapsed_ms"],
        )
        return self.rows[row.id]

    def _end_fixed(self, data: FixedEnded) -> None:
        row = self._end(data)
        self.rows[row.id] = replace(row, started_ms=data.get("started_ms"))

    def _end_step(self, data: StepEnded) -> StepRow:
        attempts = tuple(AttemptRow.from_dict(attempt) for attempt in data["attempts"])
        started_ms = next(
            (item.started_ms for item in attempts if item.started_ms is not None), None
        )
        row = replace(
            self._end(data), error=data["error"], attempts=attempts, started_ms=started_ms
        )
        self.rows[row.id] = row
        return row


def read_trace(store: RunStore) -> Trace:
    """Return a run as its events tell it.

    Args:
        store: The run's record.

    Returns:
        The trace.

    Raises:
        RunCorruptError: If the events are not what was recorded, or make no sense.
    """
    return trace_of(store.events())


def trace_of(events: Sequence[Event]) -> Trace:
    """Return a run, or the beginning of one, as its events tell it.

    Args:
        events: All, or the first of them.

    Returns:
        The trace.

    Raises:
        RunCorruptError: If they contradict each other or miss something.
    """
    reader = _Reader()
    try:
        for event in events:
            reader.take(event)
        assert reader.facts is not None  # the first event holds them, or is refused
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


def _sent(items: list[StepSent]) -> Iterator[StepRow]:
    for item in items:
        planned = PlannedStep(
            number=item["number"],
            kind=item["kind"],
            subject=item["subject"],
            depth=item["depth"],
            priority=item["priority"],
            parent=item["parent"],
            item=item["item"],
            edge=item["edge"],
        )
        row = StepRow(item["id"], planned.kind, item["function"], item["input"], planned)
        yield replace(row, grant=Amount(**item["grant"])) if "grant" in item else row


def _proposals(commits: Sequence[Commit]) -> dict[str, list[Drop]]:
    """Return, by node, the proposals that another way to it was preferred to."""
    found: dict[str, list[Drop]] = {}
    for commit in commits:
        for drop in commit.drops:
            if drop.reason in _LATE:
                found.setdefault(drop.subject, []).append(drop)
    return found

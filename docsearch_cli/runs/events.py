"""What stands in a run's record: a typed dictionary for each kind of event, as the file holds it.

    run_started   what was asked, the limits, the fingerprints
    fixed_planned, fixed_ended      a step that every search has: intent, plan, aggregate
    commit        one step's end with all that follows from it: drops, steps sent
    kept          ends of steps that a run was stopped before it could commit
    asked         a step is about to send a request to a language model
    replied       what came of it; nothing if the run was killed meanwhile
    run_resumed   a later process continued the run
    run_finished  how it ended

The recorder writes these and the trace reads them; neither knows the file's shape from elsewhere.
Large values (inputs, outputs, logs) are named by the hash of their blob. A change here that an
earlier docsearch cannot read raises ``SCHEMA_VERSION`` (docs/formats-policy.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NotRequired, TypedDict, get_args

from docsearch_cli.engine.exchanges import ExchangeOrigin
from docsearch_cli.engine.protocol import OutcomeStatus
from docsearch_cli.steps import Amount, Drop, DropReason, StepStatus, StopReason

EventKind = Literal[
    "run_started",
    "fixed_planned",
    "fixed_ended",
    "commit",
    "kept",
    "asked",
    "replied",
    "run_resumed",
    "run_finished",
]
Origin = Literal["ran", "cache", "fork"]
RunStatus = Literal["complete", "partial"]


class Fingerprints(TypedDict):
    """Which program, on which index, wrote a part of a record."""

    created_at: str
    argv: list[str]
    version: str
    source: str
    step_source: NotRequired[str]
    """Hash of the code that decides what a step gives; the oldest records lack it."""
    index: str
    engine: str


class RootFacts(TypedDict):
    """A folder that was indexed."""

    name: str
    path: str


class PriceFacts(TypedDict):
    """What a model costs, in millionths of a dollar for a million tokens."""

    input: int
    output: int


class ModelFacts(TypedDict):
    """A language model that may be asked."""

    name: str
    price: PriceFacts | None
    """None where it is not known."""


class AmountFacts(TypedDict):
    """What requests to a model come to."""

    requests: int
    tokens: int
    micro_usd: int


class ChangeFacts(TypedDict):
    """Limits that a fork changed, and the step from whose commit on they hold."""

    at: int
    limits: dict[str, int]
    model: NotRequired[ModelFacts]
    """The model that is asked from there on, if that changed too."""


class ForkFacts(TypedDict):
    """Which run this one is a fork of, and what differs."""

    run: str
    changes: list[ChangeFacts]


class ConditionFacts(TypedDict):
    """Something that pages had to have."""

    kind: str
    value: str
    excludes: bool


class FilterFacts(TypedDict):
    """What pages had to have, and how many documents that left."""

    conditions: list[ConditionFacts]
    pages: int
    holding: int
    of: int


class SynonymFacts(TypedDict):
    """Other words that words of the question were searched as."""

    words: str
    other: str
    origin: str


class ModelOfRun(TypedDict):
    """The language model of a run that asks one."""

    model: NotRequired[ModelFacts]


class DecidingFacts(TypedDict):
    """What decides what a run gives, apart from the index, the code and a model's name."""

    question: str
    filter: NotRequired[FilterFacts | None]
    """What pages had to have; None where any might be opened. Older records lack it."""
    synonyms: NotRequired[list[SynonymFacts]]
    """Older records lack it."""
    mode: str
    agent: NotRequired[str]
    """There was one only when the oldest runs were recorded."""
    starts: list[str]
    limits: dict[str, int]
    answer: NotRequired[Literal["llm"]]
    """Who writes the answer, if not its quotes are it."""


class RunFacts(Fingerprints, ModelOfRun, DecidingFacts):
    """What is known of a run before it starts."""

    requested: dict[str, int]
    clamps: list[str]
    roots: list[RootFacts]
    fork: ForkFacts | None


class RunStarted(RunFacts):
    """The first event."""

    run_id: str


class FixedPlanned(TypedDict):
    """A step that every search has is about to run."""

    id: str
    kind: str
    function: str
    input: str


class Ended(TypedDict):
    """What every step's end says."""

    id: str
    status: StepStatus
    output: str | None
    origin: Origin
    elapsed_ms: float


class FixedEnded(Ended):
    """A step that every search has ended."""

    started_ms: NotRequired[float]
    """Since the run began; records of versions 2 and 3 lack it."""


class AttemptFacts(TypedDict):
    """One attempt of a step."""

    number: int
    status: OutcomeStatus
    function: str
    elapsed_ms: float
    worker: int
    error: str
    detail: str
    log: str
    started_ms: NotRequired[float]
    """Since the run began; versions 2 and 3 lack it, and attempts at which nothing ran."""


class StepEnded(Ended):
    """A step that opened a node ended."""

    error: str
    attempts: list[AttemptFacts]


class StepSent(TypedDict):
    """A step that opens a node was sent."""

    id: str
    function: str
    input: str
    number: int
    kind: str
    subject: str
    depth: int
    priority: float
    parent: int | None
    item: int | None
    edge: str
    grant: NotRequired[AmountFacts]
    """The most that it may ask of a model, in a run that asks one."""


class DropFacts(TypedDict):
    """A proposal that was not taken."""

    parent: int | None
    item: int
    subject: str
    reason: DropReason
    priority: float


class CommitFacts(TypedDict):
    """One step's end with all that follows from it."""

    number: int | None
    """None where a run began or was continued."""
    ended: StepEnded | None
    """None where the end is in the record already."""
    drops: list[DropFacts]
    sent: list[StepSent]


class KeptFacts(TypedDict):
    """Steps that ended too late to be committed."""

    ended: list[StepEnded]


class AskedFacts(TypedDict):
    """A request to a model, written down before it is sent."""

    number: int
    """Among all of the run, from 1."""
    step: int
    """Its dispatch number; 0 for the one that writes the answer."""
    attempt: int
    input: str
    origin: ExchangeOrigin
    reserved: AmountFacts


class RepliedFacts(TypedDict):
    """What came of a request."""

    number: int
    output: str | None
    """None if no reply came."""
    error: str
    charged: AmountFacts


class CertificateFacts(TypedDict):
    """One limit, and what was used of it."""

    name: str
    used: float
    cap: float


class EndingFacts(TypedDict, total=False):
    """What a run gave and cost; nothing of it is there if the run never ended."""

    stop_reason: StopReason
    budget: dict[str, int]
    mode_reason: str
    documents: list[dict[str, Any]]
    seconds: float
    certificate: list[CertificateFacts]
    dag: str
    answer: str


class RunFinished(EndingFacts, total=False):
    """The last event of a run that was not killed."""

    status: RunStatus


EventData = (
    RunStarted
    | Fingerprints
    | FixedPlanned
    | FixedEnded
    | CommitFacts
    | KeptFacts
    | AskedFacts
    | RepliedFacts
    | RunFinished
)


def amount_to_dict(amount: Amount) -> AmountFacts:
    """Return an amount as a record holds it."""
    return {
        "requests": amount.requests,
        "tokens": amount.tokens,
        "micro_usd": amount.micro_usd,
    }


def drop_to_dict(drop: Drop) -> DropFacts:
    """Return a dropped proposal as a record holds it."""
    return {
        "parent": drop.parent,
        "item": drop.item,
        "subject": drop.subject,
        "reason": drop.reason,
        "priority": drop.priority,
    }


def drop_from_dict(facts: DropFacts) -> Drop:
    """Return the dropped proposal that ``drop_to_dict`` wrote.

    Args:
        facts: As the record holds it.

    Returns:
        The drop.

    Raises:
        ValueError: If the reason is none that this version knows; also KeyError and TypeError.
    """
    if facts["reason"] not in get_args(DropReason):
        raise ValueError(f"{facts['reason']!r} is no reason to drop a proposal")
    return Drop(**facts)


def blobs_named(data: Any) -> Iterator[str]:
    """Yield the names of the blobs that an event names.

    Args:
        data: The event's data, or a part of it.

    Yields:
        What stands in the fields that name one.
    """
    if isinstance(data, list):
        for item in data:
            yield from blobs_named(item)
    elif isinstance(data, dict):
        for name, value in data.items():
            if name in ("input", "output", "detail", "log") and isinstance(value, str):
                yield from [value] * bool(value)
            else:
                yield from blobs_named(value)

"""The words between a plan and the engine that carries it out.

A *plan* is pure: it is told what happened (events) and says what to do next (instructions). The
*engine* executes instructions and reports events; it knows no search words. Event and instruction
types are all that the two share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Literal, Protocol, TypeVar

ValueT = TypeVar("ValueT")

# A language model's token is about so many characters.
TOKEN_CHARS = 4

PlanStopReason = Literal["answered", "look", "no_gain", "budget", "depth", "frontier_empty"]
HaltReason = Literal["deadline", "cancelled", "failures"]
StopReason = Literal[PlanStopReason, HaltReason]
DropReason = Literal[
    "visited",
    "queued",
    "better_way",
    "depth",
    "fan_out",
    "proposals",
    "not_a_neighbour",
    "frontier_full",
    "seeds",
]
StepStatus = Literal["running", "ok", "degraded", "failed", "poison", "timeout"]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One unit of work that a plan asks for."""

    number: int
    """Dispatch number, from 1: steps are committed in this order."""
    kind: str
    subject: str
    """What it works on: the id of a node."""
    depth: int
    priority: float
    """Why it came before others; higher is better."""
    parent: int | None
    """Dispatch number of the step whose output asked for it; None for a seed."""
    item: int | None
    """Which item of that output; for a seed, of the search plan."""
    edge: str
    """What led here, in a word."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What requests to a model come to; whole numbers, so that sums are exact."""

    requests: int = 0
    tokens: int = 0
    """In and out, as the provider counts them."""
    micro_usd: int = 0
    """Millionths of a dollar; 0 where the model's price is not known."""

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.requests + other.requests,
            self.tokens + other.tokens,
            self.micro_usd + other.micro_usd,
        )

    def __sub__(self, other: Amount) -> Amount:
        return self + other * -1

    def __mul__(self, times: int) -> Amount:
        return Amount(self.requests * times, self.tokens * times, self.micro_usd * times)

    def fits(self, other: Amount) -> bool:
        """Tell whether it is no more than another one, in any respect."""
        return (
            self.requests <= other.requests
            and self.tokens <= other.tokens
            and self.micro_usd <= other.micro_usd
        )


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Run this step."""

    step: PlannedStep
    grant: Amount = NOTHING
    """The most that it may ask of a model, over all its attempts."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Record that a proposal was not taken, and why."""

    parent: int | None
    item: int
    subject: str
    reason: DropReason
    priority: float


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing more is to be done."""

    reason: PlanStopReason


Instruction = Dispatch | Drop | Finish


@dataclass(frozen=True, slots=True)
class StepSucceeded(Generic[ValueT]):
    """A step ended with a value; delivered in the order of dispatch."""

    number: int
    value: ValueT
    spent: Amount = NOTHING
    """What it asked of a model, all attempts included."""


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step ended without a value, all attempts included."""

    number: int
    reason: str
    spent: Amount = NOTHING
    """What it asked of a model, all attempts included."""


class TransientStepError(Exception):
    """Raised by a step function whose next attempt may succeed: a busy server, a lost connection.

    The engine runs the step again after a wait, up to the run's attempts. It lives here, below
    both, so that an agent that waits on a network may raise it without knowing an engine.
    """


class StepDeclinedError(Exception):
    """Raised where a step's own function cannot go on, and trying it again would not help."""


class BudgetSpentError(StepDeclinedError):
    """What is left of a step's grant does not allow another request to a model."""


class Plan(Protocol[ValueT]):
    """What decides which step runs next."""

    def start(self) -> list[Instruction]:
        """Return the first instructions."""

    def handle(self, event: StepSucceeded[ValueT] | StepFailed) -> list[Instruction]:
        """Take one event and return what to do next."""


def step_id(number: int | None, kind: str, payload_hash: str) -> str:
    """Return a step's id: its dispatch number (if it has one), its kind, its content.

    Ids never depend on the order in which steps happen to end.
    """
    content = hashlib.sha256(f"{kind}\0{payload_hash}".encode()).hexdigest()[:6]
    return f"{kind}-{content}" if number is None else f"{number}-{kind}-{content}"


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a language model would count."""
    return -(-len(text) // TOKEN_CHARS)


# What is plain data already, and has nothing in it.
_ATOMS = frozenset((str, int, float, bool, type(None)))


def plain_data(value: Any) -> Any:
    """Return a frozen dataclass as plain data.

    As ``dataclasses.asdict``, which takes several times as long: it copies what is never changed.

    Args:
        value: A dataclass of dataclasses, tuples, lists, dictionaries and plain values.

    Returns:
        A dictionary of its fields, and so on below.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is tuple or kind is list:
        return kind(item if type(item) in _ATOMS else plain_data(item) for item in value)
    if kind is dict:
        return {name: plain_data(item) for name, item in value.items()}
    return {name: plain_data(getattr(value, name)) for name in kind.__dataclass_fields__}


def canonical_json(value: Any) -> bytes:
    """Return the one JSON spelling of a value: sorted keys, no spaces, UTF-8."""
    return _encoder()(value).encode("utf-8", "replace")


@cache
def _encoder() -> Callable[[Any], str]:
    """Return what spells values, made once: ``json.dumps`` would make one for each value."""
    import json

    return json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

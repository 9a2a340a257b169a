"""One step as its record has it, with its attempts; and finding one by number, kind or id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docsearch_cli.engine.exchanges import ExchangeOrigin, is_from_cache
from docsearch_cli.engine.protocol import OutcomeStatus
from docsearch_cli.errors import StepNotFoundError
from docsearch_cli.runs.events import AttemptFacts, Origin
from docsearch_cli.steps import NOTHING, Amount, Drop, PlannedStep, StepStatus
from docsearch_cli.whole_numbers import brief


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt of a step."""

    number: int
    status: OutcomeStatus
    function: str
    elapsed_ms: float
    worker: int
    error: str
    detail: str
    """Blob of the traceback or of the stacks where it hung; empty if there is none."""
    log: str
    """Blob of what the attempt wrote; empty if it wrote nothing."""
    started_ms: float | None = None
    """Since the run began, by the clock of the process that recorded it; None where unknown."""

    @classmethod
    def from_dict(cls, facts: AttemptFacts) -> AttemptRow:
        """Return the attempt that a record holds."""
        return cls(**facts)


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """One request of a step to a language model."""

    number: int
    """Among all of the run, from 1."""
    attempt: int
    """Of those that the process made which sent it."""
    input: str
    """Blob of the request."""
    origin: ExchangeOrigin
    reserved: Amount
    charged: Amount
    """All that was reserved where nothing is known to have come of it."""
    output: str | None = None
    """Blob of the reply; None if none came."""
    error: str = ""
    is_before: bool = False
    """Whether another process sent it, that was killed before the step ended."""


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
    started_ms: float | None = None
    """When it first began, since the run did; None where unknown."""
    error: str = ""
    attempts: tuple[AttemptRow, ...] = ()
    proposed_by: tuple[Drop, ...] = ()
    """Proposals of the same node that came too late or were not the best."""
    grant: Amount = NOTHING
    """The most that it may ask of a model."""
    exchanges: tuple[ExchangeRow, ...] = ()
    """What it asked, in order."""

    @property
    def spent(self) -> Amount:
        """What it asked of a model, all attempts included."""
        return sum((item.charged for item in self.exchanges), NOTHING)

    @property
    def is_cached(self) -> bool:
        """True if nothing was computed or asked for it: its output was known, or each reply was."""
        return self.origin != "ran" or is_from_cache(self.exchanges)

    @property
    def last_exchanges(self) -> tuple[ExchangeRow, ...]:
        """What the last attempt of its own function asked: with it, the step can be run again."""
        own = [item.number for item in self.attempts if item.function == self.function]
        last = max(own or [item.attempt for item in self.exchanges], default=1)
        return tuple(item for item in self.exchanges if item.attempt == last and not item.is_before)

    @property
    def number(self) -> int | None:
        """Its dispatch number; None for a step that every search has."""
        return self.planned.number if self.planned is not None else None

    @property
    def subject(self) -> str:
        """The node that it opens; empty for a step that every search has."""
        return self.planned.subject if self.planned is not None else ""

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
        raise StepNotFoundError(
            f"there is no step {brief(wanted)}", hint=f"steps of this run: {ids}"
        )
    if len(found) > 1:
        raise StepNotFoundError(f"{brief(wanted)} is the start of {len(found)} steps: {ids}")
    return found[0]

"""What the coordinator knows of a step: its input, each attempt, and how it ended.

A *step* has one record for the whole run. An *attempt* is one execution of it; a step that crashed
and was run again has two. The record is filled in by the coordinator, or by a recall where an
earlier run has the result already, and written down by a ``Recorder``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from docsearch_cli.engine.exchanges import Exchange, is_from_cache, total_of
from docsearch_cli.engine.protocol import OutcomeStatus, StepOutcome
from docsearch_cli.steps import NOTHING, Amount, Drop, PlannedStep, StepStatus

# Any other failure is just ``failed``.
_STATUS_AFTER: dict[str, StepStatus] = {"crash": "poison", "timeout": "timeout"}


def status_after(last: str) -> StepStatus:
    """Return what a step without an output is called whose last attempt ended in this way."""
    return _STATUS_AFTER.get(last, "failed")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution of a step."""

    number: int
    """From 1, in the order in which they ended."""
    status: OutcomeStatus
    elapsed_ms: float
    worker: int
    """Process id."""
    error: str = ""
    detail: str = ""
    log: bytes = b""
    function: str = ""
    """The registered name that was called: the step's own function or its fallback."""
    started_s: float | None = None
    """When it began (monotonic seconds of this process); None if nothing ran here for it."""


@dataclass(slots=True)
class StepRecord:
    """A step that was sent, and what has become of it."""

    step: PlannedStep
    id: str
    function: str
    payload: bytes
    attempts: list[Attempt] = field(default_factory=list)
    output: bytes | None = None
    origin: Literal["ran", "cache", "fork"] = "ran"
    """Where the output comes from; a fork shares that of the run it was forked from."""
    status: StepStatus = "running"
    error: str = ""
    fallback: str = ""
    """The function that stands in now; empty as long as it is the step's own."""
    key: str = ""
    """Under which the result is cached; empty without a cache."""
    grant: Amount = NOTHING
    """The most that it may ask of a model."""
    exchanges: list[Exchange] = field(default_factory=list)
    """What it has asked, over all attempts and processes."""
    submitted_s: float = 0.0
    """When the last execution was asked for (monotonic seconds of this process)."""

    @property
    def has_ended(self) -> bool:
        """True if there is nothing left to run."""
        return self.status != "running"

    @property
    def elapsed_ms(self) -> float:
        """Time that all attempts took together."""
        return sum(attempt.elapsed_ms for attempt in self.attempts)

    @property
    def spent(self) -> Amount:
        """What it has asked of a model, as far as that is known."""
        return total_of(self.exchanges)

    @property
    def is_cached(self) -> bool:
        """True if nothing was computed or asked for it: its output was known, or each reply was."""
        return self.origin != "ran" or is_from_cache(self.exchanges)

    @property
    def current_function(self) -> str:
        """The function that the next attempt calls."""
        return self.fallback or self.function

    def note_submission(self) -> None:
        """Note that an execution is asked for now."""
        self.submitted_s = time.monotonic()

    def add_attempt(self, outcome: StepOutcome) -> None:
        """Note how an execution ended.

        When it began is told by the clock of this process, whatever machine ran it: it has ended
        by now, and it did not begin before it was asked for, but may have waited for its worker.
        """
        error = outcome.error
        started_s = max(self.submitted_s, time.monotonic() - outcome.elapsed_ms / 1000)
        self.exchanges.extend(outcome.exchanges)
        self.attempts.append(
            Attempt(
                number=len(self.attempts) + 1,
                status=outcome.status,
                elapsed_ms=outcome.elapsed_ms,
                worker=outcome.worker,
                error=f"{error.kind}: {error.message}" if error else "",
                detail=error.detail if error else "",
                log=outcome.log,
                function=self.current_function,
                started_s=started_s,
            )
        )

    def own_attempts(self, status: OutcomeStatus | None = None) -> int:
        """Return how many attempts called the step's own function, not its fallback.

        Args:
            status: Count only those that ended in this way.

        Returns:
            The number.
        """
        return sum(
            attempt.function == self.function and status in (None, attempt.status)
            for attempt in self.attempts
        )

    def succeed(self, output: bytes) -> None:
        """Note the output, of the step's own function or of its fallback."""
        self.output = output
        self.status = "degraded" if self.fallback else "ok"

    def reject(self, reason: str) -> None:
        """Note that the output is not valid, as one more attempt that failed."""
        self.attempts.append(Attempt(len(self.attempts) + 1, "error", 0, 0, reason))
        self.fail(reason)

    def fail(self, error: str) -> None:
        """Note that there is no output, and how the last attempt ended."""
        last = self.attempts[-1].status if self.attempts else "error"
        self.output, self.error = None, error
        self.status = status_after(last)

    def forget_output(self) -> None:
        """Drop an output that came from the cache: the step runs after all."""
        self.origin, self.output, self.status = "ran", None, "running"

    def release(self) -> None:
        """Let go of input and output: the recorder has them."""
        self.payload, self.output, self.exchanges = b"", None, []


class Recorder(Protocol):
    """Where the coordinator writes what happens."""

    def commit(
        self, ended: StepRecord | None, drops: Sequence[Drop], sent: Sequence[StepRecord]
    ) -> None:
        """Record one commit and all that follows from it, as one transaction."""

    def keep(self, ended: Sequence[StepRecord]) -> None:
        """Record steps that ended but that a run which was stopped did not come to commit."""

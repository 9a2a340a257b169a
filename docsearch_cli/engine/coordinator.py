"""The coordinator: carries out a plan's instructions and tells it what happened.

    plan --Dispatch--> prepare input --> record --> cache? --hit--------------------+
      ^                                              `-miss--> engine --> retry? ---+
      |                                                                             v
      +--- event <--- commit, strictly in the order of dispatch <--- results by number

Results come back in any order and are committed in the order of dispatch, so the plan sees the
same events for any number of workers. Each commit, with all that follows from it (dropped
proposals, new steps and their inputs), is one transaction of the record.
"""

from __future__ import annotations

import hashlib
import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from docsearch_cli.engine.cache import StepCache, step_key
from docsearch_cli.engine.protocol import Engine, StepCall, StepOutcome
from docsearch_cli.engine.retry import next_try
from docsearch_cli.steps import (
    Dispatch,
    Drop,
    Finish,
    Halted,
    HaltReason,
    Instruction,
    Plan,
    PlannedStep,
    StepFailed,
    StepSucceeded,
    step_id,
)

ValueT = TypeVar("ValueT")

# Longest wait for a result before the clock and the stop signal are looked at again.
_POLL_S = 0.1
# After a stop was asked for, steps that are running get this long to end.
DRAIN_S = 2.0
# A run in which this share of the steps failed, and at least so many, is stopped.
_FAILED_SHARE = 0.25
_FAILED_LEAST = 4


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What the engine enforces, whatever the plan says."""

    attempts: int
    step_timeout_s: float
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a step."""

    number: int
    status: str
    elapsed_ms: float
    worker: int
    error: str = ""
    detail: str = ""
    log: bytes = b""


@dataclass(slots=True)
class StepRecord:
    """A step that was sent, and what has become of it."""

    step: PlannedStep
    id: str
    function: str
    payload: bytes
    attempts: list[Attempt] = field(default_factory=list)
    output: bytes | None = None
    cached: bool = False
    error: str = ""

    @property
    def status(self) -> str:
        """``ok``, or how the last try failed."""
        if self.output is not None:
            return "ok"
        if not self.attempts:
            return "skipped"
        last = self.attempts[-1].status
        return {"crash": "poison", "error": "failed", "transient": "failed"}.get(last, last)

    @property
    def elapsed_ms(self) -> float:
        """Time the tries took."""
        return sum(attempt.elapsed_ms for attempt in self.attempts)


class Recorder(Protocol):
    """Where the coordinator writes what happens."""

    def commit(
        self, ended: StepRecord | None, drops: Sequence[Drop], sent: Sequence[StepRecord]
    ) -> None:
        """Record one commit and all that follows from it, as one transaction."""


class Coordinator(Generic[ValueT]):
    """Runs one plan to its end.

    Args:
        plan: What decides.
        engine: What runs; it must have been started.
        limits: What bounds each step and the run.
        recorder: What writes it down.
        cache: Results of earlier runs.
        function: Registered name of the function that every step of the plan calls.
        source: Fingerprint of the code, part of the cache's key.
        index_digest: Tag of what is put into the cache.
        prepare: Returns a step's input. Called once a step, when it is sent.
        interpret: Turns a step's input and output into the plan's value.
        stop: Asked between events whether to end the run, and why.
        observe: Told of each step that was committed.
    """

    def __init__(
        self,
        plan: Plan[ValueT],
        engine: Engine,
        limits: EngineLimits,
        recorder: Recorder,
        cache: StepCache | None,
        *,
        function: str,
        source: str,
        index_digest: str,
        prepare: Callable[[PlannedStep], bytes],
        interpret: Callable[[PlannedStep, bytes, bytes], ValueT],
        stop: Callable[[], HaltReason | None] = lambda: None,
        observe: Callable[[StepRecord], None] = lambda _: None,
    ) -> None:
        self._plan = plan
        self._engine = engine
        self._limits = limits
        self._recorder = recorder
        self._cache = cache
        self._function = function
        self._source = source
        self._index_digest = index_digest
        self._prepare = prepare
        self._interpret = interpret
        self._stop = stop
        self._observe = observe
        self.records: dict[int, StepRecord] = {}
        self._ended: dict[int, StepRecord] = {}
        self._waiting: list[tuple[int, int]] = []
        self._delayed: list[tuple[float, int]] = []
        self._factor: dict[int, int] = {}
        self._running: set[int] = set()
        self._committed = 0
        self._failed = 0
        self._finish: str | None = None
        self._drain_until: float | None = None
        self._halted: HaltReason = "cancelled"

    def run(self) -> str:
        """Carry the plan to its end.

        Returns:
            Why it ended: the plan's own reason, or ``deadline``, ``cancelled``, ``failures``.
        """
        deadline = time.monotonic() + self._limits.deadline_s
        self._carry_out(None, self._plan.start())
        while self._finish is None:
            self._check_stop(deadline)
            if self._is_drained():
                break  # steps still running stay without an end in the record, to be resumed
            self._submit()
            self._commit_ready()
            if self._finish is None and self._committed + 1 not in self._ended:
                for outcome in self._engine.poll(self._poll_time()):
                    self._take(outcome)
        return self._finish or self._halted

    def _poll_time(self) -> float:
        if not self._delayed:
            return _POLL_S
        return min(_POLL_S, max(0.0, self._delayed[0][0] - time.monotonic()))

    def _check_stop(self, deadline: float) -> None:
        if self._drain_until is not None:
            return
        reason = self._stop()
        if reason is None and time.monotonic() >= deadline:
            reason = "deadline"
        if reason is None and self._failed >= max(
            _FAILED_LEAST, _FAILED_SHARE * self._committed + 1
        ):
            reason = "failures"
        if reason is not None:
            self._halted = reason
            self._drain_until = time.monotonic() + DRAIN_S
            self._carry_out(None, self._plan.handle(Halted(reason)))

    def _is_drained(self) -> bool:
        """Tell whether an ending run has nothing more to wait for."""
        if self._drain_until is None or self._committed + 1 in self._ended:
            return False
        return not self._running or time.monotonic() >= self._drain_until

    def _submit(self) -> None:
        """Give waiting steps to free slots, the lowest number first; none once it is ending."""
        if self._drain_until is not None:
            return
        now = time.monotonic()
        while self._delayed and self._delayed[0][0] <= now:
            _, number = heapq.heappop(self._delayed)
            heapq.heappush(self._waiting, (number, number))
        while self._waiting and self._engine.free_slots() > 0:
            number, _ = heapq.heappop(self._waiting)
            record = self.records[number]
            timeout_s = self._limits.step_timeout_s * self._factor.get(number, 1)
            self._engine.submit(StepCall(number, record.function, record.payload, timeout_s))
            self._running.add(number)

    def _take(self, outcome: StepOutcome) -> None:
        """Note how a try ended, and try again where that makes sense."""
        record = self.records[outcome.number]
        self._running.discard(outcome.number)
        error = outcome.error
        record.attempts.append(
            Attempt(
                number=len(record.attempts) + 1,
                status=outcome.status,
                elapsed_ms=outcome.elapsed_ms,
                worker=outcome.worker,
                error=f"{error.kind}: {error.message}" if error else "",
                detail=error.detail if error else "",
                log=outcome.log,
            )
        )
        if outcome.status == "ok":
            record.output = outcome.output
            self._ended[outcome.number] = record
            return
        alike = sum(attempt.status == outcome.status for attempt in record.attempts)
        retry = next_try(outcome, len(record.attempts), self._limits.attempts, alike=alike)
        if retry is None or self._drain_until is not None:
            record.error = record.attempts[-1].error
            self._ended[outcome.number] = record
            return
        self._factor[outcome.number] = retry.timeout_factor
        heapq.heappush(self._delayed, (time.monotonic() + retry.wait_s, outcome.number))

    def _commit_ready(self) -> None:
        """Commit every result whose turn it is."""
        while self._finish is None and self._committed + 1 in self._ended:
            record = self._ended.pop(self._committed + 1)
            event = self._event(record)
            if event is None:
                return
            self._committed += 1
            self._failed += isinstance(event, StepFailed)
            self._carry_out(record, self._plan.handle(event))

    def _event(self, record: StepRecord) -> StepSucceeded[ValueT] | StepFailed | None:
        """Return what to tell the plan; None if a cached result made no sense and is run anew."""
        number = record.step.number
        if record.output is None:
            return StepFailed(number, record.error)
        try:
            value = self._interpret(record.step, record.payload, record.output)
        except Exception as error:  # whatever an output can provoke, it is the step's failure
            record.output = None
            if record.cached:
                record.cached = False
                heapq.heappush(self._waiting, (number, number))
                return None
            record.error = f"the step's output is not valid: {error}"
            record.attempts.append(Attempt(len(record.attempts) + 1, "error", 0, 0, record.error))
            return StepFailed(number, record.error)
        if self._cache is not None and not record.cached:
            key = step_key(record.function, self._source, record.payload)
            self._cache.set(key, record.output, self._index_digest)
        return StepSucceeded(number, value)

    def _carry_out(self, ended: StepRecord | None, instructions: Sequence[Instruction]) -> None:
        """Record a commit with all that follows from it, then act on it."""
        drops = [item for item in instructions if isinstance(item, Drop)]
        sent = [self._send(item.step) for item in instructions if isinstance(item, Dispatch)]
        if ended is not None or drops or sent:
            self._recorder.commit(ended, drops, sent)
        if ended is not None:
            self._observe(ended)
        for record in sent:
            number = record.step.number
            if record.output is not None:
                self._ended[number] = record
            else:
                heapq.heappush(self._waiting, (number, number))
        for item in instructions:
            if isinstance(item, Finish):
                self._finish = item.reason

    def _send(self, step: PlannedStep) -> StepRecord:
        payload = self._prepare(step)
        record = StepRecord(
            step=step,
            id=step_id(step.number, step.kind, hashlib.sha256(payload).hexdigest()),
            function=self._function,
            payload=payload,
        )
        if self._cache is not None:
            record.output = self._cache.get(step_key(record.function, self._source, payload))
            record.cached = record.output is not None
        self.records[step.number] = record
        return record

"""The coordinator: carries out a plan's instructions and tells it what happened.

    plan --Dispatch--> prepare input --> record --> cache? --hit--------------------+
      ^                                              `-miss--> engine --> retry? ---+
      |                                                                             v
      +--- event <--- commit, strictly in the order of dispatch <--- results by number

Results come back in any order and are committed in the order of dispatch, so the plan sees the
same events for any number of workers. Each commit, with all that follows from it (dropped
proposals, new steps and their inputs), is one transaction of the record.

A resumed run and a fork take the same path: the plan starts at its beginning, and a step that has
ended before is recalled instead of sent.
"""

from __future__ import annotations

import hashlib
import heapq
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.engine.protocol import Engine, StepCall, StepOutcome
from docsearch_cli.engine.retry import choose_retry
from docsearch_cli.engine.step_cache import step_key
from docsearch_cli.engine.step_record import Recorder, StepRecord
from docsearch_cli.engine.step_work import StepInputError, StepWork
from docsearch_cli.steps import (
    Dispatch,
    Drop,
    Finish,
    HaltReason,
    Instruction,
    Plan,
    PlanStopReason,
    StepFailed,
    StepSucceeded,
    StopReason,
    step_id,
)

ValueT = TypeVar("ValueT")

# Longest wait for a result before the clock and the stop signal are checked again.
_POLL_S = 0.1
# After a stop was asked for, steps that are running get this long to end.
DRAIN_S = 2.0
# A run is stopped when more than this share of its steps failed, and at least so many.
_FAILED_SHARE = 0.25
_FAILED_LEAST = 4


def too_many_failed(failed: int, committed: int) -> bool:
    """Tell whether a run is stopped because so many of its committed steps failed."""
    return failed >= max(_FAILED_LEAST, _FAILED_SHARE * committed + 1)


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What the engine enforces, whatever the plan says."""

    attempts: int
    step_timeout_s: float
    deadline_s: float
    drain_s: float | None = None
    """After a stop was asked for, how long running steps get to end; ``DRAIN_S`` unless said."""


class Coordinator(Generic[ValueT]):
    """Runs one plan to its end.

    Args:
        plan: What decides.
        engine: What runs; it must have been started.
        limits: What bounds each step and the run.
        recorder: What writes it down.
        cache: Results of earlier runs; None for none.
        work: What the steps are.
    """

    def __init__(
        self,
        plan: Plan[ValueT],
        engine: Engine,
        limits: EngineLimits,
        recorder: Recorder,
        cache: ByteCache | None,
        work: StepWork[ValueT],
    ) -> None:
        self._plan = plan
        self._engine = engine
        self._limits = limits
        self._recorder = recorder
        self._cache = cache
        self._work = work
        self.records: dict[int, StepRecord] = {}
        self._ended: dict[int, StepRecord] = {}
        self._waiting: list[tuple[int, int]] = []
        self._delayed: list[tuple[float, int]] = []
        self._factor: dict[int, int] = {}
        self._running: set[int] = set()
        self._said_running: set[int] = set()
        self._committed = 0
        self._failed = 0
        self._finish: PlanStopReason | None = None
        self._halted: HaltReason | None = None

    def run(self) -> StopReason:
        """Carry the plan to its end.

        Returns:
            Why it ended: the plan's own reason, or ``deadline``, ``cancelled``, ``failures``.
        """
        deadline = time.monotonic() + self._limits.deadline_s
        self._carry_out(None, self._plan.start())
        while self._finish is None:
            self._halted = self._halt_reason(deadline)
            if self._halted is not None:
                self._drain()
                return self._halted
            self._commit_next()  # one at a time: a run of cached steps can be stopped too
            self._submit()  # what that commit sent is under way before anything is waited for
            self._tell_running()
            if self._finish is None and self._committed + 1 not in self._ended:
                for outcome in self._engine.poll(self._poll_time()):
                    self._take(outcome)
        return self._finish

    def _tell_running(self) -> None:
        if self._running != self._said_running:
            self._said_running = set(self._running)
            self._work.note_running([self.records[number].step for number in sorted(self._running)])

    def _poll_time(self) -> float:
        if not self._delayed:
            return _POLL_S
        return min(_POLL_S, max(0.0, self._delayed[0][0] - time.monotonic()))

    def _halt_reason(self, deadline: float) -> HaltReason | None:
        """Return why to stop now; not before a resumed run is where its record is.

        Nothing is run or waited for on the way there, and what it says at its end would else be
        less than what its record adds up to.
        """
        if self._work.is_recorded(self._committed + 1):
            return None
        reason = self._work.stop_reason()
        if reason is not None:
            return reason
        if time.monotonic() >= deadline:
            return "deadline"
        return "failures" if too_many_failed(self._failed, self._committed) else None

    def _drain(self) -> None:
        """Give running steps a while to end and record those that do; the others can run again.

        Nothing is committed any more: the record of a stopped run is the beginning of a complete
        one, so the run can be resumed.
        """
        until = time.monotonic() + (
            DRAIN_S if self._limits.drain_s is None else self._limits.drain_s
        )
        while self._running and time.monotonic() < until:
            for outcome in self._engine.poll(min(_POLL_S, max(0.0, until - time.monotonic()))):
                self._take(outcome)
        kept = [self._ended[number] for number in sorted(self._ended)]
        kept = [record for record in kept if self._event(record) is not None]
        if kept:
            self._recorder.keep(kept)
        for record in kept:
            self._work.observe(record)

    def _submit(self) -> None:
        """Submit waiting steps to free slots, the lowest number first."""
        now = time.monotonic()
        while self._delayed and self._delayed[0][0] <= now:
            _, number = heapq.heappop(self._delayed)
            heapq.heappush(self._waiting, (number, number))
        while self._waiting and self._engine.free_slots() > 0:
            number, _ = heapq.heappop(self._waiting)
            record = self.records[number]
            timeout_s = self._limits.step_timeout_s * self._factor.get(number, 1)
            record.note_submission()
            self._engine.submit(
                StepCall(
                    number,
                    record.current_function,
                    record.payload,
                    timeout_s,
                    attempt=len(record.attempts) + 1,
                    grant=record.grant,
                    exchanges=tuple(record.exchanges),
                )
            )
            self._running.add(number)

    def _take(self, outcome: StepOutcome) -> None:
        """Note how an attempt ended, and schedule the next where that makes sense."""
        record = self.records[outcome.number]
        self._running.discard(outcome.number)
        record.add_attempt(outcome)
        if outcome.status == "ok":
            record.succeed(outcome.output)
            self._ended[outcome.number] = record
            return
        retry = None
        if not record.fallback:
            retry = choose_retry(
                outcome.status,
                made=record.own_attempts(),
                alike=record.own_attempts(outcome.status),
                most=self._limits.attempts,
                has_fallback=bool(self._work.fallback),
                asked_wait_s=outcome.wait_s,
            )
        if retry is None:
            record.fail(record.attempts[-1].error)
            self._ended[outcome.number] = record
        elif self._halted is None:  # otherwise it stays without an end, and a resume runs it
            record.fallback = self._work.fallback if retry.by_fallback else ""
            self._factor[outcome.number] = retry.timeout_factor
            heapq.heappush(self._delayed, (time.monotonic() + retry.wait_s, outcome.number))

    def _commit_next(self) -> None:
        """Commit the next result in order, if it has come."""
        record = self._ended.pop(self._committed + 1, None)
        event = self._event(record) if record is not None else None
        if record is None or event is None:
            return
        self._committed += 1
        self._failed += isinstance(event, StepFailed)
        self._carry_out(record, self._plan.handle(event))

    def _event(self, record: StepRecord) -> StepSucceeded[ValueT] | StepFailed | None:
        """Return what to tell the plan; None if a cached output is not valid and the step runs."""
        number = record.step.number
        if record.output is None:
            return StepFailed(number, record.error, record.spent)
        try:
            value = self._work.interpret(record.step, record.output)
        except Exception as error:  # whatever an output can provoke, it is the step's failure
            if record.key and record.origin == "cache":  # one that is recalled has ended for good
                record.forget_output()
                heapq.heappush(self._waiting, (number, number))
                return None
            record.reject(f"the step's output is not valid: {error}")
            return StepFailed(number, record.error, record.spent)
        if self._cache is not None and record.origin == "ran" and record.status == "ok":
            self._cache.set_at_close(record.key, record.output, self._work.cache_tag)
        return StepSucceeded(number, value, record.spent)

    def _carry_out(self, ended: StepRecord | None, instructions: Sequence[Instruction]) -> None:
        """Record a commit with all that follows from it, then act on it."""
        drops = [item for item in instructions if isinstance(item, Drop)]
        sent = [self._send(item) for item in instructions if isinstance(item, Dispatch)]
        if ended is not None or drops or sent:
            self._recorder.commit(ended, drops, sent)
        if drops:
            self._work.note_drops(drops)
        if ended is not None:
            self._work.observe(ended)
            ended.release()
        for record in sent:
            number = record.step.number
            if record.has_ended:
                self._ended[number] = record
            else:
                heapq.heappush(self._waiting, (number, number))
        for item in instructions:
            if isinstance(item, Finish):
                self._finish = item.reason

    def _send(self, dispatch: Dispatch) -> StepRecord:
        step, problem = dispatch.step, ""
        try:
            payload = self._work.prepare(step)
        except StepInputError as error:
            payload, problem = b"{}", str(error)
        record = StepRecord(
            step=step,
            id=step_id(step.number, step.kind, hashlib.sha256(payload).hexdigest()),
            function=self._work.function,
            payload=payload,
            grant=dispatch.grant,
        )
        self.records[step.number] = record
        if problem:
            record.fail(problem)
        elif not self._work.recall(record) and self._cache is not None:
            record.key = step_key(record.function, self._work.source, self._work.key_parts(step))
            output = self._cache.get(record.key)
            if output is not None:
                record.succeed(output)
                record.origin = "cache"
        return record

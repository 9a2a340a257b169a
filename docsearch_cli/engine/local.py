"""The local engine: a pool of worker processes on this machine.

    coordinator --- submit ---> slot 1: worker process, busy
                                slot 2: worker process, ready
                                slot 3: worker process, starting, its step waits for it
                <--- poll -----  what ended: outcomes, crashes, timeouts

Why not the standard pool: there, one worker that dies fails every pending step, a parent that is
killed leaves its workers running, and an exception with two arguments breaks the pool. Here a
worker's death is one step's outcome, and another worker takes its place.

What outlives its step escapes: a thread or a process that it left behind writes to the log of the
worker's next step, and a process that it put into a session of its own survives the worker.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterable, Sequence

from docsearch_cli.engine.frames import FrameError
from docsearch_cli.engine.protocol import (
    OutcomeStatus,
    StepCall,
    StepError,
    StepOutcome,
    read_outcome,
)
from docsearch_cli.engine.worker_process import (
    INLINE_HINT,
    MOST_RESULT_BYTES,
    WorkerProcess,
    WorkerStartError,
)
from docsearch_cli.errors import InputError

# How long a worker that hangs gets to write down where.
_STACK_WAIT_S = 0.2
# How often to check for a worker that died while something it started holds its pipe open.
_REAP_S = 0.1
# Deaths in a row before a step was begun, for each worker, until it is the installation's fault:
# what kills several at once, as the system does when memory is short, is not.
_MOST_FAILED_STARTS = 3
# Of a log, how much of its end an error message and a stack trace keep.
_MESSAGE_CHARS = 2_000
_STACK_CHARS = 20_000


class LocalEngine:
    """A small pool of worker processes on this machine.

    Args:
        workers: How many.
        registry: Module that holds the functions; see ``worker.main``.
        start_timeout_s: Longest time a worker may take to become ready.
        most_result_bytes: Longest result that a step may have.
    """

    name = "local"

    def __init__(
        self,
        workers: int,
        registry: str,
        *,
        start_timeout_s: float = 60,
        most_result_bytes: int = MOST_RESULT_BYTES,
    ) -> None:
        self._count = workers
        self._registry = registry
        self._start_timeout_s = start_timeout_s
        self._most_result_bytes = most_result_bytes
        self._workers: list[WorkerProcess] = []
        self._failed_starts = 0
        self._serial = 0

    def start(self) -> None:
        """Start the processes without waiting for them.

        Raises:
            InputError: On a system without sessions and process groups.
            WorkerStartError: If a process cannot be started.
        """
        if not _has_process_groups():
            raise InputError(
                "worker processes need process groups, which this system does not have",
                hint=INLINE_HINT,
            )
        while len(self._workers) < self._count:
            self._workers.append(self._make_worker())

    def free_slots(self) -> int:
        """Return how many workers have nothing to do."""
        return sum(worker.call is None for worker in self._workers)

    def submit(self, call: StepCall) -> None:
        """Send a call to the first free worker.

        Args:
            call: What to run.

        Raises:
            RuntimeError: If none is free.
        """
        slot = next((n for n, worker in enumerate(self._workers) if worker.call is None), None)
        if slot is None:
            raise RuntimeError("no free worker")
        if self._workers[slot].has_exited:
            self._respawn(slot, "the worker ended while it was idle")
        self._send(slot, call)

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        """Return what has ended, waiting up to ``timeout_s`` for the first."""
        outcomes: list[StepOutcome] = []
        until = time.monotonic() + timeout_s
        left = 0.0  # what has ended already is read before anything is called too slow
        while True:
            outcomes.extend(self._exchange_all(left))
            outcomes.extend(self._reap())
            outcomes.extend(self._expire())
            now = time.monotonic()
            if outcomes or now >= until:
                return sorted(outcomes, key=lambda outcome: outcome.number)
            left = max(0.0, min(until, self._next_expiry(), now + _REAP_S) - now)

    def close(self) -> None:
        """Kill every worker with all that it started."""
        for worker in self._workers:
            worker.end()
        self._workers = []

    def worker_pids(self) -> Sequence[int]:
        """Return the process ids of the workers."""
        return [worker.pid for worker in self._workers]

    def _send(self, slot: int, call: StepCall) -> None:
        worker = self._workers[slot]
        worker.call = call
        if not worker.is_ready:
            return  # it is sent when the worker says so: before, nobody reads the pipe
        self._serial += 1
        try:
            worker.send_call(self._serial)
        except OSError:
            self._crash(slot)  # it cannot have begun the step, so another worker gets it

    def _exchange_all(self, wait_s: float) -> list[StepOutcome]:
        """Exchange with every worker that is ready for it, waiting for the first."""
        waiting, slots = select.poll(), {}
        for slot, worker in enumerate(self._workers):
            writes = select.POLLOUT if worker.channel.has_to_write else 0
            waiting.register(worker.channel, select.POLLIN | writes)
            slots[worker.channel.fileno()] = slot
        ready = waiting.poll(wait_s * 1000)
        return _known([self._exchange(slots[descriptor], events) for descriptor, events in ready])

    def _exchange(self, slot: int, events: int) -> StepOutcome | None:
        """Write to a worker what it is ready for, and read what it wrote."""
        worker = self._workers[slot]
        try:
            if events & select.POLLOUT:
                worker.channel.flush()
            frames = worker.channel.receive() if events & ~select.POLLOUT else []
        except FrameError as error:
            return self._crash(slot, f"the worker sent no outcome but {error}")
        except OSError:
            return self._crash(slot)
        outcome = self._take_frames(slot, frames)
        if outcome is None and worker.channel.is_closed and self._workers[slot] is worker:
            return self._crash(slot)
        return outcome

    def _take_frames(self, slot: int, frames: list[bytes]) -> StepOutcome | None:
        """Take what a worker sent: that it is ready, or the two halves of an outcome."""
        worker = self._workers[slot]
        if frames and not worker.is_ready:
            if frames.pop(0) != b"ready":
                return self._crash(slot, "the worker sent something else than that it is ready")
            worker.is_ready, worker.started = True, time.monotonic()
            if worker.call is not None:
                self._send(slot, worker.call)
        worker.inbox += frames
        if len(worker.inbox) < 2:
            return None
        (head, output), worker.inbox = worker.inbox[:2], worker.inbox[2:]
        try:
            outcome = read_outcome(head, output, worker.peek_log(), worker.pid)
        except ValueError as error:
            return self._crash(slot, f"the worker sent no outcome: {error}")
        if worker.call is None or outcome.number != worker.call.number or worker.inbox:
            return self._crash(slot, "the worker sent an outcome that nobody asked for")
        worker.call = None
        self._failed_starts = 0
        worker.take_log()
        return outcome

    def _reap(self) -> list[StepOutcome]:
        """Find workers that died without closing their pipe: a grandchild may hold it open."""
        dead = [
            slot
            for slot, worker in enumerate(self._workers)
            if worker.call is not None and worker.has_exited and not worker.has_written
        ]
        return _known([self._crash(slot) for slot in dead])

    def _expire(self) -> list[StepOutcome]:
        """End the workers whose step took too long, with the stacks where it hung."""
        now = time.monotonic()
        expired = [slot for slot, worker in enumerate(self._workers) if now >= self._expiry(worker)]
        for slot in expired:
            self._workers[slot].write_stacks()
        if expired:
            time.sleep(_STACK_WAIT_S)
        return _known([self._time_out(slot) for slot in expired])

    def _crash(self, slot: int, broken: str = "") -> StepOutcome | None:
        """Replace a worker that is gone, or that broke the protocol in the way given.

        Its step, if it had one, is the only one that is charged.
        """
        worker = self._workers[slot]
        broken = broken or worker.describe_end()
        worker.kill()
        return self._replace(slot, "crash", StepError("WorkerDied", broken))

    def _time_out(self, slot: int) -> StepOutcome | None:
        worker = self._workers[slot]
        stacks = worker.peek_log().decode("utf-8", "replace")[-_STACK_CHARS:]
        seconds = f"still running after {worker.elapsed_s:.1f} s"
        worker.kill()
        return self._replace(slot, "timeout", StepError("StepTimeout", seconds, stacks))

    def _replace(self, slot: int, status: OutcomeStatus, error: StepError) -> StepOutcome | None:
        """Put a new worker in place of one that is gone, and charge its step.

        A worker that never began its step leaves it to the new one.
        """
        worker = self._workers[slot]
        call, begun = worker.call, worker.has_begun
        log, seconds = worker.take_log(), worker.elapsed_s
        said = log.decode("utf-8", "replace")[-_MESSAGE_CHARS:]
        self._respawn(slot, f"{error.message}: {said}")
        if call is None:
            return None
        if not begun:
            self._send(slot, call)
            return None
        return StepOutcome(
            number=call.number,
            status=status,
            error=error,
            log=log,
            elapsed_ms=seconds * 1000,
            worker=worker.pid,
        )

    def _respawn(self, slot: int, reason: str) -> None:
        worker = self._workers[slot]
        is_early = not worker.is_ready or (worker.call is not None and not worker.has_begun)
        worker.end()
        if is_early:
            self._failed_starts += 1
            if self._failed_starts > _MOST_FAILED_STARTS * self._count:
                raise WorkerStartError(f"worker processes do not start: {reason}", hint=INLINE_HINT)
        self._workers[slot] = self._make_worker()

    def _make_worker(self) -> WorkerProcess:
        return WorkerProcess(self._registry, self._most_result_bytes)

    def _expiry(self, worker: WorkerProcess) -> float:
        """Return when a worker has taken too long (monotonic seconds)."""
        if not worker.is_ready:
            return worker.started + self._start_timeout_s
        if worker.call is None:
            return float("inf")
        return worker.started + worker.call.timeout_s

    def _next_expiry(self) -> float:
        return min((self._expiry(worker) for worker in self._workers), default=float("inf"))


def _known(outcomes: Iterable[StepOutcome | None]) -> list[StepOutcome]:
    """Return the outcomes that there are: a worker may end without costing a step."""
    return [outcome for outcome in outcomes if outcome is not None]


def _has_process_groups() -> bool:
    return hasattr(os, "killpg") and hasattr(os, "setsid")

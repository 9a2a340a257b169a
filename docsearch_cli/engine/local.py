"""The local engine: worker processes with a pipe, a session and a log file each.

    coordinator --- submit ---> [socket] ---> worker 1 (own session, dies with the parent)
                <--- poll ----- [socket] <---    fd 1, 2 -> log file, read here after each step

Why not the standard pool: there, one worker that dies fails every pending step, a parent that is
killed leaves its workers running, and an exception with two arguments breaks the pool. Here a
worker's death is one step's outcome, and another worker takes its place.

What outlives its step escapes: a thread or a process that it left behind writes to the log of the
worker's next step, and a process that it put into a session of its own survives the worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from docsearch_cli.engine.frames import Channel, FrameError
from docsearch_cli.engine.protocol import (
    OutcomeStatus,
    StepCall,
    StepError,
    StepOutcome,
    encode_mark,
    read_outcome,
)
from docsearch_cli.errors import InputError, RunFailedError

# What is kept of a step's output; more is cut from the front.
STEP_LOG_BYTES = 256 * 1024
# A step that returns more than this is broken.
MOST_RESULT_BYTES = 4 * 1024 * 1024
# How long a worker that hangs gets to write down where.
_STACK_WAIT_S = 0.2
# How long a worker that closed its pipe gets to end by itself.
_EXIT_WAIT_S = 0.2
# How often to look for a worker that died while something it started holds its pipe open.
_REAP_S = 0.1
# Deaths in a row before a step was begun, for each worker, until it is the installation's fault:
# what kills several at once, as the system does when memory is short, is not.
_MOST_FAILED_STARTS = 3
_INLINE_HINT = "--engine inline runs the steps in docsearch itself, one after the other"
_BOOT = (
    "import os, sys; sys.path[:] = sys.argv[5].split(os.pathsep); "
    "from docsearch_cli.engine.worker import main; "
    "main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])"
)


@dataclass(slots=True)
class _Worker:
    """One process and what it is doing."""

    process: subprocess.Popen[bytes]
    channel: Channel
    lifeline: IO[bytes]
    """Write end of a pipe that closes when this process ends, however it does. One for each
    worker: whom the kernel signals then is noted on the pipe."""
    log: IO[bytes]
    mark: IO[bytes]
    ready: bool = False
    call: StepCall | None = None
    serial: int = 0
    """Number of the call among all that the engine sent."""
    inbox: list[bytes] = field(default_factory=list)
    """The first half of an outcome whose second has not come yet."""
    started: float = field(default=0.0)
    """When the step began, or the process if it is not ready yet (monotonic seconds)."""

    def has_begun(self) -> bool:
        """Tell whether the process began its step; if not, its end is not the step's doing."""
        if self.call is None:
            return False
        return os.pread(self.mark.fileno(), 16, 0) == encode_mark(self.serial)


class WorkerStartError(RunFailedError):
    """Workers die before they are ready: the installation is broken."""


class LocalEngine:
    """A small pool of worker processes on this machine.

    Args:
        workers: How many.
        registry: Module that holds the functions; see ``worker.main``.
        start_timeout_s: Longest time a worker may take to become ready.
    """

    name = "local"

    def __init__(self, workers: int, registry: str, *, start_timeout_s: float = 60) -> None:
        self._count = workers
        self._registry = registry
        self._start_timeout_s = start_timeout_s
        self._workers: list[_Worker] = []
        self._early: list[StepOutcome] = []
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
                hint=_INLINE_HINT,
            )
        while len(self._workers) < self._count:
            self._workers.append(self._spawn())

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
        place = next((n for n, worker in enumerate(self._workers) if worker.call is None), None)
        if place is None:
            raise RuntimeError("no free worker")
        if self._workers[place].process.poll() is not None:
            self._respawn(place, "the worker ended while it was idle")
        self._send(place, call)

    def _send(self, place: int, call: StepCall) -> None:
        worker = self._workers[place]
        worker.call = call
        if not worker.ready:
            return  # it is sent when the worker says so: before, nobody reads the pipe
        worker.started = time.monotonic()
        self._serial = worker.serial = self._serial + 1
        header = {"number": call.number, "function": call.function, "serial": worker.serial}
        try:
            worker.channel.send(json.dumps(header).encode(), call.payload)
        except OSError:
            crashed = self._crash(place)
            self._early.extend([crashed] if crashed is not None else [])

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        """Return what has ended, waiting up to ``timeout_s`` for the first."""
        outcomes, self._early = self._early, []
        until = time.monotonic() + (0 if outcomes else timeout_s)
        left = 0.0  # what has ended already is read before anything is called too slow
        while True:
            outcomes.extend(self._read(left))
            outcomes.extend(self._reap())
            outcomes.extend(self._expire())
            now = time.monotonic()
            if outcomes or now >= until:
                return sorted(outcomes, key=lambda outcome: outcome.number)
            left = max(0.0, min(until, self._next_expiry(), now + _REAP_S) - now)

    def _read(self, wait_s: float) -> list[StepOutcome]:
        """Read what the workers have written, and write on, waiting for the first to be ready."""
        waiting, places = select.poll(), {}
        for place, worker in enumerate(self._workers):
            writes = select.POLLOUT if worker.channel.has_to_write else 0
            waiting.register(worker.channel, select.POLLIN | writes)
            places[worker.channel.fileno()] = place
        outcomes: list[StepOutcome] = []
        for descriptor, events in waiting.poll(wait_s * 1000):
            outcome = self._exchange(places[descriptor], events)
            outcomes.extend([outcome] if outcome is not None else [])
        return outcomes

    def _exchange(self, place: int, events: int) -> StepOutcome | None:
        """Write to a worker what it is ready for, and read what it wrote."""
        worker = self._workers[place]
        try:
            if events & select.POLLOUT:
                worker.channel.flush()
            frames = worker.channel.receive() if events & ~select.POLLOUT else []
        except FrameError as error:
            return self._crash(place, f"the worker sent no outcome but {error}")
        except OSError:
            return self._crash(place)
        outcome = self._read_frames(place, frames)
        if outcome is None and worker.channel.is_closed and self._workers[place] is worker:
            return self._crash(place)
        return outcome

    def _reap(self) -> list[StepOutcome]:
        """Find workers that died without closing their pipe: a grandchild may hold it open."""
        dead = [
            place
            for place, worker in enumerate(self._workers)
            if worker.call is not None
            and worker.process.poll() is not None
            and not self._has_written(worker)
        ]
        outcomes = [self._crash(place) for place in dead]
        return [outcome for outcome in outcomes if outcome is not None]

    @staticmethod
    def _has_written(worker: _Worker) -> bool:
        waiting = select.poll()
        waiting.register(worker.channel, select.POLLIN)
        return any(events & select.POLLIN for _, events in waiting.poll(0))

    def close(self) -> None:
        """Kill every worker with all that it started."""
        for worker in self._workers:
            self._bury(worker)
        self._workers = []

    def worker_pids(self) -> Sequence[int]:
        """Return the process ids of the workers."""
        return [worker.process.pid for worker in self._workers]

    def _spawn(self) -> _Worker:
        try:
            with contextlib.ExitStack() as stack:
                ours, theirs = (stack.enter_context(end) for end in socket.socketpair())
                watched, lifeline = (
                    stack.enter_context(os.fdopen(end, mode, buffering=0))
                    for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
                )
                log = stack.enter_context(tempfile.TemporaryFile(buffering=0))
                mark = stack.enter_context(tempfile.TemporaryFile(buffering=0))
                _set_append(log.fileno())
                inherited = (theirs.fileno(), watched.fileno(), mark.fileno())
                process = self._start_process(inherited, log)
                stack.pop_all()
        except OSError as error:
            raise WorkerStartError(
                f"a worker process cannot be started: {error}", hint=_INLINE_HINT
            ) from error
        theirs.close()
        watched.close()
        channel = Channel(ours, MOST_RESULT_BYTES)
        return _Worker(process, channel, lifeline, log, mark, started=time.monotonic())

    def _start_process(
        self, inherited: tuple[int, int, int], log: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start a process with the pipe, the lifeline and the mark, in the order of ``main``."""
        return subprocess.Popen(
            [
                sys.executable,
                "-P",  # never import from the current folder: it may hold hostile documents
                "-c",
                _BOOT,
                *map(str, inherited),
                self._registry,
                os.pathsep.join(path for path in sys.path if Path(path).is_absolute()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=inherited,
            start_new_session=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )

    def _read_frames(self, place: int, frames: list[bytes]) -> StepOutcome | None:
        """Take what a worker sent: that it is ready, or the two halves of an outcome."""
        worker = self._workers[place]
        if frames and not worker.ready:
            if frames.pop(0) != b"ready":
                return self._crash(place, "the worker sent something else than that it is ready")
            worker.ready, worker.started = True, time.monotonic()
            if worker.call is not None:
                self._send(place, worker.call)
        worker.inbox += frames
        if len(worker.inbox) < 2:
            return None
        (head, output), worker.inbox = worker.inbox[:2], worker.inbox[2:]
        try:
            outcome = read_outcome(head, output, _peek_log(worker.log), worker.process.pid)
        except ValueError as error:
            return self._crash(place, f"the worker sent no outcome: {error}")
        if worker.call is None or outcome.number != worker.call.number or worker.inbox:
            return self._crash(place, "the worker sent an outcome that nobody asked for")
        worker.call = None
        self._failed_starts = 0
        _take_log(worker.log)
        return outcome

    def _crash(self, place: int, broken: str = "") -> StepOutcome | None:
        """Replace a worker that is gone, or that broke the protocol in the way told.

        Its step, if it had one, is the only one that is charged.
        """
        worker = self._workers[place]
        if not broken:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.process.wait(_EXIT_WAIT_S)  # it is ending by itself: let it say how
            code = worker.process.poll()
            broken = describe_exit(code) if code is not None else "the worker closed its pipe"
        self._kill(worker)
        return self._replace(place, "crash", StepError("WorkerDied", broken))

    def _expire(self) -> list[StepOutcome]:
        """End the workers whose step took too long, with the stacks where it hung."""
        now = time.monotonic()
        expired = [
            place for place, worker in enumerate(self._workers) if now >= self._expiry(worker)
        ]
        for place in expired:
            with contextlib.suppress(OSError):
                os.kill(self._workers[place].process.pid, signal.SIGUSR1)
        if expired:
            time.sleep(_STACK_WAIT_S)
        outcomes = [self._time_out(place) for place in expired]
        return [outcome for outcome in outcomes if outcome is not None]

    def _time_out(self, place: int) -> StepOutcome | None:
        worker = self._workers[place]
        seconds = time.monotonic() - worker.started
        stacks = _peek_log(worker.log).decode("utf-8", "replace")[-20_000:]
        error = StepError("StepTimeout", f"still running after {seconds:.1f} s", stacks)
        self._kill(worker)
        return self._replace(place, "timeout", error)

    def _replace(self, place: int, status: OutcomeStatus, error: StepError) -> StepOutcome | None:
        """Put a new worker in place of one that is gone, and charge its step.

        A worker that never began its step leaves it to the new one.
        """
        worker = self._workers[place]
        call, log, seconds = worker.call, _take_log(worker.log), time.monotonic() - worker.started
        begun = worker.has_begun()
        self._respawn(place, f"{error.message}: {log.decode('utf-8', 'replace')[-2_000:]}")
        if call is None:
            return None
        if not begun:
            self._send(place, call)
            return None
        return StepOutcome(
            number=call.number,
            status=status,
            error=error,
            log=log,
            elapsed_ms=seconds * 1000,
            worker=worker.process.pid,
        )

    def _respawn(self, place: int, reason: str) -> None:
        worker = self._workers[place]
        is_early = not worker.ready or (worker.call is not None and not worker.has_begun())
        self._bury(worker)
        if is_early:
            self._failed_starts += 1
            if self._failed_starts > _MOST_FAILED_STARTS * self._count:
                raise WorkerStartError(
                    f"worker processes do not start: {reason}",
                    hint=_INLINE_HINT,
                )
        self._workers[place] = self._spawn()

    def _expiry(self, worker: _Worker) -> float:
        if not worker.ready:
            return worker.started + self._start_timeout_s
        if worker.call is None:
            return float("inf")
        return worker.started + worker.call.timeout_s

    def _next_expiry(self) -> float:
        return min((self._expiry(worker) for worker in self._workers), default=float("inf"))

    def _kill(self, worker: _Worker) -> None:
        """Kill a worker's whole session, so that nothing it started stays behind."""
        with contextlib.suppress(OSError):
            os.killpg(worker.process.pid, signal.SIGKILL)

    def _bury(self, worker: _Worker) -> None:
        self._kill(worker)
        worker.process.wait()
        worker.channel.close()
        worker.lifeline.close()
        worker.log.close()
        worker.mark.close()


def describe_exit(code: int) -> str:
    """Return in words how a process ended."""
    if code >= 0:
        return f"the worker exited with code {code}"
    try:
        return f"the worker was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"the worker was killed by signal {-code}"


def _has_process_groups() -> bool:
    return hasattr(os, "killpg") and hasattr(os, "setsid")


def _set_append(descriptor: int) -> None:
    """Make writes go to the end, so that the file can be emptied while a worker holds it."""
    import fcntl

    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_APPEND)


def _peek_log(log: IO[bytes]) -> bytes:
    size = os.fstat(log.fileno()).st_size
    return os.pread(log.fileno(), STEP_LOG_BYTES, max(0, size - STEP_LOG_BYTES))


def _take_log(log: IO[bytes]) -> bytes:
    """Return what was written since the last call, its end if it is long, and empty the file."""
    data = _peek_log(log)
    if data:
        os.ftruncate(log.fileno(), 0)
    return data

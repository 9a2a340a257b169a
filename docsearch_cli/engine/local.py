"""The local engine: worker processes with a pipe, a session and a log file each.

    coordinator --- submit ---> [pipe] ---> worker 1 (own session, dies with the parent)
                <--- poll ----- [pipe] <---    fd 1, 2 -> log file, read here after each step

Why not the standard pool: there, one worker that dies fails every pending step, a parent that is
killed leaves its workers running, and an exception with two arguments breaks the pool. Here a
worker's death is one step's outcome, and another worker takes its place.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO, Any

from docsearch_cli.engine.protocol import (
    OutcomeStatus,
    StepCall,
    StepError,
    StepOutcome,
    encode_mark,
)
from docsearch_cli.errors import RunFailedError

# What is kept of a step's output; more is cut from the front.
STEP_LOG_BYTES = 256 * 1024
# A step that returns more than this is broken.
MOST_RESULT_BYTES = 4 * 1024 * 1024
# How long a worker that hangs gets to write down where.
_STACK_WAIT_S = 0.2
# How long a worker that closed its pipe gets to end by itself.
_EXIT_WAIT_S = 0.2
# Workers in a row that may die before they begin a step until it is the installation's fault.
_MOST_FAILED_STARTS = 3
_BOOT = (
    "import os, sys; sys.path[:] = sys.argv[5].split(os.pathsep); "
    "from docsearch_cli.engine.worker import main; "
    "main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])"
)


@dataclass(slots=True)
class _Worker:
    """One process and what it is doing."""

    process: subprocess.Popen[bytes]
    connection: Connection[Any, Any]
    log: IO[bytes]
    mark: IO[bytes]
    ready: bool = False
    call: StepCall | None = None
    serial: int = 0
    """Number of the call among all that the engine sent."""
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
        self._lifeline: tuple[int, int] | None = None
        self._early: list[StepOutcome] = []
        self._failed_starts = 0
        self._serial = 0

    def start(self) -> None:
        """Start the processes without waiting for them."""
        if self._lifeline is None:
            self._lifeline = os.pipe()
            self._workers = [self._spawn() for _ in range(self._count)]

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
            worker.connection.send_bytes(json.dumps(header).encode())
            worker.connection.send_bytes(call.payload)
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
            left = max(0.0, min(until, self._next_expiry()) - now)

    def _read(self, wait_s: float) -> list[StepOutcome]:
        """Read what the workers have written, waiting for the first."""
        places = {
            worker.connection: place
            for place, worker in enumerate(self._workers)
            if worker.call is not None or not worker.ready
        }
        if not places:
            time.sleep(wait_s)
        outcomes: list[StepOutcome] = []
        for connection in wait(list(places), wait_s) if places else []:
            assert isinstance(connection, Connection)
            outcome = self._receive(places[connection])
            outcomes.extend([outcome] if outcome is not None else [])
        return outcomes

    def _reap(self) -> list[StepOutcome]:
        """Find workers that died without closing their pipe: a grandchild may hold it open."""
        dead = [
            place
            for place, worker in enumerate(self._workers)
            if worker.call is not None
            and worker.process.poll() is not None
            and not worker.connection.poll()
        ]
        outcomes = [self._crash(place) for place in dead]
        return [outcome for outcome in outcomes if outcome is not None]

    def close(self) -> None:
        """Kill every worker with all that it started."""
        for worker in self._workers:
            self._bury(worker)
        self._workers = []
        if self._lifeline is not None:
            for descriptor in self._lifeline:
                os.close(descriptor)
            self._lifeline = None

    def worker_pids(self) -> Sequence[int]:
        """Return the process ids of the workers."""
        return [worker.process.pid for worker in self._workers]

    def _spawn(self) -> _Worker:
        assert self._lifeline is not None
        ours, theirs = _duplex_pipe()
        log = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  closed with its worker
        mark = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  the same
        _set_append(log.fileno())
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",  # never import from the current folder: it may hold hostile documents
                "-c",
                _BOOT,
                str(theirs),
                str(self._lifeline[0]),
                str(mark.fileno()),
                self._registry,
                os.pathsep.join(path for path in sys.path if Path(path).is_absolute()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(theirs, self._lifeline[0], mark.fileno()),
            start_new_session=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        os.close(theirs)
        return _Worker(process, Connection(ours), log, mark, started=time.monotonic())

    def _receive(self, place: int) -> StepOutcome | None:
        """Read one message of a worker."""
        worker = self._workers[place]
        try:
            data = worker.connection.recv_bytes()
            if data == b"ready" and not worker.ready:
                worker.ready, worker.started = True, time.monotonic()
                if worker.call is not None:
                    self._send(place, worker.call)
                return None
            header, output = json.loads(data), worker.connection.recv_bytes(MOST_RESULT_BYTES)
        except (EOFError, OSError, ValueError):
            return self._crash(place)
        worker.call = None
        self._failed_starts = 0
        error = StepError(**header["error"]) if header["error"] is not None else None
        return StepOutcome(
            number=header["number"],
            status=header["status"],
            output=output,
            error=error,
            log=_take_log(worker.log),
            elapsed_ms=header["elapsed_ms"],
            worker=worker.process.pid,
        )

    def _crash(self, place: int) -> StepOutcome | None:
        """Replace a worker that is gone; its step, if it had one, is the only one charged."""
        worker = self._workers[place]
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(_EXIT_WAIT_S)  # it is ending by itself: let it say how
        self._kill(worker)
        code = worker.process.wait()
        return self._replace(place, "crash", StepError("WorkerDied", describe_exit(code)))

    def _expire(self) -> list[StepOutcome]:
        """End the workers whose step took too long, with the stacks where it hung."""
        now = time.monotonic()
        expired = [
            place for place, worker in enumerate(self._workers) if now >= self._expiry(worker)
        ]
        outcomes = [self._time_out(place) for place in expired]
        return [outcome for outcome in outcomes if outcome is not None]

    def _time_out(self, place: int) -> StepOutcome | None:
        worker = self._workers[place]
        with contextlib.suppress(OSError):
            os.kill(worker.process.pid, signal.SIGUSR1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(_STACK_WAIT_S)
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
            if self._failed_starts > _MOST_FAILED_STARTS:
                raise WorkerStartError(
                    f"worker processes do not start: {reason}",
                    hint="--engine inline runs the steps in docsearch itself",
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
        worker.connection.close()
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


def _duplex_pipe() -> tuple[int, int]:
    import socket

    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


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

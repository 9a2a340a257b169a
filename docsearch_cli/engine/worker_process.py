"""One worker process, seen from the engine: how it is started, asked, watched and ended.

    parent                                            worker (engine/worker.py)
    channel    socket, both ways      calls, outcomes  <-->
    lifeline   pipe, held open here   closes when this process ends, however it does
    log        file                   the worker's stdout and stderr
    mark       file                   serial number of the last call that the worker began

A worker has a session of its own, so that everything it started can be killed with it. The mark
says whether a worker that died had begun its step: if not, its death is not the step's doing.
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
from pathlib import Path
from typing import IO

from docsearch_cli.engine import FROZEN_WORKER
from docsearch_cli.engine.frames import Channel
from docsearch_cli.engine.protocol import StepCall, encode_mark
from docsearch_cli.environment import refusal
from docsearch_cli.errors import RunFailedError

# What is kept of a step's output; more is cut from the front.
STEP_LOG_BYTES = 256 * 1024
# A step that returns more than this is broken.
MOST_RESULT_BYTES = 4 * 1024 * 1024
# The same of what is larger than a step: a question with its record, some files that were read.
MOST_UNIT_BYTES = 256 * 1024 * 1024
INLINE_HINT = "--engine inline runs the steps in docsearch itself, one after the other"
# How long a worker that closed its pipe gets to end by itself, so that its exit says why.
_EXIT_WAIT_S = 0.2
# A worker imports from the absolute folders that this process imports from, and from no other.
_BOOT = (
    "import os, sys; sys.path[:] = sys.argv[5].split(os.pathsep); "
    "from docsearch_cli.engine.worker import main; "
    "main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])"
)


class WorkerStartError(RunFailedError):
    """Workers die before they are ready: the installation is broken."""


class WorkerProcess:
    """A process that runs one step after the other, and the step that it is running.

    Args:
        registry: Module that holds the functions; see ``worker.main``.
        most_result_bytes: Longest result that it may send.

    Raises:
        WorkerStartError: If the system starts no process.
    """

    def __init__(self, registry: str, most_result_bytes: int = MOST_RESULT_BYTES) -> None:
        self.is_ready = False
        """Whether the process has said that it reads calls."""
        self.call: StepCall | None = None
        """The step that it runs, or is to run as soon as it is ready."""
        self.inbox: list[bytes] = []
        """The first half of an outcome whose second has not come yet."""
        self.started = time.monotonic()
        """When the step began, or the process if it is not ready yet (monotonic seconds)."""
        self._serial = 0
        try:
            with contextlib.ExitStack() as stack:
                ours, theirs = (stack.enter_context(end) for end in socket.socketpair())
                watched, self._lifeline = (
                    stack.enter_context(os.fdopen(end, mode, buffering=0))
                    for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
                )
                self._log = stack.enter_context(tempfile.TemporaryFile(buffering=0))
                self._mark = stack.enter_context(tempfile.TemporaryFile(buffering=0))
                _set_append(self._log.fileno())
                inherited = (theirs.fileno(), watched.fileno(), self._mark.fileno())
                self._process = _start_process(registry, inherited, self._log)
                stack.pop_all()
        except OSError as error:
            refused = refusal(error)
            hint = f"{refused.hint}; or: {INLINE_HINT}" if refused is not None else INLINE_HINT
            raise WorkerStartError(
                f"a worker process cannot be started: {error.strerror}", hint=hint
            ) from error
        theirs.close()
        watched.close()
        self.channel = Channel(ours, most_result_bytes)

    @property
    def pid(self) -> int:
        """Process id, also of the session."""
        return self._process.pid

    @property
    def has_exited(self) -> bool:
        """True once the process has ended."""
        return self._process.poll() is not None

    @property
    def has_begun(self) -> bool:
        """True if the process began its step; if not, its end is not the step's doing."""
        if self.call is None:
            return False
        return os.pread(self._mark.fileno(), 16, 0) == encode_mark(self._serial)

    @property
    def has_written(self) -> bool:
        """True if something waits to be read from its pipe."""
        waiting = select.poll()
        waiting.register(self.channel, select.POLLIN)
        return any(events & select.POLLIN for _, events in waiting.poll(0))

    @property
    def elapsed_s(self) -> float:
        """Seconds since the step began, or since the process did."""
        return time.monotonic() - self.started

    def send_call(self, serial: int) -> None:
        """Send the step that it is to run.

        Args:
            serial: Number of the call among all that the engine sent.

        Raises:
            OSError: If the process closed its pipe.
        """
        assert self.call is not None
        self.started, self._serial = time.monotonic(), serial
        header = {"number": self.call.number, "function": self.call.function, "serial": serial}
        self.channel.send(json.dumps(header).encode(), self.call.payload)

    def describe_end(self) -> str:
        """Return in words why nothing more comes from it; it may be ending by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_EXIT_WAIT_S)
        code = self._process.poll()
        return describe_exit(code) if code is not None else "the worker closed its pipe"

    def write_stacks(self) -> None:
        """Have the process write to its log where each of its threads is."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGUSR1)

    def peek_log(self) -> bytes:
        """Return what was written since ``take_log``; its end, if it is long."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), STEP_LOG_BYTES, max(0, size - STEP_LOG_BYTES))

    def take_log(self) -> bytes:
        """Return what was written since the last call, its end if it is long, and empty the log."""
        data = self.peek_log()
        if data:
            os.ftruncate(self._log.fileno(), 0)
        return data

    def kill(self) -> None:
        """Kill its whole session, so that nothing it started stays behind."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill it, wait until it is gone and close all that was open for it."""
        self.kill()
        self._process.wait()
        self.channel.close()
        for file in (self._lifeline, self._log, self._mark):
            file.close()


def describe_exit(code: int) -> str:
    """Return in words how a process ended."""
    if code >= 0:
        return f"the worker exited with code {code}"
    try:
        return f"the worker was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"the worker was killed by signal {-code}"


def _start_process(
    registry: str, inherited: tuple[int, int, int], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start a process with the pipe, the lifeline and the mark, in the order of ``main``."""
    return subprocess.Popen(
        _command_line(registry, inherited),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=inherited,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )


def _command_line(registry: str, inherited: tuple[int, int, int]) -> list[str]:
    if getattr(sys, "frozen", False):  # there is no interpreter: docsearch itself is a worker
        return [sys.executable, FROZEN_WORKER, *map(str, inherited), registry]
    return [
        sys.executable,
        "-P",  # never import from the current folder: it may hold hostile documents
        "-c",
        _BOOT,
        *map(str, inherited),
        registry,
        os.pathsep.join(path for path in sys.path if Path(path).is_absolute()),
    ]


def _set_append(descriptor: int) -> None:
    """Make writes go to the end, so that the file can be emptied while a worker holds it."""
    import fcntl  # here: a system without it gets to the message of LocalEngine.start

    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_APPEND)

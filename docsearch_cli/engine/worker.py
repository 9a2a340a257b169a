"""A worker process: reads calls from its pipe, runs them, writes outcomes.

Protocol, each message one length-prefixed frame:

    worker -> parent    b"ready"
    parent -> worker    header JSON {number, function, serial}, payload
    worker -> parent    header JSON {number, status, elapsed_ms, error}, output

File descriptors 1 and 2 are the step log, a file that the parent reads. The mark is another file:
the serial of the last call that was begun, so that a worker's death is charged to a step only if
the step was running. The lifeline is a pipe that only the parent holds open: when it closes, the
parent is gone, and this process group is killed. On Linux the kernel does that with a signal: where
a step holds the interpreter in C code, a thread that watches the pipe would not get to run.

A worker is not a sandbox: a step can leave behind a thread or a process that writes to the log of
the next step on this worker, or to the pipe, which is charged to the step that runs then. What code
leaves behind by accident is restored after each step: outputs, signals, an alarm and limits.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import importlib
import json
import os
import resource
import signal
import socket
import sys
import threading
from typing import TextIO

from docsearch_cli.engine.frames import join_frames, read_frame
from docsearch_cli.engine.protocol import (
    StepCall,
    encode_mark,
    outcome_header,
    run_call,
)

# What a step may change in its process that harms the next one: limits that would end it, and the
# signals that report a child's exit, end a process and have it write its stacks. Checking all
# limits and signals would take as long as a round trip.
_LIMITS = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE)
_SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1)


class _Surroundings:
    """The state that a step finds, to be restored after it; made before the first step."""

    def __init__(self) -> None:
        self._log_fd = os.dup(1)
        self._stdout, self._stderr = sys.stdout, sys.stderr
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self._handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        self._limits = {number: resource.getrlimit(number) for number in _LIMITS}

    def restore_outputs(self) -> None:
        """Flush what was written to the log, and point the outputs of the next step there."""
        for descriptor in (1, 2):
            os.dup2(self._log_fd, descriptor)
        self._stdout = sys.stdout = _flush(self._stdout, 1)
        self._stderr = sys.stderr = _flush(self._stderr, 2)

    def restore_process(self) -> bool:
        """Restore signals, the alarm and limits.

        Returns:
            True if that was possible; if not, no other step may run here.
        """
        self._restore_signals()
        try:
            for number, limits in self._limits.items():
                if resource.getrlimit(number) != limits:
                    resource.setrlimit(number, limits)
        except (OSError, ValueError):
            return False  # the step lowered what may not be raised again
        return True

    def _restore_signals(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._handlers.items():
            if signal.getsignal(number) != handler:
                signal.signal(number, handler)
                if number == signal.SIGUSR1:  # faulthandler's handler is not one of Python's
                    faulthandler.unregister(number)
                    faulthandler.register(number, 2, all_threads=True)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)


def main(connection_fd: int, lifeline_fd: int, mark_fd: int, registry: str) -> None:
    """Serve calls until the pipe closes.

    Args:
        connection_fd: Descriptor of the duplex pipe to the parent.
        lifeline_fd: Descriptor of a pipe; its end of file means that the parent is gone.
        mark_fd: Descriptor of the file that says which call was begun last.
        registry: Module whose ``FUNCTIONS`` maps names to functions and whose ``PRELOAD`` names
            modules to import before the first call.
    """
    for descriptor in (connection_fd, lifeline_fd, mark_fd):
        os.set_inheritable(descriptor, False)  # what a step starts must not keep the pipe open
    sys.stdout, sys.stderr = _open_log(1), _open_log(2)
    faulthandler.enable(2)
    faulthandler.register(signal.SIGUSR1, 2, all_threads=True)
    _die_with_parent(lifeline_fd)
    threading.Thread(target=_watch_parent, args=(lifeline_fd,), daemon=True).start()
    module = importlib.import_module(registry)
    for name in module.PRELOAD:
        importlib.import_module(name)
    surroundings = _Surroundings()
    end = socket.socket(fileno=connection_fd)
    with (
        contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError),
        open(connection_fd, "rb", closefd=False) as pipe,
    ):
        end.sendall(join_frames(b"ready"))
        is_usable = True
        while is_usable:
            header = json.loads(read_frame(pipe))
            call = StepCall(header["number"], header["function"], read_frame(pipe), 0)
            os.pwrite(mark_fd, encode_mark(header["serial"]), 0)
            outcome = run_call(module.FUNCTIONS, call)
            surroundings.restore_outputs()
            head = json.dumps(outcome_header(outcome)).encode()
            end.sendall(join_frames(head, outcome.output))
            is_usable = surroundings.restore_process()  # while the parent handles the outcome


def _open_log(descriptor: int) -> TextIO:
    # Line by line: what a step wrote last is not lost when it takes the process down with it.
    return open(
        descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )


def _flush(stream: TextIO, descriptor: int) -> TextIO:
    """Flush a stream and return it, or a new one if the step closed or detached it."""
    try:
        stream.flush()
    except (OSError, ValueError):
        return _open_log(descriptor)
    return stream


def _die_with_parent(lifeline_fd: int) -> None:
    """Have the kernel kill this process group when the lifeline closes (Linux)."""
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(lifeline_fd, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(lifeline_fd, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(lifeline_fd, fcntl.F_GETFL)
        fcntl.fcntl(lifeline_fd, fcntl.F_SETFL, flags | os.O_ASYNC)


def _watch_parent(lifeline_fd: int) -> None:
    with contextlib.suppress(OSError):
        os.read(lifeline_fd, 1)
    os.killpg(os.getpgid(0), signal.SIGKILL)

"""A worker process: reads calls from its pipe, runs them, writes outcomes.

Protocol, each message one length-prefixed frame:

    worker -> parent    b"ready"
    parent -> worker    header JSON {number, function, serial}, payload
    worker -> parent    header JSON {number, status, elapsed_ms, error}, output

File descriptors 1 and 2 are the step log, a file that the parent reads. The mark is another: the
serial of the last call that was begun, so that a worker's death is charged to a step only if the
step was running. A lifeline pipe is held open by the parent alone: when it closes, the parent is
gone, and so is this process group, by a signal of the kernel where there is one: a step that holds
the interpreter in C code would keep a thread from noticing.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import importlib
import json
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

from docsearch_cli.engine.protocol import (
    StepCall,
    encode_mark,
    outcome_header,
    run_call,
)


def main(connection_fd: int, lifeline_fd: int, mark_fd: int, registry: str) -> None:
    """Serve calls until the pipe closes.

    Args:
        connection_fd: Descriptor of the duplex pipe to the parent.
        lifeline_fd: Descriptor whose end of file means that the parent is gone.
        mark_fd: Descriptor of the file that says which call was begun.
        registry: Module whose ``FUNCTIONS`` maps names to functions and whose ``PRELOAD`` names
            modules to import before the first call.
    """
    for descriptor in (connection_fd, lifeline_fd, mark_fd):
        os.set_inheritable(descriptor, False)  # what a step starts must not keep the pipe open
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    _die_with_parent(lifeline_fd)
    threading.Thread(target=_watch_parent, args=(lifeline_fd,), daemon=True).start()
    connection: Connection[Any, Any] = Connection(connection_fd)
    module = importlib.import_module(registry)
    for name in module.PRELOAD:
        importlib.import_module(name)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        connection.send_bytes(b"ready")
        while True:
            header = json.loads(connection.recv_bytes())
            call = StepCall(header["number"], header["function"], connection.recv_bytes(), 0)
            os.pwrite(mark_fd, encode_mark(header["serial"]), 0)
            outcome = run_call(module.FUNCTIONS, call)
            sys.stdout.flush()
            sys.stderr.flush()
            connection.send_bytes(json.dumps(outcome_header(outcome)).encode())
            connection.send_bytes(outcome.output)


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

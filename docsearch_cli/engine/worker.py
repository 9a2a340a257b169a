"""A worker process: reads calls from its pipe, runs them, writes outcomes.

Protocol, each message one length-prefixed frame:

    worker -> parent    b"ready"
    parent -> worker    header JSON {number, function}, payload
    worker -> parent    header JSON {number, status, elapsed_ms, error}, output

File descriptors 1 and 2 are the step log, a file that the parent reads. A lifeline pipe is held
open by the parent alone: when it closes, the parent is gone, and so is this process group.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any

from docsearch_cli.engine.protocol import (
    StepCall,
    StepFunction,
    TransientStepError,
    call_function,
    describe_error,
)


def main(connection_fd: int, lifeline_fd: int, registry: str) -> None:
    """Serve calls until the pipe closes.

    Args:
        connection_fd: Descriptor of the duplex pipe to the parent.
        lifeline_fd: Descriptor whose end of file means that the parent is gone.
        registry: Module whose ``FUNCTIONS`` maps names to functions and whose ``PRELOAD`` names
            modules to import before the first call.
    """
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
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
            answer, output = run_call(module.FUNCTIONS, call)
            sys.stdout.flush()
            sys.stderr.flush()
            connection.send_bytes(json.dumps(answer).encode())
            connection.send_bytes(output)


def run_call(functions: Mapping[str, StepFunction], call: StepCall) -> tuple[dict[str, Any], bytes]:
    """Run one call and return the header and the body of the answer."""
    started = time.perf_counter()
    output, error, status = b"", None, "ok"
    try:
        output = call_function(functions, call)
        if not isinstance(output, bytes):
            raise TypeError(f"{call.function} returned {type(output).__name__}, not bytes")
    except TransientStepError as raised:
        output, error, status = b"", describe_error(raised), "transient"
    except (Exception, SystemExit, KeyboardInterrupt) as raised:
        output, error, status = b"", describe_error(raised), "error"
    header = {
        "number": call.number,
        "status": status,
        "elapsed_ms": (time.perf_counter() - started) * 1000,
        "error": asdict(error) if error is not None else None,
    }
    return header, output


def _watch_parent(lifeline_fd: int) -> None:
    with contextlib.suppress(OSError):
        os.read(lifeline_fd, 1)
    os.killpg(os.getpgid(0), signal.SIGKILL)

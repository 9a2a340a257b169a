"""What runs in a Dask worker: it holds processes, and hands each unit of work to one of them.

    scheduler --task--> thread of the Dask worker --pipe--> child process (engine/worker.py)

The child is one of the local engine, so a step's time limit, its crash, its log and the size of its
result are those of a step on one machine, and the Dask worker survives them. Children wait for more
work for a while and then end; where their Dask worker dies, they die with it.

Everything here is called by name; what goes in and out is bytes and plain values.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from docsearch_cli.cluster.identity import differences, own_identity, write_identity
from docsearch_cli.engine.frames import join_frames
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import StepCall, StepOutcome, outcome_header
from docsearch_cli.engine.worker_process import MOST_UNIT_BYTES
from docsearch_cli.errors import DocsearchError, IndexLockedError
from docsearch_cli.index.copies import copying, has_index

# How long children wait for more work.
_IDLE_S = 60.0
_POLL_S = 0.25
# A copy of which no piece came for so long was given up by whoever made it.
_STALE_COPY_S = 60.0


def plugin_name(identity: bytes) -> str:
    """Return the name of the plugin of workers with this code: no two versions share children."""
    import hashlib

    return f"docsearch-{hashlib.sha256(identity).hexdigest()[:16]}"


class StepProcesses(WorkerPlugin):  # type: ignore[misc]  # distributed is not typed
    """The child processes of one Dask worker."""

    idempotent = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[str, list[tuple[LocalEngine, float]]] = {}
        self._busy: dict[LocalEngine, str] = {}
        self._timer: threading.Timer | None = None
        self.copies: dict[str, _Copy] = {}

    def teardown(self, worker: Any) -> None:
        """End all children: the Dask worker ends."""
        del worker
        with self._lock:
            idle = [engine for engines in self._idle.values() for engine, _ in engines]
            self._idle.clear()
            for engine in self._busy:
                _kill(engine)
            if self._timer is not None:
                self._timer.cancel()
        for engine in idle:
            engine.close()
        for copy in self.copies.values():
            copy.give_up()

    def run(self, session: str, registry: str, call: StepCall) -> StepOutcome:
        """Run a call in a child, and wait for its end; called in a thread of the Dask worker.

        Args:
            session: The command that it is for; see ``end_session``.
            registry: The module that holds the functions.
            call: What to run.

        Returns:
            How it ended.
        """
        engine = self._take(session, registry)
        try:
            engine.submit(call)
            while True:
                outcomes = engine.poll(_POLL_S)
                if outcomes:
                    break
        except BaseException:
            with self._lock:
                self._busy.pop(engine, None)
            engine.close()
            raise
        self._put_back(registry, engine)
        return outcomes[0]

    def end_session(self, session: str) -> None:
        """Kill the children that are at work for a command that has ended."""
        with self._lock:
            for engine, busy_for in self._busy.items():
                if busy_for == session:
                    _kill(engine)

    def _take(self, session: str, registry: str) -> LocalEngine:
        with self._lock:
            idle = self._idle.setdefault(registry, [])
            if idle:
                engine, _ = idle.pop()
                self._busy[engine] = session
                return engine
        engine = LocalEngine(1, registry, most_result_bytes=MOST_UNIT_BYTES)
        engine.start()
        with self._lock:
            self._busy[engine] = session
        return engine

    def _put_back(self, registry: str, engine: LocalEngine) -> None:
        with self._lock:
            self._busy.pop(engine, None)
            self._idle.setdefault(registry, []).append((engine, time.monotonic()))
            if self._timer is None:
                self._start_timer()

    def _start_timer(self) -> None:
        self._timer = threading.Timer(_IDLE_S, self._end_idle)
        self._timer.daemon = True
        self._timer.start()

    def _end_idle(self) -> None:
        """End the children that nobody has needed for a while."""
        now = time.monotonic()
        ended: list[LocalEngine] = []
        with self._lock:
            for registry, engines in self._idle.items():
                ended += [engine for engine, since in engines if now - since >= _IDLE_S]
                self._idle[registry] = [item for item in engines if now - item[1] < _IDLE_S]
            self._timer = None
            if self._busy or any(self._idle.values()):
                self._start_timer()
        for engine in ended:
            engine.close()


def _kill(engine: LocalEngine) -> None:
    for pid in engine.worker_pids():
        with suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


async def admit(identity: bytes, *, dask_worker: Any) -> bytes:
    """Say which code this worker has; if it is the right one, make it ready for work.

    Args:
        identity: Of the command that asks.
        dask_worker: The worker, which Dask fills in.

    Returns:
        What this worker is, as ``write_identity`` writes it.
    """
    name = plugin_name(identity)
    if not differences(identity, own_identity()) and name not in dask_worker.plugins:
        await dask_worker.plugin_add(plugin=StepProcesses(), name=name, catch_errors=False)
    return write_identity()


async def run_unit_directly(*facts: Any, dask_worker: Any) -> bytes:
    """Run one unit of work without a task of Dask, in one of the threads that tasks have.

    Args:
        *facts: As ``run_unit`` takes them.
        dask_worker: The worker, which Dask fills in.

    Returns:
        Frames, as of ``run_unit``.
    """
    threads = dask_worker.executors["default"]
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, partial(_run_unit, dask_worker, *facts))


def run_unit(
    identity: bytes, session: str, registry: str, head: bytes, payload: bytes, timeout_s: float
) -> bytes:
    """Run one unit of work in a child process of this worker, as a task of Dask.

    Args:
        identity: Of the command that asks; a worker with other code refuses.
        session: The command that it is for.
        registry: The module that holds the functions.
        head: Number, function and attempt of the call, as JSON.
        payload: Its input.
        timeout_s: How long it may take.

    Returns:
        Frames: ``refused`` and why; or ``ended``, the outcome's facts, its output and its log.
    """
    return _run_unit(get_worker(), identity, session, registry, head, payload, timeout_s)


def _run_unit(
    worker: Any,
    identity: bytes,
    session: str,
    registry: str,
    head: bytes,
    payload: bytes,
    timeout_s: float,
) -> bytes:
    differing = differences(identity, own_identity())
    processes = worker.plugins.get(plugin_name(identity))
    if differing or not isinstance(processes, StepProcesses):
        reason = "; ".join(differing) or "it was not made ready"
        return join_frames(b"refused", reason.encode("utf-8", "replace"))
    facts = json.loads(head)
    call = StepCall(facts["number"], facts["function"], payload, timeout_s, facts["attempt"])
    try:
        outcome = processes.run(session, registry, call)
    except DocsearchError as error:  # the machine starts no process
        return join_frames(b"refused", error.message.encode("utf-8", "replace"))
    facts = {**outcome_header(outcome), "worker": outcome.worker}
    return join_frames(b"ended", json.dumps(facts).encode(), outcome.output, outcome.log)


async def end_session(identity: bytes, session: str, *, dask_worker: Any) -> None:
    """Kill what still runs for a command that has ended."""
    processes = dask_worker.plugins.get(plugin_name(identity))
    if isinstance(processes, StepProcesses):
        processes.end_session(session)


class _Copy:
    """A copy of an index that is being made here, piece by piece."""

    def __init__(self, digest: str) -> None:
        self._stack = ExitStack()
        self._folder = self._stack.enter_context(copying(digest))
        self.last = time.monotonic()

    def add(self, name: str, data: bytes) -> None:
        """Append to a file of the copy."""
        if Path(name).name != name or name in ("", ".", ".."):
            raise ValueError(f"{name!r} names a file outside")
        self.last = time.monotonic()
        with (self._folder / name).open("ab") as handle:
            handle.write(data)

    def finish(self) -> None:
        """Check it and give it its name."""
        self._stack.close()

    def give_up(self) -> None:
        """Remove what there is of it."""
        with suppress(BaseException):
            self._stack.__exit__(InterruptedError, InterruptedError(), None)


def begin_copy(identity: bytes, digest: str, folder: str, *, dask_worker: Any) -> str:
    """Begin to copy an index to this host, unless it has it.

    Args:
        identity: Of the command that asks.
        digest: Which index.
        folder: Where the asking machine has it.
        dask_worker: The worker, which Dask fills in.

    Returns:
        ``there``, ``begun``, ``busy`` if another process copies it, or ``refused: `` and why.
    """
    copies = dask_worker.plugins[plugin_name(identity)].copies
    if has_index(digest, Path(folder)):
        return "there"
    if digest in copies:
        if time.monotonic() - copies[digest].last < _STALE_COPY_S:
            return "busy"
        copies.pop(digest).give_up()
    try:
        copies[digest] = _Copy(digest)
    except IndexLockedError:
        return "busy"
    except (DocsearchError, OSError) as error:
        return f"refused: {error}"
    return "begun"


def add_piece(identity: bytes, digest: str, name: str, data: bytes, *, dask_worker: Any) -> str:
    """Take a piece of a file of an index that is copied here; an empty text if that went well."""
    copies = dask_worker.plugins[plugin_name(identity)].copies
    try:
        copies[digest].add(name, data)
    except (KeyError, ValueError, OSError) as error:
        if digest in copies:
            copies.pop(digest).give_up()
        return f"refused: {error}"
    return ""


def finish_copy(identity: bytes, digest: str, *, dask_worker: Any) -> str:
    """Check a copy and use it from now on; an empty text if it is whole."""
    copy = dask_worker.plugins[plugin_name(identity)].copies.pop(digest, None)
    if copy is None:
        return "refused: it was given up"
    try:
        copy.finish()
    except (DocsearchError, OSError) as error:
        return f"refused: {error}"
    return ""

"""The dask engine: units of work on the workers of a Dask cluster.

    coordinator --submit--> a task of Dask for one worker --> a child process there
                <--poll---  bytes, checked; or lost: the worker, the scheduler

Dask places nothing and repeats nothing here: each task names its worker, has a key of its own
(session, number, attempt) and is released as soon as its result is here. So a worker that is lost
costs the attempts that it had, each of which comes back as one that may be made again; the
coordinator decides about that, as it does about everything else.
"""

from __future__ import annotations

import io
import json
import queue
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from docsearch_cli.cluster.connection import Cluster, ClusterWorker
from docsearch_cli.cluster.index_copies import IndexCopies
from docsearch_cli.engine.frames import read_frame
from docsearch_cli.engine.protocol import StepCall, StepError, StepOutcome, read_outcome

# Tasks of a worker for each of its threads: while one runs, the next is on its way.
_AHEAD = 2
# Longer than the child takes to end a step that takes too long, and for the way there and back.
_WAY_S = 15.0
_LOOK_S = 0.1


class Owned(Protocol):
    """Something that is closed with the engine."""

    def close(self) -> None:
        """End it."""


@dataclass(slots=True)
class _Running:
    call: StepCall
    worker: ClusterWorker
    future: Any
    began: float

    @property
    def latest(self) -> float:
        """When its outcome must be here: it may have waited for those before it."""
        return self.began + _AHEAD * self.call.timeout_s + _WAY_S


class DaskEngine:
    """Runs calls on the workers of a cluster.

    Args:
        cluster: The connection, not yet open.
        registry: The module that holds the functions; see ``engine/worker.py``.
        owns: What is closed after the connection, such as a cluster that was started for it.
        copies: Brings the index that the functions read to the workers; None if they read none.
    """

    name = "dask"

    def __init__(
        self,
        cluster: Cluster,
        registry: str,
        *,
        owns: Owned | None = None,
        copies: IndexCopies | None = None,
    ) -> None:
        self.cluster = cluster
        self._registry = registry
        self._owns = owns
        self._copies = copies
        self._running: dict[str, _Running] = {}
        self._ended: queue.SimpleQueue[tuple[str, str, Any]] = queue.SimpleQueue()
        self._serial = 0

    def start(self) -> None:
        """Connect to the scheduler and wait for a worker.

        Raises:
            ClusterError: If there is none that can be used.
        """
        self.cluster.open()
        if self._copies is not None:
            self._copies.start()

    def free_slots(self) -> int:
        """Return how many calls the workers that there are now can take.

        Raises:
            ClusterError: If the cluster is lost.
        """
        return sum(max(0, free) for free in self._free().values())

    def submit(self, call: StepCall) -> None:
        """Send a call to the worker that has most room.

        Args:
            call: What to run.

        Raises:
            RuntimeError: If none has any.
        """
        from docsearch_cli.cluster.at_worker import run_unit

        workers, free = self.cluster.workers(), self._free()
        address = max(sorted(free), key=free.__getitem__, default="")
        if free.get(address, 0) < 1:
            raise RuntimeError("no free worker")
        self._serial += 1
        key = f"docsearch-{self.cluster.session}-{call.number}-{call.attempt}-{self._serial}"
        head = json.dumps(
            {"number": call.number, "function": call.function, "attempt": call.attempt}
        ).encode()
        future = self.cluster.submit(
            workers[address],
            key,
            run_unit,
            self.cluster.identity,
            self.cluster.session,
            self._registry,
            head,
            call.payload,
            call.timeout_s,
        )
        self._running[key] = _Running(call, workers[address], future, time.monotonic())
        future.add_done_callback(self._fetch)

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        """Return what has ended, waiting up to ``timeout_s`` for the first.

        Raises:
            ClusterError: If the cluster is lost.
        """
        until = time.monotonic() + timeout_s
        outcomes: list[StepOutcome] = []
        while True:
            wait_s = 0.0 if outcomes else min(_LOOK_S, max(0.0, until - time.monotonic()))
            try:
                key, status, data = (
                    self._ended.get(timeout=wait_s) if wait_s else (self._ended.get_nowait())
                )
            except queue.Empty:
                outcomes += self._lose()
                if outcomes or time.monotonic() >= until:
                    return sorted(outcomes, key=lambda outcome: outcome.number)
                continue
            running = self._running.pop(key, None)
            if running is not None:
                running.future.release()
                outcomes.append(self._outcome_of(running, status, data))

    def close(self) -> None:
        """End everything that was begun at the workers, and the connection."""
        for running in self._running.values():
            with suppress(Exception):
                running.future.release()
        self._running.clear()
        if self._copies is not None:
            self._copies.close()
        self.cluster.close()
        if self._owns is not None:
            self._owns.close()

    def _free(self) -> dict[str, int]:
        free = {
            address: worker.threads * _AHEAD
            for address, worker in self.cluster.workers().items()
            if self._copies is None or self._copies.is_ready(worker)
        }
        for running in self._running.values():
            if running.worker.address in free:
                free[running.worker.address] -= 1
        return free

    def _fetch(self, future: Any) -> None:
        """Fetch a result, in a thread of the client."""
        try:
            data = future.result(timeout=_WAY_S) if future.status == "finished" else None
        except Exception as error:  # whatever Dask says of it, the step has no outcome
            self._ended.put((future.key, "lost", f"{type(error).__name__}: {error}"))
            return
        said = data if future.status == "finished" else _why(future)
        self._ended.put((future.key, future.status, said))

    def _outcome_of(self, running: _Running, status: str, data: Any) -> StepOutcome:
        address = running.worker.address
        if status != "finished":
            return _lost(running, f"worker {address} gave no outcome ({status}): {data}")
        try:
            return _read(running, data)
        except _RefusedError as refused:
            self.cluster.refuse(address, str(refused))
            return _lost(running, f"worker {address} refused the step: {refused}")
        except (ValueError, EOFError, TypeError) as error:
            return _lost(running, f"worker {address} sent no outcome: {error}")

    def _lose(self) -> list[StepOutcome]:
        """Return the attempts whose worker is gone, or that should long have ended."""
        workers, now = self.cluster.workers(), time.monotonic()
        lost = [
            key
            for key, running in self._running.items()
            if running.worker.address not in workers or now >= running.latest
        ]
        outcomes = []
        for key in lost:
            running = self._running.pop(key)
            with suppress(Exception):
                running.future.cancel()
            why = "is gone" if running.worker.address not in workers else "does not answer"
            outcomes.append(_lost(running, f"worker {running.worker.address} {why}"))
        return outcomes


class _RefusedError(Exception):
    """The worker has other code, or cannot start a process."""


def _lost(running: _Running, message: str) -> StepOutcome:
    """Return the outcome of an attempt that was lost: another one may be made."""
    return StepOutcome(
        running.call.number,
        "transient",
        error=StepError("WorkerLost", message),
        elapsed_ms=(time.monotonic() - running.began) * 1000,
    )


def _read(running: _Running, data: Any) -> StepOutcome:
    """Return the outcome that bytes of a worker spell."""
    if not isinstance(data, bytes):
        raise TypeError("it is no bytes")
    pipe = io.BytesIO(data)
    kind, head = read_frame(pipe), read_frame(pipe)
    if kind == b"refused":
        raise _RefusedError(head.decode("utf-8", "replace")[:500])
    output, log = read_frame(pipe), read_frame(pipe)
    outcome = read_outcome(head, output, log, int(json.loads(head)["worker"]))
    if kind != b"ended" or outcome.number != running.call.number or pipe.read(1):
        raise ValueError("it is that of another step")
    return outcome


def _why(future: Any) -> str:
    with suppress(Exception):
        return str(future.exception(timeout=1))[:500]
    return "no reason is known"

"""The dask engine: units of work on the workers of a Dask cluster.

    coordinator --submit--> a task of Dask for one worker --> a child process there
                <--poll---  bytes, checked; or lost: the worker, the scheduler

Dask places nothing and repeats nothing here: each task names its worker, has a key of its own
(session, number, attempt) and is released as soon as its result is here. Single steps are no tasks
where the worker can be reached from here: they go there and back over a connection of their own.

What a worker had that is lost is sent to another one, a few times: that is not the step's doing, so
it is no attempt of the step, and the record is that of a run that lost nothing. If worker after
worker is lost with it, it is a crash of the step, and the coordinator decides, as it does about
everything else.
"""

from __future__ import annotations

import io
import json
import queue
import time
from collections import deque
from collections.abc import Mapping
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
# Workers that may be lost with a call before that counts as the call's doing.
_MOST_LOSSES = 3


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
    losses: int
    """How many workers were lost with it before."""

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
        self._again: deque[tuple[StepCall, int]] = deque()
        self._ended: queue.SimpleQueue[tuple[str, str, Any]] = queue.SimpleQueue()
        self._serial = 0

    def start(self) -> None:
        """Connect to the scheduler and wait for a worker.

        Raises:
            ClusterMissingError: If there is none that can be used.
        """
        self.cluster.open()
        if self._copies is not None:
            self._copies.start()

    def free_slots(self) -> int:
        """Return how many calls the workers that there are now can take.

        Returns:
            The number.

        Raises:
            ClusterError: If the cluster is lost.
        """
        free = sum(max(0, free) for free in self._free(self.cluster.workers()).values())
        return max(0, free - len(self._again))

    def submit(self, call: StepCall) -> None:
        """Send a call to the worker that has most room.

        Args:
            call: What to run.

        Raises:
            RuntimeError: If none has any.
        """
        self._send(call, 0)

    def _send(self, call: StepCall, losses: int) -> None:
        from docsearch_cli.cluster.at_worker import run_unit, run_unit_directly

        workers = self.cluster.workers()
        free = self._free(workers)
        address = max(sorted(free), key=free.__getitem__, default="")
        if free.get(address, 0) < 1:
            raise RuntimeError("no free worker")
        self._serial += 1
        key = f"docsearch-{self.cluster.session}-{call.number}-{call.attempt}-{self._serial}"
        head = json.dumps(
            {"number": call.number, "function": call.function, "attempt": call.attempt}
        ).encode()
        worker, ours = workers[address], (self.cluster.identity, self.cluster.session)
        facts = (*ours, self._registry, head, call.payload, call.timeout_s)
        if worker.is_direct:
            future = self.cluster.send_directly(worker, key, run_unit_directly, *facts)
        else:
            future = self.cluster.submit(worker, key, run_unit, *facts)
        self._running[key] = _Running(call, worker, future, time.monotonic(), losses)
        future.add_done_callback(self._fetch)

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        """Return what has ended, waiting up to ``timeout_s`` for the first.

        Args:
            timeout_s: How long to wait.

        Returns:
            The outcomes, the lowest step first.

        Raises:
            ClusterError: If the cluster is lost.
        """
        until = time.monotonic() + timeout_s
        outcomes: list[StepOutcome] = []
        while True:
            while self._again and max(self._free(self.cluster.workers()).values(), default=0) > 0:
                self._send(*self._again.popleft())
            outcomes += self._take(0.0 if outcomes else min(_LOOK_S, until - time.monotonic()))
            outcomes += self._lose()
            if outcomes or time.monotonic() >= until:
                return sorted(outcomes, key=lambda outcome: outcome.number)

    def close(self) -> None:
        """End everything that was begun at the workers, and the connection."""
        for running in self._running.values():
            with suppress(Exception):
                running.future.release()
        self._running.clear()
        self._again.clear()
        if self._copies is not None:
            self._copies.close()
        self.cluster.close()
        if self._owns is not None:
            self._owns.close()

    def _free(self, workers: Mapping[str, ClusterWorker]) -> dict[str, int]:
        free = {
            address: worker.threads * _AHEAD
            for address, worker in workers.items()
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

    def _take(self, wait_s: float) -> list[StepOutcome]:
        """Return what has come, waiting for the first."""
        outcomes: list[StepOutcome | None] = []
        with suppress(queue.Empty):
            key, status, data = self._ended.get(timeout=max(0.0, wait_s))
            while True:
                running = self._running.pop(key, None)
                if running is not None:
                    running.future.release()
                    outcomes.append(self._outcome_of(running, status, data))
                key, status, data = self._ended.get_nowait()
        return [outcome for outcome in outcomes if outcome is not None]

    def _outcome_of(self, running: _Running, status: str, data: Any) -> StepOutcome | None:
        """Return what came of a call; None if it is sent again."""
        if status != "finished":
            return self._set_back(running, f"gave no outcome ({status}: {data})")
        try:
            return _read(running, data)
        except _RefusedError as refused:
            self.cluster.refuse(running.worker.address, str(refused))
            return self._set_back(running, f"refused it: {refused}")
        except ValueError as error:
            return self._set_back(running, f"sent no outcome: {error}")

    def _lose(self) -> list[StepOutcome]:
        """Take back the calls whose worker is gone, or that should long have ended."""
        workers, now = self.cluster.workers(), time.monotonic()
        lost = [
            (key, running)
            for key, running in self._running.items()
            if running.worker.address not in workers or now >= running.latest
        ]
        outcomes = []
        for key, running in lost:
            del self._running[key]
            with suppress(Exception):
                running.future.cancel()
            is_gone = running.worker.address not in workers
            outcomes.append(self._set_back(running, "is gone" if is_gone else "does not answer"))
        return [outcome for outcome in outcomes if outcome is not None]

    def _set_back(self, running: _Running, what: str) -> StepOutcome | None:
        """Send a call again that was lost; if that happens time and again, it has crashed."""
        call = running.call
        if running.losses < _MOST_LOSSES:
            self._again.append((call, running.losses + 1))
            return None
        message = f"worker {running.worker.address} {what}; {_MOST_LOSSES} others were lost before"
        return StepOutcome(
            call.number,
            "crash",
            error=StepError("WorkerDied", message),
            elapsed_ms=(time.monotonic() - running.began) * 1000,
        )


class _RefusedError(Exception):
    """The worker has other code, or cannot start a process."""


def _read(running: _Running, data: Any) -> StepOutcome:
    """Return the outcome that bytes of a worker spell.

    Args:
        running: The call that they are of.
        data: What came.

    Returns:
        The outcome.

    Raises:
        ValueError: If they spell none of this call.
        _RefusedError: If they say that the worker refused it.
    """
    try:
        return _parse(running, data)
    except (EOFError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise ValueError(f"no frames of an outcome: {error!r:.200}") from error


def _parse(running: _Running, data: Any) -> StepOutcome:
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

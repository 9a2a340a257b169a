"""A connection to a scheduler: which workers may be used, and whether the scheduler is still there.

    every second:  scheduler -> who is there      a worker that is new: what code has it?
                                                     as here  -> it may be used
                                                     another  -> refused, by name, with what differs
                   no reply for a while           -> the cluster is lost

A worker is asked before anything is sent to it, and only workers that were asked are named when
something is sent, so one that joins late is no exception.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from docsearch_cli.cluster.direct import DirectCall, call_directly, is_in_reach, pickled
from docsearch_cli.cluster.identity import differences, own_identity, write_identity
from docsearch_cli.errors import ClusterError, ClusterMissingError

# How often the scheduler is asked who is there, and how long it may take to say so.
_LOOK_S = 1.0
_REPLY_S = 4.0
# How long a worker may take to say which code it has; the first time it imports it.
_ADMIT_S = 60.0
# The scheduler, or the last worker, is lost if nothing was heard of it for so long.
LOST_S = 10.0
# A worker of which the scheduler has heard nothing for so long gets nothing more to do.
_SILENT_S = 12.0
# How long a connection, and the first worker, may take.
_CONNECT_S = 10.0
_FIRST_WORKER_S = 15.0
_CLOSE_S = 1.0


@dataclass(frozen=True, slots=True)
class ClusterWorker:
    """A worker that may be used."""

    address: str
    host: str
    threads: int
    is_direct: bool = False
    """Whether it is called over a connection of its own; see ``direct.py``."""


class Cluster:
    """A connection to a scheduler.

    Args:
        address: That of the scheduler.
        tell: Told of workers that are refused.
        security: TLS for this connection; None for what Dask's own configuration says.
        is_direct: Whether to reach for workers themselves, for calls that are short and many.
    """

    def __init__(
        self,
        address: str,
        tell: Callable[[str], None],
        *,
        security: Any | None = None,
        is_direct: bool = False,
    ) -> None:
        self.address = address
        self.identity = write_identity()
        self.session = uuid4().hex
        self._tell = tell
        self._own = own_identity()
        self._security = security
        self._is_direct = is_direct
        self._client: Any | None = None
        self._scheduler_id = ""
        self._heard = 0.0
        self._had_worker = 0.0
        self._lock = threading.Lock()
        self._workers: dict[str, ClusterWorker] = {}
        self._refused: dict[str, str] = {}
        self._gone_silent: dict[str, tuple[float, float]] = {}
        self._lost = ""
        self._seen = 0
        self._asking: dict[str, asyncio.Future[None]] = {}
        self._watching: Any | None = None

    def open(self) -> None:
        """Connect, and wait for the first worker that may be used.

        Raises:
            ClusterMissingError: If there is no scheduler, no worker, or none that may be used.
        """
        from distributed import Client

        try:
            self._client = Client(
                self.address,
                timeout=_CONNECT_S,
                set_as_default=False,
                security=self._security,
                name="docsearch",
            )
        except (OSError, ValueError, TypeError) as error:
            raise ClusterMissingError(
                f"there is no scheduler at {self.address}: {error}",
                hint="start one with dask scheduler; --scheduler local starts one here",
            ) from error
        self._heard = self._had_worker = time.monotonic()
        self._watching = asyncio.run_coroutine_threadsafe(
            self._watch(), self._client.loop.asyncio_loop
        )
        began = time.monotonic()
        until = began + _FIRST_WORKER_S
        while not self._workers and time.monotonic() < until:
            if self._refused and len(self._refused) >= self._seen:
                break
            if self._asking:  # a worker is there
                until = max(until, min(time.monotonic() + 1, began + _ADMIT_S))
            time.sleep(0.02)
        if not self._workers:
            raise ClusterMissingError(
                f"no worker of {self.address} can be used: {self._why_none()}",
                hint="start one where this version of docsearch is installed: dask worker"
                f" {self.address}",
            )

    def workers(self) -> Mapping[str, ClusterWorker]:
        """Return the workers that may be used now, by address.

        Returns:
            The workers; there are none while the connection is being made again.

        Raises:
            ClusterError: If the scheduler, or the last worker, is lost.
        """
        now = time.monotonic()
        is_connected = self._client is not None and self._client.status == "running"
        with self._lock:
            workers = dict(self._workers) if is_connected else {}
        if workers or self._asking:
            self._had_worker = now
        reason = self._lost
        if not reason and now - self._heard > LOST_S:
            reason = f"it has not answered for {now - self._heard:.0f} s"
        if not reason and now - self._had_worker > LOST_S:
            reason = f"no worker is left: {self._why_none()}"
        if reason:
            raise ClusterError(
                f"the scheduler at {self.address} is lost: {reason}",
                hint="start it again, or leave --engine out to go on here",
            )
        return workers

    def submit(self, worker: ClusterWorker, key: str, function: Any, *args: Any) -> Any:
        """Send a task to one worker, and return its future; Dask is told never to try it again."""
        assert self._client is not None
        return self._client.submit(
            function,
            *args,
            key=key,
            workers=[worker.address],
            allow_other_workers=False,
            retries=0,
            pure=False,
        )

    def send_directly(self, worker: ClusterWorker, key: str, function: Any, *args: Any) -> Any:
        """Call a coroutine function of ``at_worker.py``, and return what stands for its reply.

        A worker that has gone out of reach is sent tasks from then on.
        """
        call = call_directly(self._client, worker.address, key, pickled(function), args)
        call.add_done_callback(lambda ended: self._note_reach(worker.address, ended))
        return call

    def _note_reach(self, address: str, call: DirectCall) -> None:
        if call.status != "error" or not isinstance(call.exception(), OSError):
            return
        with self._lock:
            if worker := self._workers.get(address):
                self._workers = {**self._workers, address: replace(worker, is_direct=False)}

    def call(self, worker: ClusterWorker, function: Any, *args: Any, timeout_s: float = 60) -> Any:
        """Call a function in a worker's own process, outside of its threads for tasks.

        Args:
            worker: Which one.
            function: One of ``at_worker.py``.
            *args: What it is given.
            timeout_s: How long it may take.

        Returns:
            What it gave.

        Raises:
            ClusterError: If the worker does not answer.
        """
        assert self._client is not None
        try:
            found = self._client.sync(
                self._client._run,
                function,
                *args,
                workers=[worker.address],
                callback_timeout=timeout_s,
            )
            return found[worker.address]
        except Exception as error:  # whatever it raised there comes back as it is
            raise ClusterError(f"worker {worker.address} does not answer: {error}") from error

    def close(self) -> None:
        """End what runs for this connection at the workers, and close it; safe to call twice."""
        client, self._client = self._client, None
        if client is None:
            return
        from docsearch_cli.cluster.at_worker import end_session

        if self._watching is not None:
            self._watching.cancel()
        for asking in list(self._asking.values()):
            client.loop.add_callback(asking.cancel)
        with suppress(Exception):
            client.sync(
                client._run,
                end_session,
                self.identity,
                self.session,
                workers=list(self._workers),
                on_error="ignore",
                callback_timeout=_CLOSE_S,
            )
        with suppress(Exception):
            client.close(timeout=_CLOSE_S)

    async def _watch(self) -> None:
        assert self._client is not None
        client = self._client
        while True:
            with suppress(OSError):  # a reply that takes too long is one of these
                found = await asyncio.wait_for(client.scheduler.identity(n_workers=-1), _REPLY_S)
                self._heard = time.monotonic()
                if not self._scheduler_id:
                    self._scheduler_id = str(found["id"])
                if str(found["id"]) != self._scheduler_id:
                    self._lost = "another one has taken its place"
                self._take_note(client, found["workers"])
            await asyncio.sleep(_LOOK_S)

    def _take_note(self, client: Any, found: Mapping[str, Any]) -> None:
        """Take note of who is there, and begin to ask those that are new which code they have."""
        self._seen = len(found)
        able = {
            address
            for address, facts in found.items()
            if facts["status"] == "running" and not self._is_silent(address, facts)
        }
        with self._lock:
            self._workers = {
                address: worker for address, worker in self._workers.items() if address in able
            }
        for address in sorted(able - self._workers.keys() - self._refused.keys()):
            if address not in self._asking:  # one that takes its time keeps nobody waiting
                facts = found[address]
                worker = ClusterWorker(address, str(facts["host"]), int(facts["nthreads"]))
                self._asking[address] = asyncio.ensure_future(self._ask(client, worker))

    async def _ask(self, client: Any, worker: ClusterWorker) -> None:
        try:
            await self._admit(client, worker)
        finally:
            del self._asking[worker.address]

    async def _admit(self, client: Any, worker: ClusterWorker) -> None:
        """Ask a worker which code it has, and use it or refuse it."""
        from docsearch_cli.cluster.at_worker import admit

        address = worker.address
        try:
            replies = await asyncio.wait_for(
                client._run(admit, self.identity, workers=[address], on_error="return"), _ADMIT_S
            )
            reply = replies[address]
        except (OSError, KeyError):
            return  # it does not answer now; it is asked again
        if isinstance(reply, OSError):
            return
        if isinstance(reply, Exception):
            problem = [f"docsearch cannot be used there ({type(reply).__name__}: {reply})"]
        else:
            problem = differences(reply, self._own)
        if problem:
            self._refuse(address, "; ".join(problem))
            return
        if self._is_direct:
            worker = replace(worker, is_direct=await is_in_reach(client, address))
        with self._lock:
            self._workers = {**self._workers, address: worker}

    def refuse(self, address: str, reason: str) -> None:
        """Use a worker no more, and say why."""
        with self._lock:
            self._workers = {
                name: worker for name, worker in self._workers.items() if name != address
            }
        self._refuse(address, reason)

    def _refuse(self, address: str, reason: str) -> None:
        if address not in self._refused:
            self._refused[address] = reason
            self._tell(f"worker {address} is not used: {reason}")

    def _is_silent(self, address: str, facts: Mapping[str, Any]) -> bool:
        """Tell whether the scheduler has heard nothing of a worker for a while."""
        now, last_seen = time.monotonic(), float(facts["last_seen"])
        before = self._gone_silent.get(address)
        if before is None or before[0] != last_seen:
            self._gone_silent[address] = (last_seen, now)
            return False
        return now - before[1] > _SILENT_S

    def _why_none(self) -> str:
        if not self._refused:
            return "there is none"
        return "; ".join(f"{address}: {reason}" for address, reason in self._refused.items())

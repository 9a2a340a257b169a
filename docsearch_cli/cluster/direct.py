"""A call over a connection of its own to a worker: one message there and one back.

A task of Dask goes through the scheduler's plan of tasks and its result is fetched in a second
way, which takes about ten messages and, for a step of a few milliseconds, longer than the step.
This is for steps, and where the asking machine reaches the worker; whole questions and files are
tasks, by which an adaptive cluster sees that a worker is busy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

# How long a worker may take to accept a connection before it counts as out of reach.
_REACH_S = 3.0


class DirectCall:
    """A call that is on its way, with the part of a future of Dask that the engine uses.

    Args:
        key: Its name.
        reply: What comes back.
    """

    def __init__(self, key: str, reply: Future[Any]) -> None:
        self.key = key
        self._reply = reply

    @property
    def status(self) -> str:
        """Tell how it stands, in Dask's words."""
        if not self._reply.done():
            return "pending"
        if self._reply.cancelled():
            return "cancelled"
        return "error" if self._reply.exception() is not None else "finished"

    def add_done_callback(self, callback: Callable[[DirectCall], None]) -> None:
        """Have something called once it has ended, in a thread of the connection."""
        self._reply.add_done_callback(lambda _reply: callback(self))

    def result(self, timeout: float | None = None) -> Any:
        """Return what came back, or raise why nothing did."""
        return self._reply.result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return why nothing came back."""
        return self._reply.exception(timeout)

    def release(self) -> None:
        """Let go of it: the worker keeps nothing."""

    def cancel(self) -> None:
        """Wait for it no longer."""
        self._reply.cancel()


async def is_in_reach(client: Any, address: str) -> bool:
    """Tell whether a worker takes connections from here; the one that is made is used later on.

    Args:
        client: The client of Dask.
        address: That of the worker.

    Returns:
        True if it does.
    """
    try:
        comm = await asyncio.wait_for(client.rpc.connect(address), _REACH_S)
    except (OSError, ValueError):  # no way there, or none that this machine speaks
        return False
    client.rpc.reuse(address, comm)
    return True


def call_directly(
    client: Any, address: str, key: str, function: bytes, arguments: tuple[Any, ...]
) -> DirectCall:
    """Send a call.

    Args:
        client: The client of Dask, which holds the connections.
        address: That of the worker.
        key: The call's name.
        function: What is called there, a coroutine function, as ``pickled`` gives it.
        arguments: Bytes and plain values.

    Returns:
        The call.
    """
    message = {"op": "run", "function": function, "args": pickled(arguments), "wait": True}
    reply = asyncio.run_coroutine_threadsafe(
        _exchange(client, address, message), client.loop.asyncio_loop
    )
    return DirectCall(key, reply)


def pickled(value: object) -> bytes:
    """Return a value in Dask's spelling."""
    from distributed.protocol.pickle import dumps

    data: bytes = dumps(value)
    return data


async def _exchange(client: Any, address: str, message: dict[str, Any]) -> Any:
    from distributed.core import send_recv

    comm = await client.rpc.connect(address)
    try:
        reply = await send_recv(comm, **message)
    finally:
        client.rpc.reuse(address, comm)  # one that broke is closed, and taken out there
    if reply.get("status") != "OK":
        raise RuntimeError(f"the worker raised {reply.get('exception_text', reply)!s:.300}")
    return reply["result"]

"""HTTP whose patience with silent clients ends: they are closed, and nobody is shut out by them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: TID253  imported in functions

# From the first byte to a whole request; clients are on this machine.
REQUEST_WAIT_S = 10.0


class PatientProtocol(H11Protocol):  # type: ignore[misc]  # its imports are not followed
    """One connection.

    Args:
        *facts: As uvicorn makes it.
        most: Connections that there may be at once.
        **more_facts: As uvicorn makes it.
    """

    def __init__(self, *facts: Any, most: int, **more_facts: Any) -> None:
        super().__init__(*facts, **more_facts)
        self._most = most
        self._closing: asyncio.TimerHandle | None = None
        """Closes the connection; None while a request is answered."""

    @property
    def waits(self) -> bool:
        """Whether it is the client's turn: no request of its is being answered."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to wait for a request; of too many that wait, the first gives way."""
        super().connection_made(transport)
        self._begin_to_wait()
        if len(self.connections) > self._most:
            waiting = [item for item in self.connections if item.waits]
            # This one waits, too: where all others are being answered, it is the one to go.
            min(waiting, key=lambda item: item.closes_at).give_up()

    def data_received(self, data: bytes) -> None:
        """Take some bytes; drops of a request do not make the wait longer."""
        super().data_received(data)
        if not self.waits:
            self._end_wait()
        elif self._closing is None:
            self._begin_to_wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._end_wait()
        super().connection_lost(exc)

    @property
    def closes_at(self) -> float:
        """When its wait ends, by the clock of the loop; where none has begun again, now."""
        return self._closing.when() if self._closing is not None else 0.0

    def give_up(self) -> None:
        """Close it at once."""
        self._end_wait()
        self.connections.discard(self)
        self.transport.abort()

    def _begin_to_wait(self) -> None:
        self._closing = self.loop.call_later(REQUEST_WAIT_S, self.give_up)

    def _end_wait(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None


def patient_protocol(most: int) -> Any:
    """Return what uvicorn makes connections by.

    Args:
        most: Connections that there may be at once.

    Returns:
        Its class, so to speak.
    """
    return partial(PatientProtocol, most=most)

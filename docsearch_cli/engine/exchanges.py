"""A request to a model and what came of it, as an engine reports it and a journal keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, Protocol

from docsearch_cli.steps import NOTHING, Amount

ExchangeOrigin = Literal["sent", "cache", "resume", "fork"]
"""Where its reply comes from: the model, the cache, this run before it was interrupted, or the run
that this one was forked from."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a step, and its reply if one came."""

    attempt: int
    """Of the step, from 1."""
    request: bytes
    """Canonical JSON."""
    reserved: Amount
    """The most that it can come to."""
    charged: Amount
    """What it comes to; all that was reserved as long as there is no reply."""
    origin: ExchangeOrigin = "sent"
    reply: bytes | None = None
    """Canonical JSON; None if none came."""
    error: str = ""
    """Why none came, if that is known."""
    number: int = 0
    """Among all requests of the run, from 1, as the journal counts them; 0 where it has not."""


def total_of(exchanges: Iterable[Exchange]) -> Amount:
    """Return what exchanges come to together, wherever their replies come from."""
    return sum((exchange.charged for exchange in exchanges), NOTHING)


class HasOrigin(Protocol):
    """An exchange, in the engine or in a record."""

    @property
    def origin(self) -> ExchangeOrigin:
        """Where its reply comes from."""


def is_from_cache(exchanges: Sequence[HasOrigin]) -> bool:
    """Tell whether there are requests, and every reply to them came from the cache."""
    return bool(exchanges) and all(item.origin == "cache" for item in exchanges)


def reply_key(request: bytes) -> str:
    """Return what the reply to a request is cached under: it names model and prompt."""
    return sha256(b"reply\0" + request).hexdigest()


class Journal(Protocol):
    """Where requests are written down, so that a killed process forgets none that it sent."""

    def asked(self, step: int, exchange: Exchange) -> int:
        """Write down a request of a step, before it is sent, and return its number."""

    def replied(self, step: int, exchange: Exchange) -> None:
        """Write down what came of it."""

"""Counting what a search asks of a language model while it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from docsearch_cli.engine.exchanges import Exchange, Journal
from docsearch_cli.runs.spending import NOTHING_SPENT, Spent
from docsearch_cli.steps import NOTHING, Amount


@dataclass(slots=True)
class CountingJournal:
    """Passes on what is to be written down, and counts it: also what no step was committed with.

    A request counts as all that it may cost until its reply is there.
    """

    inner: Journal
    before: Spent = NOTHING_SPENT
    """What other processes asked in this run."""
    tell: Callable[[Spent], None] | None = None
    """Told what the run has asked so far, at each request and reply."""
    recalled: Amount = NOTHING
    """What the replies that came from the cache would have come to."""
    _open: dict[int, Amount] = field(default_factory=dict)
    _sent: int = 0

    @property
    def spending(self) -> Spent:
        """What the run has asked so far."""
        found = self.before
        for charged in self._open.values():
            found = found.plus("sent", charged)
        return found

    @property
    def asked_in_all(self) -> Amount:
        """What the run has asked so far, cached replies counted as if they had been sent for."""
        return self.spending.paid + self.recalled

    def asked(self, step: int, exchange: Exchange) -> int:
        """Pass on a request, and return its number."""
        number = self.inner.asked(step, exchange)
        if exchange.origin == "sent":
            self._sent += 1
            number = number or -self._sent  # of a run that is not recorded
            self._open[number] = exchange.charged
        else:
            self.before = self.before.plus(exchange.origin, exchange.charged)
        self._tell()
        return number

    def replied(self, step: int, exchange: Exchange) -> None:
        """Pass on what came of a request."""
        self.inner.replied(step, exchange)
        if exchange.origin == "sent":
            self._open[exchange.number] = exchange.charged
        elif exchange.origin == "cache":
            self.recalled += exchange.charged
        self._tell()

    def _tell(self) -> None:
        if self.tell is not None:
            self.tell(self.spending)

"""What can still be read of a damaged record: all events before the first that is not whole.

An event is whole if the chain of hashes leads to it and every content that it names is there. It
was written in one transaction with those, so what is read here is what the run was at that moment,
as if it had been killed then. A record that is not damaged is whole to its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.store import Event, RunStore
from docsearch_cli.runs.trace import Trace, trace_of

# The fields of an event, at any depth, that name a content.
_CONTENTS = frozenset(("input", "output", "detail", "log"))


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What is left of a record."""

    events: tuple[Event, ...]
    lost: str
    """What is lost and why, in words; empty if nothing is."""

    def trace(self) -> Trace:
        """Return the run as these events tell it.

        Returns:
            The trace.

        Raises:
            RunCorruptError: If they make no sense.
        """
        return trace_of(self.events)


def salvage(store: RunStore) -> Salvaged:
    """Return the events of a record up to the last whole one.

    Args:
        store: The record, open for reading.

    Returns:
        The events, and what is lost.

    Raises:
        RunCorruptError: If not even the first is whole.
    """
    events, reason = store.whole_events()
    for number, event in enumerate(events):
        missing = _first_missing(store, event.data)
        if missing:
            events, reason = events[:number], missing
            break
    if not events:
        raise RunCorruptError(f"nothing of the run's record can be read: {reason}")
    lost = f"what came after event {len(events)} is lost: {reason}" if reason else ""
    return Salvaged(tuple(events), lost)


def _first_missing(store: RunStore, data: dict[str, Any]) -> str:
    for name in _contents(data):
        try:
            store.blob(name)
        except RunCorruptError as error:
            return error.message
    return ""


def _contents(event: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the contents that an event names, without recursion: it may be foreign."""
    waiting: list[Any] = [event]
    while waiting:
        found = waiting.pop()
        inner = found
        if isinstance(found, dict):
            named = (text for key, text in found.items() if key in _CONTENTS and text)
            yield from (text for text in named if isinstance(text, str))
            inner = found.values()
        waiting.extend(item for item in inner if isinstance(item, (dict, list)))

"""Whether events stand where they may: what a process writes, and in which order.

    run_started
      [intent planned, ended] [plan planned, ended] [commit, asked, replied ...] [kept]
      [aggregate planned, ended, [write planned, asked, replied ..., ended,] run_finished]
    run_resumed                      by another process, unless the run is complete
      ... the rest of it

A process that is killed leaves any beginning of that. Intent and plan are in a run once, unless the
process was killed between the two events of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.store import Event

# The fixed steps that have ended before one of a kind is planned.
_BEFORE: dict[str, set[str]] = {
    "intent": set(),
    "plan": {"intent"},
    "aggregate": {"intent", "plan"},
    "write": {"intent", "plan", "aggregate"},
}


def check_order(events: Sequence[Event]) -> None:
    """Check that each event may follow those before it.

    Args:
        events: Of one run, each of the shape that one of its kind has.

    Raises:
        RunCorruptError: At the first that may not.
    """
    order = _Order()
    for event in events:
        if not order.allows(event.kind, event.data):
            raise RunCorruptError(f"event {event.seq} of the run, {event.kind}, has no place there")


class _Order:
    """How far a run has come."""

    def __init__(self) -> None:
        self._open: str | None = None
        """The fixed step that was planned and has not ended."""
        self._kind = ""
        self._ended: set[str] = set()
        """Kinds of fixed steps that have ended; the fan-in in this process only."""
        self._is_kept = False
        self._has_commits = False
        self._is_over = False
        self._is_complete = False

    def allows(self, kind: str, data: Any) -> bool:
        """Take the next event, and tell whether it may be there."""
        if kind == "run_resumed":
            return self._resume()
        is_asking = kind in ("asked", "replied")
        if is_asking and self._open is not None:
            return self._kind == "write" and data.get("step", 0) == 0
        if self._is_over or (self._open is not None and kind != "fixed_ended"):
            return False
        explores = "plan" in self._ended and "aggregate" not in self._ended and not self._is_kept
        if kind == "fixed_planned":
            return self._plan(data)
        if kind == "fixed_ended":
            return self._end(data)
        if kind == "commit":
            is_first, self._has_commits = not self._has_commits, True
            return explores and (data["number"] is None) <= is_first
        if is_asking:  # of which step, the trace has checked
            return explores
        if kind == "kept":
            self._is_kept = True
            return explores and bool(data["ended"])
        if kind == "run_finished":
            self._is_over, self._is_complete = True, data["status"] == "complete"
            return "aggregate" in self._ended
        return True  # the first event, whose place the trace has checked

    def _resume(self) -> bool:
        was_complete = self._is_complete
        self._open, self._is_kept, self._is_over = None, False, False
        self._ended -= {"aggregate", "write"}
        return not was_complete

    def _plan(self, data: Any) -> bool:
        self._open, self._kind = data["id"], data["kind"]
        return self._ended == _BEFORE.get(self._kind)

    def _end(self, data: Any) -> bool:
        is_open: bool = data["id"] == self._open
        self._open = None
        self._ended.add(self._kind)
        return is_open

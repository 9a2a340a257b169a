"""The inline engine: one step at a time, in this process; for replay, tests and debugging."""

from __future__ import annotations

import time
from collections.abc import Mapping

from docsearch_cli.engine.protocol import StepCall, StepFunction, StepOutcome, run_call


class InlineEngine:
    """Runs a call inside ``poll``; it cannot enforce timeouts."""

    name = "inline"

    def __init__(self, functions: Mapping[str, StepFunction]) -> None:
        self._functions = functions
        self._waiting: list[StepCall] = []

    def start(self) -> None:
        """Do nothing: this process is the slot."""

    def free_slots(self) -> int:
        """Return 1 until something is submitted."""
        return 1 - len(self._waiting)

    def submit(self, call: StepCall) -> None:
        """Keep the call until the next poll."""
        self._waiting.append(call)

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        """Run what was submitted; if there is nothing to run, wait."""
        if not self._waiting:
            time.sleep(timeout_s)
        calls, self._waiting = self._waiting, []
        return [run_call(self._functions, call) for call in calls]

    def close(self) -> None:
        """Drop what was submitted."""
        self._waiting.clear()

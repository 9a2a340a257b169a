"""What stands in for a run's record where none is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Unpack

from docsearch_cli.engine.exchanges import Exchange
from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.runs.events import EndingFacts, RunStatus
from docsearch_cli.steps import Drop, step_id


class UnrecordedRun:
    """A recorder that records nothing, for measuring thousands of searches."""

    run_id = ""

    def run_step(
        self,
        kind: str,
        function: str,
        payload: bytes,
        call: Callable[[bytes], bytes],
        *,
        known: bytes | None = None,
    ) -> tuple[str, bytes]:
        """Run a step and record nothing."""
        return step_id(None, kind, function), call(payload) if known is None else known

    def try_step(
        self, kind: str, function: str, payload: bytes, call: Callable[[bytes], bytes | None]
    ) -> tuple[str, bytes | None]:
        """Run a step that may fail, and record nothing."""
        return step_id(None, kind, function), call(payload)

    def commit(
        self, ended: StepRecord | None, drops: Sequence[Drop], sent: Sequence[StepRecord]
    ) -> None:
        """Record nothing."""

    def keep(self, ended: Sequence[StepRecord]) -> None:
        """Record nothing."""

    def asked(self, step: int, exchange: Exchange) -> int:  # noqa: ARG002  what a recorder has
        """Record nothing."""
        return 0

    def replied(self, step: int, exchange: Exchange) -> None:
        """Record nothing."""

    def finish(self, status: RunStatus, **facts: Unpack[EndingFacts]) -> None:
        """Record nothing."""

    def close(self) -> None:
        """Close nothing."""

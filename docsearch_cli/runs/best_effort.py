"""Recording a run for as long as that can be done: an answer is not lost for want of room."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from docsearch_cli.engine.exchanges import Exchange
from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.runs.events import RunFacts
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.runs.unrecorded import UnrecordedRun
from docsearch_cli.steps import Drop

Written = TypeVar("Written")
# Why a record cannot be written: refused by the machine, or changed by somebody meanwhile.
_FAILURES = (InputError, RunCorruptError)


class BestEffortRecorder:
    """A record that is given up when it can no longer be written; the search goes on without.

    What was written of a new run is removed then. A run that is resumed stays as it is.

    Args:
        recorder: What writes the record; None where it could not even be begun.
        reason: Why not, in words.
        is_new: Whether the run began with this search.
    """

    def __init__(
        self, recorder: RunRecorder | None, *, reason: str = "", is_new: bool = True
    ) -> None:
        self._recorder = recorder
        self._is_new = is_new
        self._nothing = UnrecordedRun()
        self.reason = reason

    @classmethod
    def create(cls, home: Path, facts: RunFacts, run_id: str = "") -> BestEffortRecorder:
        """Start a record under a new id, if that can be done.

        Args:
            home: The ``.docsearch`` folder.
            facts: What is known of the run before it starts.
            run_id: The id that it is to have, if nobody has that; empty for any.

        Returns:
            The recorder.
        """
        try:
            return cls(RunRecorder.create(home, facts, run_id))
        except _FAILURES as error:
            return cls(None, reason=error.message)

    @property
    def run_id(self) -> str:
        """The run's id; empty if it is not recorded."""
        return self._recorder.run_id if self._recorder is not None else ""

    def attempt(self, write: Callable[[RunRecorder], Written]) -> Written | None:
        """Write to the record, if there still is one.

        Args:
            write: What to do with it.

        Returns:
            What that gave; None if nothing is recorded any more.
        """
        if self._recorder is None:
            return None
        try:
            return write(self._recorder)
        except _FAILURES as error:
            self.reason = error.message
            self._give_up(self._recorder)
            return None

    def run_step(
        self,
        kind: str,
        function: str,
        payload: bytes,
        call: Callable[[bytes], bytes],
        *,
        known: bytes | None = None,
    ) -> tuple[str, bytes]:
        """Run a step and record it; it is run again if it could not be recorded."""
        done = self.attempt(
            lambda recorder: recorder.run_step(kind, function, payload, call, known=known)
        )
        if done is not None:
            return done
        return self._nothing.run_step(kind, function, payload, call, known=known)

    def try_step(
        self, kind: str, function: str, payload: bytes, call: Callable[[bytes], bytes | None]
    ) -> tuple[str, bytes | None]:
        """Run a step that may fail and record it; once, whether it could be recorded or not."""
        made: list[bytes | None] = []

        def once(data: bytes) -> bytes | None:
            if not made:
                made.append(call(data))
            return made[0]

        done = self.attempt(lambda recorder: recorder.try_step(kind, function, payload, once))
        return done if done is not None else self._nothing.try_step(kind, function, payload, once)

    def commit(
        self, ended: StepRecord | None, drops: Sequence[Drop], sent: Sequence[StepRecord]
    ) -> None:
        """Record the end of a step and all that follows from it."""
        self.attempt(lambda recorder: recorder.commit(ended, drops, sent))

    def keep(self, ended: Sequence[StepRecord]) -> None:
        """Record steps that ended in a run that was stopped before it could commit them."""
        self.attempt(lambda recorder: recorder.keep(ended))

    def asked(self, step: int, exchange: Exchange) -> int:
        """Record a request of a step to a model, before it is sent, and return its number."""
        return self.attempt(lambda recorder: recorder.asked(step, exchange)) or 0

    def replied(self, step: int, exchange: Exchange) -> None:
        """Record what came of a request."""
        self.attempt(lambda recorder: recorder.replied(step, exchange))

    def close(self) -> None:
        """Close the file and give up the right to write it."""
        if self._recorder is not None:
            self._recorder.close()

    def _give_up(self, recorder: RunRecorder) -> None:
        self._recorder = None
        folder = recorder.store.path.parent
        if self._is_new:  # while nobody else may write it
            shutil.rmtree(folder, ignore_errors=True)
        recorder.close()

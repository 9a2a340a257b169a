"""What a coordinator has to be told of the steps that it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.steps import Drop, HaltReason, PlannedStep

ValueT = TypeVar("ValueT", covariant=True)


class StepInputError(Exception):
    """A step's input cannot be made: its subject no longer exists."""


class StepWork(Protocol[ValueT]):
    """How the steps of one run are made, keyed and read, and who is told of them."""

    function: str
    """Registered name of the function that every step calls."""
    fallback: str
    """Name of the one that stands in when that keeps crashing, hanging or being refused; empty if
    there is none."""
    source: str
    """Fingerprint of the code that the steps run, part of the cache's key."""
    cache_tag: str
    """Tag of what is put into the cache."""

    def prepare(self, step: PlannedStep) -> bytes:
        """Return a step's input. Called once a step, when it is sent.

        Args:
            step: As the plan asks for it.

        Returns:
            The input.

        Raises:
            StepInputError: If it cannot be made.
        """

    def key_parts(self, step: PlannedStep) -> Mapping[str, bytes]:
        """Return, by name, the parts of a prepared step's input that decide its output."""

    def interpret(self, step: PlannedStep, output: bytes) -> ValueT:
        """Return what the plan is told of a step; whatever it raises is the step's failure."""

    def recall(self, record: StepRecord) -> bool:  # noqa: ARG002  what others may override
        """Fill in how a step ended in an earlier run, and tell whether it did."""
        return False

    def is_recorded(self, number: int) -> bool:  # noqa: ARG002  what others may override
        """Tell whether a step's commit is in the record of this run already."""
        return False

    def observe(self, record: StepRecord) -> None:
        """Take note of a step that was committed."""

    def note_drops(self, drops: Sequence[Drop]) -> None:
        """Take note of proposals that the plan did not take."""

    def note_running(self, steps: Sequence[PlannedStep]) -> None:
        """Take note of the steps that are under way from here on, by number."""

    def stop_reason(self) -> HaltReason | None:
        """Return why to end the run; asked between events. None to continue."""
        return None

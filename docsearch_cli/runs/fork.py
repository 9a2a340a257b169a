"""A fork: a run that repeats another one up to a step and has different limits after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from docsearch_cli.runs.events import ChangeFacts, ForkFacts, ModelFacts, RunFacts


@dataclass(frozen=True, slots=True)
class Change:
    """Limits, and perhaps a model, that hold from a step on."""

    at: int
    """The step from whose commit on they hold; 0 for the whole run."""
    limits: dict[str, int]
    model: ModelFacts | None = None
    """None where it stays as it was."""

    def to_dict(self) -> ChangeFacts:
        """Return the change as a record holds it."""
        facts: ChangeFacts = {"at": self.at, "limits": dict(self.limits)}
        if self.model is not None:
            facts["model"] = self.model
        return facts


@dataclass(frozen=True, slots=True)
class Fork:
    """Which run it is a fork of, and what differs; a fork of a fork keeps the changes of that."""

    run: str
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, facts: RunFacts) -> Fork | None:
        """Return what a run's facts say it is a fork of, if it is one."""
        fork = facts.get("fork")
        if fork is None:
            return None
        return cls(fork["run"], tuple(Change(**change) for change in fork["changes"]))

    def to_dict(self) -> ForkFacts:
        """Return the fork as a record holds it."""
        return {"run": self.run, "changes": [change.to_dict() for change in self.changes]}


def fork_from(
    run: str,
    earlier: Fork | None,
    at: int,
    limits: Mapping[str, int],
    model: ModelFacts | None = None,
) -> Fork:
    """Return a fork of a run, which may be one itself."""
    kept = [change for change in earlier.changes if change.at < at] if earlier is not None else []
    return Fork(run, (*kept, Change(at, dict(limits), model)))

"""A fork: a run that is another one up to a step, and has other limits from there on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docsearch_cli.explore.plan import ExplorePlan, PlanLimits
from docsearch_cli.explore.seeds import Seed


@dataclass(frozen=True, slots=True)
class Change:
    """Limits that hold from a step on."""

    at: int
    """The step from whose commit on they hold; 0 for the whole run."""
    limits: dict[str, int]


@dataclass(frozen=True, slots=True)
class Fork:
    """Of which run it is a fork, and what is other; a fork of a fork keeps the changes of that."""

    run: str
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Fork | None:
        """Return what a run's facts say it is a fork of, if it is one."""
        fork = facts.get("fork")
        if fork is None:
            return None
        return cls(fork["run"], tuple(Change(**change) for change in fork["changes"]))


def fork_from(run: str, earlier: Fork | None, at: int, limits: Mapping[str, int]) -> Fork:
    """Return a fork of a run, which may be one itself."""
    kept = [change for change in earlier.changes if change.at < at] if earlier is not None else []
    return Fork(run, (*kept, Change(at, dict(limits))))


def plan_limits(limits: Mapping[str, int]) -> PlanLimits:
    """Return the part of a run's limits that its plan enforces."""
    return PlanLimits(**{name: limits[name] for name in PlanLimits.__dataclass_fields__})


def make_plan(seeds: Sequence[Seed], limits: Mapping[str, int], fork: Fork | None) -> ExplorePlan:
    """Return the plan of a run, or of a fork, at its beginning."""
    stages = {at: plan_limits(values) for at, values in _stages(limits, fork).items()}
    return ExplorePlan(seeds, stages.pop(0), stages)


def last_limits(limits: Mapping[str, int], fork: Fork | None) -> dict[str, int]:
    """Return the limits in force at the end of a run."""
    return list(_stages(limits, fork).values())[-1]


def widest_limits(limits: Mapping[str, int], fork: Fork | None) -> dict[str, int]:
    """Return the limits that a run never passes: of a fork, the largest at any time."""
    stages = _stages(limits, fork).values()
    return {name: max(stage[name] for stage in stages) for name in limits}


def _stages(limits: Mapping[str, int], fork: Fork | None) -> dict[int, dict[str, int]]:
    """Return the limits by the step from which on they hold."""
    now = dict(limits)
    stages = {0: now}
    for change in fork.changes if fork is not None else ():
        now = {**now, **change.limits}
        stages[change.at] = now
    return stages

"""Which limits hold when: those a run began with, and what a fork changed from a step on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from docsearch_cli.config import RunLimits
from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.plan import ExplorePlan, PlanLimits
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.runs.fork import Fork
from docsearch_cli.runs.trace import Trace


@dataclass(frozen=True, slots=True)
class LimitSchedule:
    """The limits of a run, by the step after whose commit they hold."""

    stages: tuple[tuple[int, RunLimits], ...]
    """Ascending by step number; the first stage begins at 0, before any step."""

    @classmethod
    def of(cls, limits: RunLimits, fork: Fork | None) -> LimitSchedule:
        """Return when which limits hold.

        Args:
            limits: Those that the run, or the run it is a fork of, began with.
            fork: What a fork changed; None for a run that is none.

        Returns:
            The schedule.

        Raises:
            TypeError: If the fork changes a limit that does not exist.
        """
        stages = {0: limits}
        changes = sorted(fork.changes, key=lambda change: change.at) if fork is not None else ()
        for change in changes:
            limits = replace(limits, **change.limits)
            stages[change.at] = limits
        return cls(tuple(stages.items()))

    @property
    def first(self) -> RunLimits:
        """The limits before any step."""
        return self.stages[0][1]

    @property
    def last(self) -> RunLimits:
        """The limits at the end."""
        return self.stages[-1][1]

    @property
    def widest(self) -> RunLimits:
        """The largest value of each limit at any time: what the run never passes."""
        return RunLimits(
            **{
                item.name: max(getattr(limits, item.name) for _, limits in self.stages)
                for item in fields(RunLimits)
            }
        )

    def after(self, step: int) -> RunLimits:
        """Return the limits in force once a step is committed.

        Args:
            step: Its dispatch number; 0 for before any.

        Returns:
            The limits that decide what becomes of its proposals, and of what is sent then.
        """
        return next(limits for at, limits in reversed(self.stages) if at <= step)

    def plan(self, seeds: Sequence[Seed]) -> ExplorePlan:
        """Return the plan of a run with these limits, at its beginning."""
        changes = {at: plan_limits(limits) for at, limits in self.stages}
        return ExplorePlan(seeds, changes.pop(0), changes)


def plan_limits(limits: RunLimits) -> PlanLimits:
    """Return the part of a run's limits that its plan enforces."""
    return PlanLimits(**{item.name: getattr(limits, item.name) for item in fields(PlanLimits)})


def schedule_of(trace: Trace) -> LimitSchedule:
    """Return the limits of a recorded run.

    Args:
        trace: The run.

    Returns:
        When which limits held.

    Raises:
        RunCorruptError: If the record's limits are not those that this version knows.
    """
    try:
        return LimitSchedule.of(RunLimits.from_dict(trace.limits), Fork.of(trace.facts))
    except (TypeError, KeyError, AttributeError) as error:
        raise RunCorruptError("the run's limits are not those of this version") from error


def limits_at_dispatch(trace: Trace, step: int) -> RunLimits:
    """Return the limits under which a step was sent.

    Args:
        trace: The run.
        step: The step's dispatch number.

    Returns:
        The limits, as its view was made by them.

    Raises:
        RunCorruptError: If the record's limits are not those that this version knows.
    """
    last = max((commit.number or 0 for commit in trace.commits), default=0)
    return schedule_of(trace).after(trace.sent_after.get(step, last))

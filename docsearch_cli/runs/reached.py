"""Which limits ended a run: what was used of each, and what there was of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.limits import LimitSchedule, schedule_of
from docsearch_cli.runs.trace import Trace
from docsearch_cli.steps import NOTHING, Amount

LimitName = Literal[
    "max_agents",
    "max_tokens",
    "model_tokens",
    "max_requests",
    "max_cost",
    "max_depth",
    "deadline_s",
]


@dataclass(frozen=True, slots=True)
class ReachedLimit:
    """A limit that ended a run."""

    limit: LimitName
    """``model_tokens``: what ``max_tokens`` leaves to a language model."""
    used: int
    """In millionths of a dollar for ``max_cost``. Less than there was where one more step might
    have taken more than the rest."""
    cap: int

    def to_dict(self) -> dict[str, str | float]:
        """Return it as the JSON result shows it: an amount of money in dollars."""
        if self.limit == "max_cost":
            return {"limit": "max_cost_usd", "used": self.used / 1e6, "cap": self.cap / 1e6}
        return {"limit": self.limit, "used": self.used, "cap": self.cap}


def reached_limits(
    reason: str, schedule: LimitSchedule, budget: Mapping[str, int], asked: Amount = NOTHING
) -> tuple[ReachedLimit, ...]:
    """Return the limits that ended a run.

    Args:
        reason: Why it ended, as it is recorded.
        schedule: Its limits.
        budget: What it used of them, as its ending says.
        asked: What its steps asked of a model.

    Returns:
        At least one where a limit ended it, if it is known which; none where something else did.
    """
    limits = schedule.last
    if reason == "depth":
        return (ReachedLimit("max_depth", budget["depth_reached"], limits.max_depth),)
    if reason == "deadline":
        return (ReachedLimit("deadline_s", limits.deadline_s, limits.deadline_s),)
    if reason != "budget":
        return ()
    if budget["agents_used"] >= limits.max_agents:
        return (ReachedLimit("max_agents", budget["agents_used"], limits.max_agents),)
    read = budget["tokens_read"]
    if read + limits.reading_tokens > limits.max_tokens:
        return (ReachedLimit("max_tokens", read, limits.max_tokens),)
    plan = schedule.plan_limits(schedule.stages[-1][0])
    parts: tuple[tuple[LimitName, int, int, int], ...] = (
        ("max_requests", asked.requests, plan.request.requests, plan.asked.requests),
        ("model_tokens", asked.tokens, plan.request.tokens, plan.asked.tokens),
        ("max_cost", asked.micro_usd, plan.request.micro_usd, plan.asked.micro_usd),
    )
    return tuple(
        ReachedLimit(name, used, cap) for name, used, least, cap in parts if used + least > cap
    )


def limits_reached_by(trace: Trace) -> tuple[ReachedLimit, ...]:
    """Return the limits that ended a recorded run.

    Args:
        trace: The run.

    Returns:
        The limits; none for one that never ended, or whose record does not say.
    """
    ending = trace.ending
    if not ending:
        return ()
    asked = sum((row.spent for row in trace.steps), NOTHING)
    try:
        return reached_limits(ending["stop_reason"], schedule_of(trace), ending["budget"], asked)
    except (RunCorruptError, KeyError, TypeError):  # a record of another version
        return ()

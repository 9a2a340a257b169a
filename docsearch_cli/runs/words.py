"""What a run did, in the words that commands and reports share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from docsearch_cli.corpus.graphemes import shorten
from docsearch_cli.graph.edge_kinds import label_words
from docsearch_cli.run_limits import dollars

if TYPE_CHECKING:
    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.runs.reached import LimitName, ReachedLimit

STOP_WORDS = {
    "answered": "answered",
    "budget": "budget reached",
    "depth": "depth reached",
    "frontier_empty": "nothing left to follow",
    "look": "only a look was taken (--deep goes on)",
    "no_gain": "the last nodes added nothing new",
    "deadline": "deadline reached",
    "cancelled": "cancelled",
    "failures": "too many steps failed",
    "simple": "keyword search",
}
"""Why a search ended."""
BRIEF_STOP_WORDS = {
    "answered": "answered",
    "budget": "budget reached",
    "depth": "depth reached",
    "frontier_empty": "nothing left",
    "look": "a look",
    "no_gain": "nothing new",
    "deadline": "deadline reached",
    "cancelled": "cancelled",
    "failures": "steps failed",
    "simple": "keyword search",
}
"""A word or two of the same, for a list of runs."""
_REACHED_WORDS: dict[LimitName, tuple[str, str]] = {
    "max_agents": ("agents", "--max-agents"),
    "max_tokens": ("tokens read", "--max-tokens"),
    "model_tokens": ("tokens of the model", "--max-tokens"),
    "max_requests": ("requests", "--max-requests"),
    "max_cost": ("", "--max-cost"),
    "max_depth": ("hops", "--max-depth"),
    "deadline_s": ("seconds", "deadline_s in the settings"),
}
"""What a limit counts, and what raises it; money says itself what it is."""
DROP_WORDS = {
    "visited": "opened already",
    "queued": "waiting already",
    "better_way": "found by a better way",
    "depth": "too deep (--max-depth)",
    "fan_out": "beyond --fan-out",
    "proposals": "beyond the proposals a step may make",
    "not_a_neighbour": "not shown to the agent",
    "frontier_full": "with no room left to wait (frontier)",
    "seeds": "beyond --seeds",
}
"""Why a proposed page was not opened by that proposal."""
DECISION_WORDS = {
    "answer": "answer",
    "expand": "led on",
    "dead_end": "dead end",
    "failed": "failed",
    "running": "not finished",
}
"""What became of a step."""
# A longer text of an edge leaves too little of a line for the rest.
_MOST_TEXT = 40


def stop_words(reason: str, reached: Sequence[ReachedLimit] = ()) -> str:
    """Return why a search ended, in words.

    Args:
        reason: As a run records it; empty if it did not end.
        reached: The limits that ended it.

    Returns:
        The words: which limit, its value, and what raises it.
    """
    words = STOP_WORDS.get(reason, "interrupted")
    named = " and ".join(map(_reached_words, reached))
    return f"{words}: {named}" if named else words


def ended_words(
    reason: str, reached: Sequence[ReachedLimit], budget: Mapping[str, int] | None
) -> str:
    """Return what stands below the tree of a run: why it ended, and what it left.

    Args:
        reason: As a run records it; empty if it did not end.
        reached: The limits that ended it.
        budget: What was used of it; None if it did not end.

    Returns:
        The line.
    """
    said = f"stopped: {stop_words(reason, reached)}"
    unspent = budget["max_agents"] - budget["agents_used"] if budget else 0
    if not unspent:
        return said
    return f"{said}; {unspent} {'agent' if unspent == 1 else 'agents'} unspent"


def _reached_words(reached: ReachedLimit) -> str:
    noun, raised_by = _REACHED_WORDS[reached.limit]
    if noun:
        amounts = f"{reached.used:,} of {reached.cap:,} {noun}"
    else:
        amounts = f"{dollars(reached.used)} of {dollars(reached.cap)}"
    return f"{amounts} (raised by {raised_by})"


def brief_stop_words(reason: str | None, status: str) -> str:
    """Return how a run ended, in a word or two.

    Args:
        reason: Why, as it records it; None if it did not end, or nobody can tell.
        status: How it stands; said where there is no reason.

    Returns:
        The words.
    """
    return BRIEF_STOP_WORDS.get(reason, reason) if reason else status


def edge_words(step: StepSummary) -> str:
    """Return how a step was reached, in words."""
    if step.parent is None:
        return {"title": "named in the question", "start": "starting point"}.get(step.edge, "")
    words = label_words(step.edge)
    if step.edge_text:
        words += f' "{shorten(step.edge_text, _MOST_TEXT)}"'
    return f"{words}, line {step.edge_line}" if step.edge_line else words

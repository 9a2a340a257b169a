"""What a run did, in the words that commands and reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docsearch_cli.corpus.graphemes import shorten

if TYPE_CHECKING:
    from docsearch_cli.explore.step_summary import StepSummary

STOP_WORDS = {
    "answered": "answered",
    "budget": "budget reached (--max-agents or --max-tokens)",
    "depth": "depth reached (--max-depth)",
    "frontier_empty": "nothing left to follow",
    "look": "a look was enough (--deep goes on)",
    "no_gain": "the last nodes added nothing new",
    "deadline": "deadline reached",
    "cancelled": "cancelled",
    "failures": "too many steps failed",
    "simple": "keyword search",
}
"""Why a search ended."""
BRIEF_STOP_WORDS = {
    "answered": "answered",
    "budget": "limit reached",
    "depth": "depth reached",
    "frontier_empty": "nothing left",
    "look": "a look",
    "no_gain": "nothing new",
    "deadline": "out of time",
    "cancelled": "stopped",
    "failures": "failed",
    "simple": "keyword search",
}
"""The same in a word or two, for a list of runs."""
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
    "running": "not ended",
}
"""What became of a step."""
# A longer text of an edge leaves too little of a line for the rest.
_MOST_TEXT = 40


def stop_words(reason: str, *, asks_model: bool) -> str:
    """Return why a search ended, in words.

    Args:
        reason: As a run records it.
        asks_model: Whether its agent asks a language model, whose limits bind too.

    Returns:
        The words.
    """
    if reason == "budget" and asks_model:
        return "budget reached (--max-agents, --max-requests, --max-cost or --max-tokens)"
    return STOP_WORDS.get(reason, "before its end")


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
    words = step.edge.replace("_", " ")
    if step.edge_text:
        words += f' "{shorten(step.edge_text, _MOST_TEXT)}"'
    return f"{words}, line {step.edge_line}" if step.edge_line else words

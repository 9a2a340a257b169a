"""Does a question need exploring, or is one keyword search enough?

Rules look at whole words, never at parts of words, and at what the keyword index already says: if
one section speaks to nearly all of the question, there is nothing to explore.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["simple", "deep"]

# Phrases that ask about more than one thing at once, as whole words.
_RELATING = (
    "compare", "compared", "comparison", "versus", "vs", "difference between",
    "differences between", "differ", "differs", "relate", "relates", "related to", "relationship",
    "depend on", "depends on", "both", "same", "interact", "instead of", "as well as",
)  # fmt: skip
_PATTERN = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(phrase) for phrase in _RELATING) + r")(?!\w)"
)
# One section that speaks to this share of the question answers it, as far as keywords can tell.
_ENOUGH_SHARE = 0.75
# Above this many words that matter, a question seldom has its answer in one place.
_LONG_QUESTION = 12


@dataclass(frozen=True, slots=True)
class IntentInput:
    """What is known of a question before anything is opened."""

    question: str
    term_count: int
    best_share: float
    """0 to 1: how much of the question, missing words included, the best section speaks to."""
    named: tuple[str, ...]
    """Documents that the question names, by title or alias."""
    missing: tuple[str, ...] = ()
    """Words of the question that no document holds."""


@dataclass(frozen=True, slots=True)
class Intent:
    """How to search, and why."""

    mode: Mode
    reason: str


def detect_intent(facts: IntentInput) -> Intent:
    """Return how a question is best searched."""
    intent = _detect(facts)
    if not facts.missing or facts.best_share == 0:
        return intent
    words = ", ".join(facts.missing[:5])
    return Intent(intent.mode, f"{intent.reason}; not in these documents: {words}")


def _detect(facts: IntentInput) -> Intent:
    relating = _PATTERN.search(" ".join(facts.question.casefold().split()))
    covered = f"one section covers {facts.best_share:.0%} of the question"
    if facts.best_share == 0 and not facts.named:
        return Intent("simple", "none of its words occurs in these documents")
    if len(facts.named) > 1:
        return Intent("deep", f"it names {len(facts.named)} documents")
    if relating is not None and facts.best_share < 1:
        return Intent("deep", f"it relates things ({relating.group()!r}), and at most {covered}")
    if facts.best_share >= _ENOUGH_SHARE:
        return Intent("simple", covered)
    if facts.term_count > _LONG_QUESTION:
        return Intent("deep", f"{facts.term_count} terms, and at most {covered}")
    if facts.best_share < 0.5:
        return Intent("deep", f"at most {covered}")
    return Intent("simple", covered)


def intent_input_from_dict(data: dict[str, Any]) -> IntentInput:
    """Return the input that ``asdict`` made."""
    return IntentInput(**{**data, "named": tuple(data["named"]), "missing": tuple(data["missing"])})

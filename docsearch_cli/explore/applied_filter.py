"""The conditions that held in a search, and what they left of the index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.retrieval.conditions import Condition, conditions_in_words


@dataclass(frozen=True, slots=True)
class AppliedFilter:
    """The conditions that held in a search, and what they left."""

    conditions: tuple[Condition, ...]
    pages: int
    """Documents that may be opened."""
    holding: int
    """Of those, documents that hold the phrases: the search begins there, or prefers them."""
    of: int
    """Documents in the index."""
    is_one_enough: bool
    """Whether no document holds all phrases, so that one of them was enough."""
    preferred: bool = False
    """Whether the phrases were a preference, so that a search might begin anywhere."""

    def in_words(self) -> str:
        """Return the conditions and the number of pages left as one line."""
        said = conditions_in_words(self.conditions)
        if self.preferred:
            others = [item for item in self.conditions if not item.is_wanted_phrase]
            rest = f"{conditions_in_words(others)} ({self.pages:,} of {self.of:,} pages)"
            return "; ".join((self._preferred_in_words(), *([rest] if others else [])))
        if self.is_one_enough:
            said += " (one of them: no page has all)"
        pages = f"{self.pages:,} of {self.of:,} pages"
        if any(item.is_wanted_phrase for item in self.conditions):
            pages = f"{self.holding:,} of {self.of:,} pages"
        return f"{said} ({pages})"

    def _preferred_in_words(self) -> str:
        phrases = [item for item in self.conditions if item.is_wanted_phrase]
        named = ", ".join(item.shown() for item in phrases)
        if not self.holding:
            return f"no page holds {named}: searched for its words"
        held = "it" if len(phrases) == 1 else "one of them" if self.is_one_enough else "them"
        verb = "holds" if self.holding == 1 else "hold"
        return f"preferred: {named} ({self.holding:,} of {self.of:,} pages {verb} {held})"

    def to_dict(self) -> Any:
        """Return the filter as a run records it; ``preferred`` follows from the question."""
        return {
            "conditions": [item.to_dict() for item in self.conditions],
            "pages": self.pages,
            "holding": self.holding,
            "of": self.of,
        }


def filter_of(scored: ScoredQuestion) -> AppliedFilter | None:
    """Return what a question's conditions leave of its index; None if it has none."""
    if scored.pages is None:
        return None
    allowed, holding = scored.pages.allowed, scored.pages.holding
    return AppliedFilter(
        scored.conditions,
        int(allowed.sum()),
        int(holding.sum()),
        len(allowed),
        scored.pages.is_one_enough,
        scored.pages.prefers_phrases,
    )

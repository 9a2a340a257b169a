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
    """Of those, documents that hold the phrases: the search begins there."""
    of: int
    """Documents in the index."""
    is_one_enough: bool
    """Whether no document holds all phrases, so that one of them was enough."""

    def in_words(self) -> str:
        """Return the conditions and the number of pages left as one line."""
        said = conditions_in_words(self.conditions)
        if self.is_one_enough:
            said += " (one of them: no page has all)"
        pages = f"{self.pages:,} of {self.of:,} pages"
        if any(item.kind == "phrase" and not item.excludes for item in self.conditions):
            pages = f"{self.holding:,} of {self.of:,} pages"
        return f"{said} ({pages})"

    def to_dict(self) -> Any:
        """Return the filter as plain data."""
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
    allowed, beginning = scored.pages.allowed, scored.pages.beginning
    return AppliedFilter(
        scored.conditions,
        int(allowed.sum()),
        int(beginning.sum()),
        len(allowed),
        scored.pages.is_one_enough,
    )

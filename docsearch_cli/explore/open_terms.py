"""What a page leaves open of a question, and which sections hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.explore.found_edges import ReadText
from docsearch_cli.explore.scored_question import ScoredQuestion

# A longer question is looked at up to here.
_MOST_TERMS = 63


@dataclass(frozen=True, slots=True)
class OpenTerms:
    """The question's terms that the best shown section of a page lacks, in its order.

    A set of them is a mask, as of ``held_terms.py``.
    """

    scored: ScoredQuestion
    terms: tuple[str, ...]

    @classmethod
    def of(cls, scored: ScoredQuestion, read: Sequence[ReadText]) -> OpenTerms:
        """Return what a page leaves open.

        Args:
            scored: The question against the corpus.
            read: The page's shown sections, best first.

        Returns:
            The terms; all of the question's where nothing is shown.
        """
        held = scored.terms_of_sections([read[0].section])[0] if read else ()
        return cls(scored, tuple(t for t in scored.terms.tokens if t not in held)[:_MOST_TERMS])

    def masks(self, sections: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return which of the terms each section holds.

        Shapes:
            sections: (n,) rows.
            result: (n, words) masks.
        """
        held = self.scored.held
        masks: NDArray[np.int64] = held.masks(sections) & held.mask_of(self.terms)
        return masks

    def shares(self, masks: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return how much of the whole question the terms of each mask are: (n,) from 0 to 1."""
        if not self.terms:
            return np.zeros(len(masks), np.float32)
        each = np.array([self.scored.terms.share_of[term] for term in self.terms], np.float32)
        held = self.scored.held.bits(masks, self.terms)
        # One term after the other: a sum in another order may be rounded otherwise.
        shares: NDArray[np.float32] = np.add.accumulate(held * each, axis=1)[:, -1]
        return shares

    def spelled(self, mask: NDArray[np.int64]) -> tuple[str, ...]:
        """Return the terms of a mask."""
        return self.scored.held.spelled(mask.tolist())

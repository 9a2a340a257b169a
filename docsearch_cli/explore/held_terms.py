"""Which of a question's terms each section holds, found once for the question.

A set of terms is a *mask*: a row of words of 63 bits, which stand for the terms in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

# A word is a signed number: its sign is left alone.
_WORD_BITS = 63


class HeldTerms:
    """The terms of a question in the sections of a corpus.

    Args:
        terms: The terms, in the question's order.
        sections_with: Gives the sections that hold a term.
        count: How many sections there are.
    """

    def __init__(
        self,
        terms: Sequence[str],
        sections_with: Callable[[str], NDArray[np.int32]],
        count: int,
    ) -> None:
        self.terms = tuple(terms)
        words = max(1, -(-len(self.terms) // _WORD_BITS))
        self._words = np.zeros((words, count), np.int64)
        for place, term in enumerate(self.terms):
            word, bit = divmod(place, _WORD_BITS)
            self._words[word, sections_with(term)] |= np.int64(1 << bit)
        self._spelled: dict[tuple[int, ...], tuple[str, ...]] = {}

    def masks(self, sections: NDArray[np.integer] | Sequence[int]) -> NDArray[np.int64]:
        """Return which terms each section holds.

        Shapes:
            sections: (n,) rows.
            result: (n, words) masks.
        """
        masks: NDArray[np.int64] = self._words[:, np.asarray(sections, np.int64)].T
        return masks

    def of_sections(self, sections: Sequence[int]) -> list[tuple[str, ...]]:
        """Return the terms that each of some sections holds."""
        return [self.spelled(mask) for mask in self.masks(sections).tolist()]

    def between(self, first: int, end: int) -> tuple[str, ...]:
        """Return the terms that any of the sections ``first`` to ``end - 1`` holds."""
        return self.spelled(np.bitwise_or.reduce(self._words[:, first:end], axis=1).tolist())

    def holding(self, first: int, end: int) -> list[int]:
        """Return which of the sections ``first`` to ``end - 1`` hold any of the terms."""
        rows: list[int] = (first + np.flatnonzero(self._words[:, first:end].any(axis=0))).tolist()
        return rows

    def spelled(self, mask: Sequence[int]) -> tuple[str, ...]:
        """Return the terms of a mask."""
        key = tuple(mask)
        known = self._spelled.get(key)
        if known is None:
            known = self._spelled[key] = tuple(
                term
                for place, term in enumerate(self.terms)
                if key[place // _WORD_BITS] >> place % _WORD_BITS & 1
            )
        return known

    def mask_of(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """Return the mask of some of the terms: (words,)."""
        mask = np.zeros(len(self._words), np.int64)
        for term in terms:
            word, bit = divmod(self.terms.index(term), _WORD_BITS)
            mask[word] |= np.int64(1 << bit)
        return mask

    def bits(self, masks: NDArray[np.int64], terms: Sequence[str]) -> NDArray[np.bool_]:
        """Return whether each mask has each of some terms.

        Shapes:
            masks: (n, words).
            result: (n, len(terms)).
        """
        places = np.array([self.terms.index(term) for term in terms], np.int64)
        words, bits = np.divmod(places, _WORD_BITS)
        found: NDArray[np.bool_] = (masks[:, words] >> bits & 1).astype(np.bool_)
        return found

"""A question's terms, widened by synonyms.

A section that holds all words of a synonym counts as one that holds the term, at a lower weight; a
section that holds the term itself gains nothing by it, so among those the order stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.retrieval.idf import K1, B, inverse_frequency
from docsearch_cli.retrieval.keyword import KeywordIndex
from docsearch_cli.retrieval.quotes import Also
from docsearch_cli.retrieval.synonyms import Synonym
from docsearch_cli.retrieval.tokens import unique_tokens

# What a synonym counts beside the term itself.
_SYNONYM_SHARE = 0.3


class WidenedTerms:
    """Where the synonyms of a question's terms stand.

    Args:
        keyword: The index's postings.
        language: The index's.
        asked: The question's tokens.
        synonyms: Those that apply to it.
    """

    def __init__(
        self,
        keyword: KeywordIndex,
        language: str,
        asked: Sequence[str],
        synonyms: Sequence[Synonym],
    ) -> None:
        self._keyword = keyword
        also: dict[tuple[str, tuple[str, ...]], None] = {}
        found: list[Synonym] = []
        self._sections: dict[str, NDArray[np.int32]] = {}
        for item in synonyms:
            own = [token for token in unique_tokens(item.words, language) if token in asked]
            others = tuple(unique_tokens(item.other, language))
            if not own or not others or set(others) <= set(asked):
                continue
            held = self._holding(others)
            if not len(held):
                continue
            found.append(item)
            for token in own:
                also[token, others] = None
                self._sections[token] = np.union1d(self._sections.get(token, held), held)
        self.also: Also = tuple(also)
        self.found = tuple(found)
        """The synonyms that stand in a section."""

    def sections(self, token: str) -> NDArray[np.int32]:
        """Return the sections that hold a synonym of a term, ascending."""
        return self._sections.get(token, np.zeros(0, np.int32))

    def idf(self, token: str) -> float | None:
        """Return the weight of a term that no section holds, by its synonyms; None without any."""
        count = len(self.sections(token))
        return inverse_frequency(self._keyword.section_count, count) if count else None

    def scores(self, idf: Mapping[str, float]) -> NDArray[np.float32]:
        """Return what synonyms add to each section's score.

        Shapes:
            result: (n_sections,) float32.

        Args:
            idf: Each term's weight.

        Returns:
            The scores, 0 where no synonym is.
        """
        keyword = self._keyword
        total = np.zeros(keyword.section_count, np.float32)
        for token, held in self._sections.items():
            sections = np.setdiff1d(held, keyword.sections_with(token), assume_unique=True)
            damping = K1 * (1 - B + B * keyword.lengths[sections] / keyword.mean_length)
            score = _SYNONYM_SHARE * idf[token] * (K1 + 1) / (1 + damping)
            total[sections] += score.astype(np.float32)
        return total

    def _holding(self, tokens: Sequence[str]) -> NDArray[np.int32]:
        lists = sorted(map(self._keyword.sections_with, tokens), key=len)
        found: NDArray[np.int32] = reduce(
            lambda one, other: np.intersect1d(one, other, assume_unique=True), lists
        )
        return found

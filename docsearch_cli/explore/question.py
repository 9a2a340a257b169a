"""A question against a corpus: its terms, and what every section and node scores for it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.index.store import IndexReader
from docsearch_cli.retrieval.tokens import unique_tokens

# A bit each in a 64-bit mask; the rest of a very long question still counts for the scores.
_MOST_MASKED_TERMS = 63
# A question longer than this is cut: scores of thousands of terms say nothing.
MOST_QUESTION_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Terms:
    """A question's tokens that occur in the corpus, and how rare each is.

    A word that no document holds cannot be found: it says nothing of how well one answers.
    """

    tokens: tuple[str, ...]
    idf: dict[str, float]

    def share(self, tokens: Iterable[str]) -> float:
        """Return how much of the question, weighed by rarity, some of its tokens are: 0 to 1."""
        total = math.fsum(self.idf.values())
        found = math.fsum(self.idf.get(token, 0.0) for token in set(tokens))  # exact in any order
        return found / total if total else 0.0


class ScoredQuestion:
    """Everything that the corpus's keyword index says about one question.

    Args:
        index: The index to ask.
        question: In words; its tokens are kept in ``tokens``, those the corpus has in ``terms``.
    """

    def __init__(self, index: IndexReader, question: str) -> None:
        self.index = index
        self.question = question
        self.tokens = tuple(unique_tokens(question[:MOST_QUESTION_CHARS]))
        weights = {token: index.keyword.term_idf(token) for token in self.tokens}
        known = {token: round(idf, 6) for token, idf in weights.items() if idf is not None}
        self.terms = Terms(tuple(known), known)

    @cached_property
    def section_scores(self) -> NDArray[np.float32]:
        """BM25 of every section: (n_sections,) float32."""
        return self.index.keyword.scores(self.terms.tokens)

    @cached_property
    def node_scores(self) -> NDArray[np.float32]:
        """Score of every node's best section, the corpus's best being 1: (n_nodes,) float32."""
        best = self._reduce(np.maximum, self.section_scores).astype(np.float32)
        top = best.max(initial=np.float32(0))
        return best / top if top > 0 else best

    @cached_property
    def node_masks(self) -> NDArray[np.uint64]:
        """Which of the question's terms occur in every node, one bit each: (n_nodes,) uint64."""
        masks = np.zeros(self.index.keyword.section_count, dtype=np.uint64)
        for bit, token in enumerate(self.terms.tokens[:_MOST_MASKED_TERMS]):
            sections, _ = self.index.keyword.postings(token)
            masks[sections] |= np.uint64(1 << bit)
        return self._reduce(np.bitwise_or, masks).astype(np.uint64)

    def terms_in(self, node: int) -> tuple[str, ...]:
        """Return the question's terms that occur in a node."""
        mask = int(self.node_masks[node])
        return tuple(
            token
            for bit, token in enumerate(self.terms.tokens[:_MOST_MASKED_TERMS])
            if mask >> bit & 1
        )

    def _reduce(self, combine: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        """Combine the values of each node's sections; a node without sections gets zero."""
        starts = self.index.node_starts
        result = np.zeros(len(starts) - 1, dtype=values.dtype)
        filled = np.flatnonzero(starts[1:] > starts[:-1])
        if len(filled):
            result[filled] = combine.reduceat(values, starts[:-1][filled])
        return result

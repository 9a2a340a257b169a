"""The keyword score: BM25 as rank-bm25 computes it, with an idf that is never negative.

rank-bm25 takes ``log((N - df + .5) / (df + .5))``, which is zero for a term in half of the sections
and negative beyond, so that a match in a small corpus ranks below no match. Here it is
``log(1 + ...)``, as in Lucene. Questions to the whole corpus are answered from arrays with the same
scores (``keyword.py``, which is tested against this class); this class ranks the few sentences
that an agent reads.

Source:
    Robertson & Zaragoza 2009, The Probabilistic Relevance Framework: BM25 and Beyond; the variant
    with an idf above zero: Kamphuis et al. 2020.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi  # noqa: TID253  this module is itself imported inside functions

from docsearch_cli.retrieval.idf import K1, B, inverse_frequency, quantise


class SectionBM25(BM25Okapi):  # type: ignore[misc]  # rank-bm25 ships no types
    """BM25 over token lists, with idf ``log(1 + (N - df + .5) / (df + .5))``.

    Args:
        token_lists: The tokens of each section; at least one list with at least one token.
        idf: Weights to use in place of those counted here: a sentence of an opened page is ranked
            by how rare a term is in the corpus, not on the page.
    """

    def __init__(
        self, token_lists: Sequence[Sequence[str]], *, idf: Mapping[str, float] | None = None
    ) -> None:
        self._given_idf = idf
        super().__init__(token_lists, k1=K1, b=B)
        self.avgdl: float = quantise(sum(self.doc_len) / self.corpus_size)

    def _initialize(self, corpus: Sequence[Sequence[str]]) -> Mapping[str, int]:
        """Count the tokens, and how many texts hold each; of weights given, those that have one."""
        self.doc_len = [len(tokens) for tokens in corpus]
        self.corpus_size = len(self.doc_len)
        if self._given_idf is not None:
            weighed = frozenset(self._given_idf)
            self.doc_freqs = [
                {token: tokens.count(token) for token in weighed.intersection(tokens)}
                for tokens in corpus
            ]
            return {}
        self.doc_freqs = [Counter(tokens) for tokens in corpus]
        return Counter(chain.from_iterable(self.doc_freqs))

    def get_scores(self, query: Sequence[str]) -> NDArray[np.float64]:
        """Return every section's score; a token that none holds adds nothing.

        Of a handful of short texts most hold few of the tokens: numbers one by one are the faster.
        """
        k1, b, mean, idf = self.k1, self.b, self.avgdl, self.idf
        wanted = frozenset(query)
        scores = np.zeros(self.corpus_size)
        for row, (frequencies, length) in enumerate(zip(self.doc_freqs, self.doc_len, strict=True)):
            if not frequencies or wanted.isdisjoint(frequencies):
                continue
            score = 0.0
            damping = k1 * (1 - b + b * length / mean)
            for token in query:
                count = frequencies.get(token)
                if count is not None:
                    score += idf.get(token, 0) * (count * (k1 + 1) / (count + damping))
            scores[row] = score
        return scores

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        self.document_frequency = nd
        if self._given_idf is not None:
            self.idf = dict(self._given_idf)
            return
        self.idf = {term: inverse_frequency(self.corpus_size, count) for term, count in nd.items()}


def rank_texts(
    question: Sequence[str], texts: Sequence[Sequence[str]], idf: Mapping[str, float]
) -> list[float]:
    """Score a handful of token lists against the question's tokens.

    Args:
        question: The question's tokens.
        texts: The token lists; empty ones score 0.
        idf: Weight of each of the question's tokens in the corpus.

    Returns:
        One score a text, in order, never negative.
    """
    if not any(texts):
        return [0.0] * len(texts)
    return [float(score) for score in SectionBM25(texts, idf=idf).get_scores(list(question))]

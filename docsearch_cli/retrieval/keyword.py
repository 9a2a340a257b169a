"""The keyword index: BM25 scores as arrays.

rank-bm25 defines the scores and needs a pass over all sections for each question. Here the same
number is computed once for each (term, section) pair when the index is built: a question adds up
a few slices. ``terms`` is a sorted string table; the postings of row *t* are
``sections[starts[t]:starts[t + 1]]`` and the ``weights`` beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import StringTable, load_array, save_array, save_strings
from docsearch_cli.models import Hit


@dataclass(frozen=True, slots=True)
class KeywordIndex:
    """Postings of a corpus, opened by mmap.

    Shapes:
        starts: (n_terms + 1,) int64.
        sections: (n_postings,) int32, ascending within a term.
        weights: (n_postings,) float32, the term's share of the section's BM25 score.
        idf: (n_terms,) float32.
    """

    terms: StringTable
    starts: NDArray[np.int64]
    sections: NDArray[np.int32]
    weights: NDArray[np.float32]
    idf: NDArray[np.float32]
    section_count: int

    def postings(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the sections that hold a term and its weight in each; empty if none does."""
        row = self.terms.find(term)
        if row is None:
            return self.sections[:0], self.weights[:0]
        low, high = int(self.starts[row]), int(self.starts[row + 1])
        return self.sections[low:high], self.weights[low:high]

    def term_idf(self, term: str) -> float | None:
        """Return a term's weight; None if no section holds it."""
        row = self.terms.find(term)
        return None if row is None else float(self.idf[row])

    def scores(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Return every section's score for a question's tokens.

        Shapes:
            result: (section_count,) float32, 0 where no token occurs.
        """
        total = np.zeros(self.section_count, dtype=np.float32)
        for token in tokens:
            sections, weights = self.postings(token)
            total[sections] += weights
        return total


def best_hits(scores: NDArray[np.float32], count: int) -> list[Hit]:
    """Return the best sections with a score above zero; ties go to the lower section number."""
    matched = np.flatnonzero(scores)
    if len(matched) > count:
        cut = np.partition(scores[matched], len(matched) - count)[len(matched) - count]
        matched = matched[scores[matched] >= cut]
    order = matched[np.lexsort((matched, -scores[matched]))][:count]
    return [Hit(int(row), float(scores[row]), rank) for rank, row in enumerate(order, start=1)]


def save_keyword_index(folder: Path, token_lists: Sequence[Sequence[str]]) -> None:
    """Score every (term, section) pair with rank-bm25's formula and write the arrays."""
    from docsearch_cli.retrieval.bm25 import K1, B, SectionBM25

    if any(token_lists):
        model = SectionBM25(token_lists)
        counts, idf_of, mean_length = model.doc_freqs, model.idf, model.avgdl
    else:
        counts, idf_of, mean_length = [{} for _ in token_lists], {}, 1.0
    vocabulary = sorted(idf_of, key=lambda term: term.encode("utf-8", "replace"))
    row_of = {term: row for row, term in enumerate(vocabulary)}
    lengths = np.array([len(tokens) for tokens in token_lists], dtype=np.float64)
    per_section = np.fromiter((len(terms) for terms in counts), np.int64, len(counts))
    total = int(per_section.sum())
    rows = np.fromiter((row_of[term] for terms in counts for term in terms), np.int32, total)
    frequency = np.fromiter((n for terms in counts for n in terms.values()), np.float64, total)
    sections = np.repeat(np.arange(len(counts), dtype=np.int32), per_section)
    idf = np.array([idf_of[term] for term in vocabulary], dtype=np.float64)
    damping = K1 * (1 - B + B * lengths / mean_length)
    weights = idf[rows] * (frequency * (K1 + 1) / (frequency + damping[sections]))
    order = np.argsort(rows, kind="stable")
    starts = np.zeros(len(vocabulary) + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=len(vocabulary)), out=starts[1:])
    save_strings(folder, "terms", vocabulary)
    save_array(folder, "postings.starts", starts)
    save_array(folder, "postings.sections", sections[order])
    save_array(folder, "postings.weights", weights[order].astype(np.float32))
    save_array(folder, "terms.idf", idf.astype(np.float32))


def load_keyword_index(folder: Path, section_count: int) -> KeywordIndex:
    """Open the arrays that ``save_keyword_index`` wrote."""
    return KeywordIndex(
        terms=StringTable.load(folder, "terms"),
        starts=load_array(folder, "postings.starts"),
        sections=load_array(folder, "postings.sections"),
        weights=load_array(folder, "postings.weights"),
        idf=load_array(folder, "terms.idf"),
        section_count=section_count,
    )

"""The keyword index: postings on disk, and BM25 scores from them.

rank-bm25 defines the scores and needs a pass over all sections for each question. Here a question
adds up a few slices. ``terms`` is a sorted string table; the postings of row *t* stand at
``starts[t]:starts[t + 1]``: the number of the section (its lower sixteen bits and, in a large
corpus, its higher eight in an array of their own) and how often it holds the term. What follows
from the whole corpus (idf, mean length) is not stored, so an edit leaves other postings as they
are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import (
    ArrayWriter,
    damaged,
    load_starts,
    load_values,
    save_array,
    save_starts,
)
from docsearch_cli.models import Hit
from docsearch_cli.retrieval.idf import K1, B, inverse_frequency, quantise
from docsearch_cli.string_table import StringTable, StringWriter

if TYPE_CHECKING:
    from docsearch_cli.retrieval.postings import PostingLists, PostingSource

# A section's number is 24 bits: sixteen million sections are a gigabyte of postings and more.
MOST_SECTIONS = 1 << 24
_LOW_BITS = 16
# Decoded postings that are kept: a deep search asks for the same common terms again and again.
_MOST_KEPT = 16_000_000


@dataclass(slots=True)
class KeywordIndex:
    """Postings of a corpus, opened by mmap.

    Shapes:
        starts: (n_terms + 1,) uint32 or int64.
        low: (n_postings,) uint16, ascending within a term together with ``high``.
        high: (n_postings,) uint8; empty if no section's number needs it.
        counts: (n_postings,) uint8.
        lengths: (n_sections,) int32, tokens of each section.
    """

    terms: StringTable
    starts: NDArray[np.integer]
    low: NDArray[np.uint16]
    high: NDArray[np.uint8]
    counts: NDArray[np.uint8]
    lengths: NDArray[np.int32]
    mean_length: float
    """Tokens of a section on average, quantised."""
    _kept: dict[int, NDArray[np.int32]] = field(default_factory=dict)
    _kept_count: int = 0

    @property
    def section_count(self) -> int:
        """Number of sections."""
        return len(self.lengths)

    def sections_with(self, term: str) -> NDArray[np.int32]:
        """Return the sections that hold a term, ascending; none if no section does."""
        row = self.terms.find(term)
        return self._sections(row) if row is not None else np.zeros(0, np.int32)

    def counted(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the sections that hold a term, and how often each holds it."""
        row = self.terms.find(term)
        if row is None:
            return np.zeros(0, np.int32), np.zeros(0, np.float64)
        counts = self.counts[int(self.starts[row]) : int(self.starts[row + 1])].astype(np.float64)
        if not counts.all():
            raise damaged(Path("postings.counts.npy"), "a section holds a term no times")
        return self._sections(row), counts

    def weights(
        self, sections: NDArray[np.int32], counts: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Return what a term adds to the score of each section, given all that hold it."""
        damping = K1 * (1 - B + B * self.lengths[sections] / self.mean_length)
        idf = inverse_frequency(self.section_count, len(sections))
        return (idf * (counts * (K1 + 1) / (counts + damping))).astype(np.float32)

    def term_idf(self, term: str) -> float | None:
        """Return a term's weight; None if no section holds it."""
        holding = self.holding(term)
        return inverse_frequency(self.section_count, holding) if holding else None

    def holding(self, term: str) -> int:
        """Return how many sections hold a term."""
        row = self.terms.find(term)
        return int(self.starts[row + 1]) - int(self.starts[row]) if row is not None else 0

    def scores(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """Return every section's score for a question's tokens.

        Shapes:
            result: (section_count,) float32, 0 where no token occurs.
        """
        total = np.zeros(self.section_count, dtype=np.float32)
        for token in tokens:
            sections, counts = self.counted(token)
            total[sections] += self.weights(sections, counts)
        return total

    def lists(self) -> PostingLists:
        """Return all postings, to be merged into another index."""
        from docsearch_cli.retrieval.postings import PostingLists

        return PostingLists(
            vocabulary=b"\n".join(self.terms.rows()),
            starts=self.starts.astype(np.int64),
            sections=self._decode(0, len(self.low)),
            counts=self.counts,
            lengths=self.lengths,
        )

    def _sections(self, row: int) -> NDArray[np.int32]:
        kept = self._kept.get(row)
        if kept is None:
            kept = self._decode(int(self.starts[row]), int(self.starts[row + 1]))
            if kept[-1] >= self.section_count or not (kept[1:] > kept[:-1]).all():
                raise damaged(Path("postings.low.npy"), "the sections of a term do not ascend")
            if self._kept_count + len(kept) > _MOST_KEPT:
                self._kept.clear()
                self._kept_count = 0
            self._kept[row] = kept
            self._kept_count += len(kept)
        return kept

    def _decode(self, begin: int, end: int) -> NDArray[np.int32]:
        sections = self.low[begin:end].astype(np.int32)
        if len(self.high):
            sections |= self.high[begin:end].astype(np.int32) << _LOW_BITS
        return sections


def are_held(holding: NDArray[np.int32], sections: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Tell which of some sections hold a term.

    Args:
        holding: Those that do, ascending.
        sections: The sections asked for.

    Returns:
        (n,): whether each of them is among them.
    """
    if not len(holding):
        return np.zeros(len(sections), np.bool_)
    places = holding[:-1].searchsorted(sections)  # past the end is the last place
    found: NDArray[np.bool_] = holding[places] == sections
    return found


def best_rows(scores: NDArray[np.float32], count: int) -> list[int]:
    """Return the rows with the best scores above zero, best first; ties go to the lower row."""
    if not count:
        return []
    matched = np.flatnonzero(scores)
    values = scores[matched]
    if len(matched) > count:
        kept = values >= np.partition(values, len(values) - count)[len(values) - count]
        matched, values = matched[kept], values[kept]
    order: list[int] = matched[np.lexsort((matched, -values))][:count].tolist()
    return order


def best_hits(scores: NDArray[np.float32], count: int) -> list[Hit]:
    """Return the best sections, as ``best_rows`` orders them."""
    return [Hit(row, float(scores[row])) for row in best_rows(scores, count)]


def save_keyword_index(folder: Path, sources: Sequence[PostingSource]) -> None:
    """Merge posting lists and write them.

    Args:
        folder: Where the files go.
        sources: The lists; together they lead to each section from 0 on exactly once.

    Raises:
        ValueError: If there are more sections than the index can number.
    """
    from docsearch_cli.retrieval.postings import merge_postings

    lengths = _lengths(sources)
    if len(lengths) > MOST_SECTIONS:
        raise ValueError(f"{len(lengths):,} sections; the most are {MOST_SECTIONS:,}")
    sizes = [np.zeros(1, np.int64)]
    with (
        StringWriter(folder, "terms") as terms,
        ArrayWriter(folder, "postings.low", np.uint16) as low,
        ArrayWriter(folder, "postings.high", np.uint8) as high,
        ArrayWriter(folder, "postings.counts", np.uint8) as counts,
    ):
        for part in merge_postings(sources):
            terms.extend(part.terms)
            sizes.append(part.sizes)
            low.extend((part.sections & 0xFFFF).astype(np.uint16))
            if len(lengths) > 1 << _LOW_BITS:
                high.extend((part.sections >> _LOW_BITS).astype(np.uint8))
            counts.extend(part.counts)
    save_starts(folder, "postings.starts", np.cumsum(np.concatenate(sizes)))
    save_array(folder, "sections.lengths", lengths)


def load_keyword_index(folder: Path) -> KeywordIndex:
    """Open the arrays that ``save_keyword_index`` wrote.

    Args:
        folder: Where they are.

    Returns:
        The index.

    Raises:
        IndexCorruptError: If one is missing or they do not fit each other.
    """
    terms = StringTable.load(folder, "terms", may_be_empty=False)
    starts = load_starts(folder, "postings.starts", groups=len(terms), may_be_empty=False)
    lengths = load_values(folder, "sections.lengths", np.int32, (None,))
    if len(lengths) and lengths.min() < 0:
        raise damaged(folder / "sections.lengths.npy", "a section has less than no words")
    posting_count = int(starts[-1])
    high_count = posting_count if len(lengths) > 1 << _LOW_BITS else 0
    low = load_values(folder, "postings.low", np.uint16, (posting_count,))
    high = load_values(folder, "postings.high", np.uint8, (high_count,))
    counts = load_values(folder, "postings.counts", np.uint8, (posting_count,))
    mean = quantise(int(lengths.sum(dtype=np.int64)) / len(lengths)) if len(lengths) else 0.0
    return KeywordIndex(terms, starts, low, high, counts, lengths, mean or 1.0)


def _lengths(sources: Sequence[PostingSource]) -> NDArray[np.int32]:
    total = sum(int(np.count_nonzero(source.rows >= 0)) for source in sources)
    lengths = np.zeros(total, dtype=np.int32)
    for source in sources:
        kept = source.rows >= 0
        lengths[source.rows[kept]] = source.lists.lengths[kept]
    return lengths

"""Postings: which sections hold a term, and how often.

Reading processes count the terms of their own sections; ``merge_postings`` puts such lists, and
those of an earlier index whose sections have moved, together in the order of terms and sections.
It works through the vocabulary in portions, so its memory does not grow with the corpus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import starts_of

# A term that stands in a section more often counts as often as this: BM25 is flat long before.
MOST_COUNTED = 255
# Postings that are sorted at a time.
_PORTION = 4_000_000


@dataclass(frozen=True, slots=True)
class PostingLists:
    """Postings of some sections, in the order of terms and of sections within a term.

    Shapes:
        starts: (n_terms + 1,) int64, where the postings of each term begin.
        sections: (n_postings,) int32.
        counts: (n_postings,) uint8.
        lengths: (n_sections,) int32, tokens of each section.
    """

    vocabulary: bytes
    """The terms in UTF-8, sorted, each once, a line each: thousands of lists are in memory."""
    starts: NDArray[np.int64]
    sections: NDArray[np.int32]
    counts: NDArray[np.uint8]
    lengths: NDArray[np.int32]

    def terms(self) -> list[bytes]:
        """Return the terms; none holds a line end."""
        return self.vocabulary.split(b"\n") if self.vocabulary else []


@dataclass(frozen=True, slots=True)
class PostingSource:
    """Posting lists, and where their sections are in the index that they go into.

    Shapes:
        rows: (n_sections,) int32, -1 for a section that is no more.
    """

    lists: PostingLists
    rows: NDArray[np.int32]


def count_terms(token_lists: Sequence[Sequence[str]]) -> PostingLists:
    """Return the postings of sections, given their tokens in order."""
    counters = [Counter(tokens) for tokens in token_lists]
    spelled = sorted({term for counter in counters for term in counter})
    row_of = {term: row for row, term in enumerate(spelled)}
    sizes = np.fromiter((len(counter) for counter in counters), np.int64, len(counters))
    total = int(sizes.sum())
    terms = np.fromiter((row_of[t] for counter in counters for t in counter), np.int32, total)
    counts = np.fromiter((n for counter in counters for n in counter.values()), np.int64, total)
    sections = np.repeat(np.arange(len(counters), dtype=np.int32), sizes)
    order = np.argsort(terms, kind="stable")
    lengths = np.fromiter((len(tokens) for tokens in token_lists), np.int32, len(token_lists))
    return PostingLists(
        vocabulary="\n".join(spelled).encode("utf-8", "replace"),
        starts=starts_of(np.bincount(terms, minlength=len(spelled))),
        sections=sections[order],
        counts=np.minimum(counts[order], MOST_COUNTED).astype(np.uint8),
        lengths=lengths,
    )


@dataclass(frozen=True, slots=True)
class Portion:
    """Postings of consecutive terms of a merged vocabulary.

    Shapes:
        sizes: (n_terms,) int64, postings of each; at least one.
        sections: (n_postings,) int32.
        counts: (n_postings,) uint8.
    """

    terms: list[bytes]
    sizes: NDArray[np.int64]
    sections: NDArray[np.int32]
    counts: NDArray[np.uint8]


def merge_postings(
    sources: Sequence[PostingSource], *, portion: int = _PORTION
) -> Iterator[Portion]:
    """Put posting lists together.

    Args:
        sources: The lists; no two of them lead to the same section.
        portion: About how many postings to sort at a time.

    Yields:
        Consecutive parts of the vocabulary with their postings; a term that no section holds any
        more is left out.
    """
    vocabulary = sorted({term for source in sources for term in source.lists.terms()})
    row_of = {term: row for row, term in enumerate(vocabulary)}
    rows = [
        np.fromiter(map(row_of.__getitem__, source.lists.terms()), np.int32) for source in sources
    ]
    del row_of
    for low, high in pairwise(_portion_bounds(sources, rows, len(vocabulary), portion)):
        yield _merge_range(sources, rows, vocabulary, low, high)


def _portion_bounds(
    sources: Sequence[PostingSource],
    rows: Sequence[NDArray[np.int32]],
    term_count: int,
    portion: int,
) -> list[int]:
    """Return where to cut the vocabulary so that each part has about as many postings."""
    sizes = np.zeros(term_count, dtype=np.int64)
    for source, terms in zip(sources, rows, strict=True):
        sizes[terms] += np.diff(source.lists.starts)
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if term_count else 0
    cuts = np.searchsorted(ends, np.arange(portion, total, portion)) + 1
    return sorted({0, *cuts.tolist(), term_count})


def _merge_range(
    sources: Sequence[PostingSource],
    rows: Sequence[NDArray[np.int32]],
    vocabulary: Sequence[bytes],
    low: int,
    high: int,
) -> Portion:
    keys: list[NDArray[np.int64]] = []
    counts: list[NDArray[np.uint8]] = []
    for source, terms in zip(sources, rows, strict=True):
        lists = source.lists
        first, end = np.searchsorted(terms, (low, high))
        begin, stop = int(lists.starts[first]), int(lists.starts[end])
        if begin == stop:
            continue
        moved = source.rows[lists.sections[begin:stop]]
        term = np.repeat(terms[first:end] - low, np.diff(lists.starts[first : end + 1]))
        kept = moved >= 0
        keys.append((term[kept].astype(np.int64) << 32) | moved[kept])
        counts.append(lists.counts[begin:stop][kept])
    key = np.concatenate(keys) if keys else np.zeros(0, np.int64)
    order = np.argsort(key, kind="stable")
    key = key[order]
    sizes = np.bincount(key >> 32, minlength=high - low)
    held = np.flatnonzero(sizes)
    return Portion(
        terms=[vocabulary[low + int(row)] for row in held],
        sizes=sizes[held],
        sections=(key & 0xFFFFFFFF).astype(np.int32),
        counts=np.concatenate(counts)[order] if counts else np.zeros(0, np.uint8),
    )

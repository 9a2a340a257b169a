"""What another machine read of files: taken only if all of it fits together.

An index is built from such batches without another look, so whatever would break it, or what is
read from it later, is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.formats.table import TABLE
from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.index.extract import Batch, SectionRows
from docsearch_cli.models import Link
from docsearch_cli.retrieval.languages import ALL_LANGUAGES, LANGUAGES
from docsearch_cli.retrieval.postings import PostingLists

_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_VOTES = (1 << 16) - 1
# Lines, anchors and words are counted in 32 bits.
_MOST = (1 << 31) - 1


def check_batch(batch: Batch, texts: bytes, plain_texts: bytes) -> None:
    """Refuse a batch whose parts do not fit each other, or that no index can hold.

    Args:
        batch: The batch; its paths say nothing.
        texts: The sections' own texts, one after the other.
        plain_texts: What a person reads of them.

    Raises:
        ValueError: If something does not fit; it names what.
    """
    rows = [extract.row for extract in batch.extracts]
    counts = [row.section_count for row in rows]
    _need(all(0 <= count <= _MOST for count in counts), "the number of sections of a document")
    count = sum(counts)
    _check_sections(batch.sections, counts, count)
    _check_texts(batch.sections.headings, batch.sections.heading_sizes, count, "headings")
    _check_texts(texts, batch.sections.text_sizes, count, "texts")
    _check_texts(plain_texts, batch.plain_sizes, count, "readable texts")
    _need(len(batch.languages) == len(rows), "the number of languages")
    _need(set(batch.languages) <= set(ALL_LANGUAGES), "the language of a document")
    for extract in batch.extracts:
        _check_row(extract.row)
        _check_anchors(extract.anchors, extract.row.section_count)
        _check_links(extract.links)
    for entry in batch.skipped:
        _need(entry.status == "skipped" and entry.size_bytes >= 0, "what was left out")
    _check_postings(batch.postings, count)


def _need(fits: bool | np.bool_, what: str) -> None:
    if not fits:
        raise ValueError(f"what a worker read does not fit together: {what}")


def _check_row(row: DocumentRow) -> None:
    _need(row.markup in TABLE.by_name, "the format of a document")
    _need(_HASH.fullmatch(row.content_hash) is not None, "the hash of a document")
    _need(0 <= row.words <= _MOST and row.size_bytes >= 0, "the size of a document")
    _need(len(row.votes) == len(LANGUAGES), "the function words of a document")
    _need(all(0 <= count <= _MOST_VOTES for count in row.votes), "the function words of a document")
    _need(row.declared in ("", *ALL_LANGUAGES), "the language that a document says")
    _need(not row.dated or _is_day(row.dated), "the day of a document")
    starts = row.node_starts
    begins = starts[:1] == (0,) and starts[-1] < max(row.section_count, 1)
    _need(begins, "the nodes of a document")
    _need(sorted(set(starts)) == list(starts), "the nodes of a document")
    _need(not any("\t" in form.short for form in row.short_forms), "the short forms of a document")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_links(links: Sequence[Link]) -> None:
    _need(all(0 <= link.line <= _MOST for link in links), "the line of a link")


def _check_anchors(anchors: AnchorTable, count: int) -> None:
    keys, sections = anchors.keys, anchors.sections
    _need(keys.ndim == 1 and sections.shape == keys.shape, "the anchors of a document")
    _need((keys[1:] > keys[:-1]).all(), "the order of anchors")
    _need(_are_within(sections, count), "the section of an anchor")


def _check_sections(sections: SectionRows, counts: Sequence[int], count: int) -> None:
    _need(sections.lines.shape == (count, 2), "the lines of sections")
    _need((sections.lines >= 0).all(), "the lines of sections")
    _need(sections.above.shape == (count,), "the headings above sections")
    places = np.arange(count) - np.repeat(np.cumsum([0, *counts])[:-1], counts)
    _need(
        (sections.above >= 0).all() and (sections.above <= places).all(),
        "the headings above sections",
    )


def _check_texts(blob: bytes, sizes: NDArray[np.int64], count: int, what: str) -> None:
    """Refuse texts that are not of their sizes, or not each of them UTF-8."""
    _need(sizes.shape == (count,), f"the number of {what}")
    _need(
        _are_within(sizes, len(blob) + 1) and int(sizes.sum()) == len(blob),
        f"{what} are not of the size that it says",
    )
    try:
        blob.decode("utf-8")
    except UnicodeDecodeError:
        _need(False, f"{what} that are no UTF-8")
    starts = np.cumsum(sizes)
    first_bytes = np.frombuffer(blob, np.uint8)[starts[starts < len(blob)]]
    _need((first_bytes & 0xC0 != 0x80).all(), f"{what} that are no UTF-8")


def _check_postings(lists: PostingLists, count: int) -> None:
    starts, sections = lists.starts, lists.sections
    _need(lists.lengths.shape == (count,) and (lists.lengths >= 0).all(), "the words of sections")
    try:
        lists.vocabulary.decode("utf-8")
    except UnicodeDecodeError:
        _need(False, "words that are no UTF-8")
    terms = lists.terms()
    _need(all(terms) and sorted(set(terms)) == terms, "the order of words")
    _need(starts.shape == (len(terms) + 1,) and sections.ndim == 1, "the number of words")
    _need(starts[0] == 0 and starts[-1] == len(sections), "where words stand")
    _need((starts[1:] > starts[:-1]).all(), "where words stand")
    _need(_are_within(sections, count), "the section of a word")
    ascend = sections[1:] > sections[:-1]
    ascend[starts[1:-1] - 1] = True  # another word begins
    _need(ascend.all(), "the order of sections")
    _need(lists.counts.shape == sections.shape and lists.counts.all(), "how often words stand")


def _are_within(values: NDArray[np.signedinteger], end: int) -> bool:
    return not len(values) or bool(values.min() >= 0 and values.max() < end)

"""Where the documents of a new index come from: the index before it, or batches just read.

An *origin* has documents with their sections one behind the other, so what did not change is
copied as bytes, and an index built of changes has the same files as one built anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import starts_of
from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.index.documents import DocumentRow, read_documents
from docsearch_cli.index.extract import Batch, Extract, tokens_of
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.postings import PostingLists, count_terms


class Origin(Protocol):
    """Documents with their sections."""

    @property
    def documents(self) -> Sequence[DocumentRow]:
        """The documents."""
        ...

    @property
    def section_starts(self) -> NDArray[np.int64]:
        """First section of each document, and the number of sections at the end."""
        ...

    @property
    def postings(self) -> PostingLists:
        """The sections' postings."""
        ...

    def lines(self, first: int, end: int) -> NDArray[np.int32]:
        """Return first and last line of consecutive sections."""
        ...

    def headings(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the headings of consecutive sections, and the bytes of each."""
        ...

    def texts(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the texts of consecutive sections, and the bytes of each."""
        ...

    def anchors(self, document: int) -> AnchorTable:
        """Return the anchors of a document."""
        ...

    def anchor_rows(self, first: int, end: int) -> tuple[NDArray[np.int64], AnchorTable]:
        """Return the number of anchors of consecutive documents, and the anchors."""
        ...


class EarlierIndex:
    """The index before, as an origin."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader

    @cached_property
    def documents(self) -> Sequence[DocumentRow]:
        """The documents."""
        return read_documents(self.reader)

    @cached_property
    def section_starts(self) -> NDArray[np.int64]:
        """First section of each document, and the number of sections at the end."""
        return starts_of([document.section_count for document in self.documents])

    @cached_property
    def node_starts(self) -> NDArray[np.int64]:
        """First node of each document, and the number of nodes at the end."""
        return starts_of([len(document.node_starts) for document in self.documents])

    @property
    def postings(self) -> PostingLists:
        """The sections' postings."""
        return self.reader.keyword.lists()

    def lines(self, first: int, end: int) -> NDArray[np.int32]:
        """Return first and last line of consecutive sections."""
        return self.reader.section_lines[first:end]

    def headings(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the headings of consecutive sections, and the bytes of each."""
        return self.reader.headings.span(first, end)

    def texts(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the texts of consecutive sections, and the bytes of each."""
        return self.reader.texts.span(first, end)

    def anchors(self, document: int) -> AnchorTable:
        """Return the anchors of a document."""
        return self.anchor_rows(document, document + 1)[1]

    def anchor_rows(self, first: int, end: int) -> tuple[NDArray[np.int64], AnchorTable]:
        """Return the number of anchors of consecutive documents, and the anchors."""
        starts = self.reader.anchor_starts[first : end + 1].astype(np.int64)
        span = slice(int(starts[0]), int(starts[-1]))
        table = AnchorTable(self.reader.anchor_keys[span], self.reader.anchor_sections[span])
        return np.diff(starts), table


class ReadBatch:
    """A batch that was just read, as an origin."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.postings: PostingLists = batch.postings
        self.documents: Sequence[DocumentRow] = [_row(extract) for extract in batch.extracts]
        self.section_starts = starts_of([row.section_count for row in self.documents])
        self.node_starts = starts_of([len(row.node_starts) for row in self.documents])
        self._heading_starts = starts_of(batch.sections.heading_sizes)
        self._text_starts = starts_of(batch.sections.text_sizes)
        self._plain_starts = starts_of(batch.plain_sizes)

    @property
    def size_bytes(self) -> int:
        """Bytes of what a person reads of it."""
        return int(self._plain_starts[-1])

    def count_terms_in(self, language: str) -> PostingLists:
        """Return the sections' postings in another language than they were read in."""
        return count_terms(
            [
                tokens
                for number, document in enumerate(self.documents)
                for tokens in tokens_of(
                    document.title,
                    cut_texts(*self.headings(*self._sections_of(number))),
                    plain_texts(self, number),
                    language,
                )
            ]
        )

    def _sections_of(self, document: int) -> tuple[int, int]:
        first, end = self.section_starts[[document, document + 1]].tolist()
        return first, end

    def lines(self, first: int, end: int) -> NDArray[np.int32]:
        """Return first and last line of consecutive sections."""
        return self.batch.sections.lines[first:end]

    def headings(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the headings of consecutive sections, and the bytes of each."""
        begin, stop = self._heading_starts[[first, end]].tolist()
        sections = self.batch.sections
        return sections.headings[begin:stop], sections.heading_sizes[first:end]

    def texts(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the texts of consecutive sections, and the bytes of each."""
        blob = _read_part(self.batch.texts, *self._text_starts[[first, end]].tolist())
        return blob, self.batch.sections.text_sizes[first:end]

    def plain_texts(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return what a person reads of consecutive sections, and the bytes of each."""
        blob = _read_part(self.batch.plain_texts, *self._plain_starts[[first, end]].tolist())
        return blob, self.batch.plain_sizes[first:end]

    def anchors(self, document: int) -> AnchorTable:
        """Return the anchors of a document."""
        return self.batch.extracts[document].anchors

    def anchor_rows(self, first: int, end: int) -> tuple[NDArray[np.int64], AnchorTable]:
        """Return the number of anchors of consecutive documents, and the anchors."""
        tables = [extract.anchors for extract in self.batch.extracts[first:end]]
        sizes = np.array([len(table.keys) for table in tables], dtype=np.int64)
        keys = np.concatenate([table.keys for table in tables])
        return sizes, AnchorTable(keys, np.concatenate([table.sections for table in tables]))

    def node_ends(self, document: int) -> NDArray[np.int32]:
        """Return the last line of each of a document's nodes but the last."""
        starts = np.array(self.documents[document].node_starts[1:], dtype=np.int64)
        last = starts + int(self.section_starts[document]) - 1
        ends: NDArray[np.int32] = self.batch.sections.lines[last, 1]
        return ends


def cut_texts(blob: bytes, sizes: NDArray[np.int64]) -> Iterator[str]:
    """Yield texts that stand one behind the other, given the bytes of each."""
    start = 0
    for size in sizes.tolist():
        yield blob[start : start + size].decode("utf-8")
        start += size


def plain_texts(origin: Origin, document: int) -> Iterator[str]:
    """Yield what a person reads of each section of a document."""
    first, end = origin.section_starts[[document, document + 1]].tolist()
    if isinstance(origin, ReadBatch):
        yield from cut_texts(*origin.plain_texts(first, end))
        return
    markup = origin.documents[document].markup
    for text in cut_texts(*origin.texts(first, end)):
        yield plain_text(text, markup)


def _row(extract: Extract) -> DocumentRow:
    return DocumentRow(
        path=extract.path,
        title=extract.title,
        markup=extract.markup,
        content_hash=extract.content_hash,
        aliases=extract.aliases,
        labels=extract.labels,
        routes=extract.routes,
        section_count=extract.section_count,
        node_starts=extract.node_starts,
        words=extract.words,
        votes=extract.votes,
        size_bytes=extract.size_bytes,
    )


def _read_part(path: Path, begin: int, end: int) -> bytes:
    with path.open("rb") as handle:
        handle.seek(begin)
        return handle.read(end - begin)

"""Where the documents of a new index come from: the earlier index, and batches just read.

A *source* holds documents with their sections one after the other, so what did not change is copied
as bytes, and an index built from changes has the same files as one built from nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import starts_of
from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.index.documents import DocumentRow, read_documents
from docsearch_cli.index.extract import Batch, tokens_of
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.update_tables import UpdateTables
from docsearch_cli.retrieval.postings import PostingLists, count_terms

if TYPE_CHECKING:
    from docsearch_cli.embed.model import IndexedModel


class DocumentSource(Protocol):
    """Documents with their sections."""

    @property
    def documents(self) -> Sequence[DocumentRow]:
        """The documents."""
        ...

    @property
    def languages(self) -> Sequence[str]:
        """The language that the words of each document are stemmed in."""
        ...

    @property
    def section_starts(self) -> NDArray[np.int64]:
        """First section of each document, and the number of sections at the end."""
        ...

    @property
    def node_starts(self) -> NDArray[np.int64]:
        """First node of each document, and the number of nodes at the end."""
        ...

    @property
    def postings(self) -> PostingLists:
        """The sections' postings."""
        ...

    def lines(self, first: int, end: int) -> NDArray[np.int32]:
        """Return first and last line of consecutive sections."""
        ...

    def above(self, first: int, end: int) -> NDArray[np.int32]:
        """Return how far before each of consecutive sections the heading above it stands."""
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

    def plain_texts(self, document: int) -> Iterator[str]:
        """Yield what a person reads of each section of a document."""
        ...

    def vectors(self, model: IndexedModel, first: int, end: int) -> NDArray[np.float16] | None:
        """Return the vectors of consecutive sections; None without vectors of this model."""
        ...


class EarlierIndex:
    """The index that a new one is built upon, as a source."""

    def __init__(self, reader: IndexReader) -> None:
        self.reader = reader
        self.tables = UpdateTables(reader.folder)

    @cached_property
    def documents(self) -> Sequence[DocumentRow]:
        """The documents."""
        return read_documents(self.reader, self.tables)

    @cached_property
    def languages(self) -> Sequence[str]:
        """The language that the words of each document are stemmed in."""
        return [self.reader.language_of(row) for row in range(len(self.documents))]

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

    def above(self, first: int, end: int) -> NDArray[np.int32]:
        """Return how far before each of consecutive sections the heading above it stands."""
        return self.reader.sections_above[first:end]

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
        starts = self.tables.anchor_starts[first : end + 1].astype(np.int64)
        span = slice(int(starts[0]), int(starts[-1]))
        table = AnchorTable(self.tables.anchor_keys[span], self.tables.anchor_sections[span])
        return np.diff(starts), table

    def plain_texts(self, document: int) -> Iterator[str]:
        """Yield what a person reads of each section of a document."""
        first, end = self.section_starts[[document, document + 1]].tolist()
        markup = self.documents[document].markup
        for text in cut_texts(*self.texts(first, end)):
            yield plain_text(text, markup)

    def vectors(self, model: IndexedModel, first: int, end: int) -> NDArray[np.float16] | None:
        """Return the vectors of consecutive sections; None without vectors of this model."""
        return self.reader.vectors[first:end] if self.reader.model == model else None


class ReadBatch:
    """A batch that was just read, as a source."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.postings: PostingLists = batch.postings
        self.languages: Sequence[str] = batch.languages
        self.documents: Sequence[DocumentRow] = [extract.row for extract in batch.extracts]
        self.section_starts = starts_of([row.section_count for row in self.documents])
        self.node_starts = starts_of([len(row.node_starts) for row in self.documents])
        self._heading_starts = starts_of(batch.sections.heading_sizes)
        self._text_starts = starts_of(batch.sections.text_sizes)
        self._plain_starts = starts_of(batch.plain_sizes)

    @property
    def size_bytes(self) -> int:
        """Bytes of what a person reads of it."""
        return int(self._plain_starts[-1])

    def count_terms_in(self, languages: Sequence[str]) -> PostingLists:
        """Return the sections' postings in other languages than they were read in.

        Args:
            languages: That of each document.

        Returns:
            The postings.
        """
        return count_terms(
            [
                tokens
                for number, (document, language) in enumerate(
                    zip(self.documents, languages, strict=True)
                )
                for tokens in tokens_of(
                    document,
                    cut_texts(*self.headings(*self._sections_of(number))),
                    self.plain_texts(number),
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

    def above(self, first: int, end: int) -> NDArray[np.int32]:
        """Return how far before each of consecutive sections the heading above it stands."""
        return self.batch.sections.above[first:end]

    def headings(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the headings of consecutive sections, and the bytes of each."""
        begin, stop = self._heading_starts[[first, end]].tolist()
        sections = self.batch.sections
        return sections.headings[begin:stop], sections.heading_sizes[first:end]

    def texts(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the texts of consecutive sections, and the bytes of each."""
        blob = _read_part(self.batch.texts, *self._text_starts[[first, end]].tolist())
        return blob, self.batch.sections.text_sizes[first:end]

    def plain_texts(self, document: int) -> Iterator[str]:
        """Yield what a person reads of each section of a document."""
        first, end = self._sections_of(document)
        blob = _read_part(self.batch.plain_texts, *self._plain_starts[[first, end]].tolist())
        yield from cut_texts(blob, self.batch.plain_sizes[first:end])

    def vectors(self, model: IndexedModel, first: int, end: int) -> NDArray[np.float16] | None:
        """Return None: nothing of a batch has been encoded."""
        del model, first, end
        return None

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


@dataclass(frozen=True, slots=True)
class Sources:
    """All that a new index is put together from."""

    earlier: EarlierIndex | None
    """None where nothing of an earlier index can be used."""
    batches: tuple[ReadBatch, ...]

    def __iter__(self) -> Iterator[DocumentSource]:
        if self.earlier is not None:
            yield self.earlier
        yield from self.batches


def cut_texts(blob: bytes, sizes: NDArray[np.int64]) -> Iterator[str]:
    """Yield texts that stand one after the other, given the bytes of each."""
    start = 0
    for size in sizes.tolist():
        yield blob[start : start + size].decode("utf-8")
        start += size


def _read_part(path: Path, begin: int, end: int) -> bytes:
    # Once or twice a document: a file object takes several times as long to make.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, end - begin, begin)
    finally:
        os.close(descriptor)

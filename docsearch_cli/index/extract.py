"""What a reading process extracts from a few files: everything that an index holds of a document.

The texts go to two files beside the generation that is being built, so that they pass through
neither the pipe between the processes nor the memory of the building one. Everything else is small
and comes back as arrays.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.formats.readers import read
from docsearch_cli.corpus.heading_paths import distances_above
from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.corpus.load import Begin
from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.corpus.short_forms import find_short_forms
from docsearch_cli.corpus.systems.generated import names_of_made
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.graph.nodes import first_sections
from docsearch_cli.index.document_languages import LanguageSettings, guess_language
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.models import Document, LedgerEntry, Link, Section
from docsearch_cli.retrieval.languages import language_named, vote
from docsearch_cli.retrieval.postings import PostingLists, count_terms
from docsearch_cli.retrieval.tokens import title_tokens, tokenize
from docsearch_cli.retrieval.word_forms import whole_form


class Extract(NamedTuple):
    """One document without its text: its row, and what its links are resolved from."""

    row: DocumentRow
    links: tuple[Link, ...]
    anchors: AnchorTable


@dataclass(frozen=True, slots=True)
class SectionRows:
    """Sections one after the other, without their texts.

    Shapes:
        lines: (n_sections, 2) int32, first and last line.
        above: (n_sections,) int32, how far before it the heading above it stands; 0 for none.
        heading_sizes, text_sizes: (n_sections,) int64, bytes of UTF-8.
    """

    lines: NDArray[np.int32]
    above: NDArray[np.int32]
    headings: bytes
    heading_sizes: NDArray[np.int64]
    text_sizes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """A few files, read."""

    texts: Path
    """The sections' own texts, one after the other."""
    plain_texts: Path
    """What a person reads of them, in the same order."""
    plain_sizes: NDArray[np.int64]
    extracts: tuple[Extract, ...]
    languages: tuple[str, ...]
    """The one that the words of each document are stemmed in."""
    skipped: tuple[LedgerEntry, ...]
    sections: SectionRows
    postings: PostingLists


def read_batch(
    files: Sequence[FoundFile],
    begin: Begin,
    *,
    folder: Path,
    languages: LanguageSettings,
    main: str,
) -> Batch:
    """Read a few files.

    Args:
        files: The files.
        begin: Called before each.
        folder: Where their texts go.
        languages: What a person set.
        main: The language of what is not clearly in another one.

    Returns:
        Their documents, in the order of the files, and a ledger row for each of the others.
    """
    read_documents: list[tuple[int, Document]] = []
    skipped: list[LedgerEntry] = []
    for place, file in enumerate(files):
        begin(place)
        outcome = read(file)
        if isinstance(outcome, Document):
            read_documents.append((place, outcome))
        else:
            skipped.append(outcome)
    # One stage after the other: going from stage to stage with each file takes a fifth longer.
    documents = []
    for place, document in read_documents:
        begin(place)
        plain = [plain_text(section.text, document.markup) for section in document.sections]
        documents.append((place, document, plain))
    extracts = []
    for place, document, plain in documents:
        begin(place)
        extracts.append(_extract(document, plain))
    parts = []
    for (place, document, plain), extract in zip(documents, extracts, strict=True):
        begin(place)
        language = guess_language(extract.row, languages, main)
        parts.append(_parts(document, plain, extract, language))
    return _pack(parts, skipped, folder)


def give_up(row: LedgerEntry, *, folder: Path) -> Batch:
    """Return the batch of a file that cannot be read, given its row of the ledger."""
    return _pack([], [row], folder)


class DocumentParts(NamedTuple):
    """All that follows from one file alone."""

    sections: tuple[Section, ...]
    plain: list[str]
    tokens: list[list[str]]
    above: list[int]
    extract: Extract
    language: str


def extract_document(document: Document, languages: LanguageSettings, main: str) -> DocumentParts:
    """Return all that an index takes of a document, see ``read_batch``."""
    plain = [plain_text(section.text, document.markup) for section in document.sections]
    extract = _extract(document, plain)
    return _parts(document, plain, extract, guess_language(extract.row, languages, main))


def _parts(document: Document, plain: list[str], extract: Extract, language: str) -> DocumentParts:
    sections = document.sections
    headings = [section.heading for section in sections]
    tokens = list(tokens_of(document, headings, plain, language))
    return DocumentParts(
        sections, plain, tokens, list(distances_above(sections)), extract, language
    )


def _pack(
    documents: Sequence[DocumentParts], skipped: Sequence[LedgerEntry], folder: Path
) -> Batch:
    sections = [section for document in documents for section in document.sections]
    name = secrets.token_hex(8)
    texts, plain_texts = folder / f"{name}.texts", folder / f"{name}.plain"
    headings = [_utf8(section.heading) for section in sections]
    lines = [(section.line_start, section.line_end) for section in sections]
    return Batch(
        texts=texts,
        plain_texts=plain_texts,
        plain_sizes=_write(
            plain_texts, [text for document in documents for text in document.plain]
        ),
        extracts=tuple(document.extract for document in documents),
        languages=tuple(document.language for document in documents),
        skipped=tuple(skipped),
        sections=SectionRows(
            lines=np.array(lines, np.int32).reshape(-1, 2),
            above=np.array([far for document in documents for far in document.above], np.int32),
            headings=b"".join(headings),
            heading_sizes=_sizes(headings),
            text_sizes=_write(texts, [section.text for section in sections]),
        ),
        postings=count_terms([tokens for document in documents for tokens in document.tokens]),
    )


def tokens_of(
    document: Document | DocumentRow,
    headings: Iterable[str],
    texts: Iterable[str],
    language: str,
) -> Iterator[list[str]]:
    """Yield the tokens that find each section of a document: title twice, heading, text.

    A page that a program made of others is found by the name of its file alone.
    """
    if document.made_by:
        file, stem = names_of_made(document.path)
        of_name = [whole_form(file), *tokenize(stem, language)]
        yield from ([] if place else of_name for place, _ in enumerate(texts))
        return
    of_title = title_tokens(document.title, language)
    of_headings: dict[str, list[str]] = {}  # the passages of a long section have the same one
    for heading, text in zip(headings, texts, strict=True):
        of_heading = of_headings.get(heading)
        if of_heading is None:
            of_heading = of_headings[heading] = tokenize(heading, language)
        yield of_title + of_title + of_heading + tokenize(text, language)


def _extract(document: Document, plain: Sequence[str]) -> Extract:
    row = DocumentRow(
        path=document.path,
        title=document.title,
        markup=document.markup,
        content_hash=document.content_hash,
        aliases=document.aliases,
        labels=document.labels,
        routes=document.routes,
        includes=document.includes,
        section_count=len(document.sections),
        node_starts=tuple(first_sections([text.count(" ") + 1 for text in plain])),
        words=sum(len(text.split()) for text in plain),
        votes=vote(plain),
        size_bytes=document.size_bytes,
        made_by=document.made_by,
        unread=document.unread,
        front_matter_fault=document.front_matter_fault,
        declared=language_named(document.language) or "" if document.language else "",
        tags=document.tags,
        dated=document.dated,
        short_forms=() if document.made_by else find_short_forms(plain),
    )
    return Extract(row, document.links, AnchorTable.of(document.sections))


def _write(path: Path, texts: Sequence[str]) -> NDArray[np.int64]:
    rows = [_utf8(text) for text in texts]
    path.write_bytes(b"".join(rows))
    return _sizes(rows)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _sizes(rows: Sequence[bytes]) -> NDArray[np.int64]:
    return np.fromiter(map(len, rows), np.int64, len(rows))

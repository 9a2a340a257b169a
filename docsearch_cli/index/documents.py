"""Documents as an index holds them: everything but their text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from docsearch_cli.arrays import save_array
from docsearch_cli.corpus.formats.table import format_named
from docsearch_cli.corpus.short_forms import ShortForm
from docsearch_cli.index.glossary import save_glossary
from docsearch_cli.index.tag_table import save_tags
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.languages import ALL_LANGUAGES, LANGUAGES
from docsearch_cli.string_table import save_strings

if TYPE_CHECKING:
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.index.update_tables import UpdateTables


class DocumentRow(NamedTuple):  # as one it goes from process to process in a third of the time
    """One document."""

    path: str
    title: str
    markup: Markup
    content_hash: str
    aliases: tuple[str, ...]
    labels: tuple[str, ...]
    routes: tuple[str, ...]
    section_count: int
    node_starts: tuple[int, ...]
    """First section of each of its nodes, counted in the document."""
    words: int
    votes: tuple[int, ...]
    """Function words of each of ``LANGUAGES`` in it."""
    size_bytes: int
    made_by: str = ""
    """See ``Document.made_by``."""
    unread: tuple[str, ...] = ()
    """What of the file is not in the index, see ``Document.unread``."""
    includes: tuple[str, ...] = ()
    """See ``Document.includes``."""
    front_matter_fault: str = ""
    """See ``Document.front_matter_fault``."""
    declared: str = ""
    """The one of ``LANGUAGES`` that it says to be in; empty if it does not say."""
    tags: tuple[str, ...] = ()
    dated: str = ""
    """See ``Document.dated``."""
    short_forms: tuple[ShortForm, ...] = ()
    """Those that it explains."""


def save_documents(folder: Path, documents: Sequence[DocumentRow]) -> None:
    """Write the documents, and the nodes that they are cut into."""
    save_strings(folder, "documents.paths", (document.path for document in documents))
    save_strings(folder, "documents.titles", (document.title for document in documents))
    save_strings(folder, "documents.other_names", map(_other_names, documents))
    hashes = b"".join(bytes.fromhex(document.content_hash) for document in documents)
    save_array(folder, "documents.hashes", np.frombuffer(hashes, np.uint8).reshape(-1, 32))
    markups = [format_named(document.markup).code for document in documents]
    save_array(folder, "documents.markups", np.array(markups, dtype=np.uint8))
    sizes = [(document.size_bytes, document.words) for document in documents]
    save_array(folder, "documents.sizes", np.array(sizes, dtype=np.int64).reshape(-1, 2))
    votes = np.array([document.votes for document in documents], dtype=np.uint16)
    save_array(folder, "documents.votes", votes.reshape(-1, len(LANGUAGES)))
    save_tags(folder, documents)
    save_glossary(folder, documents)
    owners: list[int] = []
    parts: list[int] = []
    starts: list[int] = []
    section = 0
    for number, document in enumerate(documents):
        for part, start in enumerate(document.node_starts):
            owners.append(number)
            parts.append(part)
            starts.append(section + start)
        section += document.section_count
    save_array(folder, "nodes.documents", np.array(owners, dtype=np.int32))
    save_array(folder, "nodes.parts", np.array(parts, dtype=np.int32))
    save_array(folder, "nodes.starts", np.array([*starts, section], dtype=np.int64))


def save_languages(folder: Path, languages: Sequence[str]) -> None:
    """Write the language of each document."""
    place_of = {language: place for place, language in enumerate(ALL_LANGUAGES)}
    places = np.array([place_of[language] for language in languages], np.uint8)
    save_array(folder, "documents.languages", places)


def read_documents(index: IndexReader, tables: UpdateTables) -> list[DocumentRow]:
    """Return the documents of an index."""
    starts = index.node_starts.tolist()
    first_nodes = np.searchsorted(index.node_documents, np.arange(len(index.paths) + 1)).tolist()
    sizes = index.document_sizes.tolist()
    votes = tables.votes.tolist()
    rows: list[DocumentRow] = []
    for number, (first, end) in enumerate(pairwise(first_nodes)):
        names = tables.other_names[number]
        loaded = json.loads(names) if names else {}
        section = starts[first]
        rows.append(
            DocumentRow(
                path=index.paths[number],
                title=index.titles[number],
                markup=index.markup(number),
                content_hash=index.content_hash(number),
                aliases=tuple(loaded.get("aliases", ())),
                labels=tuple(loaded.get("labels", ())),
                routes=tuple(loaded.get("routes", ())),
                section_count=starts[end] - section,
                node_starts=tuple(start - section for start in starts[first:end]),
                words=sizes[number][1],
                votes=tuple(votes[number]),
                size_bytes=sizes[number][0],
                made_by=loaded.get("made_by", ""),
                unread=tuple(loaded.get("unread", ())),
                includes=tuple(loaded.get("includes", ())),
                front_matter_fault=loaded.get("front_matter_fault", ""),
                declared=loaded.get("language", ""),
                tags=tuple(loaded.get("tags", ())),
                dated=loaded.get("dated", ""),
                short_forms=tuple(ShortForm(*pair) for pair in loaded.get("short_forms", ())),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class Remarks:
    """What the ledger says of an indexed document, see ``Document``."""

    made_by: str = ""
    unread: tuple[str, ...] = ()
    front_matter_fault: str = ""


def remarks_of(other_names: str) -> Remarks:
    """Return the remarks in a document's row of ``documents.other_names``."""
    loaded = json.loads(other_names) if other_names else {}
    return Remarks(
        loaded.get("made_by", ""),
        tuple(loaded.get("unread", ())),
        loaded.get("front_matter_fault", ""),
    )


def _other_names(document: DocumentRow) -> str:
    """Return a document's names, what of it is not read and what it includes, as JSON."""
    names = {
        "aliases": document.aliases,
        "labels": document.labels,
        "routes": document.routes,
        "unread": document.unread,
        "includes": document.includes,
        "tags": document.tags,
        "short_forms": document.short_forms,
    }
    found: dict[str, object] = {kind: list(values) for kind, values in names.items() if values}
    if document.made_by:
        found["made_by"] = document.made_by
    if document.dated:
        found["dated"] = document.dated
    if document.front_matter_fault:
        found["front_matter_fault"] = document.front_matter_fault
    if document.declared:
        found["language"] = document.declared
    return json.dumps(found, ensure_ascii=False, sort_keys=True) if found else ""

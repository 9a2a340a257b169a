"""The tables of an index: documents, nodes, sections and the names that documents go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from docsearch_cli.arrays import rows_of, save_array, save_strings
from docsearch_cli.corpus.plain import plain_text
from docsearch_cli.graph.mentions import NamedNode, name_words, names_of
from docsearch_cli.graph.nodes import Node, cut_into_nodes
from docsearch_cli.index.store import MARKUPS
from docsearch_cli.models import Document, Section
from docsearch_cli.retrieval.languages import elect, vote
from docsearch_cli.retrieval.tokens import tokenize


@dataclass(frozen=True, slots=True)
class Row:
    """A section, with what is searched of it."""

    section: Section
    document: int
    plain: str
    """Its text without markup."""


@dataclass(frozen=True, slots=True)
class Tables:
    """A corpus as rows: documents by path, nodes and sections in the order they stand in."""

    documents: tuple[Document, ...]
    nodes: tuple[Node, ...]
    rows: tuple[Row, ...]
    first_rows: tuple[int, ...]
    """First section row of each document."""

    def tokens_of(self, row: Row, language: str) -> list[str]:
        """Return what a section is found by: its document's title twice, its heading, its text."""
        title = tokenize(self.documents[row.document].title, language)
        heading = tokenize(row.section.heading, language)
        return title + title + heading + tokenize(row.plain, language)

    def detect_language(self) -> str:
        """Return the language that most of the documents are in."""
        bounds = pairwise((*self.first_rows, len(self.rows)))
        return elect(vote(row.plain for row in self.rows[first:end]) for first, end in bounds)

    def named_nodes(self) -> list[NamedNode]:
        """Return the first node of each document with the document's names."""
        return [
            NamedNode(place, names_of(document.title, document.aliases))
            for place, node in enumerate(self.nodes)
            if node.part == 0
            for document in [self.documents[node.document]]
        ]


def arrange(documents: Sequence[Document]) -> Tables:
    """Return the documents as rows, long ones cut into nodes."""
    ordered = sorted(documents, key=lambda item: item.path.encode("utf-8", "replace"))
    rows: list[Row] = []
    nodes: list[Node] = []
    first_rows: list[int] = []
    for number, document in enumerate(ordered):
        start = len(rows)
        first_rows.append(start)
        rows.extend(
            Row(section, number, plain_text(section.text, document.markup))
            for section in document.sections
        )
        words = [row.plain.count(" ") + 1 for row in rows[start:]]
        nodes.extend(cut_into_nodes(document.path, number, start, words))
    return Tables(tuple(ordered), tuple(nodes), tuple(rows), tuple(first_rows))


def save_tables(folder: Path, tables: Tables) -> None:
    """Write the tables."""
    documents, nodes = tables.documents, tables.nodes
    save_strings(folder, "documents.paths", (document.path for document in documents))
    save_strings(folder, "documents.titles", (document.title for document in documents))
    save_strings(folder, "documents.hashes", (document.content_hash for document in documents))
    markups = [MARKUPS.index(document.markup) for document in documents]
    save_array(folder, "documents.markups", np.array(markups, dtype=np.uint8))
    save_array(
        folder, "nodes.documents", np.array([node.document for node in nodes], dtype=np.int32)
    )
    save_array(folder, "nodes.parts", np.array([node.part for node in nodes], dtype=np.int32))
    starts = [node.first_section for node in nodes] + [len(tables.rows)]
    save_array(folder, "nodes.starts", np.array(starts, dtype=np.int64))
    lines = [(row.section.line_start, row.section.line_end) for row in tables.rows]
    save_array(folder, "sections.lines", np.array(lines, dtype=np.int32).reshape(-1, 2))
    save_strings(folder, "sections.headings", (row.section.heading for row in tables.rows))
    save_strings(folder, "sections.texts", (row.section.text for row in tables.rows))
    _save_names(folder, tables.named_nodes())


def _save_names(folder: Path, named: Sequence[NamedNode]) -> None:
    by_name: dict[str, list[int]] = {}
    for entry in named:
        for name in entry.names:
            words = " ".join(name_words(name))
            if words and entry.node not in by_name.setdefault(words, []):
                by_name[words].append(entry.node)
    names = sorted(by_name, key=lambda name: name.encode("utf-8", "replace"))
    starts, rows = rows_of([by_name[name] for name in names])
    save_strings(folder, "names", names)
    save_array(folder, "names.starts", starts)
    save_array(folder, "names.nodes", rows)

"""Related documents: what a document leads to and what leads to it, with the words that say so."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.corpus.plain_text import remembered_on_line
from docsearch_cli.errors import UsageError
from docsearch_cli.graph.edge_kinds import EDGE_KINDS, PRECEDENCE, kind_of_code
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.models import Markup
from docsearch_cli.whole_numbers import brief

Direction = Literal["out", "in"]
STORED_KINDS = tuple(kind.name for kind in EDGE_KINDS if kind.code is not None)


@dataclass(frozen=True, slots=True)
class Relation:
    """An edge between a document and another one, or a part of one."""

    direction: Direction
    """``out`` if it leads to the other one, ``in`` if it comes from there."""
    kind: str
    """As in ``graph/edge_kinds.py``: ``link``, ``include``, ``mention``, ``part`` or ``next``."""
    path: str
    """The other document."""
    title: str
    """The other one's."""
    weight: float
    """0 to 1, how much the edge says of its target."""
    line: int
    """Where its words stand in the document that it leaves; 0 if it has none."""
    anchor: str
    """The words that carry it; empty if it has none."""
    sentence: str
    """The sentence that they stand in, without markup; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Related:
    """What a document is joined to."""

    path: str
    """The document."""
    relations: tuple[Relation, ...]
    """Those that leave it before those that lead to it, in the order of the table of kinds, the
    weightiest first; ties go to the smaller path and line."""
    total: int
    """How many there are, with those that were not asked for."""


def related_documents(
    index: IndexReader,
    path: str,
    *,
    directions: Collection[Direction] = ("out", "in"),
    kinds: Collection[str] = (),
    limit: int | None = None,
) -> Related:
    """Return the stored edges between a document and others.

    Args:
        index: The index.
        path: A document of it.
        directions: Which edges are wanted.
        kinds: Names of the kinds that are wanted; none for all.
        limit: Most edges to return; None for all.

    Returns:
        The edges, and how many there are.

    Raises:
        UsageError: If a kind is not stored.
    """
    for kind in kinds:
        if kind not in STORED_KINDS:
            raise UsageError(
                f"there is no kind of edge {brief(kind)}", hint=f"one of {', '.join(STORED_KINDS)}"
            )
    found = [
        edge
        for direction in ("out", "in")
        if direction in directions
        for edge in sorted(_edges(index, path, direction, kinds))
    ]
    return Related(path, tuple(_relation(index, edge) for edge in found[:limit]), len(found))


@dataclass(frozen=True, slots=True, order=True)
class _FoundEdge:
    precedence: int
    negative_weight: float
    path: str
    line: int
    number: int
    document: int
    direction: Direction


def _edges(
    index: IndexReader, path: str, direction: Direction, kinds: Collection[str]
) -> Iterator[_FoundEdge]:
    graph = index.graph
    nodes = index.nodes_of_document(path)
    for node in nodes:
        if direction == "out":
            numbers = graph.edges_out(node)
            others = graph.targets[numbers]
        else:
            numbers = graph.edges_in(node).astype(np.int64)
            others = graph.sources_of(numbers)
        for number, other in zip(numbers.tolist(), others.tolist(), strict=True):
            code = int(graph.kinds[number])
            if other in nodes or (kinds and kind_of_code(code).name not in kinds):
                continue
            document = int(index.node_documents[other])
            yield _FoundEdge(
                PRECEDENCE[code],
                -round(float(graph.weights[number]), 4),
                index.paths[document],
                int(graph.lines[number]),
                number,
                document,
                direction,
            )


def _relation(index: IndexReader, edge: _FoundEdge) -> Relation:
    graph = index.graph
    anchor = graph.texts[edge.number]
    source = int(graph.sources_of(np.array([edge.number]))[0])
    return Relation(
        direction=edge.direction,
        kind=kind_of_code(int(graph.kinds[edge.number])).name,
        path=edge.path,
        title=index.titles[edge.document],
        weight=-edge.negative_weight,
        line=edge.line,
        anchor=anchor,
        sentence=_sentence(index, source, edge.line, anchor) if edge.line > 0 else "",
    )


def _sentence(index: IndexReader, node: int, line: int, anchor: str) -> str:
    """Return the sentence on a line of a node's document that holds an edge's words."""
    markup = index.markup(int(index.node_documents[node]))
    if is_paged(markup):
        return ""
    first, end = index.node_starts[node : node + 2].tolist()
    starts = index.section_lines[first:end, 0]
    last = first + int(np.searchsorted(starts, line, side="right")) - 1
    rows = sections_on_line(index, line, last, first)
    return carrying_sentence(index, rows, markup, line, anchor)


def sections_on_line(index: IndexReader, line: int, last: int, first: int) -> list[int]:
    """Return the sections of a document that are on a line, which may be several.

    Args:
        index: The index.
        line: From 1.
        last: The last section that begins on the line or before it.
        first: The first one that may be on it.

    Returns:
        Their rows, ascending.
    """
    rows = []
    for row in range(last, first - 1, -1):
        if int(index.section_lines[row, 1]) < line:
            break
        rows.append(row)
    return rows[::-1]


def carrying_sentence(
    index: IndexReader, rows: Collection[int], markup: Markup, line: int, spelled: str
) -> str:
    """Return the sentence on a line that holds some words.

    Args:
        index: The index.
        rows: The sections on the line.
        markup: How their text is marked up.
        line: Of the document, from 1.
        spelled: The words.

    Returns:
        How it reads. Where none holds them, the line's first stands for it, if only one section is
        on the line; empty if there is none.
    """
    words = " ".join(spelled.split()).casefold()
    on_line: list[str] = []
    for row in rows:
        offset = line - int(index.section_lines[row, 0])
        on_line += [unit.plain for unit in remembered_on_line(index.texts[row], markup, offset)]
    first = on_line[0] if on_line and len(rows) == 1 else ""
    return next((unit for unit in on_line if words in unit.casefold()), first)

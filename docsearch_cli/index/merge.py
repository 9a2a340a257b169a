"""The documents of a new index in order, and where each comes from.

Consecutive documents of one origin are a *run*, whose sections are copied as one block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import ArrayWriter, StringWriter, save_array, save_starts, starts_of
from docsearch_cli.index.documents import DocumentRow, save_documents
from docsearch_cli.index.sources import Origin
from docsearch_cli.retrieval.keyword import save_keyword_index
from docsearch_cli.retrieval.postings import PostingSource

# Sections whose texts are in memory at once.
_COPIED_SECTIONS = 10_000


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive documents of one origin that stand one behind the other in the new index."""

    origin: int
    first: int
    """First document, by its number in the origin."""
    end: int
    row: int
    """Row of the first document in the new index."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The documents of a new index, by path, and where each comes from.

    Shapes:
        section_starts, node_starts: (n_documents + 1,) int64.
    """

    documents: tuple[DocumentRow, ...]
    runs: tuple[Run, ...]
    section_starts: NDArray[np.int64]
    node_starts: NDArray[np.int64]
    row_of: dict[str, int]
    """Row of each document by path."""
    runs_of: tuple[tuple[Run, ...], ...]
    """The runs of each origin."""

    def rows_of(self, origin: int, documents: int) -> NDArray[np.int32]:
        """Return the row that each document of an origin has here; -1 for one that has none."""
        rows = np.full(documents, -1, dtype=np.int32)
        for run in self.runs_of[origin]:
            rows[run.first : run.end] = np.arange(run.row, run.row + run.end - run.first)
        return rows

    def sections_of(self, number: int, origin: Origin) -> NDArray[np.int32]:
        """Return the row that each section of an origin has here; -1 for one that has none."""
        return self._spread(number, origin.section_starts, self.section_starts)

    def nodes_of(self, number: int, node_starts: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the row that each node of an origin has here; -1 for one that has none."""
        return self._spread(number, node_starts, self.node_starts)

    def _spread(
        self, origin: int, there: NDArray[np.int64], here: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        rows = np.full(int(there[-1]), -1, dtype=np.int32)
        for run in self.runs_of[origin]:
            low, high = int(there[run.first]), int(there[run.end])
            rows[low:high] = np.arange(high - low, dtype=np.int32) + int(here[run.row])
        return rows


def arrange(origins: Sequence[Origin], kept: Sequence[NDArray[np.bool_]]) -> Arrangement:
    """Return the documents of a new index.

    Args:
        origins: Where they come from.
        kept: For each origin, which of its documents are in the new index.

    Returns:
        The documents by path, each path once.
    """
    places = sorted(
        (document.path.encode("utf-8", "replace"), origin, number)
        for origin, source in enumerate(origins)
        for number, document in enumerate(source.documents)
        if kept[origin][number]
    )
    documents = tuple(origins[origin].documents[number] for _, origin, number in places)
    runs: list[Run] = []
    for row, (_, origin, number) in enumerate(places):
        last = runs[-1] if runs else None
        if last is not None and last.origin == origin and last.end == number:
            runs[-1] = Run(origin, last.first, number + 1, last.row)
        else:
            runs.append(Run(origin, number, number + 1, row))
    return Arrangement(
        documents=documents,
        runs=tuple(runs),
        section_starts=starts_of([document.section_count for document in documents]),
        node_starts=starts_of([len(document.node_starts) for document in documents]),
        row_of={document.path: row for row, document in enumerate(documents)},
        runs_of=tuple(map(tuple, _grouped(runs, len(origins)))),
    )


def _grouped(runs: Sequence[Run], origins: int) -> list[list[Run]]:
    groups: list[list[Run]] = [[] for _ in range(origins)]
    for run in runs:
        groups[run.origin].append(run)
    return groups


def save_arrangement(folder: Path, arrangement: Arrangement, origins: Sequence[Origin]) -> None:
    """Write documents, sections and anchors.

    Args:
        folder: Where the files go.
        arrangement: The documents.
        origins: Where they come from.
    """
    save_documents(folder, arrangement.documents)
    with (
        StringWriter(folder, "sections.headings") as headings,
        StringWriter(folder, "sections.texts") as texts,
    ):
        lines = [np.zeros((0, 2), np.int32)]
        for run in arrangement.runs:
            origin = origins[run.origin]
            first, end = origin.section_starts[[run.first, run.end]].tolist()
            for low, high in pairwise([*range(first, end, _COPIED_SECTIONS), end]):
                headings.copy(*origin.headings(low, high))
                texts.copy(*origin.texts(low, high))
                lines.append(origin.lines(low, high))
    save_array(folder, "sections.lines", np.concatenate(lines))
    _save_anchors(folder, arrangement, origins)


def save_keywords(folder: Path, arrangement: Arrangement, origins: Sequence[Origin]) -> None:
    """Write the keyword index."""
    save_keyword_index(
        folder,
        [
            PostingSource(origin.postings, arrangement.sections_of(number, origin))
            for number, origin in enumerate(origins)
        ],
    )


def _save_anchors(folder: Path, arrangement: Arrangement, origins: Sequence[Origin]) -> None:
    sizes = [np.zeros(0, np.int64)]
    with (
        ArrayWriter(folder, "anchors.keys", np.uint32) as keys,
        ArrayWriter(folder, "anchors.sections", np.int32) as sections,
    ):
        for run in arrangement.runs:
            counts, table = origins[run.origin].anchor_rows(run.first, run.end)
            sizes.append(counts)
            keys.extend(table.keys)
            sections.extend(table.sections)
    save_starts(folder, "anchors.starts", starts_of(np.concatenate(sizes)))

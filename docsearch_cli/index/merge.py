"""The documents of a new index in order, and where each comes from.

Consecutive documents of one source are a *stretch*, whose sections are copied as one block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import ArrayWriter, save_array, save_starts, starts_of
from docsearch_cli.index.documents import DocumentRow, save_documents
from docsearch_cli.index.sources import DocumentSource, Sources
from docsearch_cli.retrieval.keyword import save_keyword_index
from docsearch_cli.retrieval.postings import PostingSource
from docsearch_cli.string_table import StringWriter

# Sections whose texts are in memory at once.
_COPIED_SECTIONS = 10_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive documents of one source that follow each other in the new index too."""

    source: DocumentSource
    first: int
    """First document, by its number in the source."""
    end: int
    """Number of the document after the last one."""
    row: int
    """Row of the first document in the new index."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The documents of a new index, by path, and where each comes from.

    Shapes:
        section_starts, node_starts: (n_documents + 1,) int64.
    """

    documents: tuple[DocumentRow, ...]
    stretches: tuple[Stretch, ...]
    section_starts: NDArray[np.int64]
    node_starts: NDArray[np.int64]
    row_of: dict[str, int]
    """Row of each document by path."""
    stretches_of: Mapping[DocumentSource, Sequence[Stretch]]
    """Those of each source that has any."""

    def rows_of(self, source: DocumentSource) -> NDArray[np.int32]:
        """Return the row that each document of a source has here; -1 for one that has none."""
        numbers = np.arange(len(source.documents) + 1)
        return self._spread(source, numbers, np.arange(len(self.documents) + 1))

    def sections_of(self, source: DocumentSource) -> NDArray[np.int32]:
        """Return the row that each section of a source has here; -1 for one that has none."""
        return self._spread(source, source.section_starts, self.section_starts)

    def nodes_of(self, source: DocumentSource) -> NDArray[np.int32]:
        """Return the row that each node of a source has here; -1 for one that has none."""
        return self._spread(source, source.node_starts, self.node_starts)

    def _spread(
        self, source: DocumentSource, there: NDArray[np.int64], here: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        rows = np.full(int(there[-1]), -1, dtype=np.int32)
        for stretch in self.stretches_of.get(source, ()):
            low, high = int(there[stretch.first]), int(there[stretch.end])
            rows[low:high] = np.arange(high - low, dtype=np.int32) + int(here[stretch.row])
        return rows


def arrange(sources: Sources, kept: NDArray[np.bool_]) -> Arrangement:
    """Return the documents of a new index.

    Args:
        sources: Where they come from; everything in a batch is in the new index.
        kept: Which documents of the earlier index are in the new one; empty without one.

    Returns:
        The documents by path, each path once.
    """
    ordered = list(sources)
    places = sorted(
        (document.path.encode("utf-8", "replace"), place, number)
        for place, source in enumerate(ordered)
        for number, document in enumerate(source.documents)
        if source is not sources.earlier or kept[number]
    )
    documents = tuple(ordered[place].documents[number] for _, place, number in places)
    stretches: list[Stretch] = []
    for row, (_, place, number) in enumerate(places):
        source = ordered[place]
        last = stretches[-1] if stretches else None
        if last is not None and last.source is source and last.end == number:
            stretches[-1] = Stretch(source, last.first, number + 1, last.row)
        else:
            stretches.append(Stretch(source, number, number + 1, row))
    return Arrangement(
        documents=documents,
        stretches=tuple(stretches),
        section_starts=starts_of([document.section_count for document in documents]),
        node_starts=starts_of([len(document.node_starts) for document in documents]),
        row_of={document.path: row for row, document in enumerate(documents)},
        stretches_of=_by_source(stretches),
    )


def _by_source(stretches: Sequence[Stretch]) -> dict[DocumentSource, list[Stretch]]:
    groups: dict[DocumentSource, list[Stretch]] = {}
    for stretch in stretches:
        groups.setdefault(stretch.source, []).append(stretch)
    return groups


def save_arrangement(folder: Path, arrangement: Arrangement) -> None:
    """Write documents, sections and anchors."""
    save_documents(folder, arrangement.documents)
    with (
        StringWriter(folder, "sections.headings") as headings,
        StringWriter(folder, "sections.texts") as texts,
    ):
        lines = [np.zeros((0, 2), np.int32)]
        above = [np.zeros(0, np.int32)]
        for stretch in arrangement.stretches:
            source = stretch.source
            first, end = source.section_starts[[stretch.first, stretch.end]].tolist()
            for low, high in pairwise([*range(first, end, _COPIED_SECTIONS), end]):
                headings.copy(*source.headings(low, high))
                texts.copy(*source.texts(low, high))
                lines.append(source.lines(low, high))
                above.append(source.above(low, high))
    save_array(folder, "sections.lines", np.concatenate(lines))
    save_array(folder, "sections.above", np.concatenate(above))
    _save_anchors(folder, arrangement)


def save_keywords(folder: Path, arrangement: Arrangement, sources: Sources) -> None:
    """Write the keyword index."""
    save_keyword_index(
        folder,
        [PostingSource(source.postings, arrangement.sections_of(source)) for source in sources],
    )


def _save_anchors(folder: Path, arrangement: Arrangement) -> None:
    sizes = [np.zeros(0, np.int64)]
    with (
        ArrayWriter(folder, "anchors.keys", np.uint32) as keys,
        ArrayWriter(folder, "anchors.sections", np.int32) as sections,
    ):
        for stretch in arrangement.stretches:
            counts, table = stretch.source.anchor_rows(stretch.first, stretch.end)
            sizes.append(counts)
            keys.extend(table.keys)
            sections.extend(table.sections)
    save_starts(folder, "anchors.starts", starts_of(np.concatenate(sizes)))

"""What a new index will hold: what stays of the earlier one, and what was read for it.

A document is read if its file changed, or if its links or the names in it may now stand for another
document. That settles in a round or two: a document that is read again without a change of its own
changes nothing for others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.load import read_files
from docsearch_cli.corpus.systems.detection import DetectedSystems
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.index.changes import Changes, Scan
from docsearch_cli.index.extract import give_up, read_batch
from docsearch_cli.index.invalidation import (
    changed_names,
    changed_words,
    documents_asking,
    documents_naming,
    documents_of_other_sites,
)
from docsearch_cli.index.links import LinkFacts, resolve_links
from docsearch_cli.index.mentions import MentionFacts, gather_mentions, search_batches
from docsearch_cli.index.merge import Arrangement, arrange
from docsearch_cli.index.parallel import map_forked
from docsearch_cli.index.sites import NamedSystems, left_out_of, other_paths, sites_among, sites_of
from docsearch_cli.index.sources import EarlierIndex, ReadBatch, Sources
from docsearch_cli.models import LedgerEntry
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE, elect

# (stage, done, of how many); 0 of 0 where the length is not known.
BuildProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Content:
    """All that goes into a generation."""

    arrangement: Arrangement
    sources: Sources
    links: LinkFacts
    mentions: MentionFacts
    language: str
    """The language that words are stemmed in."""
    skipped: tuple[LedgerEntry, ...]
    """Everything that is not in the index, by path."""
    read: int
    """Files that were read."""


class Gathering:
    """Reads what must be read, and works out what the new index holds.

    Args:
        found: What is on disk.
        earlier: The index to build upon; None to read everything.
        changes: What became of its documents.
        folder: Where the texts of what is read are kept during the build.
        language: The language to stem words in; None for that of most documents.
        systems: Names of the documentation systems that a person set, by folder.
        workers: Reading processes; by default one a core.
        report: Called with how far each stage is.
    """

    def __init__(
        self,
        found: Scan,
        earlier: EarlierIndex | None,
        changes: Changes,
        folder: Path,
        *,
        language: str | None,
        systems: NamedSystems,
        workers: int | None,
        report: BuildProgress,
    ) -> None:
        self._found = found
        self._earlier = earlier
        self._kept = changes.kept.copy()
        self._skipped = [*found.skipped, *changes.skipped]
        self._to_read = changes.to_read
        self._folder = folder
        self._set_language = language
        self._language = language or (earlier.reader.language if earlier else DEFAULT_LANGUAGE)
        self._named_systems = systems
        self._workers = workers
        self._report = report
        self._batches: list[ReadBatch] = []
        self._read_count = 0

    def run(self, roots: Mapping[str, str]) -> Content:
        """Return the content.

        Args:
            roots: Absolute path of each root, by name.

        Returns:
            All that goes into a generation.
        """
        self._read(self._to_read)
        arrangement, mentions = self._settle_mentions()
        language = self._elect_language(arrangement)
        if language != self._language:
            if self._kept.any():
                self._start_afresh(language)
                arrangement, mentions = self._settle_mentions()
                language = self._elect_language(arrangement)
            self._count_terms_in(language)
        self._report("links", 0, 0)
        links = resolve_links(
            arrangement,
            self._sources,
            other_paths(self._left_out),
            roots,
            self._sites(arrangement),
        )
        return Content(
            arrangement=arrangement,
            sources=self._sources,
            links=links,
            mentions=mentions,
            language=self._language,
            skipped=tuple(sorted(self._skipped, key=lambda row: row.path)),
            read=self._read_count,
        )

    def _sites(self, arrangement: Arrangement) -> DetectedSystems:
        return sites_among(arrangement.row_of, self._left_out, self._named_systems)

    @property
    def _left_out(self) -> list[tuple[str, str]]:
        return [(row.path, row.detail) for row in self._skipped]

    @property
    def _sources(self) -> Sources:
        return Sources(self._earlier, tuple(self._batches))

    def _settle_mentions(self) -> tuple[Arrangement, MentionFacts]:
        """Read documents again until every mention is known with its line."""
        while True:
            arrangement = self._settle()
            searched = search_batches(
                arrangement,
                self._batches,
                workers=self._workers,
                progress=partial(self._report, "mentions"),
            )
            mentions = gather_mentions(arrangement, self._sources, searched)
            if not mentions.missing:
                return arrangement, mentions
            self._read_again(np.isin(np.arange(len(self._kept)), list(mentions.missing)))

    def _settle(self) -> Arrangement:
        """Read all documents that a change of others affects; return the arrangement then."""
        while True:
            arrangement = arrange(self._sources, self._kept)
            touched = self._touched(arrangement)
            if not touched.any():
                return arrangement
            self._read_again(touched)

    def _touched(self, arrangement: Arrangement) -> NDArray[np.bool_]:
        earlier = self._earlier
        if earlier is None or not self._kept.any():
            return np.zeros(len(self._kept), np.bool_)
        others = other_paths(left_out_of(earlier.reader)), other_paths(self._left_out)
        systems = sites_of(earlier.reader), self._sites(arrangement)
        names = changed_names(earlier, arrangement, others, systems)
        words = changed_words(earlier.documents, arrangement.documents)
        touched = documents_of_other_sites(earlier.documents, systems)
        if names:
            touched |= documents_asking(earlier.tables, names)
        if words:
            touched = touched | documents_naming(earlier, words)
        return touched & self._kept

    def _elect_language(self, arrangement: Arrangement) -> str:
        """Return the language to stem words in: the one that was set, or that of the documents."""
        if self._set_language is not None:
            return self._set_language
        votes = np.array([document.votes for document in arrangement.documents], np.int64)
        return elect([votes.sum(axis=0).tolist()]) if len(votes) else DEFAULT_LANGUAGE

    def _start_afresh(self, language: str) -> None:
        """Read everything in another language: nothing of the earlier index is of use then."""
        self._earlier = None
        self._kept = np.zeros(0, np.bool_)
        self._skipped = list(self._found.skipped)
        self._batches = []
        self._read_count = 0
        self._language = language
        self._read(self._found.files)

    def _count_terms_in(self, language: str) -> None:
        """Count the terms again if they were counted in another language."""
        if language == self._language:
            return
        self._language = language
        counted = map_forked(
            lambda place: self._batches[place].count_terms_in(language),
            len(self._batches),
            sum(batch.size_bytes for batch in self._batches),
            workers=self._workers,
            progress=partial(self._report, f"reading as {language}"),
        )
        for batch, postings in zip(self._batches, counted, strict=True):
            batch.postings = postings

    def _read_again(self, documents: NDArray[np.bool_]) -> None:
        assert self._earlier is not None
        self._kept &= ~documents
        rows = self._earlier.documents
        self._read(
            [self._found.file_of[rows[row].path] for row in np.flatnonzero(documents).tolist()]
        )

    def _read(self, files: Sequence[FoundFile]) -> None:
        batches = read_files(
            files,
            partial(read_batch, folder=self._folder, language=self._language),
            partial(give_up, folder=self._folder),
            workers=self._workers,
            progress=partial(self._report, "reading"),
        )
        for batch in batches:
            self._skipped.extend(batch.skipped)
            self._batches.append(ReadBatch(batch))
        self._read_count += len(files)

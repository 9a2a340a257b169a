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

from docsearch_cli.corpus.load import FilesDone, read_files
from docsearch_cli.corpus.systems.detection import DetectedSystems
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.index.changes import Changes, Scan
from docsearch_cli.index.document_languages import LanguageSettings, languages_of, main_language
from docsearch_cli.index.extract import Batch, give_up, read_batch
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
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE

ReadBatches = Callable[
    [Sequence[FoundFile], Path, LanguageSettings, str, FilesDone], Sequence[Batch]
]
"""Reads files, given the folder for their texts, the languages that a person set, the main one, and
who is told how far it is; the batches are in the order of the files."""
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
    """The language of what is not clearly in another one."""
    languages: tuple[str, ...]
    """The language that the words of each document are stemmed in."""
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
        languages: The languages that a person set.
        systems: Names of the documentation systems that a person set, by folder.
        workers: Reading processes; by default one a core.
        report: Called with how far each stage is.
        read_batches: Reads files elsewhere; None to read them here.
    """

    def __init__(
        self,
        found: Scan,
        earlier: EarlierIndex | None,
        changes: Changes,
        folder: Path,
        *,
        languages: LanguageSettings,
        systems: NamedSystems,
        workers: int | None,
        report: BuildProgress,
        read_batches: ReadBatches | None = None,
    ) -> None:
        self._found = found
        self._earlier = earlier
        self._kept = changes.kept.copy()
        self._skipped = [*found.skipped, *changes.skipped]
        self._to_read = changes.to_read
        self._folder = folder
        self._set_languages = languages
        self._main = languages.whole or (earlier.reader.language if earlier else DEFAULT_LANGUAGE)
        self._named_systems = systems
        self._workers = workers
        self._report = report
        self._read_batches = read_batches or partial(read_here, workers=workers)
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
        arrangement, mentions, languages = self._settle_languages()
        self._count_terms_again(arrangement, languages)
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
            language=self._main,
            languages=tuple(languages),
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

    def _settle_languages(self) -> tuple[Arrangement, MentionFacts, list[str]]:
        """Read documents again whose words are to be stemmed in another language than they were."""
        while True:
            arrangement, mentions = self._settle_mentions()
            self._main = main_language(arrangement.documents, self._set_languages)
            languages = languages_of(arrangement.documents, self._set_languages, self._main)
            if self._earlier is None:
                return arrangement, mentions, languages
            rows = arrangement.rows_of(self._earlier).tolist()
            before = self._earlier.languages
            pairs = zip(rows, before, strict=True)
            differs = [row >= 0 and languages[row] != language for row, language in pairs]
            if not any(differs):
                return arrangement, mentions, languages
            self._read_again(np.array(differs, np.bool_))

    def _count_terms_again(self, arrangement: Arrangement, languages: Sequence[str]) -> None:
        """Count the terms of documents whose language only the others tell."""
        wanted = {
            batch: [languages[row] for row in arrangement.rows_of(batch).tolist()]
            for batch in self._batches
        }
        other = [batch for batch in self._batches if list(batch.languages) != wanted[batch]]
        counted = map_forked(
            lambda place: other[place].count_terms_in(wanted[other[place]]),
            len(other),
            sum(batch.size_bytes for batch in other),
            workers=self._workers,
            progress=partial(self._report, "counting words"),
        )
        for batch, postings in zip(other, counted, strict=True):
            batch.postings, batch.languages = postings, wanted[batch]

    def _read_again(self, documents: NDArray[np.bool_]) -> None:
        assert self._earlier is not None
        self._kept &= ~documents
        rows = self._earlier.documents
        self._read(
            [self._found.file_of[rows[row].path] for row in np.flatnonzero(documents).tolist()]
        )

    def _read(self, files: Sequence[FoundFile]) -> None:
        batches = self._read_batches(
            files,
            self._folder,
            self._set_languages,
            self._main,
            partial(self._report, "reading"),
        )
        for batch in batches:
            self._skipped.extend(batch.skipped)
            self._batches.append(ReadBatch(batch))
        self._read_count += len(files)


def read_here(
    files: Sequence[FoundFile],
    folder: Path,
    languages: LanguageSettings,
    main: str,
    progress: FilesDone,
    *,
    workers: int | None,
) -> list[Batch]:
    """Read files in processes of this machine.

    Args:
        files: The files.
        folder: Where their texts go.
        languages: The languages that a person set.
        main: The language of what is not clearly in another one.
        progress: Called with how many files are done, and of how many.
        workers: Reading processes; by default one a core.

    Returns:
        What they hold, in their order.
    """
    return read_files(
        files,
        partial(read_batch, folder=folder, languages=languages, main=main),
        partial(give_up, folder=folder),
        workers=workers,
        progress=progress,
    )

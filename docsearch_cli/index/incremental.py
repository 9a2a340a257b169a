"""What a new index will hold: what stays of the one before, and what was read for it.

A document is read if its file changed, or if what its links lead to or what it names may be another
document than before. That settles in a round or two: a document read again without a change of its
own changes nothing for others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.load import read_files
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.index.changes import Changes, Scan
from docsearch_cli.index.extract import give_up, read_batch
from docsearch_cli.index.invalidation import (
    changed_names,
    changed_words,
    documents_asking,
    documents_naming,
)
from docsearch_cli.index.links import LinkFacts, resolve_links
from docsearch_cli.index.mentions import MentionFacts, gather_mentions, search_batches
from docsearch_cli.index.merge import Arrangement, arrange
from docsearch_cli.index.parallel import map_forked
from docsearch_cli.index.sources import EarlierIndex, Origin, ReadBatch
from docsearch_cli.models import LedgerEntry
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE, elect


class OtherLanguageError(Exception):
    """The index before is in another language than most documents are now: nothing of it stays."""


# (stage, done, of how many); 0 of 0 where the length is not known.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Content:
    """All that goes into a generation."""

    arrangement: Arrangement
    origins: tuple[Origin, ...]
    links: LinkFacts
    mentions: MentionFacts
    language: str
    """That words are stemmed in."""
    skipped: tuple[LedgerEntry, ...]
    """Everything that is not in the index, by path."""
    read: int
    """Files that were read."""


class Gathering:
    """Reads what must be read.

    Args:
        found: What is on disk.
        earlier: The index before, if it can be built upon.
        changes: What became of its documents.
        folder: Where the texts of what is read go meanwhile.
        language: That words are stemmed in; None for that of most documents.
        workers: Processes that read; by default one a core.
        report: Told how far each stage is.
    """

    def __init__(
        self,
        found: Scan,
        earlier: EarlierIndex | None,
        changes: Changes,
        folder: Path,
        *,
        language: str | None,
        workers: int | None,
        report: Progress,
    ) -> None:
        self._found = found
        self._earlier = earlier
        self._kept = changes.kept.copy()
        self._skipped = [*found.skipped, *changes.skipped]
        self._folder = folder
        self._set_language = language
        self._language = language or (earlier.reader.language if earlier else DEFAULT_LANGUAGE)
        self._workers = workers
        self._report = report
        self._batches: list[ReadBatch] = []
        self._read_count = 0
        self._read(changes.to_read)

    def run(self, roots: Mapping[str, str]) -> Content:
        """Return the content.

        Args:
            roots: Absolute path of each root, by name.

        Returns:
            All that goes into a generation.

        Raises:
            OtherLanguageError: If the documents are in another language than the index before.
        """
        while True:
            arrangement = self._settle()
            numbered = list(enumerate(self._batches, start=self._first_batch))
            searched = search_batches(
                arrangement,
                numbered,
                workers=self._workers,
                progress=partial(self._report, "mentions"),
            )
            mentions = gather_mentions(arrangement, self._earlier, numbered, searched)
            if not mentions.missing:
                break
            self._read_again(np.isin(np.arange(len(self._kept)), list(mentions.missing)))
        self._speak_the_language_of(arrangement)
        self._report("links", 0, 0)
        links = resolve_links(
            arrangement,
            self._origins,
            [row.path for row in self._skipped],
            roots,
        )
        return Content(
            arrangement=arrangement,
            origins=self._origins,
            links=links,
            mentions=mentions,
            language=self._language,
            skipped=tuple(sorted(self._skipped, key=lambda row: row.path)),
            read=self._read_count,
        )

    def _speak_the_language_of(self, arrangement: Arrangement) -> None:
        """Count the terms anew if the documents turn out to be in another language.

        Args:
            arrangement: The documents.

        Raises:
            OtherLanguageError: If that goes for documents of the index before too.
        """
        if self._set_language is not None:
            return
        votes = np.array([document.votes for document in arrangement.documents], np.int64)
        language = elect([votes.sum(axis=0).tolist()]) if len(votes) else DEFAULT_LANGUAGE
        if language == self._language:
            return
        if self._kept.any():
            raise OtherLanguageError
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

    @property
    def _first_batch(self) -> int:
        return 0 if self._earlier is None else 1

    @property
    def _origins(self) -> tuple[Origin, ...]:
        before: tuple[Origin, ...] = () if self._earlier is None else (self._earlier,)
        return (*before, *self._batches)

    def _arrange(self) -> Arrangement:
        everything = [np.ones(len(batch.documents), np.bool_) for batch in self._batches]
        kept = [self._kept, *everything] if self._earlier is not None else everything
        return arrange(self._origins, kept)

    def _settle(self) -> Arrangement:
        """Read all documents that a change of others touches; return what there is then."""
        while True:
            arrangement = self._arrange()
            touched = self._touched(arrangement)
            if not touched.any():
                return arrangement
            self._read_again(touched)

    def _touched(self, arrangement: Arrangement) -> NDArray[np.bool_]:
        earlier = self._earlier
        if earlier is None or not self._kept.any():
            return np.zeros(len(self._kept), np.bool_)
        others_before = [str(row["path"]) for row in earlier.reader.skipped()]
        names = changed_names(
            earlier,
            arrangement,
            self._origins,
            (others_before, [row.path for row in self._skipped]),
        )
        words = changed_words(earlier.documents, arrangement.documents)
        touched = documents_asking(earlier.reader, names) if names else ~self._kept
        if words:
            touched = touched | documents_naming(earlier, words)
        return touched & self._kept

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

"""Reads the files of an index on an engine, range by range; what comes back is checked.

A range is read here instead where a worker does not have the files, has others, or keeps being
lost: the index that is built never depends on who read what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from docsearch_cli.batch.units import run_units
from docsearch_cli.corpus.load import FilesDone, is_small, most_seconds, ranges_of
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.engine.protocol import StepCall, StepOutcome
from docsearch_cli.files import hash_file
from docsearch_cli.index.document_languages import LanguageSettings
from docsearch_cli.index.extract import Batch
from docsearch_cli.index.incremental import ReadBatches, read_here
from docsearch_cli.index.reading_unit import READ, ReadCall, take_reply, write_call
from docsearch_cli.search.engines import make_engine_for_units
from docsearch_cli.search.result import AskOptions

REGISTRY = "docsearch_cli.index.reading_unit"
# How long a process may take to begin, beyond what its files may take.
_START_S = 60.0
# Below this many files, starting workers and sending the texts takes longer than reading them here.
_FEWEST_FILES = 10_000


def read_on(options: AskOptions) -> ReadBatches:
    """Return what reads files on an engine.

    Args:
        options: Which engine.

    Returns:
        What a build calls to have files read.
    """

    def read_batches(
        files: Sequence[FoundFile],
        folder: Path,
        languages: LanguageSettings,
        main: str,
        progress: FilesDone,
    ) -> list[Batch]:
        if is_small(files):
            return read_here(files, folder, languages, main, progress, workers=None)
        if len(files) < _FEWEST_FILES:
            options.tell(
                f"reading {len(files):,} files on the engine {options.engine} takes longer than"
                " here: leave --engine out"
            )
        return _Reading(options, files, folder, languages, main, progress).run()

    return read_batches


class _Reading:
    """Files that are read on an engine, and what has come of them so far."""

    def __init__(
        self,
        options: AskOptions,
        files: Sequence[FoundFile],
        folder: Path,
        languages: LanguageSettings,
        main: str,
        progress: FilesDone,
    ) -> None:
        self._options = options
        self._files = files
        self._ranges = list(ranges_of(files))
        self._folder = folder
        self._languages = languages
        self._main = main
        self._progress = progress
        self._done = 0

    def run(self) -> list[Batch]:
        """Read all files and return their batches in order."""
        read: dict[int, Sequence[Batch]] = {}
        reasons: Counter[str] = Counter()
        calls = (self._make_call(number) for number in range(len(self._ranges)))
        with closing(make_engine_for_units(self._options, REGISTRY)) as engine:
            engine.start()
            for outcome in run_units(engine, calls):
                try:
                    read[outcome.number] = self._take(outcome)
                except ValueError as error:
                    reasons[str(error)] += 1
                    continue
                self._count(outcome.number)
        if reasons:
            reason, _ = reasons.most_common(1)[0]
            self._options.tell(
                f"{sum(reasons.values()):,} of {len(self._ranges):,} ranges of files are read here:"
                f" {reason}"
            )
        for number in range(len(self._ranges)):
            if number not in read:
                read[number] = self._read_here(number)
        return [batch for number in range(len(self._ranges)) for batch in read[number]]

    def _part(self, number: int) -> Sequence[FoundFile]:
        return self._files[slice(*self._ranges[number])]

    def _make_call(self, number: int) -> StepCall:
        part = tuple(self._part(number))
        timeout_s = _START_S + sum(most_seconds(file.size_bytes) for file in part)
        return StepCall(
            number, READ, write_call(ReadCall(part, self._languages, self._main)), timeout_s
        )

    def _take(self, outcome: StepOutcome) -> Sequence[Batch]:
        """Return what a worker read, if it read the files that are here."""
        if outcome.status != "ok":
            said = outcome.error.message if outcome.error is not None else outcome.status
            raise ValueError(said)
        batches = take_reply(outcome.output, self._folder)
        part = {file.path: file for file in self._part(outcome.number)}
        rows = [extract.row for batch in batches for extract in batch.extracts]
        paths = [row.path for row in rows]
        paths += [entry.path for batch in batches for entry in batch.skipped]
        if sorted(paths) != sorted(part):
            raise ValueError("a worker read other files than it was asked to")
        for row in rows:
            if bytes.fromhex(row.content_hash) != _hash_of(part[row.path]):
                raise ValueError(f"{row.path} is another file at a worker")
        return batches

    def _read_here(self, number: int) -> Sequence[Batch]:
        batches = read_here(
            self._part(number),
            self._folder,
            self._languages,
            self._main,
            lambda _done, _all: None,
            workers=None,
        )
        self._count(number)
        return batches

    def _count(self, number: int) -> None:
        self._done += len(self._part(number))
        self._progress(self._done, len(self._files))


def _hash_of(file: FoundFile) -> bytes:
    """Return a file's hash; nothing if it is gone meanwhile."""
    try:
        return hash_file(file.location, follow=True)
    except OSError:
        return b""

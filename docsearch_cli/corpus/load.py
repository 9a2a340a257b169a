"""Read the files of a corpus, in processes that can be killed.

Files are read by forked processes, in batches whose results are put back in order, so the number of
processes affects only the time. No file costs another one: a file whose reader crashes, takes too
long or too much memory gets a row of the ledger, and the rest of its batch is read again.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from docsearch_cli.corpus.formats.readers import read
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.forked_child import Watch
from docsearch_cli.forked_pool import CannotForkError, Died, ForkedPool
from docsearch_cli.models import Document, LedgerEntry

# Starting more than one process costs more than reading this many files, or bytes.
_FEWEST_PARALLEL_FILES = 500
_FEWEST_PARALLEL_BYTES = 2_000_000
# Small enough to distribute the work evenly and to bound what is repeated after a crash.
_BATCH_FILES = 64
_BATCH_BYTES = 4_000_000
# Processor time that a file may take: so much for any, and so much for its size. Honest files take
# a fraction of it (PDFs of many drawings the most), so a slow machine is no reason to skip one.
_MOST_S = 10.0
_MOST_S_PER_MB = 20.0
# Memory that a reading process may allocate. A file has at most 20 MB; the worst take 1 GB.
_MOST_BYTES = 4 * 1024**3
# A process may be killed once for what is not the file's doing.
_TRIES = 2

ReadOutcome = Document | LedgerEntry
FilesDone = Callable[[int, int], None]
Result = TypeVar("Result")
Begin = Callable[[int], None]
"""Called in a reading process before each file of a batch, with its place in the batch."""
Task = tuple[int, int]
"""A stretch of the files: the place of its first, and that after its last."""


def most_seconds(size_bytes: int) -> float:
    """Return how many seconds of processor time a file of a size may take."""
    return _MOST_S + _MOST_S_PER_MB * size_bytes / 1_000_000


def read_outcomes(
    files: Sequence[FoundFile],
    *,
    workers: int | None = None,
    progress: FilesDone | None = None,
) -> list[ReadOutcome]:
    """Read files.

    Args:
        files: The files.
        workers: Reading processes; by default one per processor. The result does not depend on it.
        progress: Called with the files read so far and their total.

    Returns:
        A document or a ledger row for each, in their order.
    """
    batches = read_files(files, _read_all, _give_up, workers=workers, progress=progress)
    return [outcome for batch in batches for outcome in batch]


def _read_all(files: Sequence[FoundFile], begin: Begin) -> list[ReadOutcome]:
    outcomes: list[ReadOutcome] = []
    for place, file in enumerate(files):
        begin(place)
        outcomes.append(read(file))
    return outcomes


def _give_up(row: LedgerEntry) -> list[ReadOutcome]:
    return [row]


def read_files(
    files: Sequence[FoundFile],
    read_batch: Callable[[Sequence[FoundFile], Begin], Result],
    give_up: Callable[[LedgerEntry], Result],
    *,
    workers: int | None = None,
    progress: FilesDone | None = None,
) -> list[Result]:
    """Read files batch by batch.

    Args:
        files: The files.
        read_batch: Reads some of them, in another process; what it returns must be picklable.
        give_up: Makes the result of one file that cannot be read, given its row of the ledger.
        workers: Reading processes; by default one per processor.
        progress: Called with the files read so far and their total.

    Returns:
        The results of the batches, in the order of the files.
    """
    return _Reading(files, read_batch, give_up, progress or _no_progress).run(workers)


def _no_progress(_done: int, _total: int) -> None:
    pass


def _begin_unwatched(_place: int) -> None:
    pass


class _Reading(Generic[Result]):
    """The files, and what has become of them so far."""

    def __init__(
        self,
        files: Sequence[FoundFile],
        read_batch: Callable[[Sequence[FoundFile], Begin], Result],
        give_up: Callable[[LedgerEntry], Result],
        progress: FilesDone,
    ) -> None:
        self._files = files
        self._read_batch = read_batch
        self._give_up = give_up
        self._progress = progress
        self._results: dict[Task, Result] = {}
        self._tasks: deque[Task] = deque()
        self._deaths: Counter[Task] = Counter()
        self._done = 0

    def run(self, workers: int | None) -> list[Result]:
        workers = workers or len(os.sched_getaffinity(0))
        if is_small(self._files):
            workers = 1
        most_files = max(1, min(_BATCH_FILES, len(self._files) // workers))
        self._tasks += ranges_of(self._files, most_files)
        try:
            with ForkedPool(self._work, workers, most_bytes=_MOST_BYTES) as pool:
                for task, outcome in pool.run(self._tasks):
                    if isinstance(outcome, Died):
                        self._bury(task, outcome)
                    else:
                        self._keep(task, outcome)
        except CannotForkError:
            while self._tasks:
                task = self._tasks.popleft()
                self._keep(task, self._read_batch(self._files[slice(*task)], _begin_unwatched))
        return [self._results[task] for task in sorted(self._results)]

    def _work(self, task: Task, watch: Watch) -> Result:
        files = self._files[slice(*task)]
        return self._read_batch(
            files, lambda place: watch.begin(place, most_seconds(files[place].size_bytes))
        )

    def _keep(self, task: Task, result: Result) -> None:
        self._results[task] = result
        self._done += task[1] - task[0]
        self._progress(self._done, len(self._files))

    def _bury(self, task: Task, died: Died) -> None:
        """Read the files of a task again whose process died; not the one that it died of."""
        start, end = task
        if died.item is None:
            self._deaths[task] += 1
            if self._deaths[task] < _TRIES:
                self._tasks.append(task)
                return
            faults = [(place, place + 1) for place in range(start, end)]
        else:
            place = start + died.item
            faults = [(place, place + 1)]
            rests = (start, place), (place + 1, end)
            self._tasks += [rest for rest in rests if rest[0] < rest[1]]
        for fault in faults:
            self._deaths[fault] += 1
            if died.is_too_slow or self._deaths[fault] >= _TRIES:
                self._keep(fault, self._give_up(_row(self._files[fault[0]], died)))
            else:
                self._tasks.append(fault)


def _row(file: FoundFile, died: Died) -> LedgerEntry:
    reason, detail = "broken", "its reader crashed"
    if died.is_too_slow:
        most_s = most_seconds(file.size_bytes)
        reason = "too-slow"
        detail = f"reading it takes more than the {most_s:.0f} s for a file of its size"
    return LedgerEntry(file.path, "skipped", reason, detail, file.size_bytes)


def is_small(files: Sequence[FoundFile]) -> bool:
    """Tell whether files are read before a second process would have begun."""
    size_bytes = sum(file.size_bytes for file in files)
    return len(files) < _FEWEST_PARALLEL_FILES and size_bytes < _FEWEST_PARALLEL_BYTES


def ranges_of(files: Sequence[FoundFile], most_files: int = _BATCH_FILES) -> Iterator[Task]:
    """Yield the ranges of files that are read together.

    Args:
        files: The files.
        most_files: Most files of a range; their bytes are bounded too.

    Yields:
        The place of a range's first file, and that after its last.
    """
    start = size_bytes = 0
    for place, file in enumerate(files):
        is_full = place - start >= most_files or size_bytes + file.size_bytes > _BATCH_BYTES
        if place > start and is_full:
            yield start, place
            start, size_bytes = place, 0
        size_bytes += file.size_bytes
    if start < len(files):
        yield start, len(files)

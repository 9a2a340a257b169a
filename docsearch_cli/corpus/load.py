"""Read the files of a corpus, in several processes.

Files are read by forked processes in batches whose results are put back in order, so the number of
processes affects only the time. A parser that crashes its process loses no other file: the batch is
read again file by file, each in its own process, and the file at fault gets a ledger row.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from docsearch_cli.corpus.formats.readers import is_read_in_child, read
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.models import Document, LedgerEntry

# Starting processes costs more than reading this many files.
_FEWEST_PARALLEL_FILES = 500
# Small enough to distribute the work evenly and to bound what is repeated after a crash.
_BATCH_FILES = 64
_BATCH_BYTES = 4_000_000
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)

ReadOutcome = Document | LedgerEntry
FilesDone = Callable[[int, int], None]
Result = TypeVar("Result")


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


def _read_all(files: Sequence[FoundFile]) -> list[ReadOutcome]:
    return [read(file) for file in files]


def _give_up(file: FoundFile, detail: str) -> list[ReadOutcome]:
    return [LedgerEntry(file.path, "skipped", "broken", detail, file.size_bytes)]


def read_files(
    files: Sequence[FoundFile],
    read_batch: Callable[[Sequence[FoundFile]], Result],
    give_up: Callable[[FoundFile, str], Result],
    *,
    workers: int | None = None,
    progress: FilesDone | None = None,
) -> list[Result]:
    """Read files batch by batch.

    Args:
        files: The files.
        read_batch: Reads some of them; it must be importable, since other processes run it.
        give_up: Makes the result of a file that crashes its reading process, given the reason.
        workers: Reading processes; by default one per processor.
        progress: Called with the files read so far and their total.

    Returns:
        The results of the batches, in the order of the files.
    """
    workers = workers or len(os.sched_getaffinity(0))
    batches = list(_batches(files, most_files=max(1, min(_BATCH_FILES, len(files) // workers))))
    is_small = workers == 1 or len(files) < _FEWEST_PARALLEL_FILES
    if is_small and not any(map(is_read_in_child, files)):
        return list(_read_here(batches, read_batch, progress, len(files)))
    done = 0
    results: dict[int, list[Result]] = {}
    with _pool(workers) as pool:
        futures: dict[Future[Result], int] = {}
        try:
            futures = {pool.submit(read_batch, batch): i for i, batch in enumerate(batches)}
            for future in as_completed(futures):
                number = futures.pop(future)
                results[number] = [future.result()]
                done += len(batches[number])
                if progress is not None:
                    progress(done, len(files))
        except BrokenProcessPool:
            pass  # what is missing is read below
        except BaseException:  # Ctrl-C: stop after the batches that are being read
            pool.shutdown(cancel_futures=True)
            raise
    for number, batch in enumerate(batches):
        if number not in results:
            results[number] = _read_again(batch, read_batch, give_up)
            done += len(batch)
            if progress is not None:
                progress(done, len(files))
    return [result for number in range(len(batches)) for result in results[number]]


def _read_here(
    batches: Sequence[Sequence[FoundFile]],
    read_batch: Callable[[Sequence[FoundFile]], Result],
    progress: FilesDone | None,
    total: int,
) -> Iterator[Result]:
    done = 0
    for batch in batches:
        yield read_batch(batch)
        done += len(batch)
        if progress is not None:
            progress(done, total)


def _pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=prepare_process)


def prepare_process() -> None:
    """Ignore Ctrl-C, exit when the parent does, and switch the garbage collector off.

    A reading process is short-lived and creates no cycles worth collecting; without the collector
    it is a third faster.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    with contextlib.suppress(OSError, AttributeError):  # not on Linux
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _batches(files: Sequence[FoundFile], most_files: int) -> Iterator[list[FoundFile]]:
    batch: list[FoundFile] = []
    size_bytes = 0
    for file in files:
        if batch and (len(batch) >= most_files or size_bytes + file.size_bytes > _BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(file)
        size_bytes += file.size_bytes
    if batch:
        yield batch


def _read_again(
    files: Sequence[FoundFile],
    read_batch: Callable[[Sequence[FoundFile]], Result],
    give_up: Callable[[FoundFile, str], Result],
) -> list[Result]:
    """Read a batch whose process died: all files together, then, if it dies again, one by one."""
    try:
        with _pool(1) as pool:
            return [pool.submit(read_batch, files).result()]
    except BrokenProcessPool:
        if len(files) > 1:
            return [result for file in files for result in _read_again([file], read_batch, give_up)]
        return [give_up(files[0], "its reader crashed")]

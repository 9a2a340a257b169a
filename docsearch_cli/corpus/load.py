"""Load a corpus: walk the roots, read every file, keep the ledger.

Files are read by forked processes in chunks whose results are put back in order, so the number of
processes changes nothing but the time. A parser that takes its process down loses no other file:
the chunk is read again file by file, each in a process of its own, and the culprit is marked.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from docsearch_cli.corpus.readers import read
from docsearch_cli.corpus.walk import FoundFile, root_names, walk
from docsearch_cli.models import Corpus, Document, LedgerEntry

# Starting processes costs more than reading this many files.
_FEWEST_PARALLEL_FILES = 500
# Small enough to share the work evenly and to bound what a crash repeats.
_CHUNK_FILES = 64
_CHUNK_BYTES = 4_000_000

# pdfium is C++ and reads what strangers made: it never runs in the calling process.
_RISKY_SUFFIX = ".pdf"
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)

Outcome = Document | LedgerEntry
Progress = Callable[[int, int], None]


def load_corpus(
    roots: Sequence[Path],
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Walk the roots and read what they hold.

    Args:
        roots: Folders or single files.
        workers: Reading processes; by default one per processor. The result does not depend on it.
        progress: Called with the files read so far and their total.

    Returns:
        Documents and ledger, both sorted by path; the ledger has a row for every file met.
    """
    entries = list(walk(roots))
    files = [entry for entry in entries if isinstance(entry, FoundFile)]
    skipped = [entry for entry in entries if isinstance(entry, LedgerEntry)]
    workers = workers or len(os.sched_getaffinity(0))
    is_risky = any(file.path.lower().endswith(_RISKY_SUFFIX) for file in files)
    if is_risky or (workers > 1 and len(files) >= _FEWEST_PARALLEL_FILES):
        outcomes = _read_parallel(files, workers, progress)
    else:
        outcomes = _read_here(files, progress)
    documents = tuple(outcome for outcome in outcomes if isinstance(outcome, Document))
    ledger = skipped + [
        _indexed(file) if isinstance(outcome, Document) else outcome
        for file, outcome in zip(files, outcomes, strict=True)
    ]
    return Corpus(
        documents=documents,
        ledger=tuple(sorted(ledger, key=lambda row: row.path)),
        roots=root_names(roots),
    )


def _indexed(file: FoundFile) -> LedgerEntry:
    return LedgerEntry(file.path, "indexed", "", size_bytes=file.size_bytes)


def _read_here(files: Sequence[FoundFile], progress: Progress | None) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for file in files:
        outcomes.append(read(file))
        if progress is not None:
            progress(len(outcomes), len(files))
    return outcomes


def _read_parallel(
    files: Sequence[FoundFile], workers: int, progress: Progress | None
) -> list[Outcome]:
    chunks = list(_chunks(files, most_files=max(1, min(_CHUNK_FILES, len(files) // workers))))
    outcomes: dict[int, list[Outcome]] = {}
    done = 0
    with _pool(workers) as pool:
        futures: dict[Future[list[Outcome]], int] = {}
        try:
            futures = {pool.submit(_read_chunk, chunk): i for i, chunk in enumerate(chunks)}
            for future in as_completed(futures):
                index = futures[future]
                outcomes[index] = future.result()
                done += len(chunks[index])
                if progress is not None:
                    progress(done, len(files))
        except BrokenProcessPool:
            pass  # what is missing is read below
        except BaseException:  # Ctrl-C: end after the chunks that are being read
            pool.shutdown(cancel_futures=True)
            raise
    for index, chunk in enumerate(chunks):
        if index not in outcomes:
            outcomes[index] = _read_again(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, len(files))
    return [outcome for index in range(len(chunks)) for outcome in outcomes[index]]


def _pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare_process)


def _prepare_process() -> None:
    """Leave Ctrl-C to the parent, end when it does, and do not collect garbage.

    A reading process is short-lived and makes no cycles worth collecting; without the collector it
    is a third faster.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    with contextlib.suppress(OSError, AttributeError):  # elsewhere than on Linux
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _chunks(files: Sequence[FoundFile], most_files: int) -> Iterable[list[FoundFile]]:
    chunk: list[FoundFile] = []
    size_bytes = 0
    for file in files:
        if chunk and (len(chunk) >= most_files or size_bytes + file.size_bytes > _CHUNK_BYTES):
            yield chunk
            chunk, size_bytes = [], 0
        chunk.append(file)
        size_bytes += file.size_bytes
    if chunk:
        yield chunk


def _read_chunk(files: Sequence[FoundFile]) -> list[Outcome]:
    return [read(file) for file in files]


def _read_again(files: Sequence[FoundFile]) -> list[Outcome]:
    """Read the files of a chunk whose process died: together, and if it dies again, singly."""
    try:
        with _pool(1) as pool:
            return pool.submit(_read_chunk, files).result()
    except BrokenProcessPool:
        if len(files) > 1:
            return [outcome for file in files for outcome in _read_again([file])]
        detail = "its reader crashed"
        return [LedgerEntry(files[0].path, "skipped", "broken", detail, files[0].size_bytes)]

"""The same work on many items, by forked processes that inherit everything they need."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from docsearch_cli.corpus.load import prepare_process

# Below this many bytes of text, starting processes takes longer than the work.
_FEWEST_PARALLEL_BYTES = 2_000_000

Result = TypeVar("Result")

# What a forked process does; set before it is forked, so that nothing need be sent to it.
_work: Callable[[int], Any] | None = None


def map_forked(
    work: Callable[[int], Result],
    count: int,
    size_bytes: int,
    *,
    workers: int | None,
    progress: Callable[[int, int], None],
) -> list[Result]:
    """Do some work for each number below a count.

    Args:
        work: What to do; only its results go from process to process.
        count: How many numbers there are.
        size_bytes: Bytes of text that the work reads, for all of them.
        workers: Processes; by default one per processor.
        progress: Called with how many are done.

    Returns:
        The results, in the order of the numbers.
    """
    global _work
    workers = workers or len(os.sched_getaffinity(0))
    if workers == 1 or size_bytes < _FEWEST_PARALLEL_BYTES:
        return list(_counted(map(work, range(count)), count, progress))
    _work = work
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(workers, context, initializer=prepare_process) as pool:
            return list(_counted(pool.map(_call, range(count)), count, progress))
    except BrokenProcessPool:  # short of memory, perhaps: one process needs the least
        return list(_counted(map(work, range(count)), count, progress))
    finally:
        _work = None


@contextmanager
def done_beside(work: Callable[[], None], *, is_worth_it: bool) -> Iterator[None]:
    """Do some work in a process of its own while the body runs; both are done at the end.

    Args:
        work: What to do; it returns nothing.
        is_worth_it: Whether it takes longer than starting a process; else it is done beforehand.

    Yields:
        Nothing.
    """
    global _work
    if not is_worth_it or len(os.sched_getaffinity(0)) == 1:
        work()
        yield
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, context, initializer=prepare_process) as pool:
        _work = lambda _number: work()  # noqa: E731
        future = pool.submit(_call, 0)
        _work = None
        yield
        try:
            future.result()
        except BrokenProcessPool:  # short of memory, perhaps
            work()


def _call(number: int) -> Any:
    assert _work is not None
    return _work(number)


def _counted(
    results: Iterable[Result], total: int, progress: Callable[[int, int], None]
) -> Iterator[Result]:
    for done, result in enumerate(results, start=1):
        yield result
        progress(done, total)

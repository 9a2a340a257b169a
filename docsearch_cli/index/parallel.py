"""The same work on many items, by forked processes that inherit everything they need."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from docsearch_cli.forked_pool import CannotForkError, Died, ForkedPool

# Below this many bytes of text, starting processes takes longer than the work.
_FEWEST_PARALLEL_BYTES = 2_000_000

Result = TypeVar("Result")


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
    workers = workers or len(os.sched_getaffinity(0))
    if workers == 1 or size_bytes < _FEWEST_PARALLEL_BYTES:
        return list(_counted(map(work, range(count)), count, progress))
    results: dict[int, Result] = {}
    try:
        with ForkedPool(lambda number, _watch: work(number), workers) as pool:
            ended = _counted(pool.run(deque(range(count))), count, progress)
            results.update(pair for pair in ended if not isinstance(pair[1], Died))
    except CannotForkError:
        pass  # what is missing is done below
    # Of what a process died of, it may be short memory: one process needs the least.
    return [results[n] if n in results else work(n) for n in range(count)]


@contextmanager
def done_beside(work: Callable[[], None], *, is_worth_it: bool) -> Iterator[None]:
    """Do some work in a process of its own while the body runs; both are done at the end.

    Args:
        work: What to do; it returns nothing.
        is_worth_it: Whether it takes longer than starting a process; else it is done beforehand.

    Yields:
        Nothing.
    """
    if not is_worth_it or len(os.sched_getaffinity(0)) == 1:
        work()
        yield
        return
    with ForkedPool(lambda _task, _watch: work(), 1) as pool:
        try:
            pool.submit(None)
        except CannotForkError:
            work()
            yield
            return
        yield
        _, outcome = pool.wait()
        if isinstance(outcome, Died):  # short of memory, perhaps
            work()


def _counted(
    results: Iterable[Any], total: int, progress: Callable[[int, int], None]
) -> Iterator[Any]:
    for done, result in enumerate(results, start=1):
        yield result
        progress(done, total)

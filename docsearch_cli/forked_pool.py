"""Processes forked to share out work, each of which can be killed at once.

    parent    argument, pickled     -->   child: forked, so it has inherited all that the work needs
              result, pickled      <--
              mark (shared memory) <--    which item of its task the child is at, and since when

A child (``forked_child.py``) never outlives its pool.

``concurrent.futures`` is not used: its threads and its exit handler wait for children that are busy
for as long as they are, and it does not say which task a child died of.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from docsearch_cli.forked_child import (
    MARK_BYTES,
    NO_MARK,
    ChildEnds,
    Mark,
    Watch,
    live,
    receive,
    send,
)

# How often children that wait for something, and so use no processor time, are looked at.
_LOOK_EVERY_S = 1.0
# So much later than its processor time allows, an item may be stuck. It is if its child sleeps at
# so many looks in a row: one that waits for the processor, or was stopped with its terminal, does
# not, and how busy a machine is must not decide what an index holds.
_WALL_FACTOR = 10
_MOST_ASLEEP = 10
_SIGNALS = frozenset((signal.SIGINT, signal.SIGTERM, signal.SIGHUP))


class Died(NamedTuple):
    """A child ended in the middle of its task."""

    item: int | None
    """What of its task it was at; None if it was between two."""
    is_too_slow: bool
    """Whether it was killed because the item took longer than it may."""


class CannotForkError(OSError):
    """The system starts no more processes."""


class _Child:
    def __init__(self, pid: int, calls: int, results: int, mark: memoryview) -> None:
        self.pid = pid
        self.calls = calls
        self.results = os.fdopen(results, "rb")
        self.mark = mark
        self.task: Any = None
        self.is_busy = False
        self.was_killed = False
        self._asleep = 0

    def is_stuck(self) -> bool:
        """Look at it once more, and tell whether it waits for something that never comes."""
        mark = Mark.read(self.mark)
        is_late = mark.item >= 0 and time.monotonic() - mark.begun > mark.most_s * _WALL_FACTOR
        self._asleep = self._asleep + 1 if is_late and _is_asleep(self.pid) else 0
        return self._asleep >= _MOST_ASLEEP

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def end(self) -> int:
        """Wait until it is gone and return its wait status."""
        os.close(self.calls)
        self.results.close()
        with contextlib.suppress(ChildProcessError):
            return os.waitpid(self.pid, 0)[1]
        return 0


def _is_asleep(pid: int) -> bool:
    """Tell whether a process waits for something else than the processor; yes where nobody can."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return True
    return facts.rpartition(b")")[2].split()[:1] in ([b"S"], [b"D"])


class ForkedPool:
    """Runs tasks in forked processes.

    Args:
        work: Called in a child with a task and a watch; what it returns is pickled.
        workers: How many tasks run at once.
        most_bytes: Memory that a child may allocate; None for no limit.
    """

    def __init__(
        self, work: Callable[[Any, Watch], Any], workers: int, *, most_bytes: int | None = None
    ) -> None:
        self._work = work
        self._workers = workers
        self._most_bytes = most_bytes
        self._marks = mmap.mmap(-1, MARK_BYTES * workers)
        self._children: dict[int, _Child] = {}  # by the place of their mark

    def __enter__(self) -> ForkedPool:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill what still runs."""
        children = [self._children.pop(place) for place in list(self._children)]
        for child in children:
            child.kill()
        for child in children:
            child.end()

    def run(self, tasks: deque[Any]) -> Iterator[tuple[Any, Any]]:
        """Run tasks, also those that are added before the last has ended.

        Args:
            tasks: Small values that can be pickled; each is taken out when it is started.

        Yields:
            Each task with its result, or with ``Died``, as they end.

        Raises:
            CannotForkError: If there is no process at all; the tasks left are those not yet run.
        """
        while tasks or self._busy():
            while tasks and self._busy() < self._workers:
                try:
                    self.submit(tasks[0])
                except CannotForkError:
                    if not self._busy():
                        raise
                    self._workers = self._busy()  # go on with those that there are
                else:
                    tasks.popleft()
            yield self.wait()

    def submit(self, task: Any) -> None:
        """Start a task; there must be a worker free.

        Args:
            task: A small value that can be pickled.

        Raises:
            CannotForkError: If there is no process for it.
        """
        while True:
            child = next((child for child in self._children.values() if not child.is_busy), None)
            child = child or self._fork()
            try:
                send(child.calls, task)
            except BrokenPipeError:  # it was killed while it had nothing to do
                self._drop(child)
                continue
            child.task, child.is_busy = task, True
            return

    def wait(self) -> tuple[Any, Any]:
        """Wait for the next task that ends.

        Returns:
            The task, and its result or ``Died``.

        Raises:
            Exception: What the work raised.
        """
        waiting = select.poll()
        children = {child.results.fileno(): child for child in self._children.values()}
        for descriptor, child in children.items():
            if child.is_busy:
                waiting.register(descriptor, select.POLLIN)
        while True:
            for descriptor, _ in waiting.poll(_LOOK_EVERY_S * 1_000):
                child = children[descriptor]
                message = receive(child.results)
                if message is None:
                    return child.task, self._autopsy(child)
                child.is_busy = False
                is_well, result = message.value
                if not is_well:
                    raise result
                return child.task, result
            for child in children.values():
                if child.is_busy and child.is_stuck():
                    child.was_killed = True
                    child.kill()

    def _busy(self) -> int:
        return sum(child.is_busy for child in self._children.values())

    def _autopsy(self, child: _Child) -> Died:
        item = Mark.read(child.mark).item
        status = self._drop(child)
        used_up = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF
        return Died(item if item >= 0 else None, used_up or child.was_killed)

    def _drop(self, child: _Child) -> int:
        place = next(place for place, other in self._children.items() if other is child)
        del self._children[place]
        return child.end()

    def _fork(self) -> _Child:
        place = next(place for place in range(self._workers) if place not in self._children)
        mark = memoryview(self._marks)[place * MARK_BYTES : (place + 1) * MARK_BYTES]
        NO_MARK.write(mark)
        parent = os.getpid()
        with contextlib.ExitStack() as stack:
            try:
                calls, our_calls = _pipe(stack)
                our_results, results = _pipe(stack)
                # A signal between the fork and what follows would be answered by the wrong process.
                mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
                stack.callback(signal.pthread_sigmask, signal.SIG_SETMASK, mask)
                pid = os.fork()
            except OSError as error:
                raise CannotForkError(*error.args) from error
            if pid == 0:
                live(
                    self._work,
                    ChildEnds(parent, calls, results, mark),
                    most_bytes=self._most_bytes,
                    mask=mask,
                )
            child = _Child(pid, os.dup(our_calls), os.dup(our_results), mark)
            self._children[place] = child
        return child


def _pipe(stack: contextlib.ExitStack) -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        stack.callback(os.close, end)
    return ends

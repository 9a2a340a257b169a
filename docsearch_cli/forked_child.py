"""A forked process that shares out work: what it does from the fork to its end.

It never unwinds the stack that it was forked from, and never outlives its parent. It ignores
Ctrl-C, which a terminal sends to it too: the parent is what ends, and kills it. What it prints goes
nowhere, since libraries that read files print.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import mmap
import os
import pickle
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_LENGTH = struct.Struct("<Q")
_MARK = struct.Struct("<qdd")
MARK_BYTES = _MARK.size
# Where the open ones cannot be listed.
_MOST_DESCRIPTORS = 1024

Mask = set[int | signal.Signals]


class Mark(NamedTuple):
    """What a child is at, in memory that it shares with its parent."""

    item: int
    """Of its task; -1 for none."""
    begun: float
    """Monotonic seconds."""
    most_s: float
    """Seconds of processor time that it may take."""

    @classmethod
    def read(cls, place: memoryview) -> Mark:
        """Return the mark at a place."""
        return cls(*_MARK.unpack_from(place))

    def write(self, place: memoryview) -> None:
        """Write the mark to a place."""
        _MARK.pack_into(place, 0, *self)


NO_MARK = Mark(-1, 0.0, 0.0)


class Watch:
    """Lets a child say what it is at, and how long that may take; then it is killed.

    Args:
        place: Where its mark is.
    """

    def __init__(self, place: memoryview) -> None:
        self._place = place

    def begin(self, item: int, most_s: float) -> None:
        """Begin an item of the task.

        Args:
            item: Its number.
            most_s: Seconds of processor time that it may take.
        """
        Mark(item, time.monotonic(), most_s).write(self._place)
        # The kernel ends the process: also where it is in C code.
        signal.setitimer(signal.ITIMER_PROF, most_s)

    def end(self) -> None:
        """Say that nothing is being done that can be too slow."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        NO_MARK.write(self._place)


@dataclass(frozen=True, slots=True)
class ChildEnds:
    """What a child has of its parent."""

    parent: int
    """Process id."""
    calls: int
    """Descriptor that tasks come from."""
    results: int
    """Descriptor that results go to."""
    mark: memoryview


def live(
    work: Callable[[Any, Watch], Any],
    ends: ChildEnds,
    *,
    most_bytes: int | None,
    mask: Mask,
) -> NoReturn:
    """Be a child until there is nothing more to do.

    Args:
        work: Does a task.
        ends: What it has of its parent.
        most_bytes: Memory that it may allocate; None for no limit.
        mask: Signals to block, once it handles the others.
    """
    code = 1
    try:
        _close_all_but(ends.calls, ends.results)
        _prepare(ends, most_bytes=most_bytes, mask=mask)
        _serve(work, ends)
        code = 0
    finally:
        os._exit(code)


def _close_all_but(*kept: int) -> None:
    """Close what the parent has open.

    With its pipes no child would see that it is gone; its locks a child would hold a moment longer.
    """
    try:
        descriptors = [int(path.name) for path in Path("/dev/fd").iterdir()]
    except OSError:
        descriptors = list(range(_MOST_DESCRIPTORS))
    for descriptor in descriptors:
        if descriptor > 2 and descriptor not in kept:
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _serve(work: Callable[[Any, Watch], Any], ends: ChildEnds) -> None:
    watch = Watch(ends.mark)
    with open(ends.calls, "rb", closefd=False) as stream:
        while (message := receive(stream)) is not None:
            outcome: tuple[bool, Any]
            try:
                outcome = True, work(message.value, watch)
            except MemoryError:
                return  # as if the system had killed it
            except Exception as error:
                outcome = False, error
            watch.end()
            send(ends.results, outcome)


def _prepare(ends: ChildEnds, *, most_bytes: int | None, mask: Mask) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    # It is short-lived and makes no cycles worth collecting; that saves a third of its time.
    gc.disable()
    with contextlib.suppress(OSError, AttributeError):  # not on Linux
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != ends.parent:
        os._exit(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdout = sys.stderr = open(nowhere, "w", encoding="utf-8", errors="replace")  # noqa: SIM115, PTH123
    if most_bytes is not None:
        with contextlib.suppress(OSError, ValueError):
            _limit_memory(most_bytes)


def _limit_memory(most_bytes: int) -> None:
    """Limit what this process may allocate beyond what it has (Linux)."""
    has = int(Path("/proc/self/statm").read_bytes().split()[0]) * mmap.PAGESIZE
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([has + most_bytes, *limits]), hard))


class Message(NamedTuple):
    """A value that came whole."""

    value: Any


def send(descriptor: int, value: object) -> None:
    """Write a value to a pipe."""
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    for part in (_LENGTH.pack(len(data)), data):
        view = memoryview(part)
        while view:
            view = view[os.write(descriptor, view) :]


def receive(stream: BinaryIO) -> Message | None:
    """Return the next value of a pipe, None if it never comes whole."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(head)[0]
    data = stream.read(size)
    return Message(pickle.loads(data)) if len(data) == size else None  # noqa: S301  our own process

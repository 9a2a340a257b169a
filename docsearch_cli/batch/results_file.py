r"""The file of answers: a line a question, in the order in which they end, and put in order last.

A line is written with one write, and with its line end: whatever kills the program leaves whole
lines, but perhaps for the last one, which is cut off before the next one is written. Beside it,
``NAME.state`` says which runs were begun for which question, so that one that was interrupted is
continued; it is locked while a batch runs, and removed once every question has its line. A batch
that ends before it began a question leaves neither.

Either file may be somebody else's, named by mistake or put there: neither is changed unless every
line of it is one of a batch.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

from docsearch_cli.batch.bounded_lines import TooLargeError, bounded_lines
from docsearch_cli.environment import refusal
from docsearch_cli.errors import DocsearchError, InputError, UsageError
from docsearch_cli.files import replace_file
from docsearch_cli.index.store import open_lock
from docsearch_cli.runs.catalog import RUN_ID

STATE_SUFFIX = ".state"
# No answer and no id comes near these; a whole file of answers is in memory.
_MOST_ANSWER_BYTES = 16_000_000
_MOST_ANSWERS_BYTES = 1_000_000_000
_MOST_STATE_LINE_BYTES = 4_000
_MOST_STATE_BYTES = 64_000_000
# Each interruption notes one more for a question; nobody interrupts a batch so often.
_MOST_RUNS = 1_000
# How the lines of either file begin, so that an unfinished one is known before any whole one.
_ID = rb'\{"id": (?:"(?:[^"\\]|\\.){1,2400}"|null), '
_ANSWER_BEGINS = re.compile(_ID + rb'"line": [0-9]{1,12}, "asked": (?:"[0-9a-f]{16}"|null), ')
_STATE_BEGINS = re.compile(_ID + rb'"run_id": "')


class BegunRun(NamedTuple):
    """A run that was begun for a question."""

    run_id: str
    asked: str
    """The hash of the question, the options and the index."""


class ResultsFile:
    """Answers of a batch on disk; a context manager.

    Args:
        path: The file.

    Raises:
        InputError: If it cannot be read or written, or another process writes it.
        UsageError: If it, or the file beside it, holds something else than a batch wrote.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.name or path.is_dir():
            raise InputError(f"{path} cannot be written: it is a folder", hint="name a file")
        self._state_path = path.with_name(path.name + STATE_SUFFIX)
        with ExitStack() as stack:
            try:
                self._state = self._lock(stack)
                self.runs = self._read_runs()
                """The runs that were begun for each question, by its id, the last one first."""
                self._answers = self._open(stack)
                self.lines = self._read_answers()
                """The answers that there are."""
            except OSError as error:
                raise self._refused(error) from error
            self._open_files = stack.pop_all()

    def __enter__(self) -> ResultsFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._open_files.close()

    def begin(self, name: str, run: BegunRun) -> None:
        """Note which run is begun for a question, before it is begun."""
        self._write(self._state, {"id": name, **run._asdict()})

    def add(self, row: Mapping[str, Any]) -> None:
        """Add an answer.

        Args:
            row: The line, with the question's ``id``.

        Raises:
            InputError: If it cannot be written.
        """
        self._write(self._answers, row)

    def put_in_order(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replace all lines by these, at once; nothing of the batch is left to do.

        Args:
            rows: The lines.

        Raises:
            InputError: If they cannot be written.
        """
        data = b"".join(map(_spell, rows))
        try:
            replace_file(self.path, data)
            self._state_path.unlink(missing_ok=True)
        except OSError as error:
            raise self._refused(error) from error

    def _lock(self, stack: ExitStack) -> _LineFile:
        """Open and lock the file beside; one that is made here goes again if nothing is noted."""
        is_new = not os.path.lexists(self._state_path)
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_file()):
            raise self._no_regular_file()
        handle = stack.enter_context(open_lock(self._state_path))
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"{self.path} is being written by another batch", hint="name another file"
            ) from error
        file = _LineFile(self._state_path, handle.fileno())
        if is_new:
            stack.callback(file.unlink_if_empty)
        return file

    def _open(self, stack: ExitStack) -> _LineFile:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        is_new = not os.path.lexists(self.path)
        descriptor = os.open(self.path, flags, 0o644)
        stack.callback(os.close, descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise self._no_regular_file()
        file = _LineFile(self.path, descriptor)
        if is_new:
            stack.callback(file.unlink_if_empty)
        return file

    def _read_runs(self) -> dict[str, deque[BegunRun]]:
        runs: dict[str, deque[BegunRun]] = {}
        file = self._state
        for line in file.read(_MOST_STATE_LINE_BYTES, _MOST_STATE_BYTES, _STATE_BEGINS):
            row = _object_of(line)
            # A batch of an earlier version wrote no hash: what it began is asked anew.
            named = {"asked": "", **row}
            is_state = named.keys() == {"id", "run_id", "asked"} and all(
                isinstance(value, str) for value in named.values()
            )
            if not is_state or not RUN_ID.fullmatch(named["run_id"]):
                raise file.is_strange()
            begun = BegunRun(named["run_id"], named["asked"])
            runs.setdefault(named["id"], deque(maxlen=_MOST_RUNS)).appendleft(begun)
        return runs

    def _read_answers(self) -> list[dict[str, Any]]:
        rows = []
        file = self._answers
        for line in file.read(_MOST_ANSWER_BYTES, _MOST_ANSWERS_BYTES, _ANSWER_BEGINS):
            row = _object_of(line)
            if not all(name in row and _is_text_or_none(row[name]) for name in ("id", "asked")):
                raise file.is_strange()
            rows.append(row)
        return rows

    def _write(self, file: _LineFile, row: Mapping[str, Any]) -> None:
        try:
            file.write(_spell(row))
        except OSError as error:
            raise self._refused(error) from error

    def _no_regular_file(self) -> InputError:
        return InputError(
            f"{self.path} cannot be written: it is no regular file", hint="name another file"
        )

    def _refused(self, error: OSError) -> DocsearchError:
        what = f"{self.path} cannot be written"
        return refusal(error, what) or InputError(
            f"{what}: {error.strerror}", hint="name another file with --out"
        )


class _LineFile:
    """An open file of lines, each written whole."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self._number = 0
        self._half_line_at: int | None = None
        """Where half a line begins, if there is one: it is cut off before another is written."""

    def read(self, most_line: int, most: int, begins: re.Pattern[bytes]) -> Iterator[bytes]:
        """Read the whole lines.

        Args:
            most_line: Bytes that a line may have.
            most: Bytes that the file may have.
            begins: How a line of this kind begins.

        Yields:
            Each line. ``UsageError`` is raised if one or all of them are too long, or if the file
            ends in something else than half a line.
        """
        size = 0
        try:
            with os.fdopen(os.dup(self.descriptor), "rb") as handle:
                for line in bounded_lines(handle, most_line, most):
                    self._number += 1
                    if len(line) > most_line:
                        raise self._refused(
                            f", line {self._number} is longer than {most_line:,} bytes"
                        )
                    if line.endswith(b"\n"):
                        yield line
                    elif size or begins.match(line):
                        self._half_line_at = size
                    else:
                        raise self.is_strange()
                    size += len(line)
        except TooLargeError as error:
            raise self._refused(f" is larger than {most:,} bytes") from error

    def write(self, line: bytes) -> None:
        """Write a line at the end, in place of half a line there."""
        if self._half_line_at is not None:
            os.ftruncate(self.descriptor, self._half_line_at)
        self._half_line_at = os.lseek(self.descriptor, 0, os.SEEK_END)
        data = memoryview(line)
        while data:
            data = data[os.write(self.descriptor, data) :]
        self._half_line_at = None

    def unlink_if_empty(self) -> None:
        """Remove the file if nothing was written to it, unless another has its place."""
        with suppress(OSError):
            own, there = os.fstat(self.descriptor), os.lstat(self.path)
            if os.path.samestat(own, there) and not own.st_size:
                self.path.unlink()

    def is_strange(self) -> UsageError:
        """Return the error that the line that was read last is none of a batch."""
        return self._refused(f", line {self._number} is no line that a batch writes")

    def _refused(self, why: str) -> UsageError:
        return UsageError(
            f"{self.path}{why}; the file is left as it is",
            hint="name another file with --out, or remove this one",
        )


def _object_of(line: bytes) -> dict[str, Any]:
    """Return the object that a line spells; an empty one if it spells none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _spell(row: Mapping[str, Any]) -> bytes:
    return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "replace")

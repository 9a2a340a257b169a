r"""The file of answers: a line a question, in the order in which they end, and put in order last.

A line is written with one write, and with its line end: whatever kills the program leaves whole
lines, but perhaps for the last one, which is cut off when the file is opened again. Beside it,
``NAME.state`` says which run was begun for which question, so that one that was interrupted is
continued; it is locked while a batch runs, and removed once every question has its line.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from docsearch_cli.environment import refusal
from docsearch_cli.errors import DocsearchError, InputError, UsageError
from docsearch_cli.files import replace_file
from docsearch_cli.index.store import open_lock

STATE_SUFFIX = ".state"


class ResultsFile:
    """Answers of a batch on disk; a context manager.

    Args:
        path: The file.

    Raises:
        InputError: If it cannot be read or written, or another process writes it.
        UsageError: If it holds something else than answers.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._state_path = path.with_name(path.name + STATE_SUFFIX)
        with ExitStack() as stack:
            try:
                self._state = stack.enter_context(self._lock())
                self.runs = self._read_runs()
                """The run that was begun last for each question, by its id."""
                self.lines = self._read_lines()
                """The answers that there are."""
                self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            except OSError as error:
                raise self._refused(error) from error
            stack.pop_all()

    def __enter__(self) -> ResultsFile:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        self._state.close()

    def begin(self, name: str, run_id: str) -> None:
        """Note which run is begun for a question, before it is begun."""
        self._write(self._state.fileno(), {"id": name, "run_id": run_id})

    def add(self, row: Mapping[str, Any]) -> None:
        """Add an answer.

        Args:
            row: The line, with the question's ``id``.

        Raises:
            InputError: If it cannot be written.
        """
        self._write(self._descriptor, row)

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

    def _lock(self) -> IO[str]:
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_file()):
            raise InputError(
                f"{self.path} cannot be written: it is no regular file", hint="name another file"
            )
        handle = open_lock(self._state_path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.close()
            raise InputError(
                f"{self.path} is being written by another batch", hint="name another file"
            ) from error
        return handle

    def _read_runs(self) -> dict[str, str]:
        """Return the run that was begun last for each question."""
        runs: dict[str, str] = {}
        text = self._state.read()
        if text and not text.endswith("\n"):  # half a line, which the next one must not follow
            os.write(self._state.fileno(), b"\n")
        for line in text.split("\n"):
            try:
                row = json.loads(line)
                runs[str(row["id"])] = str(row["run_id"])
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # half a line: that run had hardly begun
        return runs

    def _read_lines(self) -> list[dict[str, Any]]:
        """Return the answers that there are; half a line at the end is cut off."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        whole = data.rfind(b"\n") + 1
        rows = []
        for number, line in enumerate(data[:whole].split(b"\n")[:-1], start=1):
            try:
                row = json.loads(line)
                is_answer = isinstance(row, dict) and {"id", "asked"} <= row.keys()
            except (ValueError, RecursionError):
                is_answer = False
            if not is_answer:
                if not self.runs:
                    self._state_path.unlink(missing_ok=True)
                raise UsageError(
                    f"{self.path}, line {number} is no answer of a batch, and the file would be"
                    " written to",
                    hint="name another file with --out, or remove this one",
                )
            rows.append(row)
        if whole < len(data):
            os.truncate(self.path, whole)
        return rows

    def _write(self, descriptor: int, row: Mapping[str, Any]) -> None:
        data = memoryview(_spell(row))
        try:
            while data:
                data = data[os.write(descriptor, data) :]
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> DocsearchError:
        what = f"{self.path} cannot be written"
        return refusal(error, what) or InputError(
            f"{what}: {error.strerror}", hint="name another file with --out"
        )


def _spell(row: Mapping[str, Any]) -> bytes:
    return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "replace")

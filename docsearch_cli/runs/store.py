"""Recorded runs on disk: one SQLite file a run, two tables.

events   append-only, chained     what happened, in order; each row's hash covers the row before
blobs    content-addressed        inputs, outputs and logs, compressed, loaded only when needed

An event is written in one transaction with the blobs that it names, so a process that is killed at
any moment leaves whole events. What a run looked like is read from its events alone
(``trace.py``): there is no second table that could contradict them.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.environment import refusal
from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.runs.canonical import blob_hash, chain_hash, read_canonical
from docsearch_cli.runs.events import EventData, EventKind
from docsearch_cli.runs.record_file import (
    MODEL_SCHEMA_VERSION,
    SCHEMA_VERSION,
    SQLITE_ERRORS,
    Mode,
    open_record,
    version_of,
)
from docsearch_cli.steps import canonical_json

# A blob larger than this when unpacked was not written by docsearch.
_MOST_BLOB_BYTES = 64 * 1024 * 1024
# Half the time of zlib's default, for a tenth more bytes.
_ZLIB_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as it was read: nothing of it is known to be of its kind yet."""

    seq: int
    kind: str
    data: dict[str, Any]


class RunStore:
    """An open run record.

    Args:
        path: The database file.
        mode: ``create`` a new one, ``append`` to one, or only ``read``.
        asks_model: Whether a new one is of a run that asks a language model.

    Raises:
        RunCorruptError: If it is no record that this version can read.
    """

    def __init__(
        self,
        path: Path,
        mode: Mode = "read",
        *,
        asks_model: bool = False,
    ) -> None:
        self.path = path
        # What is missing: how much of its file is there, in words, if that is not all.
        self.connection, self.missing = open_record(path, mode)
        if asks_model:
            self.connection.execute(f"pragma user_version = {MODEL_SCHEMA_VERSION}")
        self.has_start_times = version_of(self.connection) in (
            SCHEMA_VERSION,
            MODEL_SCHEMA_VERSION,
        )
        """Whether it may say when an attempt began: a record of an earlier version does not."""
        self._head = (0, "")
        if mode == "append":
            self._head = self._last()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside one transaction.

        Raises:
            InputError: If it cannot be written.
        """
        head = self._head
        try:
            self.connection.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._head = head
                with suppress(sqlite3.Error):
                    self.connection.execute("rollback")
                raise
            self.connection.execute("commit")
        except sqlite3.Error as error:
            self._head = head
            what = f"the run cannot be recorded in {self.path.parent.name}"
            raise refusal(error, what) or InputError(
                f"{what}: {error}", hint="make room, or use --simple, which keeps no record"
            ) from error

    def put_blob(self, data: bytes) -> str:
        """Store bytes under their hash and return it."""
        name = blob_hash(data)
        known = self.connection.execute("select 1 from blobs where hash = ?", (name,)).fetchone()
        if known is None:
            self.connection.execute(
                "insert into blobs values (?, ?)", (name, zlib.compress(data, _ZLIB_LEVEL))
            )
        return name

    def blob(self, name: str) -> bytes:
        """Return the bytes with this hash.

        Args:
            name: As ``put_blob`` returned it.

        Returns:
            The bytes.

        Raises:
            RunCorruptError: If they are missing or do not have that hash.
        """
        rows = self._find_blob(name)
        if not rows:
            raise RunCorruptError(f"the record lacks the content {str(name)[:19]}")
        try:
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(rows[0][0], _MOST_BLOB_BYTES)
        except (zlib.error, TypeError) as error:  # a zeroed page reads as nothing
            raise RunCorruptError(f"the content {name[:19]} is damaged: {error}") from error
        if blob_hash(data) != name:
            raise RunCorruptError(f"the content {name[:19]} is not what was recorded")
        return data

    def _find_blob(self, name: str) -> list[tuple[Any, ...]]:
        sql = "select data from blobs {} where hash = ? limit 1"
        rows: list[tuple[Any, ...]] = []
        with suppress(RunCorruptError):
            rows = self._read(sql.format(""), (name,))
        # The index of their names may be what is damaged; or cut off, which reads as empty.
        return rows or self._read(sql.format("not indexed"), (name,))

    def append(self, kind: EventKind, data: EventData) -> None:
        """Add an event to the chain, inside a transaction."""
        seq, before = self._head
        text = canonical_json(data).decode()
        digest = chain_hash(before, kind, text)
        self.connection.execute(
            "insert into events values (?, ?, ?, ?)", (seq + 1, kind, text, digest)
        )
        self._head = (seq + 1, digest)

    def events(self) -> list[Event]:
        """Return every event, in order, after recomputing the chain of their hashes.

        Returns:
            The events.

        Raises:
            RunCorruptError: At the first that is not what was recorded.
        """
        events, reason = self.whole_events()
        if reason:
            raise RunCorruptError(
                reason, hint="docsearch replay shows what is left of the run" if events else None
            )
        return events

    def whole_events(self) -> tuple[list[Event], str]:
        """Return the events up to the last that is what was recorded.

        Returns:
            The events, in order, and why the next one is not, in words; empty if none follows.
        """
        before = ""
        events: list[Event] = []
        try:
            for seq, kind, text, recorded in self.connection.execute(
                "select seq, kind, data, hash from events order by seq"
            ):
                before = chain_hash(before, kind, text)
                if before != recorded or seq != len(events) + 1:
                    return events, f"event {len(events) + 1} of the run is not what was recorded"
                events.append(_event(seq, kind, text))
        except SQLITE_ERRORS as error:
            if "decode" in str(error):  # followed by all of the text
                return events, f"event {len(events) + 1} of the run is damaged: it is no text"
            reason = self.missing or error
            return events, f"the run's record cannot be read: {reason}"
        except RunCorruptError as error:
            return events, error.message
        return events, "" if events else "the run's record holds no event"

    def ends(self) -> tuple[Event, Event]:
        """Return the first and the last event: what was asked, and how far it came.

        Returns:
            The two, which may be the same.

        Raises:
            RunCorruptError: If there is none.
        """
        rows = self._read(
            "select seq, kind, data from events where seq = 1 "
            "or seq = (select max(seq) from events) order by seq"
        )
        if not rows:
            raise RunCorruptError("the run's record holds no event")
        return _event(*rows[0]), _event(*rows[-1])

    def check_blobs(self) -> int:
        """Recompute the hash of every blob.

        Returns:
            How many there are.

        Raises:
            RunCorruptError: At the first that is not what its name says.
        """
        names = self.blob_names()
        for name in sorted(names):
            self.blob(name)
        return len(names)

    def blob_names(self) -> set[str]:
        """Return the name of every blob."""
        return {name for (name,) in self._read("select hash from blobs")}

    def copy_to(self, path: Path) -> None:
        """Write the whole record into one new file.

        Args:
            path: A file that does not exist yet.

        Raises:
            InputError: If it cannot be written.
            RunCorruptError: If the record cannot be read.
        """
        self.connection.commit()  # ends the reading transaction: a copy is its own
        try:
            self.connection.execute("vacuum into ?", (str(path),))
        except sqlite3.Error as error:
            what = f"{path} cannot be written"
            if _is_malformed(error):
                raise RunCorruptError(f"the run's record cannot be read: {error}") from error
            raise refusal(error, what) or InputError(f"{what}: {error}") from error

    @property
    def head(self) -> str:
        """The hash of the last event, which covers all before it."""
        return self._last()[1]

    @property
    def event_count(self) -> int:
        """How many events there were when it was opened for writing, and were added since."""
        return self._head[0]

    def _last(self) -> tuple[int, str]:
        rows = self._read("select seq, hash from events order by seq desc limit 1")
        return (rows[0][0], rows[0][1]) if rows else (0, "")

    def _read(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(sql, values).fetchall()
        except SQLITE_ERRORS as error:
            raise RunCorruptError(f"the run's record cannot be read: {error}") from error


def _is_malformed(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT


def _event(seq: int, kind: str, text: str) -> Event:
    try:
        data = read_canonical(text.encode("utf-8", "replace"))
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise RunCorruptError(f"event {seq} of the run is damaged: {error}") from error
    if not isinstance(data, dict):
        raise RunCorruptError(f"event {seq} of the run is damaged: it is no object")
    return Event(seq, kind, data)

"""Recorded runs on disk: one SQLite file a run, two tables.

events   append-only, chained     what happened, in order; each row's hash covers the row before
blobs    content-addressed        inputs, outputs and logs, compressed, loaded only when needed

An event is written in one transaction with the blobs that it names, so a process that is killed at
any moment leaves whole events. What a run looked like is read from its events alone
(``trace.py``): there is no second table that could contradict them.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from docsearch_cli.environment import refusal
from docsearch_cli.errors import DocsearchError, InputError, RunCorruptError
from docsearch_cli.runs.events import EventData, EventKind
from docsearch_cli.steps import canonical_json

SCHEMA_VERSION = 4
# Of a run that asks a language model: it has kinds of events that the others do not.
MODEL_SCHEMA_VERSION = 5
# Before, no record said when an attempt began: 2, and 3 of a run that asks a model.
_READ = (2, 3, SCHEMA_VERSION, MODEL_SCHEMA_VERSION)
# "dsrn": tells a run from any other SQLite file.
_APPLICATION = 0x6473726E
_SCHEMA = f"""
pragma application_id = {_APPLICATION};
pragma user_version = {SCHEMA_VERSION};
create table events (seq integer primary key, kind text not null, data text not null,
                     hash text not null) strict;
create table blobs (hash text primary key, data blob not null) strict;
"""
# The second where a message of SQLite quotes what is no text.
_SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
# Of a SQLite file: sizes and numbers that every reader needs.
_HEADER_BYTES = 100
_FIRST_TABLES = {"meta", "events", "steps", "attempts", "drops", "blobs"}
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
        mode: Literal["read", "append", "create"] = "read",
        *,
        asks_model: bool = False,
    ) -> None:
        self.path = path
        self.missing = ""
        """How much of its file is there, in words, if that is not all."""
        self.connection = self._open(path, mode)
        if asks_model:
            self.connection.execute(f"pragma user_version = {MODEL_SCHEMA_VERSION}")
        self.has_start_times = _version_of(self.connection) in (
            SCHEMA_VERSION,
            MODEL_SCHEMA_VERSION,
        )
        """Whether it may say when an attempt began: a record of an earlier version does not."""
        self._head = (0, "")
        if mode == "append":
            self._head = self._last()

    def _open(self, path: Path, mode: str) -> sqlite3.Connection:
        if mode != "create":
            self.missing = _check_file(path)
        return self._connect(path, mode)

    def _connect(self, path: Path, mode: str) -> sqlite3.Connection:
        address = path.absolute().as_uri()
        kind = {"read": "ro", "append": "rw", "create": "rwc"}[mode]
        if mode == "read" and _is_at_rest(path):
            kind += "&immutable=1"
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(f"{address}?mode={kind}", uri=True, isolation_level=None)
            connection.execute("pragma trusted_schema = off")
            if self.missing:  # else SQLite would read nothing of it
                connection.execute("pragma writable_schema = on")
            if mode == "create":
                # Small pages are filled one after another: of a file that is cut, more is left.
                connection.execute("pragma page_size = 1024")
                connection.execute("pragma journal_mode = wal")
                # One transaction, and no wait for the disk: there is nothing to lose yet.
                connection.execute("pragma synchronous = normal")
                connection.executescript(f"begin; {_SCHEMA} commit;")
            connection.execute("pragma synchronous = normal")
            if mode == "read":
                # All reads see one state, even while the run is being written.
                connection.execute("begin")
            version = _version_of(connection)
            is_ours = version in _READ and _holds_our_tables(connection)
        except _SQLITE_ERRORS as error:
            if connection is not None:
                connection.close()
            verb = "read" if mode == "read" else "written"
            raise _cannot_be(path, verb, error) from error
        if not is_ours:
            connection.close()
            raise _refusal(path, version)
        return connection

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
        try:
            return self._read(sql.format(""), (name,))
        except RunCorruptError:  # the index of their names may be what is damaged
            return self._read(sql.format("not indexed"), (name,))

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
        except _SQLITE_ERRORS as error:
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
        except _SQLITE_ERRORS as error:
            raise RunCorruptError(f"the run's record cannot be read: {error}") from error


def _check_file(path: Path) -> str:
    """Refuse what SQLite would wait for, or call by another name.

    Args:
        path: The database file.

    Returns:
        How much of the file is there, in words, if it is shorter than its header says.

    Raises:
        RunCorruptError: If there is no file.
        AccessError: If it may not be read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _cannot_be(path, "read", "it is no file")
        with path.open("rb") as handle:
            header = handle.read(_HEADER_BYTES)
            size = handle.seek(0, os.SEEK_END)
    except OSError as error:
        raise _cannot_be(path, "read", error) from error
    page_size = int.from_bytes(header[16:18], "big")
    wanted = int.from_bytes(header[28:32], "big") * (page_size if page_size > 1 else 1 << 16)
    return f"its file has {size:,} of {wanted:,} bytes" if size < wanted else ""


def _is_at_rest(path: Path) -> bool:
    """Tell whether a record is closed and may only be read: SQLite would make files beside it."""
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return False
    try:
        return not path.with_name(f"{path.name}-wal").stat().st_size
    except OSError:
        return True


def _cannot_be(path: Path, verb: str, reason: str | Exception) -> DocsearchError:
    """Return the error for a file that cannot be opened: what the machine refuses is no damage."""
    if isinstance(reason, Exception):
        refused = refusal(reason, str(path))
        if refused is not None:
            return refused
    if isinstance(reason, OSError):
        reason = reason.strerror or reason
    return RunCorruptError(f"the run's record {path.name} cannot be {verb}: {reason}")


def _is_malformed(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT


def _version_of(connection: sqlite3.Connection) -> int | None:
    """Return a record's schema version; None for what is no record."""
    if connection.execute("pragma application_id").fetchone()[0] == _APPLICATION:
        return int(connection.execute("pragma user_version").fetchone()[0])
    tables = connection.execute("select name from sqlite_schema where type = 'table'").fetchall()
    # The first schema had no application id and kept its version in a table.
    return 1 if {name for (name,) in tables} == _FIRST_TABLES else None


def _refusal(path: Path, version: int | None) -> RunCorruptError:
    """Return the error for a file that is no record, or none that this version reads."""
    if version is None or version in _READ:
        return RunCorruptError(f"the run's record {path.name} was not written by docsearch")
    error = RunCorruptError(
        f"the run's record {path.name} has schema version {version}, this docsearch reads "
        f"{', '.join(map(str, _READ[:-1]))} and {_READ[-1]}",
        hint="read it with the docsearch that wrote it",
    )
    error.other_version = version
    return error


def _holds_our_tables(connection: sqlite3.Connection) -> bool:
    """Tell whether the file has only our tables: a view or a trigger could run anything."""
    found = connection.execute("select type, name, sql from sqlite_schema").fetchall()
    tables = {_folded(sql) for kind, _, sql in found if kind == "table"}
    ours = {_folded(part) for part in _SCHEMA.split(";") if "create table" in part}
    rest = {name for kind, name, _ in found if kind != "table"}
    return tables == ours and rest <= {"sqlite_autoindex_blobs_1"}


def _folded(sql: str) -> str:
    return " ".join(sql.lower().split())


@contextmanager
def making_sense() -> Iterator[None]:
    """Report whatever error a foreign record causes as a damaged record.

    Raises:
        RunCorruptError: If what is read here is not what docsearch writes.
    """
    try:
        yield
    except (
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        ValueError,
        OverflowError,
        RecursionError,
        AssertionError,
    ) as error:
        raise RunCorruptError(
            f"the run's record makes no sense: {type(error).__name__}: {error}"
        ) from error


def _event(seq: int, kind: str, text: str) -> Event:
    try:
        data = read_canonical(text.encode("utf-8", "replace"))
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise RunCorruptError(f"event {seq} of the run is damaged: {error}") from error
    if not isinstance(data, dict):
        raise RunCorruptError(f"event {seq} of the run is damaged: it is no object")
    return Event(seq, kind, data)


def read_canonical(data: bytes) -> Any:
    """Return the value that JSON stands for, if it is spelled as docsearch spells it.

    Args:
        data: The JSON.

    Returns:
        The value.

    Raises:
        ValueError: If it is no JSON, spelled otherwise, or holds what is no number; also
            RecursionError where it is nested too deeply.
    """
    value = json.loads(data, parse_constant=_refuse_constant)
    if canonical_json(value) != data:
        raise ValueError("it is not spelled as docsearch spells it")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def blob_hash(data: bytes) -> str:
    """Return the name of a blob: the algorithm and the digest of its bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def chain_hash(before: str, kind: str, text: str) -> str:
    """Return an event's hash, which covers all events before it."""
    return blob_hash(f"{before}\0{kind}\0{text}".encode())

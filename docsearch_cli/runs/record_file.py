"""The file of a record: opened in one of three ways, and refused where it is no record of ours."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import Literal

from docsearch_cli.environment import refused_or
from docsearch_cli.errors import DocsearchError, RunCorruptError

Mode = Literal["read", "append", "create"]
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
SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)

# Of a SQLite file: sizes and numbers that every reader needs.
_HEADER_BYTES = 100

_FIRST_TABLES = {"meta", "events", "steps", "attempts", "drops", "blobs"}


def open_record(path: Path, mode: Mode) -> tuple[sqlite3.Connection, str]:
    """Open a record.

    Args:
        path: The database file.
        mode: ``create`` a new one, ``append`` to one, or only ``read``.

    Returns:
        The connection, and how much of the file is there, in words, if that is not all.

    Raises:
        RunCorruptError: If it is no record that this version can read.
        AccessError: If it may not be read.
    """
    missing = _check_file(path) if mode != "create" else ""
    address = path.absolute().as_uri()
    kind = {"read": "ro", "append": "rw", "create": "rwc"}[mode]
    if mode == "read" and _is_at_rest(path):
        kind += "&immutable=1"
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(f"{address}?mode={kind}", uri=True, isolation_level=None)
        connection.execute("pragma trusted_schema = off")
        if missing:  # else SQLite would read nothing of it
            connection.execute("pragma writable_schema = on")
        if mode == "create":
            # No wait for the disk while there is nothing to lose: it takes as long as some steps.
            connection.execute("pragma synchronous = off")
            # Small pages are filled one after another: of a file that is cut, more is left.
            connection.execute("pragma page_size = 1024")
            connection.execute("pragma journal_mode = wal")
            connection.executescript(f"begin; {_SCHEMA} commit;")
        connection.execute("pragma synchronous = normal")
        if mode == "read":
            # All reads see one state, even while the run is being written.
            connection.execute("begin")
        version = version_of(connection)
        is_ours = version in _READ and _holds_our_tables(connection)
    except SQLITE_ERRORS as error:
        if connection is not None:
            connection.close()
        verb = "read" if mode == "read" else "written"
        raise _cannot_be(path, verb, error) from error
    if not is_ours:
        connection.close()
        raise _refusal(path, version)
    return connection, missing


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
    """Return the error for a file that cannot be opened."""

    def damage(said: object) -> RunCorruptError:
        return RunCorruptError(f"the run's record {path.name} cannot be {verb}: {said}")

    return refused_or(damage, reason, str(path))


def version_of(connection: sqlite3.Connection) -> int | None:
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

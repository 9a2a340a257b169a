"""Recorded runs on disk: one SQLite file a run.

meta       key, value            what was asked, limits, fingerprints, and how it ended
events     append-only, chained  each row's hash covers the row before
steps      one row a step        derived from the events, for looking things up
attempts   one row a try
drops      proposals not taken, with the reason
blobs      content-addressed     inputs and outputs, compressed
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.errors import InputError, RunCorruptError, RunNotFoundError, StepNotFoundError
from docsearch_cli.steps import canonical_json

SCHEMA_VERSION = 1
_SCHEMA = """
create table meta (key text primary key, value text not null) strict;
create table events (seq integer primary key, kind text not null, data text not null,
                     hash text not null) strict;
create table steps (id text primary key, number integer, kind text not null,
                    function text not null, subject text not null, depth integer not null,
                    priority real not null, parent integer, item integer, edge text not null,
                    input text not null, output text, status text not null,
                    cached integer not null, elapsed_ms real not null, error text not null,
                    seq integer not null) strict;
create table attempts (step text not null, number integer not null, status text not null,
                       elapsed_ms real not null, worker integer not null, error text not null,
                       detail text not null, log blob not null,
                       primary key (step, number)) strict;
create table drops (parent integer, item integer not null, subject text not null,
                    reason text not null, priority real not null) strict;
create table blobs (hash text primary key, data blob not null) strict;
"""
_RUN_ID = re.compile(r"[0-9a-f]{1,32}")
# A blob larger than this when unpacked was not written by docsearch.
_MOST_BLOB_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as recorded."""

    id: str
    number: int | None
    kind: str
    function: str
    subject: str
    depth: int
    priority: float
    parent: int | None
    item: int | None
    edge: str
    input: str
    """Hash of the input's blob."""
    output: str | None
    status: str
    cached: bool
    elapsed_ms: float
    error: str
    attempts: int


class RunStore:
    """An open run record.

    Args:
        path: The ``run.db``.
        create: Make it; otherwise it is opened read-only.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        if create:
            self.connection = sqlite3.connect(path, isolation_level=None)
            self.connection.execute("pragma journal_mode = wal")
            self.connection.execute("pragma synchronous = normal")
            self.connection.executescript(_SCHEMA)
        else:
            self.connection = self._open_read_only(path)

    def _open_read_only(self, path: Path) -> sqlite3.Connection:
        try:
            address = f"{path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(address, uri=True, isolation_level=None)
            connection.execute("begin")  # all reads see one state, also of a run that goes on
            version = connection.execute("select value from meta where key = 'schema'").fetchone()
        except sqlite3.Error as error:
            message = f"the run's record {path.name} cannot be read: {error}"
            raise RunCorruptError(message) from error
        if version is None or json.loads(version[0]) != SCHEMA_VERSION:
            raise RunCorruptError(
                f"the run's record has another schema version than {SCHEMA_VERSION}",
                hint="read it with the docsearch that wrote it",
            )
        return connection

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside one transaction."""
        try:
            self.connection.execute("begin immediate")
            try:
                yield
            except BaseException:
                with suppress(sqlite3.Error):
                    self.connection.execute("rollback")
                raise
            self.connection.execute("commit")
        except sqlite3.OperationalError as error:
            raise InputError(
                f"the run cannot be recorded in {self.path.parent.name}: {error}",
                hint="make room, or use --simple, which keeps no record",
            ) from error

    def _read(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise RunCorruptError(f"the run's record cannot be read: {error}") from error

    def put_blob(self, data: bytes) -> str:
        """Store bytes under their hash and return it."""
        name = blob_hash(data)
        self.connection.execute(
            "insert or ignore into blobs values (?, ?)", (name, zlib.compress(data, 6))
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
        rows = self._read("select data from blobs where hash = ?", (name,))
        if not rows:
            raise RunCorruptError(f"the record lacks the content {name[:19]}")
        row = rows[0]
        try:
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(row[0], _MOST_BLOB_BYTES)
        except zlib.error as error:
            raise RunCorruptError(f"the content {name[:19]} is damaged: {error}") from error
        if blob_hash(data) != name:
            raise RunCorruptError(f"the content {name[:19]} is not what was recorded")
        return data

    def add_event(self, kind: str, data: dict[str, Any]) -> int:
        """Append to the chain and return the row's number."""
        last = self.connection.execute(
            "select seq, hash from events order by seq desc limit 1"
        ).fetchone()
        seq, before = (last[0] + 1, last[1]) if last else (1, "")
        text = canonical_json(data).decode()
        self.connection.execute(
            "insert into events values (?, ?, ?, ?)",
            (seq, kind, text, chain_hash(before, kind, text)),
        )
        return int(seq)

    def set_meta(self, **values: Any) -> None:
        """Set facts of the whole run."""
        for key, value in values.items():
            self.connection.execute(
                "insert or replace into meta values (?, ?)", (key, canonical_json(value).decode())
            )

    def meta(self) -> dict[str, Any]:
        """Return every fact of the whole run."""
        try:
            return {
                key: json.loads(value)
                for key, value in self._read("select key, value from meta order by key")
            }
        except (ValueError, RecursionError) as error:
            raise RunCorruptError(f"the run's record is damaged: {error}") from error

    def steps(self) -> list[StepRow]:
        """Return the steps in the order they were planned."""
        rows = self._read(
            """select id, number, kind, function, subject, depth, priority, parent, item, edge,
                      input, output, status, cached, elapsed_ms, error,
                      (select count(*) from attempts where step = id)
               from steps order by seq, number, id"""
        )
        names = tuple(StepRow.__dataclass_fields__)
        facts = [dict(zip(names, row, strict=True)) for row in rows]
        return [StepRow(**{**fact, "cached": bool(fact["cached"])}) for fact in facts]

    def drops(self) -> list[dict[str, Any]]:
        """Return the proposals that were not taken, in the order they were dropped."""
        rows = self._read(
            "select parent, item, subject, reason, priority from drops order by rowid"
        )
        names = ("parent", "item", "subject", "reason", "priority")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def attempts(self, step: str) -> list[dict[str, Any]]:
        """Return the tries of a step."""
        names = ("number", "status", "elapsed_ms", "worker", "error", "detail", "log")
        rows = self._read(
            f"select {', '.join(names)} from attempts where step = ? order by number",  # noqa: S608
            (step,),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def check_chain(self) -> int:
        """Recompute the hash of every event and every blob.

        Returns:
            How many were checked.

        Raises:
            RunCorruptError: At the first that differs.
        """
        before, checked = "", 0
        for seq, kind, text, recorded in self._read(
            "select seq, kind, data, hash from events order by seq"
        ):
            before = chain_hash(before, kind, text)
            checked += 1
            if before != recorded or seq != checked:
                raise RunCorruptError(f"event {seq} of the run is not what was recorded")
        for (name,) in self._read("select hash from blobs order by hash"):
            self.blob(name)
            checked += 1
        self._check_steps()
        return checked

    def _check_steps(self) -> None:
        """Compare the rows of the steps, which are derived, with the events."""
        ends: dict[str, tuple[str | None, str]] = {}
        inputs: dict[str, str] = {}
        for kind, text in self._read("select kind, data from events order by seq"):
            data = json.loads(text)
            if kind == "step_planned":
                inputs[data["id"]] = data["input"]
            elif kind == "step_ended":
                ends[data["id"]] = data["output"], data["status"]
        for row in self.steps():
            recorded = inputs.pop(row.id, None), *ends.get(row.id, (None, "running"))
            if recorded != (row.input, row.output, row.status):
                raise RunCorruptError(f"step {row.id} of the run is not what was recorded")
        if inputs:
            raise RunCorruptError(f"step {min(inputs)} of the run is missing")


def blob_hash(data: bytes) -> str:
    """Return the name of a blob: the algorithm and the digest of its bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def chain_hash(before: str, kind: str, text: str) -> str:
    """Return an event's hash, which covers all events before it."""
    return blob_hash(f"{before}\0{kind}\0{text}".encode())


def run_ids(home: Path) -> list[str]:
    """Return the ids of the recorded runs, sorted."""
    folder = home / "runs"
    if not folder.is_dir():
        return []
    return sorted(
        path.name
        for path in folder.iterdir()
        if _RUN_ID.fullmatch(path.name) and (path / "run.db").is_file()
    )


def find_run(home: Path, prefix: str) -> str:
    """Return the one run whose id starts with ``prefix``.

    Args:
        home: The ``.docsearch`` folder.
        prefix: The start of an id; nothing else is looked up.

    Returns:
        The whole id.

    Raises:
        RunNotFoundError: If none or several do; the message lists them.
    """
    known = run_ids(home)
    hint = "docsearch runs list shows them"
    if not _RUN_ID.fullmatch(prefix):
        raise RunNotFoundError(f"{prefix!r} is not a run id", hint=hint)
    found = [name for name in known if name.startswith(prefix)]
    if prefix in found:
        return prefix
    if not found:
        raise RunNotFoundError(f"there is no run {prefix}", hint=hint)
    if len(found) > 1:
        raise RunNotFoundError(
            f"{prefix} is the start of {len(found)} runs: {', '.join(found[:10])}",
            hint="give more of the id",
        )
    return found[0]


def find_step(steps: list[StepRow], wanted: str) -> StepRow:
    """Return the step with this dispatch number or id, or whose id starts so.

    Args:
        steps: The run's steps.
        wanted: Dispatch number, kind, id, or the start of an id.

    Returns:
        The step.

    Raises:
        StepNotFoundError: If none or several fit; the message lists them.
    """
    exact = [
        step
        for step in steps
        if wanted in (step.id, step.kind)
        or (step.number is not None and wanted == str(step.number))
    ]
    found = exact if len(exact) == 1 else [step for step in steps if step.id.startswith(wanted)]
    ids = ", ".join(step.id for step in (found or steps)[:12])
    if not wanted or not found:
        raise StepNotFoundError(f"there is no step {wanted!r}", hint=f"steps of this run: {ids}")
    if len(found) > 1:
        raise StepNotFoundError(f"{wanted!r} is the start of {len(found)} steps: {ids}")
    return found[0]


def open_run(home: Path, run_id: str) -> RunStore:
    """Open the record of a run, read-only."""
    return RunStore(home / "runs" / run_id / "run.db")

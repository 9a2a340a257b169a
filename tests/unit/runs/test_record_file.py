import os
import sqlite3
from pathlib import Path

import pytest

from docsearch_cli.errors import AccessError, RunCorruptError
from docsearch_cli.runs.store import RunStore


@pytest.fixture
def store(tmp_path):
    made = RunStore(tmp_path / "run.db", "create")
    yield made
    made.close()


def read_again(store):
    return RunStore(store.path)


def test_what_is_written_to_a_new_record_is_on_the_disk_when_it_is_closed(store):
    assert store.connection.execute("pragma synchronous").fetchone() == (1,)  # normal, in a WAL
    assert store.connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_a_record_is_opened_read_only(store):
    again = read_again(store)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        again.connection.execute("delete from events")
    again.close()


@pytest.mark.parametrize("data", [b"", b"garbage" * 1_000])
def test_a_record_that_is_no_database_is_an_error(tmp_path, data):
    (tmp_path / "run.db").write_bytes(data)

    with pytest.raises(RunCorruptError, match=r"run\.db"):
        RunStore(tmp_path / "run.db")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no list of open files")
def test_a_record_that_cannot_be_read_is_not_left_open(tmp_path):
    path = tmp_path / "run.db"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(RunCorruptError) as kept:  # its traceback keeps what the frames hold
        RunStore(path)

    assert kept.value.__traceback__ is not None
    assert not [file for file in Path("/proc/self/fd").iterdir() if file.resolve() == path]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_not_waited_for(tmp_path, make):
    make(tmp_path / "run.db")

    with pytest.raises(RunCorruptError, match="cannot be read: it is no file"):
        RunStore(tmp_path / "run.db")


def test_a_record_that_cannot_be_made_is_an_error(tmp_path):
    with pytest.raises(RunCorruptError, match="cannot be written"):
        RunStore(tmp_path / "nowhere" / "run.db", "create")


def test_a_record_that_may_not_be_read_is_not_called_damaged(store, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(store.path))

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(AccessError, match=r"run\.db: Permission denied"):
        RunStore(store.path)


@pytest.mark.parametrize("leftover", [False, True])
def test_a_record_that_may_only_be_read_is_read(store, monkeypatch, leftover):
    with store.transaction():
        store.append("a", {})
    store.close()
    if leftover:
        store.path.with_name("run.db-wal").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)

    again = read_again(store)

    assert [event.kind for event in again.events()] == ["a"]
    assert not store.path.with_name("run.db-shm").exists()
    again.close()


def test_a_record_that_is_being_written_is_not_taken_for_closed(store, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with store.transaction():
        store.append("a", {})

    again = read_again(store)

    assert [event.kind for event in again.events()] == ["a"]
    again.close()


def test_a_message_of_sqlite_that_is_no_text_is_met(store):
    store.connection.execute("pragma writable_schema = on")
    store.connection.execute(
        "update sqlite_schema set sql = cast(x'ff66' as text) where name = 'blobs'"
    )
    store.connection.execute("pragma wal_checkpoint(truncate)")

    with pytest.raises(RunCorruptError, match="cannot be read"):
        read_again(store)


def test_another_sqlite_file_is_an_error(tmp_path):
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("create table events (seq, kind, data, hash)")
    connection.close()

    with pytest.raises(RunCorruptError, match=r"other\.db"):
        RunStore(tmp_path / "other.db")


def test_another_schema_version_is_an_error(store):
    store.connection.execute("pragma user_version = 99")

    with pytest.raises(RunCorruptError, match="schema version"):
        read_again(store)


def test_a_record_of_the_first_schema_is_refused_by_its_version(tmp_path):
    connection = sqlite3.connect(tmp_path / "old.db")
    for name in ("meta", "events", "steps", "attempts", "drops", "blobs"):
        connection.execute(f"create table {name} (key)")
    connection.close()

    with pytest.raises(RunCorruptError, match="has schema version 1, this docsearch") as raised:
        RunStore(tmp_path / "old.db")
    assert raised.value.other_version == 1


def test_a_damaged_record_has_no_other_version(tmp_path):
    (tmp_path / "run.db").write_bytes(b"garbage" * 1_000)

    with pytest.raises(RunCorruptError) as raised:
        RunStore(tmp_path / "run.db")
    assert raised.value.other_version is None


def test_a_damaged_list_of_tables_is_an_error(store):
    store.connection.execute("pragma writable_schema = on")
    store.connection.execute(
        "update sqlite_schema set sql = 'create nonsense' where name = 'blobs'"
    )
    store.connection.execute("pragma wal_checkpoint(truncate)")

    with pytest.raises(RunCorruptError, match="cannot be read"):
        read_again(store)


def test_a_record_without_our_tables_is_not_ours(store):
    store.connection.execute("drop table blobs")

    with pytest.raises(RunCorruptError, match="not written by docsearch"):
        read_again(store)


def test_a_record_that_is_not_there_cannot_be_read(tmp_path):
    with pytest.raises(RunCorruptError, match=r"gone\.db cannot be read"):
        RunStore(tmp_path / "gone.db")

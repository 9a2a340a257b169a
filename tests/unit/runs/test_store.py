import random

import pytest

from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.runs.store import RunStore


@pytest.fixture
def store(tmp_path):
    made = RunStore(tmp_path / "run.db", "create")
    yield made
    made.close()


def read_again(store):
    return RunStore(store.path)


def test_a_blob_is_named_by_its_content(store):
    name = store.put_blob(b"hello")

    assert name.startswith("sha256:")
    assert store.put_blob(b"hello") == name
    assert store.blob(name) == b"hello"


@pytest.mark.parametrize("data", [b"", b"x" * 1_000_000, bytes(range(256))])
def test_a_blob_is_read_as_written(store, data):
    assert store.blob(store.put_blob(data)) == data


def test_a_missing_blob_is_named(store):
    with pytest.raises(RunCorruptError, match="sha256:000"):
        store.blob("sha256:" + "0" * 64)


def test_a_blob_with_other_content_is_named(store):
    name, other = store.put_blob(b"hello"), store.put_blob(b"other")
    store.connection.execute(
        "update blobs set data = (select data from blobs where hash = ?) where hash = ?",
        (other, name),
    )

    with pytest.raises(RunCorruptError, match=name[:19]):
        store.blob(name)


@pytest.mark.parametrize("data", [b"", b"garbage", b"x\x9c"])
def test_a_blob_that_does_not_unpack_is_named(store, data):
    name = store.put_blob(b"hello")
    store.connection.execute("update blobs set data = ?", (data,))

    with pytest.raises(RunCorruptError, match=name[:19]):
        store.blob(name)


def test_a_chain_that_was_not_touched_is_right(store):
    with store.transaction():
        store.append("a", {"x": 1})
        store.append("b", {"x": 2})
        store.put_blob(b"hello")

    assert [(event.seq, event.kind, event.data) for event in store.events()] == [
        (1, "a", {"x": 1}),
        (2, "b", {"x": 2}),
    ]
    assert store.check_blobs() == 1
    assert [event.kind for event in store.ends()] == ["a", "b"]


def test_a_record_without_events_is_an_error(store):
    with pytest.raises(RunCorruptError, match="no event"):
        store.events()
    with pytest.raises(RunCorruptError, match="no event"):
        store.ends()


def test_a_chain_goes_on_where_another_process_left_it(store):
    with store.transaction():
        store.append("a", {})
    again = RunStore(store.path, "append")
    with again.transaction():
        again.append("b", {})
    again.close()

    assert len(store.events()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update events set data = '{}' where seq = 2",
        "update events set kind = 'c' where seq = 1",
        "update events set hash = 'sha256:0' where seq = 3",
        "delete from events where seq = 2",
        "delete from events where seq = 1",
        "update events set seq = 9 where seq = 3",
    ],
)
def test_a_changed_event_is_noticed(store, statement):
    for number in range(3):
        store.append("a", {"x": number})
    store.connection.execute(statement)

    with pytest.raises(RunCorruptError, match="event"):
        store.events()


def test_a_transaction_that_fails_leaves_nothing(store):
    def fail():
        with store.transaction():
            store.append("a", {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert store.connection.execute("select count(*) from events").fetchone() == (0,)
    with store.transaction():
        store.append("a", {})
    assert len(store.events()) == 1


def test_a_copy_of_a_damaged_record_is_not_called_a_full_disk(store, tmp_path):
    with store.transaction():
        store.append("a", {})
        store.put_blob(random.Random(1).randbytes(50_000))
    store.connection.execute("pragma wal_checkpoint(truncate)")
    store.path.write_bytes(store.path.read_bytes()[:20_480])
    store.path.with_name("run.db-wal").unlink()
    store.path.with_name("run.db-shm").unlink()

    with pytest.raises(RunCorruptError, match="the run's record cannot be read"):
        read_again(store).copy_to(tmp_path / "copy")


def test_a_truncated_record_is_an_error(store):
    for number in range(200):
        store.put_blob(str(number).encode() * 400)
    store.connection.execute("pragma wal_checkpoint(truncate)")
    store.close()
    data = store.path.read_bytes()
    store.path.write_bytes(data[: len(data) // 2])

    def read():
        again = RunStore(store.path)
        try:
            again.events()
            again.check_blobs()
        finally:
            again.close()

    with pytest.raises(RunCorruptError):
        read()


def test_a_copy_is_one_file_with_all_of_the_record(store, tmp_path):
    with store.transaction():
        store.append("a", {"blob": store.put_blob(b"content")})
    reader = read_again(store)
    reader.copy_to(tmp_path / "copy.docsearch-run")
    reader.close()
    copy = RunStore(tmp_path / "copy.docsearch-run")

    assert copy.events() == store.events()
    assert copy.check_blobs() == 1
    copy.close()
    assert not list(tmp_path.glob("copy.docsearch-run-*"))


def test_a_disk_without_room_is_an_input_error_and_leaves_nothing(store):
    store.connection.execute("pragma max_page_count = 1")

    with pytest.raises(InputError, match="the run cannot be recorded in"), store.transaction():
        store.append("a", {})
        store.put_blob(random.Random(1).randbytes(100_000))
    assert store.event_count == 0


def test_a_copy_that_cannot_be_written_is_an_input_error(store, tmp_path):
    store.append("a", {})

    with pytest.raises(InputError, match="cannot be written"):
        read_again(store).copy_to(tmp_path / "nowhere" / "copy")


def test_a_blob_that_unpacks_to_too_much_is_refused(store, monkeypatch):
    name = store.put_blob(b"x" * 1_000)
    monkeypatch.setattr("docsearch_cli.runs.store._MOST_BLOB_BYTES", 999)

    with pytest.raises(RunCorruptError, match="is not what was recorded"):
        store.blob(name)

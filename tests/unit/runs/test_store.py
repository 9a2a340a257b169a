import sqlite3

import pytest

from docsearch_cli.errors import RunCorruptError, RunNotFoundError, StepNotFoundError
from docsearch_cli.runs.store import RunStore, StepRow, find_run, find_step, open_run, run_ids


@pytest.fixture
def store(tmp_path):
    made = RunStore(tmp_path / "run.db", create=True)
    with made.transaction():
        made.set_meta(schema=1, run_id="ab12")
    yield made
    made.close()


def read_again(store):
    return RunStore(store.path)


def row(step, number=None, kind="traverse"):
    return StepRow(
        step, number, kind, "f@1", "", 0, 0.0, None, None, "", "", None, "ok", False, 0.0, "", 0
    )


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
        store.add_event("a", {"x": 1})
        store.add_event("b", {"x": 2})
        store.put_blob(b"hello")

    assert store.check_chain() == 3


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
        store.add_event("a", {"x": number})
    store.connection.execute(statement)

    with pytest.raises(RunCorruptError, match="event"):
        store.check_chain()


def test_a_transaction_that_fails_leaves_nothing(store):
    def fail():
        with store.transaction():
            store.add_event("a", {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert store.connection.execute("select count(*) from events").fetchone() == (0,)


def test_a_record_is_opened_read_only(store):
    again = read_again(store)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        again.connection.execute("delete from meta")
    again.close()


@pytest.mark.parametrize("data", [b"", b"garbage" * 1_000])
def test_a_record_that_is_no_database_is_an_error(tmp_path, data):
    (tmp_path / "run.db").write_bytes(data)

    with pytest.raises(RunCorruptError, match=r"run\.db"):
        RunStore(tmp_path / "run.db")


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
            again.check_chain()
        finally:
            again.close()

    with pytest.raises(RunCorruptError):
        read()


def test_another_schema_version_is_an_error(store):
    store.set_meta(schema=99)

    with pytest.raises(RunCorruptError, match="schema version"):
        read_again(store)


@pytest.fixture
def home(tmp_path):
    for name in ("ab12cd34", "ab99cd34", "ff00ff00", "not-a-run", "abcdef12"):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        if name != "abcdef12":
            RunStore(folder / "run.db", create=True).close()
    return tmp_path


def test_runs_are_listed_by_id(home):
    assert run_ids(home) == ["ab12cd34", "ab99cd34", "ff00ff00"]


def test_a_home_without_runs_lists_none(tmp_path):
    assert run_ids(tmp_path) == []


@pytest.mark.parametrize("prefix", ["ff", "ff00ff00", "f"])
def test_a_run_is_found_by_the_start_of_its_id(home, prefix):
    assert find_run(home, prefix) == "ff00ff00"


def test_a_shared_start_lists_the_runs(home):
    with pytest.raises(RunNotFoundError, match="ab12cd34, ab99cd34"):
        find_run(home, "ab")


@pytest.mark.parametrize("prefix", ["", "nope", "../../etc", "/etc", ".", "FF", "ff\n", "00"])
def test_what_names_no_run_is_an_error(home, prefix):
    with pytest.raises(RunNotFoundError):
        find_run(home, prefix)


def test_a_run_without_record_is_an_error(home):
    with pytest.raises(RunCorruptError):
        open_run(home, "abcdef12")


STEPS = [
    row("intent-aa0000", kind="intent"),
    row("1-traverse-ab0000", 1),
    row("11-traverse-cd0000", 11),
    row("2-traverse-ef0000", 2),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("1", "1-traverse-ab0000"),
        ("11", "11-traverse-cd0000"),
        ("2-trav", "2-traverse-ef0000"),
        ("intent", "intent-aa0000"),
        ("int", "intent-aa0000"),
        ("2-traverse-ef0000", "2-traverse-ef0000"),
    ],
)
def test_a_step_is_found_by_number_kind_or_start_of_its_id(wanted, found):
    assert find_step(STEPS, wanted).id == found


@pytest.mark.parametrize("wanted", ["", "99", "nope", "None", "0", "-1"])
def test_what_names_no_step_is_an_error(wanted):
    with pytest.raises(StepNotFoundError):
        find_step(STEPS, wanted)


def test_a_kind_that_several_steps_have_lists_them():
    with pytest.raises(StepNotFoundError) as raised:
        find_step(STEPS, "traverse")

    said = raised.value.message + (raised.value.hint or "")
    assert "1-traverse-ab0000" in said
    assert "2-traverse-ef0000" in said

import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.picture import picture_run, picture_what_is_left
from docsearch_cli.runs.salvage import salvage
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace

NOT_RECORDED = "event 4 of the run is not what was recorded"


def rewritten(record, change):
    """The record as it is read after its file was changed."""
    record.connection.execute("pragma wal_checkpoint(truncate)")
    path = record.path.with_name("copy")
    path.write_bytes(change(record.path.read_bytes()))
    return RunStore(path)


def test_a_whole_record_is_whole_to_its_end(record):
    left = salvage(record)

    assert left.lost == ""
    assert left.trace() == read_trace(record)


def test_a_file_that_is_cut_is_read_up_to_its_last_whole_event(record):
    counts = []
    for tenths in range(3, 10):
        store = rewritten(record, lambda data, n=tenths: data[: len(data) * n // 10])
        left = salvage(store)
        counts.append(len(left.events))

        assert f"what came after event {counts[-1]} is lost: " in left.lost
        assert left.trace().facts == read_trace(record).facts
        with pytest.raises(RunCorruptError):
            read_trace(store)
        store.close()
    assert counts == sorted(counts)
    assert 1 < counts[0] < counts[-1] < len(record.events())


def test_how_much_of_a_file_is_there_is_said(record):
    store = rewritten(record, lambda data: data[: len(data) // 2])

    left = salvage(store)

    wanted = record.path.stat().st_size
    assert f"its file has {wanted // 2:,} of {wanted:,} bytes" in left.lost
    store.close()


def test_what_is_left_is_drawn_and_what_is_lost_is_said(tmp_path, record):
    store = rewritten(record, lambda data: data[: len(data) * 4 // 10])

    picture = picture_what_is_left(tmp_path, store)

    whole = picture_run(tmp_path, record)
    assert picture.lost
    assert picture.run_id == whole.run_id
    assert 0 < len(picture.steps) < len(whole.steps)
    ids = [step.id for step in whole.steps]
    assert [step.id for step in picture.steps] == ids[: len(picture.steps)]
    store.close()


def test_a_whole_record_is_drawn_as_ever(tmp_path, record):
    assert picture_what_is_left(tmp_path, record) == picture_run(tmp_path, record)


def test_an_event_whose_content_is_lost_is_not_whole(record):
    step = read_trace(record).steps[2]
    record.connection.execute("delete from blobs where hash = ?", (step.output,))

    left = salvage(record)

    assert left.lost.endswith(f"the record lacks the content {step.output[:19]}")
    assert not left.trace().step(3).has_ended


def test_contents_are_found_though_the_index_of_their_names_is_damaged(record):
    (page,) = record.connection.execute(
        "select rootpage from sqlite_schema where name = 'sqlite_autoindex_blobs_1'"
    ).fetchone()
    (size,) = record.connection.execute("pragma page_size").fetchone()
    start = (page - 1) * size
    store = rewritten(record, lambda data: data[:start] + bytes(size) + data[start + size :])

    assert salvage(store).lost == ""
    store.close()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "update events set data = '{}' where seq = 4",
            "event 4 of the run is not what was recorded",
        ),
        (
            "update events set hash = 'x' where seq = 4",
            "event 4 of the run is not what was recorded",
        ),
        ("delete from events where seq = 4", "event 4 of the run is not what was recorded"),
        (
            "update events set data = cast(x'ff' || data as text) where seq = 4",
            "event 4 of the run is damaged: it is no text",
        ),
    ],
)
def test_what_follows_an_event_that_was_changed_is_lost(record, statement, reason):
    record.connection.execute(statement)

    left = salvage(record)

    assert len(left.events) == 3
    assert left.lost == f"what came after event 3 is lost: {reason}"


def test_a_record_without_a_whole_event_is_refused(record):
    record.connection.execute("update events set data = '{}' where seq = 1")

    with pytest.raises(RunCorruptError, match="nothing of the run's record can be read: event 1"):
        salvage(record)


def test_foreign_events_are_walked_without_recursion(record):
    nested = "[" * 500 + "]" * 500
    record.connection.execute("delete from events where seq > 1")
    store = RunStore(record.path, "append")
    with store.transaction():
        store.append("commit", {"input": 3, "rest": [[{"output": ""}]], "text": nested})

    assert len(salvage(store).events) == 2
    store.close()


@pytest.mark.parametrize(
    ("read", "row"),
    [
        (RunStore.check_blobs, (None,)),
        (RunStore.ends, (None, None, None)),
        (lambda store: store.blob("sha256:x"), (None,)),
    ],
)
def test_values_of_a_zeroed_page_are_damage_and_no_bug(record, monkeypatch, read, row):
    """Cells that read as NULL, which the tables themselves do not allow."""
    rows = iter([[row]])
    monkeypatch.setattr(RunStore, "_read", lambda *_: next(rows, []))

    with pytest.raises(RunCorruptError):
        read(record)

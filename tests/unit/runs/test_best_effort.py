import random
import sqlite3

import pytest

from docsearch_cli.errors import InputError, ResourceError, RunCorruptError
from docsearch_cli.runs.best_effort import BestEffortRecorder
from docsearch_cli.runs.catalog import run_ids
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace

FACTS = {"question": "q", "limits": {"max_agents": 3}, "created_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def recorder(tmp_path):
    made = BestEffortRecorder.create(tmp_path, FACTS)
    yield made
    made.close()


def fill_the_disk(recorder):
    """No page more may be written to the record."""

    def limit(store):
        (pages,) = store.connection.execute("pragma page_count").fetchone()
        store.connection.execute(f"pragma max_page_count = {pages}")

    recorder.attempt(lambda record: limit(record.store))


def big_step(recorder):
    return recorder.run_step(
        "intent", "intent@1", random.Random(1).randbytes(100_000), lambda data: bytes(3)
    )


def test_a_run_is_recorded_while_it_can_be(recorder, tmp_path):
    assert big_step(recorder)[1] == bytes(3)
    assert recorder.run_id
    assert not recorder.reason
    store = RunStore(tmp_path / "runs" / recorder.run_id / "run.db")
    assert [row.kind for row in read_trace(store).fixed] == ["intent"]
    store.close()


def test_a_full_disk_costs_the_record_and_not_the_answer(recorder, tmp_path):
    fill_the_disk(recorder)

    assert big_step(recorder)[1] == bytes(3)
    assert recorder.run_id == ""
    assert "No space left on device" in recorder.reason
    assert run_ids(tmp_path) == []
    assert list((tmp_path / "runs").iterdir()) == []


def test_nothing_is_written_after_a_record_was_given_up(recorder, tmp_path):
    fill_the_disk(recorder)
    big_step(recorder)

    recorder.commit(None, [], [])
    recorder.keep([])
    recorder.close()

    assert list((tmp_path / "runs").iterdir()) == []


def test_a_run_that_goes_on_is_not_removed(recorder, tmp_path):
    run_id = recorder.run_id
    recorder.close()
    store = RunStore(tmp_path / "runs" / run_id / "run.db")
    trace = read_trace(store)
    store.close()
    resumed = BestEffortRecorder(RunRecorder.resume(tmp_path, trace, FACTS), is_new=False)
    fill_the_disk(resumed)

    assert big_step(resumed)[1] == bytes(3)
    assert resumed.run_id == ""
    assert run_ids(tmp_path) == [run_id]


@pytest.mark.parametrize(
    "error", [InputError("no"), ResourceError("full"), RunCorruptError("it changed meanwhile")]
)
def test_why_a_record_could_not_be_begun_is_kept(tmp_path, monkeypatch, error):
    def refuse(*_):
        raise error

    monkeypatch.setattr(RunRecorder, "create", refuse)

    recorder = BestEffortRecorder.create(tmp_path, FACTS)

    assert (recorder.run_id, recorder.reason) == ("", error.message)
    assert big_step(recorder)[1] == bytes(3)
    recorder.close()


def test_a_record_that_another_program_damages_is_given_up(recorder, tmp_path, monkeypatch):
    def damage(record):
        def fail(_data):
            raise sqlite3.DatabaseError("database disk image is malformed")

        monkeypatch.setattr(record.store, "put_blob", fail)

    recorder.attempt(damage)

    assert big_step(recorder)[1] == bytes(3)
    assert "malformed" in recorder.reason


def test_a_folder_that_cannot_hold_a_record_is_not_left_behind(tmp_path, monkeypatch):
    def refuse(*_):
        raise ResourceError("No space left on device")

    monkeypatch.setattr(RunStore, "append", refuse)

    with pytest.raises(ResourceError):
        RunRecorder.create(tmp_path, FACTS)
    assert list((tmp_path / "runs").iterdir()) == []

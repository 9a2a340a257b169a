import pytest

from docsearch_cli.errors import AccessError
from docsearch_cli.runs.catalog import run_folder, run_lock
from docsearch_cli.runs.overview import Overview, listed_run, newest_first, overview_of
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace


@pytest.fixture
def run(record, tmp_path):
    """Where the record is found by an id."""
    folder = run_folder(tmp_path / "home", "ab12cd34")
    folder.mkdir(parents=True)
    record.copy_to(folder / "run.db")
    return folder / "run.db"


def overview(tmp_path):
    return overview_of(tmp_path / "home", "ab12cd34")


def test_a_run_is_told_by_its_ends(run, tmp_path, record):
    trace = read_trace(record)

    found = overview(tmp_path)

    assert (found.question, found.created_at) == (
        trace.facts["question"],
        trace.facts["created_at"],
    )
    assert (found.status, found.stop_reason) == ("complete", trace.ending["stop_reason"])
    assert found.agents_used == trace.ending["budget"]["agents_used"]
    assert found.problem is None


def test_a_damaged_run_keeps_its_question(run, tmp_path, record):
    run.write_bytes(run.read_bytes()[: run.stat().st_size // 2])

    found = overview(tmp_path)

    assert found.question == read_trace(record).facts["question"]
    assert found.status is None
    assert found.problem is not None


def test_a_run_whose_last_event_is_damaged_keeps_its_question(run, tmp_path, record):
    store = RunStore(run, "append")
    store.connection.execute(
        "update events set data = '{' where seq = (select max(seq) from events)"
    )
    store.close()

    found = overview(tmp_path)

    assert found.question == read_trace(record).facts["question"]
    assert "is damaged" in str(found.problem)


@pytest.mark.parametrize("data", [b"", b"garbage" * 1_000])
def test_what_is_no_record_is_a_problem(run, tmp_path, data):
    run.write_bytes(data)

    found = overview(tmp_path)

    assert found == Overview(problem=found.problem)
    assert "run.db" in str(found.problem)


def test_a_folder_in_the_place_of_a_record_is_a_problem(run, tmp_path):
    run.unlink()
    run.mkdir()

    assert str(overview(tmp_path).problem).endswith("cannot be read: it is no file")


def test_a_record_that_never_began_is_a_problem(run, tmp_path):
    run.unlink()

    assert "No such file" in str(overview(tmp_path).problem)


def test_a_run_of_somebody_else_is_a_problem(run, tmp_path, monkeypatch):
    def refuse(*_):
        raise AccessError("run.db: Permission denied")

    monkeypatch.setattr("docsearch_cli.runs.overview.RunStore", refuse)

    assert overview(tmp_path) == Overview(problem="run.db: Permission denied")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("{}", "created_at"),
        ('{"created_at":3,"question":"what?"}', "3 is no text"),
        ('{"created_at":"2026-01-01","question":["what?"]}', "['what?'] is no text"),
    ],
)
def test_an_event_that_is_not_of_its_kind_is_a_problem(run, tmp_path, data, reason):
    store = RunStore(run, "append")
    store.connection.execute("update events set data = ? where seq = 1", (data,))
    store.close()

    found = overview(tmp_path)

    assert found == Overview(problem=found.problem)
    assert reason in str(found.problem)


def without_end(run):
    store = RunStore(run, "append")
    store.connection.execute("delete from events where seq = (select max(seq) from events)")
    store.close()


def test_a_run_is_listed_by_what_became_of_it(run, tmp_path):
    home = tmp_path / "home"
    complete = listed_run(home, "ab12cd34")["status"]
    without_end(run)
    interrupted = listed_run(home, "ab12cd34")["status"]
    with run_lock(run.parent):
        running = listed_run(home, "ab12cd34")["status"]
    run.write_bytes(b"no record")
    damaged = listed_run(home, "ab12cd34")

    assert (complete, interrupted, running) == ("complete", "interrupted", "running")
    assert damaged["status"] == "damaged"
    assert damaged["problem"]


def test_the_newest_run_is_listed_first_and_ties_are_in_order(run, tmp_path):
    row = listed_run(tmp_path / "home", "ab12cd34")
    older = {**row, "run_id": "b", "created_at": "2020-01-01T00:00:00Z"}
    unknown = {**row, "run_id": "c", "created_at": None}
    twin = {**row, "run_id": "d"}

    found = newest_first([unknown, older, row, twin])

    assert [item["run_id"] for item in found] == ["d", "ab12cd34", "b", "c"]

import signal
import stat
import subprocess
import sys

import pytest

from docsearch_cli.engine.coordinator import Attempt, StepRecord
from docsearch_cli.errors import InputError
from docsearch_cli.runs.record import RunRecorder, UnrecordedRun
from docsearch_cli.runs.store import open_run
from docsearch_cli.steps import Drop, PlannedStep
from tests.support import REPOSITORY


def step(number, parent=None):
    return PlannedStep(number, "traverse", f"n{number}.md", 0, 0.5, parent, 0, "keyword")


def record(number, **changes):
    return StepRecord(
        step(number), f"{number}-traverse-aaaaaa", "f@1", f"input {number}".encode(), **changes
    )


@pytest.fixture
def recorder(tmp_path):
    made = RunRecorder.create(tmp_path, {"question": "q", "limits": {"max_agents": 3}})
    yield made
    made.store.close()


@pytest.fixture
def read(recorder, tmp_path):
    """Open the record a second time, as another process would."""
    opened = []

    def again():
        opened.append(open_run(tmp_path, recorder.run_id))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


def test_a_new_run_is_running_and_says_what_was_asked(recorder, read):
    meta = read().meta()

    assert (meta["status"], meta["question"], meta["run_id"]) == ("running", "q", recorder.run_id)


def test_each_run_has_an_id_of_its_own(tmp_path):
    recorders = [RunRecorder.create(tmp_path, {}) for _ in range(5)]
    for made in recorders:
        made.store.close()

    assert len({made.run_id for made in recorders}) == 5


def test_a_runs_folder_is_private(recorder):
    assert stat.S_IMODE(recorder.store.path.parent.stat().st_mode) == 0o700


def test_a_place_that_cannot_be_written_is_an_input_error(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="cannot be recorded"):
        RunRecorder.create(tmp_path / "file", {})


def test_inputs_are_there_before_a_step_has_run(recorder, read):
    recorder.commit(None, [], [record(1)])
    store = read()
    (row,) = store.steps()

    assert (row.status, row.output) == ("running", None)
    assert store.blob(row.input) == b"input 1"


def test_a_commit_is_there_with_all_that_follows_from_it(recorder, read):
    recorder.commit(None, [], [record(1)])
    ended = record(1, output=b"output")
    ended.attempts.append(Attempt(1, "ok", 5.0, 99, log=b"said"))
    recorder.commit(ended, [Drop(1, 2, "x.md", "fan_out", 0.1)], [record(2)])
    store = read()
    first, second = store.steps()

    assert (first.status, store.blob(first.output)) == ("ok", b"output")
    assert second.status == "running"
    assert store.drops() == [
        {"parent": 1, "item": 2, "subject": "x.md", "reason": "fan_out", "priority": 0.1}
    ]
    assert store.attempts(first.id)[0]["log"] == b"said"


def test_a_failed_step_keeps_its_error(recorder, read):
    recorder.commit(None, [], [record(1)])
    failed = record(1, error="Boom: it broke")
    failed.attempts.append(Attempt(1, "error", 5.0, 99, "Boom: it broke", "trace"))
    recorder.commit(failed, [], [])
    (row,) = read().steps()

    assert (row.status, row.output, row.error) == ("failed", None, "Boom: it broke")


def test_a_step_of_every_search_is_recorded_with_input_and_output(recorder, read):
    name, output = recorder.run_step("plan", "f@1", b"in", bytes.upper)
    store = read()
    (row,) = store.steps()

    assert (name, output) == (row.id, b"IN")
    assert (row.number, row.kind, store.blob(row.output)) == (None, "plan", b"IN")


def test_the_input_of_a_step_that_raises_is_recorded(recorder, read):
    def fail(payload):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        recorder.run_step("plan", "f@1", b"in", fail)
    store = read()

    assert store.blob(store.steps()[0].input) == b"in"


def test_the_chain_of_a_finished_run_is_right(recorder, read):
    recorder.run_step("plan", "f@1", b"in", bytes.upper)
    recorder.commit(None, [], [record(1)])
    recorder.commit(record(1, output=b"o"), [Drop(None, 0, "s", "seeds", 0.0)], [])
    recorder.finish("complete", stop_reason="budget")
    store = read()

    assert store.check_chain() > 0
    assert store.meta()["status"] == "complete"
    assert store.meta()["stop_reason"] == "budget"


def test_a_commit_that_fails_leaves_nothing_of_itself(recorder, read):
    recorder.commit(None, [], [record(1)])

    with pytest.raises(Exception, match="UNIQUE"):
        recorder.commit(record(1, output=b"o"), [], [record(2), record(2)])
    (row,) = read().steps()

    assert row.status == "running"


def test_an_unrecorded_run_runs_steps_and_keeps_nothing(tmp_path):
    run = UnrecordedRun()
    run.commit(None, [], [])
    run.finish("complete")

    assert run.run_step("plan", "f@1", b"in", bytes.upper)[1] == b"IN"
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from docsearch_cli.engine.coordinator import StepRecord
from docsearch_cli.runs.record import RunRecorder
from docsearch_cli.steps import PlannedStep
recorder = RunRecorder.create(Path(sys.argv[1]), {"question": "q"})
def record(number, **more):
    step = PlannedStep(number, "traverse", "a.md", 0, 0.5, None, 0, "keyword")
    return StepRecord(step, f"{number}-traverse-aaaaaa", "f@1", str(number).encode(), **more)
recorder.commit(None, [], [record(1)])
recorder.commit(record(1, output=b"o"), [], [record(2)])
print(recorder.run_id, flush=True)
recorder.store.connection.execute("begin immediate")
recorder.store.add_event("half", {})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_nothing_that_was_committed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    store = open_run(tmp_path, done.stdout.strip())

    assert [(row.id, row.status) for row in store.steps()] == [
        ("1-traverse-aaaaaa", "ok"),
        ("2-traverse-aaaaaa", "running"),
    ]
    assert store.check_chain() == 7
    store.close()

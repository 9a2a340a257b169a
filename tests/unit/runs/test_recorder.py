import signal
import stat
import subprocess
import sys
import time

import pytest

from docsearch_cli.engine.step_record import Attempt, StepRecord
from docsearch_cli.errors import InputError, RunBusyError
from docsearch_cli.runs import recorder as recorder_module
from docsearch_cli.runs.catalog import DATABASE, run_folder
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.unrecorded import UnrecordedRun
from docsearch_cli.steps import Drop, PlannedStep
from tests.support import REPOSITORY


def step(number, parent=None):
    return PlannedStep(number, "traverse", f"n{number}.md", 0, 0.5, parent, 0, "keyword")


def record(number, **changes):
    return StepRecord(
        step(number), f"{number}-traverse-aaaaaa", "f@1", f"input {number}".encode(), **changes
    )


FACTS = {"question": "q", "limits": {"max_agents": 3}, "created_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def recorder(tmp_path):
    made = RunRecorder.create(tmp_path, FACTS)
    yield made
    made.close()


@pytest.fixture
def read(recorder, tmp_path):
    """Open the record a second time, as another process would."""
    opened = []

    def again():
        opened.append(RunStore(run_folder(tmp_path, recorder.run_id) / DATABASE))
        return read_trace(opened[-1]), opened[-1]

    yield again
    for store in opened:
        store.close()


def test_a_new_run_is_running_and_says_what_was_asked(recorder, read):
    trace, _ = read()

    assert (trace.status, trace.facts["question"]) == ("running", "q")
    assert trace.run_id == recorder.run_id


def test_each_run_has_an_id_of_its_own(tmp_path):
    recorders = [RunRecorder.create(tmp_path, {}) for _ in range(5)]
    for made in recorders:
        made.close()

    assert len({made.run_id for made in recorders}) == 5


def test_a_runs_folder_is_private(recorder):
    assert stat.S_IMODE(recorder.store.path.parent.stat().st_mode) == 0o700


def test_a_place_that_cannot_be_written_is_an_input_error(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="cannot be recorded"):
        RunRecorder.create(tmp_path / "file", {})


def test_inputs_are_there_before_a_step_has_run(recorder, read):
    recorder.commit(None, [], [record(1)])
    trace, store = read()
    (row,) = trace.steps

    assert (row.status, row.output) == ("running", None)
    assert store.blob(row.input) == b"input 1"


def test_a_commit_is_there_with_all_that_follows_from_it(recorder, read):
    recorder.commit(None, [], [record(1)])
    ended = record(1)
    ended.succeed(b"output")
    ended.attempts.append(Attempt(1, "ok", 5.0, 99, log=b"said"))
    recorder.commit(ended, [Drop(1, 2, "x.md", "fan_out", 0.1)], [record(2)])
    trace, store = read()
    first, second = trace.steps

    assert (first.status, store.blob(first.output)) == ("ok", b"output")
    assert second.status == "running"
    assert trace.drops == [Drop(1, 2, "x.md", "fan_out", 0.1)]
    assert store.blob(first.attempts[0].log) == b"said"


def test_a_record_says_when_each_attempt_began_since_the_run_did(recorder, read):
    begun_s = time.monotonic()
    recorder.commit(None, [], [record(1)])
    made = ended(1)
    made.attempts = [
        Attempt(1, "crash", 5.0, 99, started_s=begun_s + 60),
        Attempt(2, "ok", 5.0, 99, started_s=begun_s + 120),
        Attempt(3, "error", 0, 0, "not valid"),
    ]
    recorder.commit(made, [], [])
    (row,) = read()[0].steps
    first, second, third = (attempt.started_ms for attempt in row.attempts)

    assert 60_000 <= first == row.started_ms < 120_000 <= second
    assert third is None


def test_a_step_that_every_search_has_says_when_it_began(recorder, read):
    recorder.run_step("intent", "f@1", b"{}", lambda payload: payload)
    (row,) = read()[0].fixed

    assert row.started_ms >= 0


def test_a_record_of_the_version_before_says_no_times(recorder, read, tmp_path):
    recorder.commit(None, [], [record(1), record(2)])
    recorder.store.connection.execute("pragma user_version = 2")
    recorder.close()
    again = resumed(recorder, tmp_path)
    made = ended(1)
    made.attempts = [Attempt(1, "ok", 5.0, 99, started_s=time.monotonic())]
    again.commit(made, [], [])
    again.run_step("aggregate", "f@1", b"{}", lambda payload: payload)
    again.close()
    trace, store = read()

    assert not store.has_start_times
    assert trace.step(1).attempts[0].started_ms is None
    assert trace.fixed[0].started_ms is None


def test_a_failed_step_keeps_its_error(recorder, read):
    recorder.commit(None, [], [record(1)])
    failed = record(1)
    failed.attempts.append(Attempt(1, "error", 5.0, 99, "Boom: it broke", "trace"))
    failed.fail("Boom: it broke")
    recorder.commit(failed, [], [])
    (row,) = read()[0].steps

    assert (row.status, row.output, row.error) == ("failed", None, "Boom: it broke")


def test_a_step_of_every_search_is_recorded_with_input_and_output(recorder, read):
    name, output = recorder.run_step("plan", "f@1", b"in", bytes.upper)
    trace, store = read()
    (row,) = trace.fixed

    assert (name, output) == (row.id, b"IN")
    assert (row.number, row.kind, store.blob(row.output)) == (None, "plan", b"IN")


def test_the_input_of_a_step_that_raises_is_recorded(recorder, read):
    def fail(payload):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        recorder.run_step("plan", "f@1", b"in", fail)
    trace, store = read()

    assert store.blob(trace.fixed[0].input) == b"in"


def ended(number, output=b"o"):
    made = record(number)
    made.succeed(output)
    return made


def test_a_finished_run_says_how_it_ended(recorder, read):
    recorder.run_step("plan", "f@1", b"in", bytes.upper)
    recorder.commit(None, [], [record(1)])
    recorder.commit(ended(1), [Drop(None, 0, "s", "seeds", 0.0)], [])
    recorder.finish("complete", stop_reason="budget")
    trace, store = read()

    assert (trace.status, trace.ending["stop_reason"]) == ("complete", "budget")
    assert store.check_blobs() == 4


def test_a_commit_that_fails_leaves_nothing_of_itself(recorder, read):
    recorder.commit(None, [], [record(1)])
    broken = record(2)
    broken.payload = None

    with pytest.raises(TypeError):
        recorder.commit(ended(1), [], [broken])
    (row,) = read()[0].steps

    assert row.status == "running"


def resumed(recorder, home):
    store = RunStore(run_folder(home, recorder.run_id) / DATABASE)
    trace = read_trace(store)
    store.close()
    return RunRecorder.resume(home, trace, {"created_at": "later"})


def test_a_run_that_goes_on_writes_only_what_is_new(recorder, read, tmp_path):
    drop = Drop(None, 7, "s", "seeds", 0.0)
    recorder.commit(None, [drop], [record(1), record(2)])
    recorder.commit(ended(1), [Drop(1, 0, "x", "fan_out", 0.1)], [record(3)])
    recorder.close()
    again = resumed(recorder, tmp_path)
    again.commit(None, [drop], [record(1), record(2)])
    again.commit(ended(1), [Drop(1, 0, "x", "fan_out", 0.1)], [record(3)])
    again.commit(ended(2), [], [])
    again.close()
    trace, _ = read()

    assert trace.drops == [drop, Drop(1, 0, "x", "fan_out", 0.1)]
    assert [row.status for row in trace.steps] == ["ok", "ok", "running"]
    assert [commit.number for commit in trace.commits] == [None, 1, 2]
    assert trace.resumed == ({"created_at": "later"},)


def test_what_was_kept_is_committed_when_the_run_goes_on(recorder, read, tmp_path):
    recorder.commit(None, [], [record(1), record(2)])
    recorder.keep([ended(2)])
    recorder.finish("partial", stop_reason="deadline")
    again = resumed(recorder, tmp_path)
    again.commit(ended(1), [], [])
    again.commit(ended(2), [Drop(2, 0, "x", "fan_out", 0.1)], [])
    again.close()
    trace, _ = read()

    assert trace.kept == (2,)
    assert [commit.number for commit in trace.commits] == [None, 1, 2]
    assert trace.drops == [Drop(2, 0, "x", "fan_out", 0.1)]
    assert trace.ending == {}


def test_a_run_that_went_on_elsewhere_meanwhile_is_not_resumed(recorder, tmp_path):
    recorder.commit(None, [], [record(1)])
    recorder.close()
    store = RunStore(run_folder(tmp_path, recorder.run_id) / DATABASE)
    stale = read_trace(store)
    store.close()
    resumed(recorder, tmp_path).close()

    with pytest.raises(RunBusyError, match="meanwhile"):
        RunRecorder.resume(tmp_path, stale, {})


def test_a_run_that_is_written_by_another_process_cannot_go_on(recorder, tmp_path):
    with pytest.raises(RunBusyError):
        resumed(recorder, tmp_path)


def test_an_unrecorded_run_runs_steps_and_keeps_nothing(tmp_path):
    run = UnrecordedRun()
    run.commit(None, [], [])
    run.finish("complete")

    assert run.run_step("plan", "f@1", b"in", bytes.upper)[1] == b"IN"
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.steps import PlannedStep
recorder = RunRecorder.create(Path(sys.argv[1]), {"question": "q"})
def record(number):
    step = PlannedStep(number, "traverse", "a.md", 0, 0.5, None, 0, "keyword")
    return StepRecord(step, f"{number}-traverse-aaaaaa", "f@1", str(number).encode())
recorder.commit(None, [], [record(1)])
ended = record(1)
ended.succeed(b"o")
recorder.commit(ended, [], [record(2)])
print(recorder.run_id, flush=True)
recorder.store.connection.execute("begin immediate")
recorder.store.append("half", {})
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
    store = RunStore(run_folder(tmp_path, done.stdout.strip()) / DATABASE)
    trace = read_trace(store)

    assert [(row.id, row.status) for row in trace.steps] == [
        ("1-traverse-aaaaaa", "ok"),
        ("2-traverse-aaaaaa", "running"),
    ]
    assert trace.events == 3
    assert store.check_blobs() == 3
    store.close()


def test_an_id_that_is_taken_is_drawn_again(tmp_path, monkeypatch):
    drawn = iter(["aaaa0000", "aaaa0000", "bbbb1111"])
    monkeypatch.setattr("docsearch_cli.runs.recorder.secrets.token_hex", lambda count: next(drawn))
    recorders = [RunRecorder.create(tmp_path, {}) for _ in range(2)]
    for made in recorders:
        made.close()

    assert [made.run_id for made in recorders] == ["aaaa0000", "bbbb1111"]


def test_a_folder_that_is_removed_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    drawn = iter(["aaaa0000", "bbbb1111"])
    monkeypatch.setattr("docsearch_cli.runs.recorder.secrets.token_hex", lambda count: next(drawn))
    real = recorder_module.run_lock

    def removed_first(folder):
        if folder.name == "aaaa0000":
            folder.rmdir()
        return real(folder)

    monkeypatch.setattr(recorder_module, "run_lock", removed_first)
    made = RunRecorder.create(tmp_path, {})
    made.close()

    assert made.run_id == "bbbb1111"


def test_what_was_kept_already_is_not_kept_again(recorder, read, tmp_path):
    recorder.commit(None, [], [record(1), record(2)])
    recorder.keep([ended(2)])
    recorder.close()
    again = resumed(recorder, tmp_path)
    again.keep([ended(2)])
    again.close()

    assert read()[0].kept == (2,)


def test_an_attempt_is_recorded_whole(recorder, read):
    recorder.commit(None, [], [record(1)])
    failed = record(1)
    failed.attempts.append(Attempt(1, "crash", 5.0, 99, "Died: 9", "a stack", b"said", "f@1"))
    failed.fail("Died: 9")
    recorder.commit(failed, [], [])
    trace, store = read()
    (attempt,) = trace.step(1).attempts

    assert (attempt.number, attempt.status, attempt.elapsed_ms, attempt.worker) == (
        1, "crash", 5.0, 99,
    )  # fmt: skip
    assert (attempt.error, attempt.function) == ("Died: 9", "f@1")
    assert (store.blob(attempt.detail), store.blob(attempt.log)) == (b"a stack", b"said")


def test_a_step_that_is_known_is_not_run(recorder, read):
    _, output = recorder.run_step("plan", "f@1", b"in", fail_if_called, known=b"known")
    (row,) = read()[0].fixed

    assert (output, row.origin, row.status) == (b"known", "fork", "ok")


def fail_if_called(payload):
    raise AssertionError("it is known already")


def test_an_id_that_is_asked_for_is_had_by_the_first_who_asks(tmp_path):
    recorders = [RunRecorder.create(tmp_path, {}, "abcd0123") for _ in range(2)]

    first, second = (made.run_id for made in recorders)
    for made in recorders:
        made.close()
    assert first == "abcd0123"
    assert second != first

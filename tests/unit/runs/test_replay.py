import json
import sqlite3
from dataclasses import replace

import pytest

from docsearch_cli.errors import InputError, RunCorruptError, StepNotFoundError, UsageError
from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.step_functions import FUNCTIONS, INTENT
from docsearch_cli.runs.catalog import DATABASE, run_folder
from docsearch_cli.runs.picture import picture_run
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.runs.replay import replay_step, rerun_step
from docsearch_cli.runs.store import RunStore
from docsearch_cli.steps import canonical_json
from tests.unit.runs.forging import forging

FACTS = {"question": "what is it", "term_count": 1, "best_share": 0.9, "named": [], "missing": []}


BEGUN = {"question": "q", "source": "older", "index": "digest", "created_at": "then", "roots": []}


def open_run(home, run_id):
    return RunStore(run_folder(home, run_id) / DATABASE)


@pytest.fixture
def run(tmp_path):
    """A finished run of one step, opened for reading."""
    recorder = RunRecorder.create(tmp_path, BEGUN)
    recorder.run_step("intent", INTENT, canonical_json(FACTS), FUNCTIONS[INTENT])
    recorder.finish("complete", stop_reason="frontier_empty")
    store = open_run(tmp_path, recorder.run_id)
    yield store
    store.close()


def test_a_step_that_gives_the_same_is_reproduced(tmp_path, run):
    result = replay_step(tmp_path, run, "intent")

    assert result.reproduced
    assert result.now == result.recorded
    assert result.differences == ()


def test_replay_says_that_the_code_is_another(tmp_path, run):
    assert "code" in {item.what for item in replay_step(tmp_path, run, "intent").drift}


def test_replay_says_that_the_index_is_gone(tmp_path, run):
    assert "index" in {item.what for item in replay_step(tmp_path, run, "intent").drift}


def test_a_changed_input_is_used_and_said(tmp_path, run):
    result = replay_step(tmp_path, run, "intent", changes=("best_share=0.1",))

    assert result.input["best_share"] == 0.1
    assert [item.field for item in result.differences] == ["reason", "unsure"]


def test_a_change_of_an_unknown_field_lists_the_fields(tmp_path, run):
    with pytest.raises(UsageError) as raised:
        replay_step(tmp_path, run, "intent", changes=("beast_share=1",))

    assert "best_share" in raised.value.hint


def test_a_step_that_raises_now_is_not_reproduced(tmp_path, run):
    def fail(definition, value):
        raise RuntimeError("boom")

    result = replay_step(tmp_path, run, "intent", call=fail)

    assert not result.reproduced
    assert result.error == "RuntimeError: boom"
    assert result.now is None


def test_another_output_differs_with_its_fields(tmp_path, run):
    def change(definition, value):
        found = definition.call(value)
        return type(found)(found.mode, "another reason")

    result = replay_step(tmp_path, run, "intent", call=change)

    assert not result.reproduced
    assert [item.field for item in result.differences] == ["reason"]


def test_an_unknown_step_lists_the_steps(tmp_path, run):
    with pytest.raises(StepNotFoundError) as raised:
        replay_step(tmp_path, run, "7")

    assert "intent-" in raised.value.hint


def test_a_step_of_a_function_that_is_gone_says_so(tmp_path):
    recorder = RunRecorder.create(tmp_path, BEGUN)
    recorder.run_step("plan", "explore.plan@0", b"{}", lambda payload: b"{}")
    recorder.finish("complete")
    store = open_run(tmp_path, recorder.run_id)

    with pytest.raises(RunCorruptError, match=r"explore\.plan@0"):
        replay_step(tmp_path, store, "plan")
    store.close()


def test_a_replay_changes_nothing(tmp_path, run):
    before = run.path.read_bytes()
    replay_step(tmp_path, run, "intent", changes=("best_share=0.1",))
    picture_run(tmp_path, run)

    assert run.path.read_bytes() == before


def test_the_local_agent_is_registered_under_its_name():
    assert FUNCTIONS[AGENTS["local"].function].call is decide
    assert json.loads(canonical_json(FACTS)) == FACTS


def test_a_step_whose_node_was_gone_has_nothing_to_run_on(tmp_path, record):
    with forging(record) as forgery:
        forgery.sent(2)["input"] = forgery.put({})
        forgery.commit_of(2)["ended"].update(status="failed", output=None, error="a.md is gone")

    with pytest.raises(InputError, match=r"nothing to run on: a\.md is gone"):
        replay_step(tmp_path, record, "2")


def test_no_more_than_twenty_differences_are_given(tmp_path, run):
    definition = replace(FUNCTIONS[INTENT], dump=lambda output: {f"x{n}": n for n in range(30)})
    result = replay_step(tmp_path, run, "intent", call=lambda _, value: value)
    many = rerun_step(run, result.step, definition, FACTS)

    assert len(many.differences) == 20


def test_a_recorded_failure_is_reproduced_by_the_same_error_only(tmp_path, record):
    with forging(record) as forgery:
        ended = forgery.commit_of(2)["ended"]
        ended.update(status="failed", output=None, error="ValueError: no")

    def fail(text):
        def call(definition, value):
            raise ValueError(text)

        return replay_step(tmp_path, record, "2", call=call)

    assert fail("no").reproduced
    assert not fail("yes").reproduced
    assert not replay_step(tmp_path, record, "2").reproduced


def test_a_document_that_changed_is_said_of_the_steps_that_read_it(tmp_path, record):
    with forging(record) as forgery:
        forgery.facts["roots"] = [{"name": "", "path": str(tmp_path / "nowhere")}]

    assert "document" in {item.what for item in replay_step(tmp_path, record, "1").drift}
    assert "document" not in {item.what for item in replay_step(tmp_path, record, "plan").drift}


def test_an_outcome_that_cannot_be_read_is_damage_and_no_difference(tmp_path, run):
    output = next(event.data["output"] for event in run.events() if "output" in event.data)
    run.close()
    (folder,) = (tmp_path / "runs").iterdir()
    path = folder / DATABASE
    with sqlite3.connect(path) as connection:
        connection.execute("update blobs set data = x'00' where hash = ?", (output,))
    connection.close()

    damaged = RunStore(path)
    with pytest.raises(RunCorruptError, match="cannot be read"):
        replay_step(tmp_path, damaged, "intent")
    damaged.close()

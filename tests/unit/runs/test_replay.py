import json

import pytest

from docsearch_cli.errors import RunCorruptError, StepNotFoundError, UsageError
from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.step_functions import FUNCTIONS, INTENT
from docsearch_cli.runs.catalog import DATABASE, run_folder
from docsearch_cli.runs.differences import find_differences
from docsearch_cli.runs.input_changes import apply_change
from docsearch_cli.runs.picture import picture_run
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.runs.replay import replay_step
from docsearch_cli.runs.store import RunStore
from docsearch_cli.steps import canonical_json

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


def test_a_picture_counts_the_hashes_it_checked(tmp_path, run):
    picture = picture_run(tmp_path, run)

    assert picture.checked == len(run.events()) + run.check_blobs() == 6
    assert picture.trace.facts["question"] == "q"


def test_a_run_that_was_interrupted_can_be_drawn(tmp_path):
    recorder = RunRecorder.create(tmp_path, BEGUN)
    recorder.close()
    store = open_run(tmp_path, recorder.run_id)
    picture = picture_run(tmp_path, store)
    store.close()

    assert picture.steps == ()
    assert picture.trace.status == "running"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("a=text", {"a": "text", "b": [{"c": 2}]}),
        ('a="1"', {"a": "1", "b": [{"c": 2}]}),
        ("a=x=y", {"a": "x=y", "b": [{"c": 2}]}),
        ("a=", {"a": "", "b": [{"c": 2}]}),
        ("b.0.c=1.5", {"a": "", "b": [{"c": 1.5}]}),
        ("b=[]", {"a": "", "b": []}),
    ],
)
def test_a_change_replaces_one_field(change, expected):
    facts = {"a": "", "b": [{"c": 2}]}
    apply_change(facts, change)

    assert facts == expected


@pytest.mark.parametrize("change", ["a=1", "a=null", "b=3", "b=[3]", "b.0.c=x", "b.0.c=true"])
def test_a_change_keeps_the_kind_of_its_field(change):
    facts = {"a": "", "b": [{"c": 2}]}
    with pytest.raises(UsageError, match="cannot be"):
        apply_change(facts, change)

    assert facts == {"a": "", "b": [{"c": 2}]}


@pytest.mark.parametrize("change", ["", "a", "=1", "z=1", "b.9.c=1", "b.x=1", "a.b=1", "b.0.c.d=1"])
def test_a_change_that_fits_no_field_is_a_usage_error(change):
    with pytest.raises(UsageError):
        apply_change({"a": 0, "b": [{"c": 2}]}, change)


def test_differences_name_the_field():
    found = find_differences({"a": [1, {"b": 2}], "c": 1}, {"a": [1, {"b": 3}], "d": 1})

    assert [(item.field, item.recorded, item.now) for item in found] == [
        ("a.1.b", 2, 3),
        ("c", 1, None),
        ("d", None, 1),
    ]


def test_lists_of_other_lengths_differ_as_a_whole():
    assert [item.field for item in find_differences({"a": [1]}, {"a": [1, 2]})] == ["a"]


def test_the_local_agent_is_registered_under_its_name():
    assert FUNCTIONS[AGENTS["local"].function].call is decide
    assert json.loads(canonical_json(FACTS)) == FACTS

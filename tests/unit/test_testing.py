"""The public assertions: each passes on what is right, and says exactly what is wrong."""

import copy
import json
import re
import subprocess
import sys

import pytest

from docsearch_cli.cli.output import envelope
from docsearch_cli.config import load_settings
from docsearch_cli.errors import RunNotFoundError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.runs.canonical import chain_hash
from docsearch_cli.runs.catalog import DATABASE, EXPORT_SUFFIX, opened_run, run_folder
from docsearch_cli.runs.store import RunStore
from docsearch_cli.search.ask import ask
from docsearch_cli.search.result import AskOptions, check_result
from docsearch_cli.steps import canonical_json
from docsearch_cli.testing import assert_quotes_stand, assert_same_dag, assert_within_budget
from tests.searching import ShuffledEngine, ask_deep, make_world
from tests.support import write_files
from tests.unit.corpus.conftest import make_pdf

LIMITS = {"max_agents": 12, "max_depth": 3, "fan_out": 2, "seeds": 3, "window": 3}


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, 3, LIMITS)


@pytest.fixture
def run(world):
    """A finished run: its home and id."""
    return world.home, ask_deep(world).run_id


@pytest.fixture
def other(world):
    """The same question, asked again."""
    return world.home, ask_deep(world, ShuffledEngine(1, 4)).run_id


def doctor(run, change):
    """Change a run's events as somebody would who makes every hash right again."""
    store = RunStore(run_folder(*run) / DATABASE, "append")
    rows = [(event.kind, event.data) for event in store.events()]
    store.connection.execute("delete from events")
    before = ""
    for seq, (kind, data) in enumerate(rows, start=1):
        change(store, kind, data)
        text = canonical_json(data).decode()
        before = chain_hash(before, kind, text)
        store.connection.execute("insert into events values (?,?,?,?)", (seq, kind, text, before))
    store.close()


def message_of(assertion, *arguments, **options):
    with pytest.raises(AssertionError) as error:
        assertion(*arguments, **options)
    return str(error.value)


def test_two_runs_of_a_question_have_the_same_dag(run, other):
    assert_same_dag(run, other)
    assert_same_dag((str(run[0]), run[1][:6]), other)


def test_an_exported_run_has_the_same_dag_as_its_original(run, tmp_path):
    file = tmp_path / f"kept{EXPORT_SUFFIX}"
    with opened_run(*run) as store:
        store.copy_to(file)

    assert_same_dag(file, run)
    assert_within_budget(str(file))


def test_a_run_with_other_limits_differs_and_the_limits_are_named(run, world, tmp_path):
    wider = make_world(tmp_path / "other", 3, {**LIMITS, "max_agents": 4})
    message = message_of(assert_same_dag, run, (wider.home, ask_deep(wider).run_id))

    assert re.search(r"differ first at step \d+:\n  ", message)
    assert "their settings differ:" in message
    assert "limits.max_agents: 12 -> 4" in message


def test_a_run_that_ended_earlier_differs_at_the_first_step_it_lacks(run, world):
    with opened_run(*run) as store:
        count = sum(len(event.data["sent"]) for event in store.events() if event.kind == "commit")
    shorter = load_settings({**LIMITS, "max_agents": count - 1}, environment={})
    small = type(world)(world.home, world.index, world.question, shorter)
    message = message_of(assert_same_dag, run, (world.home, ask_deep(small).run_id))

    assert f"differ first at step {count}:" in message
    assert "had ended" in message


def raise_a_priority(_store, kind, data):
    for step in data.get("sent", []) if kind == "commit" else []:
        if step["number"] == 2:
            step["priority"] = 9.75


def change_an_output(store, kind, data):
    if kind == "commit" and data["number"] == 2:
        decision = json.loads(store.blob(data["ended"]["output"]))
        decision["relevance"] = 0.625
        data["ended"]["output"] = store.put_blob(canonical_json(decision))


def change_the_end(_store, kind, data):
    if kind == "run_finished":
        data["stop_reason"] = "answered" if data["stop_reason"] != "answered" else "budget"


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (raise_a_priority, ["differ first at step 2:", "priority: ", "9.75 in "]),
        (change_an_output, ["differ first at step 2:", "output.relevance: ", "0.625 in "]),
        (change_the_end, ["took the same steps and ended differently:", "stop_reason: "]),
    ],
)
def test_a_doctored_run_differs_in_the_field_that_was_changed(run, other, change, parts):
    doctor(other, change)
    message = message_of(assert_same_dag, run, other)

    assert all(part in message for part in parts), message
    assert f"{run[1]} and run {other[1]}" in message
    assert "settings differ" not in message


def test_a_run_keeps_its_budget_and_tighter_caps_that_it_meets(run):
    assert_within_budget(run)
    assert_within_budget(run, max_agents=12, fan_out=2)


def test_a_tighter_cap_that_is_passed_is_named_with_what_was_used(run):
    message = message_of(assert_within_budget, run, max_agents=1, max_depth=0)

    assert f"run {run[1]} passed its limits:" in message
    assert re.search(r"max_agents: used \d+, cap 1$", message, re.MULTILINE)
    assert re.search(r"max_depth: used \d+, cap 0$", message, re.MULTILINE)


def test_a_cap_of_no_limit_is_refused(run):
    with pytest.raises(ValueError, match="max_agnets"):
        assert_within_budget(run, max_agnets=3)


def test_a_run_whose_limits_were_lowered_afterwards_passed_them(run):
    def lower(_store, kind, data):
        if kind == "run_started":
            data["limits"]["max_agents"] = 1

    doctor(run, lower)
    message = message_of(assert_within_budget, run)

    assert re.search(r"max_agents: used \d+, cap 1$", message, re.MULTILINE)


def test_a_run_that_counts_right_and_broke_its_rules_cannot_be_verified(run):
    doctor(run, raise_a_priority)
    message = message_of(assert_within_budget, run)

    assert message.startswith(f"run {run[1]} cannot be verified: ")
    assert "step 2" in message


@pytest.mark.parametrize("assertion", [assert_within_budget, lambda run: assert_same_dag(run, run)])
@pytest.mark.parametrize("wrong", ["abcd", "nowhere.docsearch-run"])
def test_a_run_that_is_not_there_is_an_error_of_its_own(assertion, wrong):
    with pytest.raises(RunNotFoundError):
        assertion(wrong)


FILES = {
    "a.md": "---\ntitle: Z\n---\n# Zebra\r\n\r\nThe *zebra* runs\r\nfast, over land.\r\n",
    "b.md": b"\xef\xbb\xbf# Mark\n\nThe zebra of \xe6\x96\x91\xe9\xa6\xac kicks.\n",
    "c.pdf": make_pdf([[(12, "Nothing here")], [(12, "The zebra of a page sleeps.")]]),
}


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / "docs", FILES)


@pytest.fixture
def result(folder, tmp_path):
    """What ``ask --json`` prints."""
    home = tmp_path / ".docsearch"
    build_index(home, [folder])
    index = open_index(home)
    options = AskOptions(settings=load_settings({}, environment={}), mode="simple")
    checked = check_result(index, ask(home, index, "what does the zebra do?", options))
    return json.loads(json.dumps(envelope("ask", "success", 0, checked.to_dict())))


def doctored(result, path, /, **fields):
    changed = copy.deepcopy(result)
    item = next(item for item in changed["data"]["evidence"] if item["path"] == path)
    item.update(fields)
    return changed


def test_the_quotes_of_a_result_stand(result, folder):
    assert {item["path"] for item in result["data"]["evidence"]} == set(FILES)
    assert_quotes_stand(result, folder)
    assert_quotes_stand(result["data"], str(folder))


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("a.md", {"quote": "The zebra runs"}, 'a.md, lines 6-7: "The zebra runs" is not there'),
        ("a.md", {"line_start": 7}, "a.md, lines 7-7: "),
        ("b.md", {"quote": "The zebra of 斑馬 walks."}, "b.md, lines 3-3: "),
        ("c.pdf", {"line_start": 1, "line_end": 1}, "c.pdf, pages 1-1: "),
        ("c.pdf", {"quote": "The zebra of a page wakes."}, "c.pdf, pages 2-2: "),
        ("a.md", {"path": "gone.md"}, "gone.md, lines 6-7: "),
        ("a.md", {"path": "../docs.md"}, "../docs.md, lines 6-7: "),
    ],
)
def test_a_doctored_quote_is_named_with_its_file_and_lines(result, folder, path, fields, said):
    (folder.parent / "docs.md").write_text("# Zebra\n")
    message = message_of(assert_quotes_stand, doctored(result, path, **fields), folder)

    assert re.match(r"1 of \d+ quotes do not stand:\n  ", message)
    assert said in message


def test_a_file_that_changed_since_no_longer_holds_its_quotes(result, folder):
    (folder / "a.md").write_text("# Zebra\n\nIt sleeps.\n")

    assert "a.md, lines" in message_of(assert_quotes_stand, result, folder)


@pytest.mark.parametrize("nothing", [{"data": {"evidence": []}}, {"data": None}, {}])
def test_a_result_without_quotes_fails(nothing, tmp_path):
    assert message_of(assert_quotes_stand, nothing, tmp_path) == "the result has no quotes"


def test_importing_it_loads_nothing_heavy():
    program = "import sys, docsearch_cli.testing\nprint(*sys.modules)"
    line = [sys.executable, "-c", program]
    loaded = subprocess.run(line, capture_output=True, text=True, check=True).stdout.split()

    assert "docsearch_cli.testing" in loaded
    assert not {"pytest", "numpy", "networkx", "typer", "rich", "sqlite3"} & set(loaded)

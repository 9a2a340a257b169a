import sqlite3
import zlib
from dataclasses import replace

import pytest

from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging

QUESTION = "how do retries and the buffer limit work together?"


@pytest.fixture
def run_id(inline, fenwick):
    """A deep run over documents that the test may change."""
    words = ["ask", QUESTION, "--deep", "--engine", "inline", "--json", "--max-agents", "6"]
    return inline(*words).data["run_id"]


def database(home, run_id):
    return home / ".docsearch" / "runs" / run_id / "run.db"


def change(path, statement, *values):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, values)
    connection.close()


def steps(home, run_id):
    with opened_run(home / ".docsearch", run_id) as store:
        return [(row.id, row.kind, row.number, row.output) for row in read_trace(store).all_steps()]


def forge_event(path, kind, change):
    store = RunStore(path, "append")
    with forging(store) as forgery:
        for data in forgery.all(kind):
            change(data)
    store.close()


def without(data, *names):
    for name in names:
        del data[name]


LACKING = [
    ("run_finished", "budget"),
    ("run_finished", "seconds"),
    ("run_started", "question"),
    ("run_started", "created_at"),
]


@pytest.mark.parametrize(("kind", "name"), LACKING)
def test_a_record_that_lacks_what_is_shown_makes_no_sense(inline, fenwick, run_id, kind, name):
    forge_event(database(fenwick, run_id), kind, lambda data: without(data, name))
    ended = inline("replay", run_id)

    assert ended.code == 3
    assert "makes no sense" in ended.stderr


def test_a_complete_run_that_does_not_say_why_it_ended_is_not_resumed(inline, fenwick, run_id):
    path = database(fenwick, run_id)
    forge_event(path, "run_finished", lambda data: without(data, "stop_reason"))
    ended = inline("resume", run_id)

    assert ended.code == 3
    assert f"run {run_id} is complete" in ended.stderr


@pytest.mark.parametrize("name", ["question", "starts"])
def test_a_record_without_what_was_asked_is_not_forked(inline, fenwick, run_id, name):
    path = database(fenwick, run_id)
    forge_event(path, "run_started", lambda data: without(data, name))
    ended = inline("fork", run_id, "--at", "0", "--set", "max_agents=2", "--engine", "inline")

    assert ended.code == 3
    assert "makes no sense" in ended.stderr


def test_a_run_is_drawn_again_with_its_hashes_checked(inline, run_id):
    ended = inline("replay", run_id)

    assert ended.code == 0
    assert QUESTION in ended.stdout
    assert run_id in ended.stdout
    assert "recorded hashes checked" in ended.stderr


@pytest.mark.parametrize("agents", ["6", "200"])
def test_a_replay_draws_the_tree_that_was_shown(inline, fenwick, agents):
    words = ["ask", QUESTION, "--deep", "--engine", "inline", "--max-agents", agents]
    shown = inline(*words).stdout
    run_id = inline("runs", "list", "--json").data["runs"][0]["run_id"]
    drawn = inline("replay", run_id).stdout

    tree = [line for line in shown.splitlines() if "──" in line or line.startswith("stopped: ")]
    assert len(tree) > 2
    assert all(line in drawn.splitlines() for line in tree)


def test_every_step_of_a_run_is_reproduced(inline, fenwick, run_id):
    found = steps(fenwick, run_id)

    assert {row[1] for row in found} == {"intent", "plan", "traverse", "aggregate"}
    for step, _, _, _ in found:
        ended = inline("replay", run_id, "--step", step)
        assert ended.code == 0, step
        assert "REPRODUCED" in ended.stdout


@pytest.mark.parametrize("step", ["1", "plan", "1-trav", "agg"])
def test_a_step_is_named_by_number_kind_or_start(inline, run_id, step):
    ended = inline("replay", run_id[:5], "--step", step, "--json")

    assert ended.code == 0
    assert ended.data["verdict"] == "REPRODUCED"


def test_a_replayed_step_shows_what_its_agent_saw_and_why_it_decided(inline, run_id):
    shown = inline("replay", run_id, "--step", "1").stdout

    assert "saw " in shown
    assert "decided " in shown
    assert "of the question" in shown


def test_the_json_of_a_replayed_step_has_its_keys(inline, run_id):
    assert set(inline("replay", run_id, "--step", "1", "--json").data) == {
        "step",
        "verdict",
        "changes",
        "input",
        "recorded",
        "now",
        "error",
        "differences",
        "drift",
        "live",
    }


def test_nothing_has_changed_right_after_a_run(inline, run_id):
    assert inline("replay", run_id, "--step", "1", "--json").data["drift"] == []


def test_a_step_is_reproduced_after_its_document_changed_and_says_so(inline, fenwick, run_id):
    view = inline("replay", run_id, "--step", "1", "--json").data["input"]
    (fenwick / "docs" / view["path"]).write_text("# Something else\n")
    ended = inline("replay", run_id, "--step", "1")

    assert ended.code == 0
    assert "REPRODUCED" in ended.stdout
    assert "changed since" in ended.stderr
    assert view["path"] in ended.stderr


def test_a_step_is_reproduced_after_its_document_is_gone_and_says_so(inline, fenwick, run_id):
    view = inline("replay", run_id, "--step", "1", "--json").data["input"]
    (fenwick / "docs" / view["path"]).unlink()
    ended = inline("replay", run_id, "--step", "1")

    assert ended.code == 0
    assert "REPRODUCED" in ended.stdout
    assert f"{view['path']} is gone" in ended.stderr


def test_a_run_is_reproduced_after_its_corpus_was_indexed_anew(inline, fenwick, run_id):
    (fenwick / "docs" / "new.md").write_text("# Buffer limit retries\n")
    inline("index", "docs")
    whole, step = inline("replay", run_id), inline("replay", run_id, "--step", "1")

    assert (whole.code, step.code) == (0, 0)
    assert "changed since the run: index" in whole.stderr
    assert "REPRODUCED" in step.stdout


def test_a_run_can_be_replayed_when_the_whole_index_is_gone(inline, fenwick, run_id):
    (fenwick / ".docsearch" / "index" / "CURRENT").unlink()
    ended = inline("replay", run_id, "--step", "1", "--index", ".docsearch")

    assert ended.code == 0
    assert "REPRODUCED" in ended.stdout


def test_replaying_changes_nothing_of_the_run(inline, fenwick, run_id):
    before = database(fenwick, run_id).read_bytes()
    inline("replay", run_id)
    inline("replay", run_id, "--step", "1", "--set", "covered=[]")

    assert database(fenwick, run_id).read_bytes() == before


def test_a_changed_input_is_said_and_is_no_failure(inline, run_id):
    ended = inline("replay", run_id, "--step", "1", "--set", "sections=[]", "--json")

    assert ended.code == 0
    assert ended.data["verdict"] == "CHANGED"
    assert ended.data["changes"] == ["sections=[]"]


@pytest.mark.parametrize("setting", ["nonsense=1", "nonsense", "edges.999.score=1"])
def test_a_change_that_fits_nothing_is_a_usage_error(inline, run_id, setting):
    assert inline("replay", run_id, "--step", "1", "--set", setting).code == 2


def test_a_change_without_a_step_is_a_usage_error(inline, run_id):
    assert inline("replay", run_id, "--set", "covered=[]").code == 2


def test_another_agent_than_the_recorded_one_differs(inline, run_id, monkeypatch):
    def decide_otherwise(view):
        return replace(decide(view), reason="another reason")

    monkeypatch.setitem(AGENTS, "local", replace(AGENTS["local"], decide=decide_otherwise))
    monkeypatch.setattr("docsearch_cli.runs.drift.source_digest", lambda: "another")
    ended = inline("replay", run_id, "--step", "1", "--json")
    shown = inline("replay", run_id, "--step", "1")

    assert (ended.code, shown.code) == (6, 6)
    assert ended.data["verdict"] == "DIFFERS"
    assert [item["field"] for item in ended.data["differences"]] == ["reason"]
    assert [item["what"] for item in ended.data["drift"]] == ["code"]
    assert ended.document["errors"][0]["code"] == "replay_differs"
    assert "DIFFERS" in shown.stdout
    assert "changed since the run: code" in shown.stderr


@pytest.mark.parametrize("words", [[], ["--step", "1"]])
def test_a_tampered_output_is_named(inline, fenwick, run_id, words):
    output = next(row[3] for row in steps(fenwick, run_id) if row[2] == 1)
    change(
        database(fenwick, run_id),
        "update blobs set data = ? where hash = ?",
        zlib.compress(b'{"kind":"answer"}'),
        output,
    )
    ended = inline("replay", run_id, *words, "--json")

    assert ended.code == 3
    assert ended.document["errors"][0]["code"] == "run_corrupt"
    assert output[:19] in ended.document["errors"][0]["message"]


def test_a_tampered_event_is_named(inline, fenwick, run_id):
    change(database(fenwick, run_id), "update events set data = '{}' where seq = 3")
    ended = inline("replay", run_id)

    assert ended.code == 3
    assert "event 3" in ended.stderr


def test_a_record_that_is_no_database_is_an_error(inline, fenwick, run_id):
    database(fenwick, run_id).write_bytes(b"garbage" * 1_000)

    assert inline("replay", run_id).code == 3


@pytest.mark.parametrize("name", ["nope", "", "../../etc", "/etc/passwd", ".", "0000"])
def test_an_unknown_run_is_an_error_without_traceback(inline, run_id, name):
    ended = inline("replay", "--", name)

    assert ended.code == 3
    assert "Traceback" not in ended.stderr
    assert "runs list" in ended.stderr


def test_an_unknown_step_lists_the_steps(inline, run_id):
    ended = inline("replay", run_id, "--step", "99")

    assert ended.code == 3
    assert "1-traverse-" in ended.stderr


def test_a_start_that_two_runs_share_lists_both(inline, fenwick, run_id):
    runs = fenwick / ".docsearch" / "runs"
    other = run_id[:-1] + ("0" if run_id[-1] != "0" else "1")
    (runs / other).mkdir()
    (runs / other / "run.db").write_bytes((runs / run_id / "run.db").read_bytes())
    ended = inline("replay", run_id[:4])

    assert ended.code == 3
    assert run_id in ended.stderr
    assert other in ended.stderr


def test_a_document_that_is_gone_does_not_break_the_picture(inline, fenwick, run_id):
    for path in (fenwick / "docs").rglob("*.md"):
        path.unlink()
    inline("index", "docs")
    ended = inline("replay", run_id)

    assert ended.code == 0
    assert "Traceback" not in ended.stderr


def test_the_debugger_stops_where_the_step_begins(docsearch, fenwick, run_id):
    ended = docsearch("replay", run_id, "--step", "1", "--pdb")

    assert "decide" in ended.stdout + ended.stderr
    assert "(Pdb)" in ended.stdout + ended.stderr

import json
import shutil
from dataclasses import replace

import pytest

from docsearch_cli.explore.agents.table import AGENTS

QUESTION = "how do retries and the buffer limit work together?"


@pytest.fixture
def run_id(inline, fenwick):
    words = ["ask", QUESTION, "--deep", "--engine", "inline", "--json", "--max-agents", "2"]
    return inline(*words).data["run_id"]


def test_runs_are_listed_with_what_was_asked(inline, run_id):
    ended = inline("runs", "list")

    assert run_id in ended.stdout
    assert QUESTION in ended.stdout


def test_the_json_list_has_its_keys(inline, run_id):
    (row,) = inline("runs", "list", "--json").data["runs"]

    assert set(row) == {
        "run_id",
        "created_at",
        "status",
        "stop_reason",
        "agents_used",
        "question",
        "filter",
        "problem",
    }
    assert (row["status"], row["agents_used"], row["stop_reason"]) == ("complete", 2, "budget")


def test_no_runs_are_an_empty_list(inline, fenwick):
    assert inline("runs", "list", "--json").data == {"runs": []}
    assert "no runs yet" in inline("runs", "list").stderr


def test_a_damaged_run_does_not_hide_the_others(inline, fenwick, run_id):
    folder = fenwick / ".docsearch" / "runs" / "00000000"
    folder.mkdir()
    (folder / "run.db").write_bytes(b"garbage" * 100)
    ended = inline("runs", "list")

    assert ended.code == 0
    assert run_id in ended.stdout
    assert "00000000" in ended.stderr


def test_no_more_runs_are_listed_than_asked_for(inline, run_id):
    inline("ask", QUESTION, "--deep", "--engine", "inline", "--max-agents", "1")

    assert len(inline("runs", "list", "--limit", "1", "--json").data["runs"]) == 1


def test_the_attempts_of_a_step_are_shown(inline, run_id):
    ended = inline("runs", "logs", run_id, "--step", "1", "--json")

    assert [attempt["status"] for attempt in ended.data["attempts"]] == ["ok"]


def test_a_run_records_limits_code_and_index(inline, run_id):
    meta = inline("replay", run_id, "--json").data["facts"]

    assert meta["limits"]["max_agents"] == 2
    assert {"question", "requested", "source", "index", "version", "engine", "argv"} <= set(meta)
    assert "window" in meta["limits"]


def test_a_record_holds_every_step_with_input_and_output(inline, run_id):
    data = inline("replay", run_id, "--json").data

    assert len(data["steps"]) == 2
    assert data["hashes_checked"] > 4
    assert json.dumps(data)


def test_a_list_that_is_cut_says_how_to_see_the_rest(inline, run_id):
    inline("ask", "what is a sink", "--deep", "--engine", "inline")
    ended = inline("runs", "list", "--limit", "1")

    assert len(ended.stdout.splitlines()) == 1
    assert "1 older ones: --limit 2" in ended.stderr


def test_every_step_of_all_runs_is_run_again(inline, run_id):
    inline("ask", "what is a sink", "--deep", "--engine", "inline", "--max-agents", "1")
    ended = inline("runs", "replay", "--all", "--json")
    rows = {row["run"]: row for row in ended.data["runs"]}

    assert ended.code == 0
    assert len(rows) == 2
    assert set(rows[run_id]) == {
        "run",
        "problem",
        "damaged",
        "steps",
        "reproduced",
        "differs",
        "not_replayed",
        "reasons",
        "unexplained",
        "details",
    }
    assert (rows[run_id]["steps"], rows[run_id]["reproduced"]) == (5, 5)
    assert rows[run_id]["details"] == []


def test_the_table_of_replays_is_readable(inline, run_id):
    ended = inline("runs", "replay", run_id[:6])
    head, row = ended.stdout.splitlines()

    assert head.split() == ["run", "steps", "reproduced", "differs", "not", "replayed"]
    assert row.split() == [run_id[:6], "5", "5", "0", "0"]
    assert ended.stderr == "1 run, 5 steps, 5 reproduced\n"


def test_exported_runs_are_replayed_beside_those_that_are_stored(inline, run_id, tmp_path):
    inline("runs", "export", run_id, "-o", "x.docsearch-run")
    both = inline("runs", "replay", "--all", "./x.docsearch-run", "--json").data["runs"]

    assert [row["run"] for row in both] == [run_id, "./x.docsearch-run"]
    assert [row["reproduced"] for row in both] == [5, 5]


def test_an_exported_run_is_replayed_where_there_is_no_index(inline, run_id, fenwick):
    inline("runs", "export", run_id, "-o", "x.docsearch-run")
    (fenwick / ".docsearch").rename(fenwick / "elsewhere")

    assert inline("runs", "replay", "x.docsearch-run").code == 0
    assert inline("runs", "replay", run_id).code == 3
    assert inline("runs", "replay", "--all").code == 3


def test_what_differs_without_a_reason_ends_with_6(inline, run_id, monkeypatch):
    local = AGENTS["local"]
    wrong = replace(local, decide=lambda view: replace(local.decide(view), reason="other"))
    monkeypatch.setitem(AGENTS, "local", wrong)
    ended = inline("runs", "replay", run_id, "--json")
    shown = inline("runs", "replay", run_id)
    (row,) = ended.data["runs"]

    assert (ended.code, shown.code) == (6, 6)
    assert (ended.document["status"], ended.document["exit_code"]) == ("error", 6)
    assert ended.document["errors"][0]["code"] == "replay_differs"
    assert run_id in ended.document["errors"][0]["message"]
    assert (row["reproduced"], row["differs"], len(row["unexplained"])) == (3, 2, 2)
    assert {tuple(step["fields"]) for step in row["details"]} == {("reason",)}
    assert f"DIFFERS {row['unexplained'][0]}: reason" in shown.stdout


def test_a_replay_of_no_run_is_a_usage_error(inline, fenwick):
    ended = inline("runs", "replay")

    assert ended.code == 2
    assert "--all" in ended.stderr
    assert inline("runs", "replay", "--all", "--json").data == {"runs": []}


def test_an_unknown_run_is_not_replayed(inline, run_id):
    assert inline("runs", "replay", "ffff").code == 3


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_a_record_that_is_cut_is_read_as_far_as_it_goes(inline, fenwick, run_id, share):
    record = fenwick / ".docsearch" / "runs" / run_id / "run.db"
    record.write_bytes(record.read_bytes()[: int(record.stat().st_size * share)])

    (row,) = inline("runs", "list", "--json").data["runs"]
    drawn = inline("replay", run_id)
    as_json = inline("replay", run_id, "--json").document

    assert row["status"] == "damaged"
    assert row["question"]
    assert " is lost: " in drawn.stderr
    assert f"question: {row['question']}" in drawn.stdout
    assert (drawn.code, as_json["exit_code"], as_json["errors"][0]["code"]) == (3, 3, "run_corrupt")
    assert as_json["data"]["lost"]
    assert inline("runs", "verify", run_id).code == 3
    assert inline("resume", run_id).code == 3
    assert inline("runs", "export", run_id).code == 3
    assert not (fenwick / f"{run_id}.docsearch-run").exists()
    assert inline("runs", "rm", run_id).code == 0
    assert inline("runs", "list", "--json").data["runs"] == []


@pytest.mark.parametrize("state", ["empty", "garbage", "folder", "missing"])
def test_whatever_stands_for_a_record_can_be_listed_and_removed(inline, fenwick, run_id, state):
    record = fenwick / ".docsearch" / "runs" / run_id / "run.db"
    record.unlink()
    if state == "folder":
        record.mkdir()
    elif state != "missing":
        record.write_bytes(b"nonsense" * 999 if state == "garbage" else b"")

    listed = inline("runs", "list")

    assert (listed.code, run_id in listed.stderr) == (0, True)
    assert inline("replay", run_id).code == 3
    assert inline("runs", "rm", run_id).code == 0
    assert inline("runs", "list").stderr.startswith("no runs yet")


def test_a_run_is_exported_as_a_report_that_links_into_the_files(inline, run_id, fenwick):
    ended = inline("runs", "export", run_id, "--html", "r.html", "--json")
    page = (fenwick / "r.html").read_text("utf-8")

    assert (ended.code, ended.data["file"], ended.data["run_id"]) == (0, "r.html", run_id)
    assert ended.data["bytes"] == (fenwick / "r.html").stat().st_size
    assert f'href="{(fenwick / "docs").as_uri()}/' in page
    assert f"docsearch replay {run_id} --step 1" in page
    assert "hold" in inline("runs", "export", run_id, "--html", "again.html").stderr


def test_the_report_of_an_exported_run_links_to_no_file(inline, run_id, fenwick):
    inline("runs", "export", run_id, "-o", "x.docsearch-run")
    inline("runs", "export", "x.docsearch-run", "--html", "r.html")
    page = (fenwick / "r.html").read_text("utf-8")

    assert "file:" not in page
    assert "<dt>Again</dt>" not in page


def test_the_report_of_a_run_over_other_folders_links_to_no_file(inline, run_id, fenwick):
    (fenwick / "other").mkdir()
    shutil.copytree(fenwick / "docs", fenwick / "other", dirs_exist_ok=True)
    assert inline("index", "other", "--allow-removal").code == 0
    ended = inline("runs", "export", run_id, "--html", "r.html")

    assert ended.code == 0
    assert "file:" not in (fenwick / "r.html").read_text("utf-8")


def test_a_report_overwrites_no_file(inline, run_id, fenwick):
    (fenwick / "r.html").write_text("mine")
    ended = inline("runs", "export", run_id, "--html", "r.html")

    assert (ended.code, (fenwick / "r.html").read_text()) == (3, "mine")
    assert "exists already" in ended.stderr


@pytest.mark.parametrize("words", [["-o", "x.docsearch-run"], ["--sign", "key.pem"]])
def test_a_report_is_written_instead_of_a_record(inline, run_id, words):
    ended = inline("runs", "export", run_id, "--html", "r.html", *words)

    assert ended.code == 2
    assert "give one of them" in ended.stderr


def test_a_report_that_cannot_be_written_is_an_error(inline, run_id):
    assert inline("runs", "export", run_id, "--html", "none/r.html").code == 3


def test_a_report_of_no_run_is_an_error(inline, fenwick):
    assert inline("runs", "export", "ffff", "--html", "r.html").code == 3
    assert not (fenwick / "r.html").exists()


def test_a_run_becomes_a_trace(inline, run_id, fenwick):
    data = inline("runs", "export", run_id, "--otlp", "t.jsonl", "--json").data
    (line,) = (fenwick / "t.jsonl").read_text("utf-8").splitlines()
    spans = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]

    assert data["run_id"] == run_id
    assert data["bytes"] == (fenwick / "t.jsonl").stat().st_size
    assert spans[0]["name"] == "invoke_workflow docsearch"
    assert sum(span["name"] == "invoke_agent local" for span in spans) == 2


def test_a_trace_holds_words_only_if_that_is_asked_for(inline, run_id, fenwick):
    without = inline("runs", "export", run_id, "--otlp", "a.jsonl")
    with_text = inline("runs", "export", run_id, "--otlp", "b.jsonl", "--with-text")

    assert "docsearch.question" not in (fenwick / "a.jsonl").read_text("utf-8")
    assert "docsearch.question" in (fenwick / "b.jsonl").read_text("utf-8")
    assert "it holds the question" in with_text.stderr
    assert without.stderr == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--with-text"], 2),
        (["--otlp", "t", "--html", "x.html"], 2),
        (["--otlp", "t", "-o", "x.docsearch-run"], 2),
        (["--otlp", ""], 2),
        (["--otlp", "docs"], 3),
        (["--otlp", "none/t.jsonl"], 3),
    ],
)
def test_a_trace_that_cannot_be_written_is_refused(inline, run_id, fenwick, words, code):
    assert inline("runs", "export", run_id, *words).code == code
    assert not (fenwick / "t").exists()

import json

import pytest

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

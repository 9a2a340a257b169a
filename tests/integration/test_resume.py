"""``resume`` and ``fork``, as a user calls them."""

import json
import signal
import subprocess
import sys
import time

import pytest

from docsearch_cli.runs.catalog import opened_run, run_ids
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.verify import verify_run
from tests.support import command_line

QUESTION = "how do retries and the buffer limit work together?"


def ask(inline, *words):
    return inline("ask", QUESTION, "--deep", "--engine", "inline", "--json", *words)


def make_partial(inline, monkeypatch, steps=3):
    """Record a run that was cancelled after some steps; gives its id."""
    from docsearch_cli.cli.live_tree import Watcher

    seen = []
    with monkeypatch.context() as patched:
        patched.setattr(Watcher, "committed", lambda self, step: seen.append(step))
        patched.setattr(
            Watcher, "stop_reason", lambda self: "cancelled" if len(seen) >= steps else None
        )
        ended = ask(inline)
    assert (ended.code, ended.document["status"]) == (130, "partial")
    return ended.data["run_id"]


def trace_of(home, run_id):
    with opened_run(home / ".docsearch", run_id) as store:
        verify_run(store)
        return read_trace(store)


def test_a_cancelled_run_is_finished_from_where_it_was(inline, fenwick, monkeypatch):
    whole = trace_of(fenwick, ask(inline).data["run_id"])
    run_id = make_partial(inline, monkeypatch)
    before = trace_of(fenwick, run_id)
    ended = inline("resume", run_id, "--engine", "inline", "--json")
    after = trace_of(fenwick, run_id)

    assert (ended.code, ended.data["run_id"], ended.data["complete"]) == (0, run_id, True)
    assert 3 <= len(before.steps) < len(whole.steps)
    assert after.ending["dag"] == whole.ending["dag"]
    assert after.ending["answer"] == whole.ending["answer"]
    done = [row.number for row in before.steps if row.has_ended]
    assert [after.step(n).elapsed_ms for n in done] == [before.step(n).elapsed_ms for n in done]


def test_a_cancelled_run_says_how_to_go_on(inline, fenwick, monkeypatch):
    from docsearch_cli.cli.live_tree import Watcher

    monkeypatch.setattr(Watcher, "stop_reason", lambda self: "cancelled")
    ended = inline("ask", QUESTION, "--deep", "--engine", "inline")
    (run_id,) = run_ids(fenwick / ".docsearch")

    assert ended.code == 130
    assert f"docsearch resume {run_id}" in ended.stderr


def test_a_complete_run_has_nothing_to_resume(inline, fenwick):
    run_id = ask(inline).data["run_id"]
    ended = inline("resume", run_id)

    assert ended.code == 3
    assert "is complete" in ended.stderr
    assert f"docsearch fork {run_id}" in ended.stderr


@pytest.mark.parametrize("drift", ["code", "index", "limits"])
def test_a_run_is_not_resumed_over_drift_unless_told(inline, own_fenwick, monkeypatch, drift):
    run_id = make_partial(inline, monkeypatch)
    if drift == "code":
        monkeypatch.setattr("docsearch_cli.search.resume.source_digest", lambda: "another")
        monkeypatch.setattr("docsearch_cli.search.deep.source_digest", lambda: "another")
    elif drift == "index":
        (own_fenwick / "docs" / "glossary.md").write_text("# Glossary\n\nNothing.\n")
        inline("index", "docs", "-q")
    else:
        from docsearch_cli import run_limits

        limit = run_limits.LIMIT_OF["max_agents"]
        smaller = run_limits.Limit("max_agents", 5, 0, 10, limit.meaning)
        monkeypatch.setitem(run_limits.LIMIT_OF, "max_agents", smaller)
    refused = inline("resume", run_id, "--engine", "inline")
    accepted = inline("resume", run_id, "--engine", "inline", "--accept-drift")

    assert refused.code == 3
    assert f"another {drift}" in refused.stderr
    assert "--accept-drift" in refused.stderr
    assert accepted.code == 0
    if drift != "limits":
        trace_of(own_fenwick, run_id)


def test_a_node_that_is_gone_fails_its_step_and_no_more(inline, own_fenwick, monkeypatch):
    run_id = make_partial(inline, monkeypatch, steps=1)
    waiting = [row.planned.subject for row in trace_of(own_fenwick, run_id).steps]
    for path in (own_fenwick / "docs").rglob("*"):
        name = str(path.relative_to(own_fenwick / "docs"))
        if path.is_file() and name not in waiting and "config" in name:
            path.unlink()
    inline("index", "docs", "-q")
    ended = inline("resume", run_id, "--engine", "inline", "--accept-drift", "--json")
    after = trace_of(own_fenwick, run_id)

    assert ended.code == 0
    assert {row.error for row in after.steps if row.status == "failed"} <= {
        f"{row.planned.subject} is not in the index any more" for row in after.steps
    }


def test_an_unknown_run_is_not_resumed(inline, fenwick):
    assert inline("resume", "abcd").code == 3


def test_a_fork_shares_every_step_before_the_change(inline, fenwick):
    run_id = ask(inline, "--fan-out", "1", "--no-cache").data["run_id"]
    ended = inline(
        "fork", run_id, "--at", "3", "--set", "fan_out=5", "--engine", "inline", "--no-cache",
        "--json",
    )  # fmt: skip
    one, other = trace_of(fenwick, run_id), trace_of(fenwick, ended.data["run_id"])
    inputs = {row.input for row in one.steps}

    assert ended.code == 0
    assert other.facts["fork"] == {"run": run_id, "changes": [{"at": 3, "limits": {"fan_out": 5}}]}
    assert all((row.origin == "fork") == (row.input in inputs) for row in other.steps)
    assert sum(row.origin == "fork" for row in other.steps) >= 5
    children = [row.planned.parent for row in other.steps]
    assert all(children.count(number) <= 1 for number in (1, 2))
    assert max(children.count(number) for number in range(3, len(children))) > 1


def test_a_fork_without_effect_is_the_same_run(inline, fenwick):
    run_id = ask(inline).data["run_id"]
    ended = inline("fork", run_id, "--at", "0", "--set", "frontier=400", "--json")

    assert all(step["cached"] for step in ended.data["steps"])
    assert (
        trace_of(fenwick, ended.data["run_id"]).ending["dag"]
        == trace_of(fenwick, run_id).ending["dag"]
    )


def test_a_fork_of_a_fork_keeps_the_changes_before_its_own(inline, fenwick):
    run_id = ask(inline, "--fan-out", "1").data["run_id"]
    first = inline("fork", run_id, "--at", "2", "--set", "fan_out=2", "--json").data["run_id"]
    ended = inline("fork", first, "--at", "4", "--set", "max_agents=9", "--json")
    trace = trace_of(fenwick, ended.data["run_id"])

    assert trace.facts["fork"]["changes"] == [
        {"at": 2, "limits": {"fan_out": 2}},
        {"at": 4, "limits": {"max_agents": 9}},
    ]
    assert len(trace.steps) < 20


def test_what_is_said_of_a_fork_is_said_with_the_limits_of_that_step(inline, fenwick):
    run_id = ask(inline).data["run_id"]
    forked = inline("fork", run_id, "--at", "8", "--set", "fan_out=9", "--json").data["run_id"]
    drops = [drop for drop in trace_of(fenwick, forked).drops if drop.reason == "fan_out"]
    said = {}
    for path in {drop.subject for drop in drops}:
        for reason in inline("runs", "why", forked, path, "--json").data["reasons"]:
            if "fan_out" in reason["text"] and reason["step"]:
                said[reason["step"]] = reason["text"]
    steps = {row.id: row.number for row in trace_of(fenwick, forked).steps}

    assert min(steps[step] for step in said) < 8
    for step, text in said.items():
        assert f"fan_out {9 if steps[step] >= 8 else 3} was used up" in text


def test_the_cache_of_a_fork_is_explained_with_the_limits_of_that_step(inline, fenwick):
    run_id = ask(inline).data["run_id"]
    words = ("--at", "0", "--set", "reading_tokens=100", "--json")
    forked = inline("fork", run_id, *words).data["run_id"]
    found = inline("cache", "explain", forked, "1", "--json").data

    assert all(part["recorded"] == part["now"] for part in found["parts"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--at", "1", "--set", "window=3"], 2, "cannot change 'window'"),
        (["--at", "1", "--set", "fan_out=x"], 2, "is not LIMIT=NUMBER"),
        (["--at", "1", "--set", "fan_out=99"], 2, "is not allowed"),
        (["--at", "1", "--set", "max_agents=-1"], 2, "is not allowed"),
        (["--at", "1", "--set", "max_tokens=60"], 2, "leaves no room for one page"),
        (["--at", "1"], 2, "--set"),
        (["--set", "fan_out=3"], 2, "--at"),
        (["--at", "999", "--set", "fan_out=3"], 3, "no step '999'"),
    ],
)
def test_a_fork_that_cannot_be_says_why(inline, fenwick, words, code, said):
    run_id = ask(inline, "--max-agents", "2").data["run_id"]
    ended = inline("fork", run_id, *words)

    assert ended.code == code
    assert said in ended.stderr


def test_ctrl_c_leaves_a_run_that_goes_on_to_the_same_result(fenwick, inline, tmp_path):
    whole = trace_of(fenwick, ask(inline, "--no-cache").data["run_id"])
    known = set(run_ids(fenwick / ".docsearch"))
    process = subprocess.Popen(
        command_line("ask", QUESTION, "--deep", "--no-cache", "--workers", "1"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 20
    while not set(run_ids(fenwick / ".docsearch")) - known and time.monotonic() < until:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - started < 15
    (run_id,) = set(run_ids(fenwick / ".docsearch")) - known
    if process.returncode == 130:
        assert f"docsearch resume {run_id}".encode() in said
        assert inline("resume", run_id, "--engine", "inline").code == 0
    after = trace_of(fenwick, run_id)

    assert after.ending["dag"] == whole.ending["dag"]
    assert after.ending["answer"] == whole.ending["answer"]


def test_a_run_that_goes_on_is_not_resumed_by_another(fenwick, inline, monkeypatch):
    from docsearch_cli.runs.catalog import run_folder, run_lock

    run_id = make_partial(inline, monkeypatch)
    with run_lock(run_folder(fenwick / ".docsearch", run_id)):
        ended = inline("resume", run_id, "--engine", "inline")

    assert ended.code == 3
    assert "still being written" in ended.stderr


def test_json_of_resume_is_one_document(inline, fenwick, monkeypatch):
    run_id = make_partial(inline, monkeypatch)
    done = subprocess.run(
        [sys.executable, "-m", "docsearch_cli", "resume", run_id, "--json"],
        cwd=fenwick,
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["command"] == "resume"
    assert done.stderr == b""


def test_a_fork_takes_no_step_over_from_another_version(inline, fenwick, monkeypatch):
    from docsearch_cli.explore import step_functions

    def older(payload):
        return b'{"mode":"deep","reason":"by older rules"}'

    with monkeypatch.context() as patched:
        patched.setattr(step_functions, "INTENT", "explore.intent@1")
        patched.setattr(
            step_functions, "FUNCTIONS", {**step_functions.FUNCTIONS, "explore.intent@1": older}
        )
        first = ask(inline).data["run_id"]
    ended = inline(
        "fork", first, "--at", "2", "--set", "max_agents=5", "--engine", "inline", "--json"
    )
    trace = trace_of(fenwick, ended.data["run_id"])

    assert [row.function for row in trace.fixed if row.kind == "intent"] == [step_functions.INTENT]
    shown = inline("replay", first, "--step", "intent")
    assert (shown.code, "explore.intent@1" in shown.stderr) == (3, True)

"""A cache that knows when it is wrong, as a user meets it."""

import concurrent.futures
import sqlite3
import subprocess
import time

import pytest

from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.verify import verify_run
from tests.support import command_line, run_command, usual_or_soak

QUESTION = "how do retries and the buffer limit work together?"


def ask(inline, *words):
    ended = inline("ask", QUESTION, "--deep", "--engine", "inline", "--json", *words)
    assert ended.code == 0
    return ended.data


def paths(steps):
    return [step["path"] for step in steps]


def run_anew(data):
    return [step for step in data["steps"] if not step["cached"]]


def explained(inline, data, step):
    return inline("cache", "explain", data["run_id"], step, "--json").data


def test_a_second_question_runs_nothing(inline, fenwick):
    ask(inline)
    again = ask(inline)

    assert run_anew(again) == []
    found = explained(inline, again, "1")
    assert (found["origin"], found["hit_now"]) == ("cache", True)
    assert all(part["same"] for part in found["parts"])


@pytest.mark.parametrize("place", [0, 4, 9])
def test_an_edited_document_is_all_that_is_read_again(inline, own_fenwick, place):
    first = ask(inline)
    edited = paths(first["steps"])[place]
    file = own_fenwick / "docs" / edited
    file.write_text(file.read_text() + "\n## Weather\n\nLovely nowadays.\n")
    inline("index", "docs", "-q")
    again = ask(inline)

    assert paths(again["steps"]) == paths(first["steps"])
    assert paths(run_anew(again)) == [edited]
    found = explained(inline, again, str(place + 1))
    assert "content_hash" in found["hit_then"]
    assert "idf" not in found["hit_then"]
    assert explained(inline, first, str(place + 1))["hit_now"]
    unlike = {part["name"] for part in found["parts"] if not part["same"]}
    assert unlike == set()


def test_newer_code_runs_everything_anew(inline, fenwick, monkeypatch):
    first = ask(inline)
    for name in ("search.deep", "search.agent_work", "runs.cache_explain"):
        monkeypatch.setattr(f"docsearch_cli.{name}.step_source_digest", lambda: "f" * 32)
    again = ask(inline)

    assert len(run_anew(again)) == len(first["steps"])
    assert explained(inline, again, "1")["hit_then"].endswith("different there: code")
    found = explained(inline, first, "1")
    assert [part["name"] for part in found["parts"] if not part["same"]] == ["code"]


def test_a_setting_that_the_agent_sees_runs_what_it_changes(inline, fenwick, monkeypatch):
    first = ask(inline)
    monkeypatch.setenv("DOCSEARCH_READING_TOKENS", "100")
    less = ask(inline)
    anew = {step["path"]: step["id"] for step in run_anew(less)}

    assert anew
    assert "sections" in explained(inline, less, next(iter(anew.values())))["hit_then"]
    monkeypatch.setenv("DOCSEARCH_READING_TOKENS", "1200")
    assert run_anew(ask(inline)) == []
    assert len(first["steps"]) >= 5


def test_a_budget_is_no_part_of_a_result(inline, fenwick):
    ask(inline)

    # The same share of it is in flight at once, so the same pages come first.
    assert run_anew(ask(inline, "--max-agents", "18")) == []


def test_a_step_that_nobody_asked_before_says_so(inline, fenwick):
    data = ask(inline)

    assert "no earlier run" in explained(inline, data, "1")["hit_then"]


def test_a_cleared_cache_is_told_from_a_changed_one(inline, fenwick):
    ask(inline)
    inline("cache", "clear")
    data = ask(inline)

    assert "cleared" in explained(inline, data, "1")["hit_then"]


def test_a_fixed_step_is_never_cached(inline, fenwick):
    ended = inline("cache", "explain", ask(inline)["run_id"], "plan")

    assert ended.code == 3
    assert "never cached" in ended.stderr


def test_an_explanation_is_readable(inline, fenwick):
    data = ask(inline)
    ended = inline("cache", "explain", data["run_id"], "2")

    assert ended.code == 0
    assert "in the run  MISS: no earlier run" in ended.stdout
    assert "now         HIT" in ended.stdout


@pytest.mark.parametrize("damage", ["garbage", "locked", "full"])
def test_a_cache_that_cannot_be_used_is_a_miss_and_one_warning(fenwick, inline, damage):
    before = ask(inline)
    database = fenwick / ".docsearch" / "cache" / "steps" / "cache.db"
    holder = None
    if damage == "garbage":
        database.write_bytes(b"garbage" * 1_000)
    elif damage == "locked":
        holder = sqlite3.connect(database, isolation_level=None)
        holder.execute("begin exclusive")
    else:
        holder = sqlite3.connect(database, isolation_level=None)
        holder.execute(
            "create trigger full before insert on Cache begin select raise(abort, 'full'); end"
        )
        holder.execute("delete from Cache")
    started = time.monotonic()
    ended = run_command("ask", QUESTION, "--deep", "--engine", "inline", cwd=fenwick)
    assert time.monotonic() - started < 40
    if holder is not None:
        holder.close()

    assert ended.code == 0
    assert ended.stderr.count("the step cache is not used") == 1
    assert f"agents {len(before['steps'])}/20" in ended.stdout


def test_two_questions_and_a_build_at_once_are_each_right(own_fenwick, inline):
    alone = ask(inline, "--no-cache")
    inline("cache", "clear")
    lines = [
        command_line("ask", QUESTION, "--deep", "--json"),
        command_line("ask", QUESTION, "--deep", "--json"),
        command_line("index", "docs", "--rebuild", "--json"),
    ] * usual_or_soak(1, 2)

    def run(line):
        return subprocess.run(line, cwd=own_fenwick, capture_output=True, check=False)

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        ended = list(pool.map(run, lines))

    asked = [done for done in ended if done.args[3] == "ask"]
    assert len(asked) >= 2
    assert all((done.returncode, done.stderr) == (0, b"") for done in asked)
    builds = [done for done in ended if done.args[3] == "index"]
    assert all(done.returncode == 0 or b'"code": "index_locked"' in done.stdout for done in builds)
    assert any(done.returncode == 0 for done in builds)
    again = ask(inline)
    assert paths(again["steps"]) == paths(alone["steps"])
    with opened_run(own_fenwick / ".docsearch", again["run_id"]) as store:
        verify_run(store)
        assert read_trace(store).status == "complete"

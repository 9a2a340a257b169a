"""The command with an agent that asks a model's server: what it costs, and what stops it."""

import re
import signal
import subprocess
import time

import pytest

from docsearch_cli.runs.catalog import run_ids
from tests.integration.test_json_schema import CLOSED
from tests.model_server import ModelServer, busy, echoing_key, failing
from tests.support import command_line, needs, run_inline, wait_until

needs("pydantic_ai", "genai_prices", reason="comes with the extra 'llm'")

QUESTION = "how do retries, the buffer limit and the overflow policy work together?"
MODEL = "openai:gpt-4o-mini"
KEY = "sk-test-4711081547110815"
ASK = ("ask", QUESTION, "--deep", "--agent", "llm", "--model", MODEL)


def reply(asked):
    """Follow the first two pages that can be opened, and quote the first sentence."""
    return {
        "action": "expand" if "Pages that can be opened" in asked.text else "dead_end",
        "relevance": 0.5,
        "sentences": [1],
        "edges": [{"edge": 1, "promise": 0.7}, {"edge": 2, "promise": 0.4}],
        "sections": [],
        "look_for": "",
        "reason": "it may lead on",
    }


@pytest.fixture
def serve(monkeypatch):
    """Start a server by its script; the environment leads to it."""
    servers = []

    def start(script=reply, latency_s=0.0):
        servers.append(ModelServer(script, latency_s).__enter__())
        monkeypatch.setenv("OPENAI_BASE_URL", servers[-1].url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def data_of(ended):
    assert ended.code == 0, ended.stderr
    return ended.data


def verify(folder, run_id):
    return data_of(run_inline("runs", "verify", run_id, "--json", cwd=folder))


def start_asking(folder, *words):
    return subprocess.Popen(
        command_line(*ASK, *words), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_a_question_is_explored_by_a_model_within_its_limits(fenwick, serve, monkeypatch):
    server = serve(latency_s=0.05)
    asked = run_inline(*ASK, "--max-cost", "0.05", "--json", cwd=fenwick)
    data = data_of(asked)
    budget = data["budget"]

    assert [error.message for error in CLOSED.iter_errors(asked.document)] == []
    assert data["model"] == MODEL
    assert 5 < len(data["steps"]) <= 20
    assert {step["status"] for step in data["steps"]} == {"ok"}
    assert budget["requests"] == server.requests <= budget["max_requests"]
    assert budget["model_tokens"] == server.input_tokens + server.output_tokens
    assert 0 < budget["cost_usd"] <= budget["max_cost_usd"] == 0.05
    assert server.most_at_once > 1
    assert verify(fenwick, data["run_id"])["steps_rerun"] == len(data["steps"]) + 3
    monkeypatch.delenv("OPENAI_API_KEY")
    again = run_inline("replay", data["run_id"], "--step", "3", cwd=fenwick)
    assert "REPRODUCED" in again.stdout
    server.__exit__(None, None, None)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert "REPRODUCED" in run_inline("replay", data["run_id"], "--step", "3", cwd=fenwick).stdout


def test_equal_requests_are_paid_for_once(fenwick, serve):
    server = serve()
    first = data_of(run_inline(*ASK, "--json", cwd=fenwick))
    sent = server.requests
    again = data_of(run_inline(*ASK, "--json", cwd=fenwick))

    assert server.requests == sent
    assert (again["budget"]["requests"], again["budget"]["cached_replies"]) == (0, sent)
    assert all(step["cached"] for step in again["steps"])
    for data in (first, again):
        data["dag"] = verify(fenwick, data["run_id"])["dag"]
    assert first["dag"] == again["dag"]


def test_a_step_is_asked_again_beside_its_record(fenwick, serve):
    server = serve()
    run_id = data_of(run_inline(*ASK, "--json", cwd=fenwick))["run_id"]
    sent = server.requests
    ended = run_inline("replay", run_id, "--step", "1", "--live", cwd=fenwick)

    assert server.requests == sent + 1
    assert re.search(r"asked again: 1 request, [\d,]+ tokens, \$0\.\d+", ended.stdout)
    assert ended.stdout.index("then") < ended.stdout.index("now") < ended.stdout.index("REPRODUCED")
    found = run_inline("replay", run_id, "--step", "1", "--live", "--json", cwd=fenwick)
    assert data_of(found)["live"]["requests"] == 1


def test_live_is_for_a_step_that_asks(fenwick, serve):
    serve()
    run_id = data_of(run_inline(*ASK, "--json", cwd=fenwick))["run_id"]

    assert run_inline("replay", run_id, "--live", cwd=fenwick).code == 2
    assert (
        "asks no model"
        in run_inline("replay", run_id, "--step", "plan", "--live", cwd=fenwick).stderr
    )
    ended = run_inline("replay", run_id, "--step", "1", "--live", "--pdb", cwd=fenwick)
    assert "exclude each other" in ended.stderr
    assert (
        "cannot be debugged"
        in run_inline("replay", run_id, "--step", "1", "--pdb", cwd=fenwick).stderr
    )


def test_a_fork_asks_another_model_and_says_what_that_costs(fenwick, serve):
    server = serve()
    run_id = data_of(run_inline(*ASK, "--json", cwd=fenwick))["run_id"]
    words = ("fork", run_id, "--at", "2", "--set", "model=openai:gpt-4o", "--set", "max_cost=$0.5")
    forked = data_of(run_inline(*words, "--json", cwd=fenwick))
    models = {asked.body["model"] for asked in server.asked}
    diff = run_inline("runs", "diff", run_id, forked["run_id"], cwd=fenwick).stdout

    assert forked["model"] == "openai:gpt-4o"
    assert models == {"gpt-4o-mini", "gpt-4o"}
    assert f"model: {MODEL} -> openai:gpt-4o" in diff
    assert re.search(r"^cost: \$0\.\d+ -> \$0\.\d+$", diff, re.MULTILINE)
    verify(fenwick, forked["run_id"])


def test_a_dry_run_bounds_the_cost_and_tells_what_the_last_runs_took(fenwick, serve):
    server = serve()
    run_id = data_of(run_inline(*ASK, "--json", cwd=fenwick))["run_id"]
    sent = server.requests
    words = (*ASK, "--max-cost", "0.02", "--max-requests", "15", "--dry-run")
    ended = run_inline(*words, "--json", cwd=fenwick)
    data = data_of(ended)

    assert [error.message for error in CLOSED.iter_errors(ended.document)] == []
    assert (data["most"]["requests"], data["most"]["cost_usd"]) == (15, 0.02)
    assert [(run["run_id"], run["requests"]) for run in data["before"]] == [(run_id, sent)]
    assert server.requests == sent
    shown = run_inline(*words, cwd=fenwick).stdout
    assert re.search(r"cost +\$0\.02\n", shown)
    assert f"run {run_id} took {sent} requests" in shown


def test_where_not_one_request_fits_it_is_said(fenwick, serve):
    server = serve()
    ended = run_inline(*ASK, "--max-cost", "0.000001", cwd=fenwick)

    assert ended.code == 0
    assert "not one request to the model fits --max-cost (a request may cost $0.00" in ended.stderr
    assert "--max-cost" in ended.stdout
    assert server.requests == 0


def test_a_limit_on_cost_limits_nothing_where_no_model_is_asked(fenwick):
    ended = run_inline("ask", QUESTION, "--deep", "--max-cost", "1", cwd=fenwick)

    assert ended.code == 0
    assert "no language model is asked: --max-requests and --max-cost are not used" in ended.stderr


def test_a_limit_on_cost_needs_a_price(fenwick, serve):
    serve()
    words = ("ask", QUESTION, "--deep", "--agent", "llm", "--model", "openai:unheard-of")
    ended = run_inline(*words, "--max-cost", "1", cwd=fenwick)

    assert ended.code == 2
    assert "cost is not known" in ended.stderr or "costs is not known" in ended.stderr
    data = data_of(run_inline(*words, "--json", cwd=fenwick))
    assert data["budget"]["cost_usd"] is None


def test_a_price_of_ones_own_counts(fenwick, serve, monkeypatch, tmp_path):
    serve()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(
        '[llm]\nmodel = "openai:own"\n[prices]\n"openai:own" = { input = 1.0, output = 2.0 }\n'
    )
    monkeypatch.setenv("DOCSEARCH_CONFIG_DIR", str(tmp_path / "config"))
    words = ("ask", QUESTION, "--deep", "--agent", "llm", "--max-cost", "2", "--json")
    data = data_of(run_inline(*words, cwd=fenwick))

    assert data["model"] == "openai:own"
    assert 0 < data["budget"]["cost_usd"] < 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--agent", "llm"), "none is named"),
        (("--model", MODEL), "asks no model"),
        (("--agent", "llm", "--model", MODEL, "--max-cost", "cheap"), "not an amount"),
        (("--agent", "llm", "--model", "nobody:m"), "nobody"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(fenwick, serve, words, message):
    serve()
    ended = run_inline("ask", QUESTION, "--deep", *words, cwd=fenwick)

    assert ended.code == 2
    assert message in ended.stderr


def test_a_wrong_key_ends_the_run_at_once_and_is_written_nowhere(fenwick, serve):
    server = serve(echoing_key)
    ended = run_inline(*ASK, cwd=fenwick)
    (run_id,) = run_ids(fenwick / ".docsearch")

    assert ended.code == 3
    assert "refuses the key" in ended.stderr
    assert f"docsearch resume {run_id}" in ended.stderr
    assert server.requests <= 8
    written = b"".join(path.read_bytes() for path in fenwick.rglob("*") if path.is_file())
    assert KEY.encode() not in written
    assert KEY not in ended.stdout + ended.stderr
    serve()
    data = data_of(run_inline("resume", run_id, "--json", cwd=fenwick))
    assert data["complete"]


def write(asked):
    """Write an answer of a sentence that is in the first quote, and one that is in none."""
    if '"found"' not in asked.text:
        return reply(asked)
    quote = re.search(r"^\[1\] .*?: (.+?)[.:;,]? ", asked.text, re.MULTILINE)[1]
    said = [{"text": f"{quote}.", "evidence": [1]}, {"text": "It takes 4711 s.", "evidence": [1]}]
    return {"found": True, "sentences": said}


def test_a_model_writes_the_answer_from_the_quotes_of_the_local_agent(fenwick, serve):
    server = serve(write)
    words = ("ask", QUESTION, "--deep", "--answer", "llm", "--model", MODEL, "--max-cost", "0.01")
    ended = run_inline(*words, "--json", cwd=fenwick)
    data = data_of(ended)
    written = data["answer"]["written"]

    assert [error.message for error in CLOSED.iter_errors(ended.document)] == []
    assert written["text"].endswith("[1]")
    assert [item["text"] for item in written["struck"]] == ["It takes 4711 s."]
    assert (server.requests, data["budget"]["requests"]) == (1, 1)
    verify(fenwick, data["run_id"])
    shown = run_inline(*words, cwd=fenwick)
    assert written["text"] in " ".join(shown.stdout.split())
    assert (
        'left out of the answer: "It takes 4711 s." (the quotes do not hold 4711)' in shown.stderr
    )
    assert (
        written["text"].split(" [")[0].split()[0]
        in run_inline(*words, "--format", "md", cwd=fenwick).stdout
    )
    assert run_inline("ask", QUESTION, "--simple", "--answer", "llm", cwd=fenwick).code == 2


def test_a_server_that_is_down_leaves_the_pages_to_the_local_agent(fenwick, serve):
    server = serve(lambda _asked: failing(503))
    data = data_of(run_inline(*ASK, "--json", cwd=fenwick))

    assert {step["status"] for step in data["steps"]} == {"degraded"}
    assert 5 <= server.requests <= 13  # then the circuit is open, but for what was under way
    assert data["budget"]["requests"] == server.requests
    assert data["budget"]["cost_usd"] == 0
    verify(fenwick, data["run_id"])


def test_a_busy_server_is_asked_again(fenwick, serve):
    server = serve(lambda asked: busy("0.05") if asked.number % 3 == 0 else reply(asked))
    data = data_of(run_inline(*ASK, "--json", cwd=fenwick))

    assert {step["status"] for step in data["steps"]} <= {"ok", "degraded"}
    assert any(step["attempts"] > 1 and step["status"] == "ok" for step in data["steps"])
    assert server.requests <= data["budget"]["max_requests"]
    verify(fenwick, data["run_id"])


def test_a_process_that_is_killed_under_way_forgets_no_request(fenwick, serve):
    server = serve(latency_s=0.4)
    process = start_asking(fenwick, "--max-requests", "14", "--no-cache")
    assert wait_until(lambda: server.requests >= 4, 30)
    process.kill()
    process.communicate()
    sent = server.requests
    (run_id,) = run_ids(fenwick / ".docsearch")
    assert verify(fenwick, run_id)["status"] == "running"
    data = data_of(run_inline("resume", run_id, "--no-cache", "--json", cwd=fenwick))

    assert sent < server.requests <= 14
    assert data["budget"]["requests"] == server.requests
    certificate = verify(fenwick, run_id)["certificate"]
    used = {line["name"]: line["used"] for line in certificate}
    assert used["max_requests"] == server.requests


def test_ctrl_c_does_not_wait_for_a_model(fenwick, serve):
    server = serve(latency_s=20)
    process = start_asking(fenwick, "--max-requests", "30")
    assert wait_until(lambda: server.requests >= 3, 30)
    time.sleep(0.2)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert time.monotonic() - started < 12  # two, and a very busy machine; the model takes 20
    assert process.returncode == 130
    (run_id,) = run_ids(fenwick / ".docsearch")
    assert f"docsearch resume {run_id}" in err.decode()
    sent = server.requests
    fast = serve()
    data = data_of(run_inline("resume", run_id, "--json", cwd=fenwick))
    assert data["complete"]
    assert sent + fast.requests == data["budget"]["requests"] <= 30
    verify(fenwick, run_id)

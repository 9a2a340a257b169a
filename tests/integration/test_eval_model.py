"""``docsearch eval`` where a language model is asked: what it costs, and whether it pays."""

import json
import re

import pytest

from tests.model_server import ModelServer, failing
from tests.support import needs

needs("pydantic_ai", "genai_prices", reason="comes with the extra 'llm'")

MODEL = "openai:gpt-4o-mini"
PAGES = {
    "a.md": "# Harbour\n\nThe harbour is run by Greta. See [the bakery](b.md) and [fish](c.md).\n",
    "b.md": "# Bakery\n\nShe bakes rye loaves at dawn.\n",
    "c.md": "# Fish\n\nThe harbour sells fish; the harbour is wet.\n",
    "d.md": "# Wind\n\nIt is windy at the harbour.\n",
}
QUESTIONS = [
    {"id": "1", "question": "what does the head of the harbour make?", "gold": ["b.md"],
     "answer": "rye loaves"},
    {"id": "2", "question": "where is it windy?", "gold": ["d.md"], "answer": "harbour"},
]  # fmt: skip
ASK = ("eval", "q.jsonl", "--agents", "0,4", "--agent", "llm", "--model", MODEL)


def knowing(asked):
    """Open the bakery, and answer where the bread or the wind is."""
    numbers = re.findall(r"(?m)^\[(\d+)\] .*(?:rye loaves|windy)", asked.text)
    edges = re.findall(r"(?m)^\[(\d+)\] Bakery \(b.md\)", asked.text)
    return {
        "action": "answer" if numbers else "expand" if edges else "dead_end",
        "relevance": 0.9 if numbers else 0.1,
        "sentences": [int(number) for number in numbers],
        "edges": [{"edge": int(number), "promise": 1} for number in edges],
        "sections": [],
        "look_for": "",
        "reason": "it says so",
    }


@pytest.fixture
def home(index_of):
    home = index_of(PAGES)
    write_questions(home, QUESTIONS)
    return home


def write_questions(home, rows):
    (home / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def serve(monkeypatch):
    servers = []

    def start(script=knowing):
        servers.append(ModelServer(script).__enter__())
        monkeypatch.setenv("OPENAI_BASE_URL", servers[-1].url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0")
        return servers[-1]

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def test_a_model_is_measured_beside_the_local_agent(inline, home, serve):
    server = serve()
    ended = inline(*ASK, "--max-cost", "2", "--json", "--out", "out.jsonl")
    model = ended.data["model"]
    (budget,) = model["budgets"]
    rows = [json.loads(line) for line in (home / "out.jsonl").read_text().splitlines()]

    assert ended.code == 0
    assert (model["name"], model["questions_asked"], model["complete"]) == (MODEL, 2, True)
    assert model["spent"]["requests"] == server.requests > 0
    assert model["spent"]["model_tokens"] == server.input_tokens + server.output_tokens
    assert 0 < model["spent"]["cost_usd"] < 2
    assert [row["max_agents"] for row in ended.data["budgets"]] == [0, 4]
    assert [row["max_agents"] for row in ended.data["local"]] == [0, 4]
    assert ended.data["budgets"][1]["answers_found"] == 1
    assert budget["recall_at_5"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert 2 * budget["requests"]["mean"] == server.requests
    gained = ended.data["budgets"][1]["answers_found"] - ended.data["local"][1]["answers_found"]
    assert budget["gains"]["answers_found"]["mean"] == gained
    assert [row["id"] for row in model["per_question"]] == ["1", "2"]
    assert sum(row["requests"] for row in rows) == server.requests
    assert sum(row["cost_usd"] for row in rows) == pytest.approx(model["spent"]["cost_usd"])


def test_the_table_has_both_agents_and_what_was_sent(inline, home, serve):
    server = serve()
    ended = inline(*ASK, "--max-cost", "2")
    lines = ended.stdout.splitlines()

    assert lines[0].split()[:4] == ["agents", "by", "R@2", "R@5"]
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["0", "keywords"], ["4", "llm"], ["4", "local"],
    ]  # fmt: skip
    assert f"sent in all: {server.requests} requests" in ended.stdout
    assert "4 agents, beside the local agent: R@5 +" in ended.stdout


def test_the_same_evaluation_again_costs_nothing_and_says_the_same(inline, home, serve):
    server = serve()
    first = inline(*ASK, "--max-cost", "2", "--json").data
    sent = server.requests
    again = inline(*ASK, "--max-cost", "2", "--json").data

    assert server.requests == sent
    assert again["model"]["spent"] == {"requests": 0, "model_tokens": 0, "cost_usd": 0.0}
    assert again["model"]["budgets"] == first["model"]["budgets"]
    assert again["model"]["per_question"] == first["model"]["per_question"]
    inline(*ASK, "--max-cost", "2", "--no-cache")
    assert server.requests == 2 * sent


def test_budgets_share_what_they_ask(inline, home, serve):
    server = serve()
    words = (*ASK[:2], "--agents", "3,4", *ASK[4:], "--max-cost", "2", "--json")
    model = inline(*words).data["model"]

    asked = sum(2 * budget["requests"]["mean"] for budget in model["budgets"])
    assert server.requests == model["spent"]["requests"] < asked


def test_nobody_is_asked_before_a_limit_is_said(inline, home, serve):
    server = serve()
    ended = inline(*ASK)

    assert ended.code == 2
    assert re.search(r"2 questions may come to \d+ requests, [\d,]+ tokens, \$0\.\d+", ended.stderr)
    assert "--max-cost USD or --max-requests N" in ended.stderr
    assert server.requests == 0


def test_a_dry_run_bounds_it_and_asks_nothing(inline, home, serve):
    server = serve()
    shown = inline(*ASK, "--dry-run")
    data = inline(*ASK, "--dry-run", "--json", "--max-requests", "9").data

    assert shown.code == 0
    assert re.search(r"4 agents: 16 requests, [\d,]+ tokens, \$0\.\d+ a question", shown.stdout)
    assert data["budgets"][0]["all"]["requests"] == 32
    assert data["most"]["requests"] == 9
    assert server.requests == 0


def test_no_search_begins_that_might_exceed_what_is_left(inline, home, serve):
    server = serve()
    write_questions(home, [{**QUESTIONS[0], "id": str(number)} for number in range(3)])
    ended = inline(*ASK, "--max-requests", "16", "--no-cache", "--json")
    shown = inline(*ASK, "--max-requests", "16", "--no-cache")

    assert ended.code == 0
    assert ended.document["status"] == "partial"
    assert (ended.data["questions"], ended.data["model"]["complete"]) == (1, False)
    assert ended.data["model"]["questions_asked"] == 1
    assert "asked 1 of 3 questions" in shown.stdout
    assert server.requests <= 2 * 16


def test_limits_that_fit_no_question_are_refused(inline, home, serve):
    server = serve()
    ended = inline(*ASK, "--max-requests", "15")
    bounded = inline(*ASK, "--max-requests", "15", "--question-max-requests", "5", "--json")

    assert ended.code == 2
    assert "one question with 4 agents may come to 16 requests" in ended.stderr
    assert bounded.code == 0
    assert bounded.data["model"]["spent"]["requests"] == server.requests <= 10


def test_a_cost_that_nobody_knows_cannot_be_limited(inline, home, serve):
    server = serve()
    words = (*ASK[:-1], "openai:nobody-knows", "--max-cost", "1")
    ended = inline(*words)

    assert ended.code == 2
    assert "what openai:nobody-knows costs is not known" in ended.stderr
    assert inline(*words[:-2], "--max-requests", "99", "--json").code == 0
    assert server.requests > 0


@pytest.mark.parametrize(
    "words", [["--model", MODEL], ["--max-cost", "1"], ["--dry-run"], ["--question-max-cost", "1"]]
)
def test_options_of_a_model_without_one_are_refused(inline, home, words):
    ended = inline("eval", "q.jsonl", *words)

    assert ended.code == 2
    assert "no language model is asked" in ended.stderr


def test_the_keyword_search_asks_no_model(inline, home, serve):
    ended = inline(*ASK[:2], "--agents", "0", *ASK[4:], "--max-cost", "1")

    assert ended.code == 2
    assert "the keyword search asks no model" in ended.stderr


def test_a_refusal_ends_it_and_says_that_replies_are_kept(inline, home, serve):
    def refuse_later(asked):
        return knowing(asked) if asked.number < 4 else failing(401, "no such key", "invalid")

    server = serve(refuse_later)
    ended = inline(*ASK, "--max-cost", "1")

    assert ended.code == 3
    assert "the same command continues from them" in ended.stderr
    assert server.requests >= 4


def test_a_model_that_decides_nothing_is_not_measured(inline, home, serve):
    server = serve(lambda _: "no decision")
    ended = inline(*ASK, "--max-cost", "1")

    assert ended.code == 3
    assert "decided at no page of the first question" in ended.stderr
    assert server.requests <= 16


def test_a_model_may_write_the_answers_of_the_local_agent(inline, home, serve):
    def write(asked):
        shown = re.findall(r"(?m)^\[(\d+)\] ", asked.text)
        text = "It is windy at the harbour."
        return {"found": True, "sentences": [{"text": text, "evidence": [int(n) for n in shown]}]}

    server = serve(write)
    words = ("--agents", "4", "--answer", "llm", "--model", MODEL, "--max-cost", "1")
    ended = inline("eval", "q.jsonl", *words, "--json")
    (budget,) = ended.data["model"]["budgets"]

    assert server.requests == 2
    assert budget["answers_written"] == 0.5
    assert (budget["gains"], ended.data["local"]) == ({}, [])

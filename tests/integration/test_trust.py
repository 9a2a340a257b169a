"""What a run can be asked afterwards: verify, why, diff, export, dry run, its DAG, its replay."""

import json
import shutil
import sqlite3

import pytest

from docsearch_cli.cli.run_tree import step_line
from docsearch_cli.cli.shell_paths import ShellPaths
from docsearch_cli.engine.protocol import StepError, StepOutcome
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.runs.catalog import opened_run, run_ids
from docsearch_cli.runs.picture import summarise_steps
from docsearch_cli.runs.replay import replay_step
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.search.estimate import estimate_run
from docsearch_cli.search.result import AskOptions
from tests.searching import ShuffledEngine, ask_deep, make_world
from tests.support import needs, usual_or_soak
from tests.unit.runs.forging import forging
from tests.unit.runs.keys import write_keys

LOCAL, EDGES = (AGENTS[name].function for name in ("local", "edges"))
QUESTION = "how do retries and the buffer limit work together?"


@pytest.fixture
def data(inline, fenwick):
    return inline("ask", QUESTION, "--deep", "--engine", "inline", "--json").data


def test_a_run_is_verified_with_its_certificate(inline, data):
    shown = inline("runs", "verify", data["run_id"])
    found = inline("runs", "verify", data["run_id"], "--json").data

    assert shown.code == 0
    assert "VERIFIED" in shown.stdout
    used = {line["name"]: line["used"] for line in found["certificate"]}
    assert used["max_agents"] == data["budget"]["agents_used"]
    assert used["max_tokens"] == data["budget"]["tokens_read"]
    assert used["answer_tokens"] == data["budget"]["tokens_returned"]


def test_what_was_made_again_and_what_is_taken_on_trust_is_said(inline, data):
    shown = inline("runs", "verify", data["run_id"])
    found = inline("runs", "verify", data["run_id"], "--json").data

    assert found["inputs_rebuilt"] == found["steps_rerun"] == len(data["steps"]) + 3
    assert f"{found['inputs_rebuilt']} inputs built again from the index" in shown.stderr
    assert "taken on trust: times" in shown.stderr
    assert not any("index" in item["what"] for item in found["trusted"])


def test_without_its_index_what_that_holds_is_taken_on_trust(inline, data, tmp_path):
    target = str(tmp_path / "x.docsearch-run")
    inline("runs", "export", data["run_id"], "-o", target)
    found = inline("runs", "verify", target, "--index", str(tmp_path / "none"), "--json").data

    assert found["inputs_rebuilt"] == 0
    assert "there is no index here" in {item["why"] for item in found["trusted"]}


def test_a_signed_export_is_known_by_its_signer(inline, data, tmp_path):
    needs("cryptography")
    (tmp_path / "a").mkdir()
    keys, others = write_keys(tmp_path), write_keys(tmp_path / "a")
    target = str(tmp_path / "x.docsearch-run")
    signed = inline(
        "runs", "export", data["run_id"], "-o", target, "--sign", str(keys[0]), "--json"
    )
    right = inline("runs", "verify", target, "--key", str(keys[1]))
    found = inline("runs", "verify", target, "--key", str(keys[1]), "--json").data
    wrong = inline("runs", "verify", target, "--key", str(others[1]))

    assert right.code == 0
    assert f"signed by {signed.data['signed_by']}" in right.stderr
    assert found["signed_by"] == signed.data["signed_by"]
    assert wrong.code == 3
    assert "no signature of this run" in wrong.stderr


def test_a_key_that_cannot_be_used_is_said_before_anything_is_written(inline, data, tmp_path):
    needs("cryptography")
    target = tmp_path / "x.docsearch-run"
    ended = inline(
        "runs", "export", data["run_id"], "-o", str(target), "--sign", str(tmp_path / "k")
    )

    assert ended.code == 3
    assert not target.exists()


@pytest.mark.parametrize("fork", [{"run": "ab"}, {"run": "ab", "changes": [7]}, {}])
@pytest.mark.parametrize("words", [("fork", "--at", "1", "--set", "fan_out=2"), ("resume",)])
def test_a_run_that_claims_to_be_a_fork_of_nonsense_is_refused(inline, data, fenwick, words, fork):
    path = fenwick / ".docsearch" / "runs" / data["run_id"] / "run.db"
    store = RunStore(path, "append")
    with forging(store) as forgery:
        forgery.facts["fork"] = fork
        del forgery.events[-1]
    store.close()
    ended = inline(words[0], data["run_id"], *words[1:], "--json")

    assert ended.code == 3
    assert ended.document["errors"][0]["code"] == "run_corrupt"


def test_a_tampered_run_is_not_verified(inline, data, fenwick):
    path = fenwick / ".docsearch" / "runs" / data["run_id"] / "run.db"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("update events set data = replace(data, 'dead', 'lead')")
    connection.close()
    ended = inline("runs", "verify", data["run_id"], "--json")

    assert ended.code == 3
    assert ended.document["errors"][0]["code"] == "run_corrupt"


def test_why_a_document_was_opened_is_the_way_to_it(inline, data):
    step = next(step for step in data["steps"] if step["depth"] >= 2)
    ended = inline("runs", "why", data["run_id"], step["path"])
    found = inline("runs", "why", data["run_id"], step["path"], "--json").data

    assert found["opened"]
    way = [reason for reason in found["reasons"] if reason["text"].startswith("opened")]
    assert len(way) == step["depth"] + 1
    assert "seed" in way[0]["text"]
    assert "follow " in way[-1]["text"]
    assert way[-1]["step"] == step["id"]
    assert "was opened" in ended.stdout


def test_every_document_that_was_not_opened_has_a_reason(inline, data, fenwick):
    opened = {step["path"] for step in data["steps"]}
    said = set()
    for path in ("glossary.md", "index.md", "reference/cli.rst", "changelog.md",
                 "concepts/clustering.md", "guides/overflow-policy.md"):  # fmt: skip
        found = inline("runs", "why", data["run_id"], path, "--json").data
        assert found["opened"] == (path in opened)
        assert found["reasons"]
        said.update(reason["text"].split(":")[0] for reason in found["reasons"])

    assert any("not taken" in text for text in said)
    assert any("worth following" in text for text in said)
    assert inline("runs", "why", data["run_id"], "nope.md").code == 3


def test_two_runs_are_compared(inline, data):
    # Of 17 agents as many are in flight at once as of 20.
    other = inline("ask", QUESTION, "--deep", "--max-agents", "17", "--json").data
    found = inline("runs", "diff", data["run_id"], other["run_id"], "--json").data
    shown = inline("runs", "diff", data["run_id"], other["run_id"])

    assert [item["field"] for item in found["settings"]] == ["limits.max_agents"]
    assert found["divergence"]["number"] == 18
    assert found["divergence"]["what"] == "missing"
    assert found["shared_steps"] == 17
    assert found["cost"]["agents_used"] == [20, 17]
    assert len(found["opened_only_left"]) == 3
    assert "part at step 18" in shown.stdout


def test_a_run_is_the_same_as_itself(inline, data):
    found = inline("runs", "diff", data["run_id"], data["run_id"], "--json").data

    assert (found["divergence"], found["gained"], found["lost"]) == (None, [], [])


def test_an_exported_run_replays_without_anything_else(inline, data, fenwick, tmp_path_factory):
    ended = inline("runs", "export", data["run_id"], "--json")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    file = shutil.move(ended.data["file"], elsewhere)
    shutil.rmtree(fenwick / ".docsearch")

    assert "REPRODUCED" in inline("replay", str(file), "--step", "3").stdout
    assert inline("runs", "verify", str(file)).code == 0
    assert inline("runs", "why", str(file), "glossary.md").code == 0
    assert QUESTION in inline("replay", str(file)).stdout


def test_an_export_overwrites_nothing(inline, data, tmp_path):
    inline("runs", "export", data["run_id"])
    again = inline("runs", "export", data["run_id"])
    other = inline("runs", "export", data["run_id"], "--output", "run.txt")

    assert (again.code, other.code) == (3, 2)
    assert "exists already" in again.stderr


def test_a_run_is_removed(inline, data, fenwick):
    ended = inline("runs", "rm", data["run_id"][:6])

    assert data["run_id"] in ended.stdout
    assert run_ids(fenwick / ".docsearch") == []
    assert inline("runs", "rm", data["run_id"]).code == 3


LIMITS = [(), ("--max-agents", "3"), ("--max-depth", "1", "--fan-out", "1"), ("--seeds", "1")]


@pytest.mark.parametrize("flags", LIMITS)
def test_a_run_never_costs_more_than_the_dry_run_said(inline, fenwick, flags):
    before = inline("ask", QUESTION, "--dry-run", "--json", *flags)
    assert run_ids(fenwick / ".docsearch") == []
    data = inline("ask", QUESTION, "--deep", "--engine", "inline", "--json", *flags).data
    most, used = before.data["most"], data["budget"]
    seeds = [step["node"] for step in data["steps"] if step["depth"] == 0]

    assert used["agents_used"] <= most["agents"]
    assert used["tokens_read"] <= most["tokens_read"]
    assert used["tokens_returned"] <= most["tokens_returned"]
    assert used["depth_reached"] <= most["depth"]
    assert sum(step["attempts"] for step in data["steps"]) <= most["tries"]
    assert [seed["node"] for seed in before.data["seeds"]][: len(seeds)] == seeds
    assert before.data["cached"] == 0


def test_a_dry_run_knows_what_is_cached(inline, data):
    found = inline("ask", QUESTION, "--dry-run", "--json").data
    shown = inline("ask", QUESTION, "--dry-run")

    assert (found["cached"], found["looked_at"]) == (20, 20)
    assert "in the cache: 20 of the first 20 steps" in shown.stdout
    assert "tokens read" in shown.stdout


def test_a_dry_run_says_that_a_keyword_search_would_do(inline, data):
    question = "which port does the admin API listen on?"
    reason = "a keyword search would be enough: "

    assert inline("ask", question, "--dry-run").stdout.startswith(reason)
    assert inline("ask", question, "--dry-run", "--json").data["mode"] == "simple"
    assert reason not in inline("ask", question, "--dry-run", "--deep").stdout


@pytest.mark.parametrize("words", [[" ", "--dry-run"], ["x", "--simple", "--dry-run"]])
def test_a_dry_run_of_nothing_is_a_usage_error(inline, fenwick, words):
    assert inline("ask", *words).code == 2


@pytest.mark.parametrize("value", ["-1", "1.5", "NaN", "", "1e3", "x", "0x10"])
@pytest.mark.parametrize("flag", ["--max-agents", "--max-depth", "--fan-out", "--max-tokens"])
def test_a_limit_that_is_none_is_a_usage_error(inline, fenwick, flag, value):
    assert inline("ask", QUESTION, "--deep", flag, value).code == 2


def test_a_limit_above_the_cap_is_cut_and_said(inline, fenwick):
    flags = ("--deep", "--dry-run", "--max-agents", "1000000000")
    shown = inline("ask", QUESTION, *flags)
    data = inline(
        "ask", QUESTION, "--deep", "--engine", "inline", "--fan-out", "999999999", "--json"
    ).data

    assert "max_agents 1,000,000,000 is above the limit; 2,000 is used" in shown.stderr
    assert data["clamped"] == ["fan_out 999,999,999 is above the limit; 20 is used"]


def test_a_token_budget_is_kept(inline, fenwick):
    data = inline(
        "ask", QUESTION, "--deep", "--engine", "inline", "--max-tokens", "3000", "--json"
    ).data

    assert 0 < data["budget"]["tokens_read"] <= 3_000
    assert data["limits_hit"] == ["budget"]
    assert inline("runs", "verify", data["run_id"]).code == 0


@pytest.mark.parametrize("seed", range(usual_or_soak(25, 100)))
def test_every_step_of_every_run_is_reproduced_and_nothing_is_written(tmp_path, seed):
    world = make_world(tmp_path, seed)
    result = ask_deep(world, ShuffledEngine(seed, 3))
    path = world.home / "runs" / result.run_id / "run.db"
    with opened_run(world.home, result.run_id) as store:
        before = path.read_bytes()
        trace = read_trace(store)
        for row in trace.all_steps():
            assert replay_step(world.home, store, row.id).reproduced, row.id
        assert path.read_bytes() == before


@pytest.mark.parametrize("seed", range(usual_or_soak(8, 20)))
def test_the_record_alone_rebuilds_the_tree(tmp_path, seed):
    world = make_world(tmp_path, seed)
    result = ask_deep(world)
    shutil.rmtree(world.home.parent / "docs")
    shutil.rmtree(world.home / "index")
    with opened_run(world.home, result.run_id) as store:
        trace = read_trace(store)
        summaries = summarise_steps(store, trace)

    assert [step.to_dict() for step in summaries] == [step.to_dict() for step in result.steps]
    for row, step in zip(trace.steps, result.steps, strict=True):
        parent = row.planned.parent
        assert (trace.step(parent).id if parent is not None else None) == step.parent_id
        assert row.planned.item is not None
        assert all(drop.subject == row.planned.subject for drop in row.proposed_by)


def test_a_replay_names_the_later_parents_of_a_step(inline, data):
    found = inline("replay", data["run_id"], "--json").data
    late = [item for items in found["proposed_by"].values() for item in items]

    assert late
    assert {"step", "item", "reason", "priority"} == set(late[0])
    assert json.dumps(found)


class CrashingEngine(ShuffledEngine):
    """Crashes whenever the agent itself opens one of some nodes; a fallback is fine."""

    def __init__(self, *numbers):
        super().__init__(1, 3)
        self._numbers = numbers
        self._lost = []

    def submit(self, call):
        if call.number in self._numbers and call.function == LOCAL:
            self._lost.append(StepOutcome(call.number, "crash", error=StepError("WorkerDied", "")))
        else:
            super().submit(call)

    def poll(self, timeout_s):
        lost, self._lost = self._lost, []
        return lost or super().poll(timeout_s)


def test_a_page_that_cannot_be_read_is_judged_by_its_edges_and_said_to_be(tmp_path):
    world = make_world(tmp_path, 18, {"max_agents": 12, "max_depth": 3, "seeds": 3, "fan_out": 3})
    result = ask_deep(world, CrashingEngine(1, 3), use_cache=True)
    broken = [step for step in result.steps if step.number in (1, 3)]
    again = ask_deep(world, ShuffledEngine(1, 3), use_cache=True)

    assert [step.status for step in broken] == ["degraded", "degraded"]
    assert all(step.reason.startswith("nothing of it was read") for step in broken)
    assert result.degraded == tuple(step.id for step in broken)
    assert any("degraded" in note for note in result.notes)
    assert "degraded" in str(step_line(broken[0], None, ShellPaths(), fancy=True))
    assert not any(item.step in result.degraded for item in result.findings.evidence)
    assert not any(step.cached for step in again.steps if step.number in (1, 3))
    with opened_run(world.home, result.run_id) as store:
        verify_run(store)
        row = read_trace(store).step(1)
        assert [attempt.function for attempt in row.attempts] == [LOCAL] * 2 + [EDGES]
        assert replay_step(world.home, store, "1").reproduced


@pytest.mark.parametrize("number", range(1, 6))
def test_a_run_with_a_broken_step_ends_with_an_answer(tmp_path, number):
    world = make_world(tmp_path, 18, {"max_agents": 12, "max_depth": 3, "seeds": 5})
    result = ask_deep(world, CrashingEngine(number))

    assert result.complete
    assert result.findings.evidence


HOSTILE_LIMITS = [
    {"max_agents": 0},
    {"max_tokens": 50},
    {"max_tokens": 50, "answer_tokens": 50, "look_agents": 2},
    {"max_tokens": 119, "reading_tokens": 60},
    {"max_tokens": 120, "reading_tokens": 60},
    {"max_tokens": 1_000, "reading_tokens": 1_200},
    {"max_tokens": 1_000, "reading_tokens": 20_000},
    {"max_agents": 1, "max_depth": 0, "fan_out": 0, "seeds": 1, "frontier": 1, "window": 1},
    {"max_depth": 8, "fan_out": 20, "frontier": 1, "proposals": 1, "window": 64},
]


@pytest.mark.parametrize("limits", HOSTILE_LIMITS, ids=str)
def test_any_limits_give_a_run_that_is_verified_and_within_its_dry_run(tmp_path, limits):
    drawn = {"max_agents": 12, "max_depth": 3, "fan_out": 3, "seeds": 3, **limits}
    world = make_world(tmp_path, 18, drawn)
    options = AskOptions(settings=world.settings, use_cache=False)
    found = estimate_run(world.home, world.index, world.question, options, warn=print)
    most = found.to_dict()["most"]
    result = ask_deep(world)
    with opened_run(world.home, result.run_id) as store:
        verify_run(store)

    assert result.budget["agents_used"] <= most["agents"]
    assert result.budget["tokens_read"] <= most["tokens_read"]
    assert result.budget["depth_reached"] <= most["depth"]

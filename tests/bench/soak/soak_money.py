"""Runs that ask a model which is slow, faulty and lies about what it was asked: never over a limit.

    python -m tests.bench.soak.soak_money [--minutes M | --runs N] [--seed S]

Each run has limits on requests, tokens and cost drawn so that about half of them bind. The model is
a script that counts what it is sent for itself. Some runs are stopped on the way and resumed, each
by another process as far as the record can tell. After every end the model's own count must be
within the limits and no more than what the record says was paid, and ``runs verify`` must find the
record right. Another run with one request in flight at a time must give the same DAG.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Literal
from unittest import mock

from docsearch_cli.config import Settings, load_settings
from docsearch_cli.engine.waiting import WaitingEngine
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.trace import Trace, read_trace
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.resume import fork_run, resume_run
from docsearch_cli.steps import HaltReason
from tests.asking import PRICE, ScriptedModel, toy_agent
from tests.bench.soak.span import read_span
from tests.searching import World, ask_deep, make_world

RUNS_A_CORPUS = 25
NO_JITTER = mock.patch("docsearch_cli.engine.retry._BASE_WAIT_S", 0.001)


class StopsAfter(SearchObserver):
    """Stops a run after so many checks."""

    def __init__(self, checks: int) -> None:
        self._left = checks

    def stop_reason(self) -> HaltReason | None:
        self._left -= 1
        return "cancelled" if self._left < 0 else None


def draw_settings(draw: random.Random) -> Settings:
    """Draw limits of which some bind and some do not."""
    flags = {
        "max_agents": draw.choice((1, 4, 12, 30)),
        "max_depth": draw.choice((1, 3, 5)),
        "fan_out": draw.choice((1, 2, 4)),
        "seeds": draw.choice((1, 3, 5)),
        "window": draw.choice((1, 3, 8)),
        "attempts": draw.choice((1, 3)),
        "max_requests": draw.choice((0, 1, 3, 8, 20, 100, 100)),
        "max_tokens": draw.choice((1_300, 4_000, 12_000, 1_000_000, 1_000_000)),
        "max_cost": draw.choice((14_000, 50_000, 150_000, 10**12, 10**12)),
    }
    return load_settings(flags, environment={"DOCSEARCH_CONFIG_DIR": "/"})


def check(world: World, model: ScriptedModel, run_id: str) -> Trace:
    """Hold a run against its limits, as the model counted and as the record says."""
    with opened_run(world.home, run_id) as store:
        trace = read_trace(store)
        verify_run(store, world.index)
    limits = world.settings
    cost = PRICE.cost(model.input_tokens, model.output_tokens)
    assert len(model.sent) <= limits["max_requests"], "too many requests"
    assert model.input_tokens + model.output_tokens <= limits["max_tokens"], "too many tokens"
    assert cost <= limits["max_cost"], "too much money"
    paid = trace.ending.get("budget", {})
    assert len(model.sent) == paid["requests"], "requests are not counted right"
    assert cost <= paid["cost_micro_usd"], "it cost more than the record says"
    return trace


def ask_once(world: World, draw: random.Random, counts: Counter[str]) -> None:
    """Ask a question, perhaps stop and resume the run, and check it after each end."""
    model = ScriptedModel(
        seed=draw.randrange(1000),
        wait_s=draw.choice((0.0, 0.003)),
        faults=draw.choice((0.0, 0.1, 0.5, 1.0)),
        lies=draw.choice((0.0, 0.3)),
    )
    stops = draw.random() < 0.5
    observer = StopsAfter(draw.randint(0, 10)) if stops else SearchObserver()
    agent = draw.choice(("toy", "toy", "toy", "local"))
    answer: Literal["quotes", "llm"] = "llm" if agent == "local" else draw.choice(("quotes", "llm"))
    result = ask_deep(world, agent=agent, model=model, observer=observer, answer=answer)
    assert result.run_id is not None
    trace = check(world, model, result.run_id)
    counts[result.stop_reason] += 1
    while not result.complete and result.stop_reason == "cancelled":
        counts["resumed"] += 1
        options = AskOptions(
            world.settings, "deep", use_cache=False, engine="inline", models=model.source()
        )
        observer = StopsAfter(draw.randint(3, 40))
        with opened_run(world.home, result.run_id) as store:
            result = resume_run(world.home, world.index, store, options=options, observer=observer)
        trace = check(world, model, trace.run_id)
    if draw.random() < 0.4:
        fork(world, draw, model, trace)
        counts["forked"] += 1
    if not stops and model.faults < 0.2:
        again = replace(model, sent=[], times=Counter(), input_tokens=0, output_tokens=0)
        slots = mock.patch.object(WaitingEngine, "free_slots", lambda self: 1 - len(self._tasks))
        with slots:
            one = ask_deep(world, agent=agent, model=again, answer=answer)
        assert again.most_in_flight <= max(1, model.most_in_flight)
        assert check(world, again, str(one.run_id)).ending["dag"] == trace.ending["dag"], "DAG"
        counts["same DAG"] += 1


def fork(world: World, draw: random.Random, model: ScriptedModel, trace: Trace) -> None:
    """Fork a run with other limits, perhaps with another model, and check the fork."""
    changes = {"fan_out": draw.choice((1, 3)), "max_requests": draw.choice((1, 5, 50))}
    options = AskOptions(
        world.settings, "deep", use_cache=False, engine="inline", models=model.source()
    )
    with opened_run(world.home, trace.run_id) as store:
        forked = fork_run(
            world.home,
            world.index,
            store,
            at=str(draw.randint(0, len(trace.steps))),
            changes=changes,
            model=draw.choice(("", "scripted:two")),
            options=options,
            observer=SearchObserver(),
        )
    with opened_run(world.home, str(forked.run_id)) as store:
        found = verify_run(store, world.index).trace
    most = max(changes["max_requests"], trace.limits.get("max_requests", 0))
    assert found.requests <= most, "a fork asked too much"


def main() -> None:
    span = read_span(__doc__ or "")
    counts: Counter[str] = Counter()
    faults = 0
    with toy_agent(), NO_JITTER:
        for seed in span.corpora():
            with tempfile.TemporaryDirectory() as folder:
                world = make_world(Path(folder), seed)
                draw = random.Random(seed)
                for number in span.runs(RUNS_A_CORPUS):
                    world = replace(world, settings=draw_settings(draw))
                    try:
                        ask_once(world, draw, counts)
                    except Exception as error:  # each fault is shown, and the rounds go on
                        faults += 1
                        print(f"seed {seed} run {number}: {type(error).__name__}: {error}")
    print(f"{span.done} runs, {faults} faults; {dict(sorted(counts.items()))}")
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()

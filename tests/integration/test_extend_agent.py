"""An agent of another kind: one file with a function, one row of the table, and that is all."""

import itertools

import pytest

from docsearch_cli.engine.protocol import StepError, StepOutcome
from docsearch_cli.errors import RunDriftError
from docsearch_cli.explore.agents.table import AGENTS, Agent
from docsearch_cli.explore.view import Decision, Follow
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.replay import replay_step
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.resume import fork_run
from tests.searching import ShuffledEngine, ask_deep, make_world

CALLS = itertools.count()


def decide_by_name(view):
    """Follow the edges in the order of their targets' names, and never say the same twice."""
    targets = sorted({edge.target: place for place, edge in enumerate(view.edges)}.items())
    follow = tuple(
        Follow(target, place, 1 - number / 100, "its name comes next")
        for number, (target, place) in enumerate(targets)
    )
    reason = f"call {next(CALLS)}"
    return Decision("expand" if follow else "dead_end", 0.1, reason, view.covered, (), follow, 0)


TOY = Agent(
    "by-name",
    "test.by-name@1",
    decide_by_name,
    "goes by the alphabet",
    fallback="edges",
    looks_at=lambda view: {"targets": [edge["target"] for edge in view["edges"]]},
    is_deterministic=False,
    waits_on_network=True,
)


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setitem(AGENTS, TOY.name, TOY)
    return TOY


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, 18, {"max_agents": 12, "max_depth": 3, "seeds": 2, "fan_out": 2})


def test_it_decides_at_each_node_under_the_same_limits(world, toy):
    result = ask_deep(world, agent="by-name")
    trace = world.trace(result.run_id)

    assert trace.agent == "by-name"
    assert {row.function for row in trace.steps} == {"test.by-name@1"}
    assert all(step.reason.startswith("call ") for step in result.steps)
    assert 2 < len(result.steps) <= 12
    children = [row.planned.parent for row in trace.steps if row.planned.parent is not None]
    assert all(children.count(number) <= 2 for number in children)


def test_its_results_are_cached_by_what_it_looks_at(world, toy):
    first = ask_deep(world, agent="by-name", use_cache=True)
    again = ask_deep(world, agent="by-name", use_cache=True)

    assert all(step.cached for step in again.steps)
    assert [step.reason for step in again.steps] == [step.reason for step in first.steps]


def test_its_run_is_verified_though_it_would_decide_otherwise_now(world, toy):
    result = ask_deep(world, agent="by-name")
    with opened_run(world.home, result.run_id) as store:
        verdict = verify_run(store)

        assert not replay_step(world.home, store, "1").reproduced
    assert verdict.rerun == 3  # intent, plan and aggregate


def test_a_run_of_an_agent_that_is_gone_can_be_read_and_is_not_accused(world, toy, monkeypatch):
    result = ask_deep(world, agent="by-name")
    monkeypatch.delitem(AGENTS, "by-name")
    with opened_run(world.home, result.run_id) as store:
        assert len(read_trace(store).steps) == len(result.steps)
        with pytest.raises(RunDriftError, match="'by-name'"):
            verify_run(store)


class CrashingEngine(ShuffledEngine):
    """Loses its worker whenever the agent itself opens the first node."""

    def poll(self, timeout_s):
        lost = [
            call for call in self._waiting if call.number == 1 and call.function == TOY.function
        ]
        for call in lost:
            self._waiting.remove(call)
        crashes = [StepOutcome(1, "crash", error=StepError("WorkerDied", "")) for _ in lost]
        return crashes or super().poll(timeout_s)


def test_the_agent_that_its_row_names_stands_in_where_it_crashes(world, toy):
    result = ask_deep(world, CrashingEngine(1, 3), agent="by-name")
    row = world.trace(result.run_id).step(1)

    assert row.status == "degraded"
    assert row.made_by == AGENTS["edges"].function
    assert {step.status for step in result.steps if step.number != 1} == {"ok"}


def test_a_fork_of_its_run_is_its_too(world, toy):
    result = ask_deep(world, agent="by-name")
    options = AskOptions(settings=world.settings, engine="inline")
    with opened_run(world.home, result.run_id) as store:
        forked = fork_run(
            world.home,
            world.index,
            store,
            at="2",
            changes={"fan_out": 1},
            options=options,
            observer=SearchObserver(),
        )

    trace = world.trace(forked.run_id)
    assert trace.agent == "by-name"
    assert {row.function for row in trace.steps} == {"test.by-name@1"}

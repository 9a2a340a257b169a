"""Ten thousand random graphs and limits: never over budget, never stuck."""

import random
from collections import Counter

import pytest

from docsearch_cli.explore.plan import ExplorePlan, Neighbour, Opened, PlanLimits
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.explore.view import Decision, Follow
from docsearch_cli.steps import NOTHING, Amount, Dispatch, Drop, Finish, StepFailed, StepSucceeded

GRAPHS = 10_000
BATCH = 1_000


def draw_limits(draw):
    request = Amount(1, draw.choice((10, 100)), draw.choice((0, 7)))
    asks = draw.random() < 0.5
    asked = {
        "asked": Amount(draw.choice((0, 1, 7, 500)), draw.choice((50, 999, 9_999)), 300),
        "request": request,
        "step_asked": request * draw.choice((1, 6)),
    }
    return PlanLimits(
        **(asked if asks else {}),
        max_agents=draw.choice((0, 1, 2, 5, 20, 200)),
        max_depth=draw.choice((0, 1, 3, 8)),
        fan_out=draw.choice((0, 1, 3, 20)),
        seeds=draw.choice((1, 3, 50)),
        frontier=draw.choice((1, 2, 10, 500)),
        proposals=draw.choice((1, 4, 64)),
        window=draw.choice((1, 2, 8, 64)),
        reading_tokens=(reading := draw.choice((50, 100))),
        max_tokens=draw.choice((reading - 1, reading, 3 * reading + 1, 10_000)),
    )


def draw_decision(draw, nodes, limits):
    follow = tuple(
        Follow(draw.choice(nodes), place, round(draw.random(), 2), "")
        for place in range(draw.choice((0, 1, 3, 8)))
    )
    read = draw.randint(0, limits.reading_tokens)
    return Decision("expand", 0.5, "", (), (), follow, read)


def explore(seed):
    """Run a plan against a random graph; steps end in the order of dispatch, some badly.

    Checks the budget after every instruction; gives the steps and the reason of the end.
    """
    draw = random.Random(seed)
    nodes = [f"n{number}" for number in range(draw.choice((1, 3, 12, 60)))]
    limits = draw_limits(draw)
    seeds = [
        Seed(node, 0, node, round(draw.random(), 2), "keyword")
        for node in draw.sample(nodes, min(len(nodes), draw.randint(0, 8)))
    ]
    plan = ExplorePlan(seeds, limits)
    steps, ended, reason = [], 0, None
    grants, asked = {}, NOTHING
    instructions = plan.start()
    while True:
        assert not any(isinstance(item, Dispatch) for item in instructions) or reason is None
        for item in instructions:
            if isinstance(item, Dispatch):
                steps.append(item.step)
                grants[item.step.number] = item.grant
                assert limits.request.fits(item.grant)
                assert item.grant.fits(limits.step_asked)
            elif isinstance(item, Finish):
                assert reason is None
                reason = item.reason
        check_budget(plan, limits, steps, ended)
        in_flight = sum(grants.values(), NOTHING)
        assert plan.asked == asked + in_flight
        assert (asked + in_flight).fits(limits.asked)
        if reason is not None:
            assert ended == len(steps)
            return steps, reason
        assert ended < len(steps), f"seed {seed}: nothing runs and nothing is said"
        ended += 1
        spent = draw_spent(draw, grants.pop(ended))
        asked = asked + spent
        if draw.random() < 0.1:
            instructions = plan.handle(StepFailed(ended, "broken", spent))
            continue
        decision = draw_decision(draw, nodes, limits)
        shown = {item.target for item in decision.follow if draw.random() < 0.9}
        neighbours = {node: Neighbour("link", 0.0, 0.0) for node in shown}
        instructions = plan.handle(StepSucceeded(ended, Opened(decision, neighbours), spent))


def draw_spent(draw, grant):
    """What a step asked, out of what it might."""
    parts = (grant.requests, grant.tokens, grant.micro_usd)
    return Amount(*(draw.choice((0, part, draw.randint(0, part))) for part in parts))


def check_budget(plan, limits, steps, ended):
    assert plan.agents_used == len(steps) <= limits.max_agents
    assert plan._ledger.tokens <= max(limits.max_tokens, 0)
    assert len(steps) - ended <= limits.window
    assert all(step.depth <= limits.max_depth for step in steps)
    assert len({step.subject for step in steps}) == len(steps)
    assert len(plan.waiting()) <= limits.frontier
    assert plan.frontier_peak <= limits.frontier
    children = Counter(step.parent for step in steps)
    assert children.pop(None, 0) <= limits.seeds
    assert all(count <= limits.fan_out for count in children.values())


@pytest.mark.parametrize("first", range(0, GRAPHS, BATCH))
def test_no_graph_and_no_limits_overdraw_the_budget_or_stall_the_run(first):
    reasons = Counter(explore(seed)[1] for seed in range(first, first + BATCH))

    assert {"budget", "depth", "frontier_empty"} <= set(reasons)


@pytest.mark.parametrize("seed", range(50))
def test_the_same_answers_give_the_same_steps(seed):
    assert explore(seed) == explore(seed)


def test_a_fork_has_other_limits_from_a_step_on():
    def run(changes):
        limits = PlanLimits(20, 3, 1, 5, 500, 64, 1, 100, 10_000)
        plan = ExplorePlan([Seed("n0", 0, "n0", 1.0, "keyword")], limits, changes)
        sent = [item.step for item in plan.start() if isinstance(item, Dispatch)]
        for number in range(1, 4):
            follow = tuple(Follow(f"n{number}{n}", n, 0.5, "") for n in range(3))
            neighbours = {item.target: Neighbour("link", 0.0, 0.0) for item in follow}
            decision = Decision("expand", 0.5, "", (), (), follow, 10)
            told = plan.handle(StepSucceeded(number, Opened(decision, neighbours)))
            sent += [item.step for item in told if isinstance(item, Dispatch)]
            dropped = [item for item in told if isinstance(item, Drop)]
            yield number, 3 - len(dropped)

    wide = PlanLimits(20, 3, 3, 5, 500, 64, 1, 100, 10_000)

    assert list(run({})) == [(1, 1), (2, 1), (3, 1)]
    assert list(run({2: wide})) == [(1, 1), (2, 3), (3, 3)]

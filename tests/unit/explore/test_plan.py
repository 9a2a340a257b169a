import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.explore.plan import (
    NO_GAIN_STEPS,
    PARENT_SHARE,
    ExplorePlan,
    Neighbour,
    Opened,
    PlanLimits,
)
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.explore.view import Decision, Follow
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.steps import Dispatch, Drop, Finish, StepFailed, StepSucceeded

DEFAULTS = {
    "max_agents": 20,
    "max_depth": 3,
    "fan_out": 3,
    "seeds": 5,
    "frontier": 500,
    "proposals": 64,
    "window": 8,
    "reading_tokens": 1_200,
    "max_tokens": 1_000_000,
}


def seed(node, priority=1.0, source="keyword"):
    return Seed(node, 0, node, priority, source)


def plan_of(seeds, /, **limits):
    return ExplorePlan(
        [item if isinstance(item, Seed) else seed(item) for item in seeds],
        PlanLimits(**{**DEFAULTS, **limits}),
    )


def opened(*targets, neighbours=None, kind="expand", relevance=0.5):
    """Be what came of a node: its agent wants to open ``targets``, (node, priority) pairs."""
    wanted = [item if isinstance(item, tuple) else (item, 0.5) for item in targets]
    follow = tuple(Follow(node, n, priority, "") for n, (node, priority) in enumerate(wanted))
    known = [node for node, _ in wanted] if neighbours is None else neighbours
    return Opened(
        Decision(kind, relevance, "", (), (), follow, 10),
        {node: Neighbour("link", 1.0, 1.0) for node in known},
    )


def sent(instructions):
    return [item.step.subject for item in instructions if isinstance(item, Dispatch)]


def dropped(instructions):
    return [(item.subject, item.reason) for item in instructions if isinstance(item, Drop)]


def finished(instructions):
    return [item.reason for item in instructions if isinstance(item, Finish)]


def test_seeds_are_opened_best_first():
    instructions = plan_of([seed("a", 0.2), seed("b", 0.9)]).start()

    assert sent(instructions) == ["b", "a"]


def test_equal_seeds_are_opened_by_id():
    assert sent(plan_of(["b", "a", "c"]).start()) == ["a", "b", "c"]


def test_no_seeds_end_at_once():
    assert finished(plan_of([]).start()) == ["frontier_empty"]


def test_no_agents_plan_and_open_nothing():
    instructions = plan_of(["a"], max_agents=0).start()

    assert sent(instructions) == []
    assert finished(instructions) == ["budget"]


def test_seeds_beyond_their_limit_are_dropped_with_the_reason():
    instructions = plan_of(["a", "b", "c"], seeds=2).start()

    assert dropped(instructions) == [("c", "seeds")]


def test_the_same_seed_twice_is_opened_once():
    instructions = plan_of(["a", "a"]).start()

    assert sent(instructions) == ["a"]
    assert dropped(instructions) == [("a", "queued")]


def test_a_seed_is_a_step_without_parent():
    (step,) = [item.step for item in plan_of([seed("a", 0.7, "title")]).start()]

    assert (step.number, step.depth, step.parent, step.item, step.edge, step.priority) == (
        1,
        0,
        None,
        0,
        "title",
        0.7,
    )


def test_a_followed_edge_names_parent_and_item():
    plan = plan_of(["a"])
    plan.start()
    (instruction,) = plan.handle(StepSucceeded(1, opened("b")))

    step = instruction.step
    assert (step.parent, step.item, step.depth, step.edge) == (1, 0, 1, "link")


def test_a_nodes_priority_is_its_own_and_a_share_of_its_parents():
    plan = plan_of([seed("a", 0.8)])
    plan.start()
    (instruction,) = plan.handle(StepSucceeded(1, opened(("b", 0.3))))

    assert instruction.step.priority == pytest.approx(0.3 + PARENT_SHARE * 0.8)


def test_a_node_without_follow_ends_the_search():
    plan = plan_of(["a"])
    plan.start()

    assert finished(plan.handle(StepSucceeded(1, opened(kind="dead_end")))) == ["frontier_empty"]


def test_a_failed_step_ends_its_branch_only():
    plan = plan_of(["a", "b"])
    plan.start()
    plan.handle(StepFailed(1, "boom"))

    assert sent(plan.handle(StepSucceeded(2, opened("c")))) == ["c"]


def test_the_best_proposal_is_opened_first():
    plan = plan_of(["a"], max_agents=2)
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened(("b", 0.1), ("c", 0.9))))

    assert sent(instructions) == ["c"]


def test_equal_proposals_are_opened_by_depth_then_id():
    plan = plan_of([seed("a", 1.0), seed("z", 0.1)], window=1)
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened(("c", -0.4), ("b", -0.4))))

    assert sent(instructions) == ["z"]
    assert sent(plan.handle(StepSucceeded(2, opened()))) == ["b"]


def test_a_visited_node_is_not_opened_again():
    plan = plan_of(["a", "b"])
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened("b")))

    assert dropped(instructions) == [("b", "visited")]


def test_a_page_that_links_to_itself_is_not_opened_again():
    plan = plan_of(["a"])
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened("a")))

    assert dropped(instructions) == [("a", "visited")]
    assert finished(instructions) == ["frontier_empty"]


def test_a_target_that_is_no_neighbour_is_dropped():
    plan = plan_of(["a"])
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened("b", neighbours=[])))

    assert dropped(instructions) == [("b", "not_a_neighbour")]


def test_a_target_that_is_too_deep_is_dropped_and_ends_with_depth():
    plan = plan_of(["a"], max_depth=0)
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened("b")))

    assert dropped(instructions) == [("b", "depth")]
    assert finished(instructions) == ["depth"]


def test_targets_beyond_the_fan_out_are_dropped():
    plan = plan_of(["a"], fan_out=2)
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened("b", "c", "d")))

    assert sent(instructions) == ["b", "c"]
    assert dropped(instructions) == [("d", "fan_out")]


def test_proposals_that_were_not_taken_do_not_use_up_the_fan_out():
    plan = plan_of(["a"], fan_out=1)
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened("a", "nowhere", "b", neighbours=["a", "b"])))

    assert sent(instructions) == ["b"]


def test_proposals_beyond_their_limit_are_dropped():
    plan = plan_of(["a"], proposals=1)
    plan.start()

    assert dropped(plan.handle(StepSucceeded(1, opened("b", "c")))) == [("c", "proposals")]


def test_a_full_frontier_drops_with_the_reason():
    plan = plan_of(["a"], frontier=1, window=1, fan_out=5)
    plan.start()
    instructions = plan.handle(StepSucceeded(1, opened("b", "c")))

    assert dropped(instructions) == [("c", "frontier_full")]


def test_a_better_way_to_a_waiting_node_replaces_the_first():
    plan = plan_of([seed("a", 1.0), seed("b", 0.9)], window=1, max_agents=3)
    plan.start()
    plan.handle(StepSucceeded(1, opened(("x", -0.4))))
    instructions = plan.handle(StepSucceeded(2, opened(("x", 0.5))))

    (step,) = [item.step for item in instructions if isinstance(item, Dispatch)]
    assert (step.subject, step.parent) == ("x", 2)


def test_a_proposal_that_gives_way_to_a_better_one_is_recorded_as_dropped():
    plan = plan_of([seed("a", 1.0), seed("b", 0.9)], window=1, max_agents=3)
    plan.start()
    plan.handle(StepSucceeded(1, opened(("x", -0.4))))
    instructions = plan.handle(StepSucceeded(2, opened(("x", 0.5))))

    drops = [item for item in instructions if isinstance(item, Drop)]
    assert [(drop.parent, drop.item, drop.subject) for drop in drops] == [(1, 0, "x")]


def test_the_agents_are_never_more_than_the_budget():
    plan = plan_of(["a", "b", "c"], max_agents=2)
    instructions = plan.start()

    assert sent(instructions) == ["a", "b"]
    plan.handle(StepSucceeded(1, opened("d")))
    assert finished(plan.handle(StepSucceeded(2, opened("e")))) == ["budget"]


def test_no_more_than_the_window_is_in_flight():
    plan = plan_of(["a", "b", "c"], window=2)

    assert sent(plan.start()) == ["a", "b"]
    assert sent(plan.handle(StepSucceeded(1, opened()))) == ["c"]


@pytest.mark.parametrize("number", [0, 2, 3, 99])
def test_a_commit_out_of_order_is_refused(number):
    plan = plan_of(["a", "b"])
    plan.start()

    with pytest.raises(ValueError, match=f"step {number} was committed"):
        plan.handle(StepSucceeded(number, opened()))


def test_the_same_step_is_not_committed_twice():
    plan = plan_of(["a", "b"])
    plan.start()
    plan.handle(StepSucceeded(1, opened()))

    with pytest.raises(ValueError, match="step 1 was committed"):
        plan.handle(StepSucceeded(1, opened()))


def test_support_remembers_the_best_way_even_to_a_visited_node():
    plan = plan_of([seed("a", 1.0), seed("b", 0.1)])
    plan.start()
    plan.handle(StepSucceeded(1, opened(("b", 0.6))))

    assert plan.support("b").priority == pytest.approx(0.6 + PARENT_SHARE)
    assert plan.support("b").edge == "link"


def quoting(*terms):
    """Be what came of a node whose quotes hold these terms."""
    found = opened()
    evidence = (Quote(0, "", 1, 1, "q", "q", 1.0, terms),)
    return replace(found, decision=replace(found.decision, evidence=evidence))


def commits_until_the_end(results):
    """Commit results of ever less promising seeds; gives how many were committed, and why."""
    seeds = [seed(f"s{n:02}", 1 - n / 100) for n in range(40)]
    plan = plan_of(seeds, max_agents=40, seeds=40, window=1)
    plan.start()
    for number in range(1, 41):
        reasons = finished(plan.handle(StepSucceeded(number, results(number))))
        if reasons:
            return number, reasons[0]
    raise AssertionError("the plan does not end")


def test_a_search_that_finds_nothing_new_stops():
    count, reason = commits_until_the_end(lambda number: quoting("oven"))

    assert reason == "no_gain"
    assert NO_GAIN_STEPS <= count < 20


def test_a_search_that_finds_a_new_term_each_time_goes_on():
    assert commits_until_the_end(lambda number: quoting(f"t{number}"))[0] == 40


def test_one_new_term_gives_a_search_another_chance():
    without, _ = commits_until_the_end(lambda number: quoting("oven"))
    late, _ = commits_until_the_end(lambda number: quoting("new" if number == without else "oven"))

    assert late == without + NO_GAIN_STEPS


# What follows runs whole searches over random graphs.

node_names = st.integers(0, 14)
graphs = st.dictionaries(
    node_names, st.lists(st.tuples(node_names, st.integers(0, 9)), max_size=8), max_size=15
)
limits = st.fixed_dictionaries(
    {
        "max_agents": st.integers(0, 12),
        "max_depth": st.integers(0, 4),
        "fan_out": st.integers(0, 4),
        "seeds": st.integers(1, 4),
        "frontier": st.integers(1, 10),
        "proposals": st.integers(1, 6),
        "window": st.integers(1, 5),
    }
)


def search(plan, graph, order=None):
    """Run a plan over a graph; results arrive in random order and are committed in order."""
    log, waiting, arrived, committed = [], [], set(), 0
    pending = plan.start()
    for _ in range(10_000):
        log.extend(pending)
        waiting.extend(item.step for item in pending if isinstance(item, Dispatch))
        if any(isinstance(item, Finish) for item in pending):
            return log
        if committed + 1 not in arrived:
            assert waiting, "a plan that has neither steps in flight nor an end"
            index = order.randrange(len(waiting)) if order else 0
            arrived.add(waiting.pop(index).number)
            pending = []
            continue
        committed += 1
        step = next(
            item.step
            for item in log
            if isinstance(item, Dispatch) and item.step.number == committed
        )
        edges = graph.get(step.subject, [])
        pending = plan.handle(
            StepSucceeded(committed, opened(*[(node, rank / 10) for node, rank in edges]))
        )
    raise AssertionError("the plan does not end")


def named(graph):
    return {f"n{node}": [(f"n{to}", rank) for to, rank in edges] for node, edges in graph.items()}


def steps_of(log):
    return [item.step for item in log if isinstance(item, Dispatch)]


@settings(max_examples=200, deadline=None)
@given(graphs, limits, st.lists(node_names, max_size=6))
def test_no_search_exceeds_its_limits(graph, bounds, seeds):
    log = search(plan_of([f"n{node}" for node in seeds], **bounds), named(graph))
    steps = steps_of(log)

    assert len(steps) <= bounds["max_agents"]
    assert all(step.depth <= bounds["max_depth"] for step in steps)
    assert len({step.subject for step in steps}) == len(steps)
    assert sum(step.parent is None for step in steps) <= bounds["seeds"]
    for parent in steps:
        children = [step for step in steps if step.parent == parent.number]
        assert len(children) <= bounds["fan_out"]
        assert all(child.depth == parent.depth + 1 for child in children)


@settings(max_examples=200, deadline=None)
@given(graphs, limits, st.lists(node_names, min_size=1, max_size=6), st.integers(0, 2**32))
def test_the_order_in_which_results_arrive_changes_nothing(graph, bounds, seeds, chance):
    seeds = [f"n{node}" for node in seeds]
    one = search(plan_of(seeds, **bounds), named(graph))
    other = search(plan_of(seeds, **bounds), named(graph), random.Random(chance))

    assert one == other


@settings(max_examples=200, deadline=None)
@given(graphs, limits, st.lists(node_names, max_size=6))
def test_every_proposal_is_opened_or_waiting_or_dropped_with_a_reason(graph, bounds, seeds):
    graph = named(graph)
    plan = plan_of([f"n{node}" for node in seeds], **bounds)
    log = search(plan, graph)
    steps = steps_of(log)
    dropped_items = [(item.parent, item.item) for item in log if isinstance(item, Drop)]
    opened_items = [(step.parent, step.item) for step in steps]
    waiting_items = [(entry.parent, entry.item) for entry in plan._frontier.values()]
    made = [(None, item) for item in range(len(seeds))]
    made += [(step.number, n) for step in steps for n in range(len(graph.get(step.subject, [])))]

    found = [*dropped_items, *opened_items, *waiting_items]
    assert sorted(found, key=str) == sorted(made, key=str)


@settings(max_examples=100, deadline=None)
@given(graphs, limits, st.lists(node_names, max_size=6))
def test_a_search_ends_exactly_once_and_last(graph, bounds, seeds):
    log = search(plan_of([f"n{node}" for node in seeds], **bounds), named(graph))

    assert [isinstance(item, Finish) for item in log].count(True) == 1
    assert isinstance(log[-1], Finish)


def test_a_cycle_is_walked_once():
    graph = {"a": [("b", 5)], "b": [("c", 5)], "c": [("a", 5)]}
    log = search(plan_of(["a"], max_depth=8), graph)

    assert [step.subject for step in steps_of(log)] == ["a", "b", "c"]


def test_the_end_of_a_diamond_is_opened_once():
    graph = {"a": [("b", 5), ("c", 5)], "b": [("d", 5)], "c": [("d", 9)]}
    log = search(plan_of(["a"]), graph)

    assert [step.subject for step in steps_of(log)].count("d") == 1


def test_a_hub_of_5000_links_costs_its_fan_out():
    graph = {"hub": [(f"p{n:04}", n % 10) for n in range(5_000)]}
    log = search(plan_of(["hub"], proposals=64, fan_out=3), graph)
    drops = [item for item in log if isinstance(item, Drop)]

    assert len(steps_of(log)) == 4
    assert len(drops) == 5_000 - 3


def test_a_tree_without_answers_stays_within_three_agents():
    graph = {f"n{n}": [(f"n{2 * n + 1}", 5), (f"n{2 * n + 2}", 5)] for n in range(64)}
    log = search(plan_of(["n0"], max_agents=3, max_depth=8, fan_out=2), graph)

    assert len(steps_of(log)) == 3
    assert finished(log) == ["budget"]


def test_every_telling_edge_to_a_node_is_a_join_even_one_that_was_not_followed():
    plan = plan_of(["a", "b"], fan_out=1)
    plan.start()
    plan.handle(StepSucceeded(1, opened(("c", 0.9), ("d", 0.8))))
    plan.handle(StepSucceeded(2, opened("c", "d")))

    assert plan.joins("c") == [(1, 1.0), (2, 1.0)]
    assert plan.joins("d") == [(1, 1.0), (2, 1.0)]
    assert plan.joins("a") == []


def test_an_edge_that_says_nothing_of_its_target_is_no_join():
    plan = plan_of(["a"])
    plan.start()
    silent = Opened(opened("b").decision, {"b": Neighbour("link", 0.0, 0.0)})
    plan.handle(StepSucceeded(1, silent))

    assert plan.joins("b") == []


def test_a_page_that_holds_all_of_the_question_ends_the_search():
    plan = plan_of(["a", "b", "c"], window=2)
    plan.start()

    first = plan.handle(StepSucceeded(1, opened("d", kind="answer", relevance=1.0)))
    last = plan.handle(StepSucceeded(2, opened("e")))

    assert sent([*first, *last]) == []
    assert finished([*first, *last]) == ["answered"]


def test_a_page_that_holds_most_of_the_question_does_not():
    plan = plan_of(["a", "b"], window=1)
    plan.start()

    assert sent(plan.handle(StepSucceeded(1, opened(kind="answer", relevance=0.9)))) == ["b"]


def test_a_page_that_holds_its_words_and_no_answer_does_not_end_it():
    plan = plan_of(["a", "b"], window=1)
    plan.start()

    assert sent(plan.handle(StepSucceeded(1, opened(kind="dead_end", relevance=1.0)))) == ["b"]


def test_a_way_that_lifts_counts_whichever_came_first():
    lifts = {"entity": 0.0, "mention": 0.5, "link": 0.0}

    def support(*edges):
        plan = plan_of(["a", "b", "c"], window=3)
        plan.start()
        for number, kind in enumerate(edges, start=1):
            way = Opened(opened(("z", 0.4)).decision, {"z": Neighbour(kind, lifts[kind], 0.0)})
            plan.handle(StepSucceeded(number, way))
        return plan.support("z").edge

    assert support("entity", "mention") == support("mention", "entity") == "mention"


def test_why_a_search_ended_does_not_change_while_steps_are_in_flight():
    plan = plan_of([f"s{n:02}" for n in range(16)], window=8, seeds=16)
    plan.start()
    reasons = []
    for number in range(1, 17):
        kind, relevance = ("answer", 1.0) if number == 8 else ("expand", 0.5)
        ended = opened(kind=kind, relevance=relevance)
        try:
            reasons += finished(plan.handle(StepSucceeded(number, ended)))
        except ValueError:
            break

    assert reasons == ["answered"]


def test_a_link_counts_before_a_shared_name_whichever_came_first():
    lifts = {"entity": -0.5, "link": 0.0}
    for order in (("entity", "link"), ("link", "entity")):
        plan = plan_of(["a", "b"], window=2)
        plan.start()
        for number, kind in enumerate(order, start=1):
            priority = 0.5 if kind == "entity" else 0.4
            way = Opened(opened(("z", priority)).decision, {"z": Neighbour(kind, lifts[kind], 0)})
            plan.handle(StepSucceeded(number, way))

        assert plan.support("z").edge == "link"


def test_what_waits_is_listed_by_priority_then_depth_then_id():
    plan = plan_of([seed("a", 1.0), seed("d", 0.5), seed("c", 0.5), seed("b", 0.9)], window=1)
    plan.start()
    plan.handle(StepSucceeded(1, opened(("e", 0.1), ("f", 0.2))))

    assert plan.agents_used == 2  # a, and b in flight
    assert [entry.node for entry in plan.waiting()] == ["f", "c", "d", "e"]

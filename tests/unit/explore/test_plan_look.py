"""A look: five steps, two at a time, and then it is decided whether the search goes on."""

import pytest

from docsearch_cli.explore.plan import ExplorePlan, Neighbour, Opened, PlanLimits
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.explore.view import Decision, Follow
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.steps import Dispatch, Finish, StepFailed, StepSucceeded
from tests.unit.explore.test_plan import DEFAULTS


def quote(*terms):
    return Quote(
        section=0,
        heading="",
        text="",
        plain="",
        line_start=1,
        line_end=1,
        score=1.0,
        terms=terms,
    )


def decision(*terms, follow=(), relevance=0.5, kind="expand"):
    wanted = tuple(Follow(node, n, priority, "") for n, (node, priority) in enumerate(follow))
    return Decision(kind, relevance, "", (), (quote(*terms),), wanted, 10)


class World:
    """Pages by name, each with the words found on it and where its agent wants to go."""

    def __init__(self, hits, pages=None, **limits):
        self.pages = pages or {}
        self.plan = ExplorePlan(
            [Seed(node, 0, node, priority, "keyword") for node, priority in hits],
            PlanLimits(**{**DEFAULTS, "look_agents": 5, **limits}),
        )
        self.sent, self.reason, self.most_in_flight = [], None, 0

    def explore(self, failing=(), until=99):
        """Carry the plan out up to a number of steps and return itself."""
        self._take(self.plan.start())
        done = 0
        while done < min(len(self.sent), until):
            self.most_in_flight = max(self.most_in_flight, len(self.sent) - done)
            done += 1
            node = self.sent[done - 1]
            terms, follow = self.pages.get(node, ((), ()))
            event = StepSucceeded(
                done,
                Opened(
                    decision(*terms, follow=follow),
                    {target: Neighbour("link", 1.0, 1.0) for target, _ in follow},
                ),
            )
            self._take(self.plan.handle(StepFailed(done, "?") if node in failing else event))
        return self

    def _take(self, instructions):
        self.sent += [item.step.subject for item in instructions if isinstance(item, Dispatch)]
        self.reason = next(
            (item.reason for item in instructions if isinstance(item, Finish)), self.reason
        )


SEEDS = [("a", 1.0), ("b", 0.9), ("c", 0.3), ("d", 0.2), ("e", 0.1)]
CHAIN = {
    "a": (("pump",), (("x", 0.2),)),
    "x": (("pump",), (("y", 0.9),)),
    "y": (("pump",), (("z", 0.9),)),
    "z": (("pump",), (("u", 0.9),)),
    "u": (("pump",), (("v", 0.9),)),
}


def test_what_the_first_pages_lead_to_competes_for_the_agents_of_a_look():
    world = World(SEEDS, CHAIN).explore()

    assert world.sent[:5] == ["a", "b", "x", "c", "y"]
    assert World(SEEDS, CHAIN, look_agents=0).explore().sent[:5] == ["a", "b", "c", "d", "e"]


def test_a_look_that_came_to_nothing_goes_on_while_something_promises_much():
    world = World(SEEDS, CHAIN, max_depth=8).explore()

    assert len(world.sent) > 5
    assert world.reason == "frontier_empty"


def test_a_look_in_which_nothing_promises_much_ends_the_search():
    world = World([*SEEDS, ("f", 0.1)], seeds=6).explore()

    assert (world.sent, world.reason) == (["a", "b", "c", "d", "e"], "look")


def test_a_look_that_leaves_nothing_to_follow_ends_as_any_search():
    assert World(SEEDS).explore().reason == "frontier_empty"


def test_a_look_that_found_what_the_hits_lack_ends_the_search():
    found = {**CHAIN, "y": (("mill",), CHAIN["y"][1])}
    world = World(SEEDS, found).explore()

    assert (world.sent, world.reason) == (["a", "b", "x", "c", "y"], "look")


def test_no_step_is_sent_before_the_look_has_ended():
    world = World([(f"s{n}", 0.5 + n / 10) for n in range(9)], seeds=9)

    assert world.explore(until=4).sent == ["s8", "s7", "s6", "s5", "s4"]
    assert world.most_in_flight == 2


def test_a_look_keeps_to_a_smaller_window():
    world = World(SEEDS, CHAIN, window=1).explore()

    assert world.most_in_flight == 1


@pytest.mark.parametrize("agents", [1, 3, 5])
def test_a_look_keeps_to_the_agents_that_a_person_allows(agents):
    world = World(SEEDS, CHAIN, max_agents=agents).explore()

    assert (len(world.sent), world.reason) == (agents, "budget")


def test_steps_that_fail_are_part_of_the_look():
    world = World([*SEEDS, ("f", 0.1)], seeds=6).explore(failing="abcde")

    assert (len(world.sent), world.reason) == (5, "look")


def test_a_page_that_answers_ends_a_look_too():
    world = World(SEEDS)
    world.plan.start()
    opened = Opened(decision("pump", relevance=1.0, kind="answer"), {})
    world.plan.handle(StepSucceeded(1, opened))
    end = world.plan.handle(StepSucceeded(2, Opened(decision("pump"), {})))

    assert end == [Finish("answered")]


def test_limits_that_change_within_a_look_lift_it():
    world = World([*SEEDS, ("f", 0.1)], seeds=6)
    world.plan.changes = {5: PlanLimits(**DEFAULTS)}

    assert world.explore().sent == ["a", "b", "c", "d", "e", "f"]

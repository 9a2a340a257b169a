from dataclasses import replace

import pytest

from docsearch_cli.explore.opened_steps import OpenedSteps
from docsearch_cli.explore.view import Decision, EdgeView, Follow, View
from docsearch_cli.steps import PlannedStep


def planned(number, parent=None, item=0):
    edge = "link" if parent is not None else "keyword"
    depth = 0 if parent is None else 1
    return PlannedStep(number, "traverse", f"n{number}.md", depth, 1.0, parent, item, edge)


class Made:
    """Stands for a ``NodeStep``: only its view is looked at here."""

    def __init__(self, node, *targets):
        edges = tuple(
            EdgeView(target, target, target, "link", "out", 1.0, line, f"to {target}", 0.5, ())
            for line, target in enumerate(targets, start=7)
        )
        self.view = View(
            "", (), {}, 1.0, node, node, node, "text", "", 0.5, (), (), 0, edges, len(edges)
        )


def decision(*targets, covered=()):
    follow = tuple(Follow(target, place, 0.5, "") for place, target in enumerate(targets))
    return Decision("expand", 0.5, "", covered, (), follow, 1)


@pytest.fixture
def steps():
    """A seed that leads to a second step by its second proposal, and that one to a third."""
    found = OpenedSteps()
    found.add(planned(1), Made("n1.md", "x.md", "n2.md")).take(
        decision("x.md", "n2.md", covered=("pump",))
    )
    found.add(planned(2, 1, 1), Made("n2.md", "n3.md")).take(decision("n3.md"))
    found.add(planned(3, 2, 0), Made("n3.md"))
    return found


def test_steps_that_ended_well_are_given_in_the_order_of_dispatch(steps):
    assert [step.planned.number for step, _ in steps.decided()] == [1, 2]
    assert len(steps) == 3


def test_the_way_to_a_step_is_the_edge_that_its_parent_proposed(steps):
    assert (steps.way_to(planned(2, 1, 1)).text, steps.way_to(planned(2, 1, 1)).line) == (
        "to n2.md",
        8,
    )
    assert steps.way_to(planned(1)).text == ""


def test_the_hops_to_a_step_go_from_its_seed_on(steps):
    hops = steps.hops_to(planned(3, 2, 0))

    assert [(hop.node, hop.edge, hop.line) for hop in hops] == [
        ("n1.md", "link", 8),
        ("n2.md", "link", 7),
    ]
    assert steps.hops_to(planned(1)) == ()


def test_a_step_knows_what_was_covered_on_the_way_to_it(steps):
    assert steps.covered_before(planned(2, 1, 1)) == ("pump",)
    assert steps.covered_before(planned(4, 3, 0)) == ()
    assert steps.covered_before(planned(1)) == ()


def test_a_step_names_its_parent_once_that_is_committed(steps):
    steps[1].id = "1-traverse-abc"

    assert steps.parent_id(planned(2, 1, 1)) == "1-traverse-abc"
    assert steps.parent_id(planned(1)) is None


def test_a_released_step_keeps_the_ways_on_and_lets_go_of_the_rest(steps):
    steps[1].release()

    assert steps[1].node_step is None
    assert (steps[1].view.edges, steps[1].view.sections, steps[1].view.node) == ((), (), "n1.md")
    assert steps[1].decision is not None
    assert steps[1].decision.follow == ()
    assert steps[1].decision.covered == ("pump",)
    assert steps.way_to(planned(2, 1, 1)).line == 8


def test_a_step_without_a_decision_can_be_released(steps):
    steps[3].release()

    assert steps[3].decision is None


def test_a_node_that_is_gone_is_shown_as_nothing():
    steps = OpenedSteps()
    opened = steps.add(planned(1), None)

    assert (opened.view.path, opened.view.edges, opened.node_step) == ("n1.md", (), None)


def test_a_step_knows_what_the_page_before_it_teaches(steps):
    steps[1].take(replace(steps[1].decision, look_for=("parked sinks",)))

    assert steps.taught_before(planned(2, 1, 1)) == ("park", "sink")
    assert steps.taught_before(planned(4, 3, 0)) == ()
    assert steps.taught_before(planned(1)) == ()

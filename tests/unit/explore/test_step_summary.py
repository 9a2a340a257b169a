from dataclasses import replace

import pytest

from docsearch_cli.explore.step_output import gone_view
from docsearch_cli.explore.step_summary import StepEnding, Way, summarise_step, ways_on
from docsearch_cli.explore.view import Decision, EdgeView, Follow
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.steps import PlannedStep

STEP = PlannedStep(4, "traverse", "b.md//2", 2, 0.7, 1, 0, "link")
ENDING = StepEnding("4-abc", "1-def", "ok", 2, cached=True, ms=1.5, error="")
LINK = EdgeView("c.md", "c.md", "C", "link", "out", 1.0, 9, "see c", 0.5, ())
VIEW = replace(gone_view("b.md//2"), path="b.md", edges=(LINK, replace(LINK, target="d.md")))
QUOTES = tuple(
    Quote(n, heading, 1, 1, "q", "q", 1.0, ()) for n, heading in enumerate(("Best", "Next"))
)
DECISION = Decision(
    "expand", 0.4, "why", (), QUOTES, (Follow("c.md", 0, 0.5, ""), Follow("d.md", 1, 0.4, "")), 12
)


def summary(decision=DECISION, ending=ENDING):
    return summarise_step(STEP, VIEW, decision, way=Way("copy", 41), ending=ending)


def test_a_step_shows_what_was_opened_and_what_was_decided():
    found = summary()

    assert (found.node, found.path, found.number, found.depth) == ("b.md//2", "b.md", 4, 2)
    assert (found.decision, found.reason, found.score) == ("expand", "why", 0.4)
    assert (found.tokens_read, found.follows) == (12, 2)


def test_a_step_shows_how_it_was_reached():
    found = summary()

    assert (found.parent, found.parent_id, found.edge) == (1, "1-def", "link")
    assert (found.edge_text, found.edge_line) == ("copy", 41)


def test_a_step_shows_how_it_ended():
    found = summary()

    assert (found.id, found.status, found.attempts) == ("4-abc", "ok", 2)
    assert (found.cached, found.ms) == (True, 1.5)


def test_the_heading_is_that_of_the_best_quote():
    assert summary().heading == "Best"
    assert summary(replace(DECISION, evidence=())).heading == ""


def test_a_failed_step_shows_its_error_and_nothing_that_was_decided():
    found = summary(None, replace(ENDING, status="crash", error="it broke"))

    assert (found.decision, found.reason, found.status) == ("failed", "it broke", "crash")
    assert (found.heading, found.score, found.tokens_read, found.follows) == ("", 0.0, 0, 0)


def test_the_json_of_a_step_names_its_parent_by_id():
    assert summary().to_dict() == {
        "id": "4-abc",
        "kind": "traverse",
        "node": "b.md//2",
        "path": "b.md",
        "parent": "1-def",
        "edge": "link",
        "depth": 2,
        "decision": "expand",
        "reason": "why",
        "score": 0.4,
        "status": "ok",
        "attempts": 2,
        "cached": True,
        "ms": 1.5,
        "tokens_read": 12,
    }


def test_each_proposal_has_the_words_of_its_edge():
    edges = (LINK, replace(LINK, target="d.md", text="see d", line=11))

    assert ways_on(replace(VIEW, edges=edges), DECISION) == (Way("see c", 9), Way("see d", 11))


@pytest.mark.parametrize(
    ("target", "edge"), [("c.md", 2), ("c.md", -2), ("c.md", -1), ("d.md", 0), ("e.md", 0)]
)
def test_a_proposal_by_an_edge_that_was_not_shown_has_no_words(target, edge):
    decision = replace(DECISION, follow=(Follow(target, edge, 0.5, ""),))

    assert ways_on(VIEW, decision) == (Way("", 0),)


def test_a_seed_was_reached_by_no_words():
    assert (Way().text, Way().line) == ("", 0)

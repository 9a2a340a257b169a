import json
from dataclasses import replace

import pytest

from docsearch_cli.explore.plan import Neighbour
from docsearch_cli.explore.step_output import gone_view, read_opened
from docsearch_cli.explore.view import Decision, EdgeView, Follow

LINK = EdgeView("b.md", "b.md", "B", "link", "out", 1.0, 3, "b", 0.5, ())
MENTION = replace(LINK, target="c.md", kind="mention", weight=0.5)
NAMED_BY = replace(MENTION, target="d.md", direction="in")
NOT_CHOSEN = replace(LINK, target="e.md")
VIEW = replace(gone_view("a.md"), edges=(LINK, MENTION, NAMED_BY, NOT_CHOSEN))


def output(*follow, tokens_read=10):
    decision = Decision("expand", 0.5, "why", (), (), follow, tokens_read)
    return json.dumps(decision.to_dict()).encode()


def follow(target, edge):
    return Follow(target, edge, 0.5, "promising")


def test_the_decision_is_handed_on():
    opened = read_opened(VIEW, output(follow("b.md", 0)), 100)

    assert opened.decision == Decision("expand", 0.5, "why", (), (), (follow("b.md", 0),), 10)


def test_only_a_node_that_the_chosen_edge_leads_to_may_be_followed():
    opened = read_opened(VIEW, output(follow("b.md", 0), follow("e.md", 1)), 100)

    assert set(opened.neighbours) == {"b.md", "c.md"}


@pytest.mark.parametrize("place", [-1, 4, 99])
def test_an_edge_that_was_not_shown_leads_nowhere(place):
    assert read_opened(VIEW, output(follow("b.md", place)), 100).neighbours == {}


def test_a_neighbour_says_by_which_edge_it_is_one_and_what_that_is_worth():
    opened = read_opened(VIEW, output(follow("b.md", 0), follow("c.md", 1), follow("d.md", 2)), 100)

    assert opened.neighbours == {
        "b.md": Neighbour("link", 0.0, 0.0),
        "c.md": Neighbour("mention", 0.9375, 0.75),
        "d.md": Neighbour("mentioned_by", 0.9375, 0.75),
    }


@pytest.mark.parametrize("tokens", [0, 1, 100])
def test_an_agent_may_read_up_to_its_allowance(tokens):
    assert read_opened(VIEW, output(tokens_read=tokens), 100).decision.tokens_read == tokens


@pytest.mark.parametrize("tokens", [-1, 101])
def test_an_agent_that_claims_to_have_read_more_or_less_than_it_can_is_refused(tokens):
    with pytest.raises(ValueError, match=f"it read {tokens} tokens, not at most 100"):
        read_opened(VIEW, output(tokens_read=tokens), 100)


def test_what_is_no_decision_is_refused():
    with pytest.raises(ValueError, match="is not a decision"):
        read_opened(VIEW, output().replace(b"expand", b"hope"), 100)


def test_there_is_nothing_to_see_of_a_node_that_is_gone():
    view = gone_view("a.md")

    assert (view.node, view.path, view.sections, view.edges) == ("a.md", "a.md", (), ())
    assert (view.known_share, view.node_score) == (0, 0)
    assert (view.sections_total, view.edges_total) == (0, 0)

from dataclasses import replace

import pytest

from docsearch_cli.evaluation.losses import STAGES, GoldFacts, Loss, decide_stage
from docsearch_cli.evaluation.search_trace import SeenEdge

# Known to the index, and no more came of it.
NOTHING = GoldFacts(
    indexed=True,
    rank=None,
    keyword_rank=None,
    opened=False,
    failed=False,
    edge=None,
    answer=None,
    stop_reason="budget",
)


def seen(fate):
    return SeenEdge("hub.md", "link", 0.5, fate)


def stage_of(**facts):
    return decide_stage(replace(NOTHING, **facts))


@pytest.mark.parametrize("rank", [1, 5])
def test_among_the_first_five_is_found_opened_or_not(rank):
    assert stage_of(rank=rank, opened=True) == ("found", "")
    assert stage_of(rank=rank) == ("found", "")


@pytest.mark.parametrize("place", ["near_quote", "read", "not_read", "not_opened"])
def test_found_with_an_answer_that_no_quote_holds_is_not_quoted(place):
    assert stage_of(rank=2, answer=place) == ("not_quoted", place)


@pytest.mark.parametrize("rank", [6, None])
def test_opened_and_not_among_the_first_five_is_not_ranked(rank):
    assert stage_of(rank=rank, opened=True, answer="read", keyword_rank=1) == ("not_ranked", "")


def test_among_twenty_of_the_keyword_ranking_and_not_opened_is_not_seeded():
    assert stage_of(keyword_rank=20, edge=seen("waiting"), rank=20) == ("not_seeded", "")
    assert stage_of(keyword_rank=21)[0] == "not_reached"


def test_without_an_edge_it_is_not_reached():
    assert stage_of() == ("not_reached", "no_edge")


@pytest.mark.parametrize("fate", ["not_proposed", "fan_out", "depth", "frontier_full"])
def test_an_edge_that_was_dropped_says_why(fate):
    assert stage_of(edge=seen(fate)) == ("not_reached", fate)


@pytest.mark.parametrize("why", ["budget", "no_gain", "answered", "deadline"])
def test_an_edge_that_waited_says_what_ended_the_search(why):
    assert stage_of(edge=seen("waiting"), stop_reason=why) == ("not_reached", why)


def test_a_step_that_failed_is_no_edge_that_was_not_followed():
    assert stage_of(failed=True, keyword_rank=1, edge=seen("waiting")) == ("not_reached", "failed")


def test_a_document_that_is_not_in_the_index_is_lost_before_the_search():
    assert stage_of(indexed=False) == ("not_indexed", "")


def test_every_stage_has_a_case_here():
    cases = [
        {"rank": 1},
        {"rank": 1, "answer": "read"},
        {"opened": True},
        {"keyword_rank": 6},
        {},
        {"indexed": False},
    ]

    assert tuple(stage_of(**case)[0] for case in cases) == STAGES


def test_a_loss_in_a_predictions_file_names_where_it_was_seen():
    loss = Loss("a.md", "not_reached", "depth", None, 31, False, seen("depth"))

    assert loss.to_dict() == {
        "gold": "a.md",
        "stage": "not_reached",
        "reason": "depth",
        "rank": None,
        "keyword_rank": 31,
        "opened": False,
        "seen_on": "hub.md",
        "seen_by": "link",
    }


def test_what_there_is_no_more_to_say_of_is_null():
    found = Loss("a.md", "found", "", 1, 2, True, None).to_dict()

    assert (found["reason"], found["seen_on"], found["seen_by"]) == (None, None, None)

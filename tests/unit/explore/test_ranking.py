from dataclasses import replace

import pytest

from docsearch_cli.explore.aggregate import aggregate
from docsearch_cli.explore.findings import Join, PageFacts
from docsearch_cli.explore.ranking import document_features, page_score
from docsearch_cli.graph.edge_kinds import kind_named
from tests.unit.explore.opened_pages import facts, node, page


def test_of_a_question_in_other_words_what_pages_hold_of_them_says_less():
    pages = (page("a", "oven", "door"), page("b", "lamp", "fuse"))
    hits = [("a", 0.9), ("b", 0.5)]
    known = replace(facts(terms=("oven", "door", "lamp", "fuse"), hits=hits), pages=pages)
    partly = replace(known, known_share=0.5)
    named = node("c", edge="mention", priority=0.9, node_score=0.2)

    assert 0 < document_features(partly)["b"][1] < document_features(known)["b"][1]
    assert 0.2 < page_score(named, trust=0.5) < page_score(named)
    seed = replace(named, edge="title")
    assert page_score(seed, trust=0.5) == page_score(seed)


@pytest.mark.parametrize("edge", ["keyword", "title", "start"])
def test_a_seed_is_worth_what_it_was_planned_with(edge):
    assert page_score(node("a", edge=edge, priority=0.7, node_score=0.1)) == 0.7


def ranked(*opened, hits=(), pages=(), terms=("oven", "door", "lamp", "fuse")):
    found = aggregate(replace(facts(*opened, hits=hits, terms=terms), pages=tuple(pages)))
    return [item.path for item in found.documents]


def test_a_document_that_adds_to_the_best_comes_before_one_that_repeats_it():
    pages = [page("a", "oven", "door"), page("b", "oven", "door"), page("c", "lamp", "fuse")]

    assert ranked(hits=[("a", 1.0), ("b", 0.5), ("c", 0.5)], pages=pages) == ["a", "c", "b"]


def test_two_joined_documents_that_hold_the_question_together_are_both_lifted():
    pages = [page("a", "oven", "door"), page("b", "lamp", "fuse"), page("c", "lamp", "fuse")]
    opened = [
        node("a", priority=0.9),
        node("b", priority=0.5, joins=(Join("a", 1.0),)),
        node("c", priority=0.5),
    ]
    given = facts(*opened, terms=("oven", "door", "lamp", "fuse"))
    lifted = document_features(replace(given, pages=pages))

    assert [lifted[path][2] for path in "abc"] == [0.5, 0.5, 0.0]
    assert ranked(*opened, pages=pages) == ["a", "b", "c"]


def test_a_faint_join_lifts_less():
    pages = [page("a", "oven"), page("b", "door")]
    opened = [node("a"), node("b", joins=(Join("a", 0.2),))]
    found = document_features(replace(facts(*opened, terms=("oven", "door")), pages=tuple(pages)))

    assert found["b"][2] == pytest.approx(0.2 * 0.5)


def test_a_join_to_a_page_that_was_not_kept_or_to_itself_is_nothing():
    pages = [page("a", "oven")]
    opened = [node("a", joins=(Join("gone", 1.0), Join("a", 1.0)))]

    assert document_features(replace(facts(*opened), pages=tuple(pages)))["a"][2] == 0


def test_where_one_page_holds_the_question_no_other_is_lifted_for_what_it_adds():
    hits = [("a", 0.9), ("b", 0.5)]
    whole = (PageFacts("a", ("oven", "door")), PageFacts("b", ("door",)))
    half = (PageFacts("a", ("oven",)), PageFacts("b", ("door",)))

    def adds(pages):
        given = facts(terms=("oven", "door"), hits=hits)
        return document_features(replace(given, pages=pages))["b"][1]

    assert adds(whole) == 0
    assert adds(half) == 0.5


def propagation(kind, weight):
    return kind_named(kind).propagation(weight)


def test_a_link_does_not_raise_its_target():
    assert propagation("link", 1.0) == propagation("part", 1.0) == 0
    assert page_score(node("a", edge="link", lift=0.0, priority=0.9, node_score=0.2)) == 0.2


def test_a_mention_raises_its_target_the_more_the_rarer():
    rare = node("a", edge="mention", priority=0.9, node_score=0.2, lift=1.0)
    common = replace(rare, lift=propagation("mention", 0.2))

    assert propagation("mention", 0.9) == 1.0
    assert page_score(rare) == pytest.approx(0.9)
    assert 0.2 < page_score(common) < 0.9


def test_a_page_that_only_shares_a_name_is_lowered():
    lift = propagation("entity", 1.0)

    assert page_score(node("a", edge="entity", lift=lift, priority=0.9, node_score=0.5)) < 0.5


def test_a_page_that_was_opened_is_never_lowered_to_nothing():
    low = node("a", edge="entity", lift=propagation("entity", 1.0), priority=0.9, node_score=0.1)

    assert page_score(low) > 0

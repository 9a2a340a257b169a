from dataclasses import replace

import pytest

from docsearch_cli.explore.aggregate import aggregate
from docsearch_cli.explore.findings import Join, PageFacts, Promise
from docsearch_cli.explore.ranking import (
    document_features,
    naming_of,
    page_score,
    rank_documents,
)
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


def test_sharing_a_name_alone_does_not_move_a_page():
    lift = propagation("entity", 1.0)

    assert page_score(node("a", edge="entity", lift=lift, priority=0.9, node_score=0.5)) == 0.5


HALVES = (page("a", "oven", "door"), page("b", "lamp", "fuse"))
WORDS = ("oven", "door", "lamp", "fuse")


def given(*opened, pages=HALVES, hits=(("a", 0.9), ("b", 0.5)), known_share=1.0):
    found = facts(*opened, hits=hits, terms=WORDS)
    return replace(found, pages=tuple(pages), known_share=known_share)


def adds(pages, known_share=1.0):
    """What the second page adds to the first, which is the best."""
    return document_features(given(pages=pages, known_share=known_share))["b"][1]


def test_a_score_is_the_pages_own_a_third_of_what_it_adds_and_what_it_covers_with_another():
    joined = node("b", priority=0.5, joins=(Join("a", 0.5),))
    alone = [(item.path, item.score) for item in rank_documents(given())]
    together = rank_documents(given(node("a", priority=0.9), joined))

    assert alone == [("a", 0.9 + 0.35 * 0.5), ("b", 0.5 + 0.35 * 0.5)]
    assert [(item.path, item.score) for item in together] == [
        ("a", 0.9 + 0.35 * 0.5 + 0.5 * 0.5),
        ("b", 0.5 + 0.35 * 0.5 + 0.5 * 0.5),
    ]


def test_scores_have_four_decimals_and_equal_ones_are_ordered_by_path():
    hits = (("b", 0.123456), ("a", 0.123456))

    ranked = rank_documents(given(pages=(), hits=hits))
    assert [(item.path, item.score) for item in ranked] == [("a", 0.1235), ("b", 0.1235)]


def test_the_more_one_page_covers_beyond_half_the_less_it_counts_what_others_add():
    half, most = HALVES, (page("a", "oven", "door", "lamp"), page("b", "fuse"))

    assert adds(half) == 0.5
    assert adds(most) == 0.25 * 0.5


def test_the_less_the_best_hit_covers_below_half_the_less_it_counts_what_others_add():
    assert adds((page("a", "oven"), page("b", "door"))) == 0.25 * 0.5


def test_the_more_words_are_missing_the_less_it_counts_what_pages_cover():
    assert adds(HALVES, known_share=0.8) == pytest.approx(0.5 * 0.8**2 * 0.8)
    assert adds((page("a", *WORDS[:3]), page("b", "fuse")), known_share=0.8) == pytest.approx(
        0.25 * 0.5 * 0.8**2
    )


def test_what_is_covered_is_measured_on_the_hits_and_on_all_pages_where_none_is_known():
    other = page("c", *WORDS)

    assert adds((*HALVES, other)) == 0.5
    unknown = given(node("a", priority=0.9), node("b", priority=0.5), pages=HALVES, hits=())
    assert document_features(unknown)["b"][1] == 0.5


def test_the_best_document_is_compared_with_the_second_best_and_the_rest_with_the_best():
    pages = (page("a", "oven", "door"), page("b", "oven", "lamp"), page("c", "oven", "door"))
    found = document_features(given(pages=pages, hits=(("a", 0.9), ("b", 0.6), ("c", 0.5))))

    assert [found[path][1] for path in "abc"] == [0.25, 0.25, 0.0]
    assert document_features(given(pages=pages[:1], hits=(("a", 0.9),)))["a"][1] == 0.5


def test_a_document_is_worth_its_best_page():
    low, high = node("a", priority=0.2), replace(node("a//2", priority=0.7), path="a")

    for opened in ((low, high), (high, low)):
        assert document_features(given(*opened, pages=(), hits=()))["a"][0] == 0.7


def test_a_hit_counts_only_above_what_was_opened_of_its_document():
    shared = node("a", edge="entity", lift=0.0, priority=0.9, node_score=0.5)

    def own(hit):
        return document_features(given(shared, pages=(), hits=(("a", hit),)))["a"][0]

    assert own(0.4) == 0.5
    assert own(0.6) == 0.6


def test_a_page_is_moved_by_as_much_of_its_lead_as_the_edge_says():
    reached = node("a", edge="mention", lift=0.8, priority=0.9, node_score=0.4)

    assert page_score(reached) == pytest.approx(0.4 + 0.8 * 0.5)
    assert page_score(reached, trust=0.5) == pytest.approx(0.4 + 0.4 * 0.5)


def test_a_page_whose_own_score_is_above_its_priority_is_not_moved():
    assert page_score(node("a", edge="mention", lift=1.0, priority=0.3, node_score=0.4)) == 0.4


def test_couplings_count_both_ways_and_only_the_best_of_them():
    pages = (page("a", "oven", "door"), page("b", "lamp"), page("c", "lamp", "fuse"))
    opened = (
        node("a", priority=0.9),
        node("b", priority=0.5, joins=(Join("a", 1.0),)),
        node("c", priority=0.5, joins=(Join("a", 0.6), Join("b", 1.0))),
    )
    found = document_features(given(*opened, pages=pages, hits=(("a", 0.9),)))

    assert [found[path][2] for path in "abc"] == pytest.approx([0.3, 0.25, 0.3])


def test_a_page_of_which_nothing_is_known_is_worth_what_it_is_alone():
    pages = (page("a", "oven", "door"),)
    opened = (node("a", priority=0.9), node("b", priority=0.5, joins=(Join("a", 1.0),)))

    assert document_features(given(*opened, pages=pages))["b"] == (0.5, 0.0, 0.0)
    assert document_features(given(*opened, pages=pages))["a"] == (0.9, 0.5, 0.0)


def promised(open_share, *, known_share=1.0, lift=1.0, edge="link", name_share=1.0):
    """What a page is raised by, as a share of the score of the page that promises it.

    The best hit leaves so much of the question open.
    """
    held = WORDS[: round((1 - open_share) * len(WORDS))]
    opened = (
        node("a", priority=0.8, node_score=0.8),
        node("b", edge="link", lift=0.0, node_score=0.1, promises=(Promise("a", edge, lift),)),
    )
    found = given(*opened, pages=(page("a", *held),), hits=(("a", 0.8),), known_share=known_share)
    found = replace(found, name_share=name_share)
    scores = {item.path: item.score for item in rank_documents(found)}
    return (scores["b"] - 0.1) / scores["a"]


def test_what_an_edge_says_raises_its_target_by_the_score_of_the_page_that_says_it():
    assert promised(0.5) == pytest.approx(1.0, abs=1e-3)
    assert promised(0.5, lift=0.25) == pytest.approx(0.25, abs=1e-3)


def test_where_a_hit_answers_by_itself_and_where_words_are_missing_a_promise_counts_less():
    assert promised(0.0) == 0
    assert promised(0.25) == pytest.approx(0.5, abs=1e-3)
    assert promised(0.5, known_share=0.5) == pytest.approx(0.5**3, abs=1e-3)


def test_of_several_promises_the_best_counts_and_one_from_the_same_document_is_nothing():
    pages = (page("a", "oven", "door"),)
    opened = (
        node("a", priority=0.8, node_score=0.8),
        node("c", priority=0.4, node_score=0.4),
        node(
            "b",
            edge="link",
            lift=0.0,
            node_score=0.1,
            promises=(
                Promise("a", "link", 0.5),
                Promise("c", "link", 0.5),
                Promise("b", "link", 9.0),
                Promise("gone", "link", 9.0),
            ),
        ),
    )
    ranked = rank_documents(given(*opened, pages=pages, hits=()))
    scores = {item.path: item.score for item in ranked}

    assert scores["b"] == pytest.approx(0.1 + 0.5 * scores["a"], abs=1e-3)


def test_where_titles_are_no_names_only_what_a_links_sentence_says_counts():
    assert promised(0.5, edge="link", name_share=0.2) == pytest.approx(1.0, abs=1e-3)
    assert promised(0.5, edge="entity") == pytest.approx(1.0, abs=1e-3)
    assert promised(0.5, edge="entity", name_share=0.7) == pytest.approx(0.5, abs=1e-3)
    assert promised(0.5, edge="follow_up", name_share=0.2) == 0
    joined = node("b", priority=0.5, node_score=0.5, joins=(Join("a", 1.0),))
    manual = replace(given(node("a", priority=0.9, node_score=0.9), joined), name_share=0.2)
    assert {item.path: item.score for item in rank_documents(manual)} == {"a": 0.9, "b": 0.5}


def test_a_corpus_is_one_of_names_from_half_on_and_in_full_from_nine_tenths():
    assert naming_of(0.95) == 1.0
    assert naming_of(0.5) == naming_of(0.1) == 0.0
    assert naming_of(0.7) == pytest.approx(0.5)


def test_where_titles_are_no_names_one_in_the_question_or_in_a_text_raises_less():
    named = node("a", edge="mention", lift=1.0, priority=0.9, node_score=0.5)
    asked = replace(named, edge="title")

    assert page_score(named, naming=0.0) == 0.5
    assert page_score(asked, naming=0.0) == pytest.approx(0.7)
    assert page_score(asked, naming=1.0) == page_score(named, naming=1.0) == pytest.approx(0.9)
    assert page_score(replace(named, edge="start"), naming=0.0) == pytest.approx(0.9)


def test_a_page_that_an_agent_judged_to_answer_comes_before_all_that_words_rank():
    judged = replace(node("c", priority=0.01), judged=0.3)
    ranking = ranked(judged, node("a", priority=1.0), hits=[("b", 0.9)])

    assert ranking[0] == "c"
    assert set(ranking[1:]) == {"a", "b"}


def test_of_judged_pages_the_one_that_answers_more_comes_first_then_the_one_with_more_words():
    more = replace(node("c", priority=0.1), judged=0.9)
    less = replace(node("b", priority=0.3), judged=0.2)
    words = replace(node("d", priority=0.5), judged=0.2)

    assert ranked(less, words, more) == ["c", "d", "b"]


def test_a_judged_page_without_a_word_of_the_question_is_ranked():
    assert ranked(replace(node("a", priority=0.0), judged=0.5)) == ["a"]

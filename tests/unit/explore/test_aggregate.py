import json
from dataclasses import replace

import pytest

from docsearch_cli.explore.aggregate import aggregate, features, lift_of, tie_of, worth
from docsearch_cli.explore.answerability import VerdictFacts
from docsearch_cli.explore.findings import (
    AggregateInput,
    Findings,
    Hop,
    Join,
    OpenedNode,
    PageFacts,
    RankedPath,
)
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.steps import canonical_json, estimate_tokens


def evidence(text, *, line=1, terms=("oven",), score=1.0):
    return Quote(0, "H", line, line, text, text, score, tuple(terms))


def node(path, *quotes, priority=0.5, **changes):
    base = OpenedNode(
        step=f"1-traverse-{path}",
        node=path,
        path=path,
        edge="keyword",
        lift=1.0,
        priority=priority,
        node_score=priority,
        evidence=tuple(evidence(q) if isinstance(q, str) else q for q in quotes),
        via=(),
    )
    return replace(base, **changes)


def facts(*opened, hits=(), answer_tokens=600, most_documents=20, terms=("oven",), share=1.0):
    return AggregateInput(
        tokens=tuple(terms),
        idf=dict.fromkeys(terms, 1.0),
        opened=tuple(opened),
        hits=tuple(RankedPath(path, score) for path, score in hits),
        answer_tokens=answer_tokens,
        most_documents=most_documents,
        verdict=VerdictFacts(share),
    )


def test_nothing_opened_gives_nothing():
    found = aggregate(facts())

    assert (found.documents, found.evidence, found.answer, found.cited) == ((), (), "", ())


def test_documents_are_ranked_once_each():
    found = aggregate(facts(node("a", priority=0.4), hits=[("a", 0.9), ("b", 0.5)]))

    assert [(item.path, item.score) for item in found.documents] == [("a", 0.9), ("b", 0.5)]


def test_equal_documents_are_ordered_by_path():
    found = aggregate(facts(hits=[("b", 0.5), ("a", 0.5)]))

    assert [item.path for item in found.documents] == ["a", "b"]


def test_no_more_documents_than_allowed_are_ranked():
    found = aggregate(facts(hits=[(f"{n}", 0.5) for n in range(9)], most_documents=3))

    assert len(found.documents) == 3


def test_a_document_that_is_worth_nothing_is_left_out():
    assert aggregate(facts(node("a", priority=0.0))).documents == ()


def test_a_quote_of_a_better_page_comes_first():
    found = aggregate(
        facts(node("a", "oven one", priority=0.6), node("b", "oven number two", priority=0.9))
    )

    assert [item.path for item in found.evidence] == ["b", "a"]


def test_a_quote_that_repeats_another_is_left_out():
    found = aggregate(facts(node("a", "the hot oven"), node("b", "The hot oven!")))

    assert len(found.evidence) == 1


def test_one_document_gives_at_most_three_quotes():
    texts = ["red oven", "big fire", "old loaf", "new salt"]
    quotes = [evidence(text, line=n) for n, text in enumerate(texts)]

    assert len(aggregate(facts(node("a", *quotes))).evidence) == 3


def test_a_quote_counts_by_how_it_compares_with_the_best_of_its_page():
    weak, strong = evidence("loaf", score=1.0), evidence("oven", score=4.0)
    found = aggregate(facts(node("a", weak, strong)))

    scores = {item.quote: item.score for item in found.evidence}
    assert (scores["oven"], scores["loaf"]) == (1.0, pytest.approx(1 - 0.75 * 0.18))


def test_of_a_question_in_other_words_what_pages_hold_of_them_says_less():
    pages = (page("a", "oven", "door"), page("b", "lamp", "fuse"))
    hits = [("a", 0.9), ("b", 0.5)]
    known = replace(facts(terms=("oven", "door", "lamp", "fuse"), hits=hits), pages=pages)
    partly = replace(known, known_share=0.5)
    named = node("c", edge="mention", priority=0.9, node_score=0.2)

    assert 0 < features(partly)["b"][1] < features(known)["b"][1]
    assert 0.2 < worth(named, trust=0.5) < worth(named)
    seed = replace(named, edge="title")
    assert worth(seed, trust=0.5) == worth(seed)


def test_of_pages_worth_the_same_the_one_that_holds_the_identifier_comes_first():
    terms = ("peer", "listen", "peer_listen")
    parts = node("a", evidence("peers that listen", terms=terms[:2]))
    whole = node("b", evidence("peer_listen is a port", terms=terms))

    assert aggregate(facts(parts, whole, terms=terms)).evidence[0].quote == "peer_listen is a port"


def test_a_sentence_that_repeats_nothing_of_the_question_may_be_quoted():
    said = evidence("It opened in 1903.", terms=(), score=2.0)
    found = aggregate(facts(node("a", evidence("the oven", score=3.0), said)))

    assert "1903" in found.evidence[1].quote


def test_what_the_best_section_hardly_speaks_to_is_not_found():
    found = aggregate(facts(node("a", "red oven"), hits=[("a", 0.9)], share=0.1))

    assert (found.found, found.answer, found.cited) == (False, "", ())
    assert "10%" in found.reason
    assert [item.path for item in found.documents] == ["a"]
    assert [item.path for item in found.evidence] == ["a"]


def test_where_no_page_matches_nothing_is_found():
    found = aggregate(facts())

    assert (found.found, found.reason) == (False, "no page matches the question")


def test_a_page_that_gave_no_quote_is_found_all_the_same():
    assert aggregate(facts(node("a"))).found


def test_what_one_section_speaks_to_is_found():
    found = aggregate(facts(node("a", "red oven")))

    assert (found.found, found.cited) == (True, (1,))


def test_quotes_are_cut_to_the_answers_tokens():
    quotes = [node(f"{n}", f"{'word' * 20} {n}") for n in range(6)]
    found = aggregate(facts(*quotes, answer_tokens=50))

    assert sum(estimate_tokens(item.quote) for item in found.evidence) <= 50
    assert found.tokens_returned == sum(estimate_tokens(item.quote) for item in found.evidence)


def test_one_quote_is_kept_however_small_the_allowance():
    assert len(aggregate(facts(node("a", "oven " * 200), answer_tokens=50)).evidence) == 1


def test_evidence_is_numbered_from_one():
    found = aggregate(facts(node("a", "oven one"), node("b", "a second thing")))

    assert [item.n for item in found.evidence] == [1, 2]


def test_the_answer_cites_one_quote_of_each_document():
    found = aggregate(facts(node("a", "red oven", "big fire"), node("b", "old loaf")))
    paths = [found.evidence[n - 1].path for n in found.cited]

    assert len(paths) == len(set(paths)) == 2
    assert all(f"[{n}]" in found.answer for n in found.cited)


def test_the_way_to_a_quote_is_kept():
    via = (Hop("start.md", "link", 7),)
    found = aggregate(facts(node("a", "oven", via=via)))

    assert found.evidence[0].via == via


@pytest.mark.parametrize("edge", ["keyword", "title", "start"])
def test_a_seed_is_worth_what_it_was_planned_with(edge):
    assert worth(node("a", edge=edge, priority=0.7, node_score=0.1)) == 0.7


def test_a_link_does_not_lift_its_target():
    assert lift_of("link", 1.0) == lift_of("part", 1.0) == 0
    assert worth(node("a", edge="link", lift=0.0, priority=0.9, node_score=0.2)) == 0.2


def test_a_mention_lifts_its_target_the_more_the_rarer():
    rare = node("a", edge="mention", priority=0.9, node_score=0.2, lift=1.0)
    common = replace(rare, lift=lift_of("mention", 0.2))

    assert lift_of("mention", 0.9) == 1.0
    assert worth(rare) == pytest.approx(0.9)
    assert 0.2 < worth(common) < 0.9


def test_the_order_of_opening_changes_nothing():
    nodes = [node("a", "oven one"), node("b", "a second thing"), node("c", "third, the oven")]

    assert aggregate(facts(*nodes)) == aggregate(facts(*reversed(nodes)))


def test_the_input_survives_json():
    given = facts(node("a", "oven", via=(Hop("s", "link", 1),)), hits=[("a", 0.5)])

    assert AggregateInput.from_dict(json.loads(canonical_json(given.to_dict()))) == given


def test_the_findings_survive_json():
    found = aggregate(facts(node("a", "oven", via=(Hop("s", "link", 1),)), hits=[("a", 0.5)]))

    assert Findings.from_dict(json.loads(canonical_json(found.to_dict()))) == found


def page(path, *held):
    return PageFacts(path, held)


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
    lifted = features(replace(facts(*opened, terms=("oven", "door", "lamp", "fuse")), pages=pages))

    assert [lifted[path][2] for path in "abc"] == [0.5, 0.5, 0.0]
    assert ranked(*opened, pages=pages) == ["a", "b", "c"]


def test_a_faint_join_lifts_less():
    pages = [page("a", "oven"), page("b", "door")]
    opened = [node("a"), node("b", joins=(Join("a", 0.2),))]
    found = features(replace(facts(*opened, terms=("oven", "door")), pages=tuple(pages)))

    assert found["b"][2] == pytest.approx(0.2 * 0.5)


def test_a_join_to_a_page_that_was_not_kept_or_to_itself_is_nothing():
    pages = [page("a", "oven")]
    opened = [node("a", joins=(Join("gone", 1.0), Join("a", 1.0)))]

    assert features(replace(facts(*opened), pages=tuple(pages)))["a"][2] == 0


def test_without_page_facts_a_document_is_worth_what_it_is_alone():
    found = aggregate(facts(node("a", priority=0.4), hits=[("b", 0.5)]))

    assert [(item.path, item.score) for item in found.documents] == [("b", 0.5), ("a", 0.4)]


def test_the_input_survives_being_written_down():
    opened = node("a", joins=(Join("b", 0.5),))
    before = replace(facts(opened, hits=[("b", 0.5)]), pages=(page("a", "oven"),))

    assert AggregateInput.from_dict(json.loads(json.dumps(before.to_dict()))) == before


def test_a_page_that_only_shares_a_name_is_held_back():
    lift = lift_of("entity", 1.0)

    assert worth(node("a", edge="entity", lift=lift, priority=0.9, node_score=0.5)) < 0.5


def test_pages_that_share_a_name_are_judged_together_the_more_the_rarer_it_is():
    assert 0 < tie_of("entity", 0.2) < tie_of("entity", 0.8) <= 1
    assert tie_of("link", 1.0) == 0


def test_where_one_page_holds_the_question_no_other_is_lifted_for_what_it_adds():
    hits = [("a", 0.9), ("b", 0.5)]
    whole = (PageFacts("a", ("oven", "door")), PageFacts("b", ("door",)))
    half = (PageFacts("a", ("oven",)), PageFacts("b", ("door",)))

    def adds(pages):
        return features(replace(facts(terms=("oven", "door"), hits=hits), pages=pages))["b"][1]

    assert adds(whole) == 0
    assert adds(half) == 0.5


def test_a_page_that_was_opened_is_never_held_back_to_nothing():
    low = node("a", edge="entity", lift=lift_of("entity", 1.0), priority=0.9, node_score=0.1)

    assert worth(low) > 0

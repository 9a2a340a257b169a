import json
from dataclasses import replace

import pytest

from docsearch_cli.explore.aggregate import aggregate
from docsearch_cli.explore.answerability import VerdictFacts
from docsearch_cli.explore.findings import AggregateInput, Findings, Hop, Join
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.steps import canonical_json, estimate_tokens
from tests.unit.explore.opened_pages import evidence, facts, node, page


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
    assert scores["oven"] == 1.0
    assert scores["loaf"] < 1.0


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

    assert sum(estimate_tokens(item.plain) for item in found.evidence) <= 50
    assert found.tokens_returned == sum(estimate_tokens(item.quote) for item in found.evidence)


def test_the_first_quote_is_cut_between_words_where_the_allowance_is_smaller():
    text = "The **oven** is hot.\n" * 20
    long = Quote(0, "H", 3, 22, text, "The oven is hot. " * 20, 1.0, ("oven",))
    found = aggregate(facts(node("a", long), answer_tokens=50))
    (cut,) = found.evidence

    assert found.tokens_returned <= 50
    assert text.startswith(cut.quote)
    assert cut.quote.replace("*", "").split() == cut.plain.split()
    assert cut.plain.split()[-1] in ("The", "oven", "is", "hot.")
    assert (cut.line_start, cut.line_end) == (3, 3 + cut.quote.count("\n"))


def test_a_quote_without_a_space_is_cut_all_the_same():
    found = aggregate(facts(node("a", "o" * 900), answer_tokens=50))

    assert found.evidence[0].plain == "o" * 200


def test_a_quote_that_is_too_long_gives_way_to_its_best_sentence():
    text = "Long ago. " * 30 + "\nThe **oven** is hot."
    start, plain_start = text.index("The"), len("Long ago. " * 30) + 1
    plain = text.replace("*", "")
    core = (start, len(text), plain_start, len(plain))
    grown = Quote(0, "H", 3, 4, text, plain, 1.0, ("oven",), core=core)
    (cut,) = aggregate(facts(node("a", grown), answer_tokens=50)).evidence

    assert (cut.quote, cut.plain) == ("The **oven** is hot.", "The oven is hot.")
    assert (cut.line_start, cut.line_end) == (4, 4)


def test_a_quote_that_does_not_fit_leaves_room_for_one_that_does():
    long, short = evidence("oven " * 30), evidence("a loaf")
    found = aggregate(
        facts(node("a", "red oven"), node("b", long), node("c", short), answer_tokens=30)
    )

    assert [item.quote for item in found.evidence] == ["red oven", "a loaf"]


def test_the_reason_tells_what_one_quote_covers():
    found = aggregate(
        facts(
            node("a", evidence("the oven", terms=("oven",)), evidence("a door", terms=("door",))),
            terms=("oven", "door"),
        )
    )

    assert found.reason == "one quote holds 50% of the question's words"


def test_the_reason_tells_if_no_quote_holds_what_is_asked_for():
    unfit = replace(evidence("the oven"), holds=0.0)
    found = aggregate(facts(node("a", unfit)))

    assert found.reason == (
        "one quote holds all words of the question; no quote holds the kind of thing it asks for"
    )


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


def test_the_order_of_opening_changes_nothing():
    nodes = [node("a", "oven one"), node("b", "a second thing"), node("c", "third, the oven")]

    assert aggregate(facts(*nodes)) == aggregate(facts(*reversed(nodes)))


def test_the_input_survives_json():
    given = facts(node("a", "oven", via=(Hop("s", "link", 1),)), hits=[("a", 0.5)])

    assert AggregateInput.from_dict(json.loads(canonical_json(given.to_dict()))) == given


def test_the_findings_survive_json():
    found = aggregate(facts(node("a", "oven", via=(Hop("s", "link", 1),)), hits=[("a", 0.5)]))

    assert Findings.from_dict(json.loads(canonical_json(found.to_dict()))) == found


def test_without_page_facts_a_document_is_worth_what_it_is_alone():
    found = aggregate(facts(node("a", priority=0.4), hits=[("b", 0.5)]))

    assert [(item.path, item.score) for item in found.documents] == [("b", 0.5), ("a", 0.4)]


def test_the_input_survives_being_written_down():
    opened = node("a", joins=(Join("b", 0.5),))
    before = replace(facts(opened, hits=[("b", 0.5)]), pages=(page("a", "oven"),))

    assert AggregateInput.from_dict(json.loads(json.dumps(before.to_dict()))) == before


def scores_of(found):
    return {item.quote: item.score for item in found.evidence}


# What a quote has that covers all of the question before any other does: the most there is.
ALL = 1.3


def test_a_quote_counts_by_its_page_its_place_there_and_its_share_of_the_question():
    best = node("a", evidence("the oven door", terms=("oven", "door")), priority=0.8)
    half = node("b", evidence("an oven", terms=("oven",)), priority=0.4)
    found = aggregate(facts(best, half, terms=("oven", "door")))

    assert scores_of(found) == {
        "the oven door": 1.0,
        "an oven": pytest.approx((0.7 / 2 + 0.1 + 0.2 / 2) / ALL, abs=1e-4),
    }


def test_a_quote_without_the_kind_of_thing_asked_for_comes_after_one_with_it():
    told = node("a", evidence("the oven is hot"), priority=1.0)
    answers = node("b", evidence("its oven has 300 degrees"), priority=0.8)
    found = aggregate(facts(told, answers))
    assert [item.path for item in found.evidence] == ["a", "b"]

    lacking = replace(told, evidence=(replace(told.evidence[0], lacks=1.0),))
    found = aggregate(replace(facts(lacking, answers), name_share=0.0))
    assert [item.path for item in found.evidence] == ["b", "a"]
    assert scores_of(found)["the oven is hot"] == pytest.approx((1.0 - 0.25) / ALL, abs=1e-4)

    named = aggregate(facts(lacking, answers))  # as in an encyclopedia
    assert [item.path for item in named.evidence] == ["a", "b"]
    judged = replace(lacking, judged=0.5)  # an agent has read that it answers
    assert [
        item.path for item in aggregate(replace(facts(judged, answers), name_share=0.0)).evidence
    ] == ["a", "b"]


def test_where_no_quote_holds_what_is_asked_for_the_best_page_is_quoted_all_the_same():
    lacking = replace(evidence("an oven", terms=()), lacks=1.0)
    pages = facts(node("a", lacking, priority=0.0), node("b", lacking, priority=0.0))
    found = aggregate(replace(pages, name_share=0.0))

    assert [item.score for item in found.evidence] == [0.0]


def test_a_quote_gains_by_what_no_quote_before_it_covers():
    best = node("a", evidence("the oven", terms=("oven",)), priority=1.0)
    same = node("b", evidence("its red oven", terms=("oven",)), priority=0.6)
    other = node("c", evidence("the door", terms=("door",)), priority=0.5)
    found = aggregate(facts(best, same, other, terms=("oven", "door")))

    assert [item.path for item in found.evidence] == ["a", "c", "b"]


def test_a_page_with_an_answer_is_quoted_before_another_page_is_quoted_again():
    many = node("a", evidence("one oven"), evidence("cake"), evidence("fire"), priority=1.0)
    found = aggregate(facts(many, node("b", evidence("an oven too"), priority=0.4)))

    assert [item.path for item in found.evidence] == ["a", "b", "a", "a"]


def test_no_quote_has_more_than_one_before_it():
    many = node("a", evidence("one oven"), evidence("cake"), evidence("fire"), priority=1.0)
    found = aggregate(facts(many, node("b", evidence("an oven too"), priority=0.4)))
    scores = [item.score for item in found.evidence]

    assert scores == sorted(scores, reverse=True)


def test_the_score_of_a_quote_has_four_decimals():
    found = aggregate(facts(node("a", "oven", priority=0.9), node("b", "loaf", priority=0.7)))

    score = scores_of(found)["loaf"]
    assert score == round(score, 4) == pytest.approx((0.7 * 7 / 9 + 0.3) / ALL, abs=1e-4)


def test_a_quote_that_is_worth_less_than_a_third_of_the_best_does_not_help():
    found = aggregate(
        facts(
            node("a", "oven", priority=1.0),
            node("b", evidence("loaf", terms=()), priority=0.3),
            node("c", evidence("salt", terms=()), priority=0.28),
        )
    )

    assert list(scores_of(found)) == ["oven", "loaf"]  # .31 and, of the salt, .296


def test_where_no_quote_of_a_page_has_a_score_its_page_counts_alone():
    found = aggregate(facts(node("a", evidence("oven", score=0.0))))

    assert scores_of(found) == {"oven": pytest.approx((0.7 + 0.2 + 0.3) / ALL, abs=1e-4)}


def test_quotes_of_a_page_that_is_worth_nothing_count_by_themselves():
    found = aggregate(facts(node("a", "oven", priority=0.0)))

    assert scores_of(found) == {"oven": pytest.approx((0.1 + 0.2 + 0.3) / ALL, abs=1e-4)}


def test_equal_quotes_are_ordered_by_node_line_and_text():
    one = node("b", evidence("salt", line=2), evidence("loaf", line=1))
    other = node("a", evidence("yeast", line=5), evidence("flour", line=5))
    found = aggregate(facts(one, other))

    assert [item.quote for item in found.evidence] == ["flour", "loaf", "yeast", "salt"]


def test_no_more_than_twelve_quotes_are_handed_back():
    texts = ["ash", "bun", "cake", "dough", "egg", "fire", "gram", "heat", "iron", "jug"]
    texts += ["keg", "lid", "mug"]
    found = aggregate(facts(*(node(text, text) for text in texts)))

    assert [item.quote for item in found.evidence] == texts[:12]


def test_a_page_with_many_quotes_leaves_room_for_another():
    many = node("a", "ash", "bun", "cake", "dough", "egg", priority=0.9)
    found = aggregate(facts(many, node("b", "fire", priority=0.8)))

    assert [item.path for item in found.evidence] == ["a", "b", "a", "a"]


def test_the_answer_cites_at_most_three_documents():
    found = aggregate(facts(*(node(text, text) for text in ("ash", "bun", "cake", "dough"))))

    assert found.cited == (1, 2, 3)
    assert found.answer == "ash [1] bun [2] cake [3]"


def test_a_quote_that_repeats_any_kept_one_is_left_out():
    quotes = ("the hot oven", "a cold lamp", "The hot oven!")
    found = aggregate(facts(*(node(f"{n}", text) for n, text in enumerate(quotes))))

    assert [item.quote for item in found.evidence] == ["the hot oven", "a cold lamp"]


def test_a_quote_fits_that_fills_the_allowance_and_a_long_one_gives_way_to_a_short_one():
    quotes = [evidence(text, line=n) for n, text in enumerate(("a" * 80, "b" * 120, "c" * 80))]
    found = aggregate(facts(node("a", *quotes), answer_tokens=40))

    assert [item.quote[0] for item in found.evidence] == ["a", "c"]


def test_a_quote_says_where_it_stands():
    quoted = Quote(3, "Ovens", 7, 8, "**Hot** oven.", "Hot oven.", 1.0, ("oven",))
    (found,) = aggregate(facts(replace(node("a.md//2", quoted, paged=True), path="a.md"))).evidence

    assert (found.path, found.node, found.step) == ("a.md", "a.md//2", "1-traverse-a.md//2")
    assert (found.heading, found.line_start, found.line_end) == ("Ovens", 7, 8)
    assert (found.quote, found.plain, found.paged) == ("**Hot** oven.", "Hot oven.", True)


def test_what_is_said_of_a_quote_is_said_of_one_that_is_handed_back():
    whole = replace(
        evidence("The oven and its door. " + "More of it all. " * 30, terms=("oven", "door")),
        core=None,
    )
    given = facts(node("a", whole), terms=("oven", "door", "lamp", "fuse"), share=0.9)
    roomy = aggregate(replace(given, answer_tokens=600))
    tight = aggregate(replace(given, answer_tokens=3))

    assert "one quote holds 50% of the question's words" in roomy.reason
    assert tight.evidence[0].plain == "The oven and"
    assert "one quote holds 25% of the question's words" in tight.reason


def foreign(*opened):
    verdict = VerdictFacts(best_share=0.1, missing=("piano",), missing_names=())
    return replace(facts(*opened), verdict=verdict)


def test_an_answer_that_an_agent_has_read_is_found_though_words_say_no():
    by_words = aggregate(foreign(node("a", "oven one")))
    judged = aggregate(foreign(replace(node("a", "oven one"), judged=0.6)))

    assert (by_words.found, judged.found) == (False, True)
    assert judged.reason.startswith("an agent read an answer on a page, though no sentence holds")
    assert judged.answer == "oven one [1]"


def test_a_judged_page_has_its_quote_before_another_has_a_second_one():
    found = aggregate(
        facts(
            node("a", evidence("oven one", line=1), evidence("big oven two", line=5)),
            replace(node("b", "nothing of the sort", priority=0.1), judged=0.4),
        )
    )

    assert [item.path for item in found.evidence][:2] in (["a", "b"], ["b", "a"])


def test_the_input_says_nothing_of_judging_where_no_agent_judged():
    plain = facts(node("a", "oven one")).to_dict()
    judged = facts(replace(node("a", "oven one"), judged=0.6))

    assert "judged" not in plain["opened"][0]
    assert AggregateInput.from_dict(json.loads(canonical_json(judged.to_dict()))) == judged

from dataclasses import asdict, replace

import pytest

from docsearch_cli.explore.answerability import (
    QuotedFacts,
    VerdictFacts,
    gather_verdict_facts,
    judge,
    margin,
    missing_names,
)
from docsearch_cli.explore.coverage import Coverage
from docsearch_cli.explore.facts import intent_facts
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.support import write_files

PLAIN = VerdictFacts(best_share=0.3, coverage=Coverage(0.6, 0.6, rarity=1.0))
CLOSE = VerdictFacts(best_share=0.3, closeness=0.45)


def holding(exact, sentence, rarity, **facts):
    coverage = Coverage(exact, sentence, rarity)
    return VerdictFacts(**{"best_share": 0.5, **facts}, coverage=coverage)


def test_a_lone_word_is_chance_where_another_is_missing_and_nothing_is_named():
    chance = holding(1.0, 1.0, 1.0, missing=("wombat",), most_terms=1)
    verdict = judge(chance)

    assert not verdict.found
    assert verdict.reason == (
        "no section holds more than one word of the question; no document holds wombat"
    )
    assert judge(replace(chance, most_terms=2)).found
    assert judge(replace(chance, most_terms=0)).found
    assert judge(replace(chance, missing=())).found
    assert judge(replace(chance, named=True)).found
    assert judge(replace(chance, closeness=0.5)).found


def test_rare_words_do_not_count_where_half_of_the_words_are_in_no_document():
    apple_pie = holding(0.49, 0.49, 1.4, missing=("recipe", "pie"), most_terms=2)

    assert judge(apple_pie).found
    assert not judge(replace(apple_pie, missing_share=0.5)).found
    assert judge(replace(apple_pie, missing_share=0.5, named=True)).found
    assert judge(replace(apple_pie, missing_share=0.49)).found


def test_a_match_is_weak_where_a_quarter_of_the_words_are_in_no_document():
    sure = holding(0.7, 0.7, 2.0, missing=("pie",), most_terms=3)

    assert not judge(sure).weak
    assert not judge(replace(sure, missing_share=0.24)).weak
    assert judge(replace(sure, missing_share=0.25)).weak
    assert not judge(replace(sure, missing_share=0.25, closeness=0.9)).weak


def test_facts_that_an_earlier_version_recorded_are_read():
    data = asdict(VerdictFacts(0.5))
    del data["most_terms"], data["coverage"], data["missing_share"]

    assert VerdictFacts.from_dict(data) == VerdictFacts(0.5)


def test_a_question_that_the_best_section_speaks_to_is_found():
    verdict = judge(holding(0.7, 0.6, 1.0, best_share=0.3))

    assert verdict.found
    assert verdict.reason == "one section holds 30% of the question's words"


@pytest.mark.parametrize(
    ("exact", "sentence", "reason"),
    [
        (0.6, 0.6, "no section holds more than 60% of the question's words as they were asked"),
        (1.0, 0.5, "no sentence holds more than 50% of the question's words"),
        (1.0, 1.0, "words as common as the question's stand together by chance, too"),
    ],
)
def test_of_a_weak_match_it_is_said_what_is_lacking_and_not_what_is_held(exact, sentence, reason):
    rarity = (0.9 - 0.6 * exact - 0.4 * sentence) / 0.4
    all_words = QuotedFacts(1.0, has_kind=True)
    verdict = judge(holding(exact, sentence, rarity, best_share=1.0), all_words)

    assert verdict.weak
    assert verdict.reason == reason


def test_a_question_that_the_best_section_hardly_speaks_to_is_not_found():
    verdict = judge(holding(0.2, 0.2, 0.5, best_share=0.2, missing=("shards",)))

    assert not verdict.found
    assert verdict.reason == (
        "no section holds more than 20% of the question's words; no document holds shards"
    )


def test_a_long_list_of_words_is_not_answered_by_the_few_that_some_section_holds():
    met = holding(0.1, 0.1, 5.0, best_share=0.1, missing=("wrod1", "wrod2"), most_terms=9)

    assert not judge(met).found
    assert judge(replace(met, named=True)).found


def test_a_question_of_which_no_word_occurs_is_not_found():
    verdict = judge(VerdictFacts(best_share=0.0, closeness=0.9, missing=("shards",)))

    assert not verdict.found
    assert "none of the question's words" in verdict.reason


def test_what_stands_apart_is_said_by_what_one_sentence_holds():
    verdict = judge(holding(0.2, 0.1, 0.5, best_share=0.4))

    assert not verdict.found
    assert verdict.reason == "no sentence holds more than 10% of the question's words"


def test_what_chance_would_cover_is_not_found_though_as_much_is_covered():
    assert judge(holding(0.5, 0.5, 1.5)).found
    assert not judge(holding(0.5, 0.5, 0.6)).found


def test_just_enough_is_a_weak_match():
    verdict = judge(holding(0.5, 0.5, 1.0))

    assert (verdict.found, verdict.weak) == (True, True)
    assert not judge(holding(0.5, 0.5, 1.5)).weak


def test_what_is_not_found_is_not_weak_and_with_embeddings_nothing_is():
    assert not judge(holding(0.1, 0.1, 0.1)).weak
    assert not judge(CLOSE).weak


def test_a_document_that_the_question_names_counts_for_it():
    assert not judge(holding(0.4, 0.4, 0.5)).found
    assert judge(holding(0.4, 0.4, 0.5, named=True)).found


def test_a_missing_word_alone_is_no_reason():
    assert judge(replace(PLAIN, missing=("paying",))).found


@pytest.mark.parametrize("facts", [PLAIN, CLOSE])
def test_it_takes_more_where_a_name_or_number_is_missing(facts):
    assert judge(facts).found
    assert not judge(replace(facts, missing=("FIPS",), missing_names=("FIPS",))).found


def test_a_question_in_other_words_is_found_by_its_meaning():
    assert not judge(VerdictFacts(best_share=0.1)).found
    assert judge(VerdictFacts(best_share=0.1, closeness=0.5)).found


def test_a_question_of_shared_words_and_another_meaning_is_not_found():
    verdict = judge(VerdictFacts(best_share=0.3, closeness=0.2))

    assert not verdict.found
    assert "close to it in meaning" in verdict.reason


def test_names_are_listed_before_other_words_and_only_a_few():
    words = ("pay", "per", "year", "FIPS", "cost", "more")
    verdict = judge(VerdictFacts(best_share=0.1, missing=words, missing_names=("FIPS",)))

    assert verdict.reason.endswith("no document holds FIPS, pay, per, year, cost and 1 more")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Is the library validated to FIPS 140-3?", ("FIPS", "140-3")),
        ("How much did we sell in November?", ("November",)),
        ("what does max_shards do?", ("max_shards",)),
        ("Shards are what?", ()),  # a capital where a sentence begins
        ("It is new. Shards are what?", ()),
        ("How Do Shards Work?", ()),  # every word has one
        ("HOW DO SHARDS WORK", ()),
        ("who was there from 1979-80?", ("1979-80",)),
        ("どこでFIPSを", ()),
    ],
)
def test_names_numbers_and_identifiers_are_told_from_words(question, names):
    assert missing_names(question, ()) == names


def test_a_name_that_stands_somewhere_is_not_missing():
    assert missing_names("was it FIPS or Tollund?", {"tollund"}) == ("FIPS",)


def test_a_range_of_which_both_ends_stand_somewhere_is_not_missing():
    assert missing_names("the strikes of 1990-2001", {"1990", "2001"}) == ()


def test_a_document_that_the_question_names_is_found_though_no_text_holds_the_name():
    assert judge(VerdictFacts(best_share=0.0, missing=("Nimbus",), named=True)).found


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        (holding(0.5, 0.25, 0.5), -0.2),
        (holding(1.0, 0.5, 1.0), 0.4),
        (holding(1.0, 0.5, 1.0, named=True), 0.8),
        (holding(1.0, 0.5, 1.0, missing_names=("FIPS",)), 0.0),
        (VerdictFacts(0.5, closeness=0.4), 0.09),
        (VerdictFacts(0.5, closeness=0.4, missing_names=("FIPS",)), -0.11),
    ],
)
def test_the_margin_is_what_is_left_beyond_what_it_takes(facts, left):
    assert margin(facts) == pytest.approx(left)


def test_just_enough_is_enough():
    assert judge(holding(1.0, 0.5, 0.0)).found
    assert not judge(holding(1.0, 0.4999, 0.0)).found


def test_an_answer_that_is_found_says_nothing_of_meaning():
    assert judge(CLOSE).reason == "one section holds 30% of the question's words"
    assert (
        judge(holding(0.1, 0.1, 0.1, best_share=0.1)).reason
        == "no section holds more than 10% of the question's words"
    )


def test_five_missing_words_are_listed_whole():
    verdict = judge(VerdictFacts(best_share=0.5, missing=("a", "b", "c", "d", "e")))

    assert verdict.reason.endswith("no document holds a, b, c, d, e")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("FIPS is what we need", ("FIPS",)),  # a second capital, where a sentence begins
        ("is it iPhone or not", ("iPhone",)),
        ("is Ada here? Ada is", ("Ada",)),  # once, by its second place
        ("what is x2", ("x2",)),
        ("what is a_b", ("a_b",)),
        ("why? Because", ()),
        ("why: Because", ()),
        ("so, Barn", ("Barn",)),
        ("X", ()),
    ],
)
def test_a_capital_tells_a_name_except_where_a_sentence_begins(question, names):
    assert missing_names(question, ()) == names


def test_half_of_a_name_that_stands_somewhere_is_enough():
    assert missing_names("the strikes of 1990-2001", {"1990"}) != ()
    assert missing_names("does FW-2104 hold", {"fw", "2104"}) == ()


def test_the_facts_of_a_question_are_gathered_from_the_index(tmp_path):
    write_files(tmp_path / "docs", {"a.md": "# Brick Oven\n\nIt is hot.\n"})
    build_index(tmp_path / "home", [tmp_path / "docs"])
    scored = ScoredQuestion(open_index(tmp_path / "home"), "is the Brick Oven of Ada hot, zebra?")

    facts = gather_verdict_facts(scored, intent_facts(scored))
    assert facts == VerdictFacts(
        best_share=0.6,
        closeness=None,
        missing=("Ada", "zebra"),
        missing_names=("Ada",),
        named=True,
        most_terms=3,
        coverage=Coverage(exact=0.6, sentence=0.6, rarity=3.0),
        missing_share=0.4,
    )


def test_only_the_beginning_of_a_very_long_question_is_searched_for_names(tmp_path):
    write_files(tmp_path / "docs", {"a.md": "# Oven\n"})
    build_index(tmp_path / "home", [tmp_path / "docs"])
    scored = ScoredQuestion(open_index(tmp_path / "home"), "oven " * 800 + "Ada")

    assert gather_verdict_facts(scored, intent_facts(scored)).missing_names == ()


def test_a_question_names_nothing_unless_it_is_said():
    facts = VerdictFacts(0.5)

    assert (facts.closeness, facts.missing, facts.missing_names, facts.named) == (
        None,
        (),
        (),
        False,
    )
    assert VerdictFacts.from_dict(asdict(CLOSE)) == CLOSE

from dataclasses import replace

import pytest

from docsearch_cli.explore.answerability import VerdictFacts, judge, missing_names

PLAIN = VerdictFacts(best_share=0.3)
CLOSE = VerdictFacts(best_share=0.3, closeness=0.45)


def test_a_question_that_the_best_section_speaks_to_is_found():
    verdict = judge(PLAIN)

    assert verdict.found
    assert verdict.reason == "one section covers 30% of the question"


def test_a_question_that_the_best_section_hardly_speaks_to_is_not_found():
    verdict = judge(VerdictFacts(best_share=0.2, missing=("shards",)))

    assert not verdict.found
    assert verdict.reason == (
        "no section covers more than 20% of the question; no document holds shards"
    )


def test_a_question_of_which_no_word_occurs_is_not_found():
    verdict = judge(VerdictFacts(best_share=0.0, closeness=0.9, missing=("shards",)))

    assert not verdict.found
    assert "none of the question's words" in verdict.reason


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

import json
from dataclasses import asdict

import pytest

from docsearch_cli.explore.intent import IntentInput, detect_intent, intent_input_from_dict


def intent(question, *, best_share=0.8, term_count=4, named=()):
    return detect_intent(IntentInput(question, term_count, best_share, tuple(named)))


@pytest.mark.parametrize(
    "question",
    [
        "where is the showcase",
        "can I somehow start it",
        "what is a bothersome page",
        "the samerica plan",
        "who is the comparer",
        "what is an advs file",
        "is this interactive",
    ],
)
def test_a_rule_never_matches_a_part_of_a_word(question):
    assert intent(question).mode == "simple"


@pytest.mark.parametrize(
    "question",
    [
        "compare A and B",
        "COMPARE: A, B",
        "what is the difference between A and B?",
        "A vs. B",
        "how does A relate to B",
        "does it depend on B",
    ],
)
def test_a_question_that_relates_things_is_deep(question):
    assert intent(question).mode == "deep"


def test_what_is_inside_a_comparison_does_not_make_it_simple():
    assert intent("compare what is said of A and what is said of B").mode == "deep"


def test_white_space_between_words_does_not_matter():
    assert intent("the  difference\nbetween A and B").mode == "deep"


def test_one_section_that_covers_the_question_is_enough():
    assert intent("what is the default port", best_share=0.9).mode == "simple"


def test_a_question_that_no_section_covers_is_deep():
    assert intent("what is the default port", best_share=0.3).mode == "deep"


def test_a_question_that_names_two_documents_is_deep():
    assert intent("Alpha Page and Beta Page", named=["a.md", "b.md"]).mode == "deep"


def test_a_long_question_is_deep_unless_covered():
    assert intent("many words", term_count=20, best_share=0.6).mode == "deep"
    assert intent("many words", term_count=20, best_share=0.8).mode == "simple"


def test_the_reason_is_in_words():
    assert "%" in intent("what is the default port").reason


def test_the_input_survives_json():
    facts = IntentInput("q", 1, 0.5, ("a.md",))

    assert intent_input_from_dict(json.loads(json.dumps(asdict(facts)))) == facts

import json
from dataclasses import asdict

import pytest

from docsearch_cli.explore.intent import (
    Intent,
    IntentInput,
    detect_intent,
    find_links,
    intent_input_from_dict,
)
from docsearch_cli.explore.step_functions import FUNCTIONS, INTENT
from docsearch_cli.steps import canonical_json


def intent(question, *, best_share=0.8, term_count=4, named=(), **more):
    return detect_intent(IntentInput(question, term_count, best_share, tuple(named), **more))


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
        "is it the first order",
        "which firstborn or heir is it",
        "what is a standard android file",
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
        "Is a file kept longer than a folder?",
        "May A be larger on the first plan than on a site?",
        "Have they the same owner?",
    ],
)
def test_a_question_that_relates_things_is_deep(question):
    assert intent(question).mode == "deep"


@pytest.mark.parametrize(
    "question",
    [
        "Can a message hold more than one type?",
        "Is the limit larger than 5?",
        "Does it take anything other than text? Which server is older.",
        "Is it faster to ask for another rather than for the first",
        "Which is older. Nothing is kept than this",
        "Can two people write at the same time?",
    ],
)
def test_than_and_same_do_not_always_compare_two_things(question):
    assert intent(question).mode == "simple"


def test_what_is_inside_a_comparison_does_not_make_it_simple():
    assert intent("compare what is said of A and what is said of B").mode == "deep"


def test_white_space_between_words_does_not_matter():
    assert intent("the  difference\nbetween A and B").mode == "deep"


@pytest.mark.parametrize(
    "question",
    [
        "Which is older, A or B?",
        "What is kept longer:\nA, or B?",
        "which of them came FIRST, A or B",
    ],
)
def test_asking_which_of_several_is_deep(question):
    assert intent(question).mode == "deep"


@pytest.mark.parametrize("question", ["is the server up or down", "use a number or a letter"])
def test_or_without_a_comparison_is_simple(question):
    assert intent(question).mode == "simple"


@pytest.mark.parametrize(
    "question",
    [
        "What held it up, and which day was it put off to?",
        "What did the meter read, and was that too much?",
        "when was it planned and by whom",
        "how many go in now, against how many before",
    ],
)
def test_two_questions_in_one_are_deep(question):
    assert intent(question).mode == "deep"


@pytest.mark.parametrize(
    "question",
    [
        "When was the mother of the director of Big Film born?",
        "Where does the film's director's wife live?",
        "What is the seat of the county where Long Township is located?",
        "What is the capacity of the arena that the team plays in?",
        "Who coached the team whose captain was the brother of Some One?",
        "What is the county seat of the state in which A lies?",
    ],
)
def test_a_question_by_way_of_something_else_is_deep(question):
    assert intent(question).mode == "deep"


@pytest.mark.parametrize(
    "question",
    [
        "What is the default of the port?",
        "What's one of the number of kinds of a tensor?",
        "Does it say that the port of A is open, and that it's safe?",
        "My dump holds what is sent. Which switch of it does that?",
        "what does 'inherits' do for the kind of 'fields'",
    ],
)
def test_one_step_on_the_way_is_simple(question):
    assert intent(question).mode == "simple"


def test_links_are_listed_as_they_stand_in_the_question():
    question = (
        "When did the director of the Film\N{RIGHT SINGLE QUOTATION MARK}s sequel, who fell, die?"
    )

    assert find_links(question) == ["of", "film's"]
    assert find_links("Who built the mill that burnt down?") == ["that"]
    assert find_links("Greta's mill") == ["greta's"]
    assert find_links("Who fell? That one.") == find_links("") == []


def test_a_question_that_goes_on_for_ever_is_judged_by_its_beginning():
    assert intent("first " * 100_000 + "or").mode == "simple"
    assert intent("first or " + "second " * 100_000).mode == "deep"


def test_one_section_that_covers_the_question_is_enough():
    assert intent("what is the default port", best_share=0.9).mode == "simple"


def test_one_section_that_covers_it_all_is_enough_for_any_question():
    assert intent("compare A and B", best_share=0.95, named=["a.md", "b.md"]).mode == "simple"


def test_a_short_question_that_no_section_covers_is_simple_and_unsure():
    found = intent("what is the default port", best_share=0.3)

    assert (found.mode, found.unsure, found.looks) == ("simple", True, False)


def test_a_covered_question_is_sure():
    assert not intent("what is the default port", best_share=0.75).unsure
    assert not intent("compare A and B", best_share=0.3).unsure
    assert not intent("zebra", best_share=0).unsure


def test_where_another_document_adds_to_the_best_section_a_look_decides():
    found = intent("what is the default port", best_share=0.5, together_share=0.6)

    assert (found.mode, found.unsure, found.looks) == ("deep", True, True)
    assert found.reason == (
        "one section holds 50% of the question's words, "
        "two of different documents hold 60% together"
    )
    assert not intent("what is the default port", best_share=0.5, together_share=0.59).looks
    assert intent("what is the default port", best_share=0.64, together_share=1.0).looks
    assert not intent("what is the default port", best_share=0.65, together_share=1.0).looks
    assert intent("what is the default port", best_share=0.65, together_share=1.0).unsure


def test_one_step_by_way_of_someone_or_somewhere_needs_a_look():
    found = intent("What does the carpenter who makes the gate charge?")

    assert found.looks
    assert found.reason.endswith(", and it asks by way of something else ('who')")
    assert not intent("What is the default of the port?").looks
    assert not intent("What does the carpenter who makes it charge?", best_share=0.95).looks


def test_a_long_question_of_which_most_is_covered_needs_a_look():
    assert intent("words", term_count=11).reason.endswith(", and it is long (11 terms)")
    assert intent("words", term_count=11).looks
    assert not intent("words", term_count=10).looks
    assert not intent("words", term_count=11, best_share=0.95).looks


def test_two_questions_whose_words_are_in_one_place_need_a_look():
    found = intent("How is it seen, and how is it sent?", best_share=1.0)

    assert found.looks
    assert found.reason.endswith(", and it asks two things ('and how')")


def test_a_plain_sign_needs_no_look():
    assert not intent("the son of the man who fell", best_share=0.5, together_share=0.9).looks


def test_a_question_that_names_two_documents_is_deep():
    assert intent("Alpha Page and Beta Page", named=["a.md", "b.md"]).mode == "deep"


def test_what_the_named_document_does_not_hold_is_looked_for_elsewhere():
    question = "Where was the composer of Long Song born?"

    assert intent(question, named=["song.md"], rest_share=0.3).mode == "deep"
    assert intent(question, named=["song.md"], rest_share=0.8).mode == "simple"


def test_a_long_question_is_plainly_deep_unless_covered():
    assert not intent("many words", term_count=20, best_share=0.6).unsure
    assert intent("many words", term_count=20, best_share=0.8).unsure
    assert intent("many words", term_count=20, best_share=0.95).mode == "simple"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (intent("what is the default port"), "80%"),
        (intent("which is older, A or B"), "'older'"),
        (intent("what is A, and what is B"), "'and what'"),
        (intent("the son of the man who fell"), "'of', 'who'"),
        (intent("Long Song", named=["a.md"], rest_share=0.25), "25%"),
        (intent("many words", best_share=0.5, term_count=11), "11 terms"),
        (intent("the default zebra", missing=("zebra",)), "not in these documents: zebra"),
    ],
)
def test_the_reason_is_in_words(found, said):
    assert said in found.reason


def test_the_input_survives_json():
    facts = IntentInput("q", 1, 0.5, ("a.md",), ("z",), 0.6, 0.4)

    assert intent_input_from_dict(json.loads(json.dumps(asdict(facts)))) == facts


def test_the_step_gives_the_same_for_the_same_facts():
    payload = canonical_json(asdict(IntentInput("which is older, A or B", 3, 0.5, ())))
    found = json.loads(FUNCTIONS[INTENT](payload))

    assert INTENT == "explore.intent@5"
    assert set(found) == {"mode", "reason", "unsure"}
    assert FUNCTIONS[INTENT](payload) == canonical_json(found)


def test_a_document_named_by_an_alias_that_no_text_holds_is_opened():
    found = intent("What is Project Nimbus?", best_share=0.0, named=["nimbus.md"])

    assert (found.mode, found.reason.split(",")[0]) == ("deep", "it names a document")


def reason(question, **facts):
    return intent(question, **facts).reason


def test_the_reason_names_at_most_three_steps_on_the_way():
    assert reason("the son of the man who bought the mill that burnt where it stood") == (
        "it asks by way of something else ('of', 'who', 'that'), "
        "and no section holds more than 80% of the question's words"
    )


def test_two_steps_on_the_way_are_several_and_one_is_not():
    assert intent("the son of the man who fell").mode == "deep"
    assert intent("the son of the fallen man").mode == "simple"


@pytest.mark.parametrize(
    ("question", "links"),
    [
        ("a part of it", []),
        ("the roof of it", ["of"]),
        ("what's up", []),
        ("the league in which", ["which"]),
        ("and which", []),
        ("and who", []),
        ("a man, who", []),
        ("2 who", ["who"]),
        ("a-b that", ["that"]),
        ("it means that", []),
    ],
)
def test_what_leads_from_one_thing_to_another(question, links):
    assert find_links(question) == links


def test_where_none_of_its_words_occurs_nothing_is_explored():
    assert intent("zebra", best_share=0.0).mode == "simple"
    assert reason("zebra", best_share=0.0, missing=("zebra",)) == (
        "none of its words occurs in these documents"
    )


def test_one_named_document_is_not_several():
    assert intent("Long Song", named=["a.md"]).mode == "simple"
    assert reason("Long Song and Big Film", named=["a.md", "b.md"]).startswith(
        "it names 2 documents, and"
    )


def test_three_quarters_of_the_rest_are_enough_of_a_named_document():
    assert intent("Long Song", named=["a.md"], rest_share=0.75).mode == "simple"
    assert intent("Long Song", named=["a.md"], rest_share=0.74).mode == "deep"
    assert intent("Long Song", rest_share=0.1).mode == "simple"


def test_a_question_is_long_from_eleven_terms_on_and_covered_from_three_quarters_on():
    assert intent("words", term_count=10, best_share=0.7).mode == "simple"
    assert intent("words", term_count=11, best_share=0.7).mode == "deep"
    assert intent("words", term_count=11, best_share=0.7499).unsure is False
    assert intent("words", term_count=11, best_share=0.75).unsure is True


def test_at_most_five_missing_words_are_named():
    words = ("ant", "bee", "cat", "dog", "elk", "fox")

    assert reason("words", missing=words).endswith(
        "; not in these documents: ant, bee, cat, dog, elk"
    )


def test_what_is_not_known_of_a_question_speaks_for_one_page():
    facts = IntentInput("q", 1, 0.5, ())

    assert (facts.missing, facts.together_share, facts.rest_share) == ((), 0.0, 1.0)
    assert not Intent("deep", "why").unsure

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.retrieval.answer_types import ANSWER_TYPES, asked_types, held_share

# A question, the type it asks for, a text that holds such a thing, and one that does not.
HELD = [
    ("How long may a kiln cool?", "span", "It cools for 90 minutes.", "It cools in the shed."),
    ("What did the kiln cost?", "price", "Ruth paid 900 crowns.", "Ruth paid twice."),
    ("How many racks fit in?", "amount", "Twelve racks fit.", "Racks fit in a row."),
    ("When was the mill sold?", "date", "They sold it in May.", "They sold it to Ruth."),
    ("Which version has the fix?", "version", "Upgrade to 4.1.", "Upgrade soon."),
    ("Which command empties it?", "command", "Use `kiln purge`.", "Empty the basin by hand."),
    ("Which option limits it?", "identifier", "Set max_racks.", "Set the limit."),
    ("Who built the weir?", "person", "It was built by Ida Holm.", "It was built by hand."),
    ("Where is the weir?", "place", "It lies near Sundby.", "It lies low."),
    ("How do I empty it?", "steps", "Open the drain.", "The drain is open at night."),
    ("What does cowl mean?", "definition", "A cowl is a lid.", "The lid was lost."),
    ("Why does it leak?", "reason", "It leaks because it is old.", "It leaks."),
    ("What is the default of it?", "default", "The default is on.", "It is on."),
]


@pytest.mark.parametrize(("question", "name", "held", "other"), HELD)
def test_a_type_is_asked_for_and_held(question, name, held, other):
    assert name in asked_types(question)
    assert held_share((name,), held) == 1.0
    assert held_share((name,), other) == 0.0


def test_every_row_of_the_table_has_an_example():
    assert {name for _, name, _, _ in HELD} == {row.name for row in ANSWER_TYPES}


@pytest.mark.parametrize("question", ["", "Tell me of the weir", "Wo steht das Wehr?", "堰"])
def test_a_question_without_the_tables_words_asks_for_no_type(question):
    assert asked_types(question) == ()
    assert held_share((), "90 minutes") == 0.0


def test_of_several_types_a_text_may_hold_some():
    names = asked_types("How long is it by default?")

    assert names == ("span", "default")
    assert held_share(names, "It is 10 minutes.") == 0.5
    assert held_share(names, "It is 10 minutes by default.") == 1.0


def test_what_a_pasted_page_asks_for_is_in_its_beginning():
    assert asked_types("Who built it? " + "x " * 2_000 + "how many") == asked_types("Who built it?")


@given(st.text("aAiIkKnNyYeEsStT0159 .,:-$\u20ac\u0130\u0131\u017f\u212a\n(=", max_size=40))
def test_the_case_of_letters_makes_no_difference_where_a_type_ignores_it(text):
    for row in ANSWER_TYPES:
        if row.ignores_case:
            held = re.search(row.held, text, re.MULTILINE | re.IGNORECASE) is not None
            assert held_share((row.name,), text) == held

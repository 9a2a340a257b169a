import pytest

from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS, whole_words
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask, prepare_question
from tests.support import write_files


def filled(start: str, end: str, chars: int) -> str:
    """Return a question of so many characters that begins and ends with something."""
    room = chars - len(start) - len(end)
    return start + ("a " * room)[: room - 1] + " " + end


@pytest.fixture
def guaranteed(desk, corpus_folder, tmp_path):
    page = "# Terms\n\nThe guarantees of the configuration are kept by the pump.\n"
    build_index(tmp_path / "x", [write_files(corpus_folder, {"terms.md": page})])
    return open_index(tmp_path / "x")


@pytest.mark.parametrize("beyond", [-3, -1, 0, 1, 5, 13])
def test_a_long_question_is_cut_between_words(guaranteed, beyond):
    question = filled(
        "pump ", "guarantees and more", MOST_QUESTION_CHARS + len(" and more") + beyond
    )
    prepared = prepare_question(guaranteed, question)

    assert set(prepared.scored.tokens) <= {"a", "pump", "guarante", "more"}
    assert ("guarante" in prepared.scored.tokens) is (beyond <= 0)
    assert not prepared.respellings
    assert prepared.is_cut


@pytest.mark.parametrize("beyond", [-3, -1, 0, 1, 5, 13])
def test_what_a_misspelled_word_means_may_be_too_long_and_is_not_cut_either(guaranteed, beyond):
    long = filled("confguration ", "guarantees", MOST_QUESTION_CHARS + beyond)
    prepared = prepare_question(guaranteed, long)

    assert set(prepared.scored.tokens) <= {"a", "configur", "guarante"}
    assert len(prepared.scored.question) <= MOST_QUESTION_CHARS


def test_a_word_that_was_cut_off_is_not_said_to_be_searched_for(guaranteed):
    question = filled("confguration ", "guarantes", MOST_QUESTION_CHARS)
    prepared = prepare_question(guaranteed, question)

    assert [item.asked for item in prepared.respellings] == ["confguration"]
    assert prepared.scored.tokens == ("configur", "a")


def test_it_is_said_where_a_long_question_ends(desk):
    question = filled("valve ", "mill, and then the hub", MOST_QUESTION_CHARS + 17)
    result = ask(desk.home, desk.index, question, desk.options(mode="simple"))

    assert result.notes[0] == (
        'the question is too long: searched are its first 4,000 characters, up to "mill,"'
    )
    assert result.question == question


def test_a_question_that_is_long_enough_is_not_said_to_be_cut(desk):
    question = filled("valve ", "mill", MOST_QUESTION_CHARS)
    result = ask(desk.home, desk.index, question, desk.options(mode="simple"))

    assert not any("too long" in note for note in result.notes)


def test_no_condition_is_read_half(desk):
    question = filled("valve ", "path:pump*", 2 * MOST_QUESTION_CHARS + 2)
    prepared = prepare_question(desk.index, question)

    assert prepared.parsed.conditions == ()


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("one two", 7, "one two"),
        ("one two three", 7, "one two"),
        ("one two three", 8, "one two"),
        ("one two three", 9, "one two"),
        ("one two", 2, ""),
        ("x" * 300, 200, "x" * 200),
        ("ein " + "x" * 300, 200, "ein " + "x" * 196),
    ],
)
def test_whole_words(text, most, kept):
    assert whole_words(text, most) == kept

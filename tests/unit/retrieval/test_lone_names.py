import pytest

from docsearch_cli.retrieval.languages import STOP_WORDS
from docsearch_cli.retrieval.tokens import asked_tokens, tokenize


def names(text, language="english"):
    return [token for token in tokenize(text, language) if token in STOP_WORDS]


def asked(question, known=()):
    return asked_tokens(question, "english", lambda token: token in known or len(token) > 4)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Vitamin A", "a"),
        ("vitamin A deficiency", "a"),
        ("Vitamin A (retinol)", "a"),
        ("a daily dose of vitamin D", "d"),
        ("take vitamin d with food", "d"),
        ("vitamin D's effects", "d"),
        ("type I", "i"),
        ("a Type I error", "i"),
        ("after World War I ended", "i"),
        ("an I/O error", "i"),
        ("an A/B test", "a"),
        ("the Q&A page", "a"),
        ("a T-cell", "t"),
        ("a t-shirt", "t"),
        ("an A-frame", "a"),
        ("PLAN A", "a"),
        ("A   B   c", "a"),
        ("group S, not group M", "s"),
        ("the IT department", "it"),
        ("IT-security", "it"),
        ("IT's budget", "it"),
        ("WHO", "who"),
        ("the WHO says", "who"),
        ("the AND gate", "and"),
        ("a NOT here", "not"),
        ("x OR y", "or"),
        ("vitamin\nD", "d"),
        ("Côte d'Azur, vitamin D", "d"),
    ],
)
def test_a_name_that_is_spelled_like_a_stop_word_is_a_token(text, name):
    assert name in names(text)


@pytest.mark.parametrize(
    "text",
    [
        "A list of things",
        "It is so. A dog barks.",
        "He wrote:\nA dog barks",
        "- A dog barks",
        '"A dog barks"',
        "(A dog barks)",
        "I think so, and I know; what I did",
        "which version I have",
        "the dog and I",
        "don't, we'd, I'm, it's, users' and the dog's",
        "don’t we’d I’m it’s",
        "Côte d’Azur, l'eau",
        "DON'T DO IT",
        "IT'S US",
        "HOW TO DO IT",
        "it is who they are",
        "What Is It and Who Will Do It",
        "up-to-date",
    ],
)
def test_a_stop_word_is_dropped(text):
    assert names(text) == []


def test_an_elided_letter_of_another_language_is_dropped_before_its_apostrophe():
    assert tokenize("l'eau d'accord j’accord", "french") == tokenize("eau accord accord", "french")
    assert "d" in tokenize("la vitamine D", "french")


def test_a_letter_of_another_script_is_a_name_by_its_capital_too():
    assert "а" in tokenize("витамин А полезен", "russian")
    assert "а" not in tokenize("А он пришёл, а она нет", "russian")


def test_a_name_that_a_hyphen_joins_is_counted_once():
    assert tokenize("the T-cell by IT-security of T and IT").count("t") == 2
    assert tokenize("the T-cell by IT-security of T and IT").count("it") == 2


def test_a_letter_is_asked_for_though_no_document_has_it():
    assert "d" in asked("vitamin D")
    assert "d" in asked("vitamin d")
    assert "a" in asked("what is plan a?")


def test_what_may_be_emphasis_is_asked_for_only_where_it_is_a_name():
    assert "not" not in asked("Which of these is NOT supported?")
    assert "not" in asked("Which of these is NOT supported?", known={"not"})
    assert "in" in asked('what does "in" mean', known={"in"})
    assert "in" not in asked('what does "in" mean')


def test_a_question_names_a_title_of_stop_words_by_its_capitals():
    assert "who" in asked("when was the band The Who founded", known={"who"})
    assert "who" not in asked("Who founded the band", known={"who"})
    assert "it" not in asked("How to Do It in Python", known={"it"})


def test_a_long_line_of_names_takes_no_longer_a_word():
    assert len(names("IT WHO a " * 20_000)) == 40_000

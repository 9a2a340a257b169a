import pytest

from docsearch_cli.retrieval.phrases import Phrase


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("dead letter", "A Dead\nLetter queue"),
        ("dead letter", "the dead-letter queue"),
        ("max agents", "set max_agents to 3"),
        ("max_agents", "max agents"),
        ("C++ code", "write C++ code"),
        ("--watch", "run it with --watch now"),
        ("café", "im CAFE\u0301 sitzen"),
        ("合約轉換", "中文合約轉換體驗"),
        ("dead letter", "dead\u00ad letter"),
        ("no.", "say no"),
    ],
)
def test_words_that_follow_each_other_are_found(phrase, text):
    assert Phrase(phrase).is_in(text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("dead letter", "a dead red letter"),
        ("dead letter", "dead letters"),
        ("dead letter", "undead letter"),
        ("letter dead", "dead letter"),
        ("C++", "the C language"),
        ("--watch", "they watch"),
        ("cafe", "café"),
        ("合約轉換", "合約 不 轉換"),
    ],
)
def test_other_words_are_not(phrase, text):
    assert not Phrase(phrase).is_in(text)


def test_markup_may_stand_between_the_words_of_a_source():
    assert Phrase("dead letter").may_be_in("[dead](x.md) *letter*")
    assert not Phrase("dead letter").may_be_in("dead end")


@pytest.mark.parametrize("text", ["___", "..", "-"])
def test_a_phrase_without_words_is_found_as_it_is(text):
    assert Phrase(text).words


def test_stop_words_narrow_nothing_down():
    assert Phrase("to be").covering("english", lambda _: ()) == []
    assert Phrase("dead letters").covering("english", lambda _: ()) == [{"dead"}, {"letter"}]

import math
import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.retrieval.exact_words import ExactWords

IDF = {"oven": 3.0, "brick": 1.0, "cafe": 2.0}


def words_of(question, language="english"):
    return ExactWords(question, language, IDF.get)


def test_a_questions_words_share_it_by_their_rarity():
    assert words_of("Which OVEN of bricks, oven?").shares == {"oven": 0.75, "bricks": 0.25}


def test_stop_words_and_words_of_no_text_are_not_looked_for():
    assert words_of("the zebra is there").shares == {}
    assert words_of("the zebra is there").scores([b"the zebra is there"], [1.0])[0] == 0.0


def test_runs_of_a_script_without_spaces_are_no_words():
    assert ExactWords("烤箱在哪里", "english", lambda _: 1.0).shares == {}


@pytest.mark.parametrize("text", ["an OVEN", "oven-made", "(oven)", "ｏｖｅｎ"])
def test_a_word_is_found_in_any_case_and_between_any_signs(text):
    assert words_of("oven").scores([text.encode()], [1.0])[0] == 1.0


@pytest.mark.parametrize("text", ["ovens", "my_oven", "", "proven"])
def test_another_form_of_a_word_is_not_that_word(text):
    assert words_of("oven").scores([text.encode()], [1.0])[0] == 0.0


def test_a_word_that_stands_often_counts_a_little_more():
    assert words_of("oven").scores([b"oven, oven"], [1.0])[0] == pytest.approx(1 + math.log(2))


def test_a_word_that_follows_itself_is_counted_each_time():
    thrice = pytest.approx(1 + math.log(3))

    assert words_of("oven").scores([b"oven oven oven"], [1.0])[0] == thrice
    assert words_of("oven").scores(["oven oven oven \u00e9".encode()], [1.0])[0] == thrice


def test_a_long_text_holds_more_by_chance():
    words = words_of("oven brick")

    assert words.scores([b"oven brick"], [1.0])[0] == pytest.approx(1.0)
    assert words.scores([b"oven brick"], [4.0])[0] == pytest.approx(0.5)


def test_a_word_that_begins_another_one_is_counted_for_itself():
    words = ExactWords("set setting", "english", {"set": 1.0}.get)

    assert words.shares == {"set": 0.5, "setting": 0.5}
    assert words.scores([b"a setting"], [1.0])[0] == 0.5


def test_accents_tell_words_apart():
    words = words_of("café")

    assert words.shares == {"café": 1.0}
    assert words.scores(["un café".encode()], [1.0])[0] == 1.0
    assert words.scores([b"un cafe"], [1.0])[0] == 0.0


def test_a_stem_is_held_as_it_was_asked_or_in_another_form():
    words = words_of("ovens brick")

    assert words.held(["oven", "brick"], "bricks and ovens") == ["oven"]
    assert words.held(["oven", "brick"], "A Brick oven") == ["brick"]


def test_a_stem_of_no_single_word_counts_as_asked():
    assert words_of("oven").held(["max_agents", "oven"], "nothing") == ["max_agents"]
    assert words_of("the").held(["烤箱"], "烤箱") == ["烤箱"]


@given(st.text(alphabet="abA_1 -.é\n", max_size=40))
def test_words_are_those_that_an_expression_finds(text):
    words = ExactWords("ab aba 1a b1", "english", dict.fromkeys(("ab", "aba", "1a", "b1"), 1.0).get)
    assert set(words.shares) >= {"aba", "1a"}
    found = Counter(re.findall(rf"\b(?:{'|'.join(words.shares)})\b", text.casefold()))

    assert words.scores([text.encode()], [1.0])[0] == math.fsum(
        words.shares[word] * (1 + math.log(times)) for word, times in found.items()
    )


@given(st.text("aAb1_ .-\n", max_size=30))
def test_words_are_counted_alike_in_a_text_of_ascii_and_in_any_other(text):
    words = ExactWords("aa ab a1 b_a b", "english", lambda _stem: 1.0)

    one, other = words.scores([text.encode(), f"{text} \u00e9".encode()], [1.0, 1.0])

    assert one == other


SIGNS = "\u00a0\u00a9\u00ae\u00b7\u2010\u2011\u2015\u2018\u2019\u201f\u2022\u2026\u2190\u2193"
OTHERS = "\u2016\u2017\u2122\u00aa\u00ad\u0301\u200d\u203f\ufe33\u00e9\u2460"


@given(st.text(f"aAb1_ \n{SIGNS}{OTHERS}", max_size=20))
def test_signs_part_words_as_they_do_in_any_other_text(text):
    words = ExactWords("aa ab a1 b_a b", "english", lambda _stem: 1.0)
    plain = unicodedata.normalize("NFKC", text).casefold()
    found = Counter(word for word in re.findall(r"\w+", plain) if word in words.shares)

    assert words.scores([text.encode()], [1.0])[0] == math.fsum(
        words.shares[word] * (1 + math.log(times)) for word, times in found.items()
    )


@given(st.lists(st.text("ab. \u2019\u00e9", max_size=12), max_size=4))
def test_several_texts_are_looked_through_as_each_alone(texts):
    words = ExactWords("ab a b", "english", lambda _stem: 1.0)
    raw = [text.encode() for text in texts]

    alone = [words.scores([text], [1.0])[0] for text in raw]
    assert words.scores(raw, [1.0] * len(raw)) == alone

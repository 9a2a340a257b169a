import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.retrieval.bm25 import SectionBM25, inverse_frequency, rank_texts


@given(st.integers(1, 1000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_weight_of_a_term_is_never_negative(counts):
    assert inverse_frequency(*counts) > 0


def test_a_rarer_term_weighs_more():
    assert inverse_frequency(100, 1) > inverse_frequency(100, 50) > inverse_frequency(100, 100)


def test_a_term_in_half_of_the_sections_scores():
    scores = SectionBM25([["keyword"], ["keyword"], ["x"], ["y"]]).get_scores(["keyword"])

    assert scores[0] > 0
    assert scores[2] == 0


def test_given_weights_replace_counted_ones():
    rare, common = {"a": 10.0}, {"a": 0.1}
    texts = [["a", "b"], ["c"]]

    assert rank_texts(["a"], texts, rare)[0] > rank_texts(["a"], texts, common)[0]


def test_texts_without_tokens_score_nothing():
    assert rank_texts(["a"], [[], []], {"a": 1.0}) == [0.0, 0.0]


def test_no_texts_have_no_scores():
    assert rank_texts(["a"], [], {"a": 1.0}) == []


def test_an_empty_text_among_others_scores_nothing():
    scores = rank_texts(["a"], [[], ["a"]], {"a": 1.0})

    assert scores[0] == 0
    assert scores[1] > 0


@pytest.mark.parametrize("question", [[], ["zzz"]])
def test_a_question_without_matches_scores_nothing(question):
    assert rank_texts(question, [["a"], ["b"]], {"a": 1.0}) == [0.0, 0.0]

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from docsearch_cli.retrieval.bm25 import SectionBM25, inverse_frequency, quantise, rank_texts


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


numbers = st.floats(1e-3, 1e9)


@given(numbers)
def test_a_rough_number_is_within_a_tenth_and_stays_where_it_is(value):
    assert quantise(value) == pytest.approx(value, rel=0.1)
    assert quantise(quantise(value)) == quantise(value)


@given(numbers, numbers)
def test_a_larger_number_is_not_quantised_to_a_smaller_one(one, other):
    low, high = sorted((one, other))

    assert quantise(low) <= quantise(high)


def test_nothing_is_quantised_to_nothing():
    assert quantise(0) == 0


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_of_two_terms_the_commoner_never_weighs_more(one, other):
    rarer, commoner = sorted((one, other))

    assert inverse_frequency(1000, rarer) >= inverse_frequency(1000, commoner)


@pytest.mark.parametrize("added", [["b"] * 30, ["b"] * 3, ["z"], []])
def test_a_section_that_says_nothing_of_a_question_moves_no_other_score(added):
    sections = [["a", *["b"] * 9], ["a", "c", *["b"] * 8], *[["b"] * 10] * 60]
    before = SectionBM25(sections).get_scores(["a", "c"])
    after = SectionBM25([*sections, added]).get_scores(["a", "c"])

    assert after[: len(before)].tolist() == before.tolist()


def test_a_score_is_the_weight_times_how_often_a_text_of_usual_length_holds_the_term():
    once, twice, neither = rank_texts(["a"], [["a", "x"], ["a", "a"], ["y", "z"]], {"a": 3.0})

    # length 2 is the mean, so the damping is K1: 2.2 / 2.2 and 2 * 2.2 / 3.2
    assert once == pytest.approx(3.0)
    assert twice == pytest.approx(3.0 * 4.4 / 3.2)
    assert neither == 0


def test_weights_are_counted_where_none_are_given():
    ranked = SectionBM25([["a"], ["b"], ["b"], ["b"]])

    assert ranked.idf["a"] == inverse_frequency(4, 1)
    assert ranked.idf["b"] == inverse_frequency(4, 3)
    assert ranked.document_frequency == {"a": 1, "b": 3}


@given(
    st.lists(st.lists(st.sampled_from("abcd"), max_size=8), min_size=1, max_size=6).filter(any),
    st.lists(st.sampled_from("abcde"), max_size=5),
)
def test_scores_are_bit_for_bit_those_of_rank_bm25(token_lists, question):
    ours = SectionBM25(token_lists)
    theirs = BM25Okapi(token_lists, k1=ours.k1, b=ours.b)
    theirs.idf, theirs.avgdl = ours.idf, ours.avgdl

    assert ours.get_scores(question).tolist() == theirs.get_scores(question).tolist()

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docsearch_cli.retrieval.bm25 import SectionBM25
from docsearch_cli.retrieval.keyword import best_hits, load_keyword_index, save_keyword_index
from docsearch_cli.retrieval.postings import PostingSource, count_terms, merge_postings
from docsearch_cli.retrieval.tokens import tokenize

token = st.sampled_from(["a", "b", "c", "dd", "é", "数据", "1.0", "x_y"])
sections = st.lists(st.lists(token, max_size=12), min_size=1, max_size=12)
in_folder = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def save(folder, token_lists):
    rows = np.arange(len(token_lists), dtype=np.int32)
    save_keyword_index(folder, [PostingSource(count_terms(token_lists), rows)])


@pytest.fixture
def index_of(tmp_path):
    def build(token_lists):
        save(tmp_path, token_lists)
        return load_keyword_index(tmp_path)

    return build


@pytest.fixture
def search(index_of):
    """Ask a few texts; gives the numbers of the texts found, best first."""

    def ask(texts, question, count=10):
        index = index_of([tokenize(text) for text in texts])
        return [hit.section for hit in best_hits(index.scores(tokenize(question)), count)]

    return ask


@in_folder
@given(sections, st.lists(token, max_size=6))
def test_scores_equal_those_of_rank_bm25(tmp_path, token_lists, question):
    save(tmp_path, token_lists)
    index = load_keyword_index(tmp_path)
    found = index.scores(question)

    if any(token_lists):
        expected = SectionBM25(token_lists).get_scores(question)
    else:
        expected = np.zeros(len(token_lists))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@in_folder
@given(sections, st.lists(token, min_size=1, max_size=6))
def test_a_section_scores_exactly_if_it_holds_a_term(tmp_path, token_lists, question):
    save(tmp_path, token_lists)
    scores = load_keyword_index(tmp_path).scores(question)

    matches = [bool(set(question) & set(tokens)) for tokens in token_lists]
    assert (scores > 0).tolist() == matches


@in_folder
@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 50))
def test_hits_are_ordered_by_score_then_section(levels, count):
    scores = np.array(levels, dtype=np.float32)
    hits = best_hits(scores, count)

    expected = sorted((-score, row) for row, score in enumerate(levels) if score > 0)[:count]
    assert [(-hit.score, hit.section) for hit in hits] == expected


@pytest.mark.parametrize("token_lists", [[], [[]], [[], []]])
def test_a_corpus_without_words_can_be_asked(index_of, token_lists):
    scores = index_of(token_lists).scores(["a"])

    assert best_hits(scores, 5) == []


def test_the_match_in_a_corpus_of_two_is_found_alone(search):
    assert search(["it is windy today", "it rains"], "windy") == [0]


def test_a_term_in_half_of_a_corpus_finds_that_half(search):
    assert search(["keyword1 a", "keyword1 b", "c", "d"], "keyword1") == [0, 1]


def test_a_match_in_a_corpus_of_one_is_found(search):
    assert search(["the only page, about turbines"], "turbines") == [0]


def test_a_term_in_most_of_a_corpus_ranks_matches_above_the_rest(search):
    assert search(["turbine one", "turbine two", "turbine three", "loaf"], "turbine") == [0, 1, 2]


def test_what_no_section_holds_finds_nothing(search):
    assert search(["one page", "another page"], "zzzzqq") == []


def test_a_question_of_one_word_is_not_taken_apart(search):
    assert search(["c a t", "a", "cat"], "cat") == [2]


def test_a_term_in_one_of_three_does_not_match_the_others(search):
    assert search(["bread", "oven", "sluice"], "oven") == [1]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("中文合約轉換體驗課問題", "中文合約"),
        ("しりとり", "しりとり"),
        ("끝말잇기", "끝말잇기"),
        ("fixed in 1.0.21 at last", "1.0.21"),
        ("fixed in 1.0.21 at last", '"1.0.21"'),
        ("release 2026.4.10", "2026.4.10"),
        ("le phe\u0301nome\u0300ne", "phénomène"),
    ],
)
def test_words_of_every_kind_are_found(search, text, question):
    assert search(["nothing like it", text], question) == [1]


def test_a_rarer_term_weighs_more(index_of):
    index = index_of([["a"], ["a", "b"], ["c"]])

    assert index.term_idf("b") > index.term_idf("a") > 0


def test_a_term_that_no_section_holds_has_no_weight(index_of):
    assert index_of([["a"]]).term_idf("zzz") is None


def test_postings_of_a_term_ascend(index_of):
    index = index_of([["a"], ["b"], ["a", "a"]])
    found, counts = index.counted("a")

    assert (found.tolist(), counts.tolist()) == ([0, 2], [1, 2])
    assert (index.weights(found, counts) > 0).all()


def test_the_same_corpus_gives_the_same_files(tmp_path):
    lists = [["b", "a", "c"], ["c", "a"], []]
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        save(tmp_path / name, lists)

    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


@in_folder
@given(sections, sections, st.randoms(use_true_random=False), st.integers(1, 9))
def test_an_index_of_parts_equals_that_of_the_whole(tmp_path, old, new, random, portion):
    """Sections of an earlier index that stay, in other places, and some that are new."""
    order = list(range(len(old) + len(new)))
    random.shuffle(order)
    gone = {number for number in range(len(old)) if random.random() < 0.3}
    whole = [(old + new)[number] for number in order if number not in gone]
    row_of = {n: row for row, n in enumerate(n for n in order if n not in gone)}
    rows = np.array([row_of.get(n, -1) for n in range(len(old) + len(new))], dtype=np.int32)
    for name in ("earlier", "merged", "whole"):
        (tmp_path / name).mkdir(exist_ok=True)
    save(tmp_path / "earlier", old)
    earlier = load_keyword_index(tmp_path / "earlier").lists()
    sources = [
        PostingSource(earlier, rows[: len(old)]),
        PostingSource(count_terms(new), rows[len(old) :]),
    ]
    save_keyword_index(tmp_path / "merged", sources)
    save(tmp_path / "whole", whole)
    portions = list(merge_postings(sources, portion=portion))

    for path in sorted((tmp_path / "whole").iterdir()):
        assert path.read_bytes() == (tmp_path / "merged" / path.name).read_bytes()
    terms = [term for part in portions for term in part.terms]
    assert terms == load_keyword_index(tmp_path / "whole").terms.rows()


def test_a_term_counts_at_most_so_often(index_of):
    index = index_of([["a"] * 300, ["a"] * 255 + ["b"] * 45])

    assert index.scores(["a"]).tolist() == [index.scores(["a"])[1]] * 2


def test_sections_beyond_sixteen_bits_are_told_apart(index_of):
    index = index_of([[]] * 70_000 + [["a"], ["b"]])

    assert index.sections_with("a").tolist() == [70_000]
    assert index.sections_with("b").tolist() == [70_001]

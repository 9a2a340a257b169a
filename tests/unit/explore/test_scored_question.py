import numpy as np
import pytest

from docsearch_cli.explore import scored_question
from docsearch_cli.explore.scored_question import ScoredQuestion, Terms
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.retrieval.synonyms import Synonym
from tests.support import write_files

FILES = {
    "a.md": "# Oven\n\nThe brick oven is hot.\n\n## Door\n\nThe door of the oven.\n",
    "b.md": "# Lamp\n\nA lamp with a fuse.\n",
    "c.md": "",
    "d.md": "# Mill\n\nWater and brick.\n",
}
# Sections by row; c.md has none.
OVEN, DOOR, LAMP, MILL = range(4)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    write_files(folder / "docs", FILES)
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """As many sections as it takes to say what an unrelated one is like."""
    folder = tmp_path_factory.mktemp("crowd")
    write_files(folder / "docs", {f"{n:02}.md": f"# Note{n}\n\nlamp\n" for n in range(40)})
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


class WithVectors:
    """An index whose sections have these cosines with any question."""

    model = "some model"

    def __init__(self, index, cosines):
        self._index = index
        self.vectors = np.array([[cosine, 7.0] for cosine in cosines], dtype=np.float16)

    def __getattr__(self, name):
        return getattr(self._index, name)


def with_cosines(index, question, cosines):
    return ScoredQuestion(
        WithVectors(index, cosines),
        question,
        encode=lambda _text: np.array([1.0, 0.0], dtype=np.float32),
    )


def test_the_share_of_a_question_is_by_rarity():
    terms = Terms(("oven", "door"), {"oven": 3.0, "door": 1.0})

    assert terms.weight == 4.0
    assert terms.share(["oven"]) == 0.75
    assert terms.share(["door", "door"]) == 0.25
    assert terms.share(["oven", "door"]) == 1.0
    assert terms.share(["zebra"]) == terms.share([]) == 0.0


def test_of_a_question_without_known_words_everything_is_nothing():
    assert Terms((), {}).share(["oven"]) == 0.0


def test_terms_are_the_words_that_some_document_holds(index):
    scored = ScoredQuestion(index, "which zebra is in the oven, oven or door?")

    assert scored.tokens == ("zebra", "oven", "door")
    assert scored.terms.tokens == ("oven", "door")
    assert scored.terms.idf == {
        "oven": round(index.keyword.term_idf("oven"), 6),
        "door": round(index.keyword.term_idf("door"), 6),
    }


def test_only_the_beginning_of_a_very_long_question_is_asked(index):
    scored = ScoredQuestion(index, "oven " * 800 + "lamp")

    assert scored.tokens == ("oven",)


def test_a_word_that_no_document_holds_is_as_rare_as_the_rarest(index):
    idf = ScoredQuestion(index, "oven door").terms.idf
    mixed = ScoredQuestion(index, "oven door zebra yak")

    assert idf["oven"] < idf["door"]
    assert mixed.in_vocabulary_share == pytest.approx(
        (idf["oven"] + idf["door"]) / (idf["oven"] + 3 * idf["door"])
    )
    assert ScoredQuestion(index, "oven door").in_vocabulary_share == 1.0
    assert ScoredQuestion(index, "zebra").in_vocabulary_share == 0.0


def test_each_section_speaks_to_a_share_of_the_known_words(index):
    scored = ScoredQuestion(index, "brick oven zebra")
    oven = scored.terms.share(["oven"])

    assert 0 < oven < 1
    assert scored.section_shares([MILL, DOOR, OVEN, LAMP]) == [1 - oven, oven, 1.0, 0.0]


def test_the_terms_of_sections_are_in_the_order_of_the_question(index):
    scored = ScoredQuestion(index, "oven brick fuse")

    assert scored.terms_of_sections([OVEN, MILL, LAMP, DOOR]) == [
        ("oven", "brick"),
        ("brick",),
        ("fuse",),
        ("oven",),
    ]
    assert scored.terms_of_sections([]) == []


def test_the_terms_of_a_node_are_those_of_its_sections(index):
    scored = ScoredQuestion(index, "door brick lamp")

    assert [scored.terms_in(node) for node in range(index.node_count)] == [
        ("door", "brick"),
        ("lamp",),
        (),
        ("brick",),
    ]


def test_the_best_section_of_some_nodes_is_the_most_relevant(index):
    assert ScoredQuestion(index, "door").best_section(range(2)) == DOOR
    assert ScoredQuestion(index, "lamp").best_section(range(2)) == LAMP
    assert ScoredQuestion(index, "brick").best_section(range(3, 4)) == MILL
    assert ScoredQuestion(index, "zebra").best_section(range(1, 4)) == LAMP


def test_nodes_without_text_have_no_best_section(index):
    assert ScoredQuestion(index, "door").best_section(range(2, 3)) is None


def test_relevance_is_a_share_of_the_best_score(index):
    scored = ScoredQuestion(index, "bricks ovens")  # which nobody writes: by stems alone
    best = scored.section_scores[OVEN]

    assert scored.relevance.tolist() == pytest.approx(
        [1.0, scored.section_scores[DOOR] / best, 0.0, scored.section_scores[MILL] / best]
    )


def test_a_word_as_it_was_asked_is_worth_more_than_another_form_of_it(tmp_path):
    files = {
        "a.md": "# One\n\nThe routes of a packet, in short words.\n",
        "b.md": "# Two\n\nThe routing of a packet, in short words.\n",
        "c.md": "# Three\n\nNothing of the kind, in short words at all.\n",
    }
    write_files(tmp_path / "docs", files)
    build_index(tmp_path / "home", [tmp_path / "docs"])
    index = open_index(tmp_path / "home")

    for question, best in (("routes", 0), ("Routing", 1)):
        scored = ScoredQuestion(index, question)
        assert scored.section_scores[0] == scored.section_scores[1] > 0
        assert scored.relevance[best] == 1.0
        assert scored.relevance[2] == 0.0
        assert scored.relevance[1 - best] < 0.9


def test_only_the_best_sections_are_looked_through_word_for_word(index, monkeypatch):
    monkeypatch.setattr(scored_question, "_COMPARED_SECTIONS", 1)
    stems = ScoredQuestion(index, "ovens bricks").keyword_scores
    compared = ScoredQuestion(index, "oven brick").keyword_scores

    assert compared[OVEN] > stems[OVEN] * 0.8
    assert compared[[DOOR, MILL]].tolist() == pytest.approx((stems[[DOOR, MILL]] * 0.8).tolist())


def test_a_question_that_nothing_speaks_to_finds_nothing_relevant(index):
    scored = ScoredQuestion(index, "zebra")

    assert scored.relevance.tolist() == [0.0] * 4
    assert scored.node_scores.tolist() == [0.0] * 4


def test_a_node_is_as_relevant_as_its_best_section(index):
    scored = ScoredQuestion(index, "the brick door")
    relevance = scored.relevance

    assert scored.node_scores.tolist() == [
        max(relevance[OVEN], relevance[DOOR]),
        relevance[LAMP],
        0.0,
        relevance[MILL],
    ]


def test_without_embeddings_there_are_no_cosines(index):
    assert ScoredQuestion(index, "lamp").cosines is None
    assert ScoredQuestion(index, "lamp").nearest_similarity is None


def test_a_question_without_known_words_is_not_encoded(index):
    scored = with_cosines(index, "zebra", [1.0, 0.5, 0.5, 0.5])

    assert scored.cosines is None
    assert scored.relevance.tolist() == [0.0] * 4


def test_an_index_with_embeddings_needs_what_encodes_the_question(index):
    scored = ScoredQuestion(WithVectors(index, [1.0] * 4), "lamp")

    with pytest.raises(ValueError, match="encodes the question"):
        assert scored.cosines


def test_what_is_encoded_is_the_beginning_of_the_question(index):
    encoded = []

    def encode(text):
        encoded.append(text)
        return np.array([1.0, 0.0], dtype=np.float32)

    scored = ScoredQuestion(WithVectors(index, [1.0] * 4), "lamp" + " x" * 4_000, encode=encode)

    assert scored.cosines.tolist() == [1.0] * 4
    assert encoded == ["lamp" + " x" * 1_998]


def test_words_and_meaning_count_half_each(index):
    scored = with_cosines(index, "lamp", [0.8, -1.0, 0.4, 0.0])

    # half of .8 / .8, nothing for the opposite, half of .4 / .8 and half of the best keyword score
    assert scored.relevance.tolist() == pytest.approx([0.5 / 0.75, 0.0, 1.0, 0.0], abs=1e-3)


def test_where_no_section_speaks_to_half_of_the_question_words_count_less(index):
    scored = with_cosines(index, "lamp zebra yak walrus", [0.8, 0.0, 0.4, 0.0])

    # a quarter of the question is half of what it takes: .25 + .25 for the lamp
    assert scored.relevance.tolist() == pytest.approx([1.0, 0.0, 1.0, 0.0], abs=1e-3)


def test_similarity_counts_from_what_an_unrelated_section_has(crowd):
    cosines = [-0.5, -0.5, 0.2, *[0.6] * 36, 0.8]

    found = with_cosines(crowd, "lamp", cosines).nearest_similarity

    assert found == pytest.approx((0.8 - 0.2) / (1 - 0.2), abs=1e-3)
    assert found == round(found, 4)


def test_half_precision_makes_nothing_more_similar_than_the_same_text(crowd):
    assert with_cosines(crowd, "lamp", [*[0.5] * 39, 1.25]).nearest_similarity == 1.0


def test_where_every_section_is_the_same_text_similarity_says_nothing(crowd):
    assert with_cosines(crowd, "lamp", [1.0] * 40).nearest_similarity is None


def test_of_a_few_sections_nobody_can_say_what_an_unrelated_one_has(index):
    assert with_cosines(index, "lamp", [0.8, 0.0, 0.4, 0.0]).nearest_similarity is None


def test_blocks_of_rows_give_what_one_product_gives(monkeypatch):
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((100, 8)).astype(np.float16)
    vector = rng.standard_normal(8).astype(np.float32)
    monkeypatch.setattr(scored_question, "_BLOCK_ROWS", 7)

    assert np.allclose(
        scored_question._products(rows, vector), rows.astype(np.float32) @ vector, atol=1e-5
    )


def filtered(index, question, *conditions, **options):
    return ScoredQuestion(
        index, question, conditions=[Condition(*item) for item in conditions], **options
    )


def test_what_is_left_out_has_no_score(index):
    scored = filtered(index, "brick oven", ("path", "a.md", True))

    assert np.flatnonzero(scored.relevance).tolist() == [MILL]
    assert scored.relevance[MILL] == pytest.approx(1, abs=0.1)
    assert scored.best_nodes(5) == [3]
    assert scored.allowed_nodes.tolist() == [False, True, True, True]


def test_a_phrase_takes_no_score_from_pages_that_lack_it_and_no_search_begins_there(index):
    scored = filtered(index, "brick oven", ("phrase", "brick oven"))

    assert scored.relevance[MILL] > 0
    assert np.flatnonzero(scored.hit_relevance).tolist() == [OVEN, DOOR]
    assert scored.hit_scores[MILL] == 0
    assert scored.best_nodes(5) == [0]


def test_sections_with_the_phrase_come_before_others_of_their_page(index):
    plain = ScoredQuestion(index, "door oven").relevance
    scored = filtered(index, "door oven", ("phrase", "brick oven")).relevance

    assert scored[DOOR] / scored[OVEN] == pytest.approx(plain[DOOR] / plain[OVEN] / 2)


def test_vectors_are_filtered_too(index, crowd):
    options = {"encode": lambda _text: np.array([1.0, 0.0], dtype=np.float32)}
    scored = filtered(
        WithVectors(index, [0.9, 0.8, 0.7, 0.6]), "brick", ("path", "a.md", True), **options
    )
    near = [0.99 if number == 3 else 0.5 for number in range(40)]
    alone = filtered(WithVectors(crowd, near), "lamp", ("path", "03.md", True), **options)

    assert np.flatnonzero(scored.relevance).tolist() == [LAMP, MILL]
    assert alone.nearest_similarity == 0
    assert with_cosines(crowd, "lamp", near).nearest_similarity > 0.9


def widened(index, question, words, other):
    return ScoredQuestion(index, question, synonyms=[Synonym(words, other, "settings")])


def test_a_synonym_counts_less_than_the_word_and_only_where_that_is_not(index):
    plain = ScoredQuestion(index, "oven")
    scored = widened(index, "oven", "oven", "lamp")

    assert scored.section_scores[LAMP] > 0 == plain.section_scores[LAMP]
    assert scored.section_scores[LAMP] < scored.section_scores[OVEN]
    assert scored.section_scores[OVEN] == plain.section_scores[OVEN]
    assert scored.terms_of_sections([LAMP]) == [("oven",)]
    assert scored.terms_in(1) == ("oven",)
    assert scored.also == (("oven", ("lamp",)),)


def test_a_word_that_no_document_holds_is_found_by_its_synonym(index):
    scored = widened(index, "toaster", "toaster", "brick oven")

    assert set(scored.terms.tokens) == {"toaster"}
    assert np.flatnonzero(scored.section_scores).tolist() == [OVEN]
    assert scored.in_vocabulary_share == 1


@pytest.mark.parametrize(
    ("words", "other"), [("oven", "zebra"), ("yak", "lamp"), ("oven", "oven"), ("oven", "the")]
)
def test_a_synonym_that_adds_nothing_is_not_shown(index, words, other):
    scored = widened(index, "oven", words, other)

    assert scored.shown_synonyms == ()
    assert np.array_equal(scored.section_scores, ScoredQuestion(index, "oven").section_scores)

import pytest

from docsearch_cli.explore.coverage import Coverage, measure_coverage
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.retrieval.synonyms import Synonym
from tests.unit.index.small import index_of

FILES = {
    "oven.md": "# Brick oven\n\nIt is heated with beech. A door keeps draughts out.\n",
    "kiln.md": "# Kiln\n\nThe kilns are lit. Nobody opens a kiln before Monday.\n",
    "gate.md": "# Gate\n\nThe carpenter hung it. It was lit by a lamp.\n\nBeech, too.\n",
    "more.md": "# More\n\nNothing is said here.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return index_of(tmp_path_factory.mktemp("coverage"), FILES)


def coverage(index, question, **options):
    return measure_coverage(ScoredQuestion(index, question, **options))


def test_a_question_without_a_word_of_the_corpus_is_not_covered(index):
    assert coverage(index, "wombat") == Coverage()
    assert coverage(index, "the") == Coverage()


def test_a_word_counts_word_for_word_only_in_the_form_that_was_asked(index):
    assert coverage(index, "kiln opens").exact == 1.0
    assert coverage(index, "kiln opening").exact < coverage(index, "kiln opening").sentence == 1.0


def test_a_sentence_covers_what_it_stands_under(index):
    assert coverage(index, "brick draughts").sentence == 1.0


def test_what_stands_apart_in_a_section_is_in_no_sentence(index):
    found = coverage(index, "carpenter lamp")

    assert found.exact == 1.0
    assert found.sentence == pytest.approx(0.5)


def test_a_missing_word_weighs_as_much_as_the_rarest_there_may_be(index):
    assert coverage(index, "lit wombat").exact < coverage(index, "draughts wombat").exact == 0.5


def test_rarity_is_counted_in_words_of_one_section(index):
    assert coverage(index, "draughts").rarity == 1.0
    assert coverage(index, "draughts door heated").rarity == pytest.approx(3.0)
    assert 0 < coverage(index, "lit").rarity < 1


def test_words_of_different_sections_are_not_rare_together(index):
    assert coverage(index, "draughts carpenter").rarity == 1.0


def test_a_synonym_is_held_as_it_was_asked(index):
    synonym = Synonym("portals", "gate", "settings")

    assert coverage(index, "portals carpenter", synonyms=[synonym]).exact == 1.0
    assert coverage(index, "gates carpenter").exact < 1.0


def test_pages_that_conditions_leave_out_cover_nothing(index):
    left = [Condition("path", "kiln.md")]

    assert coverage(index, "draughts lit", conditions=left).rarity < 1

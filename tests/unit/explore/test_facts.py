import pytest

from docsearch_cli.explore.facts import intent_facts
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.hashing import HashEncoder
from tests.support import write_files

FILES = {
    "song.md": "# Long Song\n\nLong Song was composed by Greta Nymoen.\n\n## Reception\n\nLoud.\n",
    "greta.md": "# Greta Nymoen\n\nShe was born in a mill.\n",
    "mill.md": "# Mill\n\nA mill is loud.\n",
}


@pytest.fixture
def ask_facts(tmp_path, corpus_folder):
    """Index the files and give what the intent of a question is detected from."""
    home = tmp_path / ".docsearch"
    build_index(home, [write_files(corpus_folder, FILES)])
    return lambda question: intent_facts(ScoredQuestion(open_index(home), question))


def test_a_document_that_is_named_holds_a_share_of_the_rest(ask_facts):
    assert ask_facts("who composed Long Song").rest_share == 1
    assert ask_facts("was the reception of Long Song loud").rest_share == 1
    assert ask_facts("where was Long Song born").rest_share == 0
    assert 0 < ask_facts("the mill that Long Song was composed in").rest_share < 1


def test_where_no_document_is_named_nothing_is_left_to_others(ask_facts):
    assert ask_facts("who was born").rest_share == 1
    assert ask_facts("Long Song").rest_share == 1
    assert ask_facts("zebra").rest_share == 1


def test_two_documents_hold_more_together_than_the_best_alone(ask_facts):
    found = ask_facts("composed loud born")

    assert 0 < found.best_share < found.together_share < 1


def test_two_sections_of_one_document_are_no_two_documents(ask_facts):
    found = ask_facts("composed reception")

    assert found.together_share == found.best_share < 1


def test_what_no_document_holds_lowers_both_shares(ask_facts):
    found = ask_facts("composed zebra")

    assert found.together_share == found.best_share == 0.5
    assert found.missing == ("zebra",)


def test_a_question_without_hits_has_no_shares(ask_facts):
    found = ask_facts("zebra")

    assert (found.best_share, found.together_share) == (0, 0)


def test_embeddings_do_not_change_what_the_intent_is_detected_from(
    ask_facts, tmp_path, corpus_folder
):
    encoder = HashEncoder()
    home = tmp_path / "with"
    build_index(home, [corpus_folder], encoder=lambda: encoder, revision=encoder.model.revision)
    question = "where was the composer of Long Song born"

    assert open_index(home).model is not None
    scored = ScoredQuestion(
        open_index(home), question, encode=lambda text: encoder.encode([text])[0]
    )
    assert intent_facts(scored) == ask_facts(question)


def test_a_question_is_counted_by_its_words_and_the_documents_it_names(ask_facts):
    found = ask_facts("was Long Song or Greta Nymoen loud, zebra?")

    assert found.question == "was Long Song or Greta Nymoen loud, zebra?"
    assert found.term_count == 6
    assert set(found.named) == {"greta.md", "song.md"}
    assert found.missing == ("zebra",)


def test_a_name_of_one_word_names_no_document(ask_facts):
    assert ask_facts("a mill").named == ()


def test_shares_have_four_decimals(ask_facts):
    found = ask_facts("the mill that Long Song was composed in, loud zebra")

    for share in (found.best_share, found.together_share, found.rest_share):
        assert share == round(share, 4)
        assert 0 < share < 1


def test_only_the_twenty_best_sections_are_looked_at_for_a_partner(tmp_path, corpus_folder):
    """A section of another document that adds to the best one may be too far down."""

    def together(better):
        files = {f"{n:02}.md": "# Alpha\n\nalpha beta\n" for n in range(better)}
        files["z.md"] = f"gamma {'pad ' * 300}\n"
        home = tmp_path / f"{better}"
        build_index(home, [write_files(corpus_folder / f"{better}", files)])
        found = intent_facts(ScoredQuestion(open_index(home), "alpha beta gamma"))
        return found.together_share > found.best_share

    assert together(19)
    assert not together(20)

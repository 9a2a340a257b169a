"""The oracle does what is best by what it is shown, and nothing else."""

from dataclasses import replace

import pytest

from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.explore.agents.llm_prompt import ShownPage
from docsearch_cli.explore.view import EdgeView, SectionView, View
from tests.bench.oracle_model import Oracle

LONG = "It is said to be so. " * 120


def section(number, text):
    return SectionView(number, "Part", 1 + 100 * number, 90 + 100 * number, 0.5, text)


def edge(path, score=0.9):
    return EdgeView(path, path, path, "link", "out", 1.0, 1, "see", score, ("lamp",))


VIEW = View(
    question="what colour is the lamp?",
    tokens=("colour", "lamp"),
    idf={"colour": 1.0, "lamp": 1.0},
    known_share=1.0,
    node="b.md",
    path="b.md",
    title="Harbour",
    markup="markdown",
    content_hash="0",
    node_score=0.5,
    covered=(),
    sections=(section(0, "The lamp is old. Its colour is amber. It is tall."),),
    sections_total=1,
    edges=(edge("x.md"), edge("c.md", 0.0)),
    edges_total=2,
)


@pytest.fixture
def decide():
    def by(view, *gold, answer="amber"):
        oracle = Oracle()
        oracle.about(GoldQuestion("1", view.question, gold, (answer,)))
        return oracle.decide(ShownPage.first(view))

    return by


def test_on_a_gold_page_it_names_the_sentence_with_the_answer(decide):
    said = decide(VIEW, "b.md")

    assert (said["action"], said["sentences"], said["relevance"]) == ("answer", [2], 1.0)
    assert decide(VIEW, "b.md", "c.md")["relevance"] < 0.95


def test_it_opens_gold_first_whatever_it_scores(decide):
    said = decide(VIEW, "c.md")

    assert said["action"] == "expand"
    assert said["edges"][0] == {"edge": 2, "promise": 1.0}
    assert said["sentences"] == []


def test_it_reads_on_for_a_section_that_holds_the_answer(decide):
    view = replace(VIEW, sections=(section(0, LONG), section(1, "Its colour is amber.")))

    assert decide(view, "b.md")["sections"] == [2]
    assert decide(view, "b.md", answer="green")["action"] == "answer"


def test_where_nothing_is_shown_it_gives_up(decide):
    assert decide(replace(VIEW, edges=()), "c.md")["action"] == "dead_end"

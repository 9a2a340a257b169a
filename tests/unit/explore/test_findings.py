import json

from docsearch_cli.explore.answerability import VerdictFacts
from docsearch_cli.explore.findings import (
    AggregateInput,
    Citation,
    Findings,
    Hop,
    Join,
    OpenedNode,
    PageFacts,
    RankedPath,
)
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.steps import canonical_json

QUOTE = Quote(2, "Retention", 7, 8, "**Kept** 30 days.", "Kept 30 days.", 1.5, ("kept",))
OPENED = OpenedNode(
    step="2-traverse-b",
    node="b.md//2",
    path="b.md",
    edge="mention",
    lift=0.75,
    priority=0.9,
    node_score=0.4,
    evidence=(QUOTE,),
    via=(Hop("a.md", "mention", 5),),
    paged=True,
    joins=(Join("a.md", 0.6),),
)
INPUT = AggregateInput(
    tokens=("kept",),
    idf={"kept": 2.0, "oven": 1.0},
    opened=(OPENED,),
    hits=(RankedPath("a.md", 1.0),),
    answer_tokens=600,
    most_documents=20,
    verdict=VerdictFacts(0.5, 0.6, ("zebra",), ("FIPS",), named=True),
    pages=(PageFacts("b.md", ("kept",)),),
    known_share=0.8,
    language="german",
)
FINDINGS = Findings(
    documents=(RankedPath("b.md", 0.9),),
    evidence=(
        Citation(
            n=1,
            path="b.md",
            node="b.md//2",
            step="2-traverse-b",
            heading="Retention",
            line_start=7,
            line_end=8,
            quote="**Kept** 30 days.",
            plain="Kept 30 days.",
            score=0.7,
            via=(Hop("a.md", "mention", 5),),
            paged=True,
        ),
    ),
    answer="Kept 30 days. [1]",
    cited=(1,),
    tokens_returned=5,
    found=True,
    reason="one section holds 50% of the question's words",
)


def through_json(value):
    return json.loads(canonical_json(value.to_dict()))


def test_all_that_the_fan_in_is_given_survives_being_recorded():
    assert AggregateInput.from_dict(through_json(INPUT)) == INPUT


def test_all_that_a_search_hands_back_survives_being_recorded():
    assert Findings.from_dict(through_json(FINDINGS)) == FINDINGS


def test_shares_of_the_question_are_counted_by_its_terms():
    assert INPUT.terms.share(["kept"]) == 2 / 3


def test_a_page_is_of_lines_and_coupled_with_none_unless_it_is_said():
    opened = OpenedNode("1", "a.md", "a.md", "keyword", 1.0, 0.5, 0.5, (), ())

    assert (opened.paged, opened.joins) == (False, ())


def test_a_question_is_in_the_documents_words_unless_it_is_said():
    facts = AggregateInput((), {}, (), (), 1, 1, VerdictFacts(1.0))

    assert (facts.known_share, facts.pages) == (1.0, ())

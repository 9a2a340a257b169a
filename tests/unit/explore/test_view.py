import json
from dataclasses import replace

import pytest

from docsearch_cli.explore.view import Decision, EdgeView, Follow, SectionView, View
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.steps import canonical_json

EDGE = EdgeView("b.md", "b.md", "B", "mention", "in", 0.5, 3, "B", 0.4, ("x",))
VIEW = View(
    question="q",
    tokens=("q",),
    idf={"q": 1.0},
    known_share=1.0,
    node="a.md",
    path="a.md",
    title="A",
    markup="rst",
    content_hash="0" * 64,
    node_score=0.5,
    covered=(),
    sections=(SectionView(0, "H", 1, 2, 0.5, "text"),),
    sections_total=4,
    edges=(EDGE,),
    edges_total=9,
)
DECISION = Decision(
    kind="expand",
    relevance=0.4,
    reason="why",
    covered=("q",),
    evidence=(Quote(0, "H", 1, 1, "te", "te", 1.0, ("q",)),),
    follow=(Follow("b.md", 0, 0.3, "r"),),
    tokens_read=3,
)


def test_a_view_survives_json():
    assert View.from_dict(json.loads(canonical_json(VIEW.to_dict()))) == VIEW


def test_headings_above_a_section_survive_json():
    section = SectionView(0, "H", 1, 2, 0.5, "text", ("Top", "Middle"))
    view = replace(VIEW, sections=(section,))

    assert View.from_dict(json.loads(canonical_json(view.to_dict()))) == view


def test_what_was_learned_on_the_way_survives_json():
    view = replace(VIEW, sought={"unpark": 4.5})

    assert View.from_dict(json.loads(canonical_json(view.to_dict()))) == view


def test_a_view_that_an_earlier_version_recorded_is_read():
    data = VIEW.to_dict()
    del data["sections"][0]["above"], data["sought"]

    assert View.from_dict(data) == VIEW


def test_a_decision_survives_json():
    assert Decision.from_dict(json.loads(canonical_json(DECISION.to_dict()))) == DECISION


def test_what_an_agent_looks_for_next_is_written_where_it_says_so():
    decision = replace(DECISION, look_for=("unpark", "sink"))

    assert Decision.from_dict(json.loads(canonical_json(decision.to_dict()))) == decision
    assert "look_for" not in DECISION.to_dict()


def test_an_edge_walked_backwards_says_so():
    assert EDGE.label == "mentioned_by"


@pytest.mark.parametrize("kind", ["", "found", "ANSWER", None])
def test_a_decision_is_one_of_three(kind):
    with pytest.raises(ValueError, match="is not a decision"):
        Decision.from_dict({**DECISION.to_dict(), "kind": kind})


@pytest.mark.parametrize("name", ["kind", "relevance", "follow", "evidence", "tokens_read"])
def test_a_decision_without_a_field_is_refused(name):
    facts = DECISION.to_dict()
    del facts[name]

    with pytest.raises((KeyError, ValueError)):
        Decision.from_dict(facts)


@pytest.mark.parametrize("name", ["known_share", "language"])
def test_a_view_of_before_there_was_a_field_is_read(name):
    older = {field: value for field, value in VIEW.to_dict().items() if field != name}

    assert View.from_dict(older) == VIEW

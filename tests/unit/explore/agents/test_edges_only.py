from dataclasses import replace

from docsearch_cli.explore.agents.edges_only import decide_by_edges
from docsearch_cli.explore.agents.local import decide
from tests.unit.explore.agents.test_local import edge, section, view

SHOWN = view(sections=[section()], edges=[edge("c.md", score=0.9), edge("b.md", score=0.7)])


def test_a_page_that_cannot_be_read_leads_where_its_edges_lead():
    decision = decide_by_edges(SHOWN)

    assert decision.kind == "expand"
    assert [item.target for item in decision.follow] == ["c.md", "b.md"]


def test_nothing_is_read_or_quoted_of_it():
    decision = decide_by_edges(SHOWN)

    assert (decision.evidence, decision.tokens_read, decision.relevance) == ((), 0, 0.0)
    assert decide(SHOWN).evidence


def test_the_reason_says_that_it_was_not_read():
    assert decide_by_edges(SHOWN).reason == ("nothing of it was read; 2 edges worth following")


def test_what_stands_on_the_page_changes_nothing():
    other = replace(SHOWN, sections=(section("Bread.\n"),))

    assert decide_by_edges(other) == decide_by_edges(SHOWN)

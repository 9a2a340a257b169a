"""The keyword ranking with a passage of each document."""

import pytest

from docsearch_cli.errors import UsageError
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.search.ask import ask
from docsearch_cli.search.hits import find_hits


def test_documents_are_those_of_a_simple_search(desk):
    words = "the valve of the pump"
    simple = ask(desk.home, desk.index, words, desk.options(mode="simple"))
    hits = find_hits(desk.index, words, limit=20).hits

    assert [(hit.path, hit.score) for hit in hits] == [
        (item.path, item.score) for item in simple.findings.documents
    ]


def test_a_hit_has_the_place_and_the_words_of_its_best_passage(desk):
    hit = find_hits(desk.index, "at how many bar does it open", limit=1).hits[0]

    assert (hit.path, hit.title, hit.line_start, hit.line_end) == ("valve.md", "Valve", 1, 3)
    assert hit.text.startswith("The valve opens at 12 bar.")
    assert hit.text_line == 3
    assert not hit.paged


def test_no_more_than_the_limit(desk):
    assert len(find_hits(desk.index, "pump valve mill", limit=2).hits) == 2


def test_conditions_of_words_and_of_filters_hold_both(desk):
    only_hub = (Condition("path", "h*.md"),)

    assert [hit.path for hit in find_hits(desk.index, "valve", only_hub, limit=9).hits] == [
        "hub.md"
    ]
    assert find_hits(desk.index, "valve -pump", only_hub, limit=9).hits == ()


def test_how_words_were_read_is_said(desk):
    found = find_hits(desk.index, "vallve", limit=9)

    assert 'searched for "valve"' in found.notes[0]
    assert found.hits[0].path == "valve.md"


@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("zzzzqq", "no document has any of these words"),
        ("the of", "no searchable words"),
        ("valve path:nowhere/*", "no page lies at nowhere"),
    ],
)
def test_nothing_found_has_a_reason(desk, words, note):
    found = find_hits(desk.index, words, limit=9)

    assert found.hits == ()
    assert note in found.notes[-1]


def test_nothing_to_look_for_is_refused(desk):
    with pytest.raises(UsageError):
        find_hits(desk.index, " ", limit=9)

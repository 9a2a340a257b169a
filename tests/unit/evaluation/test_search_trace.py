import pytest

from docsearch_cli.evaluation.search_trace import SearchTrace
from docsearch_cli.explore.view import Decision, EdgeView, Follow, SectionView, View
from docsearch_cli.steps import Drop, PlannedStep


def step(number, node="hub.md"):
    return PlannedStep(number, "traverse", node, 0, 1.0, None, 0, "keyword")


def edge(target, score=0.5):
    path = target.partition("//")[0]
    return EdgeView(target, path, "T", "mention", "out", 1.0, 1, "t", score, ())


def view(path="hub.md", edges=(), sections=()):
    return View(
        question="q",
        tokens=(),
        idf={},
        known_share=1.0,
        node=path,
        path=path,
        title="T",
        markup="markdown",
        content_hash="0",
        node_score=0.5,
        covered=(),
        sections=tuple(sections),
        sections_total=len(sections),
        edges=tuple(edges),
        edges_total=len(edges),
    )


def decided(*targets):
    follow = tuple(Follow(target, place, 0.5, "r") for place, target in enumerate(targets))
    return Decision("expand", 0.1, "r", (), (), follow, 10)


@pytest.fixture
def trace():
    return SearchTrace()


def test_a_proposal_that_is_neither_dropped_nor_opened_waited(trace):
    trace.opened(step(1), view(edges=[edge("a.md"), edge("b.md")]), decided("a.md", "b.md"))
    trace.dropped([Drop(1, 1, "b.md", "fan_out", 0.7)])
    waited, dropped = trace.best_edge("a.md"), trace.best_edge("b.md")

    assert (waited.fate, waited.path, waited.label) == ("waiting", "hub.md", "mention")
    assert (dropped.fate, dropped.priority) == ("fan_out", 0.7)


def test_an_edge_that_was_shown_and_not_proposed_is_told_from_none(trace):
    trace.opened(step(1), view(edges=[edge("a.md"), edge("b.md")]), decided("a.md"))

    assert trace.best_edge("b.md").fate == "not_proposed"
    assert trace.best_edge("c.md") is None


def test_a_proposal_says_more_than_an_edge_that_nobody_wanted(trace):
    trace.opened(step(1), view(edges=[edge("a.md", 0.99)]), decided())
    trace.opened(step(2), view("low.md", [edge("a.md", 0.1)]), decided("a.md"))
    trace.dropped([Drop(2, 0, "a.md", "depth", 0.01)])

    assert (trace.best_edge("a.md").path, trace.best_edge("a.md").fate) == ("low.md", "depth")


def test_of_two_that_were_dropped_the_better_one_tells_why(trace):
    for number, reason, priority in ((1, "fan_out", 0.2), (2, "frontier_full", 0.4)):
        trace.opened(step(number), view(edges=[edge("a.md")]), decided("a.md"))
        trace.dropped([Drop(number, 0, "a.md", reason, priority)])

    assert trace.best_edge("a.md").fate == "frontier_full"


@pytest.mark.parametrize("gave_way", ["queued", "better_way"])
def test_a_proposal_that_gave_way_to_another_tells_nothing(trace, gave_way):
    for number, reason, priority in ((1, gave_way, 0.9), (2, "frontier_full", 0.4)):
        trace.opened(step(number), view(edges=[edge("a.md")]), decided("a.md"))
        trace.dropped([Drop(number, 0, "a.md", reason, priority)])

    assert trace.best_edge("a.md").fate == "frontier_full"


def test_one_that_waits_comes_before_one_that_was_dropped(trace):
    trace.opened(step(1), view(edges=[edge("a.md")]), decided("a.md"))
    trace.opened(step(2), view(edges=[edge("a.md")]), decided("a.md"))
    trace.dropped([Drop(2, 0, "a.md", "depth", 9.0)])

    assert trace.best_edge("a.md").fate == "waiting"


def test_an_edge_to_a_part_is_one_to_its_document(trace):
    trace.opened(step(1), view(edges=[edge("long.md//2")]), decided("long.md//2"))

    assert trace.best_edge("long.md").fate == "waiting"


def test_a_page_whose_step_failed_was_not_opened_until_another_part_is(trace):
    trace.opened(step(1, "a.md"), view("a.md"), None)

    assert trace.has_failed("a.md")
    assert not trace.was_opened("a.md")

    trace.opened(step(2, "a.md//2"), view("a.md"), decided())

    assert trace.was_opened("a.md")
    assert not trace.has_failed("a.md")


def test_of_a_section_that_was_cut_only_the_lines_shown_were_read(trace):
    whole = SectionView(0, "", 1, 3, 0.5, "one\ntwo\nthree\n")
    cut = SectionView(1, "", 10, 90, 0.4, "ten\nelev")
    trace.read("a.md", [whole, cut])

    assert trace.lines_read("a.md") == [(1, 3), (10, 11)]
    assert trace.lines_read("b.md") == []

import pytest

from docsearch_cli.graph.edge_kinds import kind_of_code
from docsearch_cli.graph.edges import Edge, EdgeList, PageOutline, edges_by_outline, join_edges


def joined(*lists):
    """Return the edges as a dictionary of (source, target)."""
    edges = join_edges([EdgeList.of(edges) for edges in lists])
    pairs = list(zip(edges.sources.tolist(), edges.targets.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    facts = zip(
        (kind_of_code(int(code)).name for code in edges.kinds),
        edges.counts.tolist(),
        edges.lines.tolist(),
        edges.texts,
        strict=True,
    )
    return dict(zip(pairs, facts, strict=True))


def test_a_node_is_not_joined_to_itself():
    assert joined([Edge(0, 0, "link")]) == {}


def test_repeated_links_are_one_edge_with_a_count():
    edges = [Edge(0, 1, "link", line=line, text=f"b{line}") for line in range(1, 51)]

    assert joined(edges) == {(0, 1): ("link", 50, 1, b"b1")}


def test_a_link_wins_over_a_mention_whichever_came_first():
    link, mention = Edge(0, 1, "link", line=1), Edge(0, 1, "mention", line=2)

    assert joined([link], [mention]) == joined([mention, link]) == {(0, 1): ("link", 1, 1, b"")}


def test_the_order_of_lists_decides_nothing_but_the_line():
    links = [Edge(3, 1, "link"), Edge(0, 2, "link")]
    mentions = [Edge(0, 1, "mention"), Edge(3, 1, "mention")]

    assert joined(links, mentions) == joined(mentions, links)


def test_a_cycle_is_two_edges():
    assert sorted(joined([Edge(0, 1, "link"), Edge(1, 0, "link")])) == [(0, 1), (1, 0)]


def test_words_that_are_no_utf8_are_replaced():
    assert joined([Edge(0, 1, "link", text="\ud800")])[0, 1][3] == b"?"


def test_an_edge_says_all_of_its_target_and_stands_nowhere_unless_it_is_said():
    edge = Edge(0, 1, "part")

    assert (edge.weight, edge.line, edge.text) == (1.0, 0, "")


def test_the_outline_of_pages_gives_each_edge_of_the_stored_kinds_once():
    paths = ["g/a.md", "g/index.md", "h/long.md"]
    edges = edges_by_outline(PageOutline(paths, paths, [0, 1, 2, 4]))
    found = [
        (int(source), int(target), kind_of_code(int(code)).name)
        for source, target, code in zip(edges.sources, edges.targets, edges.kinds, strict=True)
    ]

    assert sorted(found) == [
        (0, 1, "part"),
        (1, 0, "part"),
        (2, 3, "next"),
        (2, 3, "part"),
        (3, 2, "next"),
        (3, 2, "part"),
    ]


def test_repeats_count_by_kind_and_the_kind_that_stays_keeps_its_own_weight_and_words():
    links = [Edge(0, 1, "link", 0.5, 7, "b"), Edge(0, 1, "link", 0.9, 9, "c")]
    mentions = [Edge(0, 1, "mention", 0.2, 1, "a"), Edge(0, 2, "mention", 0.3, 2, "d")] * 3

    assert joined(mentions, links) == {
        (0, 1): ("link", 2, 7, b"b"),
        (0, 2): ("mention", 3, 2, b"d"),
    }
    edges = join_edges([EdgeList.of(mentions), EdgeList.of(links)])
    assert edges.weights.tolist() == pytest.approx([0.5, 0.3])


def test_a_kind_that_is_not_stored_has_no_rows():
    with pytest.raises(ValueError, match="entity"):
        EdgeList.of([Edge(0, 1, "entity")])

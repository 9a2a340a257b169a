from docsearch_cli.graph.edge_kinds import kind_of_code
from docsearch_cli.graph.edges import Edge, EdgeList, join_edges


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

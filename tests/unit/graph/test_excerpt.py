from docsearch_cli.graph.edge_kinds import code_of
from docsearch_cli.graph.edges import Edge
from tests.unit.graph.excerpts import excerpt_of

CHAIN = [(0, 1), (2, 1), (2, 3), (3, 4)]


def ids(excerpt):
    return [node.id for node in excerpt.nodes]


def pairs(excerpt):
    names = ids(excerpt)
    return [(names[edge.source], names[edge.target]) for edge in excerpt.edges()]


def test_the_whole_graph_has_every_node_and_edge():
    excerpt = excerpt_of(CHAIN)

    assert ids(excerpt) == list("abcdef")
    assert pairs(excerpt) == [("a", "b"), ("c", "b"), ("c", "d"), ("d", "e")]
    assert excerpt.edge_count == 4
    assert all(node.hops is None for node in excerpt.nodes)


def test_hops_are_walked_either_way():
    excerpt = excerpt_of(CHAIN, around=1, hops=2)

    assert [(node.id, node.hops) for node in excerpt.nodes] == [
        ("a", 1), ("b", 0), ("c", 1), ("d", 2),
    ]  # fmt: skip
    assert pairs(excerpt) == [("a", "b"), ("c", "b"), ("c", "d")]
    assert excerpt.around == "b"


def test_no_hop_is_the_page_alone():
    assert ids(excerpt_of(CHAIN, around=1, hops=0)) == ["b"]


def test_hops_beyond_the_graph_end():
    assert ids(excerpt_of(CHAIN, around=0, hops=10**9)) == list("abcde")


def test_other_kinds_of_edges_do_not_count():
    edges = [Edge(0, 1, "link"), Edge(1, 2, "mention")]
    excerpt = excerpt_of(edges, around=0, hops=5, codes=[code_of("link")])

    assert ids(excerpt) == ["a", "b"]
    assert pairs(excerpt) == [("a", "b")]


def test_degrees_are_of_the_excerpt():
    edges = [Edge(0, 1, "link"), Edge(1, 2, "mention"), Edge(2, 1, "link")]
    excerpt = excerpt_of(edges, "abc", codes=[code_of("link")])

    assert [(node.edges_in, node.edges_out) for node in excerpt.nodes] == [(0, 1), (2, 0), (0, 1)]


def test_a_part_knows_its_document():
    node = excerpt_of([], ["a.md", "a.md//2"]).nodes[1]

    assert (node.path, node.part) == ("a.md", 2)


def test_an_edge_has_all_it_says():
    (edge,) = excerpt_of([Edge(0, 1, "mention", weight=0.25, line=7, text="that one")]).edges()

    assert (edge.kind, edge.weight, edge.line, edge.count, edge.text) == (
        "mention", 0.25, 7, 1, "that one",
    )  # fmt: skip

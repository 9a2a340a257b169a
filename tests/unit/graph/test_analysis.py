import networkx
import pytest

from docsearch_cli.graph.analysis import betweenness, measure_graph, page_rank, to_networkx
from docsearch_cli.graph.csr import load_graph, save_graph
from docsearch_cli.graph.edges import Edge, EdgeList


def graph_of(edges, nodes="abc"):
    graph = networkx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges, kind="link")
    return graph


def test_an_empty_graph_has_zeros():
    stats = measure_graph(networkx.DiGraph())

    assert (stats.nodes, stats.edges, stats.components, stats.largest_component) == (0, 0, 0, 0)
    assert stats.central == ()


def test_figures_count_edges_by_kind():
    graph = graph_of([("a", "b")])
    graph.add_edge("b", "c", kind="mention")

    assert measure_graph(graph).edges_by_kind == {"link": 1, "mention": 1}


def test_orphans_are_nodes_that_no_edge_touches():
    assert measure_graph(graph_of([("b", "a"), ("e", "e")], "abdce")).orphans == 2


def test_components_ignore_direction():
    stats = measure_graph(graph_of([("a", "b"), ("c", "b")], "abcd"))

    assert (stats.components, stats.largest_component) == (2, 3)


def test_the_most_linked_come_first_and_ties_by_id():
    stats = measure_graph(graph_of([("a", "c"), ("b", "c"), ("c", "b"), ("c", "a")]))

    assert stats.most_linked == (("c", 2), ("a", 1), ("b", 1))


def test_page_rank_adds_up_to_one():
    rank = page_rank(graph_of([("a", "b"), ("b", "c"), ("c", "a"), ("a", "c")], "abcd"))

    assert sum(rank.values()) == pytest.approx(1, abs=1e-6)


def test_page_rank_of_a_cycle_is_even():
    rank = page_rank(graph_of([("a", "b"), ("b", "c"), ("c", "a")]))

    assert list(rank.values()) == pytest.approx([1 / 3] * 3, abs=1e-6)


def test_page_rank_favours_what_is_linked():
    rank = page_rank(graph_of([("a", "c"), ("b", "c")]))

    assert rank["c"] > rank["a"] == rank["b"]


def test_page_rank_of_nothing_is_nothing():
    assert page_rank(networkx.DiGraph()) == {}


def test_page_rank_without_edges_is_even():
    assert page_rank(graph_of([], "ab")) == {"a": 0.5, "b": 0.5}


def test_a_stored_graph_comes_back_with_ids(tmp_path):
    save_graph(tmp_path, EdgeList.of([Edge(0, 1, "link", line=3, text="t")]), 2)
    found = to_networkx(load_graph(tmp_path), ["x.md", "y.md"])

    assert list(found.edges) == [("x.md", "y.md")]
    assert found.edges["x.md", "y.md"]["line"] == 3


def test_a_stored_edge_comes_back_with_all_it_says(tmp_path):
    save_graph(tmp_path, EdgeList.of([Edge(0, 1, "mention", 0.5, 3, "t")]), 3)
    found = to_networkx(load_graph(tmp_path), ["x.md", "y.md", "z.md"])

    assert list(found.nodes) == ["x.md", "y.md", "z.md"]
    assert found.edges["x.md", "y.md"] == {
        "kind": "mention",
        "weight": 0.5,
        "line": 3,
        "count": 1,
        "text": "t",
    }


def test_at_most_ten_pages_are_listed_and_none_that_nothing_leads_to():
    stats = measure_graph(graph_of([("z", node) for node in "abcdefghijkl"], "z"))

    assert stats.most_linked == tuple((node, 1) for node in "abcdefghij")
    assert len(stats.central) == 10
    assert measure_graph(graph_of([("a", "b")], "ab")).most_linked == (("b", 1),)


def test_page_rank_is_what_a_walk_that_jumps_now_and_then_gives():
    rank = page_rank(graph_of([("a", "b")], "ab"))

    # a = .15 / 2 + .85 b / 2 and a + b = 1: what leads nowhere jumps anywhere
    assert rank["a"] == pytest.approx((0.075 + 0.425) / 1.425, abs=1e-8)
    assert rank == {node: round(value, 9) for node, value in rank.items()}


def test_the_figures_are_plain_data():
    facts = measure_graph(graph_of([("a", "b")], "ab")).to_dict()

    assert (facts["nodes"], facts["edges"], facts["edges_by_kind"]) == (2, 1, {"link": 1})
    assert (facts["components"], facts["largest_component"], facts["orphans"]) == (1, 2, 0)


def test_components_come_largest_first_and_orphans_by_id():
    stats = measure_graph(graph_of([("a", "b"), ("c", "b"), ("d", "e")], "zyabcde"))

    assert stats.component_sizes == (3, 2, 1, 1)
    assert stats.first_orphans == ("y", "z")


def test_hubs_lead_to_the_most_pages():
    stats = measure_graph(graph_of([("a", "b"), ("a", "c"), ("b", "c")]))

    assert stats.hubs == (("a", 2), ("b", 1))


def test_a_bridge_is_in_between():
    stats = measure_graph(graph_of([("a", "c"), ("b", "c"), ("c", "d"), ("d", "e")], "abcde"))

    assert [node for node, _ in stats.between] == ["c", "d"]
    assert stats.between[0][1] == pytest.approx(4 / 12)
    assert stats.between_sampled is None


def test_a_large_graph_is_sampled_the_same_way_each_time(monkeypatch):
    monkeypatch.setattr("docsearch_cli.graph.analysis._MOST_PASSED", 400)
    names = [f"{number:03}" for number in range(60)]
    graph = graph_of([(names[n], names[(n * 7 + 1) % 60]) for n in range(60)], names)
    first, second = measure_graph(graph), measure_graph(graph)

    assert first.between_sampled == 16
    assert first.between == second.between != ()
    assert betweenness(graph, 16) != betweenness(graph)

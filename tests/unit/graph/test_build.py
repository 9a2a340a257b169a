import pytest

from docsearch_cli.graph.build import add_edge, add_mentions, add_structure, new_graph
from docsearch_cli.graph.mentions import Mention
from docsearch_cli.graph.nodes import Node


def graph_of(*paths):
    nodes = [Node(path, row, 0, row, row + 1) for row, path in enumerate(paths)]
    return new_graph(nodes, list(paths)), nodes


def test_an_edge_to_an_unknown_node_is_refused():
    graph, _ = graph_of("a.md")

    with pytest.raises(KeyError, match="no node 7"):
        add_edge(graph, 0, 7, "link")
    assert graph.number_of_nodes() == 1


def test_an_edge_from_an_unknown_node_is_refused():
    graph, _ = graph_of("a.md")

    with pytest.raises(KeyError):
        add_edge(graph, 7, 0, "link")


def test_a_node_is_not_joined_to_itself():
    graph, _ = graph_of("a.md")
    add_edge(graph, 0, 0, "link")

    assert graph.number_of_edges() == 0


def test_repeated_links_are_one_edge_with_a_count():
    graph, _ = graph_of("a.md", "b.md")
    for line in range(1, 51):
        add_edge(graph, 0, 1, "link", line=line, text=f"b{line}")

    assert graph.number_of_edges() == 1
    assert graph.edges[0, 1]["count"] == 50
    assert graph.edges[0, 1]["line"] == 1


def test_a_link_wins_over_a_mention_whichever_came_first():
    for kinds in (("link", "mention"), ("mention", "link")):
        graph, _ = graph_of("a.md", "b.md")
        for kind in kinds:
            add_edge(graph, 0, 1, kind)

        assert graph.edges[0, 1]["kind"] == "link"
        assert graph.edges[0, 1]["count"] == 1


def test_a_cycle_is_two_edges():
    graph, _ = graph_of("a.md", "b.md")
    add_edge(graph, 0, 1, "link")
    add_edge(graph, 1, 0, "link")

    assert graph.number_of_edges() == 2


def test_mentions_carry_weight_line_and_words():
    graph, _ = graph_of("a.md", "b.md")
    add_mentions(graph, [Mention(0, 1, 12, "Page B", 0.4)])

    assert graph.edges[0, 1] == {
        "kind": "mention",
        "weight": 0.4,
        "line": 12,
        "text": "Page B",
        "count": 1,
    }


def test_a_folders_own_page_is_joined_with_its_pages():
    paths = ["g/a.md", "g/index.md", "other.md"]
    graph, nodes = graph_of(*paths)
    add_structure(graph, nodes, paths)

    assert sorted(graph.edges) == [(0, 1), (1, 0)]
    assert graph.edges[1, 0]["kind"] == "part"


def test_a_folder_without_own_page_joins_nothing():
    paths = ["g/a.md", "g/b.md"]
    graph, nodes = graph_of(*paths)
    add_structure(graph, nodes, paths)

    assert graph.number_of_edges() == 0


def test_a_folder_with_very_many_pages_joins_nothing():
    paths = ["index.md", *[f"p{n}.md" for n in range(300)]]
    graph, nodes = graph_of(*paths)
    add_structure(graph, nodes, paths)

    assert graph.number_of_edges() == 0


def test_parts_of_a_document_are_joined_in_order():
    nodes = [Node("a.md", 0, 0, 0, 1), Node("a.md//2", 0, 1, 1, 2), Node("a.md//3", 0, 2, 2, 3)]
    graph = new_graph(nodes, ["A"] * 3)
    add_structure(graph, nodes, ["a.md"])

    kinds = {edge: graph.edges[edge]["kind"] for edge in graph.edges}
    assert kinds[0, 2] == "part"
    assert kinds[1, 2] == "next"
    assert kinds[2, 1] == "next"

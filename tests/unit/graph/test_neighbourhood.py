import numpy as np
import pytest

from docsearch_cli.graph.csr import load_graph, save_graph
from docsearch_cli.graph.edges import EdgeList
from docsearch_cli.graph.neighbourhood import find_neighbourhood

LINK, MENTION = 0, 1


@pytest.fixture
def around(tmp_path):
    """Return the pages around a node of a graph of (source, target, kind, weight)."""

    def find(edges, count, centre, *, ranks=None, hops=2, most=20, codes=(LINK, MENTION)):
        edges = sorted(edges)
        columns = list(zip(*edges, strict=True))
        listed = EdgeList(
            sources=np.array(columns[0], np.int32),
            targets=np.array(columns[1], np.int32),
            kinds=np.array(columns[2], np.uint8),
            weights=np.array(columns[3], np.float32),
            lines=np.arange(len(edges), dtype=np.int32),
            counts=np.ones(len(edges), np.int32),
            texts=[b"edge %d" % n for n in range(len(edges))],
        )
        save_graph(tmp_path, listed, count)
        return find_neighbourhood(
            load_graph(tmp_path),
            centre,
            np.zeros(count) if ranks is None else np.array(ranks, float),
            hops=hops,
            most=most,
            codes=codes,
        )

    return find


def sides(found):
    return [(item.node, item.hops, item.side) for item in found.nodes]


def test_what_leads_here_stands_before_and_where_it_leads_after(around):
    found = around([(0, 1, LINK, 1), (1, 2, LINK, 1), (3, 0, LINK, 1), (2, 4, LINK, 1)], 5, 1)

    assert sides(found) == [
        (1, 0, "centre"),
        (0, 1, "before"),
        (2, 1, "after"),
        (3, 2, "before"),
        (4, 2, "after"),
    ]


def test_one_hop_is_one_hop(around):
    found = around([(0, 1, LINK, 1), (1, 2, LINK, 1)], 3, 0, hops=1)

    assert [item.node for item in found.nodes] == [0, 1]
    assert found.left_out == (0, 0)


def test_a_page_that_links_to_itself_is_there_once(around):
    found = around([(0, 0, LINK, 1), (0, 1, LINK, 1)], 2, 0)

    assert [item.node for item in found.nodes] == [0, 1]
    assert [(edge.source, edge.target) for edge in found.edges] == [(0, 1)]


def test_of_a_hub_the_closest_are_shown_and_the_others_counted(around):
    edges = [(n, 0, LINK, 0.1 if n != 150 else 0.9) for n in range(1, 300)]
    found = around(edges, 300, 0, ranks=[0] + [1 if n == 77 else 0.5 for n in range(1, 300)])

    assert len(found.nodes) == 14  # two thirds of 20, and the page itself
    assert [item.node for item in found.nodes][:4] == [0, 150, 77, 1]
    assert found.left_out == (299 - 13, 0)


def test_two_hops_away_the_most_joined_come_first(around):
    edges = [(0, 1, LINK, 1), (0, 2, LINK, 1), (1, 3, LINK, 1), (1, 4, LINK, 1), (2, 4, LINK, 1)]

    assert [item.node for item in around(edges, 5, 0).nodes] == [0, 1, 2, 4, 3]


def test_only_wanted_kinds_count(around):
    edges = [(0, 1, LINK, 1), (0, 2, MENTION, 1), (1, 2, MENTION, 1)]
    found = around(edges, 3, 0, codes=(LINK,))

    assert [item.node for item in found.nodes] == [0, 1]
    assert [edge.code for edge in found.edges] == [LINK]


def test_edges_between_shown_pages_are_all_there_with_their_words(around):
    edges = [(0, 1, LINK, 1), (0, 2, LINK, 1), (1, 2, MENTION, 0.5)]
    found = around(edges, 3, 0)

    assert [(e.source, e.target, e.line, e.text) for e in found.edges] == [
        (0, 1, 0, "edge 0"),
        (0, 2, 1, "edge 1"),
        (1, 2, 2, "edge 2"),
    ]

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.graph.edge_kinds import STORED_CODES, code_of
from docsearch_cli.graph.edges import Edge
from docsearch_cli.graph.shortest_path import shortest_path
from tests.unit.graph.excerpts import stored


def way(edges, start, end, names="abcdef", codes=STORED_CODES, **options):
    ids = list(names)
    found = shortest_path(
        stored(edges, len(ids)), ids.index(start), ids.index(end), ids, codes=codes, **options
    )
    return found and "".join([start, *(ids[hop.node] for hop in found.hops)])


def test_edges_are_walked_in_their_direction():
    assert way([(0, 1), (1, 2)], "a", "c") == "abc"
    assert way([(0, 1), (1, 2)], "c", "a") is None


def test_edges_are_walked_either_way_if_told():
    assert way([(0, 1), (2, 1)], "a", "c", either_way=True) == "abc"


def test_a_way_against_an_edge_says_so():
    found = shortest_path(
        stored([(0, 1), (2, 1)], 3), 0, 2, list("abc"), codes=STORED_CODES, either_way=True
    )

    assert [hop.is_forward for hop in found.hops] == [True, False]


def test_the_shortest_way_is_taken():
    assert way([(0, 1), (1, 2), (2, 3), (0, 3)], "a", "d") == "ad"


def test_of_equal_ways_the_first_by_path_is_taken():
    assert way([(0, 1), (0, 2), (1, 3), (2, 3)], "a", "d", names="azbd") == "abd"


def test_equal_ways_are_counted():
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)]
    found = shortest_path(stored(edges, 5), 0, 4, list("abcde"), codes=STORED_CODES)

    assert found.equal == 2


def test_a_page_is_at_itself():
    assert way([], "a", "a") == "a"


def test_other_kinds_are_not_walked():
    edges = [Edge(0, 2, "mention"), Edge(0, 1, "link"), Edge(1, 2, "link")]

    assert way(edges, "a", "c", codes=[code_of("link")]) == "abc"
    assert way(edges, "a", "c") == "ac"


@pytest.mark.parametrize("either_way", [False, True])
@settings(max_examples=40, deadline=None)
@given(
    edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20, unique=True),
    end=st.integers(0, 7),
)
def test_ways_are_those_that_networkx_finds(either_way, edges, end):
    graph = networkx.DiGraph() if not either_way else networkx.Graph()
    graph.add_nodes_from(range(8))
    graph.add_edges_from(edges)
    ids = [f"p{number}" for number in range(8)]
    found = shortest_path(stored(edges, 8), 0, end, ids, codes=STORED_CODES, either_way=either_way)
    known = (
        sorted(networkx.all_shortest_paths(graph, 0, end))
        if networkx.has_path(graph, 0, end)
        else []
    )

    if found is None:
        assert not known
    else:
        assert [0, *(hop.node for hop in found.hops)] == known[0]
        assert found.equal == len(known)

import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.graph.csr import load_graph, save_graph
from docsearch_cli.models import EDGE_KINDS

pairs = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30)


def graph_of(edges, nodes=8):
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(nodes))
    for number, (source, target) in enumerate(sorted(edges)):
        kind = EDGE_KINDS[number % len(EDGE_KINDS)]
        graph.add_edge(
            source, target, kind=kind, weight=0.5, line=number, text=f"t{number}", count=2
        )
    return graph


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pairs)
def test_edges_are_read_as_written(tmp_path, edges):
    graph = graph_of(edges)
    save_graph(tmp_path, graph)
    arrays = load_graph(tmp_path)

    for node in graph:
        outgoing = arrays.edges_out(node)
        assert [int(arrays.targets[edge]) for edge in outgoing] == sorted(graph.successors(node))
        incoming = arrays.edges_in(node)
        assert [int(arrays.sources[edge]) for edge in incoming] == sorted(graph.predecessors(node))


def test_what_an_edge_says_is_read_as_written(tmp_path):
    save_graph(tmp_path, graph_of({(2, 5)}))
    arrays = load_graph(tmp_path)
    (edge,) = arrays.edges_out(2)

    assert EDGE_KINDS[int(arrays.kinds[edge])] == "link"
    assert (float(arrays.weights[edge]), int(arrays.counts[edge])) == (0.5, 2)
    assert arrays.texts[int(edge)] == "t0"


@pytest.mark.parametrize("nodes", [0, 3])
def test_a_graph_without_edges_is_read(tmp_path, nodes):
    save_graph(tmp_path, graph_of((), nodes))
    arrays = load_graph(tmp_path)

    assert arrays.node_count == nodes
    assert all(len(arrays.edges_out(node)) == 0 for node in range(nodes))


def test_a_missing_array_is_named(tmp_path):
    save_graph(tmp_path, graph_of({(0, 1)}))
    (tmp_path / "graph.kinds.npy").unlink()

    with pytest.raises(IndexCorruptError, match=r"graph\.kinds\.npy"):
        load_graph(tmp_path)

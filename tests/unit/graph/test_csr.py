import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.graph.csr import load_graph, save_graph
from docsearch_cli.graph.edge_kinds import EDGE_KINDS, kind_of_code
from docsearch_cli.graph.edges import Edge, EdgeList, join_edges

STORED = [kind.name for kind in EDGE_KINDS if kind.code is not None]
pairs = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30)


def save(folder, pairs, nodes=8):
    edges = [
        Edge(source, target, STORED[number % len(STORED)], 0.5, number, f"t{number}")
        for number, (source, target) in enumerate(sorted(pairs))
        for _ in range(2)
    ]
    edges = join_edges([EdgeList.of(edges)])
    save_graph(folder, edges, nodes)
    return edges


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pairs)
def test_edges_are_read_as_written(tmp_path, edges):
    save(tmp_path, edges)
    arrays = load_graph(tmp_path)
    graph = networkx.DiGraph((source, target) for source, target in edges if source != target)
    graph.add_nodes_from(range(8))

    for node in range(8):
        outgoing = arrays.edges_out(node)
        assert [int(arrays.targets[edge]) for edge in outgoing] == sorted(graph.successors(node))
        incoming = arrays.edges_in(node)
        assert arrays.sources_of(incoming).tolist() == sorted(graph.predecessors(node))


def test_what_an_edge_says_is_read_as_written(tmp_path):
    save(tmp_path, {(2, 5)})
    arrays = load_graph(tmp_path)
    (edge,) = arrays.edges_out(2)

    assert kind_of_code(int(arrays.kinds[edge])).name == "link"
    assert (float(arrays.weights[edge]), int(arrays.counts[edge])) == (0.5, 2)
    assert arrays.texts[int(edge)] == "t0"


@pytest.mark.parametrize("nodes", [0, 3])
def test_a_graph_without_edges_is_read(tmp_path, nodes):
    save(tmp_path, (), nodes)
    arrays = load_graph(tmp_path)

    assert arrays.node_count == nodes
    assert all(len(arrays.edges_out(node)) == 0 for node in range(nodes))


def test_a_missing_array_is_named(tmp_path):
    save(tmp_path, {(0, 1)})
    (tmp_path / "graph.kinds.npy").unlink()

    with pytest.raises(IndexCorruptError, match=r"graph\.kinds\.npy"):
        load_graph(tmp_path)


@pytest.mark.parametrize("pair", [(0, 7), (7, 0), (-1, 0)])
def test_an_edge_to_something_else_than_a_node_is_refused(tmp_path, pair):
    with pytest.raises(ValueError, match="nodes 0 to 2"):
        save(tmp_path, {pair}, 3)


def test_what_is_read_can_be_written_again(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    save(tmp_path / "one", {(0, 1), (1, 0), (2, 7)})
    save_graph(tmp_path / "other", load_graph(tmp_path / "one").edge_list(), 8)

    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


@pytest.mark.parametrize("ends", [(-1, 1), (1, -1), (3, 1), (1, 3)])
def test_a_graph_has_no_edge_from_or_to_nowhere_among_good_ones(tmp_path, ends):
    edges = EdgeList.of([Edge(0, 2, "link"), Edge(*ends, "link"), Edge(2, 0, "link")])

    with pytest.raises(ValueError, match="nodes 0 to 2"):
        save_graph(tmp_path, edges, 3)

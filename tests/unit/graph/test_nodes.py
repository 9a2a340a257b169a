import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.graph.nodes import NODE_WORDS, cut_into_nodes, node_id, split_node_id


def test_the_first_part_is_named_by_its_path():
    assert node_id("a/b.md", 0) == "a/b.md"


def test_later_parts_carry_their_number():
    assert node_id("a/b.md", 1) == "a/b.md//2"


@given(st.sampled_from(["a.md", "a/b c.md", "1/2"]), st.integers(0, 50))
def test_an_id_names_its_path_and_part(path, part):
    assert split_node_id(node_id(path, part)) == (path, part)


@pytest.mark.parametrize("text", ["a.md//x", "a.md//", "a.md//²"])
def test_an_odd_part_is_the_first(text):
    assert split_node_id(text) == ("a.md", 0)


@pytest.mark.parametrize("text", ["a.md//0", "a.md//-1"])
def test_no_part_lies_before_the_first(text):
    assert split_node_id(text)[1] >= 0


def test_a_short_document_is_one_node():
    nodes = cut_into_nodes("a.md", 3, 10, [5, 5])

    assert [(n.id, n.document, n.first_section, n.end_section) for n in nodes] == [
        ("a.md", 3, 10, 12)
    ]


def test_an_empty_document_is_one_node_without_sections():
    (node,) = cut_into_nodes("a.md", 0, 4, [])

    assert (node.first_section, node.end_section) == (4, 4)


@given(st.lists(st.integers(0, NODE_WORDS * 2), max_size=30))
def test_nodes_cover_a_document_without_gap(words):
    nodes = cut_into_nodes("a.md", 0, 7, words)

    assert nodes[0].first_section == 7
    assert nodes[-1].end_section == 7 + len(words)
    assert all(a.end_section == b.first_section for a, b in itertools.pairwise(nodes))


@given(st.lists(st.integers(1, NODE_WORDS * 2), min_size=1, max_size=30))
def test_a_node_exceeds_its_size_only_by_one_long_section(words):
    for node in cut_into_nodes("a.md", 0, 0, words):
        inside = words[node.first_section : node.end_section]

        assert len(inside) == 1 or sum(inside) <= NODE_WORDS

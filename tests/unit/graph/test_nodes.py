import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.graph.nodes import NODE_WORDS, first_sections, node_id, split_node_id


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
    assert first_sections([5, 5]) == [0]


def test_an_empty_document_is_one_node_without_sections():
    assert first_sections([]) == [0]


@given(st.lists(st.integers(1, NODE_WORDS * 2), min_size=1, max_size=30))
def test_a_node_exceeds_its_size_only_by_one_long_section(words):
    for first, end in itertools.pairwise([*first_sections(words), len(words)]):
        inside = words[first:end]

        assert len(inside) == 1 or 0 < sum(inside) <= NODE_WORDS


def test_a_node_is_as_long_as_it_may_be():
    assert first_sections([6_000, 6_000, 1, 12_000, 12_001, 5]) == [0, 2, 3, 4, 5]
    assert first_sections([12_000, 6_000, 6_000]) == [0, 1]


def test_a_part_of_no_number_is_the_first():
    assert [split_node_id(f"a.md//{part}") for part in ("0", "1", "2", "3")] == [
        ("a.md", 0),
        ("a.md", 0),
        ("a.md", 1),
        ("a.md", 2),
    ]

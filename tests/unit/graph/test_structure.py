from docsearch_cli.graph.edges import PageOutline
from docsearch_cli.graph.structure import structure_edges


def kinds(paths, first_nodes=None):
    starts = first_nodes or list(range(len(paths) + 1))
    found = {}
    for edge in structure_edges(PageOutline(paths, paths, starts)):
        found.setdefault((edge.source, edge.target), edge.kind)
    return found


def test_a_folders_own_page_is_joined_with_its_pages():
    assert kinds(["g/a.md", "g/index.md", "other.md"]) == {(0, 1): "part", (1, 0): "part"}


def test_a_folder_without_own_page_joins_nothing():
    assert kinds(["g/a.md", "g/b.md"]) == {}


def test_a_folder_with_very_many_pages_joins_nothing():
    assert kinds(["index.md", *[f"p{n}.md" for n in range(300)]]) == {}


def test_parts_of_a_document_are_joined_in_order():
    found = kinds(["a.md"], [0, 3])

    assert found[0, 2] == "part"
    assert found[1, 2] == "next"
    assert found[2, 1] == "next"


def edges(paths, starts):
    return sorted(
        (edge.kind, edge.source, edge.target)
        for edge in structure_edges(PageOutline(paths, paths, starts))
    )


def test_each_part_is_joined_with_the_first_and_with_the_one_before_both_ways():
    assert edges(["a.md", "b.md"], [0, 1, 4]) == [
        ("next", 1, 2),
        ("next", 2, 1),
        ("next", 2, 3),
        ("next", 3, 2),
        ("part", 1, 2),
        ("part", 1, 3),
        ("part", 2, 1),
        ("part", 3, 1),
    ]


def test_of_several_own_pages_of_a_folder_the_first_name_counts_in_any_case():
    assert kinds(["README.md", "Index.md", "a.md"]) == {
        (1, 0): "part",
        (0, 1): "part",
        (1, 2): "part",
        (2, 1): "part",
    }


def test_folders_have_pages_of_their_own_only():
    found = kinds(["index.md", "a.md", "g/index.md", "g/b.md"])

    assert set(found) == {(0, 1), (1, 0), (2, 3), (3, 2)}


def test_a_folder_joins_at_most_two_hundred_pages():
    pages = [f"p{n}.md" for n in range(199)]

    assert len(kinds(["index.md", *pages])) == 2 * 199
    assert kinds(["index.md", *pages, "z.md"]) == {}

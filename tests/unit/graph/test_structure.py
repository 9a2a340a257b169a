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

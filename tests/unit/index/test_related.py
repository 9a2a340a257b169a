"""Edges of a document, both ways, with the words that carry them."""

import pytest

from docsearch_cli.errors import UsageError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.related import related_documents
from docsearch_cli.index.store import open_index
from tests.support import write_files

LONG = "".join(f"## Part {n}\n\n{'word ' * 300}\n\n" for n in range(200))
FILES = {
    "a.md": "# Alpha\n\nSee the [beta page](b.md) and [it again](b.md#x). Also [long](long.md).\n",
    "b.md": "# Beta Gearbox\n\nBack to [Alpha](a.md).\n",
    "c.md": "# C\n\nThe Beta Gearbox is named here, on line three.\n",
    "long.md": f"# Long\n\n{LONG}At its end stands a [link](b.md).\n",
    "lone.md": "# Lone\n\nNothing.\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("related")
    build_index(folder / ".docsearch", [write_files(folder / "docs", FILES)])
    return open_index(folder / ".docsearch")


def rows(found):
    return [(edge.direction, edge.kind, edge.path, edge.line) for edge in found.relations]


def test_edges_come_in_order_with_their_line(index):
    found = related_documents(index, "b.md")

    assert rows(found) == [
        ("out", "link", "a.md", 3),
        ("in", "link", "a.md", 3),
        ("in", "link", "long.md", 803),
        ("in", "mention", "c.md", 3),
    ]
    assert found.total == 4
    assert (found.relations[1].anchor, found.relations[1].title) == ("beta page", "Alpha")
    assert found.relations[1].sentence == "See the beta page and it again."
    assert found.relations[3].sentence == "The Beta Gearbox is named here, on line three."


def test_edges_between_the_parts_of_one_document_are_left_out(index):
    found = related_documents(index, "long.md")

    assert len(index.nodes_of_document("long.md")) > 1
    assert rows(found) == [("out", "link", "b.md", 803), ("in", "link", "a.md", 3)]


def test_directions_kinds_and_a_limit(index):
    assert rows(related_documents(index, "b.md", directions=["in"], kinds=["mention"])) == [
        ("in", "mention", "c.md", 3)
    ]
    limited = related_documents(index, "b.md", limit=1)
    assert (len(limited.relations), limited.total) == (1, 4)


def test_a_document_without_edges_has_none(index):
    assert related_documents(index, "lone.md").relations == ()


def test_a_kind_that_is_not_stored_is_refused(index):
    with pytest.raises(UsageError, match="entity"):
        related_documents(index, "a.md", kinds=["entity"])

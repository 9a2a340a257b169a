"""Documents are read from an index as they were written into it."""

from docsearch_cli.index.documents import read_documents, save_documents
from docsearch_cli.index.update_tables import UpdateTables
from tests.unit.index.small import index_of

PAGE = "".join(f"# H{number}\n\n{'word ' * 8}\n\n" for number in range(3))
FILES = {
    "a.md": PAGE,
    "b.md": f"---\naliases: [Bee]\nslug: /bee\n---\n{PAGE}",
    "c.rst": ".. _mark:\n\nPage\n====\n\nText.\n",
    "d.md": "",
}


def test_documents_are_read_as_written(tmp_path, monkeypatch):
    monkeypatch.setattr("docsearch_cli.graph.nodes.NODE_WORDS", 12)
    index = index_of(tmp_path, FILES)
    rows = read_documents(index, UpdateTables(index.folder))
    again = tmp_path / "again"
    again.mkdir()
    save_documents(again, rows)

    assert [row.path for row in rows] == ["a.md", "b.md", "c.rst", "d.md"]
    assert [row.node_starts for row in rows] == [(0, 1, 2), (0, 1, 2), (0,), (0,)]
    assert [row.section_count for row in rows] == [3, 3, 1, 0]
    assert (rows[1].aliases, rows[1].routes, rows[2].labels) == (("Bee",), ("/bee",), ("mark",))
    assert [row.markup for row in rows] == ["markdown", "markdown", "rst", "markdown"]
    for path in again.iterdir():
        assert path.read_bytes() == (index.folder / path.name).read_bytes(), path.name

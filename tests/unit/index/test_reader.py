"""An array that was damaged is an error where it is opened, never another answer."""

import shutil

import numpy as np
import pytest

from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.index import integrity
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.hashing import HashEncoder
from tests.support import write_files

FILES = {
    "a.md": "# Alpha Page\n\nSee [b](b.md), [c](c.md) and the Gamma Page.\n\n## More\n\nWind.\n",
    "b.md": "---\naliases: [Bee]\ntags: [x, y]\n---\n"
    "# Beta Page\n\nBack to [a](a.md), on to [c](c.md).\n",
    "c.md": "# Gamma Page\n\n"
    + "A windmill grinds grain. " * 40
    + "\n\n## Part\n\nWind and [a](a.md).\n",
    "d.md": "",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    encoder = HashEncoder()
    write_files(folder / "docs", FILES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("docsearch_cli.graph.nodes.NODE_WORDS", 40)
        build_index(
            folder / "home",
            [folder / "docs"],
            encoder=lambda: encoder,
            revision=encoder.model.revision,
        )
    return folder / "home"


@pytest.fixture
def home(built, tmp_path, monkeypatch):
    """An index of which only sizes are checked when it is opened, as of a large one."""
    monkeypatch.setattr(integrity, "_HASHED_BYTES", 0)
    shutil.copytree(built, tmp_path / "home")
    return tmp_path / "home"


def change(folder, name, edit):
    """Change an array in place: its file keeps its size, its type and its shape."""
    path = folder / f"{name}.npy"
    values = np.load(path)
    edit(values)
    np.save(path, values)


def put(place, value):
    return lambda values: values.__setitem__(place, value)


def swap(one, other):
    return lambda values: values.__setitem__([one, other], values[[other, one]])


DAMAGES = [
    ("keyword", "terms.offsets", put(0, 1)),
    ("keyword", "terms.offsets", put(1, 0)),
    ("keyword", "terms.offsets", swap(2, 3)),
    ("keyword", "terms.offsets", put(-1, 1)),
    ("keyword", "postings.starts", put(0, 1)),
    ("keyword", "postings.starts", put(1, 0)),
    ("keyword", "postings.starts", swap(2, 3)),
    ("keyword", "postings.starts", put(-1, 1 << 30)),
    ("keyword", "sections.lengths", put(0, -1)),
    ("paths", "documents.paths.offsets", put(1, 0)),
    ("paths", "documents.paths.offsets", put(1, 1 << 20)),
    ("titles", "documents.titles.offsets", put(2, 0)),
    ("markups", "documents.markups", put(1, 200)),
    ("dates", "documents.dates", put(0, -1)),
    ("dates", "documents.dates", put(0, 1 << 30)),
    ("tags", "tags.offsets", put(1, 0)),
    ("tag_documents", "tags.documents", put(0, 4)),
    ("tag_documents", "tags.starts", put(1, 0)),
    ("node_documents", "nodes.documents", put(0, 1)),
    ("node_documents", "nodes.documents", put(-1, 0)),
    ("node_documents", "nodes.documents", put(1, 2)),
    ("node_documents", "nodes.documents", put(1, -1)),
    ("node_documents", "nodes.documents", put(-1, 4)),
    ("node_parts", "nodes.parts", put(0, 1)),
    ("node_parts", "nodes.parts", put(3, 0)),
    ("node_parts", "nodes.parts", put(-1, 7)),
    ("node_starts", "nodes.starts", put(1, 9)),
    ("node_starts", "nodes.starts", put(2, 0)),
    ("node_starts", "nodes.starts", put(-1, 9)),
    ("section_lines", "sections.lines", put((0, 0), 0)),
    ("section_lines", "sections.lines", put((1, 1), 1)),
    ("sections_above", "sections.above", put(0, 1)),
    ("sections_above", "sections.above", put(1, -1)),
    ("headings", "sections.headings.offsets", put(1, 99)),
    ("texts", "sections.texts.offsets", put(1, 1 << 30)),
    ("name_nodes", "names.starts", put(1, 0)),
    ("name_nodes", "names.nodes", put(0, 99)),
    ("name_nodes", "names.nodes", put(0, -1)),
    ("graph", "graph.out_starts", put(1, 0)),
    ("graph", "graph.out_starts", put(1, 1 << 40)),
    ("graph", "graph.in_starts", put(1, 0)),
    ("graph", "graph.in_starts", put(0, 1)),
    ("graph", "graph.in_edges", put(0, 99)),
    ("graph", "graph.in_edges", swap(0, 1)),
    ("graph", "graph.in_edges", put(0, -1)),
    ("graph", "graph.targets", put(0, 99)),
    ("graph", "graph.targets", swap(0, 1)),
    ("graph", "graph.kinds", put(0, 9)),
    ("graph", "graph.weights", put(0, -1)),
    ("graph", "graph.weights", put(0, np.nan)),
    ("graph", "graph.weights", put(0, np.inf)),
    ("graph", "graph.texts.offsets", put(1, 1 << 20)),
]


@pytest.mark.parametrize(("part", "name", "edit"), DAMAGES)
def test_numbers_that_lead_elsewhere_are_named(home, part, name, edit):
    folder = open_index(home).folder
    change(folder, name, edit)

    with pytest.raises(IndexCorruptError, match=name.partition(".")[0]):
        getattr(open_index(home), part)


SHAPES = [
    ("keyword", "postings.low"),
    ("keyword", "postings.counts"),
    ("keyword", "postings.starts"),
    ("keyword", "sections.lengths"),
    ("titles", "documents.titles.offsets"),
    ("hashes", "documents.hashes"),
    ("document_sizes", "documents.sizes"),
    ("markups", "documents.markups"),
    ("node_documents", "nodes.documents"),
    ("node_parts", "nodes.parts"),
    ("node_starts", "nodes.starts"),
    ("section_lines", "sections.lines"),
    ("sections_above", "sections.above"),
    ("headings", "sections.headings.offsets"),
    ("texts", "sections.texts.offsets"),
    ("vectors", "vectors"),
    ("name_nodes", "names.starts"),
    ("name_nodes", "names.nodes"),
    *(("graph", f"graph.{name}") for name in ("out_starts", "in_starts", "in_edges", "targets")),
    *(("graph", f"graph.{name}") for name in ("kinds", "weights", "lines", "counts")),
    ("graph", "graph.texts.offsets"),
]


def open_as_written(home, monkeypatch):
    """Open an index although its files have other sizes than the manifest says."""
    monkeypatch.setattr(integrity, "_check_files", lambda _folder, _manifest: None)
    return open_index(home)


@pytest.mark.parametrize(("part", "name"), SHAPES)
def test_an_array_that_is_too_short_is_named(home, monkeypatch, part, name):
    folder = open_index(home).folder
    np.save(folder / f"{name}.npy", np.load(folder / f"{name}.npy")[:-1])

    with pytest.raises(IndexCorruptError, match=name.partition(".")[0]):
        getattr(open_as_written(home, monkeypatch), part)


@pytest.mark.parametrize(("part", "name"), SHAPES)
def test_an_array_of_another_type_is_named(home, monkeypatch, part, name):
    folder = open_index(home).folder
    np.save(folder / f"{name}.npy", np.load(folder / f"{name}.npy").astype(np.complex64))

    with pytest.raises(IndexCorruptError, match=name.partition(".")[0]):
        getattr(open_as_written(home, monkeypatch), part)


@pytest.mark.parametrize(("part", "name"), SHAPES)
def test_an_array_of_more_dimensions_is_named(home, monkeypatch, part, name):
    folder = open_index(home).folder
    np.save(folder / f"{name}.npy", np.load(folder / f"{name}.npy")[None])

    with pytest.raises(IndexCorruptError, match=name.partition(".")[0]):
        getattr(open_as_written(home, monkeypatch), part)


def test_sections_of_a_term_that_are_not_in_order_are_named(home):
    index = open_index(home)
    row = index.keyword.terms.find("wind")
    first = int(index.keyword.starts[row])
    change(index.folder, "postings.low", swap(first, first + 1))

    with pytest.raises(IndexCorruptError, match=r"postings\.low"):
        open_index(home).keyword.sections_with("wind")


def test_a_section_that_is_not_there_is_named(home):
    index = open_index(home)
    last = int(index.keyword.starts[index.keyword.terms.find("wind") + 1]) - 1
    change(index.folder, "postings.low", put(last, len(index.section_lines)))

    with pytest.raises(IndexCorruptError, match=r"postings\.low"):
        open_index(home).keyword.counted("wind")


def test_a_term_that_a_section_holds_no_times_is_named(home):
    index = open_index(home)
    first = int(index.keyword.starts[index.keyword.terms.find("wind")])
    change(index.folder, "postings.counts", put(first, 0))

    with pytest.raises(IndexCorruptError, match=r"postings\.counts"):
        open_index(home).keyword.counted("wind")


def test_an_index_as_it_was_written_has_every_part(home):
    index = open_index(home)

    for part in {part for part, *_ in (*DAMAGES, *SHAPES)}:
        assert getattr(index, part) is not None
    assert index.node_parts.tolist() == [0, 0, 0, 1, 0]
    assert index.graph.kinds.size > 4


def test_a_small_file_is_compared_with_its_hash_whenever_an_index_is_opened(home, monkeypatch):
    folder = open_index(home).folder
    size = (folder / "documents.paths.utf8").stat().st_size
    (folder / "documents.paths.utf8").write_bytes(b"a.mdx.mdc.mdd.md")
    assert open_index(home).paths[1] == "x.md"
    monkeypatch.setattr(integrity, "_HASHED_BYTES", size)

    with pytest.raises(IndexCorruptError, match=r"documents\.paths\.utf8"):
        open_index(home)


def test_the_content_of_a_large_file_is_not_read_to_open_an_index(home, monkeypatch):
    folder = open_index(home).folder
    size = (folder / "sections.texts.utf8").stat().st_size
    monkeypatch.setattr(integrity, "_HASHED_BYTES", size - 1)
    (folder / "sections.texts.utf8").write_bytes(b"x" * size)

    assert open_index(home).texts[0].startswith("x")


def test_a_section_knows_the_headings_above_it(tmp_path):
    text = "# Log\n\n## 2.0\n\n### Fixed\n\nA leak.\n\n## 1.0\n\n### Fixed\n\nA crack.\n"
    write_files(tmp_path / "docs", {"log.md": text, "a.md": "# A\n\n## B\n\nx\n"})
    build_index(tmp_path / "home", [tmp_path / "docs"])
    index = open_index(tmp_path / "home")
    paths = [
        (*index.headings_above(row), index.headings[row]) for row in range(len(index.headings))
    ]

    assert paths == [
        ("A",),
        ("A", "B"),
        ("Log",),
        ("Log", "2.0"),
        ("Log", "2.0", "Fixed"),
        ("Log", "1.0"),
        ("Log", "1.0", "Fixed"),
    ]

"""Links of an index: where they lead, from which part, and by what they were looked up."""

import numpy as np
import pytest

from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.index.link_report import read_link_report, save_link_report
from docsearch_cli.index.update_tables import UpdateTables
from tests.unit.index.small import build, edges_of, index_of

FILES = {
    "a.md": "# Alpha\n\nSee [the b](b.md#deep), [[Bee]], [x](gone.md), [w](https://example.com).\n",
    "b.md": "---\naliases: [Bee]\n---\n# Beta\n\nText.\n\n## Deep\n\nBack to [a](a.md).\n",
    "c.md": "# Gamma\n\nNo links.\n",
    "p.rst": "Page\n====\n\n.. _mark:\n\nIn\n--\n\nText, see :ref:`mark`.\n",
    "q.rst": "Quay\n====\n\nSee :ref:`mark`.\n",
}


@pytest.fixture
def index(tmp_path):
    return index_of(tmp_path, FILES)


def test_a_link_leads_to_its_document_by_path_alias_and_label(index):
    assert edges_of(index, "link") == [
        ("a.md", "b.md", 3, "the b"),
        ("b.md", "a.md", 10, "a"),
        ("q.rst", "p.rst", 4, "mark"),
    ]


def test_what_became_of_links_is_counted(index):
    report = read_link_report(index.folder)

    assert {kind: report[kind] for kind in ("resolved", "external", "local", "other")} == {
        "resolved": 4,
        "external": 1,
        "local": 1,
        "other": 0,
    }
    assert [link["target"] for link in report["broken"]] == ["gone.md"]
    assert (report["outside"], report["excused"]) == ([], [])
    assert report["ambiguous"] == []


def test_names_are_kept_for_documents_with_links_alone(index):
    starts = UpdateTables(index.folder).asked_starts.tolist()
    counts = np.diff(starts).tolist()

    assert [count > 0 for count in counts] == [True, True, False, True, True]
    assert starts[-1] == len(UpdateTables(index.folder).asked_keys)


def test_the_names_of_a_document_ascend(index):
    tables = UpdateTables(index.folder)
    keys = tables.asked_keys[: int(tables.asked_starts[1])]

    assert len(keys) > 2
    assert (np.diff(keys.astype(np.int64)) > 0).all()


PARTS = {
    "long.md": "# One\n\n{0}[x](x.md)\n\n# Two\n\n{0}[y](x.md)\n\n# Three\n\n{0}[z](x.md#end)\n",
    "x.md": "# X\n\n{0}\n\n# Mid\n\n{0}\n\n# End\n\n{0}\n",
}


def test_a_link_leaves_the_part_that_it_stands_in_and_leads_to_the_part_it_names(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("docsearch_cli.graph.nodes.NODE_WORDS", 12)
    files = {name: text.format("word " * 10) for name, text in PARTS.items()}
    index = index_of(tmp_path, files)

    assert [edge[:3] for edge in edges_of(index, "link")] == [
        ("long.md", "x.md", 3),
        ("long.md//2", "x.md", 7),
        ("long.md//3", "x.md//3", 11),
    ]


def test_reports_stay_in_the_order_of_documents_after_an_update(tmp_path):
    files = {f"{name}.md": f"# {name}\n\n[x](gone-{name}.md)\n" for name in "abcd"}
    build(tmp_path, files)
    index = index_of(tmp_path, {"b.md": "# b\n\nOther, [x](gone-b.md) [y](gone-b2.md)\n"})
    broken = read_link_report(index.folder)["broken"]

    assert [link["target"] for link in broken] == [
        *("gone-a.md", "gone-b.md", "gone-b2.md", "gone-c.md", "gone-d.md")
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
def test_a_damaged_report_is_named(index, content):
    (index.folder / "links.json").write_bytes(content)

    with pytest.raises(IndexCorruptError, match=r"links\.json"):
        read_link_report(index.folder)


@pytest.mark.parametrize("shape", [(5, 3), (5,), (5, 4)])
def test_counts_of_another_shape_are_named(index, shape):
    np.save(index.folder / "links.counts.npy", np.zeros(shape, np.int32))

    with pytest.raises(IndexCorruptError, match=r"links\.counts"):
        read_link_report(index.folder)


def test_a_report_is_read_as_written(index):
    links = {"broken": [{"target": "\ud800ä"}], "ambiguous": [{"target": "b"}]}
    save_link_report(index.folder, {**links, "outside": [], "unknown": [], "excused": []})
    report = read_link_report(index.folder)

    assert (report["broken"], report["ambiguous"]) == ([{"target": "?ä"}], [{"target": "b"}])


def test_ambiguous_links_of_unchanged_documents_stay_after_an_update(tmp_path):
    files = {
        "a.md": "# A\n\n[[same]]\n",
        "x/same.md": "# X\n",
        "y/same.md": "# Y\n",
        "b.md": "# B\n",
    }
    build(tmp_path, files)
    before = read_link_report(index_of(tmp_path, {}).folder)["ambiguous"]
    after = read_link_report(index_of(tmp_path, {"b.md": "# B\n\nOther.\n"}).folder)["ambiguous"]

    assert [link["source_path"] for link in before] == ["a.md"]
    assert after == before


def test_what_leads_out_of_the_folder_is_not_called_broken(tmp_path):
    report = read_link_report(index_of(tmp_path, {"a.md": "# A\n\n[x](../b.md)\n"}).folder)

    assert report["broken"] == []
    assert [link["target"] for link in report["outside"]] == ["../b.md"]


INCLUDING = {
    "a.md": "# A\n\n{{#include b.md}}\n",
    "b.md": "# B\n\n## Rule\n",
    "c.md": "# C\n\n[x](a.md#rule)\n",
}


def test_an_inclusion_is_an_edge_of_its_own_kind(tmp_path):
    assert edges_of(index_of(tmp_path, INCLUDING), "include") == [("a.md", "b.md", 3, "")]


@pytest.mark.parametrize(
    ("edit", "broken"),
    [
        ({"b.md": "# B\n\n## Other\n"}, ["a.md#rule"]),
        ({"a.md": "# A\n\nNothing.\n"}, ["a.md#rule"]),
        ({"a.md": "# A\n\n{{#include d.md}}\n", "d.md": "## Rule\n"}, []),
        ({"b.md": "{{#include d.md}}\n", "d.md": "## Rule\n"}, []),
        ({"d.md": "# D\n"}, []),
    ],
)
def test_a_change_of_an_included_file_reaches_the_links_to_the_pages(tmp_path, edit, broken):
    build(tmp_path, INCLUDING)
    report = read_link_report(index_of(tmp_path, edit).folder)

    assert [link["target"] for link in report["broken"]] == broken

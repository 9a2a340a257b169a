"""A kind of edge is one row and one file: added to a copy of the package, and to nothing else."""

import shutil

import pytest

from tests.support import PACKAGE, run_command, write_files

NEXT_ROW = """\
    EdgeKind(
        "next",
        meaning="one part of a long document, and the next",
        code=3,
        finder="docsearch_cli.graph.structure:structure_edges",
    ),
"""

# Stored: pages of different folders whose files have the same name.
NAMESAKE_ROW = """\
    EdgeKind(
        "namesake",
        code=5,
        finder="docsearch_cli.graph.namesakes:namesake_edges",
        prior=0.5,
        backward_label="namesake_of",
        most_propagation=1.0,
        coupling_per_weight=1.0,
    ),
"""
NAMESAKE_FINDER = '''\
"""Edges between pages of different folders whose files have the same name."""

from collections.abc import Iterator

from docsearch_cli.graph.edges import Edge, PageOutline


def namesake_edges(outline: PageOutline) -> Iterator[Edge]:
    """Yield an edge from each page to the next one of its name."""
    last: dict[str, int] = {}
    for path, node in zip(outline.paths, outline.first_nodes, strict=False):
        name = path.rpartition("/")[2]
        if name in last:
            yield Edge(last[name], node, "namesake", text=name)
        last[name] = node
'''

# Found on opening: pages of the same folder.
NEARBY_ROW = """\
    EdgeKind("nearby", finder="docsearch_cli.explore.nearby:nearby_edges", prior=0.5, most_shown=1),
"""
NEARBY_FINDER = '''\
"""Edges to the pages of the same folder."""

from collections.abc import Sequence

import numpy as np

from docsearch_cli.explore.found_edges import Carrier, FoundEdges, ReadText
from docsearch_cli.explore.scored_question import ScoredQuestion


def nearby_edges(scored: ScoredQuestion, node: int, read: Sequence[ReadText]) -> FoundEdges:
    """Return an edge to each other page of the folder; the words of the first section carry it."""
    index = scored.index
    folder = index.node_id(node).rpartition("/")[0]
    rows = [
        row
        for row in range(index.node_count)
        if row != node and index.node_id(row).rpartition("/")[0] == folder
    ]
    text = read[0].text.partition("\\n")[0]
    return FoundEdges(
        np.array(rows, dtype=np.int64),
        np.ones(len(rows), dtype=np.float32),
        lambda place: Carrier(1, text),
    )
'''

FILES = {
    "one/guide.md": "# Loaf\n\nWho fired it is written elsewhere.\n",
    "one/salt.md": "# Pinch\n\nNothing.\n",
    "one/water.md": "# Drop\n\nNothing.\n",
    "two/guide.md": "# Kiln\n\nGreta was here.\n",
    "alike/jug.md": "# Jug\n\nGreta was here.\n",
}
ASKED = ("ask", "was the loaf fired by Greta", "--deep", "--start", "one/guide.md", "--seeds", "1")


@pytest.fixture(scope="module")
def docsearch(tmp_path_factory):
    """The command of a copy of the package with both kinds, in a folder with an index."""
    folder = tmp_path_factory.mktemp("extended")
    package = folder / "code" / "docsearch_cli"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    table = package / "graph" / "edge_kinds.py"
    before, row, after = table.read_text("utf-8").partition(NEXT_ROW)
    assert row
    table.write_text(f"{before}{row}{NAMESAKE_ROW}{NEARBY_ROW}{after}", "utf-8")
    (package / "graph" / "namesakes.py").write_text(NAMESAKE_FINDER, "utf-8")
    (package / "explore" / "nearby.py").write_text(NEARBY_FINDER, "utf-8")
    write_files(folder / "docs", FILES)

    def run(*words):
        ended = run_command(*words, cwd=folder, environment={"PYTHONPATH": str(package.parent)})
        assert ended.code == 0, ended.stderr
        return ended

    run("index", "docs")
    return run


@pytest.fixture(scope="module")
def asked(docsearch):
    return docsearch(*ASKED, "--json").data


def reached(asked, edge):
    return [step for step in asked["steps"] if step["edge"] == edge]


def test_a_stored_kind_is_counted_among_the_edges(docsearch):
    data = docsearch("graph", "stats", "--json").data

    assert data["edges_by_kind"]["namesake"] == 1
    assert "1 namesake" in docsearch("graph", "stats").stdout


def test_a_kind_found_on_opening_is_not_counted(docsearch):
    assert "nearby" not in docsearch("graph", "stats", "--json").data["edges_by_kind"]


def test_an_agent_follows_both_kinds(asked):
    assert [step["path"] for step in reached(asked, "namesake")] == ["two/guide.md"]
    assert {step["path"] for step in reached(asked, "nearby")} <= {"one/salt.md", "one/water.md"}


def test_no_more_of_a_kind_are_shown_than_its_row_says(asked):
    first = asked["steps"][0]["id"]

    assert len([step for step in reached(asked, "nearby") if step["parent"] == first]) == 1


def test_the_edge_of_a_step_is_drawn_with_its_words(docsearch, asked):
    shown = docsearch("replay", asked["run_id"]).stdout

    assert 'namesake "guide.md"' in shown
    assert 'nearby "# Loaf", line 1' in shown


def test_a_page_that_a_kind_vouches_for_is_raised_in_the_ranking(asked):
    paths = [item["path"] for item in asked["documents"]]

    assert paths.index("two/guide.md") < paths.index("alike/jug.md")  # the same but for the edge


def test_a_run_with_a_new_kind_verifies(docsearch, asked):
    ended = docsearch("runs", "verify", asked["run_id"], "--json")

    assert ended.document["status"] == "success"


def test_an_update_gives_the_edges_of_a_clean_build(docsearch):
    assert docsearch("index", "docs", "--verify", "--json").document["status"] == "success"

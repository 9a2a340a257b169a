import pytest

from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.entity_edges import ReadText, line_of, shared_names
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.support import write_files

PAGES = {
    "mill.md": "# The mill\n\nIt was\nsold by Per Lauvås.\n\nSee FW-2104 and Old Town.\n",
    "turbine.md": "# A turbine\n\nThe turbine of Per Lauvås stands still.\n",
    "parts.md": "# Parts\n\nFW-2104 is a bearing that Per Lauvås sells.\n",
    "lamp.md": "# A lamp\n\nNothing of it.\n",
    **{f"town{n}.md": f"# Page{n}\n\nA street in Old Town.\n" for n in range(70)},
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("names")
    write_files(folder / "docs", PAGES)
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


def shared(index, path="mill.md", question="who made the bread"):
    row = index.node_row(path)
    section = int(index.node_starts[row])
    read = [ReadText(section, index.texts[section])]
    found = shared_names(ScoredQuestion(index, question), row, read)
    return {
        index.node_id(int(target)): (found.found[int(name)].name, float(weight))
        for target, name, weight in zip(found.targets, found.names, found.weights, strict=True)
    }


def test_pages_that_name_the_same_rare_thing_are_neighbours(index):
    assert set(shared(index)) == {"turbine.md", "parts.md"}


def test_several_shared_names_weigh_more_than_one(index):
    found = shared(index)

    assert found["parts.md"][1] > found["turbine.md"][1]


def test_the_rarest_shared_name_is_the_one_that_is_shown(index):
    assert shared(index)["parts.md"][0] == "FW-2104"


def test_a_name_that_many_pages_hold_leads_nowhere(index):
    assert not any(path.startswith("town") for path in shared(index))


def test_a_name_in_the_question_is_left_to_the_keyword_search(index):
    assert set(shared(index, question="what did Per Lauvås buy")) == {"parts.md"}


def test_a_page_without_names_has_no_such_neighbours(index):
    assert shared(index, "lamp.md") == {}


def test_the_edge_says_where_the_name_stands(index):
    view = build_view(
        ScoredQuestion(index, "who made the bread"),
        index.node_row("mill.md"),
        covered=(),
        reading_tokens=1_200,
        most_edges=64,
    )
    edge = next(edge for edge in view.edges if edge.target == "turbine.md")

    assert (edge.kind, edge.text, edge.line) == ("entity", "Per Lauvås", 4)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("Per Lauvås", "one\ntwo Per Lauvås", 1),
        ("Per Lauvås", "one\ntwo **Per**\nLauvås", 1),
        ("Per Lauvås", "one\ntwo", 0),
        ("Ada", "Adaptive is here\nthen Ada came", 1),
        ("API-1", "API-10 is other\nthan API-1", 1),
    ],
)
def test_a_name_is_found_on_its_line_across_markup(name, text, line):
    assert line_of(name, text) == line


def indexed(folder, files):
    write_files(folder / "docs", files)
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


def view_of(index, node, **changes):
    options = {"covered": (), "reading_tokens": 1_200, "most_edges": 64, **changes}
    return build_view(ScoredQuestion(index, "who made it"), index.node_row(node), **options)


def entities(view):
    return {edge.target for edge in view.edges if edge.kind == "entity"}


FILLERS = {f"f{n}.md": f"# Filler{n}\n\nNothing of it, {n}.\n" for n in range(30)}


def test_the_parts_of_one_document_do_not_share_names_with_each_other(tmp_path):
    long = "".join(f"## Part{n}\n\nthe Marlow Engine {'word ' * 250}\n\n" for n in range(60))
    index = indexed(tmp_path, {"a.md": f"# A\n\n{long}", **FILLERS})

    assert index.node_count > len(FILLERS) + 1
    assert entities(view_of(index, "a.md")) == set()


def test_a_name_that_was_not_read_makes_no_edge(tmp_path):
    text = f"# A\n\nIt is here. {'word ' * 200}\n\nBuilt by Per Lauvås.\n"
    index = indexed(tmp_path, {"a.md": text, "b.md": "# B\n\nOf Per Lauvås.\n", **FILLERS})

    assert entities(view_of(index, "a.md")) == {"b.md"}
    assert entities(view_of(index, "a.md", reading_tokens=50)) == set()


def test_one_page_more_changes_no_weight(tmp_path):
    files = {"a.md": "# A\n\nOf Per Lauvås.\n", "b.md": "# B\n\nOf Per Lauvås.\n", **FILLERS}
    before = view_of(indexed(tmp_path / "one", files), "a.md").edges
    more = {**files, "z.md": "# Z\n\nWords on nothing at all.\n"}

    assert view_of(indexed(tmp_path / "two", more), "a.md").edges == before

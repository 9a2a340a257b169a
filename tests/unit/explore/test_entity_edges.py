import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.entity_edges import entity_edges, line_of, shared_names
from docsearch_cli.explore.found_edges import ReadText
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


PIECES = st.lists(st.sampled_from(["Ada", "ada", "x", "_", "__", "é", "1", "-", ".", " ", "\n"]))


@given(name=PIECES.map("".join), text=PIECES.map("".join))
def test_the_line_of_a_name_is_that_of_its_words_with_anything_but_words_between(name, text):
    words = "[\\W_]+".join(map(re.escape, re.findall(r"\w+", name)))
    first = re.search(rf"(?<!\w){words}(?!\w)", text)

    assert line_of(name, text) == (text.count("\n", 0, first.start()) if first else 0)


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


def weights(tmp_path, files, path="a.md"):
    """The weights of the edges of a page in a corpus of sixteen pages."""
    fillers = {f"f{n}.md": f"# Filler{n}\n\nNothing of it, {n}.\n" for n in range(16 - len(files))}
    index = indexed(tmp_path, {**files, **fillers})
    assert index.node_count == 16
    return {node: weight for node, (_, weight) in shared(index, path).items()}


def test_a_name_of_two_pages_weighs_three_quarters_of_the_most_among_sixteen(tmp_path):
    found = weights(tmp_path, {"a.md": "Of API-7.\n", "b.md": "Of API-7.\n"})

    # log(16 / 2) / log(16), and less for one name in ten
    assert found == {"b.md": pytest.approx(0.75 / math.sqrt(1.1), rel=1e-4)}


def test_a_page_of_ten_names_says_less_of_each(tmp_path):
    names = " and ".join(f"API-{n}" for n in range(7, 17))
    found = weights(tmp_path, {"a.md": f"Of {names}.\n", "b.md": "Of API-7.\n"})

    assert found == {"b.md": pytest.approx(0.75 / math.sqrt(2), rel=1e-4)}


def test_two_shared_names_weigh_as_the_chance_of_either(tmp_path):
    text = "Of API-7 and XYZ-9.\n"
    found = weights(tmp_path, {"a.md": text, "b.md": text, "c.md": "Of XYZ-9.\n"})
    one = math.log(16 / 2) / math.log(16) / math.sqrt(1.2)
    other = math.log(16 / 2**1.5) / math.log(16) / math.sqrt(1.2)  # three pages, quantised

    assert found["b.md"] == pytest.approx(1 - (1 - one) * (1 - other), rel=1e-4)
    assert found["c.md"] == pytest.approx(other, rel=1e-4)


@pytest.mark.parametrize(("pages", "joined"), [(3, 2), (5, 0)])
def test_a_name_joins_at_most_about_the_root_of_all_pages(tmp_path, pages, joined):
    found = weights(tmp_path, {f"{name}.md": "Of API-7.\n" for name in "abcde"[:pages]})

    assert len(found) == joined


def test_in_a_small_corpus_a_name_joins_two_pages(tmp_path):
    two = indexed(tmp_path / "two", {"a.md": "Of API-7.\n", "b.md": "Of API-7.\n", "c.md": "It.\n"})
    three = indexed(tmp_path / "three", {f"{name}.md": "Of API-7.\n" for name in "abc"})

    assert set(shared(two, "a.md")) == {"b.md"}
    assert shared(three, "a.md") == {}


@pytest.mark.parametrize(("sections", "joined"), [(39, {"b.md"}), (40, set())])
def test_a_name_that_stands_in_very_many_sections_joins_none(tmp_path, sections, joined):
    often = "".join(f"## Part{n}\n\nOf API-7.\n\n" for n in range(sections))
    index = indexed(tmp_path, {"a.md": "Of API-7.\n", "b.md": often, "c.md": "It.\n"})

    assert set(shared(index, "a.md")) == joined


def test_all_words_of_a_name_must_stand_in_a_section(tmp_path):
    files = {
        "a.md": "# A\n\nthe Marlow Engine\n",
        "b.md": "# B\n\nthe engine of Mr. Marlow\n",
        "c.md": "# C\n\nan engine\n\n## D\n\nof Marlow\n",
        **FILLERS,
    }

    assert set(shared(indexed(tmp_path, files), "a.md")) == {"b.md"}


def test_a_name_in_a_pdf_stands_on_the_page_of_its_section(tmp_path, monkeypatch):
    index = indexed(tmp_path, {"a.md": "# A\n\nOf API-7.\n", "b.md": "Of API-7.\n", **FILLERS})
    row = index.node_row("a.md")
    section = int(index.node_starts[row])
    scored = ScoredQuestion(index, "who made it")

    def line():
        edges = entity_edges(scored, row, [ReadText(section, index.texts[section])])
        assert edges.carrier(0).text == "API-7"
        return edges.carrier(0).line

    assert line() == 3
    monkeypatch.setattr(type(index), "markup", lambda _self, _document: "pdf")
    assert line() == 1


def test_a_name_without_tokens_is_none(tmp_path):
    index = indexed(tmp_path, {"a.md": "It is by The Who and The Other.\n", "b.md": "The Who.\n"})

    assert set(shared(index, "a.md")) <= {"b.md"}

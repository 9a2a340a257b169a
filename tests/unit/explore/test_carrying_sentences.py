import pytest

from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.support import write_files

QUESTION = "how many ovens may one bakery have"
PAGES = {
    "oven.md": (
        "# Oven fault\n\nThe baker calls. One bakery may have so many ovens as its\n"
        "[licence](licence.md) says. The [weather](weather.md) is fine.\n\n"
        "- see [ovens](list.md)\n- see [elsewhere](far.md)\n\n## Rest\n\n[deep](deep.md) below.\n"
    ),
    "licence.md": "# Licence\n\nGold: nine.\n",
    "weather.md": "# Weather\n\nSunny.\n",
    "list.md": "# List\n\nNothing.\n",
    "far.md": "# Far\n\nNothing.\n",
    "deep.md": "# Deep\n\nNothing.\n",
    "long.html": (
        "<h2>One</h2><p>No <a href='far.md'>word</a> here.</p>"
        "<h2>Two</h2><p>A bakery may have <a href='licence.md'>a licence</a>.</p>"
        "<h2>Three</h2><p>How many ovens may one bakery have: see <a href='list.md'>list</a>.</p>"
    ),
    "page.html": (
        "<h1>Kiln</h1><p>A bakery may have <a href='licence.md'>a licence</a>.</p>"
        "<p>No <a href='far.md'>word</a>.</p>"
    ),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("carriers")
    write_files(folder / "docs", PAGES)
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


def said(index, path="oven.md", question=QUESTION):
    row = index.node_row(path)
    view = build_view(
        ScoredQuestion(index, question), row, covered=(), reading_tokens=400, most_edges=64
    )
    return {edge.target: edge.said for edge in view.edges if edge.kind == "link"}


def test_a_link_says_what_its_sentence_holds_of_the_question_over_lines(index):
    assert set(said(index)["licence.md"]) >= {"oven", "bakeri"}


def test_the_sentence_beside_says_nothing_for_it(index):
    assert said(index)["weather.md"] == ()


def test_each_list_item_speaks_for_its_own_link(index):
    found = said(index)

    assert found["list.md"] == ("oven",)
    assert found["far.md"] == ()


def test_a_section_without_a_word_of_the_question_says_nothing(index):
    assert said(index)["deep.md"] == ()


def test_html_speaks_by_its_text(index):
    found = said(index, "page.html")

    assert "bakeri" in found["licence.md"]
    assert found["far.md"] == ()


def test_terms_are_in_the_questions_order(index):
    asked = ScoredQuestion(index, QUESTION).terms.tokens
    found = said(index)["licence.md"]

    assert list(found) == sorted(found, key=asked.index)


def test_of_a_question_in_other_words_no_link_says_anything(index):
    assert set(said(index, question="fine zebras").values()) <= {(), ("fine",)}


def test_where_sections_share_a_line_each_link_has_its_own_sentence(index):
    found = said(index, "long.html")

    assert found["far.md"] == ()
    assert "bakeri" in found["licence.md"]
    assert "oven" not in found["licence.md"]
    assert {"oven", "bakeri"} <= set(found["list.md"])

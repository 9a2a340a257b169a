import time

import pytest

from docsearch_cli.explore.build_view import best_sections, build_view
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.steps import estimate_tokens
from tests.support import write_files

LINKS = 5_000


# Enough for several nodes of 12,000 words.
LONG_SECTIONS = 120


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A document of several nodes, behind another one."""
    folder = tmp_path_factory.mktemp("long")
    long = "".join(f"## Part{n}\n\n{'word ' * 250}\n\n" for n in range(LONG_SECTIONS))
    write_files(folder / "docs", {"a.md": "# First\n\n## One\n\nx\n", "b.md": long})
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """An index page that links to 5,000 others."""
    folder = tmp_path_factory.mktemp("hub")
    rows = "".join(f"- [p{n}](p{n:04}.md)\n" for n in range(LINKS))
    files = {f"p{n:04}.md": f"# Page{n}\n\nword{n % 7} oven\n" for n in range(LINKS)}
    write_files(folder / "docs", {"hub.md": f"# The Hub\n\n{rows}", **files})
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


def view(index, node, question="word3 oven", **changes):
    options = {"covered": (), "reading_tokens": 1_200, "most_edges": 64, **changes}
    return build_view(ScoredQuestion(index, question), index.node_row(node), **options)


def test_a_hub_shows_no_more_edges_than_allowed(hub):
    shown = view(hub, "hub.md")

    assert len(shown.edges) == 64
    assert shown.edges_total == LINKS


def test_a_hub_shows_the_most_promising_edges(hub):
    shown = view(hub, "hub.md", "word3")

    assert all("word3" in edge.terms for edge in shown.edges)


def test_a_view_of_a_hub_takes_no_time(hub):
    scored = ScoredQuestion(hub, "word3 oven")
    row = hub.node_row("hub.md")
    build_view(scored, row, covered=(), reading_tokens=1_200, most_edges=64)
    started = time.process_time()
    build_view(scored, row, covered=(), reading_tokens=1_200, most_edges=64)

    assert time.process_time() - started < 0.2


def test_what_is_read_stays_within_the_allowance(hub):
    scored = ScoredQuestion(hub, "oven")
    sections, tokens = best_sections(scored, hub.node_row("hub.md"), 700)

    assert tokens == sum(estimate_tokens(section.text) for section in sections)
    assert len(sections) == 1 or tokens <= 700


def test_the_same_question_shows_the_same_view(hub):
    assert view(hub, "hub.md") == view(hub, "hub.md")


def test_covered_terms_are_those_of_the_question(hub):
    assert view(hub, "p0003.md", covered=("oven", "stranger")).covered == ("oven",)


def test_a_page_without_links_has_no_edges(hub):
    assert view(hub, "p0003.md").edges == ()


def test_sections_are_numbered_within_their_document(long):
    scored = ScoredQuestion(long, "word")
    rows = [row for row in range(long.node_count) if long.node_id(row).startswith("b.md")]
    shown = [section for row in rows for section in best_sections(scored, row, 99_999)[0]]
    found = sorted((section.section, section.heading) for section in shown)

    assert len(rows) > 1
    assert found == [(n, f"Part{n}") for n in range(LONG_SECTIONS)]

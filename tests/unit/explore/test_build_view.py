import pytest

from docsearch_cli.explore import build_view as build_view_module
from docsearch_cli.explore.build_view import best_sections, build_view
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.retrieval.idf import quantise
from docsearch_cli.steps import estimate_tokens
from tests.support import write_files

LINKS = 5_000


# Enough for several nodes of 12,000 words.
LONG_SECTIONS = 120


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    """A few pages that link to, name and resemble each other."""
    folder = tmp_path_factory.mktemp("village")
    files = {
        "a.md": "# Front\n\nSee [the barn](barn.md), [it](mill.md) and the Old Smithy. API-7.\n\n"
        "## Second\n\nThe oven.\n\n## Third\n\nThe oven and the lamp.\n",
        "barn.md": "# A Barn\n\nThe oven.\n",
        "mill.md": "# A Mill\n\nThe Front of it, with an oven and a lamp.\n",
        "namer.md": "# Naming\n\nIt is in front of the Old Smithy.\n",
        "smithy.md": "# Old Smithy\n\nIron.\n",
        "z.md": "# Also\n\nOther.\n\n## More\n\nWhat API-7 does.\n",
        **{f"other{n}.md": f"# Other{n}\n\nnothing{n}\n" for n in range(20)},
    }
    write_files(folder / "docs", files)
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A document of several nodes, behind another one."""
    folder = tmp_path_factory.mktemp("long")
    long = "".join(f"## Part{n}\n\n{'word ' * 250}\n\n" for n in range(LONG_SECTIONS))
    write_files(folder / "docs", {"a.md": "# First\n\n## One\n\nx\n", "b.md": long})
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


def _shared(page):
    """Sixty pages name one thing, and one page more names another."""
    if 200 <= page < 260:
        return " kiln_a"
    return " kiln_b" if 300 <= page < 361 else ""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """An index page that links to 5,000 others."""
    folder = tmp_path_factory.mktemp("hub")
    rows = "".join(f"- [p{n}](p{n:04}.md)\n" for n in range(LINKS))
    files = {f"p{n:04}.md": f"# Page{n}\n\nword{n % 7} oven{_shared(n)}\n" for n in range(LINKS)}
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


def test_what_a_node_shows_is_found_once_for_a_question(hub, monkeypatch):
    scored = ScoredQuestion(hub, "word3 oven")
    options = {"reading_tokens": 1_200, "most_edges": 64}
    first = build_view(scored, hub.node_row("hub.md"), covered=(), **options)
    monkeypatch.setattr(build_view_module, "best_sections", None)  # a second time would fail

    again = build_view(scored, hub.node_row("hub.md"), covered=("oven",), **options)

    assert (again.sections, again.edges) == (first.sections, first.edges)
    assert again.covered == ("oven",)


def test_what_other_allowances_show_is_found_anew(hub):
    scored = ScoredQuestion(hub, "word3 oven")
    row = hub.node_row("hub.md")
    counts = [
        len(build_view(scored, row, covered=(), reading_tokens=1_200, most_edges=most).edges)
        for most in (64, 3, 64)
    ]

    assert counts == [64, 3, 64]


def test_no_more_than_64_nodes_are_remembered(hub):
    scored = ScoredQuestion(hub, "word3 oven")
    for row in range(70):
        build_view(scored, row, covered=(), reading_tokens=100, most_edges=5)

    assert [node for node, *_ in scored.opened] == list(range(6, 70))


def test_choosing_the_edges_of_a_hub_asks_for_the_words_of_the_shown_ones_only(hub, monkeypatch):
    asked = []
    terms_in = ScoredQuestion.terms_in
    monkeypatch.setattr(
        ScoredQuestion, "terms_in", lambda self, node: asked.append(node) or terms_in(self, node)
    )

    view(hub, "hub.md")

    assert len(asked) == 64


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


def test_the_best_section_is_read_first_and_equal_ones_as_they_stand(village):
    shown = view(village, "a.md", "oven lamp")

    assert [section.heading for section in shown.sections] == ["Third", "Second", "Front"]
    assert [section.section for section in shown.sections] == [2, 1, 0]
    assert shown.sections[0].score > shown.sections[1].score > shown.sections[2].score == 0
    assert [section.heading for section in view(village, "a.md", "zebra").sections] == [
        "Front",
        "Second",
        "Third",
    ]


def test_a_section_says_where_it_stands(village):
    best = view(village, "a.md", "oven lamp").sections[0]

    assert (best.line_start, best.line_end) == (9, 11)
    assert best.text.startswith("## Third")


def test_a_section_longer_than_the_allowance_is_cut(village):
    shown = view(village, "a.md", "oven lamp", reading_tokens=3)

    assert [section.text for section in shown.sections] == ["## Third\n\nTh"]


def test_sections_are_read_while_they_fit(village):
    third, second = view(village, "a.md", "oven lamp").sections[:2]
    both = estimate_tokens(third.text) + estimate_tokens(second.text)
    scored = ScoredQuestion(village, "oven lamp")

    sections, tokens = best_sections(scored, village.node_row("a.md"), both)
    assert (sections, tokens) == ((third, second), both)
    sections, tokens = best_sections(scored, village.node_row("a.md"), both - 1)
    assert (sections, tokens) == ((third,), estimate_tokens(third.text))


def test_a_view_counts_all_there_is(village):
    shown = view(village, "a.md", "oven lamp", reading_tokens=3, most_edges=1)

    assert (len(shown.sections), shown.sections_total) == (1, 3)
    assert (len(shown.edges), shown.edges_total) == (1, 4)


def test_a_view_says_what_page_it_is_of(village):
    shown = view(village, "mill.md", "oven zebra")

    assert (shown.node, shown.path, shown.title) == ("mill.md", "mill.md", "A Mill")
    assert (shown.question, shown.tokens) == ("oven zebra", ("oven",))
    assert (shown.markup, shown.language, shown.known_share) == ("markdown", "english", 0.5)
    assert shown.node_score == round(
        float(ScoredQuestion(village, "oven").node_scores[village.node_row("mill.md")]), 4
    )


def test_the_share_of_known_words_has_two_decimals(village):
    assert view(village, "mill.md", "oven zebra yak").known_share == 0.33


def test_edges_are_shown_by_kind_with_the_words_that_carry_them(village):
    found = view(village, "a.md", "oven lamp").edges
    facts = {(edge.target, edge.label, edge.line, edge.text) for edge in found}

    assert facts == {
        ("barn.md", "link", 3, "the barn"),
        ("mill.md", "link", 3, "it"),
        ("mill.md", "mentioned_by", 3, "Front"),
        ("smithy.md", "mention", 3, "Old Smithy"),
        ("smithy.md", "entity", 3, "Old Smithy"),
        ("namer.md", "entity", 3, "Old Smithy"),
        ("z.md", "entity", 3, "API-7"),
    }


def test_a_shared_name_stands_on_the_line_of_its_own_section(village):
    (edge,) = view(village, "z.md", "oven").edges

    assert (edge.target, edge.text, edge.line) == ("a.md", "API-7", 7)


def test_an_edge_says_what_it_leads_to(village):
    edge = next(edge for edge in view(village, "a.md", "oven lamp").edges if edge.text == "it")

    assert (edge.path, edge.title, edge.terms) == ("mill.md", "A Mill", ("oven", "lamp"))


def test_a_page_also_shows_who_names_it_but_not_who_links_to_it(village):
    def shown(node):
        return {
            (edge.target, edge.label)
            for edge in view(village, node, "oven").edges
            if edge.direction == "in"
        }

    assert shown("smithy.md") == {("a.md", "mentioned_by"), ("namer.md", "mentioned_by")}
    assert shown("barn.md") == set()


def test_edges_are_ordered_by_their_targets_score_and_a_third_of_their_weight(village):
    found = view(village, "a.md", "oven lamp").edges
    values = [round(edge.score + 0.3 * edge.weight, 2) for edge in found]

    assert [edge.target for edge in found[:3]] == ["mill.md", "mill.md", "barn.md"]
    assert values == sorted(values, reverse=True)
    weights = [edge.weight for edge in found if edge.score == 0]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > weights[-1]


def test_a_certain_edge_comes_before_a_faint_one_to_a_slightly_better_page(tmp_path):
    files = {
        "a.md": "# Front\n\nSee [it](b.md). An ordinary mill is here.\n",
        "b.md": "# Barn\n\nThe oven stands beside wooden doors, painted white.\n",
        "c.md": "# An Ordinary Mill\n\nThe oven is here, and there.\n",
        **{f"other{n}.md": f"# Other{n}\n\nnothing{n}\n" for n in range(20)},
    }
    write_files(tmp_path / "docs", files)
    build_index(tmp_path / "home", [tmp_path / "docs"])
    link, mention = view(open_index(tmp_path / "home"), "a.md", "oven").edges

    assert (link.kind, mention.kind) == ("link", "mention")
    assert link.score < mention.score
    assert link.weight > mention.weight


def test_scores_and_weights_of_edges_are_rounded(village):
    for edge in view(village, "a.md", "oven lamp").edges:
        assert edge.score == round(edge.score, 2)
        assert edge.weight == round(edge.weight, 2 if edge.kind == "entity" else 4)


def test_a_targets_score_is_of_about_the_corpuss_best(village):
    scored = ScoredQuestion(village, "oven lamp")
    best = float(scored.keyword_scores.max())
    edge = next(edge for edge in view(village, "a.md", "oven lamp").edges if edge.kind == "link")
    own = float(scored.node_scores[village.node_row(edge.target)])

    assert edge.score == min(1.0, round(own * best, 2))


def test_of_a_question_that_nothing_speaks_to_no_edge_promises_anything(village):
    assert {edge.score for edge in view(village, "a.md", "zebra").edges} == {0.0}


def test_no_more_than_twelve_edges_by_a_shared_name_are_shown(hub):
    shown = [edge for edge in view(hub, "p0200.md").edges if edge.kind == "entity"]

    assert len(shown) == 12
    scores = [edge.score for edge in shown]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_a_thing_that_more_than_sixty_pages_name_joins_none(hub):
    assert not [edge for edge in view(hub, "p0300.md").edges if edge.kind == "entity"]


def test_a_later_part_of_a_long_document_is_read_and_joined_as_itself(tmp_path):
    long = "".join(f"## Part{n}\n\n{'word ' * 250}\n\n" for n in range(60))
    files = {"b.md": f"# Long\n\n{long}## Last\n\nBuilt\nby API-7.\n", "z.md": "# Z\n\nAPI-7.\n"}
    write_files(tmp_path / "docs", files)
    build_index(tmp_path / "home", [tmp_path / "docs"])
    index = open_index(tmp_path / "home")
    shown = view(index, "b.md//2", "built")
    line = files["b.md"].splitlines().index("by API-7.") + 1
    edges = {edge.target: edge for edge in shown.edges}

    assert shown.sections[0].heading == "Last"
    assert (edges["z.md"].kind, edges["z.md"].line) == ("entity", line)
    assert shown.sections_total < 61


def test_scores_are_quantised_in_a_small_corpus_too(tmp_path):
    files = {"a.md": "The oven, [here](b.md).\n", "b.md": "An oven of red bricks and clay.\n"}
    write_files(tmp_path / "docs", files)
    build_index(tmp_path / "home", [tmp_path / "docs"])
    index = open_index(tmp_path / "home")
    scored = ScoredQuestion(index, "ovens")  # which nobody writes: by stems alone
    best = float(scored.section_scores.max())
    own = float(scored.node_scores[index.node_row("b.md")])
    (edge,) = view(index, "a.md", "ovens").edges

    assert best < 1
    assert edge.score == round(own * best / quantise(best), 2) != round(own, 2)


def test_of_sections_that_are_alike_the_one_below_the_heading_asked_for_is_read_first(tmp_path):
    years = "".join(
        f"## Season {year}\n\nNotes.\n\n### Bought\n\n- A rake for the kiln, {year % 7}.\n\n"
        for year in range(1990, 2020)
    )
    write_files(tmp_path / "docs", {"log.md": f"# Log\n\n{years}", "b.md": "# B\n\nOther.\n"})
    build_index(tmp_path / "home", [tmp_path / "docs"])
    scored = ScoredQuestion(open_index(tmp_path / "home"), "What was bought in season 2003?")
    sections, _ = best_sections(scored, scored.index.node_row("log.md"), 60)

    assert next(item.above for item in sections if item.above) == ("Season 2003",)


def test_the_title_is_no_heading_above(village):
    scored = ScoredQuestion(village, "oven lamp")
    sections, _ = best_sections(scored, village.node_row("a.md"), 900)

    assert {item.above for item in sections} == {()}

"""What is looked for on a page because the page before it said so."""

from dataclasses import replace

import pytest

from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.learning import may_be_sought, sought_words, taught_tokens
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.steps import estimate_tokens
from tests.support import write_files

QUESTION = "which release mended the segment after a power cut"
RELEASES = "".join(
    f"## 3.{n}\n\n- Mended: the {thing} of a segment, {bug}.\n\n"
    for n, thing, bug in ((9, "colour", "BUG-90"), (8, "tail", "BUG-38"), (7, "name", "BUG-70"))
)
PAGES = {
    "segments.md": "# Segments\n\nAfter a power cut a segment was lost because of BUG-38; the "
    "[changes](changes.md) say which release mended it.\n",
    "changes.md": f"# Changes\n\n{RELEASES}",
    **{f"p{n}.md": f"# Page {n}\n\nOther things {n}.\n" for n in range(12)},
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learning")
    write_files(folder / "docs", PAGES)
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


@pytest.fixture
def scored(index):
    return ScoredQuestion(index, QUESTION)


def view_of(scored, path, taught=()):
    row = scored.index.node_row(path)
    limits = {"reading_tokens": 1_200, "most_edges": 64}
    return build_view(scored, row, covered=(), taught=taught, **limits)


def taught_by(scored, path):
    view = view_of(scored, path)
    return taught_tokens(decide(view), view.language)


def test_what_the_page_before_names_says_which_sentence_is_quoted(scored):
    taught = taught_by(scored, "segments.md")
    first = decide(view_of(scored, "changes.md")).evidence[0]
    then = decide(view_of(scored, "changes.md", taught)).evidence[0]

    assert "BUG-38" not in first.plain
    assert "BUG-38" in then.plain
    assert then.terms == first.terms  # what was learned answers nothing by itself


def test_words_of_the_question_short_ones_and_those_that_stand_once_are_not_sought(scored):
    sought = sought_words(scored, ("segment", "say", "x", "2024", "lost", "bug-38", "nowhere"))

    assert list(sought) == ["bug-38"]
    assert sought["bug-38"] == pytest.approx(scored.index.keyword.term_idf("bug-38"), abs=1e-6)


def test_a_word_that_many_sections_hold_is_not_sought(scored):
    assert sought_words(scored, ("other", "thing")) == {}


def test_the_rarest_words_are_sought_and_no_more_than_eight(tmp_path):
    words = [f"z{letter}zz" for letter in "bcdfghjklm"]
    files = {f"p{n}.md": f"# P{n}\n\n{' '.join(words[: 8 + n])}\n" for n in range(3)}
    write_files(tmp_path / "docs", {**files, **{f"q{n}.md": f"# Q{n}\n" for n in range(9)}})
    build_index(tmp_path / "home", [tmp_path / "docs"])
    scored = ScoredQuestion(open_index(tmp_path / "home"), "q1")

    assert list(sought_words(scored, sorted(words, reverse=True))) == ["zlzz", *words[:7]]


def test_what_an_agent_says_it_looks_for_goes_before_its_quotes(scored):
    decision = replace(decide(view_of(scored, "segments.md")), look_for=("the BUG-70 entry",))

    assert set(taught_tokens(decision, "english")) == {"bug-70", "bug", "70", "entri"}


def test_what_is_sought_must_have_been_taught(scored):
    taught = taught_by(scored, "segments.md")
    view = view_of(scored, "changes.md", taught)

    assert view.sought
    assert may_be_sought(view, taught)
    assert not may_be_sought(view, ())
    assert not may_be_sought(replace(view, sought={view.tokens[0]: 1.0}), (*taught, *view.tokens))
    many = {f"w{n}": 1.0 for n in range(9)}
    assert not may_be_sought(replace(view, sought=many), tuple(many))


def test_a_view_costs_no_more_for_what_is_sought(scored):
    taught = taught_by(scored, "segments.md")
    one, other = view_of(scored, "changes.md"), view_of(scored, "changes.md", taught)

    assert one.sections == other.sections
    assert sum(estimate_tokens(item.text) for item in other.sections) <= 1_200

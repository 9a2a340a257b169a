"""What a page taught leads on: a 410 parks the sink, and another page says how to unpark one."""

import numpy as np
import pytest

from docsearch_cli.explore.follow_up import follow_up_edges
from docsearch_cli.explore.found_edges import ReadText
from docsearch_cli.explore.learning import learned_words
from docsearch_cli.explore.open_terms import OpenTerms
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.support import write_files

QUESTION = "which command wakes a receiver that answered 410"
FILLER = {f"p{n}.md": f"# Page {n}\n\nOther things {n}.\n" for n in range(12)}
HITS = {f"hit{n}.md": f"# Hit {n}\n\nA receiver answered 410, command {n}.\n" for n in range(6)}
PAGES = {
    "answers.md": "# Answers\n\nA receiver that answered 410 parks its sluice. It is raining.\n",
    "tools.md": "# Tools\n\nThe command to take a sluice out of where it parks is lift.\n",
    "sluices.md": "# Sluices\n\nA sluice holds water.\n",
    **HITS,
    **FILLER,
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("follow")
    write_files(folder / "docs", PAGES)
    build_index(folder / "home", [folder / "docs"])
    return open_index(folder / "home")


def followed(index, path="answers.md", question=QUESTION):
    row = index.node_row(path)
    first, end = index.node_starts[row : row + 2].tolist()
    read = [ReadText(section, index.texts[section]) for section in range(first, end)]
    scored = ScoredQuestion(index, question)
    return scored, row, read, follow_up_edges(scored, row, read)


def test_a_page_that_holds_what_was_learned_beside_what_is_open_is_followed(index):
    _, _, _, found = followed(index)
    place = [index.node_id(int(row)) for row in found.targets].index("tools.md")

    assert found.said(place) == ("command",)
    assert 0 < found.weights[place] <= 1
    assert found.shares is not None
    assert found.shares[place] > 0
    assert found.carrier(place).line == 0
    assert {"park", "sluic"} <= set(found.carrier(place).text.split())


def test_what_was_learned_alone_is_no_reason(index):
    _, _, _, found = followed(index)

    assert "sluices.md" not in [index.node_id(int(row)) for row in found.targets]


def test_the_best_hits_are_left_to_the_seeds_and_a_page_does_not_follow_itself(index):
    scored, row, _, found = followed(index)

    assert not set(found.targets.tolist()) & {row, *np.flatnonzero(scored.is_first_node)}


def test_a_page_that_leaves_nothing_open_is_not_followed_up(index):
    _, _, _, found = followed(index, question="receiver answered 410")

    assert len(found.targets) == 0


def test_a_page_with_nothing_shown_or_nothing_to_teach_is_not_followed_up(index):
    scored, row, _, _ = followed(index)

    assert len(follow_up_edges(scored, row, []).targets) == 0
    assert len(followed(index, "p3.md")[3].targets) == 0


def test_words_are_learned_from_sentences_that_speak_to_the_question_and_stand_elsewhere_too(index):
    scored, row, read, _ = followed(index)
    learned = learned_words(scored, row, read)

    assert {"park", "sluic"} <= set(learned)
    assert "rain" not in learned  # of another sentence, and nowhere else
    assert not set(learned) & set(scored.terms.tokens)
    assert len(learned) <= 8


def test_targets_ascend_and_are_the_same_each_time(index):
    first, second = followed(index)[3], followed(index)[3]

    assert first.targets.tolist() == sorted(first.targets.tolist()) == second.targets.tolist()
    assert np.array_equal(first.weights, second.weights)


def test_open_terms_are_told_apart_by_masks(index):
    scored, _, read, _ = followed(index)
    open_terms = OpenTerms.of(scored, read)
    tools = int(index.node_starts[index.node_row("tools.md")])
    (mask,) = open_terms.masks(np.array([tools], np.int32))

    assert "410" not in open_terms.terms
    assert open_terms.spelled(mask) == ("command",)
    assert open_terms.shares(np.array([mask]))[0] == pytest.approx(scored.terms.share(["command"]))
    assert OpenTerms.of(scored, []).terms == scored.terms.tokens


def test_of_a_question_of_hundreds_of_words_the_first_are_looked_at(tmp_path):
    words = [f"w{chr(97 + n // 26)}{chr(97 + n % 26)}q" for n in range(90)]
    write_files(
        tmp_path / "docs", {"a.md": "# A\n\nnothing\n", "b.md": f"# B\n\n{' '.join(words)}\n"}
    )
    build_index(tmp_path / "home", [tmp_path / "docs"])
    index = open_index(tmp_path / "home")
    scored = ScoredQuestion(index, " ".join(words))
    open_terms = OpenTerms.of(scored, [])

    assert len(open_terms.terms) == 63
    section = int(index.node_starts[index.node_row("b.md")])
    (mask,) = open_terms.masks(np.array([section], np.int32))
    assert open_terms.spelled(mask) == open_terms.terms

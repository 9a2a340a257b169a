import pytest

from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.seeds import Candidate, choose_seeds, gather_candidates
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from tests.support import write_files

FILES = {
    "bread.md": "# Bread List\n\nLoaves, oven, oven, oven.\n",
    "oven.md": "# The Brick Oven\n\nIt is hot.\n",
    "gretl.md": "---\naliases: [Gretl Nymoen]\n---\n# Greta\n\nShe owns a mill.\n",
    "empty.md": "",
    "notes/oven.md": "# Sluice\n\nWater, with an oven nearby.\n",
}


@pytest.fixture
def candidates(tmp_path, corpus_folder):
    write_files(corpus_folder, FILES)
    build_index(tmp_path / ".docsearch", [corpus_folder])
    index = open_index(tmp_path / ".docsearch")

    def gather(question, *, count=5, starts=()):
        rows = [index.node_row(path) for path in starts]
        return gather_candidates(ScoredQuestion(index, question), count=count, starts=rows)

    return gather


def candidate(node, score=0.5, *, named="", started=False):
    return Candidate(node, 0, node, node, score, named, started)


def test_keyword_candidates_hold_a_word_of_the_question(candidates):
    assert {item.node for item in candidates("oven")} == {"bread.md", "oven.md", "notes/oven.md"}


def test_no_more_candidates_come_from_the_ranking_than_asked_for(candidates):
    assert len(candidates("oven", count=1)) == 1


def test_a_title_in_the_question_is_a_candidate(candidates):
    found = {item.node: item.named for item in candidates("where is the brick oven?", count=0)}

    assert found == {"oven.md": "the brick oven"}


def test_an_alias_in_the_question_is_a_candidate(candidates):
    found = {item.node: item.named for item in candidates("what does gretl nymoen own", count=0)}

    assert found == {"gretl.md": "gretl nymoen"}


def test_a_starting_point_is_a_candidate_in_any_case(candidates):
    found = candidates("oven", count=0, starts=["empty.md"])

    assert [(item.node, item.started, item.score) for item in found] == [("empty.md", True, 0.0)]


def test_a_question_that_nothing_speaks_to_has_no_candidates(candidates):
    assert candidates("zzzzqq") == []


def test_candidates_are_ordered_by_row(candidates):
    rows = [item.row for item in candidates("oven", starts=["gretl.md"])]

    assert rows == sorted(rows)


def test_a_starting_point_comes_first():
    seeds = choose_seeds([candidate("a", 1.0, named="two words"), candidate("b", started=True)], 5)

    assert [(seed.node, seed.source) for seed in seeds] == [("b", "start"), ("a", "title")]


def test_a_named_page_beats_one_with_a_slightly_better_score():
    seeds = choose_seeds([candidate("a", 0.9), candidate("b", 0.6, named="brick oven")], 5)

    assert [seed.node for seed in seeds] == ["b", "a"]


def test_a_name_of_one_word_counts_less():
    one, several = choose_seeds(
        [candidate("a", named="oven"), candidate("b", named="brick oven")], 5
    )

    assert (one.node, several.node) == ("b", "a")


def test_equal_seeds_are_ordered_by_node():
    assert [seed.node for seed in choose_seeds([candidate("b"), candidate("a")], 5)] == ["a", "b"]


def test_no_more_seeds_are_chosen_than_allowed():
    assert len(choose_seeds([candidate(name) for name in "abcdef"], 2)) == 2


def test_a_page_that_says_nothing_is_no_seed():
    assert choose_seeds([candidate("a", 0.0)], 5) == []


def test_a_priority_is_the_score_and_what_a_name_or_a_starting_point_adds():
    found = choose_seeds(
        [
            candidate("a", 0.25),
            candidate("b", 0.25, named="oven"),
            candidate("c", 0.25, named="brick oven"),
            candidate("d", 0.25, started=True),
            candidate("e", 0.25, named="brick oven", started=True),
            candidate("f", 0.12345),
        ],
        9,
    )

    assert [(seed.node, seed.priority, seed.source) for seed in found] == [
        ("e", 2.75, "start"),
        ("d", 2.25, "start"),
        ("c", 0.75, "title"),
        ("b", 0.5, "title"),
        ("a", 0.25, "keyword"),
        ("f", 0.1235, "keyword"),
    ]


def test_a_candidate_says_what_it_is(candidates):
    (found,) = [item for item in candidates("bread oven") if item.node == "bread.md"]

    assert (found.path, found.title, found.score) == ("bread.md", "Bread List", 1.0)
    assert (found.named, found.started) == ("", False)


def test_scores_of_candidates_have_four_decimals(candidates):
    scores = [item.score for item in candidates("oven")]

    assert scores == [round(score, 4) for score in scores]
    assert 0 < min(scores) < 1


def test_several_names_in_a_question_are_found_one_after_another(candidates):
    found = candidates("did gretl nymoen see the brick oven or a bread list", count=0)

    assert {item.node: item.named for item in found} == {
        "bread.md": "bread list",
        "gretl.md": "gretl nymoen",
        "oven.md": "the brick oven",
    }


def test_a_name_stands_alone_at_the_end_and_at_the_beginning(candidates):
    assert [item.node for item in candidates("sluice", count=0)] == ["notes/oven.md"]
    assert [item.node for item in candidates("bread list", count=0)] == ["bread.md"]


@pytest.fixture
def named(tmp_path, corpus_folder):
    def search(files, question):
        write_files(corpus_folder, files)
        build_index(tmp_path / ".docsearch", [corpus_folder])
        scored = ScoredQuestion(open_index(tmp_path / ".docsearch"), question)
        return [item.node for item in gather_candidates(scored, count=0)]

    return search


@pytest.mark.parametrize(("sharing", "found"), [(3, 3), (4, 0)])
def test_a_name_of_many_documents_names_none_of_them(named, sharing, found):
    files = {f"{n}.md": "# Blue Mill\n" for n in range(sharing)}

    assert len(named(files, "where is the blue mill")) == found


@pytest.mark.parametrize(("words", "found"), [(10, ["a.md"]), (11, [])])
def test_a_name_has_at_most_ten_words(named, words, found):
    name = " ".join(f"word{n}" for n in range(words))

    assert named({"a.md": f"---\naliases: [{name}]\n---\n# It\n"}, f"what is {name}") == found


@pytest.mark.parametrize("title", ["2024", "The Other", "About 2024"])
def test_a_number_and_everyday_words_are_no_name(named, title):
    assert named({"a.md": f"# {title}\n"}, f"what is {title}") == []


def test_only_the_beginning_of_a_very_long_question_names_anything(named):
    assert named({"a.md": "# Blue Mill\n"}, "oven " * 800 + "blue mill") == []


def test_no_page_is_taken_from_the_ranking_where_none_is_asked_for(candidates):
    assert candidates("oven", count=0) == []

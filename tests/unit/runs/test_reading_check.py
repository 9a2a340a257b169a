"""A run whose question was filtered and widened: recorded, verified, explained and forged."""

import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.index.store import open_index
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.retrieval.synonyms import Synonym
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.diff import diff_runs
from docsearch_cli.runs.overview import overview_of
from docsearch_cli.runs.recorded_question import in_words_of
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.runs.why import explain_path
from tests.searching import ask_deep, make_world
from tests.unit.runs.forging import LIMITS, Recorded, forging


@pytest.fixture(scope="module")
def filtered(tmp_path_factory):
    """A run that leaves out a path and a word, begins at a phrase, and has a synonym."""
    world = make_world(tmp_path_factory.mktemp("filtered"), 55, LIMITS)
    paths = [world.index.paths[row] for row in range(len(world.index.paths))]
    word = world.question.split()[1]
    conditions = [
        Condition("path", paths[0], excludes=True),
        Condition("tag", "none", excludes=True),
        Condition("word", word, excludes=True),
        Condition("phrase", "common"),
    ]
    result = ask_deep(
        world,
        conditions=conditions,
        synonyms=[Synonym("common", "usual", "settings")],
    )
    assert result.run_id is not None
    return Recorded(world, result.run_id), paths, word, result


@pytest.fixture
def store(filtered, tmp_path):
    store = filtered[0].copy_to(tmp_path)
    yield store
    store.close()


def test_the_run_verifies_with_its_index_and_without(store, filtered):
    world = filtered[0].world

    assert any("filter" in item.what for item in verify_run(store).trusted)
    assert verify_run(store, open_index(world.home)).rebuilt > 0


def test_what_is_left_out_is_opened_nowhere(filtered):
    _, paths, _, result = filtered

    assert result.steps
    assert paths[0] not in {step.path for step in result.steps}
    assert paths[0] not in {item.path for item in result.findings.documents}


def test_why_names_the_condition(store, filtered):
    recorded, paths, word, _ = filtered
    index = open_index(recorded.world.home)
    by_path = f"left out by the filter without path: {paths[0]}"

    assert explain_path(store, paths[0]).reasons[0].text == by_path
    told = [explain_path(store, path, index=index) for path in paths]
    texts = {reason.text for item in told if not item.opened for reason in item.reasons}
    assert {by_path, f"left out by the filter without: {word}"} <= texts


def test_a_page_without_the_phrase_is_told_of(tmp_path):
    world = make_world(tmp_path, 55, LIMITS)
    result = ask_deep(world, conditions=[Condition("phrase", "no page has this")])
    assert result.run_id is not None
    path = world.index.paths[0]

    with opened_run(world.home, result.run_id) as store:
        texts = [reason.text for reason in explain_path(store, path, index=world.index).reasons]

    assert result.steps == ()
    assert texts[0] == 'it does not hold "no page has this": no search begins there'


def test_the_filter_is_shown_in_words(store, filtered):
    recorded, paths, word, _ = filtered
    words = f'without path: {paths[0]}; without tag: none; without: {word}; with "common"'

    assert in_words_of(read_trace(store)) == [f"filter: {words}", "common also searched as: usual"]
    assert overview_of(recorded.world.home, recorded.run_id).filter == words


def test_a_difference_of_filters_is_one_of_settings(store, filtered, tmp_path):
    recorded = filtered[0]
    plain = ask_deep(recorded.world)
    assert plain.run_id is not None

    with opened_run(recorded.world.home, plain.run_id) as other:
        settings = diff_runs(store, other).settings

    assert "filter" in {item.field for item in settings}


def test_a_forged_condition_is_noticed_by_the_index(store, filtered):
    with forging(store) as forgery:
        del forgery.facts["filter"]["conditions"][2]

    with pytest.raises(RunCorruptError, match="the run's filter leaves other pages"):
        verify_run(store, open_index(filtered[0].world.home))


def test_a_filter_that_was_taken_out_is_noticed(store, filtered):
    with forging(store) as forgery:
        forgery.facts["filter"] = None

    with pytest.raises(RunCorruptError, match=r"the input of step intent-.* does not follow"):
        verify_run(store, open_index(filtered[0].world.home))


def test_a_synonym_that_was_taken_out_is_noticed(store, filtered):
    with forging(store) as forgery:
        forgery.facts["synonyms"] = []
    verify_run(store)  # by the record alone nothing tells: no section has it

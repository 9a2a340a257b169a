"""A question that leaves its way open begins with a look: one run, whose record says all."""

import json

import pytest

from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.limits import schedule_of
from docsearch_cli.runs.trace import fixed_output, read_trace
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.runs.words import STOP_WORDS
from docsearch_cli.search.ask import ask
from docsearch_cli.search.estimate import estimate_run
from docsearch_cli.search.result import SearchObserver
from docsearch_cli.search.resume import fork_run, resume_run

# One section holds two of its words, another document's the third.
UNSURE = "valve bar rye"


@pytest.fixture
def look(desk):
    def search(agents=2, mode="auto", **limits):
        options = desk.options(mode=mode, look_agents=agents, **limits)
        return ask(desk.home, desk.index, UNSURE, options)

    return search


def test_a_look_ends_the_search_and_says_so(look):
    result = look()

    assert (result.mode, result.stop_reason, result.complete) == ("deep", "look", True)
    assert result.mode_reason.startswith("unsure, so a look with 2 agents comes first: one section")
    assert result.budget["agents_used"] == 2
    assert result.limits_hit == ()
    assert "the look found no document that the keyword search does not rank first" in (
        result.notes
    )
    assert STOP_WORDS["look"] == "only a look was taken (--deep goes on)"


def test_a_look_after_which_something_promises_much_goes_on(look):
    result = look(agents=1)

    assert result.mode_reason.startswith("unsure, so a look with 1 agent comes first:")
    assert (result.stop_reason, result.budget["agents_used"]) == ("frontier_empty", 4)


def test_a_person_who_allows_no_agent_gets_a_keyword_search_that_says_it_may_be_too_little(look):
    for result in (look(agents=0), look(max_agents=0)):
        assert (result.mode, result.stop_reason, result.run_id) == ("simple", "simple", None)
        assert not result.mode_reason.startswith("unsure")
        assert any("--deep" in note for note in result.notes)


def test_a_look_takes_no_more_agents_than_a_person_allows(look):
    result = look(agents=5, max_agents=1)

    assert "a look with 1 agent " in result.mode_reason
    assert (result.stop_reason, result.budget["agents_used"]) == ("budget", 1)


def test_a_search_that_was_asked_for_never_looks(look):
    assert look(mode="deep").stop_reason == "frontier_empty"
    assert look(mode="simple").stop_reason == "simple"


def test_a_start_is_explored_without_a_look(desk):
    options = desk.options(mode="auto", look_agents=1, starts=("hub.md",))

    assert ask(desk.home, desk.index, UNSURE, options).budget["agents_used"] > 2


def test_the_record_of_a_look_says_that_it_was_one(desk, look):
    with opened_run(desk.home, look().run_id) as store:
        trace = read_trace(store)
        intent = json.loads(fixed_output(store, trace, "intent"))

    assert schedule_of(trace).first.look_agents == 2
    assert (trace.ending["stop_reason"], trace.status) == ("look", "complete")
    assert (intent["mode"], intent["unsure"]) == ("deep", True)


def test_the_record_of_a_search_that_is_sure_has_no_look(desk, look):
    with opened_run(desk.home, look(mode="deep").run_id) as store:
        assert schedule_of(read_trace(store)).first.look_agents == 0


@pytest.mark.parametrize("agents", [1, 2, 5])
def test_a_run_that_looked_is_verified(desk, look, agents):
    result = look(agents=agents)
    with opened_run(desk.home, result.run_id) as store:
        checked = verify_run(store)

    assert {line.name: line.used for line in checked.certificate}["max_agents"] == (
        result.budget["agents_used"]
    )


def test_a_fork_that_lifts_the_look_goes_on_from_it(desk, look):
    run = look().run_id
    with opened_run(desk.home, run) as store:
        result = fork_run(
            desk.home,
            desk.index,
            store,
            at="2",
            changes={"look_agents": 0},
            options=desk.options(),
            observer=SearchObserver(),
        )
    with opened_run(desk.home, result.run_id) as store:
        verify_run(store)

    assert (result.stop_reason, result.budget["agents_used"]) == ("frontier_empty", 4)


class StopsAfterOne(SearchObserver):
    """Stops a search after its first step."""

    def __init__(self):
        self.steps = 0

    def committed(self, step):
        self.steps += 1

    def stop_reason(self):
        return "cancelled" if self.steps else None


def test_a_look_that_was_interrupted_is_resumed_as_a_look(desk):
    options = desk.options(mode="auto", look_agents=3)
    broken = ask(desk.home, desk.index, UNSURE, options, observer=StopsAfterOne())
    with opened_run(desk.home, broken.run_id) as store:
        result = resume_run(
            desk.home, desk.index, store, options=desk.options(), observer=SearchObserver()
        )

    assert broken.stop_reason == "cancelled"
    assert (result.stop_reason, result.budget["agents_used"]) == ("look", 3)


def most(desk, mode, **limits):
    options = desk.options(mode=mode, **limits)
    return estimate_run(desk.home, desk.index, UNSURE, options, warn=print).to_dict()["most"]


def test_a_dry_run_says_how_many_agents_look_first(desk):
    found = most(desk, "auto", look_agents=2)

    assert (found["look_agents"], found["agents"]) == (2, 5)
    assert most(desk, "auto", max_agents=1)["look_agents"] == 1
    assert "look_agents" not in most(desk, "auto", look_agents=0)
    assert "look_agents" not in most(desk, "deep", look_agents=2)


def test_a_dry_run_foresees_a_look_to_its_end(desk):
    options = desk.options(mode="auto", use_cache=True, look_agents=2)
    used = ask(desk.home, desk.index, UNSURE, options).budget["agents_used"]
    found = estimate_run(desk.home, desk.index, UNSURE, options, warn=print)

    assert (found.cached, found.looked_at) == (used, used) == (2, 2)

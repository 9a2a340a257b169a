import pytest

from docsearch_cli.engine.protocol import StepError, StepOutcome
from docsearch_cli.errors import RunFailedError, UsageError
from docsearch_cli.runs.catalog import opened_run, run_ids
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.search.ask import ask
from docsearch_cli.search.result import AskOptions, SearchObserver

QUESTION = "which valve does a pump need at the mill"


class Observer(SearchObserver):
    """Keeps what it is told, and stops the search after some steps."""

    def __init__(self, stop_after=None):
        self.seeds, self.steps = [], []
        self._stop_after = stop_after

    def started(self, run_id, seeds):
        self.seeds = [seed.node for seed in seeds]

    def committed(self, step):
        self.steps.append(step.number)

    def stop_reason(self):
        return "cancelled" if len(self.steps) == self._stop_after else None


def test_the_seeds_and_each_step_are_told(desk):
    observer = Observer()
    result = ask(desk.home, desk.index, QUESTION, desk.options(), observer=observer)

    assert observer.seeds
    assert (
        observer.steps
        == [step.number for step in result.steps]
        == list(range(1, len(result.steps) + 1))
    )


def test_a_search_that_is_stopped_gives_what_it_has_and_says_so(desk):
    options = desk.options(window=1)
    result = ask(desk.home, desk.index, QUESTION, options, observer=Observer(stop_after=1))

    assert (result.stop_reason, result.complete) == ("cancelled", False)
    assert result.budget["agents_used"] <= 2
    assert result.findings.documents


def test_no_agents_open_nothing(desk):
    result = ask(desk.home, desk.index, QUESTION, desk.options(max_agents=0))

    assert (result.budget["agents_used"], result.steps) == (0, ())
    assert result.limits_hit == ("budget",)
    assert [limit.to_dict() for limit in result.reached] == [
        {"limit": "max_agents", "used": 0, "cap": 0}
    ]
    assert result.findings.documents


@pytest.mark.parametrize(("record", "runs"), [(True, 1), (False, 0)])
def test_a_run_is_recorded_unless_told_otherwise(desk, record, runs):
    options = AskOptions(desk.settings(), "deep", "inline", use_cache=False, record=record)
    result = ask(desk.home, desk.index, QUESTION, options)

    assert (result.run_id is not None) == record
    assert len(run_ids(desk.home)) == runs


def test_what_was_found_by_keywords_alone_is_said(desk):
    result = ask(desk.home, desk.index, "rye", desk.options(max_agents=1))

    assert any("deep search found no document" in note for note in result.notes)


def test_an_unknown_agent_is_named_before_anything_runs(desk):
    options = AskOptions(desk.settings(), "deep", "inline", agent="nobody")
    with pytest.raises(UsageError, match="no agent 'nobody'"):
        ask(desk.home, desk.index, QUESTION, options)

    assert run_ids(desk.home) == []


def test_a_search_of_which_every_step_failed_is_a_failed_run(desk, monkeypatch):
    class Broken:
        name = "broken"

        def __init__(self):
            self._calls = []

        def start(self):
            pass

        def free_slots(self):
            return 1 - len(self._calls)

        def submit(self, call):
            self._calls.append(call)

        def poll(self, timeout_s):
            done, self._calls = self._calls, []
            error = StepError("ValueError", "broken")
            return [StepOutcome(call.number, "error", error=error) for call in done]

        def close(self):
            pass

    monkeypatch.setattr("docsearch_cli.search.engines.make_engine", lambda _: Broken())
    with pytest.raises(RunFailedError, match="every step of run"):
        ask(desk.home, desk.index, QUESTION, desk.options())


def test_the_record_says_which_agent_decided(desk):
    run_id = ask(desk.home, desk.index, QUESTION, desk.options()).run_id
    with opened_run(desk.home, run_id) as store:
        assert read_trace(store).facts["agent"] == "local"


def test_an_agent_that_reads_nothing_is_said_to_quote_nothing(desk):
    options = AskOptions(desk.settings(), "deep", "inline", use_cache=False, agent="edges")
    result = ask(desk.home, desk.index, QUESTION, options)

    assert result.findings.evidence == ()
    assert any("nothing is quoted" in note for note in result.notes)

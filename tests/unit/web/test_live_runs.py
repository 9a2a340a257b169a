import threading

import pytest

from docsearch_cli.web.live_runs import LiveRuns, TooManyRunsError

LIMITS = {"max_agents": 1, "max_tokens": 1, "deadline_s": 1}


class Waiting:
    """A search that goes on until it is told to stop."""

    def __init__(self):
        self.began = threading.Event()

    def __call__(self, observer):
        observer.started("ab12", ())
        self.began.set()
        while observer.stop_reason() is None:
            threading.Event().wait(0.005)
        return "stopped"


def test_no_more_searches_than_allowed_are_under_way():
    runs, search = LiveRuns(1), Waiting()
    run = runs.begin("q", search, LIMITS)

    with pytest.raises(TooManyRunsError):
        runs.begin("q", search, LIMITS)

    run.stop()
    assert run.wait(5)
    runs.begin("q", lambda _: "done", LIMITS)


def test_a_search_that_fails_has_ended():
    def fail(_):
        raise ValueError("no")

    run = LiveRuns(1).begin("q", fail, LIMITS)

    assert run.wait(5)
    assert isinstance(run.error, ValueError)
    assert run.result is None


def test_closing_stops_every_search_and_begins_no_other():
    runs, search = LiveRuns(2), Waiting()
    run = runs.begin("q", search, LIMITS)
    search.began.wait(5)

    assert runs.running("ab12") is run
    assert runs.close(5) == [run]
    assert run.has_ended
    assert run.result == "stopped"
    with pytest.raises(TooManyRunsError):
        runs.begin("q", search, LIMITS)


def test_closing_does_not_wait_longer_than_it_may():
    runs, never = LiveRuns(1), threading.Event()
    run = runs.begin("q", lambda _: never.wait(30), LIMITS)

    assert runs.close(0.05) == [run]

    assert not run.has_ended
    never.set()


def test_searches_that_ended_long_ago_are_forgotten():
    runs = LiveRuns(1)
    for _ in range(60):
        assert runs.begin("q", lambda _: "done", LIMITS).wait(5)

    assert runs.find("1") is None
    assert runs.find("60") is not None

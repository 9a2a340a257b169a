from types import SimpleNamespace

import pytest

from docsearch_cli.runs import clock
from docsearch_cli.runs.clock import RunClock, utc_now
from docsearch_cli.runs.step_row import AttemptRow, StepRow

BEGAN = "2026-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def second(monkeypatch):
    """Let the clock of the process stand at 100 seconds."""
    fake = SimpleNamespace(
        monotonic=lambda: 100.0,
        strptime=clock.time.strptime,
        strftime=clock.time.strftime,
        gmtime=lambda: clock.time.strptime(BEGAN, "%Y-%m-%dT%H:%M:%SZ"),
    )
    monkeypatch.setattr(clock, "time", fake)


def recorded(*attempts):
    rows = [StepRow("1", "traverse", "f@1", "", attempts=tuple(attempts))]
    return SimpleNamespace(facts={"created_at": BEGAN}, steps=rows)


def attempt(started_ms, elapsed_ms=5.0):
    return AttemptRow(1, "ok", "f@1", elapsed_ms, 9, "", "", "", started_ms)


def test_the_time_of_day_is_in_utc_to_the_second():
    assert utc_now() == BEGAN


def test_a_run_counts_from_its_begin():
    assert RunClock().ms_at(100.2504567) == 250.457


def test_nothing_happens_before_the_run():
    assert RunClock().ms_at(99.0) == 0.0


def test_a_run_that_goes_on_counts_from_its_first_begin():
    resumed = RunClock.resumed(recorded(attempt(20.0)), "2026-01-01T01:00:00Z")

    assert resumed.ms_at(100.5) == 3_600_500.0


@pytest.mark.parametrize("now", ["2025-12-31T00:00:00Z", "yesterday"])
def test_nothing_begins_before_what_has_ended_whatever_the_clock_of_the_day_says(now):
    resumed = RunClock.resumed(recorded(attempt(20.0), attempt(None)), now)

    assert resumed.ms_at(100.0) == 25.0

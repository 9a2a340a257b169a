from dataclasses import replace
from types import SimpleNamespace

import pytest

from docsearch_cli.engine import step_record
from docsearch_cli.engine.exchanges import Exchange
from docsearch_cli.engine.protocol import StepError, StepOutcome
from docsearch_cli.engine.step_record import Attempt, StepRecord
from docsearch_cli.steps import Amount, PlannedStep

STEP = PlannedStep(4, "traverse", "doc", 0, 1.0, None, 0, "keyword")


@pytest.fixture
def record():
    return StepRecord(STEP, "4-traverse-abcdef", "agent@1", b"payload")


def ended(status, elapsed_ms=5.0):
    error = None if status == "ok" else StepError(status.title(), "it broke", "stack")
    return StepOutcome(4, status, b"", error, b"log", elapsed_ms, 99)


def test_an_attempt_keeps_what_the_engine_said(record):
    record.add_attempt(ended("crash"))
    record.add_attempt(ended("ok"))

    assert [replace(item, started_s=None) for item in record.attempts] == [
        Attempt(1, "crash", 5.0, 99, "Crash: it broke", "stack", b"log", "agent@1"),
        Attempt(2, "ok", 5.0, 99, "", "", b"log", "agent@1"),
    ]


def test_an_attempt_began_as_long_ago_as_it_took(record, monkeypatch):
    monkeypatch.setattr(step_record, "time", SimpleNamespace(monotonic=iter([10.0, 12.0]).__next__))
    record.note_submission()
    record.add_attempt(ended("ok", 1_500.0))

    assert record.attempts[0].started_s == 10.5


def test_an_attempt_did_not_begin_before_it_was_asked_for(record, monkeypatch):
    monkeypatch.setattr(step_record, "time", SimpleNamespace(monotonic=iter([10.0, 12.0]).__next__))
    record.note_submission()
    record.add_attempt(ended("ok", 5_000.0))

    assert record.attempts[0].started_s == 10.0


def test_a_step_takes_the_time_of_all_its_attempts(record):
    assert record.elapsed_ms == 0
    record.add_attempt(ended("crash", 5.0))
    record.add_attempt(ended("ok", 2.5))

    assert record.elapsed_ms == 7.5


def test_attempts_of_a_fallback_are_not_the_functions_own(record):
    record.add_attempt(ended("crash"))
    record.add_attempt(ended("transient"))
    record.add_attempt(ended("crash"))
    record.fallback = "other@1"
    record.add_attempt(ended("crash"))

    assert record.attempts[-1].function == record.current_function == "other@1"
    assert record.own_attempts() == 3
    assert record.own_attempts("crash") == 2
    assert record.own_attempts("timeout") == 0


def test_a_step_ends_once_it_has_an_output(record):
    assert not record.has_ended
    record.succeed(b"output")

    assert (record.has_ended, record.status, record.output) == (True, "ok", b"output")


def test_the_output_of_a_fallback_is_degraded(record):
    record.fallback = "other@1"
    record.succeed(b"output")

    assert record.status == "degraded"


@pytest.mark.parametrize(
    ("last", "status"),
    [("crash", "poison"), ("timeout", "timeout"), ("transient", "failed"), ("error", "failed")],
)
def test_a_failed_step_says_how_its_last_attempt_ended(record, last, status):
    record.add_attempt(ended("crash"))
    record.add_attempt(ended(last))
    record.fail("reason")

    assert (record.status, record.error, record.output) == (status, "reason", None)


def test_a_step_that_never_ran_can_fail(record):
    record.fail("its input cannot be made")

    assert (record.status, record.has_ended, record.attempts) == ("failed", True, [])


def test_an_output_that_is_rejected_is_one_more_attempt_that_failed(record):
    record.add_attempt(ended("ok"))
    record.succeed(b"nonsense")
    record.reject("not valid")

    assert record.attempts[1] == Attempt(2, "error", 0, 0, "not valid")
    assert (record.status, record.output) == ("failed", None)


def test_a_cached_output_that_is_forgotten_leaves_the_step_to_be_run(record):
    record.succeed(b"cached")
    record.origin = "cache"
    record.forget_output()

    assert (record.origin, record.status, record.output) == ("ran", "running", None)


def test_what_is_released_takes_no_memory(record):
    record.succeed(b"output")
    record.release()

    assert (record.payload, record.output, record.status) == (b"", None, "ok")


def exchange(origin="sent", tokens=5):
    return Exchange(1, b"{}", Amount(1, 9, 9), Amount(1, tokens, tokens), origin)


def test_what_all_attempts_asked_is_spent(record):
    record.add_attempt(replace(ended("transient"), exchanges=(exchange(tokens=2),)))
    record.add_attempt(replace(ended("ok"), exchanges=(exchange(), exchange())))

    assert record.spent == Amount(3, 12, 12)
    record.release()
    assert record.exchanges == []


def test_a_step_is_cached_if_its_output_or_every_reply_was_known(record):
    assert not record.is_cached
    record.exchanges = [exchange("cache"), exchange()]
    assert not record.is_cached
    record.exchanges = [exchange("cache")]
    assert record.is_cached
    record.exchanges, record.origin = [], "cache"
    assert record.is_cached

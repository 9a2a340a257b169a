import pytest

from docsearch_cli.engine.protocol import StepOutcome
from docsearch_cli.engine.retry import Retry, next_try


def retry(status, attempt, attempts=3):
    return next_try(StepOutcome(1, status), attempt, attempts)


def test_a_crash_is_tried_once_more_at_once():
    assert retry("crash", 1).wait_s == 0
    assert retry("crash", 2) is None


def test_a_timeout_is_tried_once_more_with_twice_the_time():
    assert retry("timeout", 1).timeout_factor == 2
    assert retry("timeout", 2) is None


def test_a_bug_is_never_tried_again():
    assert retry("error", 1) is None


def test_a_transient_error_is_tried_up_to_the_runs_attempts():
    assert [retry("transient", n, 4) is not None for n in (1, 2, 3, 4)] == [True, True, True, False]


@pytest.mark.parametrize("status", ["transient", "crash", "timeout", "error"])
def test_one_attempt_means_one_try(status):
    assert retry(status, 1, attempts=1) is None


def test_waits_are_random_and_bounded():
    waits = {retry("transient", 5, 6).wait_s for _ in range(20)}

    assert len(waits) > 1
    assert all(0 <= wait <= 10 for wait in waits)


@pytest.mark.parametrize("status", ["crash", "timeout", "transient"])
def test_what_is_left_after_all_tries_is_a_fallback(status):
    assert next_try(StepOutcome(1, status), 3, 3, has_fallback=True) == Retry(0.0, by_fallback=True)
    assert next_try(StepOutcome(1, status), 3, 3) is None


def test_no_fallback_follows_a_bug():
    assert next_try(StepOutcome(1, "error"), 1, 3, has_fallback=True) is None

import pytest

from docsearch_cli.engine.retry import Retry, choose_retry


def retry(status, made, most=3, **options):
    """Choose after attempts that all ended with the same status."""
    return choose_retry(status, made=made, alike=made, most=most, **options)


def test_a_crash_is_tried_once_more_at_once():
    assert retry("crash", 1) == Retry(0.0, timeout_factor=1)
    assert retry("crash", 2) is None


def test_a_timeout_is_tried_once_more_with_twice_the_time():
    assert retry("timeout", 1) == Retry(0.0, timeout_factor=2)
    assert retry("timeout", 2) is None


def test_a_bug_is_never_tried_again():
    assert retry("error", 1) is None


def test_a_transient_error_is_tried_up_to_the_runs_attempts():
    assert [retry("transient", n, 4) is not None for n in (1, 2, 3, 4)] == [True, True, True, False]


@pytest.mark.parametrize("status", ["transient", "crash", "timeout", "error"])
def test_one_attempt_means_one_try(status):
    assert retry(status, 1, most=1) is None


@pytest.mark.parametrize(
    ("alike", "longest"), [(1, 0.2), (2, 0.4), (3, 0.8), (6, 6.4), (7, 10), (20, 10)]
)
def test_waits_are_spread_over_a_time_that_doubles_up_to_ten_seconds(monkeypatch, alike, longest):
    spans = []
    monkeypatch.setattr("random.uniform", lambda *span: spans.append(span) or span[1])
    chosen = choose_retry("transient", made=alike, alike=alike, most=alike + 1)

    assert spans == [(0, longest)]
    assert chosen == Retry(longest)


def test_waits_are_random():
    assert len({retry("transient", 5, 6).wait_s for _ in range(20)}) > 1


def test_a_crash_after_transient_errors_is_the_first_of_its_kind():
    assert choose_retry("crash", made=2, alike=1, most=3) == Retry(0.0)
    assert choose_retry("crash", made=3, alike=1, most=3) is None


@pytest.mark.parametrize("status", ["crash", "timeout", "transient"])
def test_what_is_left_after_all_attempts_is_a_fallback(status):
    assert retry(status, 3, has_fallback=True) == Retry(0.0, by_fallback=True)
    assert retry(status, 3) is None


def test_a_fallback_waits_until_the_own_function_has_had_its_attempts():
    assert not retry("crash", 1, has_fallback=True).by_fallback
    assert not retry("transient", 2, has_fallback=True).by_fallback


def test_no_fallback_follows_a_bug():
    assert retry("error", 1, has_fallback=True) is None


def test_what_was_declined_goes_to_the_fallback_at_once():
    assert retry("declined", 1, has_fallback=True) == Retry(0.0, by_fallback=True)
    assert retry("declined", 1) is None


@pytest.mark.parametrize(("asked", "longest"), [(7, 7), (1e9, 60), (-5, 0)])
def test_a_provider_may_ask_for_a_wait_of_up_to_a_minute(monkeypatch, asked, longest):
    monkeypatch.setattr("random.uniform", lambda *_: 0.25)

    assert retry("transient", 1, asked_wait_s=asked) == Retry(longest + 0.25)

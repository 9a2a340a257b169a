import json
import os

import pytest

from docsearch_cli.engine.protocol import (
    StepCall,
    StepError,
    StepOutcome,
    describe_error,
    encode_mark,
    outcome_header,
    read_outcome,
    run_call,
)
from tests.fixtures.steps import FUNCTIONS, UnprintableError


def run(function, payload=b"x"):
    return run_call(FUNCTIONS, StepCall(7, f"test.{function}@1", payload, 10))


def raised(error):
    """An error with a traceback."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_call_ends_with_its_number_output_process_and_time():
    outcome = run("sleep", b"0.02")

    assert (outcome.number, outcome.status, outcome.output) == (7, "ok", b"slept")
    assert outcome.worker == os.getpid()
    assert 20 <= outcome.elapsed_ms < 2_000
    assert outcome.error is None


def test_the_time_of_a_call_is_in_milliseconds(monkeypatch):
    readings = iter([10.0, 10.25])
    monkeypatch.setattr("time.perf_counter", lambda: next(readings))

    assert run("echo").elapsed_ms == 250


@pytest.mark.parametrize(
    ("function", "status", "kind"),
    [
        ("raise_transient", "transient", "TransientStepError"),
        ("raise_two_arguments", "error", "TwoArgumentError"),
        ("exit_softly", "error", "SystemExit"),
        ("not_bytes", "error", "TypeError"),
        ("nobody", "error", "UnknownFunctionError"),
    ],
)
def test_whatever_a_function_raises_is_an_outcome(function, status, kind):
    outcome = run(function)

    assert (outcome.status, outcome.error.kind, outcome.output) == (status, kind, b"")


def test_an_interrupt_is_not_the_steps_doing():
    with pytest.raises(KeyboardInterrupt):
        run("interrupt")


def test_a_function_that_returns_no_bytes_is_told_so():
    assert run("not_bytes").error.message == "test.not_bytes@1 returned str, not bytes"


def test_an_error_is_described_by_class_message_and_traceback():
    found = describe_error(raised(ValueError("no tea")))

    assert (found.kind, found.message) == ("ValueError", "no tea")
    assert found.detail.startswith("Traceback")
    assert found.detail.endswith("ValueError: no tea\n")


def test_an_error_without_words_is_described_by_what_its_message_raised():
    found = describe_error(raised(UnprintableError()))

    assert (found.kind, found.message) == ("UnprintableError", "(its message raised RuntimeError)")


def test_of_a_long_message_the_beginning_is_kept_and_of_a_long_traceback_the_end():
    found = describe_error(raised(ValueError("begin" + "x" * 30_000 + "end")))

    assert found.message == "begin" + "x" * 1_995
    assert len(found.detail) == 20_000
    assert found.detail.endswith("end\n")


def test_lone_surrogates_are_spelled_out():
    found = describe_error(raised(ValueError("\udc80")))

    assert found.message == "\\udc80"
    found.detail.encode()


@pytest.mark.parametrize("error", [None, StepError("ValueError", "no tea", "stack")])
def test_an_outcome_crosses_whole(error):
    sent = StepOutcome(3, "error" if error else "ok", b"output", error, elapsed_ms=1.5)
    head = json.dumps(outcome_header(sent)).encode()
    found = read_outcome(head, b"output", b"log", 99)

    assert found == StepOutcome(3, sent.status, b"output", error, b"log", 1.5, 99)


GOOD = {"number": 1, "status": "ok", "elapsed_ms": 1.0, "error": None}


@pytest.mark.parametrize(
    "head",
    [
        b"no json",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        json.dumps({**GOOD, "status": "fine"}).encode(),
        json.dumps({**GOOD, "status": None}).encode(),
        json.dumps({**GOOD, "number": "one"}).encode(),
        json.dumps({**GOOD, "number": float("inf")}).encode(),
        json.dumps({**GOOD, "number": None}).encode(),
        json.dumps({**GOOD, "elapsed_ms": []}).encode(),
        json.dumps({**GOOD, "error": {"kind": "x"}}).encode(),
        json.dumps({**GOOD, "error": {"kind": "x", "message": "y", "more": "z"}}).encode(),
        json.dumps({key: value for key, value in GOOD.items() if key != "error"}).encode(),
    ],
)
def test_what_is_no_outcome_is_a_value_error(head):
    with pytest.raises(ValueError):
        read_outcome(head, b"", b"", 1)


def test_an_unknown_status_is_named():
    with pytest.raises(ValueError, match="'fine' is no status"):
        read_outcome(json.dumps({**GOOD, "status": "fine"}).encode(), b"", b"", 1)


def test_marks_of_different_calls_differ_and_are_of_one_size():
    marks = [encode_mark(serial) for serial in (0, 1, 255, 256, 2**40)]

    assert len(set(marks)) == 5
    assert {len(mark) for mark in marks} == {8}

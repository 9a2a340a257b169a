import time

import pytest

from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.protocol import StepCall
from tests.fixtures.steps import FUNCTIONS


@pytest.fixture
def engine():
    made = InlineEngine(FUNCTIONS)
    made.start()
    yield made
    made.close()


def run(engine, function, payload=b"x"):
    engine.submit(StepCall(1, f"test.{function}@1", payload, 10))
    (outcome,) = engine.poll(1)
    return outcome


def test_a_step_gives_its_output(engine):
    outcome = run(engine, "upper", b"abc")

    assert (outcome.status, outcome.output) == ("ok", b"ABC")


def test_there_is_one_slot(engine):
    assert engine.free_slots() == 1
    engine.submit(StepCall(1, "test.echo@1", b"", 10))
    assert engine.free_slots() == 0


def test_an_exception_is_an_outcome(engine):
    outcome = run(engine, "raise_two_arguments")

    assert (outcome.status, outcome.error.kind) == ("error", "TwoArgumentError")


def test_a_transient_error_is_told_from_a_bug(engine):
    assert run(engine, "raise_transient").status == "transient"


def test_an_unknown_function_is_an_outcome(engine):
    outcome = run(engine, "nobody")

    assert outcome.error.kind == "UnknownFunctionError"


def test_a_step_that_exits_does_not_end_the_command(engine):
    assert run(engine, "exit_softly").status == "error"


def test_an_output_that_is_not_bytes_is_an_error(engine):
    assert run(engine, "not_bytes").status == "error"


def test_nothing_submitted_gives_nothing(engine):
    assert engine.poll(0) == []


def test_with_nothing_to_run_a_poll_waits(engine):
    started = time.monotonic()
    engine.poll(0.1)

    assert time.monotonic() - started >= 0.1


def test_a_step_is_run_once_and_leaves_its_slot(engine):
    run(engine, "echo")

    assert engine.free_slots() == 1
    assert engine.poll(0) == []


def test_what_was_submitted_is_forgotten_at_the_end(engine):
    engine.submit(StepCall(1, "test.echo@1", b"", 10))
    engine.close()

    assert engine.poll(0) == []

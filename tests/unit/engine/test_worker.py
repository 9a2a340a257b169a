"""A worker process without an engine: it is asked, and ends by itself when its pipe is closed."""

import json
import os
import select
import signal
import time

import pytest

from docsearch_cli.engine import worker
from docsearch_cli.engine.protocol import StepCall, read_outcome
from docsearch_cli.engine.worker_process import MOST_RESULT_BYTES, WorkerProcess
from tests.support import is_gone, wait_until

REGISTRY = "tests.fixtures.steps"


class Asked:
    """One worker process that is asked for one step after the other."""

    def __init__(self) -> None:
        self.process = WorkerProcess(REGISTRY)
        self.serial = 0
        self.hello = self.frames(1)

    def frames(self, count):
        channel, found, until = self.process.channel, [], time.monotonic() + 20
        while len(found) < count and time.monotonic() < until:
            waiting = select.poll()
            waiting.register(channel, select.POLLIN | select.POLLOUT * channel.has_to_write)
            waiting.poll(500)
            channel.flush()
            found += channel.receive()
            assert not channel.is_closed
        return found

    def run(self, function, payload=b"x"):
        self.serial += 1
        self.process.call = StepCall(self.serial, f"test.{function}@1", payload, 10)
        self.process.send_call(self.serial)
        head, output = self.frames(2)
        return read_outcome(head, output, self.process.take_log(), self.process.pid)

    def end(self):
        """Close the pipe; gives the exit code."""
        self.process.channel.close()
        return self.process._process.wait(10)


@pytest.fixture
def asked():
    made = Asked()
    yield made
    made.process.end()


def test_a_worker_says_that_it_is_ready_and_ends_in_order_with_its_pipe(asked):
    assert asked.hello == [b"ready"]
    assert asked.end() == 0
    assert asked.process.take_log() == b""


def test_a_worker_runs_one_step_after_the_other(asked):
    first, second = asked.run("upper", b"abc"), asked.run("pid")

    assert (first.number, first.output) == (1, b"ABC")
    assert (second.number, int(second.output)) == (2, asked.process.pid)
    assert asked.end() == 0


def test_what_a_registry_names_is_imported_before_the_first_step(asked):
    assert asked.run("preloaded").output == b"True"


def test_a_call_is_marked_as_begun_before_it_runs(asked):
    assert not asked.process.has_begun
    asked.run("echo")
    assert asked.process.has_begun
    asked.process.call = None
    assert not asked.process.has_begun


@pytest.mark.parametrize(
    "function", ["ignore_signals", "block_signals", "set_alarm", "run_out_of_memory"]
)
def test_signals_alarm_and_limits_are_put_back_after_a_step(asked, function):
    before = asked.run("process_state").output
    asked.run(function)

    assert asked.run("process_state").output == before
    assert asked.end() == 0


def test_a_step_that_hangs_after_one_that_refused_signals_still_says_where(asked):
    asked.run("ignore_signals")
    asked.process.call = StepCall(9, "test.hang_here@1", b"", 10)
    asked.process.send_call(9)
    assert wait_until(lambda: asked.process.has_begun)
    asked.process.write_stacks()

    assert wait_until(lambda: b"hang_here" in asked.process.peek_log())


@pytest.mark.parametrize("function", ["close_outputs", "close_streams", "replace_streams"])
def test_the_next_step_is_heard_whatever_a_step_did_to_its_outputs(asked, function):
    asked.run(function)
    log = asked.run("speak", b"later").log.decode()

    for source in ("stdout", "stderr", "logging", "descriptor", "child"):
        assert f"{source} later" in log
    assert asked.end() == 0


def test_a_worker_that_cannot_be_put_back_answers_and_ends(asked):
    assert asked.run("lower_limits_for_good").output == b"lowered"
    assert asked.process._process.wait(10) == 0


def test_an_outcome_says_how_long_the_step_took(asked):
    assert 50 <= asked.run("sleep", b"0.05").elapsed_ms < 5_000


def test_a_worker_whose_parent_is_gone_kills_its_group(monkeypatch):
    killed = []
    monkeypatch.setattr(os, "killpg", lambda *how: killed.append(how))
    reading, writing = os.pipe()
    os.close(writing)
    worker._watch_parent(reading)
    os.close(reading)

    assert killed == [(os.getpgid(0), signal.SIGKILL)]


def test_a_worker_ends_with_its_lifeline_even_while_its_pipe_is_open(asked):
    asked.process._lifeline.close()

    assert wait_until(lambda: is_gone(asked.process.pid))
    assert asked.process._process.wait(5) == -signal.SIGKILL


def test_the_descriptors_of_a_worker_are_not_passed_on(asked):
    descriptors = json.loads(asked.run("descriptors_of_a_child").output)

    assert descriptors == [0, 1, 2]


def test_the_largest_result_there_may_be_crosses(asked):
    payload = os.urandom(MOST_RESULT_BYTES)

    assert asked.run("echo", payload).output == payload

import os
import signal
import subprocess
import sys

import psutil
import pytest

from docsearch_cli.engine.protocol import StepCall
from docsearch_cli.engine.worker_process import (
    STEP_LOG_BYTES,
    WorkerProcess,
    WorkerStartError,
    describe_exit,
)
from tests.support import REPOSITORY, is_gone, wait_until

REGISTRY = "tests.fixtures.steps"


@pytest.fixture
def process():
    made = WorkerProcess(REGISTRY)
    yield made
    made.end()


def test_a_process_leads_a_session_of_its_own(process):
    assert os.getsid(process.pid) == process.pid != os.getsid(0)


def test_a_process_that_is_killed_has_exited_and_says_how(process):
    assert not process.has_exited
    os.kill(process.pid, signal.SIGKILL)

    assert wait_until(lambda: process.has_exited)
    assert process.describe_end() == "the worker was killed by SIGKILL"


def test_a_process_that_lives_on_has_closed_its_pipe(process):
    assert process.describe_end() == "the worker closed its pipe"


def test_no_step_has_begun_before_there_is_one(process):
    assert not process.has_begun
    process.call = StepCall(1, "test.echo@1", b"", 10)
    assert not process.has_begun


def test_what_it_wrote_is_seen_before_it_is_read(process):
    assert wait_until(lambda: process.has_written)
    assert process.channel.receive() == [b"ready"]
    assert not process.has_written


def test_a_log_is_taken_once_and_looked_at_as_often_as_wanted(process):
    os.write(process._log.fileno(), b"said")

    assert process.peek_log() == process.peek_log() == b"said"
    assert process.take_log() == b"said"
    assert process.take_log() == b""


def test_of_a_long_log_the_end_is_kept(process):
    os.write(process._log.fileno(), b"begin" + b"x" * STEP_LOG_BYTES)

    assert process.peek_log() == b"x" * STEP_LOG_BYTES


def test_its_end_is_the_end_of_what_it_started():
    made = WorkerProcess(REGISTRY)
    before = psutil.Process().num_fds()
    made.end()
    made.end()

    assert is_gone(made.pid)
    assert psutil.Process().num_fds() == before - 4


def test_a_worker_that_hangs_before_it_is_ready_says_where():
    process = WorkerProcess("tests.fixtures.hanging_registry")
    try:
        assert wait_until(lambda: process.peek_log() == b"importing\n")
        process.write_stacks()
        assert wait_until(lambda: b"hanging_registry.py" in process.peek_log())
    finally:
        process.end()


def test_nothing_a_worker_computes_with_takes_more_than_a_core(process):
    environment = psutil.Process(process.pid).environ()

    assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "1"


def test_a_process_that_the_system_refuses_is_reported_and_leaves_nothing_open(monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = psutil.Process().num_fds()
    monkeypatch.setattr(subprocess, "Popen", refuse)

    with pytest.raises(WorkerStartError, match="temporarily unavailable") as raised:
        WorkerProcess(REGISTRY)
    assert "--engine inline" in raised.value.hint
    assert psutil.Process().num_fds() == before


def test_a_build_without_an_interpreter_is_a_worker_itself(tmp_path, monkeypatch):
    program = tmp_path / "docsearch"
    program.write_text(
        f"#!{sys.executable} -P\n"
        "import sys\n"
        f"sys.path[:0] = {[str(REPOSITORY), *sys.path[1:]]!r}\n"
        "sys.frozen = True\n"
        "from docsearch_cli.__main__ import main\n"
        "main()\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    process = WorkerProcess(REGISTRY)

    try:
        assert wait_until(lambda: process.has_written or process.has_exited, 60)
        assert process.channel.receive() == [b"ready"], process.peek_log()
    finally:
        process.end()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "the worker exited with code 0"),
        (3, "the worker exited with code 3"),
        (-1, "the worker was killed by SIGHUP"),
        (-11, "the worker was killed by SIGSEGV"),
        (-250, "the worker was killed by signal 250"),
    ],
)
def test_exits_are_described_in_words(code, words):
    assert describe_exit(code) == words

"""Real processes: each test ends with no process left of those it started."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from docsearch_cli.engine.frames import Channel
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import StepCall
from docsearch_cli.engine.worker_process import STEP_LOG_BYTES, WorkerStartError
from docsearch_cli.errors import InputError
from tests.support import REPOSITORY, is_gone, wait_until

REGISTRY = "tests.fixtures.steps"


@pytest.fixture
def engine():
    made = LocalEngine(2, REGISTRY)
    made.start()
    yield made
    pids = list(made.worker_pids())
    made.close()
    assert all(is_gone(pid) for pid in pids)


def call(number, function, payload=b"x", timeout_s=20.0):
    return StepCall(number, f"test.{function}@1", payload, timeout_s)


def collect(engine, count, seconds=30):
    """Poll until ``count`` steps have ended; gives their outcomes by number."""
    until = time.monotonic() + seconds
    found = {}
    while len(found) < count and time.monotonic() < until:
        found.update({outcome.number: outcome for outcome in engine.poll(0.5)})
    assert len(found) == count
    return found


def run(engine, function, payload=b"x", **options):
    engine.submit(call(1, function, payload, **options))
    return collect(engine, 1)[1]


def test_a_step_gives_its_output_and_its_worker(engine):
    outcome = run(engine, "pid")

    assert outcome.status == "ok"
    assert int(outcome.output) == outcome.worker != os.getpid()


def test_large_payloads_cross_whole(engine):
    payload = os.urandom(4_000_000)

    assert run(engine, "echo", payload).output == payload


def test_steps_run_side_by_side(engine):
    engine.submit(call(1, "sleep", b"0.01"))
    engine.submit(call(2, "sleep", b"0.01"))
    outcomes = collect(engine, 2)

    assert outcomes[1].worker != outcomes[2].worker


def test_no_slot_is_free_while_both_workers_are_busy(engine):
    engine.submit(call(1, "sleep", b"0.2"))
    engine.submit(call(2, "sleep", b"0.2"))

    assert engine.free_slots() == 0
    with pytest.raises(RuntimeError, match="no free worker"):
        engine.submit(call(3, "echo"))
    collect(engine, 2)


@pytest.mark.parametrize(
    ("function", "words"),
    [("exit_hard", "exited with code 7"), ("kill_self", "killed by SIGKILL")],
)
def test_a_worker_that_dies_costs_its_own_step_only(engine, function, words):
    engine.submit(call(1, function))
    engine.submit(call(2, "upper", b"other"))
    outcomes = collect(engine, 2)

    assert outcomes[1].status == "crash"
    assert words in outcomes[1].error.message
    assert outcomes[2].output == b"OTHER"


def test_a_dead_worker_is_replaced(engine):
    dead = run(engine, "exit_hard").worker
    outcome = run(engine, "pid")

    assert outcome.status == "ok"
    assert outcome.worker != dead
    assert engine.free_slots() == 2


def test_steps_that_crash_one_after_the_other_are_not_taken_for_a_broken_installation():
    engine = LocalEngine(1, REGISTRY)
    engine.start()
    try:
        statuses = [run(engine, "exit_hard").status for _ in range(5)]
    finally:
        engine.close()

    assert statuses == ["crash"] * 5


def test_a_worker_killed_while_idle_costs_no_step(engine):
    run(engine, "pid")
    killed = list(engine.worker_pids())
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: all(map(is_gone, killed)))
    outcome = run(engine, "upper", b"ok")

    assert (outcome.status, outcome.output) == ("ok", b"OK")


def test_a_worker_killed_before_it_began_its_step_costs_no_step():
    engine = LocalEngine(1, REGISTRY)
    engine.start()
    try:
        first = run(engine, "pid").worker
        os.kill(first, signal.SIGSTOP)
        assert wait_until(lambda: psutil.Process(first).status() == psutil.STATUS_STOPPED)
        engine.submit(call(2, "upper", b"ok"))
        os.kill(first, signal.SIGKILL)
        outcome = collect(engine, 1)[2]
    finally:
        engine.close()

    assert (outcome.status, outcome.output) == ("ok", b"OK")
    assert outcome.worker != first


def test_an_exception_with_two_arguments_crosses_as_data(engine):
    outcome = run(engine, "raise_two_arguments")

    assert outcome.status == "error"
    assert (outcome.error.kind, outcome.error.message) == ("TwoArgumentError", "42: out of tea")
    assert "raise_two_arguments" in outcome.error.detail


def test_an_exception_without_words_crosses_too(engine):
    assert run(engine, "raise_unprintable").error.kind == "UnprintableError"


@pytest.mark.parametrize(
    ("function", "status"),
    [("raise_transient", "transient"), ("exit_softly", "error"), ("not_bytes", "error")],
)
def test_a_step_that_fails_leaves_its_worker_alive(engine, function, status):
    failed = run(engine, function)
    engine.submit(call(2, "pid"))
    engine.submit(call(3, "pid"))
    later = {outcome.worker for outcome in collect(engine, 2).values()}

    assert failed.status == status
    assert failed.worker in later


def test_an_unknown_function_is_an_error(engine):
    assert run(engine, "nobody").error.kind == "UnknownFunctionError"


def test_a_step_that_hangs_ends_with_the_stack_where_it_hung(engine):
    outcome = run(engine, "hang_here", timeout_s=0.5)

    assert outcome.status == "timeout"
    assert "hang_here" in outcome.error.detail
    assert 400 <= outcome.elapsed_ms <= 5_000
    said = float(outcome.error.message.removeprefix("still running after ").removesuffix(" s"))
    assert abs(outcome.elapsed_ms / 1_000 - said) < 0.3
    assert is_gone(outcome.worker)


def test_a_step_that_hangs_does_not_hold_up_another(engine):
    engine.submit(call(1, "hang_here", timeout_s=1.0))
    engine.submit(call(2, "upper", b"quick"))
    outcomes = collect(engine, 2)

    assert (outcomes[1].status, outcomes[2].output) == ("timeout", b"QUICK")


@pytest.mark.parametrize(
    ("function", "status", "words"),
    [
        ("segfault", "crash", "SIGSEGV"),
        ("run_out_of_memory", "error", ""),
        ("recurse", "error", "recursion"),
        ("write_garbage", "crash", "a message of -1 bytes"),
        ("write_a_huge_length", "crash", "a message of 2,147,483,647 bytes"),
        ("write_no_outcome", "crash", "sent no outcome"),
        ("write_an_odd_number", "crash", "sent no outcome"),
        ("write_outcome_of_another_step", "crash", "an outcome that nobody asked for"),
        ("write_two_outcomes", "crash", "an outcome that nobody asked for"),
        ("close_all_descriptors", "crash", "exited with code 1"),
        ("close_pipe_and_hang", "crash", "closed its pipe"),
        ("fork_and_die", "crash", "exited with code 5"),
        ("too_much", "crash", "a message of 5,242,880 bytes"),
    ],
)
def test_whatever_a_step_does_is_charged_to_it_alone(engine, function, status, words):
    engine.submit(call(1, function))
    engine.submit(call(2, "upper", b"other"))
    outcomes = collect(engine, 2)

    assert outcomes[1].status == status
    assert words in outcomes[1].error.message
    assert outcomes[2].output == b"OTHER"
    assert run(engine, "upper", b"after").output == b"AFTER"


@pytest.mark.parametrize(
    "function",
    [
        "loop_in_c",
        "ignore_signals_and_hang",
        "block_signals_and_hang",
        "stop_here",
        "write_half_a_frame",
    ],
)
def test_a_step_that_nothing_can_end_is_ended_by_its_timeout(engine, function):
    engine.submit(call(1, function, timeout_s=0.5))
    engine.submit(call(2, "upper", b"other"))
    outcomes = collect(engine, 2)

    assert (outcomes[1].status, outcomes[2].output) == ("timeout", b"OTHER")
    assert outcomes[1].elapsed_ms < 3_000
    assert is_gone(outcomes[1].worker)
    if function == "loop_in_c":
        assert "loop_in_c" in outcomes[1].error.detail
    assert run(engine, "upper", b"after").output == b"AFTER"


def test_a_worker_that_reads_nothing_holds_up_nobody(engine):
    """Four megabytes do not fit the pipe: nobody may wait until they do."""
    engine.submit(call(1, "pid"))
    engine.submit(call(2, "pid"))
    stopped = collect(engine, 2)[1].worker
    os.kill(stopped, signal.SIGSTOP)
    assert wait_until(lambda: psutil.Process(stopped).status() == psutil.STATUS_STOPPED)
    started = time.monotonic()
    engine.submit(call(3, "echo", b"x" * 4_000_000, timeout_s=1.0))
    engine.submit(call(4, "echo", b"x" * 4_000_000, timeout_s=1.0))
    sent = time.monotonic() - started
    statuses = {}
    while len(statuses) < 2 and time.monotonic() - started < 20:
        statuses.update({item.number: item.status for item in engine.poll(0.5)})

    assert sent < 0.5
    assert "ok" in statuses.values()
    assert set(statuses.values()) <= {"ok", "timeout"}


@pytest.mark.parametrize("function", ["close_outputs", "close_streams"])
def test_outputs_that_a_step_closes_are_open_for_the_next(engine, function):
    closed, later = run(engine, function), run(engine, "speak", b"later")

    assert closed.output == b"closed"
    assert b"begun on stderr" in closed.log
    assert later.worker == closed.worker
    for source in ("stdout", "stderr", "logging", "descriptor", "child"):
        assert f"{source} later" in later.log.decode()


@pytest.mark.parametrize(
    "function",
    [
        "ignore_signals",
        "block_signals",
        "set_alarm",
        "run_out_of_memory",
        "close_streams",
        "replace_streams",
    ],
)
def test_what_a_step_changes_in_its_process_is_put_back(engine, function):
    before = run(engine, "process_state").output
    run(engine, function)

    assert run(engine, "process_state").output == before


def test_a_worker_in_which_a_step_changed_what_stays_is_not_used_again(engine):
    changed = run(engine, "lower_limits_for_good")
    later = run(engine, "upper", b"later")

    assert (changed.output, later.output) == (b"lowered", b"LATER")
    assert is_gone(changed.worker)


@pytest.mark.parametrize("function", ["ignore_signals", "block_signals"])
def test_the_stack_of_a_later_step_is_known_all_the_same(engine, function):
    first = run(engine, function)
    hung = run(engine, "hang_here", timeout_s=0.3)

    assert hung.worker == first.worker
    assert "hang_here" in hung.error.detail


def test_steps_that_hang_together_are_ended_together(engine):
    engine.submit(call(1, "pid"))
    engine.submit(call(2, "pid"))
    collect(engine, 2)
    engine.submit(call(1, "hang_here", timeout_s=0.5))
    engine.submit(call(2, "hang_here", timeout_s=0.5))
    ended = engine.poll(10)

    assert [(outcome.number, outcome.status) for outcome in ended] == [
        (1, "timeout"),
        (2, "timeout"),
    ]


def test_what_a_step_said_last_is_kept_when_it_takes_the_worker_with_it(engine):
    assert run(engine, "last_words").log == b"last words\n"


@pytest.mark.parametrize(
    "function", ["write_garbage_later", "write_outcome_later", "close_pipe_later"]
)
def test_a_worker_that_breaks_the_protocol_while_it_is_idle_costs_no_step(engine, function):
    run(engine, "upper")
    talker = run(engine, function).worker

    assert wait_until(lambda: engine.poll(0.05) == [] and talker not in engine.worker_pids())
    assert run(engine, "upper", b"after").output == b"AFTER"


def test_a_worker_that_closed_its_pipe_unseen_costs_no_step():
    engine = LocalEngine(1, REGISTRY)
    engine.start()
    try:
        first = run(engine, "close_pipe_later").worker
        time.sleep(0.4)
        engine.submit(call(2, "upper", b"ok"))
        outcome = collect(engine, 1)[2]
    finally:
        engine.close()

    assert (outcome.status, outcome.output) == ("ok", b"OK")
    assert outcome.worker != first


def test_a_worker_killed_while_its_step_is_sent_costs_no_step():
    engine = LocalEngine(1, REGISTRY)
    engine.start()
    try:
        first = run(engine, "pid").worker
        os.kill(first, signal.SIGSTOP)
        assert wait_until(lambda: psutil.Process(first).status() == psutil.STATUS_STOPPED)
        engine.submit(call(2, "echo", b"x" * 4_000_000))
        assert engine.poll(0.05) == []
        os.kill(first, signal.SIGKILL)
        outcome = collect(engine, 1)[2]
    finally:
        engine.close()

    assert (outcome.status, len(outcome.output)) == ("ok", 4_000_000)
    assert outcome.worker != first


def test_a_worker_that_does_not_become_ready_in_time_is_replaced_until_it_is_hopeless():
    engine = LocalEngine(1, REGISTRY, start_timeout_s=0.01)
    engine.start()
    try:
        with pytest.raises(WorkerStartError, match="still running after"):
            for _ in range(40):
                engine.poll(0.5)
    finally:
        engine.close()


def test_a_system_without_process_groups_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr("docsearch_cli.engine.local._has_process_groups", lambda: False)

    with pytest.raises(InputError) as raised:
        LocalEngine(1, REGISTRY).start()
    assert "--engine inline" in raised.value.hint


def test_a_thousand_lines_of_each_step_are_its_own(engine):
    for number in (1, 3, 5):
        engine.submit(call(number, "speak_a_thousand_times", f"w{number}".encode()))
        engine.submit(call(number + 1, "speak_a_thousand_times", f"w{number + 1}".encode()))
        for found, outcome in collect(engine, 2).items():
            lines = outcome.log.decode().splitlines()
            for source in ("stdout", "stderr", "logging"):
                assert lines.count(f"{source} w{found}") == 1_000
            assert len(lines) == 3_000


def test_everything_a_step_writes_is_its_log(engine):
    log = run(engine, "speak", b"hello").log.decode()

    for source in ("stdout", "stderr", "logging", "descriptor", "child"):
        assert f"{source} hello" in log


def test_logs_of_parallel_steps_do_not_mix(engine):
    for number in range(1, 9, 2):
        engine.submit(call(number, "speak", f"w{number}".encode()))
        engine.submit(call(number + 1, "speak", f"w{number + 1}".encode()))
        for found, outcome in collect(engine, 2).items():
            words = {line.split()[-1] for line in outcome.log.decode().splitlines()}
            assert words == {f"w{found}"}


def test_a_flood_of_output_is_cut_to_its_end(engine, capfd):
    outcome = run(engine, "flood")

    assert outcome.status == "ok"
    assert len(outcome.log) <= STEP_LOG_BYTES
    assert outcome.log.endswith(b"the end\n")
    assert capfd.readouterr() == ("", "")


def test_a_step_after_a_flood_has_a_log_of_its_own(engine):
    engine.submit(call(1, "flood"))
    engine.submit(call(2, "flood"))
    collect(engine, 2)

    assert b"xxxx" not in run(engine, "speak", b"later").log


def test_a_steps_log_is_kept_when_it_crashes_the_worker(engine):
    outcome = run(engine, "hang_here", timeout_s=0.3)

    assert outcome.log


def test_workers_know_no_current_folder(engine):
    path = json.loads(run(engine, "environment").output)["path"]

    assert all(Path(entry).is_absolute() for entry in path)


def test_nothing_is_left_of_a_busy_pool_after_close():
    made = LocalEngine(2, REGISTRY)
    made.start()
    child = int(run(made, "leave_a_child").output)
    made.submit(call(2, "hang_here"))
    pids = [*made.worker_pids(), child]
    made.close()

    assert wait_until(lambda: all(is_gone(pid) for pid in pids))


def test_close_may_be_called_twice_and_before_start():
    made = LocalEngine(1, REGISTRY)
    made.close()
    made.start()
    made.close()
    made.close()

    assert list(made.worker_pids()) == []


def test_descriptors_are_given_back():
    before = psutil.Process().num_fds()
    for _ in range(2):
        made = LocalEngine(2, REGISTRY)
        made.start()
        run(made, "exit_hard")
        made.close()

    assert psutil.Process().num_fds() == before


@pytest.fixture
def broken_engine():
    made = LocalEngine(1, "tests.fixtures.broken_registry")
    made.start()
    yield made
    made.close()


def test_workers_that_cannot_start_are_reported(broken_engine):
    with pytest.raises(WorkerStartError, match="this registry is broken"):
        for _ in range(40):
            broken_engine.poll(0.5)


def test_a_worker_that_cannot_start_is_not_charged_to_the_step_that_waits(broken_engine):
    broken_engine.submit(call(1, "echo"))

    with pytest.raises(WorkerStartError, match="this registry is broken"):
        collect(broken_engine, 1)


def test_a_worker_that_fails_to_start_is_described_by_its_own_exit(broken_engine):
    with pytest.raises(WorkerStartError, match="exited with code 1"):
        for _ in range(40):
            broken_engine.poll(0.5)


def test_a_registry_that_talks_before_its_worker_is_ready_is_broken():
    engine = LocalEngine(1, "tests.fixtures.talking_registry")
    engine.start()
    try:
        with pytest.raises(WorkerStartError, match="something else than that it is ready"):
            for _ in range(40):
                engine.poll(0.5)
    finally:
        engine.close()


PARENT = """
import sys, time
from docsearch_cli.engine.frames import Channel
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import StepCall
engine = LocalEngine(2, "tests.fixtures.steps")
engine.start()
engine.submit(StepCall(1, "test.leave_a_child@1", b"", 30))
child = engine.poll(20)[0].output.decode()
engine.submit(StepCall(2, "test.hang_here@1", b"", 30))
print(*engine.worker_pids(), child, flush=True)
time.sleep(60)
"""


BUSY_PARENT = """
import sys, time
from docsearch_cli.engine.frames import Channel
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import StepCall
engine = LocalEngine(2, "tests.fixtures.steps")
engine.start()
for number in (1, 2):
    engine.submit(StepCall(number, "test.pid@1", b"", 30))
while number:
    number -= len(engine.poll(1))
engine.submit(StepCall(3, "test.loop_in_c@1", b"", 60))
engine.submit(StepCall(4, "test.loop_in_c_with_a_child@1", sys.argv[1].encode(), 60))
print(*engine.worker_pids(), flush=True)
engine.poll(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux's")
def test_no_orphan_is_left_of_steps_that_hold_the_interpreter(tmp_path):
    mark = tmp_path / "child"
    parent = subprocess.Popen(
        [sys.executable, "-c", BUSY_PARENT, str(mark)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert wait_until(lambda: mark.exists() and mark.read_text())
    pids.append(int(mark.read_text()))
    time.sleep(0.2)
    parent.kill()
    parent.communicate()

    assert len(pids) == 3
    assert wait_until(lambda: all(is_gone(pid) for pid in pids), seconds=1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_orphan_is_left_when_the_parent_is_killed(number):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 3
    parent.send_signal(number)
    parent.communicate()

    assert wait_until(lambda: all(is_gone(pid) for pid in pids), seconds=1)


def test_a_worker_whose_channel_breaks_is_a_crash_of_its_step(monkeypatch):
    """The system says so by an error or by an end of the stream, whichever comes first."""
    receive = Channel.receive
    refused = []

    def refuse_once(channel):
        if not refused:
            refused.append(channel)
            raise ConnectionResetError(104, "Connection reset by peer")
        return receive(channel)

    engine = LocalEngine(1, REGISTRY)
    engine.start()
    try:
        assert run(engine, "echo").status == "ok"  # its worker is ready
        monkeypatch.setattr(Channel, "receive", refuse_once)

        assert run(engine, "echo").status == "crash"
        assert run(engine, "echo", b"again").output == b"again"
    finally:
        engine.close()

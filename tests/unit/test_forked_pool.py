import os
import signal
import threading
import time
from collections import deque
from pathlib import Path

import psutil
import pytest

from docsearch_cli import forked_pool
from docsearch_cli.forked_pool import CannotForkError, Died, ForkedPool
from tests.support import is_gone, wait_until


def run(work, tasks, workers=2, **options):
    with ForkedPool(work, workers, **options) as pool:
        return sorted(pool.run(deque(tasks)), key=lambda ended: ended[0])


def spin():
    while True:
        sum(range(10**9))  # in C code, where no signal handler of Python's gets to run


def test_tasks_are_shared_out_and_each_result_is_that_of_its_task():
    found = run(lambda task, _: (task * task, os.getpid()), range(20), workers=3)

    assert [(task, result) for task, (result, _) in found] == [(n, n * n) for n in range(20)]
    assert os.getpid() not in {pid for _, (_, pid) in found}


def test_results_may_be_large():
    assert run(lambda task, _: b"x" * task, [3_000_000]) == [(3_000_000, b"x" * 3_000_000)]


def test_tasks_may_be_added_while_others_run():
    tasks = deque([1])
    with ForkedPool(lambda task, _: task, 1) as pool:
        for task, _ in pool.run(tasks):
            if task < 5:
                tasks.append(task + 1)

    assert not tasks
    assert task == 5


def test_an_error_of_the_work_is_raised_here():
    def fail(_task, _watch):
        raise OSError(28, "the disk is full")

    with pytest.raises(OSError, match="full"):
        run(fail, [1])


def test_a_child_that_dies_costs_its_task_only():
    def die(task, watch):
        watch.begin(7, 60)
        if task == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        watch.end()
        if task == 3:
            os._exit(3)
        return task

    assert run(die, range(5)) == [
        (0, 0),
        (1, 1),
        (2, Died(7, is_too_slow=False)),
        (3, Died(None, is_too_slow=False)),
        (4, 4),
    ]


def test_an_item_that_takes_too_long_ends_its_child():
    def work(task, watch):
        watch.begin(task, 0.2)
        if task == 1:
            spin()
        return task

    assert run(work, range(3)) == [(0, 0), (1, Died(1, is_too_slow=True)), (2, 2)]


def test_an_item_that_only_waits_ends_its_child_too(monkeypatch):
    monkeypatch.setattr(forked_pool, "_LOOK_EVERY_S", 0.05)

    def work(_task, watch):
        watch.begin(0, 0.01)
        time.sleep(3600)

    assert run(work, [1]) == [(1, Died(0, is_too_slow=True))]


def test_an_item_that_has_to_wait_for_the_processor_is_not_too_slow(monkeypatch, tmp_path):
    """As on a busy machine, or after Ctrl-Z: what an index holds must not depend on that."""
    monkeypatch.setattr(forked_pool, "_LOOK_EVERY_S", 0.05)
    stopped = tmp_path / "pid"

    def work(_task, watch):
        watch.begin(0, 0.1)
        stopped.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGSTOP)
        return True

    def let_go_on():
        while not (stopped.exists() and stopped.read_text()):
            time.sleep(0.01)
        time.sleep(2.5)
        os.kill(int(stopped.read_text()), signal.SIGCONT)

    waiting = threading.Thread(target=let_go_on)
    waiting.start()
    found = run(work, [1])
    waiting.join()

    assert found == [(1, True)]


def test_an_item_has_the_time_for_itself():
    def work(_task, watch):
        for item in range(8):
            watch.begin(item, 1.0)
            end = time.process_time() + 0.2
            while time.process_time() < end:
                pass
        return True

    assert run(work, [1]) == [(1, True)]


def test_memory_is_limited():
    size = 512 * 1024 * 1024

    assert run(lambda _task, _watch: len(bytes(size)), [1], most_bytes=size // 4) == [
        (1, Died(None, is_too_slow=False))
    ]
    assert run(lambda _task, _watch: len(bytes(size)), [1], most_bytes=size * 2) == [(1, size)]


def test_nothing_is_printed(capfd):
    def talk(_task, _watch):
        os.write(1, b"out")
        os.write(2, b"err")
        print("more", flush=True)

    run(talk, [1])

    assert capfd.readouterr() == ("", "")


def test_children_are_gone_at_once_though_they_are_busy():
    pids = []

    def work(task, _watch):
        if task:
            spin()
        return os.getpid()

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), ForkedPool(work, 2) as pool:
        for _, pid in pool.run(deque([0, 1, 1])):
            pids.append(pid)
            raise KeyboardInterrupt

    assert time.monotonic() - started < 20
    assert is_gone(pids[0])


def test_children_are_gone_when_their_parent_is(tmp_path):
    told = tmp_path / "pid"

    def work(_task, _watch):
        told.with_suffix(".new").write_text(str(os.getpid()))
        told.with_suffix(".new").rename(told)
        spin()

    def outer(_task, _watch):
        run(work, [1])

    with ForkedPool(outer, 1) as pool:
        pool.submit(0)
        assert wait_until(told.exists)
        child = int(told.read_text())

    assert wait_until(lambda: is_gone(child))


def test_ctrl_c_of_a_terminal_reaches_the_parent_only():
    def work(_task, _watch):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGHUP)
        return True

    assert run(work, [1]) == [(1, True)]


def test_a_child_that_was_killed_while_idle_is_replaced():
    with ForkedPool(lambda _task, _watch: os.getpid(), 1) as pool:
        pool.submit(0)
        _, pid = pool.wait()
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: is_gone(pid))
        pool.submit(1)

        assert pool.wait()[1] not in (pid, os.getpid())


def test_with_fewer_processes_than_wanted_the_work_is_done(monkeypatch):
    fork, count = os.fork, iter(range(10))

    def fork_once():
        if next(count):
            raise BlockingIOError(11, "too many processes")
        return fork()

    monkeypatch.setattr(os, "fork", fork_once)

    assert run(lambda task, _: task, range(5), workers=3) == [(n, n) for n in range(5)]


def test_no_process_at_all_is_an_error_and_leaks_nothing(monkeypatch):
    def refuse():
        raise BlockingIOError(11, "too many processes")

    monkeypatch.setattr(os, "fork", refuse)
    before = psutil.Process().num_fds()
    with pytest.raises(CannotForkError):
        run(lambda task, _: task, [1])

    assert psutil.Process().num_fds() == before


def test_a_child_holds_nothing_that_its_parent_has_open(tmp_path):
    held = tmp_path / "lock"

    def open_here(_task, _watch):
        return [path.resolve() for path in Path("/dev/fd").iterdir()]

    with held.open("w"):
        found = run(open_here, [1, 2, 3])

    assert all(held not in paths for _, paths in found)

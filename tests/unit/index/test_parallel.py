import os
import signal

import pytest

from docsearch_cli.index.parallel import done_beside, map_forked

LARGE = 10**9


def ignore(_done, _total):
    pass


@pytest.mark.parametrize(("workers", "size"), [(1, LARGE), (2, 1), (2, LARGE), (3, LARGE)])
def test_results_come_in_order_whoever_does_the_work(workers, size):
    done = []
    found = map_forked(
        lambda number: number * number,
        20,
        size,
        workers=workers,
        progress=lambda count, total: done.append((count, total)),
    )

    assert found == [number * number for number in range(20)]
    assert done == [(count, 20) for count in range(1, 21)]


def test_what_a_process_inherits_need_not_be_sent():
    lock = open(os.devnull)  # noqa: SIM115, PTH123  what cannot be pickled
    try:
        found = map_forked(lambda _: lock.closed, 4, LARGE, workers=2, progress=ignore)
    finally:
        lock.close()

    assert found == [False] * 4


def test_an_error_of_the_work_is_raised():
    with pytest.raises(OSError, match="full"):
        map_forked(fail, 4, LARGE, workers=2, progress=ignore)


def fail(_number):
    raise OSError(28, "the disk is full")


def test_work_whose_process_is_killed_is_done_here():
    parent = os.getpid()

    def die_elsewhere(number):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert map_forked(die_elsewhere, 3, LARGE, workers=2, progress=ignore) == [0, 1, 2]


@pytest.mark.parametrize("is_worth_it", [True, False])
def test_work_beside_is_done_when_the_body_is(tmp_path, is_worth_it):
    with done_beside(lambda: (tmp_path / "beside").write_text("x"), is_worth_it=is_worth_it):
        (tmp_path / "body").write_text("y")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["beside", "body"]


@pytest.mark.parametrize("is_worth_it", [True, False])
def test_an_error_of_the_work_beside_is_raised(is_worth_it):
    with (
        pytest.raises(OSError, match="full"),
        done_beside(lambda: fail(0), is_worth_it=is_worth_it),
    ):
        pass


def test_work_beside_whose_process_is_killed_is_done_here(tmp_path):
    parent = os.getpid()

    def die_elsewhere():
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        (tmp_path / "done").touch()

    with done_beside(die_elsewhere, is_worth_it=True):
        pass

    assert (tmp_path / "done").exists()

"""The stats of files are believed only as far as they prove something."""

import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from docsearch_cli.index import stat_cache
from docsearch_cli.index.stat_cache import (
    inodes_of,
    load_stats,
    places_of,
    save_stats,
    stat_now,
    stat_of,
    times_now,
)

NOW = 1_700_000_000_000_000_000
OLD = NOW - 10_000_000_000


def found(path="a.md", *, size=3, mtime=OLD, ctime=OLD, inode=7):
    return SimpleNamespace(path=path, size_bytes=size, mtime_ns=mtime, ctime_ns=ctime, inode=inode)


@pytest.fixture
def folder(tmp_path):
    files = [found("a.md"), found("b.md", inode=8)]
    save_stats(tmp_path / "s", files, {"/docs": 5, "/docs/é": 6}, [(1, 2), (3, 4)], NOW)
    return tmp_path / "s"


def test_stats_are_read_as_written(folder):
    stats = load_stats(folder)

    assert stats.files == {"a.md": (3, OLD, OLD, 7), "b.md": (3, OLD, OLD, 8)}
    assert (stats.times, stats.roots) == ({"/docs": 5, "/docs/é": 6}, [(1, 2), (3, 4)])
    assert stats.taken_at_ns == NOW


@pytest.mark.parametrize(
    "change", [{"size": 4}, {"mtime": OLD + 1}, {"ctime": OLD + 1}, {"inode": 9}, {"path": "c.md"}]
)
def test_a_file_with_another_stat_may_have_changed(folder, change):
    stats = load_stats(folder)

    assert stats.is_unchanged(found())
    assert not stats.is_unchanged(found(**change))


@pytest.mark.parametrize("time", ["mtime", "ctime"])
@pytest.mark.parametrize(("before", "proves"), [(2_000_000_000, False), (2_000_000_001, True)])
def test_a_file_that_changed_within_a_tick_may_have_changed_again(tmp_path, time, before, proves):
    file = found(**{time: NOW - before})
    save_stats(tmp_path / "s", [file], {}, [], NOW)

    assert load_stats(tmp_path / "s").is_unchanged(file) is proves


BAD = {
    "too few stats": ("looks", np.zeros((1, 4), np.int64)),
    "stats of three numbers": ("looks", np.zeros((2, 3), np.int64)),
    "stats of another type": ("looks", np.zeros((2, 4), np.int32)),
    "too few times": ("times", np.zeros(2, np.int64)),
    "times of another type": ("times", np.zeros(3, np.float64)),
    "roots of three numbers": ("roots", np.zeros((2, 3), np.int64)),
    "roots in a row": ("roots", np.zeros(4, np.int64)),
    "roots of another type": ("roots", np.zeros((2, 2), np.uint64)),
}


@pytest.mark.parametrize("kind", BAD)
def test_stats_that_do_not_fit_are_not_known(folder, kind):
    name, values = BAD[kind]
    np.save(folder / f"{name}.npy", values)

    assert load_stats(folder) is None


@pytest.mark.parametrize("name", ["paths.utf8", "timed.offsets.npy", "looks.npy", "roots.npy"])
def test_stats_without_a_file_are_not_known(folder, name):
    (folder / name).unlink()

    assert load_stats(folder) is None


def test_stats_that_are_always_replaced_are_read_a_few_times_only(folder, monkeypatch):
    calls = []
    monkeypatch.setattr(stat_cache, "_inode", lambda _folder: calls.append(0) or len(calls))

    assert load_stats(folder) is not None
    assert len(calls) == 2 * stat_cache._MOST_SWAPS


def test_the_stat_of_a_file_is_that_of_the_system(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    status = (tmp_path / "a").stat()
    file = found(
        size=status.st_size,
        mtime=status.st_mtime_ns,
        ctime=status.st_ctime_ns,
        inode=status.st_ino,
    )

    assert stat_now(str(tmp_path / "a")) == stat_of(file)
    with pytest.raises(OSError):
        stat_now(str(tmp_path / "b"))


def test_times_and_inodes_are_those_of_what_is_there(tmp_path):
    (tmp_path / "ä").mkdir()
    os.utime(tmp_path / "ä", ns=(1, 5))
    status = (tmp_path / "ä").stat()
    paths = [str(tmp_path / "gone"), str(tmp_path / "ä")]

    assert times_now(paths) == {str(tmp_path / "ä"): 5}
    assert inodes_of(paths) == [(status.st_dev, status.st_ino)]
    assert places_of(tmp_path / "ä", paths) == [(status.st_dev, status.st_ino)] * 2


def test_stats_that_are_replaced_while_they_are_read_are_read_again(folder, monkeypatch):
    read = []

    def replace_while_reading(place):
        found = _load(place)
        read.append(found)
        if len(read) == 1:
            place.rename(place.with_name("old"))
            shutil.copytree(place.with_name("old"), place)
        return found

    _load = stat_cache._load
    monkeypatch.setattr(stat_cache, "_load", replace_while_reading)

    assert load_stats(folder) is read[1]
    assert len(read) == 2

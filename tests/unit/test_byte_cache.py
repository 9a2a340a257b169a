import os
import pickle
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import diskcache
import pytest

from docsearch_cli.byte_cache import ByteCache, KeptByteCache
from tests.support import REPOSITORY


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "steps"


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def cache(folder, warnings):
    made = ByteCache(folder, warnings.append)
    yield made
    made.close()


def test_a_result_is_found_under_its_key(cache):
    cache.set("k", b"value", "digest")

    assert cache.get("k") == b"value"


def test_a_key_that_was_never_set_is_a_miss(cache, warnings):
    assert cache.get("k") is None
    assert warnings == []


def test_a_large_result_is_kept_whole(cache):
    cache.set("k", b"x" * 200_000, "digest")

    assert cache.get("k") == b"x" * 200_000


def test_results_are_kept_for_the_next_process(folder, cache):
    cache.set("k", b"value", "digest")
    cache.close()
    later = ByteCache(folder, lambda text: None)

    assert later.get("k") == b"value"
    later.close()


def test_the_folder_is_private(folder, cache):
    cache.set("k", b"value", "digest")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_only_bytes_are_kept(cache, warnings):
    cache.set("k", {"a": 1}, "digest")

    assert cache.get("k") is None


class Mark:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def plant(folder, value):
    """Put a pickled value where a hostile repository would."""
    folder.mkdir(parents=True)
    with diskcache.Cache(str(folder)) as hostile:
        hostile.set("k", value)


def test_a_planted_pickle_is_never_loaded(folder, cache, tmp_path):
    plant(folder, Mark(tmp_path / "mark"))

    assert cache.get("k") is None
    assert not (tmp_path / "mark").exists()


def test_a_planted_pickle_in_a_file_is_never_loaded(folder, cache, tmp_path):
    plant(folder, [Mark(tmp_path / "mark"), "x" * 100_000])

    assert cache.get("k") is None
    assert not (tmp_path / "mark").exists()


def test_a_planted_pickle_as_key_is_never_loaded(folder, cache, tmp_path):
    folder.mkdir(parents=True)
    diskcache.Cache(str(folder)).close()
    connection = sqlite3.connect(folder / "cache.db")
    with connection:
        connection.execute(
            "insert into Cache (key, raw, store_time, access_time, mode, value, size)"
            " values (?, 0, 0, 0, 1, ?, 0)",
            (pickle.dumps(Mark(tmp_path / "mark")), b"v"),
        )
    connection.close()
    cache.get("k")
    cache.stats()
    cache.clear()

    assert not (tmp_path / "mark").exists()


def test_a_planted_setting_is_never_unpickled(folder, cache, tmp_path):
    plant(folder, b"v")
    connection = sqlite3.connect(folder / "cache.db")
    with connection:
        connection.execute(
            "insert or replace into Settings (key, value) values ('disk_pickle_protocol', ?)",
            (pickle.dumps(Mark(tmp_path / "mark")),),
        )
    connection.close()
    cache.get("k")

    assert not (tmp_path / "mark").exists()


def test_a_file_outside_of_the_cache_is_not_read(folder, cache, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    plant(folder, b"v" * 100_000)
    connection = sqlite3.connect(folder / "cache.db")
    with connection:
        connection.execute("update Cache set filename = ?", ("../../secret",))
    connection.close()

    assert cache.get("k") != b"secret"


def test_a_corrupt_database_is_a_miss_and_one_warning(folder, cache, warnings):
    folder.mkdir(parents=True)
    (folder / "cache.db").write_bytes(b"garbage " * 1_000)

    assert cache.get("k") is None
    cache.set("k", b"value", "digest")
    assert cache.get("k") is None
    assert len(warnings) == 1


def test_a_corrupt_database_is_rebuilt_next_time(folder, cache):
    folder.mkdir(parents=True)
    (folder / "cache.db").write_bytes(b"garbage " * 1_000)
    cache.get("k")
    later = ByteCache(folder, lambda text: None)
    later.set("k", b"value", "digest")

    assert later.get("k") == b"value"
    later.close()


def test_a_large_value_is_kept_in_the_database_and_in_no_file(folder, cache):
    cache.set("k", b"x" * 200_000, "digest")

    assert cache.get("k") == b"x" * 200_000
    assert list(folder.rglob("*.val")) == []


def test_a_file_in_place_of_the_folder_is_a_miss_and_one_warning(folder, cache, warnings):
    folder.parent.mkdir(parents=True)
    folder.touch()
    cache.set("k", b"value", "digest")

    assert cache.get("k") is None
    assert len(warnings) == 1


READ_ONLY = """
import ctypes, sys
from pathlib import Path
import diskcache, sqlite3
from docsearch_cli.byte_cache import ByteCache, KeptByteCache
ctypes.CDLL(None).setfsuid(65534)  # files are nobody's business from here on
warnings = []
cache = ByteCache(Path(sys.argv[1]), warnings.append)
cache.set("other", b"value", "digest")
cache.get("k")
cache.close()
print(len(warnings))
"""


@pytest.mark.skipif("os.getuid() != 0 or sys.platform != 'linux'", reason="needs another user")
def test_a_read_only_folder_is_a_miss_and_one_warning():
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        base.chmod(0o755)
        folder = base / "steps"
        made = ByteCache(folder, lambda text: None)
        made.set("k", b"value", "digest")
        made.close()
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(folder)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.stderr == ""
    assert done.stdout == "1\n"


OPEN_AT_ONCE = """
import sys
from pathlib import Path
from docsearch_cli.byte_cache import ByteCache, KeptByteCache
import diskcache
warnings = []
cache = ByteCache(Path(sys.argv[1]), warnings.append)
print("ready", flush=True)
sys.stdin.readline()
cache.set(sys.argv[2], b"value", "digest")
found = cache.get(sys.argv[2])
cache.close()
sys.exit(0 if found == b"value" and not warnings else f"{found} {warnings}")
"""


def test_sixteen_processes_may_open_a_new_cache_at_once(folder):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AT_ONCE, str(folder), f"key{number}"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(16)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 16
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    faults = [process.communicate()[1] for process in processes]

    assert [process.returncode for process in processes] == [0] * 16, faults


def test_figures_and_clearing(cache):
    cache.set("a", b"1", "digest")
    cache.set("b", b"2", "digest")

    assert cache.stats()["entries"] == 2
    assert cache.clear() == 2
    assert cache.stats()["entries"] == 0


def test_what_is_kept_until_the_end_is_there_after_it(folder, warnings):
    cache = ByteCache(folder, warnings.append)
    cache.set_at_close("k", b"value", "digest")

    assert cache.get("k") == b"value"
    assert ByteCache(folder, warnings.append).get("k") is None
    cache.close()
    assert ByteCache(folder, warnings.append).get("k") == b"value"
    assert warnings == []


def test_a_kept_cache_is_opened_once_for_all_threads(folder, warnings, monkeypatch):
    opened = []
    make = ByteCache._open
    monkeypatch.setattr(ByteCache, "_open", lambda self: opened.append(1) or make(self))
    kept = KeptByteCache()

    def search(number):
        cache = kept.lend(folder, warnings.append)
        cache.get(str(number))
        cache.set_at_close(str(number), b"value", "digest")
        cache.close()

    for number in range(3):
        thread = threading.Thread(target=search, args=(number,))
        thread.start()
        thread.join()

    assert kept.lend(folder, warnings.append).stats()["entries"] == 3
    assert len(opened) == 1
    assert warnings == []


def test_a_kept_cache_whose_folder_was_removed_is_made_anew(folder, warnings):
    kept = KeptByteCache()
    kept.lend(folder, warnings.append).set("k", b"value", "digest")
    shutil.rmtree(folder)

    cache = kept.lend(folder, warnings.append)
    assert cache.get("k") is None
    cache.set("k", b"other", "digest")
    assert ByteCache(folder, warnings.append).get("k") == b"other"
    assert warnings == []


def test_a_kept_cache_that_fails_is_opened_again_by_the_next_search(folder, warnings):
    kept = KeptByteCache()
    first = kept.lend(folder, warnings.append)
    first.set("k", b"value", "digest")
    first._give_up(OSError("no room"), damaged=False)

    assert first.get("k") is None
    assert kept.lend(folder, warnings.append).get("k") == b"value"
    assert warnings == ["the step cache is not used: no room"]


def test_a_kept_cache_that_was_emptied_is_made_anew_at_once(folder, warnings):
    kept = KeptByteCache()
    kept.lend(folder, warnings.append).set("k", b"value", "digest")
    os.truncate(folder / "cache.db", 0)
    began = time.monotonic()

    for _ in range(2):
        cache = kept.lend(folder, warnings.append)
        cache.get("k")
        cache.set_at_close("k", b"other", "digest")
        cache.close()

    assert time.monotonic() - began < 10
    assert len(warnings) <= 1

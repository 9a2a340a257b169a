"""A build that is killed, or that cannot write, leaves the index as it was."""

import faulthandler
import os
import resource
import shutil
import signal
import sys

import pytest

from docsearch_cli.errors import IndexCorruptError, IndexLockedError, InputError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.integrity import verify_checksums
from docsearch_cli.index.ledger import read_ledger
from docsearch_cli.index.link_report import read_link_report
from docsearch_cli.index.store import open_index, writer_lock
from docsearch_cli.index.update_tables import UpdateTables
from tests.support import usual_or_soak
from tests.unit.index.editing import Editor

KILLS = usual_or_soak(6, 25)
_WRITES = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate")


@pytest.fixture
def home(tmp_path):
    return tmp_path / ".docsearch"


@pytest.fixture
def docs(tmp_path):
    Editor(tmp_path / "docs", 3).fill(25)
    return tmp_path / "docs"


def contents(home):
    folder = open_index(home).folder
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def build_and_die(home, docs, moment, **options):
    """Build in a process that is killed as it touches the disk for the n-th time.

    Returns:
        Whether it came to that.
    """
    # Under Python 3.13.0 the child of a process with a watchdog may wait for it without end.
    faulthandler.cancel_dump_traceback_later()
    pid = os.fork()
    if pid == 0:
        left = [moment]
        builder = os.getpid()  # of a process that reads, another would do the work

        def count(event, _arguments):
            if event in _WRITES and os.getpid() == builder:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(count)
            build_index(home, [docs], workers=1, **options)
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("is_first", [True, False], ids=["first build", "update"])
def test_a_build_killed_at_any_moment_loses_nothing(tmp_path, docs, is_first):
    build_index(tmp_path / "before", [docs], workers=1)
    before = contents(tmp_path / "before")
    if not is_first:
        Editor(docs, 9).edit(6)
    build_index(tmp_path / "after", [docs], workers=1)
    after = contents(tmp_path / "after")
    moment = killed = 0
    while True:
        moment += 1 + moment // KILLS  # all that come first, where most differs
        home = tmp_path / f"home{moment}"
        if not is_first:
            shutil.copytree(tmp_path / "before", home)
        if not build_and_die(home, docs, moment):
            break
        killed += 1
        if (home / "index" / "CURRENT").exists():
            verify_checksums(open_index(home))
            assert contents(home) in ((after,) if is_first else (before, after))
        build_index(home, [docs], workers=1)

        assert contents(home) == after
        assert not list((home / "index").glob("*.building"))
    assert killed >= KILLS


def test_a_full_disk_is_named_and_leaves_the_index(home, docs):
    build_index(home, [docs], workers=1)
    before = contents(home)
    Editor(docs, 9).edit(6)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for size in (0, 300, 3_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            with pytest.raises(InputError, match="cannot be written"):
                build_index(home, [docs], workers=1)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, handler)

    assert contents(home) == before
    assert not list((home / "index").glob("*.building"))


def test_a_second_builder_is_told_who_holds_the_lock(home, docs):
    build_index(home, [docs], workers=1)

    with writer_lock(home), pytest.raises(IndexLockedError, match=str(os.getpid())):
        build_index(home, [docs], workers=1)


def damage(data, kind):
    if kind == "truncated":
        return data[: len(data) // 2]
    if kind == "empty":
        return b""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :] if data else b"x"


def read_all(reader):
    """Touch every part of an index."""
    for part in (reader, UpdateTables(reader.folder)):
        for name in dir(type(part)):
            if not name.startswith("_"):
                getattr(part, name)
    read_link_report(reader.folder)
    list(read_ledger(reader))


@pytest.mark.parametrize("kind", ["truncated", "empty", "flipped"])
def test_every_damaged_file_is_named(home, docs, kind):
    build_index(home, [docs], workers=1)
    folder = open_index(home).folder
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        if damage(whole, kind) == whole:
            continue
        path.write_bytes(damage(whole, kind))
        with pytest.raises(IndexCorruptError, match=path.name.replace(".", r"\.")):
            reader = open_index(home)
            verify_checksums(reader)
        path.write_bytes(whole)
    verify_checksums(open_index(home))


@pytest.mark.parametrize("kind", ["truncated", "empty", "flipped"])
def test_a_damaged_file_is_never_more_than_an_error_of_ours(home, docs, kind):
    """Sizes are checked when an index is opened, content when it is built upon."""
    build_index(home, [docs], workers=1)
    folder = open_index(home).folder
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(damage(whole, kind))
        try:
            read_all(open_index(home))
        except IndexCorruptError as error:
            assert error.exit_code == 3
        path.write_bytes(whole)

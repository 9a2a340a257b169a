import errno
import resource
import sqlite3

import pytest

from docsearch_cli import environment
from docsearch_cli.environment import (
    check_memory,
    raise_if_starved,
    refusal,
    refusals_named,
    refused_or,
)
from docsearch_cli.errors import AccessError, InputError, ResourceError


def sqlite_error(code):
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (PermissionError(errno.EACCES, "x", "a.md"), AccessError, "a.md: Permission denied"),
        (OSError(errno.EROFS, "x", b"a.md"), AccessError, "a.md: Read-only file system"),
        (OSError(errno.EMFILE, "x", "a.md"), ResourceError, "a.md: Too many open files"),
        (OSError(errno.ENOSPC, "x"), ResourceError, "No space left on device"),
        (OSError(errno.EMFILE, "x", 7), ResourceError, "Too many open files"),
        (BlockingIOError(errno.EAGAIN, "x"), ResourceError, "No more processes may be started"),
        (MemoryError(), ResourceError, "Out of memory"),
        (ImportError("x.so: cannot allocate memory"), ResourceError, "Out of memory"),
        (RuntimeError("can't start new thread"), ResourceError, "No more processes"),
        (sqlite_error(sqlite3.SQLITE_FULL), ResourceError, "No space left on device"),
        (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), ResourceError, "Input/output error"),
        (sqlite_error(sqlite3.SQLITE_READONLY_DIRECTORY), AccessError, "Permission denied"),
    ],
)
def test_what_the_machine_refuses_is_named(error, kind, words):
    found = refusal(error)

    assert type(found) is kind
    assert words in found.message
    assert found.hint


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "x", "a.md"),
        OSError("without a number"),
        ValueError("cannot allocate memory"),
        RuntimeError("something else"),
        sqlite_error(sqlite3.SQLITE_CORRUPT),
    ],
)
def test_other_errors_are_not(error):
    assert refusal(error) is None


def test_a_file_that_is_not_found_from_a_folder_that_is_gone(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    found = refusal(FileNotFoundError(errno.ENOENT, "x"))

    assert isinstance(found, InputError)
    assert found.message == "the current folder has been removed"


def test_what_cannot_be_done_is_said():
    found = refusal(OSError(errno.ENOSPC, "x", "f"), "the index cannot be written")

    assert found is not None
    assert found.message == "the index cannot be written: No space left on device"


def test_only_what_the_machine_lacks_ends_the_work():
    raise_if_starved(PermissionError(errno.EACCES, "x"), "a.md")
    raise_if_starved(FileNotFoundError(errno.ENOENT, "x"), "a.md")

    with pytest.raises(ResourceError, match=r"a\.md: Too many open files"):
        raise_if_starved(OSError(errno.EMFILE, "x"), "a.md")


def test_refusals_are_raised_as_what_they_are():
    with (
        pytest.raises(AccessError, match="the list: Permission denied"),
        refusals_named("the list"),
    ):
        raise PermissionError(errno.EACCES, "x")
    with pytest.raises(ResourceError, match="Out of memory"), refusals_named("the list"):
        raise MemoryError
    with pytest.raises(FileExistsError), refusals_named("the list"):
        raise FileExistsError(errno.EEXIST, "x")


def test_without_a_limit_there_is_memory_to_begin_with(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (resource.RLIM_INFINITY, 0))

    assert not check_memory()


def test_a_limit_that_leaves_enough_is_told(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (10**12, 0))

    assert check_memory()


def test_too_little_memory_is_said_before_a_library_ends_the_process(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (10**8, 0))
    monkeypatch.setattr(environment, "_LEAST_BYTES", 1 << 60)

    with pytest.raises(ResourceError, match="Out of memory: the limit is 100 MB"):
        check_memory()


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        (OSError(errno.EMFILE, "x"), ResourceError, "a.npy: Too many open files"),
        (FileNotFoundError(errno.ENOENT, "gone"), InputError, "damaged: gone"),
        (ValueError("too short"), InputError, "damaged: too short"),
        ("it is no file", InputError, "damaged: it is no file"),
    ],
)
def test_what_the_machine_refuses_is_no_damage(reason, kind, words):
    found = refused_or(lambda said: InputError(f"damaged: {said}"), reason, "a.npy")

    assert (type(found), found.message) == (kind, words)

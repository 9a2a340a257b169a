"""What the machine refuses, in words: access, open files, memory, room on the disk.

Such a failure is no bug and no damage: the same command works once the user has mended it. Every
place that would name it otherwise asks here first.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from docsearch_cli.errors import AccessError, DocsearchError, InputError, ResourceError

_MEGABYTE = 1_000_000
# What numpy takes when it is imported, and a question of a small index.
_LEAST_BYTES = 110 * _MEGABYTE
_ROOM = "make room on the disk, or name another place"
_OPEN_FILES = "raise the limit, such as ulimit -n 1024"
_MEMORY = "raise the limit (ulimit -v), or end other programs"
_PROCESSES = "raise the limit (ulimit -u), or use --workers 1"
_ACCESS = "ls -ld PATH shows whose it is; use what is yours, or have its owner share it"


class _Refusal(NamedTuple):
    kind: type[DocsearchError]
    hint: str
    words: str = ""
    """Where the operating system's own say too little."""

    def in_words(self, code: int) -> str:
        return self.words or os.strerror(code)


_OF_ERRNO = {
    errno.EACCES: _Refusal(AccessError, _ACCESS),
    errno.EPERM: _Refusal(AccessError, _ACCESS),
    errno.EROFS: _Refusal(AccessError, "name a place on another disk"),
    errno.EMFILE: _Refusal(ResourceError, _OPEN_FILES),
    errno.ENFILE: _Refusal(ResourceError, _OPEN_FILES),
    errno.ENOSPC: _Refusal(ResourceError, _ROOM),
    errno.EDQUOT: _Refusal(ResourceError, _ROOM),
    errno.EFBIG: _Refusal(ResourceError, "raise the limit (ulimit -f)"),
    errno.ENAMETOOLONG: _Refusal(InputError, "give a shorter name"),
    errno.EIO: _Refusal(ResourceError, "check the disk, or name another"),
    errno.ENOMEM: _Refusal(ResourceError, _MEMORY, "Out of memory"),
    errno.EAGAIN: _Refusal(ResourceError, _PROCESSES, "No more processes may be started"),
}
# Python and the system's loader say these in errors that have no number.
_OF_WORDS = {
    "cannot allocate memory": errno.ENOMEM,
    "failed to map segment": errno.ENOMEM,
    "can't start new thread": errno.EAGAIN,
    "too many open files": errno.EMFILE,
}


def refusal(error: BaseException, what: str = "") -> DocsearchError | None:
    """Return the error to report for something that the machine refused.

    Args:
        error: Any error.
        what: What could not be done; by default the file that the error names.

    Returns:
        An error that names it, with what to do about it; None if the error is of another kind.
    """
    if _lacks_current_folder(error):
        return InputError(
            "the current folder has been removed", hint="cd to a folder that is there"
        )
    code = _code_of(error)
    if code not in _OF_ERRNO:
        return None
    if not what and isinstance(error, OSError) and isinstance(error.filename, (str, bytes)):
        what = os.fsdecode(error.filename)
    return _named(code, what)


def refused_or(
    damage: Callable[[object], DocsearchError], reason: object, what: str
) -> DocsearchError:
    """Return the error for a file that cannot be used: what the machine refuses is no damage.

    Args:
        damage: Gives the error for a file that is damaged, from the reason in words.
        reason: Why it cannot be used: words, or the error that came up.
        what: The file.

    Returns:
        What the machine refused; else that the file is damaged.
    """
    if isinstance(reason, Exception):
        refused = refusal(reason, what)
        if refused is not None:
            return refused
    if isinstance(reason, OSError):
        reason = reason.strerror or reason
    return damage(reason)


def raise_if_starved(error: OSError, what: str) -> None:
    """Raise if an error is the machine's lack of something, which says nothing of the file.

    Args:
        error: Any error of the operating system.
        what: The file.

    Raises:
        ResourceError: If files, memory or the disk have run out.
    """
    code = _code_of(error)
    if code in _OF_ERRNO and _OF_ERRNO[code].kind is ResourceError:
        raise _named(code, what) from error


def check_memory() -> bool:
    """Make sure that there is memory to begin with, where a limit is set on it.

    The library that numpy computes with ends the process where it gets none.

    Returns:
        Whether a limit is set.

    Raises:
        ResourceError: If there is too little.
    """
    import mmap
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return False
    try:
        mmap.mmap(-1, _LEAST_BYTES).close()
    except (OSError, MemoryError) as error:
        raise ResourceError(
            f"Out of memory: the limit is {limit // _MEGABYTE:,} MB, docsearch needs"
            f" {_LEAST_BYTES // _MEGABYTE:,} MB beside what Python takes",
            hint=_MEMORY,
        ) from error
    return True


@contextmanager
def refusals_named(what: str) -> Iterator[None]:
    """Name whatever the machine refuses inside.

    Args:
        what: What cannot be done then.

    Yields:
        Nothing. The errors that ``refusal`` knows are raised as what they are.
    """
    try:
        yield
    except (OSError, MemoryError) as error:
        named = refusal(error, what)
        if named is None:
            raise
        raise named from error


def _named(code: int, what: str) -> DocsearchError:
    found = _OF_ERRNO[code]
    words = found.in_words(code)
    return found.kind(f"{what}: {words}" if what else words, hint=found.hint)


def _code_of(error: BaseException) -> int:
    """Return the number of what the machine refused; 0 for another error."""
    if isinstance(error, OSError):
        return error.errno or 0
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    if isinstance(error, (ImportError, RuntimeError)):
        text = str(error).lower()
        return next((code for words, code in _OF_WORDS.items() if words in text), 0)
    return _code_of_sqlite(error)


def _code_of_sqlite(error: BaseException) -> int:
    """Return the same for an error of SQLite, which has numbers of its own."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return 0
    import sqlite3

    known = {
        sqlite3.SQLITE_FULL: errno.ENOSPC,
        sqlite3.SQLITE_IOERR: errno.EIO,
        sqlite3.SQLITE_NOMEM: errno.ENOMEM,
        sqlite3.SQLITE_PERM: errno.EACCES,
        sqlite3.SQLITE_READONLY: errno.EACCES,
    }
    return known.get(code & 0xFF, 0)  # what is above it tells more of the same


def _lacks_current_folder(error: BaseException) -> bool:
    """Tell whether a file was not found because the folder that we are in is gone."""
    if not isinstance(error, FileNotFoundError):
        return False
    try:
        os.getcwd()  # noqa: PTH109  pathlib takes longer to import than this to ask
    except OSError:
        return True
    return False

"""Files that strangers may have put there, or may replace at any moment; and their names."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path


def name_on_disk(name: str) -> str:
    """Return a name of UTF-8 as the operating system takes it, whatever the locale's encoding."""
    return os.fsdecode(name.encode("utf-8", "surrogateescape"))


def name_in_utf8(name: str) -> str | None:
    """Return the text of a name that the operating system gave; None if it is no UTF-8."""
    try:
        return os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:
        return None


def is_there(path: str | os.PathLike[str]) -> bool:
    """Tell whether something is at a path, as far as we may know: ``Path.exists`` may raise."""
    return os.path.exists(path)  # noqa: PTH110


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Tell whether a folder is at a path, as far as we may know: ``Path.is_dir`` may raise."""
    return os.path.isdir(path)  # noqa: PTH112


def is_link(path: str | os.PathLike[str]) -> bool:
    """Tell whether a link is at a path, as far as we may know: ``Path.is_symlink`` may raise."""
    return os.path.islink(path)  # noqa: PTH114


def read_file(location: str | os.PathLike[str]) -> bytes:
    """Return the content of a regular file; a link is not followed.

    Args:
        location: The file.

    Returns:
        All of it.

    Raises:
        OSError: If it cannot be read, or is something else than a regular file.
    """
    descriptor = _open(location, os.O_NOFOLLOW)
    try:
        size = os.fstat(descriptor).st_size
        # A byte more than it has: less than that is all of it, unless it grows or is huge.
        data = os.read(descriptor, size + 1)
        if len(data) == size:
            return data
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return data + stream.read()
    finally:
        os.close(descriptor)


@contextmanager
def opened_file(
    location: str | os.PathLike[str], *, follow: bool = False
) -> Iterator[BufferedReader]:
    """Open a regular file for reading.

    Args:
        location: The file.
        follow: Whether a link is followed; then the caller has made sure where it leads.

    Yields:
        The open file. ``OSError`` is raised if it cannot be read, or is something else than a
        regular file.
    """
    with os.fdopen(_open(location, 0 if follow else os.O_NOFOLLOW), "rb") as handle:
        yield handle


def hash_file(location: str | os.PathLike[str], *, follow: bool = False) -> bytes:
    """Return the sha256 of a regular file.

    Args:
        location: The file.
        follow: Whether a link is followed.

    Returns:
        32 bytes.

    Raises:
        OSError: If it cannot be read, or is something else than a regular file.
    """
    with opened_file(location, follow=follow) as handle:
        return hashlib.file_digest(handle, "sha256").digest()


def replace_file(path: Path, data: bytes, *, mode: int = 0o644, sync: bool = True) -> None:
    """Give a file another content, all of it or none, and have it on the disk.

    Args:
        path: The file; a link in its place is replaced, not followed.
        data: The content.
        mode: Who may read and write it, less what the user's mask takes away.
        sync: Whether to wait until it is on the disk: without, a loss of power may leave it empty.

    Raises:
        OSError: If it cannot be written; then nothing has changed.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, mode), "wb") as handle:
            handle.write(data)
            if sync:
                handle.flush()
                os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _open(location: str | os.PathLike[str], flags: int) -> int:
    """Open a file that may have been replaced: a pipe does not block, a link does not lead away.

    Args:
        location: The file.
        flags: ``O_NOFOLLOW``, or 0.

    Returns:
        Its descriptor.

    Raises:
        OSError: If it cannot be read, or is something else than a regular file.
    """
    descriptor = os.open(location, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file")
    return descriptor

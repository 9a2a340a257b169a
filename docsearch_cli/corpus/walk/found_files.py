"""What a walk of the roots finds: files with their paths, names of the roots, and times."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from docsearch_cli.models import LedgerEntry

NOT_THERE = -1
"""Stands for the time of a file that would have been read, but does not exist."""
# How Python spells a byte of a file name that is not UTF-8.
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file to read."""

    path: str
    """Relative to its root (prefixed by the root's name if there are several), printable."""
    location: str
    """Absolute path, as ``os`` takes it: not every name is UTF-8."""
    root: Path
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    """When its content or status last changed; unlike ``mtime_ns``, no program can set it back."""
    inode: int

    @property
    def file(self) -> Path:
        """Its absolute path; made on demand, since making one a file doubles a walk's time."""
        return Path(self.location)


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found, and what it depends on."""

    entries: tuple[FoundFile | LedgerEntry, ...]
    """Files to read, and rows for what is left out, sorted by path."""
    times: dict[str, int]
    """mtime in ns of each folder that was listed, of each ignore file in it and of those that git
    would read above a root, by real path. It is taken just before the read, so that every later
    change shows. ``NOT_THERE`` for a file that does not exist."""


def root_names(roots: Sequence[Path]) -> tuple[str, ...]:
    """Give each root a unique name, with which paths begin if there are several roots.

    Args:
        roots: Folders or files.

    Returns:
        The last part of each path; a repeated one gets ``-2``, ``-3``.
    """
    names: list[str] = []
    for root in roots:
        base = PurePosixPath(printable(os.path.abspath(root))).name or "root"  # noqa: PTH100
        stem, suffix = (base, "") if root.is_dir() else os.path.splitext(base)  # noqa: PTH122
        name, number = base, 1
        while name in names:
            number += 1
            name = f"{stem}-{number}{suffix}"
        names.append(name)
    return tuple(names)


def printable(path: str) -> str:
    r"""Return a path with the bytes that are not UTF-8 spelled ``\xNN``."""
    if path.isascii():
        return path
    return _UNDECODED.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", path)

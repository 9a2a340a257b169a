"""The size, times and inode that each file had when it was indexed, and the times of folders.

They are kept beside a generation, never in it, and save nothing but time: a file whose size, times
and inode are the same is not read again. Any change of a file changes its ctime, which no program
can set back. A file that changed just before its times were taken may change again within the
clock's tick, so they prove something only if they are well before that moment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import load_array, save_array
from docsearch_cli.errors import AccessError, IndexCorruptError
from docsearch_cli.files import name_on_disk
from docsearch_cli.string_table import StringTable, save_strings

if TYPE_CHECKING:
    from docsearch_cli.corpus.walk.found_files import FoundFile

# Clocks of file systems tick in up to two seconds.
_TICK_NS = 2_000_000_000
# How many times a folder that is replaced while it is read is read again.
_MOST_SWAPS = 5

FileStat = tuple[int, int, int, int]
"""Size in bytes, mtime and ctime in ns, inode."""


@dataclass(frozen=True)
class StatCache:
    """What ``stat`` gave for files and folders, by path."""

    paths: StringTable
    stats: NDArray[np.int64]
    """Of each file: (n_files, 4)."""
    times: dict[str, int]
    """mtime in ns by path as ``places.py`` stores it: that of a folder changes when an entry comes,
    goes or is renamed, that of an ignore file when it is edited. For a path with nothing at it, the
    walk's ``NOT_THERE`` stands instead."""
    roots: list[tuple[int, int]]
    """Device and inode of each root, and of the folder that holds the index."""
    taken_at_ns: int
    """Before the first of them was taken."""

    @cached_property
    def files(self) -> dict[str, FileStat]:
        """The stat of each file; takes a quarter of a second for 200,000 of them."""
        return dict(zip(_texts(self.paths), map(tuple, self.stats.tolist()), strict=True))

    def is_unchanged(self, file: FoundFile) -> bool:
        """Tell whether a file's stat proves that its content is what it was."""
        known = self.files.get(file.path)
        return known == stat_of(file) and max(known[1:3]) < self.taken_at_ns - _TICK_NS


def stat_of(file: FoundFile) -> FileStat:
    """Return the stat of a file that the walk has found."""
    return file.size_bytes, file.mtime_ns, file.ctime_ns, file.inode


def stat_now(path: str) -> FileStat:
    """Return the stat of a file now.

    Args:
        path: The file.

    Returns:
        Its stat.

    Raises:
        OSError: If it is gone.
    """
    status = os.stat(path)  # noqa: PTH116  thousands of them in a blink
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def times_now(paths: Iterable[str]) -> dict[str, int]:
    """Return the mtime of each folder or file that is there, in ns; names are UTF-8."""
    found: dict[str, int] = {}
    for path in paths:
        try:
            found[path] = os.stat(name_on_disk(path)).st_mtime_ns  # noqa: PTH116
        except OSError:
            continue
    return found


def inodes_of(roots: Iterable[str]) -> list[tuple[int, int]]:
    """Return device and inode of each root that is there."""
    found: list[tuple[int, int]] = []
    for root in roots:
        try:
            status = os.stat(root)  # noqa: PTH116
        except OSError:
            continue
        found.append((status.st_dev, status.st_ino))
    return found


def is_of_these_roots(stats: StatCache, index_folder: Path, roots: Iterable[str]) -> bool:
    """Tell whether stats were taken of the folders that are the roots now.

    Those of a copy were not, and say nothing of its files. By inodes alone: the number of a device
    may change when it is mounted again.
    """
    now = places_of(index_folder, roots)
    return [inode for _, inode in now] == [inode for _, inode in stats.roots]


def places_of(index_folder: Path, roots: Iterable[str]) -> list[tuple[int, int]]:
    """Return what shows that an index was made in this place, of these folders.

    Somebody who made it elsewhere cannot know the inode that its folder has here. The inode of a
    root alone can be guessed: ``/`` and many mounted folders have the same one on all machines.

    Args:
        index_folder: The one that holds the generations.
        roots: The roots.

    Returns:
        Device and inode of each root, and of the index's folder.
    """
    return inodes_of([*roots, str(index_folder)])


def save_stats(
    folder: Path,
    files: Iterable[FoundFile],
    times: dict[str, int],
    places: list[tuple[int, int]],
    taken_at_ns: int,
) -> None:
    """Write the stats of files and folders.

    Args:
        folder: Where to; a new one, since searches may have the files of an earlier one mapped.
        files: The files.
        times: mtime of each folder and ignore file, in ns, by stored path.
        places: As ``places_of`` gives them.
        taken_at_ns: A time before the first of them was taken.
    """
    rows = list(files)
    folder.mkdir()
    save_strings(folder, "paths", (file.path for file in rows))
    save_array(folder, "looks", np.array([stat_of(f) for f in rows], np.int64).reshape(-1, 4))
    save_strings(folder, "timed", times)
    save_array(folder, "roots", np.array(places, np.int64).reshape(-1, 2))
    save_array(folder, "times", np.array([taken_at_ns, *times.values()], np.int64))


def load_stats(folder: Path) -> StatCache | None:
    """Read the stats of files; None if they are not known.

    Another process may put a new folder in this one's place: if the two may have been mixed, the
    folder is read again.
    """
    for _ in range(_MOST_SWAPS):
        inode = _inode(folder)
        stats = _load(folder)
        if stats is not None and _inode(folder) == inode:
            break
    return stats


def _inode(folder: Path) -> int | None:
    try:
        return folder.stat().st_ino
    except OSError:
        return None


def _load(folder: Path) -> StatCache | None:
    try:
        paths, timed = StringTable.load(folder, "paths"), StringTable.load(folder, "timed")
        stats: NDArray[np.int64] = load_array(folder, "looks")
        times: NDArray[np.int64] = load_array(folder, "times")
        roots: NDArray[np.int64] = load_array(folder, "roots")
    except (IndexCorruptError, AccessError):
        return None
    if stats.shape != (len(paths), 4) or times.shape != (len(timed) + 1,):
        return None
    if roots.ndim != 2 or roots.shape[1] != 2:
        return None
    if any(array.dtype.name != "int64" for array in (stats, times, roots)):
        return None
    return StatCache(
        paths=paths,
        stats=stats,
        roots=[(int(device), int(inode)) for device, inode in roots],
        times=dict(zip(_texts(timed), times[1:].tolist(), strict=True)),
        taken_at_ns=int(times[0]),
    )


def _texts(table: StringTable) -> list[str]:
    return [row.decode("utf-8", "replace") for row in table.rows()]

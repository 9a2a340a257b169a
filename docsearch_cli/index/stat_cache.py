"""What files and folders looked like when they were read: size, times, inode.

Kept beside a generation, never in it, and worth nothing but time: a file that looks as it did then
is not read again. Whoever changes a file changes its ctime, which no program can set back. A file
that changed at the moment it was looked at may change again within the clock's tick, so a build
trusts its looks only if its times lie well before that.
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

from docsearch_cli.arrays import StringTable, load_array, save_array, save_strings
from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.files import name_on_disk

if TYPE_CHECKING:
    from docsearch_cli.corpus.walk.found_files import FoundFile

# Clocks of file systems tick in up to two seconds.
_TICK_NS = 2_000_000_000
# A folder that is replaced while it is read is read again, this many times.
_MOST_SWAPS = 5

Looks = tuple[int, int, int, int]
"""Size in bytes, mtime and ctime in ns, inode."""


@dataclass(frozen=True)
class Seen:
    """Files and folders by path, as they were looked at."""

    paths: StringTable
    looks: NDArray[np.int64]
    """Of each file: (n_files, 4)."""
    times: dict[str, int]
    """mtime in ns by absolute path: that of a folder changes when an entry comes, goes or is
    renamed, that of an ignore file when it is edited. That of what was not there is the walk's
    ``NOT_THERE``."""
    roots: list[tuple[int, int]]
    """Device and inode of each root, and of the folder that holds the index."""
    looked_at_ns: int

    @cached_property
    def files(self) -> dict[str, Looks]:
        """How each file looked; a quarter of a second for 200,000 of them."""
        return dict(zip(_texts(self.paths), map(tuple, self.looks.tolist()), strict=True))

    def is_same(self, file: FoundFile) -> bool:
        """Tell whether a file looks as it did; then its content surely is what it was."""
        looks = self.files.get(file.path)
        return looks == looks_of(file) and max(looks[1:3]) < self.looked_at_ns - _TICK_NS


def looks_of(file: FoundFile) -> Looks:
    """Return how a file looks."""
    return file.size_bytes, file.mtime_ns, file.ctime_ns, file.inode


def looks_now(path: str) -> Looks:
    """Return how a file looks now.

    Args:
        path: The file.

    Returns:
        Its looks.

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


def look_at_roots(roots: Iterable[str]) -> list[tuple[int, int]]:
    """Return device and inode of each root that is there."""
    found: list[tuple[int, int]] = []
    for root in roots:
        try:
            status = os.stat(root)  # noqa: PTH116
        except OSError:
            continue
        found.append((status.st_dev, status.st_ino))
    return found


def places_of(index_folder: Path, roots: Iterable[str]) -> list[tuple[int, int]]:
    """Return what tells that an index was made in this place, of these folders.

    Whoever made it elsewhere cannot know the inode that its folder has here. That of a root alone
    can be guessed: ``/`` and many a mounted folder have the same one on all machines.

    Args:
        index_folder: The one that holds the generations.
        roots: The roots.

    Returns:
        Device and inode of each root, and of the index's folder.
    """
    return look_at_roots([*roots, str(index_folder)])


def save_seen(
    folder: Path,
    files: Iterable[FoundFile],
    times: dict[str, int],
    places: list[tuple[int, int]],
    looked_at_ns: int,
) -> None:
    """Write how files and folders looked.

    Args:
        folder: Where to; it is made, since searches may have the files of an earlier one mapped.
        files: The files.
        times: mtime of each folder and ignore file, in ns.
        places: As ``places_of`` gives them.
        looked_at_ns: When the first of them was looked at.
    """
    rows = list(files)
    folder.mkdir()
    save_strings(folder, "paths", (file.path for file in rows))
    save_array(folder, "looks", np.array([looks_of(f) for f in rows], np.int64).reshape(-1, 4))
    save_strings(folder, "timed", times)
    save_array(folder, "roots", np.array(places, np.int64).reshape(-1, 2))
    save_array(folder, "times", np.array([looked_at_ns, *times.values()], np.int64))


def load_seen(folder: Path) -> Seen | None:
    """Read how files looked; None if that is not known.

    Another process may put a new folder in this one's place: what was read of both is read again.
    """
    for _ in range(_MOST_SWAPS):
        place = _place(folder)
        seen = _load(folder)
        if seen is not None and _place(folder) == place:
            break
    return seen


def _place(folder: Path) -> int | None:
    try:
        return folder.stat().st_ino
    except OSError:
        return None


def _load(folder: Path) -> Seen | None:
    try:
        paths, timed = StringTable.load(folder, "paths"), StringTable.load(folder, "timed")
        looks: NDArray[np.int64] = load_array(folder, "looks")
        times: NDArray[np.int64] = load_array(folder, "times")
        roots: NDArray[np.int64] = load_array(folder, "roots")
    except IndexCorruptError:
        return None
    if looks.shape != (len(paths), 4) or times.shape != (len(timed) + 1,):
        return None
    if roots.ndim != 2 or roots.shape[1] != 2:
        return None
    if any(array.dtype.name != "int64" for array in (looks, times, roots)):
        return None
    return Seen(
        paths=paths,
        looks=looks,
        roots=[(int(device), int(inode)) for device, inode in roots],
        times=dict(zip(_texts(timed), times[1:].tolist(), strict=True)),
        looked_at_ns=int(times[0]),
    )


def _texts(table: StringTable) -> list[str]:
    return [row.decode("utf-8", "replace") for row in table.rows()]

"""What the files looked like when they were read: size, times, inode.

Kept beside a generation, never in it, and worth nothing but time: a file that looks as it did then
is not read again. Whoever changes a file changes its ctime, which no program can set back. A file
that changed at the moment it was looked at may change again within the clock's tick, so it is
trusted only if its times lie well before that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import StringTable, load_array, save_array, save_strings
from docsearch_cli.corpus.walk import FoundFile
from docsearch_cli.errors import IndexCorruptError

# Clocks of file systems tick in up to two seconds.
_TICK_NS = 2_000_000_000

Looks = tuple[int, int, int, int]
"""Size in bytes, mtime and ctime in ns, inode."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Files by path, as they were looked at."""

    looks: dict[str, Looks]

    def is_same(self, file: FoundFile) -> bool:
        """Tell whether a file looks as it did; then its content is what it was."""
        return self.looks.get(file.path) == looks_of(file)


def looks_of(file: FoundFile) -> Looks:
    """Return how a file looks."""
    return file.size_bytes, file.mtime_ns, file.ctime_ns, file.inode


def save_seen(folder: Path, files: Iterable[FoundFile], looked_at_ns: int) -> None:
    """Write how files looked.

    Args:
        folder: Where to.
        files: The files.
        looked_at_ns: When the first of them was looked at, by the clock of the file system.
    """
    sure = [file for file in files if max(file.mtime_ns, file.ctime_ns) < looked_at_ns - _TICK_NS]
    folder.mkdir(exist_ok=True)
    save_strings(folder, "paths", (file.path for file in sure))
    looks = np.array([looks_of(file) for file in sure], np.int64).reshape(-1, 4)
    save_array(folder, "looks", looks)


def load_seen(folder: Path) -> Seen:
    """Read how files looked; nothing, if that is not known."""
    try:
        paths = StringTable.load(folder, "paths").rows()
        looks: NDArray[np.int64] = load_array(folder, "looks")
    except IndexCorruptError:
        return Seen({})
    if looks.shape != (len(paths), 4) or looks.dtype != np.int64:
        return Seen({})
    names = [path.decode("utf-8", "replace") for path in paths]
    return Seen(dict(zip(names, map(tuple, looks.tolist()), strict=True)))

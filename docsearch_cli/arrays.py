"""Arrays and string tables on disk, opened by mmap.

An index is read far more often than written, by processes that live for a fraction of a second. So
everything in it is a flat array that the kernel pages in on demand: opening costs microseconds a
file, whatever its size. A *string table* is one blob of UTF-8 and the offsets of its rows.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.errors import IndexCorruptError

IntArray = NDArray[np.integer[Any]]
FloatArray = NDArray[np.floating[Any]]


def save_array(folder: Path, name: str, values: NDArray[Any]) -> None:
    """Write one array as ``<name>.npy``."""
    np.save(folder / f"{name}.npy", values, allow_pickle=False)


def load_array(folder: Path, name: str) -> NDArray[Any]:
    """Open an array read-only by mmap.

    Args:
        folder: Where the file is.
        name: Its name without ``.npy``.

    Returns:
        The array, mapped from the file.

    Raises:
        IndexCorruptError: If the file is missing, truncated or not an array.
    """
    path = folder / f"{name}.npy"
    try:
        mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise damaged(path, error) from error
    # np.memmap runs Python code at every access, which cost a fifth of a question's time.
    return mapped.view(np.ndarray)


def damaged(path: Path, reason: object) -> IndexCorruptError:
    """Return the error for an index file that cannot be used."""
    return IndexCorruptError(
        f"index file {path.name} is damaged: {reason}",
        hint="rebuild it: docsearch index PATH --rebuild",
    )


# Texts whose rows a table remembers: the names of pages are looked up again and again.
_MOST_REMEMBERED = 65_536


class StringTable:
    """Rows of text in one blob; a row is decoded when it is asked for."""

    def __init__(self, blob: bytes | mmap.mmap, offsets: NDArray[np.int64]) -> None:
        self._blob = blob
        self._offsets = offsets
        self._found: dict[str, int | None] = {}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, row: int) -> str:
        return self.raw(row).decode("utf-8")

    def raw(self, row: int) -> bytes:
        """Return one row's UTF-8 bytes."""
        return self._blob[int(self._offsets[row]) : int(self._offsets[row + 1])]

    def find(self, text: str) -> int | None:
        """Return the row that holds ``text``, by binary search; the table must be sorted."""
        if text not in self._found:
            if len(self._found) >= _MOST_REMEMBERED:
                self._found.clear()
            self._found[text] = self._search(text)
        return self._found[text]

    def _search(self, text: str) -> int | None:
        wanted = text.encode("utf-8", "surrogatepass")
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and self.raw(low) == wanted else None

    @classmethod
    def load(cls, folder: Path, name: str) -> StringTable:
        """Open ``<name>.utf8`` and ``<name>.offsets.npy``.

        Args:
            folder: Where the two files are.
            name: Their name without the endings.

        Returns:
            The table, mapped from the files.

        Raises:
            IndexCorruptError: If a file is missing or the two do not fit each other.
        """
        offsets = load_array(folder, f"{name}.offsets")
        path = folder / f"{name}.utf8"
        try:
            with path.open("rb") as handle:
                size = handle.seek(0, 2)
                blob: bytes | mmap.mmap = (
                    mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
                )
        except (OSError, ValueError) as error:
            raise damaged(path, error) from error
        if offsets.ndim != 1 or len(offsets) < 1 or int(offsets[-1]) != size:
            raise damaged(path, "its size is not the recorded one")
        return cls(blob, offsets)


def save_strings(folder: Path, name: str, rows: Iterable[str]) -> None:
    """Write a string table; lone surrogates are replaced, since the file is UTF-8."""
    lengths = [0]
    with (folder / f"{name}.utf8").open("wb") as handle:
        for row in rows:
            data = row.encode("utf-8", "replace")
            lengths.append(len(data))
            handle.write(data)
    save_array(folder, f"{name}.offsets", np.cumsum(np.array(lengths, dtype=np.int64)))


def rows_of(groups: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Flatten a list of lists of integers.

    Shapes:
        first result: (len(groups) + 1,) int64, where each group starts.
        second result: (sum of lengths,) int32.
    """
    starts = np.zeros(len(groups) + 1, dtype=np.int64)
    np.cumsum([len(group) for group in groups], out=starts[1:])
    flat = np.fromiter((value for group in groups for value in group), dtype=np.int32)
    return starts, flat

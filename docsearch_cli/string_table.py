"""String tables on disk: one file of UTF-8, and an array of where each string ends.

Paths, titles and texts of an index are looked at one by one, so they are mapped and a string is
decoded when it is asked for.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import check_is_file, damaged, load_starts, save_starts

# How many looked-up texts a table remembers: names of pages are looked up again and again.
_MOST_REMEMBERED = 65_536


class StringTable:
    """Rows of text in one blob; a row is decoded when it is asked for."""

    def __init__(self, blob: bytes | mmap.mmap, offsets: NDArray[np.integer]) -> None:
        self._blob = blob
        self._offsets = offsets
        self._ends = np.ascontiguousarray(offsets).data  # gives numbers in a third of the time
        self._found: dict[str, int | None] = {}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, row: int) -> str:
        return self.raw(row).decode("utf-8")

    def raw(self, row: int) -> bytes:
        """Return one row's UTF-8 bytes."""
        ends = self._ends
        return self._blob[ends[row] : ends[row + 1]]

    def rows(self) -> list[bytes]:
        """Return all rows' UTF-8 bytes."""
        blob, ends = bytes(self._blob), self._offsets.tolist()
        return [blob[start:end] for start, end in pairwise(ends)]

    def span(self, first: int, end: int) -> tuple[bytes, NDArray[np.int64]]:
        """Return the bytes of consecutive rows, and how many each row has."""
        begin, stop = int(self._offsets[first]), int(self._offsets[end])
        offsets = self._offsets[first : end + 1].astype(np.int64)
        return self._blob[begin:stop], offsets[1:] - offsets[:-1]

    def take(self, rows: NDArray[np.integer]) -> list[bytes]:
        """Return some rows' UTF-8 bytes."""
        starts, ends = self._offsets[rows].tolist(), self._offsets[rows + 1].tolist()
        return [self._blob[start:end] for start, end in zip(starts, ends, strict=True)]

    def find_all(self, part: str) -> list[int]:
        """Return the rows that contain a text, ascending; it must not be empty."""
        wanted = part.encode("utf-8", "surrogatepass")
        found: list[int] = []
        place = self._blob.find(wanted)
        while place >= 0:
            row = int(np.searchsorted(self._offsets, place, side="right")) - 1
            end = int(self._offsets[row + 1])
            if place + len(wanted) <= end:
                found.append(row)
                place = self._blob.find(wanted, end)
            else:  # it begins in this row and ends in the next
                place = self._blob.find(wanted, place + 1)
        return found

    def find(self, text: str) -> int | None:
        """Return the row that holds ``text``, by binary search; the table must be sorted."""
        if text not in self._found:
            if len(self._found) >= _MOST_REMEMBERED:
                self._found.clear()
            self._found[text] = self._search(text)
        return self._found[text]

    def beginning_with(self, start: str) -> list[str]:
        """Return the rows that begin with a text, in order; the table must be sorted."""
        wanted = start.encode("utf-8", "surrogatepass")
        first = self._first_not_below(wanted)
        end = self._first_not_below(wanted + b"\xff")  # no byte of UTF-8 is greater
        blob, sizes = self.span(first, end) if end > first else (b"", np.zeros(0, np.int64))
        ends = np.cumsum(sizes).tolist()
        return [blob[begin:stop].decode() for begin, stop in pairwise([0, *ends])]

    def _search(self, text: str) -> int | None:
        wanted = text.encode("utf-8", "surrogatepass")
        row = self._first_not_below(wanted)
        return row if row < len(self) and self.raw(row) == wanted else None

    def _first_not_below(self, wanted: bytes) -> int:
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    @classmethod
    def load(
        cls, folder: Path, name: str, *, rows: int | None = None, may_be_empty: bool = True
    ) -> StringTable:
        """Open ``<name>.utf8`` and ``<name>.offsets.npy``.

        Args:
            folder: Where the two files are.
            name: Their name without the endings.
            rows: How many rows there must be; None for any number.
            may_be_empty: Whether a row may be an empty text.

        Returns:
            The table, mapped from the files.

        Raises:
            IndexCorruptError: If a file is missing or the two do not fit each other.
        """
        offsets = load_starts(folder, f"{name}.offsets", groups=rows, may_be_empty=may_be_empty)
        path = folder / f"{name}.utf8"
        check_is_file(path)
        try:
            with path.open("rb") as handle:
                size = handle.seek(0, 2)
                blob: bytes | mmap.mmap = (
                    mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
                )
        except (OSError, ValueError, MemoryError) as error:
            raise damaged(path, error) from error
        if int(offsets[-1]) != size:
            raise damaged(path, "its size is not the recorded one")
        return cls(blob, offsets)


class StringWriter:
    """Writes a string table piece by piece.

    Args:
        folder: Where its two files go.
        name: Their name without the endings.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._handle = (folder / f"{name}.utf8").open("wb")
        self._sizes = [np.zeros(1, np.int64)]

    def extend(self, rows: Sequence[bytes]) -> None:
        """Write rows of UTF-8."""
        self.copy(b"".join(rows), np.fromiter(map(len, rows), np.int64, len(rows)))

    def copy(self, blob: bytes | mmap.mmap, sizes: NDArray[np.int64]) -> None:
        """Write rows that stand one after the other, given the bytes of each."""
        self._handle.write(blob)
        self._sizes.append(sizes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._handle.close()
        save_starts(self._folder, f"{self._name}.offsets", np.cumsum(np.concatenate(self._sizes)))


def save_strings(folder: Path, name: str, rows: Iterable[str]) -> None:
    """Write a string table; lone surrogates are replaced, since the file is UTF-8."""
    with StringWriter(folder, name) as writer:
        writer.extend([row.encode("utf-8", "replace") for row in rows])

"""Arrays on disk, opened by mmap.

An index is read far more often than written, by processes that live for a fraction of a second. So
everything in it is a flat array that the kernel pages in on demand: opening costs microseconds a
file, whatever its size.

What an array must hold is checked where it is opened, as far as one pass of numpy tells: its type
and shape, and that numbers which point into another array are in order and in bounds. A damaged
file is then an error, not another answer.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from docsearch_cli.environment import refused_or
from docsearch_cli.errors import DocsearchError, IndexCorruptError


def save_array(folder: Path, name: str, values: NDArray[Any]) -> None:
    """Write one array as ``<name>.npy``."""
    np.save(folder / f"{name}.npy", values, allow_pickle=False)


class ArrayWriter:
    """Writes a one-dimensional ``<name>.npy`` piece by piece, the same bytes as ``save_array``.

    Args:
        folder: Where the file goes.
        name: Its name without ``.npy``.
        dtype: Type of the values.
    """

    def __init__(self, folder: Path, name: str, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._handle = (folder / f"{name}.npy").open("wb")
        self._count = 0
        self._write_header()

    def extend(self, values: NDArray[Any]) -> None:
        """Write more values, which must be of the file's type."""
        assert values.dtype == self._dtype
        self._handle.write(np.ascontiguousarray(values).data)
        self._count += len(values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with self._handle:
            self._handle.seek(0)
            self._write_header()

    def _write_header(self) -> None:
        """Write the header; numpy pads it so that its size does not depend on the length."""
        descr = np.lib.format.dtype_to_descr(self._dtype)
        header = {"descr": descr, "fortran_order": False, "shape": (self._count,)}
        np.lib.format.write_array_header_1_0(self._handle, header)


def save_starts(folder: Path, name: str, starts: NDArray[np.int64]) -> None:
    """Write ascending numbers from 0 on, in four bytes each where that is enough."""
    fits = int(starts[-1]) < 1 << 32
    save_array(folder, name, starts.astype(np.uint32) if fits else starts)


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
    check_is_file(path)
    try:
        mapped: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise damaged(path, error) from error
    # np.memmap runs Python code at every access, which cost a fifth of a question's time.
    return mapped.view(np.ndarray)


def load_values(
    folder: Path, name: str, dtype: DTypeLike, shape: tuple[int | None, ...]
) -> NDArray[Any]:
    """Open an array of a certain type and shape.

    Args:
        folder: Where the file is.
        name: Its name without ``.npy``.
        dtype: Type of the values.
        shape: Length of each dimension; None for any.

    Returns:
        The array, mapped from the file.

    Raises:
        IndexCorruptError: If it is another one.
    """
    values = load_array(folder, name)
    fits = values.ndim == len(shape) and all(
        wanted in (None, found) for wanted, found in zip(shape, values.shape, strict=True)
    )
    if values.dtype != np.dtype(dtype) or not fits:
        found = f"{values.dtype} {values.shape}"
        raise damaged(folder / f"{name}.npy", f"{found} is not its type and shape")
    return values


def load_starts(
    folder: Path,
    name: str,
    *,
    groups: int | None = None,
    values: int | None = None,
    may_be_empty: bool = True,
) -> NDArray[np.integer[Any]]:
    """Open what ``save_starts`` wrote, or an int64 array of the same make.

    Args:
        folder: Where the file is.
        name: Its name without ``.npy``.
        groups: How many groups there must be; None for any number.
        values: How many values they must hold together; None for any number.
        may_be_empty: Whether a group may hold nothing.

    Returns:
        Where each group starts, and where the last one ends.

    Raises:
        IndexCorruptError: If the numbers do not ascend from 0 to the number of values.
    """
    starts = load_array(folder, name)
    path = folder / f"{name}.npy"
    if starts.ndim != 1 or starts.dtype not in (np.uint32, np.int64) or not len(starts):
        raise damaged(path, f"{starts.dtype} {starts.shape} is not its type and shape")
    if groups is not None and len(starts) != groups + 1:
        raise damaged(path, f"it has {len(starts) - 1} groups, not {groups}")
    if starts[0] != 0 or (values is not None and starts[-1] != values):
        raise damaged(path, f"it leads from {starts[0]} to {starts[-1]}, not from 0 to {values}")
    ascends = np.less_equal if may_be_empty else np.less
    if not ascends(starts[:-1], starts[1:]).all():
        raise damaged(path, "its numbers do not ascend")
    return starts


def load_rows(
    folder: Path, name: str, *, below: int, count: int | None = None
) -> NDArray[np.int32]:
    """Open an array of row numbers of another one.

    Args:
        folder: Where the file is.
        name: Its name without ``.npy``.
        below: How many rows the other one has.
        count: How many numbers there must be; None for any number.

    Returns:
        The numbers.

    Raises:
        IndexCorruptError: If one of them is no row.
    """
    rows: NDArray[np.int32] = load_values(folder, name, np.int32, (count,))
    if len(rows) and not (rows.min() >= 0 and rows.max() < below):
        raise damaged(folder / f"{name}.npy", f"it leads to rows beyond 0 to {below - 1}")
    return rows


def check_is_file(path: Path) -> None:
    """Refuse anything but a file: a pipe would wait for a writer, a link may lead anywhere."""
    try:
        is_file = stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        is_file = False
    except OSError as error:
        raise damaged(path, error) from error
    if not is_file:
        raise damaged(path, "it is missing, or no file")


def damaged(path: Path, reason: object) -> DocsearchError:
    """Return the error for an index file that cannot be used.

    Args:
        path: The file.
        reason: Why, in words; or the error that came up when it was read.

    Returns:
        That the file is damaged; or what the machine refused, which rebuilding does not mend.
    """

    def damage(said: object) -> IndexCorruptError:
        return IndexCorruptError(
            f"index file {path.name} is damaged: {said}",
            hint="rebuild it: docsearch index PATH --rebuild",
        )

    return refused_or(damage, reason, str(path))


def starts_of(sizes: Sequence[int] | NDArray[Any]) -> NDArray[np.int64]:
    """Return where each of some groups starts, given their sizes, and where the last one ends.

    Shapes:
        result: (len(sizes) + 1,) int64.
    """
    starts = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts


def rows_of(groups: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Flatten a list of lists of integers.

    Shapes:
        first result: (len(groups) + 1,) int64, where each group starts.
        second result: (sum of lengths,) int32.
    """
    starts = starts_of([len(group) for group in groups])
    flat = np.fromiter((value for group in groups for value in group), dtype=np.int32)
    return starts, flat

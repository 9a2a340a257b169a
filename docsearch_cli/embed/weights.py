"""The weights of a model, read from a safetensors file by mmap.

Such a file is the length of a header in 8 bytes, the header, which is JSON, and the *data*: one
block of bytes. The header gives each *tensor* its dtype, its shape and where it stands in the data.
Nothing is copied on opening: a page is read when it is used, so that 30,000 rows of a word table
cost nothing when a question needs 12. Whatever the file says is checked before it is used. A file
that is cut short while it is open ends the process, as with every mmap.
"""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.embed.model_folder import UnsupportedModelError

_LENGTH_BYTES = 8
# The limit of the reference reader: no model comes near, and a wrong length is caught early.
_MAX_HEADER_BYTES = 100_000_000

# numpy knows no bfloat16: it is the upper half of a float32.
_DTYPES: Mapping[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One tensor as the header describes it."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    """First byte, counted from the start of the file."""
    end: int


class Weights:
    """The tensors of one open file."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._file, data_start = _map(path)
        header = _header(self._file, data_start, path.name)
        self._entries = {
            name: _entry(name, described, data_start, len(self._file), path.name)
            for name, described in header.items()
            if name != "__metadata__"
        }

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def raw(self, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
        """Return a tensor as it is stored; ``widen`` makes numbers of it.

        Args:
            name: Its name in the file.
            shape: The shape it must have.

        Returns:
            A read-only view of the file.

        Raises:
            UnsupportedModelError: If it is missing, or of another shape or an unknown dtype.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise UnsupportedModelError(f"{self._name}: there is no {name}")
        if entry.shape != shape:
            raise UnsupportedModelError(
                f"{self._name}: {name} has the shape {entry.shape}, not {shape}"
            )
        dtype = _DTYPES.get(entry.dtype)
        if dtype is None:
            raise UnsupportedModelError(f"{self._name}: {name} has the dtype {entry.dtype}")
        count = math.prod(shape)
        if count * dtype.itemsize != entry.end - entry.start:
            raise UnsupportedModelError(
                f"{self._name}: {name} has {entry.end - entry.start} bytes, "
                f"its shape needs {count * dtype.itemsize}"
            )
        return np.frombuffer(self._file, dtype, count, entry.start).reshape(shape)

    def floats(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return a tensor as float32; a view of the file if it is stored as such."""
        return widen(self.raw(name, shape))


def widen(stored: NDArray[Any]) -> NDArray[np.float32]:
    """Return the numbers of a stored tensor, or of some of its rows, as float32."""
    if stored.dtype == np.uint16:
        return (stored.astype(np.uint32) << 16).view(np.float32)
    # Aligned, which a file need not be: numpy would copy it for every product.
    return np.require(stored, np.float32, "A")


def _map(path: Path) -> tuple[mmap.mmap, int]:
    """Map a file and return it with the place where its data begin."""
    if not path.is_file():
        raise UnsupportedModelError(f"{path.name}: there is no such file")
    try:
        with path.open("rb") as handle:
            prefix = handle.read(_LENGTH_BYTES)
            size = handle.seek(0, 2)
            length = int.from_bytes(prefix, "little")
            if size < _LENGTH_BYTES or not 2 <= length <= min(
                _MAX_HEADER_BYTES, size - _LENGTH_BYTES
            ):
                raise UnsupportedModelError(
                    f"{path.name}: damaged: a header of {length} bytes in a file of {size}"
                )
            mapped = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise UnsupportedModelError(f"{path.name}: cannot be read: {error}") from error
    return mapped, _LENGTH_BYTES + length


def _header(file: mmap.mmap, end: int, file_name: str) -> dict[str, Any]:
    try:
        header = json.loads(file[_LENGTH_BYTES:end])
    except (ValueError, RecursionError) as error:
        raise UnsupportedModelError(f"{file_name}: damaged header: {error}") from error
    if not isinstance(header, dict):
        raise UnsupportedModelError(f"{file_name}: damaged header: not a JSON object")
    return header


def _entry(name: str, described: Any, data_start: int, size: int, file_name: str) -> _Entry:
    """Check what the header says of one tensor."""
    match described:
        case {"dtype": str(dtype), "shape": [*shape], "data_offsets": [start, end]} if all(
            type(number) is int and number >= 0 for number in (*shape, start, end)
        ):
            if start <= end <= size - data_start:
                return _Entry(dtype, tuple(shape), data_start + start, data_start + end)
            raise UnsupportedModelError(
                f"{file_name}: damaged: {name} stands at {start} to {end} "
                f"of {size - data_start} bytes"
            )
    raise UnsupportedModelError(f"{file_name}: damaged header: {name} is not described")

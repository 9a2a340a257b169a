"""Lines of a file that a stranger may have made, one at a time, each with a bound."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

_CHUNK_BYTES = 1 << 16


def bounded_lines(handle: BufferedReader, most: int) -> Iterator[tuple[bytes, int]]:
    """Read lines; of one that is too long only the beginning is kept in memory.

    Args:
        handle: The open file.
        most: The bytes that a line may have, its end included.

    Yields:
        Each line with its line end, which the last one may lack, and its length in bytes. Of a
        longer line the first ``most`` bytes.
    """
    while line := handle.readline(most):
        length = len(line)
        end = line[-1:]
        while length >= most and end != b"\n" and (more := handle.readline(_CHUNK_BYTES)):
            length += len(more)
            end = more[-1:]
        yield line, length

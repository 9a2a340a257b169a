"""Lines of a file that a stranger may have made, one at a time, each with a bound."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

_CHUNK_BYTES = 1 << 16


class TooLargeError(Exception):
    """More was read than a file may have."""


def bounded_lines(handle: BufferedReader, most_line: int, most: int) -> Iterator[bytes]:
    """Read lines; of one that is too long only the beginning is kept in memory.

    Args:
        handle: The open file.
        most_line: Bytes that a line may have, its end included.
        most: Bytes that the file may have.

    Yields:
        Each line with its line end, which the last one may lack. Of a longer line one byte more
        than it may have; what follows is read only if the next line is asked for.

    Raises:
        TooLargeError: If there are more bytes than the file may have.
    """
    size = 0
    while line := handle.readline(most_line + 1):
        size += len(line)
        if size > most:
            raise TooLargeError
        yield line
        part = line if len(line) > most_line else b"\n"
        while not part.endswith(b"\n") and (part := handle.readline(_CHUNK_BYTES)):
            size += len(part)
            if size > most:
                raise TooLargeError

"""Messages between the coordinator and a worker: length-prefixed frames that never block.

A frame is four bytes of length (big-endian) and that many bytes. Whatever a worker does (stop in
the middle of a frame, read nothing, write garbage), the coordinator is never blocked: what cannot
be written yet waits in a buffer, and a frame is read only once it is complete. The worker's end may
block, so it needs no buffer: ``join_frames`` and ``read_frame``.
"""

from __future__ import annotations

import socket
import struct
from typing import IO

_LENGTH = struct.Struct("!i")
# Read at once; a result of a few kilobytes takes one read.
_READ_BYTES = 1 << 16


class FrameError(ValueError):
    """What came is not a frame, or one that is larger than allowed."""


class Channel:
    """Our end of a worker's pipe.

    Args:
        ours: A connected socket.
        most_bytes: Largest frame that may come.
    """

    def __init__(self, ours: socket.socket, most_bytes: int) -> None:
        ours.setblocking(False)
        self._socket = ours
        self._most_bytes = most_bytes
        self._incoming = bytearray()
        self._outgoing = memoryview(b"")
        self.is_closed = False
        """True once the other end can send nothing more."""

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._socket.fileno()

    @property
    def has_to_write(self) -> bool:
        """True while bytes wait for the other end to read."""
        return bool(self._outgoing)

    def send(self, *frames: bytes) -> None:
        """Send frames: what the pipe takes now, and the rest in ``flush``.

        Args:
            *frames: The bytes of each.

        Raises:
            OSError: If the other end is gone.
        """
        self._outgoing = memoryview(bytes(self._outgoing) + join_frames(*frames))
        self.flush()

    def flush(self) -> None:
        """Write as much of what waits as the pipe takes.

        Raises:
            OSError: If the other end is gone.
        """
        while self._outgoing:
            try:
                sent = self._socket.send(self._outgoing)
            except BlockingIOError:
                return
            self._outgoing = self._outgoing[sent:]

    def receive(self) -> list[bytes]:
        """Return the frames that are complete; ``is_closed`` says whether more can come.

        Returns:
            The bytes of each, in order.

        Raises:
            FrameError: If what came is not a frame.
        """
        while not self.is_closed:
            try:
                data = self._socket.recv(_READ_BYTES)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            self.is_closed = not data
            self._incoming += data
            frames = self._take_frames()
            # After a frame it is another worker's turn: one that never stops writing has to wait.
            if frames or len(data) < _READ_BYTES:
                return frames
        return []

    def close(self) -> None:
        """Close our end; safe to call twice."""
        self._socket.close()

    def _take_frames(self) -> list[bytes]:
        frames: list[bytes] = []
        start = 0
        with memoryview(self._incoming) as incoming:
            while len(incoming) - start >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(incoming, start)
                if not 0 <= length <= self._most_bytes:
                    raise FrameError(f"a message of {length:,} bytes")
                end = start + _LENGTH.size + length
                if len(incoming) < end:
                    break
                frames.append(bytes(incoming[start + _LENGTH.size : end]))
                start = end
        del self._incoming[:start]
        return frames


def join_frames(*frames: bytes) -> bytes:
    """Return frames as one piece of bytes: one write sends them and wakes the other end once."""
    pieces = [piece for frame in frames for piece in (_LENGTH.pack(len(frame)), frame)]
    return b"".join(pieces)


def read_frame(pipe: IO[bytes]) -> bytes:
    """Wait for a frame; an ``EOFError`` says that the other end is closed."""
    (length,) = _LENGTH.unpack(_read_whole(pipe, _LENGTH.size))
    return _read_whole(pipe, length)


def _read_whole(pipe: IO[bytes], count: int) -> bytes:
    data = pipe.read(count)
    if len(data) < count:
        raise EOFError
    return data

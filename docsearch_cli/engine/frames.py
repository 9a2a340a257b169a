"""Messages between the coordinator and a worker: length-prefixed frames that never block.

A frame is four bytes of length (big-endian, as ``multiprocessing.connection`` writes it, which is
what the worker uses) and so many bytes. Whatever a worker does, stop in the middle of a frame, read
nothing, write garbage, the coordinator goes on: what cannot be written waits in a buffer, and what
has not come whole is not looked at.
"""

from __future__ import annotations

import socket
import struct

_LENGTH = struct.Struct("!i")
# Read at once; a result of a few kilobytes takes one read.
_READ_BYTES = 1 << 16


class FrameError(ValueError):
    """What came is no frame, or a larger one than there may be."""


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
        self._outgoing = bytearray()
        self.is_closed = False
        """True once the other end will send nothing more."""

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._socket.fileno()

    @property
    def has_to_write(self) -> bool:
        """True while something waits for the other end to read."""
        return bool(self._outgoing)

    def send(self, *frames: bytes) -> None:
        """Send frames, now as far as the other end reads, the rest in ``flush``.

        Args:
            *frames: The bytes of each.

        Raises:
            OSError: If the other end is gone.
        """
        for frame in frames:
            self._outgoing += _LENGTH.pack(len(frame))
            self._outgoing += frame
        self.flush()

    def flush(self) -> None:
        """Write what waits, as far as the other end reads.

        Raises:
            OSError: If the other end is gone.
        """
        while self._outgoing:
            try:
                sent = self._socket.send(self._outgoing)
            except BlockingIOError:
                return
            del self._outgoing[:sent]

    def receive(self) -> list[bytes]:
        """Return the frames that have come whole; ``is_closed`` says if more can come.

        Returns:
            The bytes of each, in order.

        Raises:
            FrameError: If what came is no frame.
        """
        try:
            # One frame more than is allowed is enough to know; the rest stays in the pipe.
            while len(self._incoming) <= self._most_bytes + _LENGTH.size:
                data = self._socket.recv(_READ_BYTES)
                self._incoming += data
                if not data:
                    self.is_closed = True
                if len(data) < _READ_BYTES:
                    break
        except BlockingIOError:
            pass
        except OSError:
            self.is_closed = True
        return self._take_frames()

    def close(self) -> None:
        """Close our end; safe to call twice."""
        self._socket.close()

    def _take_frames(self) -> list[bytes]:
        frames: list[bytes] = []
        start = 0
        while len(self._incoming) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._incoming, start)
            if not 0 <= length <= self._most_bytes:
                raise FrameError(f"a message of {length:,} bytes")
            end = start + _LENGTH.size + length
            if len(self._incoming) < end:
                break
            frames.append(bytes(self._incoming[start + _LENGTH.size : end]))
            start = end
        del self._incoming[:start]
        return frames

"""Frames on a terminal, each in the place of the one before, without flicker.

A frame is one write, which terminals that know of it show all at once (mode 2026). Only the lines
that have changed are written, over what was there; nothing is cleared but what is left behind such
a line, and the lines below a frame that has become lower. No line wraps while it is written, so a
name whose width the terminal sees differently cannot move what is below it.

Between frames the cursor stands where the frame begins. So whatever ends the program, one sequence
clears all of it (``ERASE``), and what the terminal does with long lines when its width changes
happens behind the cursor.

Source:
    "Synchronized Output" (contour-terminal), ECMA-48 (CUU, CUD, EL, ED).
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from docsearch_cli.cli import signals

if TYPE_CHECKING:
    from rich.text import Text

ERASE = "\r\x1b[J"
_BEGIN, _END = "\x1b[?2026h\x1b[?7l", "\x1b[?7h\x1b[?2026l"
# Terminals without a cursor that can be moved.
_NO_CURSOR = ("", "dumb", "unknown")


def takes_frames(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal on which a frame can be drawn."""
    return stream.isatty() and os.environ.get("TERM", "") not in _NO_CURSOR


class FrameWriter:
    """Draws frames below what is on a terminal.

    Args:
        terminal: Where to.
    """

    def __init__(self, terminal: TextIO) -> None:
        from rich.console import Console

        self._terminal = terminal
        self._buffer = io.StringIO()
        self._console = Console(
            file=self._buffer,
            force_terminal=True,
            color_system=Console(file=terminal).color_system,  # type: ignore[arg-type]
            width=10_000,
            markup=False,
            highlight=False,
            emoji=False,
        )
        self._shown: list[Text] = []
        self._columns = 0
        self._is_gone = False

    def size(self) -> tuple[int, int]:
        """Return the columns and rows that there are now."""
        try:
            size = os.get_terminal_size(self._terminal.fileno())
        except (OSError, ValueError):
            return 80, 24
        return size.columns or 80, size.lines or 24

    def draw(self, lines: Sequence[Text], columns: int) -> None:
        """Show a frame.

        Args:
            lines: Fewer than the terminal has rows, each narrower than it.
            columns: The width that they were made for.
        """
        pieces = [_BEGIN]
        if columns != self._columns:
            pieces.append(ERASE if self._shown else "\r")
            self._shown, self._columns = [], columns
        at, last = 0, max(0, len(self._shown) - 1)
        for row, line in enumerate(lines):
            is_there = row < len(self._shown)
            if is_there and self._shown[row] == line:
                continue
            pieces.append(_down(at, row, last))
            pieces.append(self._ansi(line))
            if is_there:
                pieces.append("\x1b[K")
            at = row
            last = max(last, row)
        if len(lines) < len(self._shown):
            pieces += [_down(at, len(lines), last), "\x1b[J"]
            at = len(lines)
        pieces.append(f"\x1b[{at}A\r" if at else "\r")
        pieces.append(_END)
        if len(pieces) > 3 or not self._shown:  # else nothing has changed
            signals.erase_first(ERASE.encode())
            self._write("".join(pieces))
        self._shown = list(lines)

    def erase(self) -> None:
        """Clear the frame; what is written next stands in its place."""
        if self._shown:
            self._write(ERASE)
            self._shown = []
        signals.erase_first(b"")

    def _ansi(self, line: Text) -> str:
        self._console.print(line, end="", soft_wrap=True)
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text

    def _write(self, text: str) -> None:
        """Write all of it at once; a terminal that is gone is no error of the search."""
        if self._is_gone:
            return
        encoding = self._terminal.encoding or "utf-8"
        data = text.encode(encoding, "replace")
        try:
            with suppress(ValueError):
                self._terminal.flush()
            while data:
                data = data[os.write(self._terminal.fileno(), data) :]
        except OSError:
            self._is_gone = True


def _down(at: int, row: int, last: int) -> str:
    """Return what moves from one row of a frame to the beginning of a row further down.

    Args:
        at: The row that the cursor is in.
        row: The row that it goes to.
        last: The last row that is there; those below it are made.

    Returns:
        The sequence.
    """
    there = min(row, last) - at
    return (f"\x1b[{there}B" if there > 0 else "") + "\r" + "\n" * max(0, row - max(last, at))

"""A terminal for tests: what a program sends becomes a screen, and an unknown sequence an error.

It knows what this program may send and no more, so a sequence that another terminal might take
differently does not go unseen. Each frame between the marks of synchronized output is kept, with
the rows that were cleared in it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

_SEQUENCE = re.compile(
    r"\x1b\[(?P<private>\?)?(?P<numbers>[0-9;]*)(?P<final>[A-Za-z])"
    r"|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)|(?P<control>[\r\n])|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)


@dataclass
class Frame:
    """A screen as a frame left it."""

    lines: list[str]
    cleared: list[str]
    """What was cleared, a piece for each row."""
    written: list[int] = field(default_factory=list)
    """The rows that text was written to."""


class Screen:
    """A screen of some size, with what was scrolled off it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.scrolled: list[str] = []
        self.row = self.column = 0
        self.wraps = True
        self.frames: list[Frame] = []
        self.outside = ""
        """Text that was written outside of frames."""
        self.colours = 0
        self._open: Frame | None = None
        self._rest = ""

    @property
    def lines(self) -> list[str]:
        """The rows as they are shown, without blanks at their ends and empty ones below."""
        found = ["".join(row).rstrip() for row in self.cells]
        while found and not found[-1]:
            found.pop()
        return found

    def feed(self, text: str) -> None:
        """Take what a program sends."""
        text, self._rest = self._rest + text, ""
        place = 0
        while place < len(text):
            found = _SEQUENCE.match(text, place)
            if found is None:
                if text[place] == "\x1b" and len(text) - place < 200:
                    self._rest = text[place:]
                    return
                raise AssertionError(f"a terminal is sent {text[place : place + 20]!r}")
            place = found.end()
            if found["text"]:
                for character in found["text"]:
                    self._put(character)
            elif found["control"]:
                self._move(found["control"])
            elif found["final"]:
                self._obey(found["private"], found["numbers"], found["final"])

    def resize(self, columns: int, rows: int, *, reflow: bool) -> None:
        """Become another size: long lines are cut, or wrapped as most terminals do now."""
        found: list[list[str]] = []
        row = 0
        for number, line in enumerate(self.cells):
            if number == self.row:
                row = len(found)
            while line and line[-1] == " ":
                line.pop()
            pieces = [line[at : at + columns] for at in range(0, len(line), columns)] or [[]]
            found += pieces if reflow else pieces[:1]
        while len(found) > rows and not found[-1] and len(found) - 1 > row:
            found.pop()
        above = min(row, max(0, len(found) - rows))
        self.scrolled += ["".join(line) for line in found[:above]]
        found = found[above : above + rows]
        self.row, self.columns, self.rows = row - above, columns, rows
        self.column = min(self.column, columns - 1)
        found += [[] for _ in range(rows - len(found))]
        self.cells = [line + [" "] * (columns - len(line)) for line in found]

    def _put(self, character: str) -> None:
        width = width_of(character)
        if self._open is None:
            self.outside += character
        elif self.row not in self._open.written:
            self._open.written.append(self.row)
        if width == 0:
            return
        if self.column + width > self.columns:
            if self.wraps:
                self._move("\r")
                self._move("\n")
            else:
                self.column = self.columns - width
        line = self.cells[self.row]
        line[self.column] = character
        for place in range(self.column + 1, self.column + width):
            line[place] = ""
        self.column += width

    def _move(self, control: str) -> None:
        if control == "\r":
            self.column = 0
        elif self.row + 1 < self.rows:
            self.row += 1
        else:
            self.scrolled.append("".join(self.cells.pop(0)).rstrip())
            self.cells.append([" "] * self.columns)

    def _obey(self, private: str | None, numbers: str, final: str) -> None:
        count = int(numbers or 1) if ";" not in numbers else 0
        if private:
            self._set(numbers, final)
        elif final == "m":
            self.colours += bool(re.search(r"(^|;)(3[0-7]|9[0-7]|38)(;|$)", numbers))
        elif final == "A":
            self.row = max(0, self.row - count)
        elif final == "B":
            self.row = min(self.rows - 1, self.row + count)
        elif final in "JK" and numbers in ("", "0"):
            self._clear(to_the_end=final == "J")
        else:
            raise AssertionError(f"a terminal is sent CSI {numbers}{final}")

    def _set(self, number: str, final: str) -> None:
        assert (number, final) in {(mode, end) for mode in ("7", "2026") for end in "hl"}
        if number == "7":
            self.wraps = final == "h"
        elif final == "h":
            assert self._open is None
            self._open = Frame([], [])
        else:
            assert self._open is not None
            self._open.lines = self.lines
            self.frames.append(self._open)
            self._open = None

    def _clear(self, *, to_the_end: bool) -> None:
        rows = range(self.row, self.rows if to_the_end else self.row + 1)
        for row in rows:
            start = self.column if row == self.row else 0
            held = "".join(self.cells[row][start:]).rstrip()
            if self._open is not None and held:
                self._open.cleared.append(held)
            self.cells[row][start:] = [" "] * (self.columns - start)


def width_of(character: str) -> int:
    """Return how many cells a character takes, as wcwidth says it."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

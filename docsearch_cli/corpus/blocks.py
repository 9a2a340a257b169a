"""Blocks: the spans of a section's raw text inside which sentences may be looked for."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

_SPACE = re.compile(r"[^\S\u00a0\u2007\u2009\u202f]+|(?<!\d)\s+|\s+(?!\d)")
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\n|\r|\Z)")


BlockKind = Literal["text", "item", "heading", "term", "row", "code", "field"]
"""A paragraph, list item, heading, term of a definition, table row, line of code, or what a file
says of itself before its text."""
_PROSE = frozenset(("text", "item", "field"))


class Block(NamedTuple):
    """A span inside which sentences may be looked for."""

    start: int
    end: int
    kind: BlockKind

    @property
    def is_prose(self) -> bool:
        """Whether it may hold several sentences; any other is one unit."""
        return self.kind in _PROSE


LineKind = Literal["text", "item", "heading", "term", "row", "code", "gap"]
"""What a line does: ``text`` continues the block above or begins one, ``item`` begins one, ``gap``
is in none, any other is a block by itself; all but ``text`` end the block above."""


class Line(NamedTuple):
    """A line, or the part of it that counts."""

    start: int
    end: int
    kind: LineKind


def gather_blocks(text: str, lines: Iterable[Line]) -> Iterator[Block]:
    """Gather lines into blocks.

    Args:
        text: The text that the lines are in.
        lines: In order; text outside of all lines is in no block, unless it is between two lines
            of one block.

    Yields:
        Blocks in order, without white space around them.
    """
    begin = end = -1
    opened: BlockKind = "text"
    for start, stop, kind in lines:
        if kind == "text" and begin >= 0:
            end = stop
            continue
        if begin >= 0:
            yield from trimmed(text, begin, end, opened)
            begin = -1
        if kind in ("text", "item"):
            begin, end, opened = start, stop, kind
        elif kind != "gap":
            yield from trimmed(text, start, stop, kind)
    if begin >= 0:
        yield from trimmed(text, begin, end, opened)


def trimmed(text: str, start: int, end: int, kind: BlockKind = "text") -> Iterator[Block]:
    """Yield the block without white space around it, or nothing if it is blank."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield Block(start, end, kind)


def line_spans(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the span of each line, its line end not included."""
    stop = len(text) if end is None else end
    while start < stop:
        found = _LINE.match(text, start, stop)
        assert found is not None  # the pattern matches anywhere
        yield start, found.end(1)
        start = found.end()


def on_one_line(text: str) -> str:
    """Fold the white space, but not the spaces that hold the groups of a number together."""
    if text.isascii():
        return " ".join(text.split())
    return " ".join(filter(None, _SPACE.split(text)))


def text_blocks(text: str) -> Iterator[Block]:
    """Find the paragraphs of a text without markup, which blank lines separate.

    Args:
        text: Plain text, or the text of a PDF page.

    Returns:
        Blocks in order.
    """
    lines = line_spans(text)
    return gather_blocks(
        text,
        (Line(start, end, "text" if text[start:end].strip() else "gap") for start, end in lines),
    )


def plain_lines(lines: Iterable[tuple[str, bool]], plain: Callable[[str], str]) -> str:
    """Join lines and remove the inline marks, which may span several lines.

    Args:
        lines: Each with whether it is left as it is.
        plain: Returns several lines without inline marks.

    Returns:
        As many lines.
    """
    stretches = []
    for is_verbatim, stretch in itertools.groupby(lines, key=lambda entry: entry[1]):
        text = "\n".join(line for line, _ in stretch)
        stretches.append(text if is_verbatim else plain(text))
    return "\n".join(stretches)

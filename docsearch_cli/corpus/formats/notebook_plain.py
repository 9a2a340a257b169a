"""Cells of a notebook as a person reads them, and their blocks.

A section of a notebook is a slice of the ``.ipynb`` file: JSON string literals, one for each line
of a cell's source (or one for the whole cell). The slice may begin or end inside a literal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from docsearch_cli.corpus.blocks import Block, trimmed

_PIECE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)|\"|[^\"\\]+|\\", re.DOTALL)
# A quote before a comma and a line end closes a literal, since none contains a raw line end.
_CLOSING = re.compile(r"\"[ \t]*,[ \t]*[\r\n]")
_LINE_ESCAPES = ("\\n", "\\r")
# A line of a cell may be code, whose underscores and stars are no marks.
_MARKDOWN_SIGNS = re.compile(r"\]\(|\*\*\w|^\s*(?:#{1,6}|[-*>]|\d+\.) ")


class Literal(NamedTuple):
    """The inside of one string literal, or the part of it that the slice holds."""

    start: int
    end: int


def literals(text: str) -> Iterator[Literal]:
    """Find the string literals of a slice.

    Args:
        text: A slice of a notebook file.

    Yields:
        Their insides, without the quotes.
    """
    inside = not text.lstrip(" \t\r\n,").startswith('"') or _CLOSING.match(text) is not None
    begin = 0
    for piece in _PIECE.finditer(text):
        if piece[0] != '"':
            continue
        if inside:
            yield Literal(begin, piece.start())
        inside = not inside
        begin = piece.end()
    if inside:
        yield Literal(begin, len(text))


def decode_literal(inside: str) -> str:
    """Return the characters that the inside of a JSON string literal stands for."""
    if "\\" not in inside:
        return inside
    try:
        decoded = json.loads(f'"{inside}"', strict=False)
    except ValueError:  # cut inside an escape
        return inside
    return str(decoded)


def plain_notebook(text: str) -> str:
    """Return the source that a slice of a notebook file stands for."""
    return "".join(decode_literal(text[start:end]) for start, end in literals(text))


def plain_notebook_line(text: str) -> str:
    """Return what a person reads of one source line, given the inside of its literal."""
    from docsearch_cli.corpus.formats.markdown_plain import plain_markdown

    source = decode_literal(text)
    return plain_markdown(source) if _MARKDOWN_SIGNS.search(source) else source


def notebook_blocks(text: str) -> Iterator[Block]:
    """Find the source lines of a slice of a notebook file.

    Args:
        text: Raw text of a section.

    Yields:
        The inside of each literal, cut at its line ends.
    """
    for start, end in literals(text):
        begin = start
        for piece in _PIECE.finditer(text, start, end):
            if piece[0] in _LINE_ESCAPES:
                yield from trimmed(text, begin, piece.start())
                begin = piece.end()
        yield from trimmed(text, begin, end)

"""From a section's raw text to what a person reads: for search, and for quotes.

Sentences are slices of the raw text, so a quote is found byte for byte in its file; ``plain`` is
how such a slice reads. This module and those it imports are light, since they run when a question
is asked: a format's module is imported when its first section is met.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from docsearch_cli.corpus.blocks import Block, BlockKind, on_one_line
from docsearch_cli.corpus.encoding import count_line_ends, line_starts
from docsearch_cli.corpus.formats.table import Format, format_named
from docsearch_cli.corpus.front_matter_plain import (
    front_matter_blocks,
    front_matter_end,
    plain_front_matter,
)
from docsearch_cli.corpus.sentence_ends import cut_long, cut_sentences
from docsearch_cli.models import Markup

_READABLE = re.compile(r"\w")
# Blocks whose sentences are remembered: those that carry the links of pages that are opened.
_MOST_BLOCKS = 8_192
# Sections of which is remembered how they read: those of the pages that are open now.
_MOST_PLAIN = 256


class Sentence(NamedTuple):
    """A sentence-like unit: a sentence, list item, heading, table row or line of code."""

    start: int
    end: int
    """``text[start:end]`` is the quote, without white space around it."""
    line_offset_start: int
    """Line ends between the beginning of the section's text and the unit."""
    line_offset_end: int
    plain: str
    """How it reads, on one line."""
    kind: BlockKind = "text"
    """Of the block that it is in."""
    block: int = 0
    """Number of that block in the section: several sentences may stand in one."""
    indent: int = 0
    """How many columns a line of code is set in."""


def plain_text(text: str, markup: Markup) -> str:
    """Return what a person reads of a section.

    Args:
        text: Raw text of the section, or of a part of it.
        markup: The format of its document.

    Returns:
        The text without markup: link texts, code and image descriptions are kept; link
        destinations, tags and comments are removed.
    """
    form = format_named(markup)
    end = front_matter_end(text) if form.has_front_matter else 0
    if not end:
        return form.plainer()(text)
    return plain_front_matter(text[:end]) + form.plainer()(text[end:])


@lru_cache(maxsize=_MOST_PLAIN)
def remembered_plain_text(text: str, markup: Markup) -> str:
    """Return what ``plain_text`` does, remembered for who looks at the same page next."""
    return plain_text(text, markup)


def sentences(text: str, markup: Markup) -> list[Sentence]:
    """Cut a section into sentence-like units.

    A unit never crosses a paragraph, list item, table row, heading or line of code, and is at most
    400 characters long, the markup in it not counted.

    Args:
        text: Raw text of the section.
        markup: The format of its document.

    Returns:
        The units in order, without those in which there is nothing to read; but a line of code may
        be a bracket alone.
    """
    form = format_named(markup)
    return list(_sentences_in(text, form, enumerate(_blocks(text, form))))


def _sentences_in(
    text: str, form: Format, blocks: Iterable[tuple[int, Block]]
) -> Iterator[Sentence]:
    """Yield the units of some blocks of a section, each given with its number."""
    plain_of = form.sentence_plainer()
    count = count_line_ends if "\r" in text else _count_new_lines
    position = line = 0
    for start, end, kind, block in _spans(text, form, blocks):
        raw = text[start:end]
        is_as_it_reads = kind == "code" and not form.has_marked_code
        plain = on_one_line(raw if is_as_it_reads else plain_of(raw))
        if not _READABLE.search(plain) and not (plain and kind == "code"):
            continue
        line += count(text, position, start)
        last = line + count(text, start, end)
        indent = _columns_before(text, start) if kind == "code" else 0
        yield Sentence(start, end, line, last, plain, kind, block, indent)
        position, line = end, last


def _count_new_lines(text: str, start: int, end: int) -> int:
    return text.count("\n", start, end)


def remembered_on_line(text: str, markup: Markup, line: int) -> tuple[Sentence, ...]:
    """Return those units of ``sentences`` that are on a line, at the cost of its blocks alone.

    Args:
        text: Raw text of the section.
        markup: The format of its document.
        line: Of the text, from 0.

    Returns:
        The units in order; none of a line that the text does not have.
    """
    starts, _, block_starts = _outline(text, markup)
    if not 0 <= line < len(starts):
        return ()
    begin = starts[line]
    end = starts[line + 1] if line + 1 < len(starts) else len(text)
    first = max(0, bisect_right(block_starts, begin) - 1)  # blocks follow each other
    last = bisect_right(block_starts, end - 1)
    return tuple(
        unit
        for number in range(first, last)
        for unit in _sentences_of_block(text, markup, number)
        if unit.line_offset_start <= line <= unit.line_offset_end
    )


@lru_cache(maxsize=_MOST_BLOCKS)
def _sentences_of_block(text: str, markup: Markup, number: int) -> tuple[Sentence, ...]:
    _, blocks, _ = _outline(text, markup)
    return tuple(_sentences_in(text, format_named(markup), blocks[number : number + 1]))


@lru_cache(maxsize=_MOST_PLAIN)
def _outline(text: str, markup: Markup) -> tuple[list[int], list[tuple[int, Block]], list[int]]:
    """Return where the lines of a section start, its numbered blocks, and where those start."""
    blocks = list(enumerate(_blocks(text, format_named(markup))))
    return line_starts(text), blocks, [block.start for _, block in blocks]


def _columns_before(text: str, start: int) -> int:
    """Return how far a line is set in that begins at a place; 0 if other text stands before it."""
    before = text[max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1 : start]
    return len(before.expandtabs(4)) if before.isspace() else 0


def _spans(
    text: str, form: Format, blocks: Iterable[tuple[int, Block]]
) -> Iterator[tuple[int, int, BlockKind, int]]:
    for number, block in blocks:
        if block.is_prose:
            unbroken = form.unbroken_spans(text[block.start : block.end])
            protected = [(block.start + first, block.start + last) for first, last in unbroken]
            cuts = cut_sentences(text, block.start, block.end, protected)
        else:
            cuts = cut_long(text, block.start, block.end)
        for start, end in cuts:
            yield start, end, block.kind, number


def _blocks(text: str, form: Format) -> Iterator[Block]:
    end = front_matter_end(text) if form.has_front_matter else 0
    if not end:
        yield from form.block_finder()(text)
        return
    yield from front_matter_blocks(text, end)
    for start, stop, kind in form.block_finder()(text[end:]):
        yield Block(start + end, stop + end, kind)

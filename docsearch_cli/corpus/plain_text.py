"""From a section's raw text to what a person reads: for search, and for quotes.

Sentences are slices of the raw text, so a quote is found byte for byte in its file; ``plain`` is
how such a slice reads. Only light imports here and below: this runs when a question is asked, so a
format's module is imported when its first section is met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import NamedTuple

from docsearch_cli.corpus.blocks import Block, text_blocks
from docsearch_cli.corpus.encoding import count_line_ends
from docsearch_cli.corpus.sentence_ends import cut_long, cut_sentences
from docsearch_cli.models import Markup

# A cell's line may be code, whose underscores and stars are no marks.
_MARKDOWN_SIGNS = re.compile(r"\]\(|\*\*\w|^\s*(?:#{1,6}|[-*>]|\d+\.) ")
_READABLE = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence-like unit: a sentence, list item, heading, table row or line of code."""

    start: int
    end: int
    """``text[start:end]`` is the quote, without white space around it."""
    line_offset_start: int
    """Line ends between the beginning of the section's text and the unit."""
    line_offset_end: int
    plain: str
    """How it reads, on one line."""


def plain_text(text: str, markup: Markup) -> str:
    """Return what a person reads of a section.

    Args:
        text: Raw text of the section, or of a part of it.
        markup: The format of its document.

    Returns:
        The text without markup: link texts, code and image descriptions stay, link destinations,
        tags and comments go.
    """
    return _format(markup).plain(text)


def sentences(text: str, markup: Markup) -> list[Sentence]:
    """Cut a section into sentence-like units.

    A unit never crosses a paragraph, list item, table row, heading or line of code, and is at most
    400 characters long.

    Args:
        text: Raw text of the section.
        markup: The format of its document.

    Returns:
        The units in order, without those in which there is nothing to read.
    """
    units: list[Sentence] = []
    position = line = 0
    for start, end in _spans(text, markup):
        plain = " ".join(_plain_unit(text[start:end], markup).split())
        if not _READABLE.search(plain):
            continue
        line += count_line_ends(text, position, start)
        last = line + count_line_ends(text, start, end)
        units.append(Sentence(start, end, line, last, plain))
        position, line = end, last
    return units


def _as_is(text: str) -> str:
    return text


class _Format(NamedTuple):
    plain: Callable[[str], str]
    blocks: Callable[[str], Iterator[Block]]


@cache
def _format(markup: Markup) -> _Format:
    if markup in ("text", "pdf"):
        return _Format(_as_is, text_blocks)
    module = import_module(f"docsearch_cli.corpus.formats.{markup}_plain")
    return _Format(getattr(module, f"plain_{markup}"), getattr(module, f"{markup}_blocks"))


def _plain_unit(text: str, markup: Markup) -> str:
    if markup == "notebook":
        from docsearch_cli.corpus.formats.markdown_plain import plain_markdown
        from docsearch_cli.corpus.formats.notebook_plain import decode_literal

        source = decode_literal(text)
        return plain_markdown(source) if _MARKDOWN_SIGNS.search(source) else source
    return _format(markup).plain(text)


def _spans(text: str, markup: Markup) -> Iterator[tuple[int, int]]:
    for start, end, is_prose in _format(markup).blocks(text):
        if is_prose:
            yield from cut_sentences(text, start, end, _tags(text, start, end, markup))
        else:
            yield from cut_long(text, start, end)


def _tags(text: str, start: int, end: int, markup: Markup) -> Sequence[tuple[int, int]]:
    if markup != "html":
        return ()
    from docsearch_cli.corpus.formats.html_tags import scan_markup

    return [(start + found.start, start + found.end) for found in scan_markup(text[start:end])]

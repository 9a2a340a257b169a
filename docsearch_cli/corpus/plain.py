"""From a section's raw text to what a person reads: for search, and for quotes.

Sentences are slices of the raw text, so a quote is found byte for byte in its file; ``plain`` is
how such a slice reads. Only light imports here and below: this runs when a question is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from docsearch_cli.corpus.blocks import Block, text_blocks
from docsearch_cli.corpus.encoding import count_line_ends
from docsearch_cli.corpus.html_tags import scan_markup
from docsearch_cli.corpus.plain_asciidoc import asciidoc_blocks, plain_asciidoc
from docsearch_cli.corpus.plain_html import html_blocks, plain_html
from docsearch_cli.corpus.plain_markdown import markdown_blocks, plain_markdown
from docsearch_cli.corpus.plain_notebook import decode_literal, notebook_blocks, plain_notebook
from docsearch_cli.corpus.plain_org import org_blocks, plain_org
from docsearch_cli.corpus.plain_rst import plain_rst, rst_blocks
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
    return _PLAIN[markup](text)


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


_PLAIN: dict[Markup, Callable[[str], str]] = {
    "markdown": plain_markdown,
    "html": plain_html,
    "rst": plain_rst,
    "notebook": plain_notebook,
    "asciidoc": plain_asciidoc,
    "org": plain_org,
    "text": _as_is,
    "pdf": _as_is,
}
_BLOCKS: dict[Markup, Callable[[str], Iterator[Block]]] = {
    "markdown": markdown_blocks,
    "html": html_blocks,
    "rst": rst_blocks,
    "notebook": notebook_blocks,
    "asciidoc": asciidoc_blocks,
    "org": org_blocks,
    "text": text_blocks,
    "pdf": text_blocks,
}


def _plain_unit(text: str, markup: Markup) -> str:
    if markup == "notebook":
        source = decode_literal(text)
        return plain_markdown(source) if _MARKDOWN_SIGNS.search(source) else source
    return _PLAIN[markup](text)


def _spans(text: str, markup: Markup) -> Iterator[tuple[int, int]]:
    for start, end, is_prose in _BLOCKS[markup](text):
        if is_prose:
            yield from cut_sentences(text, start, end, _tags(text, start, end, markup))
        else:
            yield from cut_long(text, start, end)


def _tags(text: str, start: int, end: int, markup: Markup) -> Sequence[tuple[int, int]]:
    if markup != "html":
        return ()
    return [(start + found.start, start + found.end) for found in scan_markup(text[start:end])]

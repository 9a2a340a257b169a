"""Passages: lines of a document as they were indexed, with the heading that they stand under.

Text comes from the index, so every format reads the same: a PDF has pages where others have lines.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from docsearch_cli.corpus.formats.table import format_named, is_paged
from docsearch_cli.errors import InputError
from docsearch_cli.index.freshness import Quoted
from docsearch_cli.index.reader import IndexReader

# Paths that are compared with one that is not in the index.
_MOST_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class PassageLine:
    """A line, or of a paged document a page."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive lines of a document."""

    path: str
    paged: bool
    headings: tuple[str, ...]
    """Those that the first line asked for stands under, topmost first."""
    lines: tuple[PassageLine, ...]


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """What stands around a quote, as it was indexed; lines end in a line feed."""

    line_start: int
    """The first line of ``before``; of a paged document its page."""
    line_end: int
    """The last line of ``after``, blank ones at its end left out."""
    before: str
    """From the beginning of the first line up to the quote."""
    after: str
    """From the quote up to the end of the last line."""


def read_passage(
    index: IndexReader,
    path: str,
    first: int | None = None,
    last: int | None = None,
    *,
    context: int = 0,
    whole_section: bool = False,
) -> Passage:
    """Return lines of a document.

    Args:
        index: The index.
        path: A document of it.
        first: The first line or page; None for all of the document.
        last: The last one; None for the first one alone.
        context: How many more are wanted before and after.
        whole_section: Whether the sections that they stand in are wanted whole.

    Returns:
        The lines that there are of those asked for.

    Raises:
        InputError: If there are none, or the last one stands before the first.
    """
    document = index.paths.find(path)
    if document is None:
        raise InputError(f"{path!r} is not in the index", hint="docsearch status")
    if first is not None and last is not None and last < first:
        raise InputError(
            f"{path}:{first}-{last} ends before it begins",
            hint=f"docsearch show {shlex.quote(path)}:{last}-{first}",
        )
    nodes = index.nodes_of_document(path)
    rows = range(int(index.node_starts[nodes.start]), int(index.node_starts[nodes.stop]))
    found = [index.section(row) for row in rows]
    markup = index.markup(document)
    paged = is_paged(markup)
    start, end = _span(first, last, context)
    if whole_section and first is not None:
        inside = [s for s in found if s.line_start <= (last or first) and s.line_end >= first]
        start = min([start, *(section.line_start for section in inside)])
        end = max([end, *(section.line_end for section in inside)])
    lines: list[PassageLine] = []
    is_whole = not (paged or format_named(markup).has_gaps)
    before = 0
    for section in found:
        if is_whole and before:  # blank lines between sections are in none of them
            between = range(max(before + 1, start), min(section.line_start - 1, end) + 1)
            lines += (PassageLine(number, "") for number in between)
        before = max(before, section.line_end)
        if section.line_start <= end and section.line_end >= start:
            for number, text in _numbered(
                index.texts[section.row], section.line_start, paged=paged
            ):
                if start <= number <= end:
                    _add(lines, number, text)
    if not lines:
        unit = format_named(markup).unit
        raise InputError(
            f"{path} has no {unit} {first}" if first is not None else f"{path} is empty",
            hint=f"docsearch show {shlex.quote(path)}",
        )
    wanted = first if first is not None else lines[0].number
    above = [section.row for section in found if section.line_start <= wanted]
    return Passage(path, paged, _headings(index, above[-1]) if above else (), tuple(lines))


def quote_context(index: IndexReader, quote: Quoted, lines: int) -> QuoteContext:
    """Return what stands around a quote.

    Args:
        index: The index.
        quote: A quote of one of its documents.
        lines: How many lines before and after are wanted; of a page, lines of its text.

    Returns:
        The lines that there are, and what else stands on the lines of the quote.

    Raises:
        InputError: If the index has no such place.
    """
    first, last, paged = quote.line_start, quote.line_end, quote.paged
    found = read_passage(index, quote.path, first, last, context=0 if paged else lines).lines
    texts = {line.number: _line_feeds(line.text) for line in found}
    begin = first if paged else max(1, first - lines)
    # Blank lines between sections are in none of them.
    rows = [texts.get(number, "") for number in range(begin, max(last, *texts) + 1)]
    while begin + len(rows) - 1 > last and not rows[-1]:
        rows.pop()
    text, wanted = "\n".join(rows), _line_feeds(quote.quote)
    start = len("".join(f"{row}\n" for row in rows[: first - begin]))
    end = start + len("\n".join(rows[first - begin : last - begin + 1]))
    at = text.find(wanted, start)
    if at >= 0:  # else the index is damaged, and all that is known are the lines
        start, end = at, at + len(wanted)
    before, after = text[:start], text[end:]
    if paged:
        before = "".join(before.splitlines(keepends=True)[-lines - 1 :])
        after = "\n".join(after.split("\n")[: lines + 1])
    return QuoteContext(begin, begin + len(rows) - 1, before, after)


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _span(first: int | None, last: int | None, context: int) -> tuple[int, int]:
    if first is None:
        return 1, 1 << 62
    return max(1, first - context), max(first, last or first) + context


def _numbered(text: str, first: int, *, paged: bool) -> Iterator[tuple[int, str]]:
    if paged:
        yield first, text
        return
    for offset, line in enumerate(_line_feeds(text).split("\n")):
        yield first + offset, line


def _add(lines: list[PassageLine], number: int, text: str) -> None:
    """Add a line, or what a section adds to the line or page that the one before it ends on."""
    if not lines or lines[-1].number < number:
        lines.append(PassageLine(number, text))
    elif text:
        lines[-1] = PassageLine(lines[-1].number, lines[-1].text + text)


def _headings(index: IndexReader, row: int) -> tuple[str, ...]:
    heading = index.headings[row]
    return (*index.headings_above(row), *([heading] if heading else []))

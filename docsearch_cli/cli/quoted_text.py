"""A quote's lines as a person reads them: wrapped, and the question's words stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docsearch_cli.cli.output import visible_text

if TYPE_CHECKING:
    from rich.text import Text

# A column narrower than this is not wrapped to: a word a line says nothing.
_LEAST_COLUMNS = 16


def mark_words(line: str, asked: frozenset[str], language: str) -> Text:
    """Return a line in which the words that were asked for are bold.

    Args:
        line: A line of a quote, as it reads.
        asked: The question's tokens.
        language: The document's.

    Returns:
        The line, its control characters made visible.
    """
    from rich.text import Text

    from docsearch_cli.retrieval.surfaces import WORD
    from docsearch_cli.retrieval.tokens import tokenize

    text = Text(visible_text(line))
    for word in WORD.finditer(text.plain):
        if not asked.isdisjoint(tokenize(word.group(), language)):
            text.stylize("bold", *word.span())
    return text


def wrap_line(line: Text, mark: str, columns: int | None) -> list[Text]:
    """Return a line as rows: what stands before it, and below that room as wide.

    Args:
        line: The line.
        mark: What stands before it.
        columns: Width of a row; None for one row.

    Returns:
        The rows; a word is broken only where it is longer than a row.
    """
    from rich.console import Console
    from rich.text import Text

    set_in = len(line.plain) - len(line.plain.lstrip(" "))
    room = (columns or 0) - len(mark) - set_in
    if columns is None or room < _LEAST_COLUMNS:
        return [Text(mark) + line]
    rows = line[set_in:].wrap(Console(width=room), room)
    for row in rows:
        row.rstrip()
    below = " " * (len(mark) + set_in)
    return [
        Text(below if place else mark + " " * set_in) + row for place, row in enumerate(rows)
    ] or [Text(mark)]

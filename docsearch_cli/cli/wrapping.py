"""Lines on a terminal that is narrower than they are: broken between words, never inside one.

A path stays whole, so that it can be copied, and so does a command that is named in a sentence, if
it fits a row. The rows below are set in, to where a line's text begins after its name or number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

# What is not broken where it fits a row: a command of ours up to the end of its clause, a word.
_PIECE = re.compile(r"\(?docsearch [a-z][^;,()]*[^;,() ][);,]*|[^ ]+")
_WORD = re.compile(r"[^ ]+")
_GAP = re.compile(r"(?<=[^ ])   *(?=[^ ])")
# Rows below begin where a line's text does, if that is within this part of the row, and near.
_HANG_PART = 3
_MOST_HANG = 24
_INDENT = 2
# A column narrower than this is not wrapped to: a word a row says nothing.
_LEAST_COLUMNS = 16


def row_spans(line: str, columns: int) -> tuple[list[slice], int]:
    """Return where a line is broken into rows.

    Args:
        line: One line.
        columns: Cells of a row.

    Returns:
        The part of the line in each row, and how far the rows below the first are set in.
    """
    from rich.cells import cell_len

    if columns < _LEAST_COLUMNS or cell_len(line) <= columns:
        return [slice(0, len(line))], 0
    hang = _hang_of(line, columns)
    rows: list[slice] = []
    first = 0
    for start, end in _pieces(line, columns - hang):
        room = columns - (hang if rows else 0)
        # Behind a name or number alone there is as much room as on the next row.
        least = first if rows else max(hang, len(line) - len(line.lstrip(" ")))
        if start > least and cell_len(line[first:end]) > room:
            rows.append(slice(first, len(line[:start].rstrip(" "))))
            first = start
    rows.append(slice(first, len(line)))
    return rows, hang


def wrapped(line: Text, columns: int | None) -> list[Text]:
    """Return a line as rows, each with its styles.

    Args:
        line: One line.
        columns: Cells of a row; None for one row.

    Returns:
        The rows: wider than that only where one word is.
    """
    from rich.text import Text

    if columns is None:
        return [line]
    spans, hang = row_spans(line.plain, columns)
    if len(spans) == 1:
        return [line]
    rows = [line[span] for span in spans]
    return [rows[0], *(Text(" " * hang).append_text(row) for row in rows[1:])]


def wrapped_words(text: str, columns: int | None) -> str:
    """Return a plain text with its lines broken into rows, as ``wrapped`` does."""
    if columns is None:
        return text
    found: list[str] = []
    for line in text.split("\n"):
        spans, hang = row_spans(line, columns)
        found += [" " * (hang if place else 0) + line[span] for place, span in enumerate(spans)]
    return "\n".join(found)


def on_its_side(table: Table) -> Table:
    """Return a table of texts with its columns as rows.

    Args:
        table: Each of its columns has a name.

    Returns:
        A table whose first column holds the names.
    """
    from rich.table import Table

    turned = Table(box=None, pad_edge=False, show_header=False)
    turned.add_column(no_wrap=True)
    for _ in range(table.row_count):
        turned.add_column(justify="right", no_wrap=True)
    for column in table.columns:
        turned.add_row(column.header, *column.cells)
    return turned


def _hang_of(line: str, columns: int) -> int:
    """Return how far rows below are set in: to the text behind a name or number, or a little."""
    most = min(columns // _HANG_PART, _MOST_HANG)
    gaps = [gap.end() for gap in _GAP.finditer(line) if gap.end() <= most]
    return gaps[-1] if gaps else len(line) - len(line.lstrip(" ")) + _INDENT


def _pieces(line: str, room: int) -> list[tuple[int, int]]:
    """Return the pieces that are not broken: of a command that is wider than a row, its words."""
    from rich.cells import cell_len

    found: list[tuple[int, int]] = []
    for piece in _PIECE.finditer(line):
        if cell_len(piece.group()) <= room:
            found.append(piece.span())
            continue
        found += [word.span() for word in _WORD.finditer(line, *piece.span())]
    return found

"""Lines on a terminal that is narrower than they are: broken between words, never inside one.

A path, and a command that is named in a sentence, stays on one row if it fits one; in a result, a
path that is wider than that is broken behind a slash. The rows below are set in, to where a line's
text begins after its name or number.
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
_FOLDER = re.compile(r"[^/]*/+|[^/]+")
_GAP = re.compile(r"(?<=[^ ])   *(?=[^ ])")
# Rows below begin where a line's text does, if that is within this part of the row, and near.
_HANG_PART = 3
_MOST_HANG = 24
_INDENT = 2
# A column narrower than this is not wrapped to: a word a row says nothing.
_LEAST_COLUMNS = 16


def row_spans(line: str, columns: int, *, breaks_paths: bool = False) -> tuple[list[slice], int]:
    """Return where a line is broken into rows.

    Args:
        line: One line.
        columns: Cells of a row.
        breaks_paths: Whether a path that is wider than a row is broken behind a slash.

    Returns:
        The part of the line in each row, and how far the rows below the first are set in.
    """
    from rich.cells import cell_len

    if columns < _LEAST_COLUMNS or cell_len(line) <= columns:
        return [slice(0, len(line))], 0
    hang = _hang_of(line, columns)
    rows: list[slice] = []
    first = 0
    for start, end in _pieces(line, columns - hang, breaks_paths=breaks_paths):
        room = columns - (hang if rows else 0)
        # Behind a name or number alone there is as much room as on the next row.
        least = first if rows else max(hang, len(line) - len(line.lstrip(" ")))
        if start > least and cell_len(line[first:end]) > room:
            rows.append(slice(first, len(line[:start].rstrip(" "))))
            first = start
    rows.append(slice(first, len(line)))
    return rows, hang


def wrapped(line: Text, columns: int | None, *, breaks_paths: bool = False) -> list[Text]:
    """Return a line as rows, each with its styles.

    Args:
        line: One line.
        columns: Cells of a row; None for one row.
        breaks_paths: Whether a path that is wider than a row is broken behind a slash.

    Returns:
        The rows: wider than that only where one word is.
    """
    from rich.text import Text

    if columns is None:
        return [line]
    spans, hang = row_spans(line.plain, columns, breaks_paths=breaks_paths)
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


def _pieces(line: str, room: int, *, breaks_paths: bool) -> list[tuple[int, int]]:
    """Return the pieces that are not broken; what is wider than a row is cut further, if it may."""
    from rich.cells import cell_len

    found: list[tuple[int, int]] = []
    for piece in _PIECE.finditer(line):
        if cell_len(piece.group()) <= room:
            found.append(piece.span())
            continue
        for word in _WORD.finditer(line, *piece.span()):
            if breaks_paths and cell_len(word.group()) > room:
                found += [part.span() for part in _FOLDER.finditer(line, *word.span())]
            else:
                found.append(word.span())
    return found

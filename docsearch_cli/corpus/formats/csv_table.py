"""Tables (.csv, .tsv): a row a line, below the names of its columns.

The first row is the heading of every section, so that a row is found by a column's name beside its
value, and read with it. A place is a line of the file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from docsearch_cli.corpus.blocks import Block, line_spans, trimmed
from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.naming import one_line, title_of_path
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document, Section

_DELIMITERS = ("\t", ";", ",", "|")
_MOST_HEADER_CHARS = 4000
# A longer table is data that a program reads.
_MOST_CHARS = 2_000_000
# Figures alone are no names of columns.
_NAME = re.compile(r"[^\W\d_]")
_DELIMITER = re.compile(r"[,;\t|]")
_MOST_SNIFFED_ROWS = 20


def read_table(path: str, text: str, content_hash: str) -> Document:
    """Read one table.

    Args:
        path: The document's path, which gives its title.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, one section, its heading the names of the columns if it has some.

    Raises:
        ReaderError: If it is so long that it is data.
    """
    if len(text) > _MOST_CHARS:
        raise ReaderError(f"a table of more than {_MOST_CHARS:,} characters", reason="too-large")
    body = text.rstrip()
    sections: tuple[Section, ...] = ()
    if body:
        starts = line_starts(text)
        heading = _columns(body)
        last = line_number(starts, len(body) - 1)
        sections = (Section(heading, int(bool(heading)), 1, last, body),)
    return Document(path, title_of_path(path), "table", content_hash, sections)


def _columns(text: str) -> str:
    """Return the names of the columns; empty if the first row has none."""
    lines = [line for line in text[:_MOST_HEADER_CHARS].splitlines() if line.strip()]
    lines = lines[:_MOST_SNIFFED_ROWS]
    delimiter = max(_DELIMITERS, key=lambda mark: min(line.count(mark) for line in lines))
    try:
        first = next(csv.reader(lines[:1], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return ""
    names = [one_line(name) for name in first]
    has_names = len(names) > 1 and all(_NAME.search(name) for name in names if name)
    return one_line(", ".join(filter(None, names))) if has_names else ""


def plain_table(text: str) -> str:
    """Return the cells of rows, without the marks between them; lines stay lines."""
    return _DELIMITER.sub(" ", text.replace('"', " "))


def table_blocks(text: str) -> Iterator[Block]:
    """Find the rows of a table.

    Args:
        text: Raw text of a section.

    Yields:
        A block for each line.
    """
    for start, end in line_spans(text):
        yield from trimmed(text, start, end, "row")

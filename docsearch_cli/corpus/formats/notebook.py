"""Jupyter notebooks, formats 3 and 4: Markdown cells, and code under the heading above it.

A section is a part of one cell, or what the cell printed, cut from the file as it is: lines of JSON
string literals. Of outputs only text is read, not pictures. The places of the literals are found by
a scan over the file's JSON tokens, since a JSON parser gives values without their places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.notebook_plain import Literal, decode_literal
from docsearch_cli.corpus.naming import first_name, one_line
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document, Link, Section
from docsearch_cli.whole_numbers import read_number

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_LINE_ESCAPE = re.compile(r"\\r\\n|\\[nr]|\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
# What links call a cell of code: #| label: fig-one
_CELL_LABEL = re.compile(r"^[ \t]*(?:#|//|%)\|[ \t]*label:[ \t]*([^\s{}]{1,200})", re.MULTILINE)
_MOST_LEVEL = 6
_SOURCE_KEYS = frozenset(("source", "input"))
_OUTPUT_KEYS = frozenset(("text", "evalue"))
_OUTPUT_TYPES = frozenset(("text/plain", "text/markdown", "text/latex"))
# More is a dump of data.
_MOST_OUTPUT_CHARS = 20_000


@dataclass(slots=True)
class _Cell:
    kind: str = ""
    level: int = 0
    """Of a heading cell, in format 3."""
    literals: list[Literal] = field(default_factory=list)
    outputs: list[list[Literal]] = field(default_factory=list)
    """The literals of each output that is text."""
    output_key: str = ""
    """What the last literal of an output was found under."""


@dataclass(slots=True)
class _Container:
    """An object or array that the scan is inside of."""

    is_object: bool
    key: str = ""
    """Key under which its parent object holds it, or the parent array's own key."""
    next_key: str = ""
    expects_key: bool = True
    is_new: bool = True
    """Whether no literal of an output has been taken from it."""


@dataclass(slots=True)
class _Reading:
    """What has been found in the cells so far."""

    heading: str = ""
    level: int = 0
    sections: list[Section] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    labels: dict[str, None] = field(default_factory=dict)
    long_outputs: int = 0


def read_notebook(path: str, source: str, content_hash: str) -> Document:
    """Read one notebook.

    Args:
        path: The document's path, for its title when no cell has a heading.
        source: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, one section or more a cell.

    Raises:
        ReaderError: If the file is no notebook.
    """
    if not source.strip():
        return Document(path, first_name([], path), "notebook", content_hash, ())
    try:
        content = json.loads(source, parse_int=str)  # int() refuses thousands of digits
    except ValueError as error:
        raise ReaderError(f"no JSON: {error}") from error
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        raise ReaderError("no notebook: it has no cells")
    starts = line_starts(source)
    reading = _Reading()
    for cell in _cells(source):
        _read_cell(source, starts, cell, reading)
    top = [section.heading for section in reading.sections if section.level == 1]
    others = [section.heading for section in reading.sections]
    return Document(
        path=path,
        title=first_name([*top, *others], path),
        markup="notebook",
        content_hash=content_hash,
        sections=tuple(reading.sections),
        links=tuple(reading.links),
        labels=tuple(reading.labels),
        unread=_unread(reading),
    )


def _unread(reading: _Reading) -> tuple[str, ...]:
    many = "s" if reading.long_outputs > 1 else ""
    words = f"{reading.long_outputs:,} output{many} beyond {_MOST_OUTPUT_CHARS:,} characters"
    return (words,) if reading.long_outputs else ()


def _cells(source: str) -> Iterator[_Cell]:
    stack: list[_Container] = []
    cell = _Cell()
    for token in _TOKEN.finditer(source):
        mark = token[0]
        top = stack[-1] if stack else None
        if mark in "{[":
            key = (top.next_key if top.is_object else top.key) if top else ""
            if mark == "{" and top and not top.is_object and top.key == "cells":
                cell = _Cell()
            stack.append(_Container(mark == "{", key))
        elif mark in "}]":
            stack.pop()
            if mark == "}" and stack and not stack[-1].is_object and stack[-1].key == "cells":
                yield cell
        elif top is None:
            continue
        elif mark == ":":
            top.expects_key = False
        elif mark == ",":
            top.expects_key = True
        elif top.is_object and top.expects_key and mark.startswith('"'):
            top.next_key = decode_literal(mark[1:-1])
        else:
            _take_value(cell, stack, mark, token)


def _take_value(cell: _Cell, stack: list[_Container], mark: str, token: re.Match[str]) -> None:
    holder = stack[-1] if stack[-1].is_object else stack[-2] if len(stack) > 1 else None
    if holder is None or not holder.is_object:
        return
    if holder.key in ("outputs", "data"):
        is_text = holder.next_key in (_OUTPUT_TYPES if holder.key == "data" else _OUTPUT_KEYS)
        if is_text and mark.startswith('"'):
            _take_output(cell, f"{len(stack)} {holder.next_key}", stack, token)
        return
    if holder.key != "cells":
        return
    key = holder.next_key
    if key in _SOURCE_KEYS and mark.startswith('"'):
        cell.literals.append(Literal(token.start() + 1, token.end() - 1))
    elif stack[-1].is_object and key == "cell_type":
        cell.kind = decode_literal(mark.strip('"'))
    elif stack[-1].is_object and key == "level" and (level := read_number(mark)) is not None:
        cell.level = min(max(level, 0), _MOST_LEVEL)


def _take_output(cell: _Cell, key: str, stack: list[_Container], token: re.Match[str]) -> None:
    is_next = not stack[-1].is_object and cell.output_key == key and not stack[-1].is_new
    if not is_next:
        cell.outputs.append([])
    stack[-1].is_new = False
    cell.output_key = key
    cell.outputs[-1].append(Literal(token.start() + 1, token.end() - 1))


def _read_cell(source: str, starts: list[int], cell: _Cell, reading: _Reading) -> None:
    # Programs write the outputs before the source; sections are in the order of their lines.
    is_before = cell.outputs and cell.literals and cell.outputs[0][0] < cell.literals[0]
    reads = (_read_outputs, _read_source) if is_before else (_read_source, _read_outputs)
    for read in reads:
        read(source, starts, cell, reading)


def _read_outputs(source: str, starts: list[int], cell: _Cell, reading: _Reading) -> None:
    for literals in cell.outputs:
        lines = list(_source_lines(source, literals))
        kept = [line for line in lines if line.end - literals[0].start <= _MOST_OUTPUT_CHARS]
        reading.long_outputs += len(kept) < len(lines)
        _add_section(source, starts, kept, reading, ())


def _read_source(source: str, starts: list[int], cell: _Cell, reading: _Reading) -> None:
    lines = list(_source_lines(source, cell.literals))
    if not lines:
        return
    text = "".join(decode_literal(source[start:end]) for start, end in cell.literals)
    if cell.kind == "heading":
        reading.heading, reading.level = one_line(text), cell.level or 1
        _add_section(source, starts, lines, reading, ())
    elif cell.kind == "markdown":
        document = read_markdown("", text, "")
        for section in document.sections:
            if section.level:
                reading.heading, reading.level = section.heading, section.level
            part = lines[section.line_start - 1 : section.line_end]
            _add_section(source, starts, part, reading, section.anchors)
        reading.labels.update(dict.fromkeys(document.labels))
        for link in document.links:
            line = line_number(starts, lines[link.line - 1].start)
            reading.links.append(Link(link.target, link.text, line, link.syntax))
    else:
        labels = tuple(_CELL_LABEL.findall(text))
        reading.labels.update(dict.fromkeys(labels))
        _add_section(source, starts, lines, reading, labels)


def _source_lines(source: str, literals: list[Literal]) -> Iterator[Literal]:
    """Yield the place of each line of a cell's source, across literals if need be."""
    begin = end = -1
    for start, stop in literals:
        begin = start if begin < 0 else begin
        for escape in _LINE_ESCAPE.finditer(source, start, stop):
            if escape[0][-1] in "nr" and len(escape[0]) in (2, 4):
                yield Literal(begin, escape.end())
                begin = escape.end()
        end = stop
        if begin >= stop:
            begin = -1
    if begin >= 0:
        yield Literal(begin, end)


def _add_section(
    source: str,
    starts: list[int],
    lines: list[Literal],
    reading: _Reading,
    anchors: tuple[str, ...],
) -> None:
    written = [line for line in lines if decode_literal(source[line.start : line.end]).strip()]
    if not written:
        return
    begin, end = written[0].start, written[-1].end
    reading.sections.append(
        Section(
            heading=reading.heading,
            level=reading.level,
            line_start=line_number(starts, begin),
            line_end=line_number(starts, end - 1),
            text=source[begin:end],
            anchors=anchors,
        )
    )

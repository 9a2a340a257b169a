"""Org as a person reads it, and its blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from docsearch_cli.corpus.blocks import Block, Line, gather_blocks, line_spans, plain_lines

# These take all of the line and go back to the end of the text: looking for that from the beginning
# tries each run of spaces again from each of its places.
_HEADING = re.compile(
    r"(\*+)[ \t]++(?:(?:TODO|DONE|NEXT|WAITING|HOLD|CANCELLED|CANCELED)[ \t]++)?"
    r"(?:\[#\w\][ \t]++)?(\S.*|)$"
)
_TAGS = re.compile(r":[\w@#%:]+:")
KEYWORD = re.compile(r"[ \t]*#\+(\w[\w-]*):[ \t]*+((?:.*[^ \t])?)[ \t]*$")
BLOCK_BEGIN = re.compile(r"[ \t]*#\+begin_(\S+)", re.IGNORECASE)
BLOCK_END = re.compile(r"[ \t]*#\+end_(\S+)", re.IGNORECASE)
# Blocks whose content is not Org.
VERBATIM = frozenset(("src", "example", "export", "comment"))
COMMENT = re.compile(r"[ \t]*#(?:[ \t]|$)")
DRAWER = re.compile(r"[ \t]*:([\w-]+):[ \t]*$")
PROPERTY = re.compile(r"[ \t]*:([\w+-]+):[ \t]++(\S(?:.*[^ \t])?)[ \t]*$")
# Keywords whose values a person reads.
_READ_KEYWORDS = frozenset(
    ("title", "subtitle", "caption", "author", "description", "summary", "keywords", "filetags")
)
_PLANNING = re.compile(r"[ \t]*(?:CLOSED|DEADLINE|SCHEDULED|CLOCK):[ \t]*[<\[]")
_TABLE_RULE = re.compile(r"[ \t]*\|[-+| ]++[ \t]*$")
_ITEM = re.compile(r"^[ \t]*(?:[-+]|[ \t]\*|\d{1,9}[.)])[ \t]+(?:\[[ X-]\][ \t]+)?")
_INLINE = re.compile(
    r"\[\[(?P<target>[^\[\]\r\n]{1,1000})\](?:\[(?P<text>(?:[^\[\]\n]|\n(?!\n)){1,1000})\])?\]"
    r"|<<<?[^<>\r\n]{1,300}>?>>"
    r"|(?<![\w\\])(?P<mark>[*/_=~+])(?P<marked>\S(?:[^\r\n]{0,500}?\S)?)(?P=mark)(?!\w)"
)


class HeadingLine(NamedTuple):
    """What a heading says."""

    level: int
    text: str
    tags: str
    """As ``:a:b:``; empty if it has none."""


def parse_heading(line: str) -> HeadingLine | None:
    """Return what a line says if it is a heading."""
    found = _HEADING.match(line)
    if found is None:
        return None
    text = found[2].rstrip(" \t")
    before, space, last = text.replace("\t", " ").rpartition(" ")
    if space and _TAGS.fullmatch(last):
        return HeadingLine(len(found[1]), text[: len(before)].rstrip(" \t"), last)
    return HeadingLine(len(found[1]), text, "")


def plain_org(text: str) -> str:
    """Return what a person reads of a piece of Org; lines stay lines."""
    lines = [(plain, is_verbatim) for _, _, plain, is_verbatim in _read_lines(text)]
    return plain_lines(lines, _plain_inline)


def _read_lines(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield each line's span, its text (empty for marks), and whether it is verbatim."""
    verbatim = ""
    in_drawer = False
    for start, stop in line_spans(text):
        line = text[start:stop]
        end = BLOCK_END.match(line)
        if verbatim:
            if end and end[1].lower() == verbatim:
                verbatim = ""
                yield start, stop, "", False
            else:
                yield start, stop, "" if verbatim == "comment" else line, True
            continue
        if not line or line.isspace():
            in_drawer = False
            yield start, stop, line, False
            continue
        begin = BLOCK_BEGIN.match(line)
        drawer = DRAWER.match(line)
        if begin and begin[1].lower() in VERBATIM:
            verbatim = begin[1].lower()
        if drawer:
            in_drawer = drawer[1].lower() != "end"
        is_mark = begin or end or drawer or (in_drawer and PROPERTY.match(line))
        in_drawer = in_drawer and bool(is_mark)
        if is_mark or _is_mark(line):
            yield start, stop, "", False
        elif line.lstrip().startswith(": "):
            yield start, stop, line.lstrip()[2:], True
        else:
            yield start, stop, _without_line_marks(line), False


def _is_mark(line: str) -> bool:
    keyword = KEYWORD.match(line)
    if keyword:
        return keyword[1].lower() not in _READ_KEYWORDS
    patterns = (COMMENT, _PLANNING, _TABLE_RULE)
    return any(pattern.match(line) is not None for pattern in patterns)


def plain_org_inline(line: str) -> str:
    """Return one line without its marks."""
    return _plain_inline(_without_line_marks(line))


def _without_line_marks(line: str) -> str:
    heading = parse_heading(line)
    keyword = KEYWORD.match(line)
    if heading:
        line = heading.text
    elif keyword:
        is_list = keyword[1].lower() == "filetags"
        line = keyword[2].replace(":", " ") if is_list else keyword[2]
    else:
        line = _ITEM.sub("", line, count=1)
    if line.lstrip().startswith("|"):
        line = line.replace("|", " ")
    return line


def _plain_inline(text: str) -> str:
    return _INLINE.sub(_plain_of, text)


def _plain_of(found: re.Match[str]) -> str:
    if found["marked"] is not None:
        return str(found["marked"])
    if found["target"] is not None:
        return str(found["text"] or found["target"])
    return ""


def org_blocks(text: str) -> Iterator[Block]:
    """Find the blocks of a piece of Org.

    Args:
        text: Raw text of a section.

    Returns:
        Paragraphs, list items without their marks, headings; lines of code and rows of tables one
        by one.
    """
    return gather_blocks(text, _lines_of_blocks(text))


def _lines_of_blocks(text: str) -> Iterator[Line]:
    for start, end, plain, is_verbatim in _read_lines(text):
        line = text[start:end]
        if not plain.strip():
            yield Line(start, end, "gap")
        elif is_verbatim:
            yield Line(start, end, "code")
        elif line.lstrip().startswith("|"):
            yield Line(start, end, "row")
        elif parse_heading(line) is not None or KEYWORD.match(line) is not None:
            yield Line(start, end, "heading")
        elif item := _ITEM.match(line):
            yield Line(start + item.end(), end, "item")
        else:
            yield Line(start, end, "text")

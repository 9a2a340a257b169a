"""AsciiDoc as a person reads it, and its blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from docsearch_cli.corpus.blocks import Block, Line, gather_blocks, line_spans, plain_lines

# A line that opens a block whose content is not AsciiDoc; the same line closes it.
VERBATIM = re.compile(r"(-{4,}+|\.{4,}+|\+{4,}+|/{4,}+|```)(?:[\w+-]*)$")
# The same for blocks of ordinary content.
NESTED = re.compile(r"(?:={4,}|\*{4,}|_{4,}|--)$")
_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]++(\S.*)$")
# It takes all of the line and goes back to the end of the value: looking for that from
# its beginning tries each run of spaces again from each of its places.
ATTRIBUTE = re.compile(r":(!?\w[\w-]*!?):(?:[ \t]++([^ \t](?:.*[^ \t])?))?[ \t]*$")
# Attributes by which a file says what it is about.
_SAID = re.compile(r":(?:description|summary|abstract|keywords|tags|author):[ \t]+(?=\S)")
BLOCK_ATTRIBUTES = re.compile(r"\[(?!\*)[^\r\n]*\][ \t]*$")
COMMENT = re.compile(r"//(?!/)")
_TABLE = re.compile(r"[|,:!]={3,}$")
_BLOCK_MACRO = re.compile(
    r"(?:include|toc|ifdef|ifndef|ifeval|endif)::[^\[\r\n]*\[[^\r\n]*\][ \t]*$"
)
_BLOCK_TITLE = re.compile(r"\.(?=[^\s.])")
UNDERLINE = re.compile(r"([=\-~^+])\1+[ \t]*$")
_ITEM = re.compile(
    r"^[ \t]*(?:\*{1,5}|-|\.{1,5}|\d{1,9}\.|<(?:\d{1,3}|\.)>)[ \t]+(?:\[[ x*]\][ \t]+)?"
)
_CELL = re.compile(r"(?:^|[ \t])[\d.+*<^>]{0,12}[adehlmsv]?\|")
_INLINE = re.compile(
    r"(?:xref|link|mailto|image|icon|kbd|btn|menu|footnote|anchor):{1,2}[^\s\[\]]{0,1000}"
    r"\[(?P<macro>[^\[\]]{0,1000})\]"
    r"|(?P<address>(?:https?|ftp)://[^\s\[\]<>\"]{1,1000})\[(?P<named>[^\[\]]{0,1000})\]"
    r"|<<(?P<target>[^<>,\r\n]{1,300})(?:,(?P<text>[^<>]{0,300}))?>>"
    r"|\[\[[^\[\]\r\n]{1,300}\]\]"
    r"|\(\(\((?P<hidden>[^()]{0,300})\)\)\)|\(\((?P<term>[^()]{1,300})\)\)"
    r"|(?<![\w\\])(?P<mark>\*\*|__|``|##|[*_`#+])(?P<marked>\S(?:[^\r\n]{0,500}?\S)?)(?P=mark)(?!\w)"
)
_QUOTED = re.compile(r"^[\"']|[\"']$")


class _Line(NamedTuple):
    start: int
    end: int
    text: str
    """Without white space at its end."""
    kind: Literal["text", "verbatim", "mark"]
    """``mark``: nothing to read; a blank line is text."""


def parse_heading(line: str) -> tuple[int, str] | None:
    """Return the level and the text of a line if it is a heading."""
    found = _HEADING.match(line)
    if found is None:
        return None
    text = found[2].rstrip(" \t")
    before = text.removesuffix(found[1])
    if before != before.rstrip(" \t"):  # the marks may stand behind it too
        text = before.rstrip(" \t")
    return len(found[1]), text


def plain_asciidoc(text: str) -> str:
    """Return what a person reads of a piece of AsciiDoc; lines stay lines."""
    lines = (
        (line.text, True) if line.kind == "verbatim" else (_without_line_marks(line.text), False)
        for line in _read_lines(text)
        if line.kind != "mark"
    )
    return plain_lines(lines, _plain_inline)


def _read_lines(text: str) -> Iterator[_Line]:
    verbatim = above = ""
    for start, end in line_spans(text):
        line = text[start:end].rstrip()
        fence = VERBATIM.match(line)
        kind: Literal["text", "verbatim", "mark"] = "text"
        if verbatim:
            is_read = line != verbatim and not verbatim.startswith("//")
            kind = "verbatim" if is_read else "mark"
            verbatim = "" if line == verbatim else verbatim
        elif fence and not _is_underline(line, above):
            kind, verbatim = "mark", fence[1]
        elif line and is_mark(line):
            kind = "mark"
        yield _Line(start, end, line, kind)
        above = line


def is_mark(line: str) -> bool:
    """Tell whether a line, without white space at its end, is markup and nothing to read."""
    return (
        not line
        or line == "+"
        or line == "<<<"
        or line in ("'''", "---", "***")
        or NESTED.match(line) is not None
        or UNDERLINE.match(line) is not None
        or _TABLE.match(line) is not None
        or COMMENT.match(line) is not None
        or (ATTRIBUTE.match(line) is not None and not _SAID.match(line))
        or BLOCK_ATTRIBUTES.match(line) is not None
        or _BLOCK_MACRO.match(line) is not None
    )


def _is_underline(line: str, above: str) -> bool:
    """Tell whether a line underlines a title, by its length, rather than opens a listing."""
    return bool(above) and abs(len(above) - len(line)) <= 1


def plain_asciidoc_inline(line: str) -> str:
    """Return one line without its marks."""
    return _plain_inline(_without_line_marks(line))


def _without_line_marks(line: str) -> str:
    heading = parse_heading(line)
    if heading:
        line = heading[1]
    elif line.startswith(":"):
        line = _SAID.sub("", line, count=1)
    else:
        line = _BLOCK_TITLE.sub("", line, count=1) if line.startswith(".") else line
        line = _ITEM.sub("", line, count=1) if line[:1] in "*-.< \t0123456789" else line
    if "|" in line:
        line = _CELL.sub(" ", line)
    if line.endswith(("::", ";;")):
        line = line.rstrip(":;")
    elif line.endswith(" +"):
        line = line[:-2]
    return line


def _plain_inline(text: str) -> str:
    return _INLINE.sub(_plain_of, text)


def _plain_of(found: re.Match[str]) -> str:
    if found["marked"] is not None:
        return _INLINE.sub(_plain_of, found["marked"])
    if found["address"] is not None:
        return found["named"].partition(",")[0].rstrip("^") or found["address"]
    if found["target"] is not None:
        return str(found["text"] or found["target"]).strip()
    if found["macro"] is not None:
        return _QUOTED.sub("", found["macro"].partition(",")[0].strip()).rstrip("^")
    return str(found["term"] or "")


def asciidoc_blocks(text: str) -> Iterator[Block]:
    """Find the blocks of a piece of AsciiDoc.

    Args:
        text: Raw text of a section.

    Returns:
        Paragraphs, list items without their marks, headings; lines of listings and rows of tables
        one by one.
    """
    return gather_blocks(text, map(_line_of_block, _read_lines(text)))


def _line_of_block(line: _Line) -> Line:
    if line.kind == "verbatim":
        return Line(line.start, line.end, "code")
    if line.kind == "mark" or not line.text:
        return Line(line.start, line.end, "gap")
    if item := _ITEM.match(line.text):
        return Line(line.start + item.end(), line.end, "item")
    if said := _SAID.match(line.text):
        return Line(line.start + said.end(), line.end, "row")
    if parse_heading(line.text) or line.text.startswith("."):
        return Line(line.start, line.end, "heading")
    return Line(line.start, line.end, "row" if "|" in line.text else "text")

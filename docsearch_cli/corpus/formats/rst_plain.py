"""reStructuredText as a person reads it, and its blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.blocks import Block, Line, gather_blocks, line_spans

ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*[ \t]*")
_LABEL = re.compile(r"\.\. _[^\r\n]*|__[ \t]+\S[^\r\n]*")
_DIRECTIVE = re.compile(r"\.\.[ \t]+(?:\|[^|\r\n]+\|[ \t]+)?([\w:.+-]+)::(?:[ \t]+|$)")
_NOTE = re.compile(r"\.\.[ \t]+(?:\[[^\]\r\n]+\]|\|)")
_FIELD = re.compile(r":([\w][\w \t.-]{0,60}):(?:[ \t]+|$)")
# A field with a value, as at the top of a file and below its ``meta`` directive.
_SAID = re.compile(rf"(?P<indent>[ \t]*){_FIELD.pattern}(?=\S)")
_MARK = r"(?:[-*+•]|(?:\d{1,9}|#|[a-zA-Z])[.)]|\((?:\d{1,9}|#|[a-zA-Z])\))[ \t]++"
_ITEM = re.compile(rf"[ \t]*{_MARK}")
LABEL_START = rf"[ \t]*(?:{_MARK})*+\.\.[ \t]+_"
"""The beginning of a label, which may be in a list's item, or in a table made of lists."""
_ITEM_LABEL = re.compile(rf"{LABEL_START}[^\r\n]*:[ \t]*$")
_GRID_RULE = re.compile(r"[ \t]*\+[-=+]{2,}[ \t]*|[ \t]*[=-]{2,}(?:[ \t]+[=-]{2,})+[ \t]*")
_INLINE = re.compile(
    r"``(?P<literal>[^\r\n]{1,1000}?)``"
    r"|(?::[\w+.:-]{1,60}:)?`(?P<text>(?:\\<|[^`<]){1,500}?)(?:\s*<[^`<>]{0,1000}>)?`_{0,2}(?!\w)"
    r"|\|(?P<substitution>[^|\s][^|\r\n]{0,100})\|_{0,2}"
    r"|(?P<star>\*{1,2})(?=\S)|(?<=\S)(?P<star2>\*{1,2})"
    r"|\[(?P<footnote>[^\[\]\s]{1,60})\]_(?!\w)"
    r"|\b(?P<name>[A-Za-z][\w.-]{0,100}?)__?(?![\w_])"
    r"|\\(?P<escape>\S)"
)
_QUIET_NAMES = (
    "image figure include literalinclude toctree contents index raw highlight meta only "
    "currentmodule module default-role tags code code-block sourcecode prompt"
)
_QUIET_DIRECTIVES = frozenset(_QUIET_NAMES.split())


def plain_rst(text: str) -> str:
    """Return what a person reads of a piece of reStructuredText; lines stay lines."""
    kept = []
    for start, end, _ in _read_lines(text):
        line = text[start:end]
        stripped = line.strip()
        if (ADORNMENT.fullmatch(stripped) and len(stripped) > 1) or _GRID_RULE.fullmatch(line):
            continue
        if stripped.startswith(("..", "__")):
            line = _plain_explicit(stripped)
            if not line:
                continue
        elif ".. _" in line and _ITEM_LABEL.match(line):
            continue
        kept.append(plain_rst_inline(line))
    return "\n".join(kept)


def _read_lines(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield the span and the indentation of each line but those below a comment's first."""
    comment_indent = -1  # what is indented deeper belongs to the comment; -1 outside
    for start, end in line_spans(text):
        line = text[start:end]
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        if comment_indent >= 0 and (not stripped or indent > comment_indent):
            continue
        comment_indent = indent if is_comment(stripped) else -1
        yield start, end, indent


def is_comment(stripped: str) -> bool:
    """Tell whether a line, stripped, begins a comment; what is indented below belongs to it."""
    if stripped != ".." and not stripped.startswith(".. "):
        return False
    return not (_LABEL.match(stripped) or _DIRECTIVE.match(stripped) or _NOTE.match(stripped))


def _plain_explicit(line: str) -> str:
    if _LABEL.match(line):
        return ""
    directive = _DIRECTIVE.match(line)
    if directive:
        return "" if directive[1] in _QUIET_DIRECTIVES else line[directive.end() :]
    note = _NOTE.match(line)
    if note and line[note.end() - 1] == "]":
        return line[note.end() :].strip()
    return "" if line.startswith(".. ") or line == ".." else line


def plain_rst_inline(text: str) -> str:
    """Return a stretch of text without its inline marks."""
    field = _FIELD.match(text.lstrip())
    if field:
        text = text.replace(f":{field[1]}:", f"{field[1]} ", 1)
    if text.rstrip().endswith("::"):
        text = text.rstrip()[:-1]
    if not any(sign in text for sign in "`*|_\\"):
        return text
    return _INLINE.sub(_plain_of, text)


def _plain_of(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "text":
        return re.sub(r"\\([<>])", r"\1", found["text"]).lstrip("~!").strip()
    if kind in ("literal", "substitution", "footnote", "name", "escape"):
        return str(found[kind])
    return ""


def rst_blocks(text: str) -> Iterator[Block]:
    """Find the blocks of a piece of reStructuredText.

    Args:
        text: Raw text of a section.

    Returns:
        Paragraphs, list items without their marks, titles; lines of literal blocks and rows of
        tables one by one.
    """
    return gather_blocks(text, _lines_of_blocks(text))


def _lines_of_blocks(text: str) -> Iterator[Line]:
    literal_indent = -1  # indentation above which lines are literal; -1 outside
    meta_indent = -1  # the same for fields that say what the file is about
    lines = list(_read_lines(text))
    terms = _terms(text, lines)
    for place, (start, end, indent) in enumerate(lines):
        line = text[start:end]
        stripped = line.strip()
        if literal_indent >= 0 and stripped and indent > literal_indent:
            yield Line(start, end, "code")
            continue
        if stripped:
            literal_indent = -1
        if stripped.startswith((".. code", ".. sourcecode", ".. parsed-literal")):
            literal_indent = indent
        if stripped:
            meta_indent = -1 if indent <= meta_indent else meta_indent
            meta_indent = indent if stripped == ".. meta::" else meta_indent
        if (not indent or meta_indent >= 0) and (field := _SAID.match(line)):
            yield Line(start + field.end("indent"), end, "row")
            continue
        if _breaks_paragraph(line, stripped):
            yield _explicit_line(start, end, line)
            continue
        if item := _ITEM.match(line):
            yield Line(start + item.end(), end, "item")
        else:
            yield Line(start, end, "term" if place in terms else "text")
        if stripped.endswith("::"):
            literal_indent = indent


def _terms(text: str, lines: Sequence[tuple[int, int, int]]) -> frozenset[int]:
    """Return which lines are terms: alone above what is set in deeper."""
    found = set()
    above = -1  # indentation of the line above; -1 for none
    for place, (start, end, indent) in enumerate(lines):
        is_blank = not text[start:end].strip()
        if not is_blank and (above < 0 or above > indent) and place + 1 < len(lines):
            next_start, next_end, next_indent = lines[place + 1]
            if next_indent > indent and text[next_start:next_end].strip():
                found.add(place)
        above = -1 if is_blank else indent
    return frozenset(found)


def _explicit_line(start: int, end: int, line: str) -> Line:
    """Return what a person reads of a line that breaks a paragraph."""
    stripped = line.strip()
    if stripped.startswith("|"):
        return Line(start, end, "row")
    plain = _plain_explicit(stripped) if stripped.startswith(".. ") else ""
    return Line(start + line.index(plain), end, "item") if plain else Line(start, end, "gap")


def _breaks_paragraph(line: str, stripped: str) -> bool:
    return (
        not stripped
        or stripped.startswith((".. ", "|"))
        or stripped == ".."
        or (".. _" in line and _ITEM_LABEL.match(line) is not None)
        or (len(stripped) > 1 and ADORNMENT.fullmatch(stripped) is not None)
        or _GRID_RULE.fullmatch(line) is not None
        or (stripped.startswith(":") and _FIELD.match(stripped) is not None)
    )

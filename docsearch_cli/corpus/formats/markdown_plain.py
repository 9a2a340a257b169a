"""Markdown as a person reads it, and its blocks.

One pass of regular expressions without nested repetition: this runs over every section when a
corpus is indexed, and over untrusted text, so it must be fast and linear. It need not be
exact CommonMark; a mark that is kept or removed by mistake does no harm.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from docsearch_cli.corpus.blocks import Block, Line, LineKind, gather_blocks, line_spans

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_LINE_MARKS = re.compile(
    r"^[ \t]*(?:>[ \t]?)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?"
    r"(?:\[[ xX!][\w-]*\][+-]?[ \t]+)?(?:#{1,6}[ \t]+)?",
    re.MULTILINE,
)
_LIST_MARK = re.compile(
    r"[ \t]*+(?:>[ \t]?)*+[ \t]*+(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?"
)
_QUOTE_MARK = re.compile(r"[ \t]*(?:>[ \t]?)+")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+")
# A line of code without a fence.
_SET_IN = re.compile(r"(?: {4}| {0,3}\t)[ \t]*\S")
# What precedes the text of a line.
_MARKS: dict[LineKind, re.Pattern[str]] = {
    "text": _QUOTE_MARK,
    "item": _LIST_MARK,
    "heading": _HEADING,
}
_RULE = re.compile(r"^[ \t>]*[-=*_|:+][-=*_|:+ \t]*$", re.MULTILINE)
_DEFINITION = re.compile(r"^[ \t]{0,3}\[[^\[\]\n^][^\[\]\n]{0,200}\]:[ \t]*\S[^\n]*$", re.MULTILINE)
# Matched only where white space begins: from each of its characters it would be quadratic.
_HEADING_TAIL = re.compile(
    r"(?<![ \t])(?:[ \t]++#++[ \t]*+$|[ \t]*+\{:?[ \t]*+#[\w.:-]+[^{}\n]{0,200}\}[ \t]*$)"
)
_BLOCK_ID = re.compile(r"(?:^|(?<=[ \t]))\^[A-Za-z0-9][A-Za-z0-9-]*[ \t]*$", re.MULTILINE)
_TABLE_ROW = re.compile(r"^[ \t]*\|[^\n]*$", re.MULTILINE)
_SIGNS = re.compile(r"[\[\]<*_`\\~|=%]")
_DESTINATION = (
    r"\]\(\s*+(?:<[^<>\n]{0,1000}>|[^\s()<>]{0,2000}(?:\([^\s()]{0,500}\)[^\s()]{0,500}){0,4})?+"
    r"(?:\s++(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?+\s*+\)"
)
# Each match includes the run of plain characters before a mark: skipping them is a loop in C, and
# attempting every alternative at each of them is six times the work. The last alternative matches a
# run at the end, which would otherwise be attempted again from each of its characters.
_INLINE = re.compile(
    r"(?P<run>[^\\`!\[\]<*_~=%]*+)(?:"
    r"\\(?P<escape>[!-/:-@\[-`{-~])"
    r"|`(?P<code>[^`\n]{1,1000})`(?!`)"
    r"|(?<!`)(?P<ticks>`{2,9}+)(?!`)(?P<code2>[^\n]{1,1000}?)(?<!`)(?P=ticks)(?!`)"
    r"|!?\[\[(?P<note>[^\[\]\n|](?:[^\[\]\n|]|\[[^\[\]\n|]{0,300}\]){0,300}?)(?:\\?\|(?P<label>[^\[\]\n]{0,300}))?\]\](?!\()"
    r"|(?P<footnote>\[\^[^\[\]\s]{1,50}\])"
    r"|(?P<open>!?\[)"
    rf"|(?P<destination>{_DESTINATION})"
    r"|(?P<reference>\]\[[^\[\]\n]{0,200}\])"
    r"|(?P<close>\])"
    r"|<(?P<url>(?:https?|ftp|mailto):[^<>\s]{1,2000})>"
    r"|(?P<tag></?[A-Za-z][^<>]{0,2000}>)"
    r"|(?P<marks>\*+|_+|~~|==|%%)"
    r"|(?P<sign>[\\`!<~=%])"
    r"|\Z)"
)
# A person reads the content of these.
_READ_AS_THEY_ARE = frozenset(("escape", "code", "code2", "label", "url", "sign"))
_BREAKING_TAG = re.compile(
    r"</?(?:br|p|div|li|ul|ol|tr|td|th|table|h[1-6]|pre|dd|dt|hr|img)\b", re.IGNORECASE
)


def plain_markdown(text: str) -> str:
    """Return what a person reads of a piece of Markdown; lines stay lines."""
    text = blank_comments(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "```" not in text and "~~~" not in text:
        return _plain_prose(text)
    return "\n".join(
        chunk if is_code else _plain_prose(chunk) for is_code, chunk in _by_fences(text)
    )


def blank_comments(text: str) -> str:
    """Return the text with HTML comments blanked out, every offset and line end kept."""
    start = text.find("<!--")
    if start < 0:
        return text
    parts, position = [], 0
    while start >= 0:
        end = text.find("-->", start + 4)
        end = end + 3 if end >= 0 else len(text)
        parts += [text[position:start], re.sub(r"[^\r\n]", " ", text[start:end])]
        position = end
        start = text.find("<!--", end)
    return "".join((*parts, text[position:]))


def _by_fences(text: str) -> Iterator[tuple[bool, str]]:
    fence = ""
    gathered: list[str] = []
    for line in text.split("\n"):
        after = _fence_after(line, fence)
        if after == fence:
            gathered.append(line)
        else:
            yield bool(fence), "\n".join(gathered)
            gathered, fence = [], after
    yield bool(fence), "\n".join(gathered)


def _fence_after(line: str, fence: str) -> str:
    """Return the marks of the fence that is open after a line; ``fence`` is the one before it."""
    found = _FENCE.match(line) if "```" in line or "~~~" in line else None
    if found is None:
        return fence
    rest = line[found.end() :]
    if fence:
        return "" if found[1].startswith(fence) and not rest.strip() else fence
    return "" if "`" in rest else found[1]


def _plain_prose(text: str) -> str:
    text = _RULE.sub("", text)
    if "]:" in text:
        text = _DEFINITION.sub("", text)
    if "^" in text:
        text = _BLOCK_ID.sub("", text)
    if "#" in text:
        text = "\n".join(
            _HEADING_TAIL.sub("", line) if "#" in line else line for line in text.split("\n")
        )
    text = _LINE_MARKS.sub("", text)
    if _SIGNS.search(text):
        text = _plain_inline(text)
    return html.unescape(text) if "&" in text else text


def _plain_inline(text: str) -> str:
    parts: list[str] = []
    brackets: list[int] = []  # index in parts of each "[" that is still open
    for found in _INLINE.finditer(text):
        parts.append(found[1])
        kind = found.lastgroup
        if kind in _READ_AS_THEY_ARE:
            parts.append(found[kind])
        elif kind == "marks":
            parts.append(_marks_to_keep(text, found))
        elif kind == "open":
            brackets.append(len(parts))
            parts.append(found[kind])
        elif kind in ("destination", "reference", "close"):
            parts.append(_close_bracket(found, parts, brackets))
        elif kind == "tag":
            parts.append(" " if _BREAKING_TAG.match(found[kind]) else "")
        elif kind == "note":
            parts.append(found[kind].replace("#", " > "))
    text = "".join(parts)
    return _TABLE_ROW.sub(_plain_row, text) if "|" in text else text


def _plain_row(found: re.Match[str]) -> str:
    return found[0].replace("|", " ")


def _close_bracket(found: re.Match[str], parts: list[str], brackets: list[int]) -> str:
    opening = brackets.pop() if brackets else None
    kind = found.lastgroup
    if kind == "close":
        return "]"
    if kind == "reference" and (opening is None or parts[opening - 1][-1:].isalnum()):
        return found[kind]  # rows[i][j], or the end of something cut off
    if opening is not None:
        parts[opening] = ""
    return ""


def _marks_to_keep(text: str, found: re.Match[str]) -> str:
    """Return the marks if they are characters: with space around them, or inside a word."""
    start, end = found.span("marks")
    before, after = text[start - 1 : start], text[end : end + 1]
    is_flanked = bool(before.strip()) or bool(after.strip())
    inside_word = before.isalnum() and after.isalnum()
    if not is_flanked or (text[start] in "_=" and inside_word):
        return text[start:end]
    return ""


def markdown_blocks(text: str) -> Iterator[Block]:
    """Find the blocks of a piece of Markdown.

    Args:
        text: Raw text of a section.

    Returns:
        Paragraphs and list items without their marks, headings, table rows, lines of code.
    """
    return gather_blocks(text, _lines_of_blocks(blank_comments(text)))


def _lines_of_blocks(text: str) -> Iterator[Line]:
    fence = ""
    is_apart = True  # whether a paragraph cannot go on here
    in_list = False  # what is set in there belongs to an item
    for start, end in line_spans(text):
        line = text[start:end]
        after = _fence_after(line, fence)
        if after != fence:
            fence, is_apart = after, True
            yield Line(start, end, "gap")
        elif fence or (is_apart and not in_list and _SET_IN.match(line)):
            yield Line(start, end, "code")
        else:
            kind = _kind_of(line)
            is_apart = kind in ("gap", "heading")
            in_list = kind == "item" or (in_list and line[:1] in " \t")
            marks = _MARKS[kind].match(line) if kind in _MARKS else None
            yield Line(start + (marks.end() if marks else 0), end, kind)


def _kind_of(line: str) -> LineKind:
    stripped = line.strip()
    if not stripped:
        return "gap"
    first = stripped[0]
    if first == "|":
        return "gap" if _RULE.match(line) else "row"
    if first == "#" and _HEADING.match(line):
        return "heading"
    if first in "-=*_:+" and _RULE.match(line):
        return "gap"
    if first == "[" and _DEFINITION.match(line):
        return "gap"
    if (first in "-*+>" or first.isdigit()) and _LIST_MARK.match(line):
        return "item"
    if first == ">":
        return "gap" if not stripped.strip("> \t") else "text"
    return "text"

"""TeX as a person reads it, and its blocks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from docsearch_cli.corpus.blocks import Block, Line, LineKind, gather_blocks, line_spans

COMMENT = re.compile(r"(?<!\\)%.*")
VERBATIM = re.compile(r"\\begin\{((?:[Vv]erbatim|lstlisting|minted|alltt|Highlighting)\*?)\}")
# Commands whose arguments are names, sizes and the like.
_QUIET = (
    "label|ref|pageref|eqref|autoref|[cC]ref|nameref|vref|includegraphics|usepackage|documentclass"
    "|RequirePackage|bibliography|bibliographystyle|[vh]space|input|include|newcommand|renewcommand"
    "|providecommand|setlength|addtolength|setcounter|pagestyle|thispagestyle|begin|end|cite\\w*"
    "|nocite|index|hypersetup|definecolor|color|graphicspath|newenvironment|def|let|rule|fontsize"
)
_INLINE = re.compile(
    rf"\\(?:{_QUIET})(?![A-Za-z])\*?"
    r"(?:[ \t]*\[[^\[\]]{0,300}\]){0,9}(?:[ \t]*\{[^{}]{0,300}\}){0,9}"
    r"(?:\[[^\[\]]{0,300}\])?"
    r"|\\(?P<accent>[`'^\"~=.](?=\{?\\?[A-Za-z])|[uvHtcdbkr](?=\{\\?[A-Za-z]\}))"
    r"(?:\{\\?(?P<letter>[A-Za-z])\}|\\?(?P<bare>[A-Za-z]))"
    r"|\\(?P<command>[A-Za-z@]{1,40})\*?[ \t]*(?:\[[^\[\]]{0,300}\])?"
    r"|\\(?P<escape>.)|(?P<dashes>--+)|(?P<quotes>``|'')|(?P<tie>~)|[{}]"
)
_LETTERS = {
    "ss": "\u00df", "ae": "\u00e6", "AE": "\u00c6", "oe": "\u0153", "OE": "\u0152", "o": "\u00f8",
    "O": "\u00d8", "aa": "\u00e5", "AA": "\u00c5", "l": "\u0142", "L": "\u0141", "LaTeX": "LaTeX",
    "TeX": "TeX", "ldots": "\u2026", "dots": "\u2026", "textbackslash": "\\", "textasciitilde": "~",
    "copyright": "\u00a9", "S": "\u00a7", "i": "i", "j": "j", "times": "\u00d7",
}  # fmt: skip
_MARKS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331", "t": "\u0361",
}  # fmt: skip
_ESCAPES = {
    ",": "\u2009",
    ";": " ",
    " ": " ",
    ":": " ",
    "\\": " ",
    "/": "",
    "-": "",
    "@": "",
    "!": "",
}
_GROUPED = re.compile(r"(?<=\d)\{,\}(?=\d)")
_HEADING = re.compile(
    r"[ \t]*\\(?:part|chapter|(?:sub){0,2}section|(?:sub)?paragraph|title|caption)\*?[ \t]*[\[{]"
)
_ITEM = re.compile(r"[ \t]*\\item(?![A-Za-z])[ \t]*(?:\[(?P<term>[^\[\]]{0,200})\])?[ \t]*")
_ROW = re.compile(r"(?<!\\)&[^\r\n]*\\\\")


def plain_tex(text: str) -> str:
    """Return what a person reads of a piece of TeX; lines stay lines."""
    return "\n".join(plain if kind != "gap" else "" for _, _, kind, plain in _read(text))


def tex_blocks(text: str) -> Iterator[Block]:
    """Find the blocks of a piece of TeX.

    Args:
        text: Raw text of a section.

    Returns:
        Paragraphs, items without their marks, headings, rows of tables, lines of code.
    """
    return gather_blocks(text, (Line(start, end, kind) for start, end, kind, _ in _read(text)))


def _read(text: str) -> Iterator[tuple[int, int, LineKind, str]]:
    """Yield each line's span, its kind, and how it reads."""
    closing = ""
    for start, end in line_spans(text):
        line = text[start:end]
        if closing:
            is_end = closing in line
            yield start, end, "gap" if is_end else "code", "" if is_end else line
            closing = "" if is_end else closing
            continue
        opened = VERBATIM.search(line) if "\\begin" in line else None
        if opened is not None:
            closing = f"\\end{{{opened[1]}}}"
            closing = "" if closing in line else closing
            yield start, end, "gap", ""
            continue
        plain = _plain_line(line)
        item = _ITEM.match(line)
        if not plain.strip():
            yield start, end, "gap", ""
        elif item is not None:
            yield (
                start + item.start("term") if item["term"] else start + item.end(),
                end,
                "item",
                plain,
            )
        elif _HEADING.match(line):
            yield start, end, "heading", plain
        else:
            yield start, end, "row" if _ROW.search(line) else "text", plain


def _plain_line(line: str) -> str:
    if "%" in line:
        line = COMMENT.sub("", line)
    if "{,}" in line:
        line = _GROUPED.sub(",", line)
    if not any(sign in line for sign in "\\{}~-`'"):
        return line
    return _INLINE.sub(_plain_of, line)


def _plain_of(found: re.Match[str]) -> str:
    if found["accent"]:
        letter = found["letter"] or found["bare"]
        return unicodedata.normalize("NFC", letter + _MARKS[found["accent"]])
    if found["command"]:
        return _LETTERS.get(found["command"], " " if found["command"] in ("item", "par") else "")
    if found["escape"]:
        return _ESCAPES.get(found["escape"], found["escape"])
    if found["dashes"]:
        return "\u2014" if len(found["dashes"]) > 2 else "\u2013"
    if found["quotes"]:
        return "\u201c" if found["quotes"] == "``" else "\u201d"
    return "\u00a0" if found["tie"] else ""

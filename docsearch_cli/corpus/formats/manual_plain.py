"""Manual pages as a person reads them, and their blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docsearch_cli.corpus.blocks import Block, Line, gather_blocks, line_spans

HEADING = re.compile(r"[.'][ \t]*(SH|SS|Sh|Ss)\b")
_REQUEST = re.compile(r"[.'][ \t]*([A-Za-z][A-Za-z0-9]*|\\\"|\\}|\.)?[ \t]*")
_COMMENT = re.compile(r"(?<!\\)\\\".*")
# Macros whose arguments are read: in one go, or one after the other.
_JOINED = frozenset(("BR", "BI", "IR", "IB", "RB", "RI"))
_SPACED = frozenset(("B", "I", "R", "SM", "SB", "SH", "SS", "Sh", "Ss", "MR"))
# Macros of mdoc: they stand at the beginning of a line, and inside of one.
_FLAG = "Fl"
_MDOC = frozenset(
    (
        *("Ad", "An", "Ao", "Ap", "Aq", "Ar", "At", "Bc", "Bo", "Bq", "Brq", "Bro", "Brc", "Bsx"),
        *("Cd", "Cm", "Dc", "Do", "Dq", "Dv", "Ec", "Em", "En", "Eo", "Er", "Ev", "Fa", "Fc"),
        *("Fl", "Fn", "Fo", "Ft", "Fx", "Ic", "In", "Li", "Lk", "Ms", "Mt", "Nm", "No", "Ns", "Nx"),
        *("Oc", "Oo", "Op", "Ox", "Pa", "Pc", "Pf", "Po", "Pq", "Ql", "Qc", "Qo", "Qq", "Sc", "So"),
        *("Sq", "Sx", "Sy", "Tn", "Ux", "Va", "Vt", "Xc", "Xo", "Xr", "Nd", "St", "Rv", "D1", "Dl"),
    )
)
_ITEMS = frozenset(("It", "IP", "TP", "TQ"))
# What opens and closes text that is set line by line.
_CODE_BEGINS = frozenset(("nf", "EX", "Bd", "Vb", "vS"))
_CODE_ENDS = frozenset(("fi", "EE", "Ed", "Ve", "vE"))
_ARGUMENT = re.compile(r"\"((?:[^\"]|\"\")*)\"?|(\S+)")
_CHARACTERS = {
    "-": "-", "(bu": "\u2022", "(aq": "'", "(dq": '"', "(lq": "\u201c", "(rq": "\u201d",
    "(oq": "\u2018", "(cq": "\u2019", "(co": "\u00a9", "(em": "\u2014", "(en": "\u2013",
    "(hy": "-", "(mi": "-", "(ti": "~", "(ha": "^", "(rs": "\\", "(la": "<", "(ra": ">",
    "(ga": "`", "(mu": "\u00d7", "(->": "\u2192", "(>=": "\u2265", "(<=": "\u2264", "(sc": "\u00a7",
    "(rg": "\u00ae", "(tm": "\u2122", "e": "\\", "\\": "\\", "~": "\u00a0", " ": " ", "0": " ",
    "t": "\t", "'": "'", "`": "`", ".": ".", "*(lq": "\u201c", "*(rq": "\u201d", "*(Aq": "'",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:f(?:\[[^\]\r\n]{0,30}\]|\(..|.)|[sS](?:[-+]?\(?\d{1,2}|'[^']{0,10}'|\[[^\]]{0,8}\])"
    r"|m(?:\[[^\]\r\n]{0,30}\]|\(..|.)|[hvlLDwoNbxXZ]'[^'\r\n]{0,60}'"
    r"|[nkgFM](?:\[[^\]]{0,30}\]|\(..|.)"
    r"|(?P<long>\[[^\]\r\n]{1,30}\])|(?P<two>\*?\(..)|(?P<one>.))"
)


def plain_line(line: str) -> str:
    """Return what a person reads of one line; empty for a request to the typesetter."""
    line = _COMMENT.sub("", line) if '\\"' in line else line
    if line[:1] in (".", "'"):
        line = _plain_request(line)
    return _ESCAPE.sub(_character, line) if "\\" in line else line


def _plain_request(line: str) -> str:
    found = _REQUEST.match(line)
    name = (found[1] or "") if found else ""
    rest = line[found.end() :] if found else ""
    words = [quoted.replace('""', '"') or bare for quoted, bare in _ARGUMENT.findall(rest)]
    if name in _JOINED:
        return "".join(words)
    if name == "Xr" or name == "MR":
        return f"{words[0]}({words[1]}){''.join(words[2:])}" if len(words) > 1 else " ".join(words)
    if name in _SPACED:
        return " ".join(words)
    if name == "IP":
        return " ".join(words[:1])
    if name in _MDOC or name == "It":
        return _plain_mdoc([name, *words])
    return ""


def _plain_mdoc(words: list[str]) -> str:
    """Return the words of a line of mdoc without the macros among them."""
    kept: list[str] = []
    glue = ""
    for word in words:
        if word in ("Ns", "Pf", "Ap"):
            glue = "'" if word == "Ap" else ""
            if kept:
                kept[-1] += "\x00"
        elif word == _FLAG:
            kept.append("-\x00")
        elif word not in _MDOC and word != "It":
            kept.append(glue + word)
            glue = ""
    return " ".join(kept).replace("\x00 ", "").replace("\x00", "")


def _character(found: re.Match[str]) -> str:
    if found["long"] is not None:
        return _CHARACTERS.get(f"({found['long'][1:-1]}", "")
    return _CHARACTERS.get(found["two"] or found["one"] or "", "")


def plain_manual(text: str) -> str:
    """Return what a person reads of a piece of a manual page; lines stay lines."""
    return "\n".join(plain_line(text[start:end]) for start, end in line_spans(text))


def manual_blocks(text: str) -> Iterator[Block]:
    """Find the blocks of a piece of a manual page.

    Args:
        text: Raw text of a section.

    Returns:
        Paragraphs, titles, and lines that are set as they are.
    """
    return gather_blocks(text, _lines(text))


def _lines(text: str) -> Iterator[Line]:
    is_code = is_tag = False
    for start, end in line_spans(text):
        line = text[start:end]
        request = _REQUEST.match(line) if line[:1] in (".", "'") else None
        name = (request[1] or "") if request is not None else ""
        if name in _CODE_BEGINS or name in _CODE_ENDS:
            is_code = name in _CODE_BEGINS
        if not plain_line(line).strip():
            is_tag = name in ("TP", "TQ")
            yield Line(start, end, "gap")
        elif HEADING.match(line):
            yield Line(start, end, "heading")
        elif name in _ITEMS or is_tag:
            yield Line(start, end, "term")
            is_tag = False
        else:
            yield Line(start, end, "code" if is_code else "text")

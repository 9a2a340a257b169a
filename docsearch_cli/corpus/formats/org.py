"""Org, read line by line: headings, drawers with ids, links of Org and of org-roam.

The libraries for it give neither the place of a link nor the text that a quote is cut from. So
headings and links are found here, after code, examples and comments are blanked out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from docsearch_cli.corpus.decoded_file import DecodedFile
from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.formats.org_plain import (
    BLOCK_BEGIN,
    BLOCK_END,
    COMMENT,
    KEYWORD,
    PROPERTY,
    VERBATIM,
    parse_heading,
    plain_org,
    plain_org_inline,
)
from docsearch_cli.corpus.naming import first_name, heading_slug, one_line
from docsearch_cli.corpus.outline import Heading, cut_at_headings
from docsearch_cli.models import Document, Link

_LINK = re.compile(
    r"\[\[(?P<target>[^\[\]\n]{1,1000})\](?:\[(?P<text>(?:[^\[\]\n]|\n(?!\n)){1,1000})\])?\]"
    r"|(?<![\w\[<\"'])(?P<address>(?:https?|ftp)://[^\s\[\]<>\"']{1,1000})"
    r"|<(?P<angle>(?:https?|ftp|file):[^<>\n]{1,1000})>"
)
_TARGET = re.compile(r"<<(?!<)([^<>\n]{1,300})>>")
_VERBATIM_TEXT = re.compile(r"(?<![\w\\])([=~])\S(?:[^\n]{0,500}?\S)?\1(?!\w)")
_ID_KEYS = ("custom_id", "id")
_MOST_ALIASES = 100


@dataclass(slots=True)
class _Reading:
    """What the lines of a file hold."""

    parsed: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=lambda: [Heading("", 0, 0, [])])
    keywords: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Values of ``#+KEY:`` lines by key in lower case, each with the index of its line."""
    labels: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def read_org(path: str, text: str, content_hash: str) -> Document:
    """Read one Org file.

    Args:
        path: The document's path, for its title when the file has none.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, its sections not yet cut to size.
    """
    file = DecodedFile(text, line_starts(text))
    reading = _read_lines(file.lines())
    title = " ".join(value for _, value in reading.keywords.get("title", []))
    reading.aliases += [
        one_line(name)
        for key in ("alias", "aliases")
        for _, value in reading.keywords.get(key, [])
        for name in value.split(",")
        if name.strip()
    ]
    titles = [heading.text for heading in reading.headings[1:2]]
    return Document(
        path=path,
        title=first_name([plain_org_inline(title), *titles], path),
        markup="org",
        content_hash=content_hash,
        sections=tuple(cut_at_headings(file, reading.headings, plain_org)),
        links=tuple(sorted(_links(reading), key=lambda link: link.line)),
        aliases=tuple(dict.fromkeys(reading.aliases[:_MOST_ALIASES])),
        tags=tuple(dict.fromkeys(reading.tags)),
        labels=tuple(dict.fromkeys(reading.labels)),
    )


def _read_lines(lines: Sequence[str]) -> _Reading:
    reading = _Reading()
    verbatim = ""
    for number, line in enumerate(lines):
        if verbatim:
            end = BLOCK_END.match(line)
            verbatim = "" if end and end[1].lower() == verbatim else verbatim
            reading.parsed.append("")
            continue
        begin = BLOCK_BEGIN.match(line)
        if begin and begin[1].lower() in VERBATIM:
            verbatim = begin[1].lower()
        if heading := parse_heading(line):
            text = one_line(plain_org_inline(line))
            reading.headings.append(
                Heading(text, heading.level, number, [heading_slug(text)] if text else [])
            )
            reading.tags += filter(None, heading.tags.split(":"))
        elif keyword := KEYWORD.match(line):
            reading.keywords.setdefault(keyword[1].lower(), []).append((number, keyword[2]))
            if keyword[1].lower() == "filetags":
                reading.tags += filter(None, re.split(r"[:\s]+", keyword[2]))
        elif entry := PROPERTY.match(line):
            _take_property(reading, entry[1].lower().rstrip("+"), entry[2])
        is_code = line.lstrip().startswith(": ")
        reading.parsed.append("" if is_code or COMMENT.match(line) else line)
        for target in _TARGET.findall(line):
            reading.headings[-1].anchors.append(target)
    return reading


def _take_property(reading: _Reading, key: str, value: str) -> None:
    if key in _ID_KEYS:
        reading.headings[-1].anchors.append(value if key == "custom_id" else f"id:{value}".lower())
        if key == "id":
            reading.labels.append(f"id:{value}")
    elif key in ("roam_aliases", "roam_alias"):
        try:
            reading.aliases += shlex.split(value)
        except ValueError:  # a quotation mark that is never closed
            reading.aliases.append(value)


def _links(reading: _Reading) -> Iterator[Link]:
    for number, value in reading.keywords.get("include", []):
        name = value.split('"')[1] if value.count('"') > 1 else value.partition(" ")[0]
        if name:
            yield Link(name.partition("::")[0], "", number + 1, "include")
    text = "\n".join(reading.parsed)
    if "=" in text or "~" in text:
        text = _VERBATIM_TEXT.sub(_blank_without_link, text)
    starts = line_starts(text)
    own = {anchor for heading in reading.headings for anchor in heading.anchors}
    for found in _LINK.finditer(text):
        target = (found["target"] or found["address"] or found["angle"]).strip()
        if found["address"]:
            target = target.rstrip(".,;:!?)*'")
        label = one_line(found["text"] or target)
        line = line_number(starts, found.start())
        yield _link(target, label, line, own)


def _blank_without_link(found: re.Match[str]) -> str:
    """Blank verbatim text out, but not what two equals signs in addresses enclose."""
    holds_marks = "[[" in found[0] or "]]" in found[0]
    is_whole = found[0].find("[[") < found[0].find("]]") and "[[" in found[0]
    return found[0] if holds_marks and not is_whole else " " * len(found[0])


def _link(target: str, label: str, line: int, own: set[str]) -> Link:
    kind, colon, rest = target.partition(":")
    if colon and kind == "id":
        return Link(target.partition("::")[0], label, line, "ref")
    if colon and kind == "roam":
        return Link(rest, label, line, "title")
    if colon and kind in ("file", "file+sys", "file+emacs"):
        target = rest
    elif target.startswith(("*", "#")):
        name = target.lstrip("*#").strip()
        return Link(f"#{name}", label, line)
    elif not colon and not target.startswith((".", "/", "~")):
        is_own = target in own or heading_slug(target) in own
        return Link(f"#{target}" if is_own else target, label, line, "url" if is_own else "wiki")
    path, _, place = target.partition("::")
    place = "" if place.isdigit() else place.lstrip("*#").strip()
    return Link(f"{path}#{place}" if place else path, label, line)

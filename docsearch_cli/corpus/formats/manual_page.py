"""Manual pages, in the macros ``man`` and ``mdoc`` of troff, packed by gzip or not.

A page is called as other pages name it, ``ls(1)``, and every such name in its text leads to the
page, if it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.decoded_file import DecodedFile
from docsearch_cli.corpus.encoding import line_starts
from docsearch_cli.corpus.formats.manual_plain import HEADING, plain_line, plain_manual
from docsearch_cli.corpus.formats.manual_references import NAMED
from docsearch_cli.corpus.naming import first_name, heading_slug, one_line
from docsearch_cli.corpus.outline import Heading, cut_at_headings
from docsearch_cli.models import Document, Link

_TITLE = re.compile(r"\.(?:TH|Dt)[ \t]+(\"[^\"\r\n]{1,100}\"|\S{1,100})[ \t]+\"?([1-9]\w{0,8})\"?")
_SIGN = re.compile(r"^(?:\.TH[ \t]+\S|\.Dd(?:[ \t]|$)|\.Dt[ \t]+\S|\.so[ \t]+\S)", re.MULTILINE)
_MOST_SNIFFED_CHARS = 16 * 1024


def looks_like_manual(text: str) -> bool:
    """Tell whether a text is a manual page."""
    return _SIGN.search(text, 0, _MOST_SNIFFED_CHARS) is not None


def read_manual(path: str, text: str, content_hash: str) -> Document:
    """Read one manual page.

    Args:
        path: The document's path, for its title when the page has none.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document.
    """
    file = DecodedFile(text, line_starts(text))
    lines = file.lines()
    title = next(filter(None, map(_title, lines)), "")
    return Document(
        path=path,
        title=first_name([title], path),
        markup="manual",
        content_hash=content_hash,
        sections=tuple(cut_at_headings(file, _headings(lines), plain_manual)),
        links=tuple(_links(lines, title)),
    )


def _title(line: str) -> str:
    found = _TITLE.match(line)
    if found is None:
        return ""
    name = plain_line(found[1].strip('"'))
    return f"{name.lower() if name.isupper() else name}({found[2].lower()})"


def _headings(lines: Sequence[str]) -> list[Heading]:
    headings = [Heading("", 0, 0, [])]
    for number, line in enumerate(lines):
        found = HEADING.match(line)
        if found is not None:
            following = lines[number + 1] if number + 1 < len(lines) else ""
            text = one_line(plain_line(line) or plain_line(following))
            level = 1 if found[1].upper() == "SH" else 2
            headings.append(Heading(text, level, number, [heading_slug(text)] if text else []))
    return headings


def _links(lines: Sequence[str], own: str) -> Iterator[Link]:
    for number, line in enumerate(lines, 1):
        if "(" not in line and not line.startswith(".Xr"):
            continue
        for name, section in NAMED.findall(plain_line(line)):
            target = f"{name}({section})"
            if target.lower() != own.lower():
                yield Link(target, target, number, "title")

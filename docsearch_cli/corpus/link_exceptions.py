"""Links that a page says may lead nowhere: those beside a comment with ``docsearch-ignore`` in it.

The mark counts in a comment of any format. On a line without a link it is about the next line that
is not blank; ``docsearch-ignore-begin`` and ``docsearch-ignore-end`` enclose more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from docsearch_cli.models import Document

_MARK = "docsearch-ignore"
_MARKED = re.compile(rf"{_MARK}(?P<kind>-begin|-end)?(?![\w-])")
_LINE_END = re.compile(r"\r\n|\r|\n")


def mark_exceptions(document: Document, text: str) -> Document:
    """Mark the links that may lead nowhere.

    Args:
        document: A document whose places are lines.
        text: Its text.

    Returns:
        The document; the same one if nothing in it is marked.
    """
    if _MARK not in text or not document.links:
        return document
    with_links = {link.line for link in document.links}
    lines = set(_excused_lines(_LINE_END.split(text), with_links))
    links = [
        replace(link, is_excused=True) if link.line in lines else link for link in document.links
    ]
    return replace(document, links=tuple(links))


def _excused_lines(lines: Sequence[str], with_links: set[int]) -> Iterator[int]:
    is_inside = is_next = False
    for number, line in enumerate(lines, start=1):
        found = _MARKED.search(line)
        if found and found["kind"]:
            is_inside = found["kind"] == "-begin"
        elif found and number not in with_links:
            is_next = True
        elif line.strip():
            if is_inside or is_next or found:
                yield number
            is_next = False

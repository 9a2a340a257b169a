"""HTML tags with their places in the source.

A tolerant tokenizer in linear time. HTML parsers repair and rearrange, and lose a tag's position
in the file. Quotes and line numbers need exactly that, so tags are found here by position, and the
rest of the text is left alone. There are no tags in comments, declarations, ``script`` and
``style``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

# What begins a comment, or a tag's name and, if it ends before the next tag, the rest of it.
_MARKUP = re.compile(r"<(?:([!?])|(/?)([A-Za-z][^\s/<>]*+)(?:([^<>]*+)>)?)")
# A quoted attribute may hold < or >; the length bound keeps a file full of "<a '" linear.
_MOST_QUOTED_TAG_CHARS = 1024
_QUOTED_TAG = re.compile(r"<(/?)([A-Za-z][^\s/<>]*+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
# Their content is text up to the closing tag, whatever it looks like.
_RAW_TEXT = {
    name: re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "xmp")
}


class Tag(NamedTuple):
    """One start or end tag."""

    name: str
    """Lower case."""
    is_end: bool
    start: int
    """Offset of its ``<``."""
    end: int
    """Offset after its ``>``."""
    attribute_text: str

    def attributes(self) -> dict[str, str]:
        """Return its attributes, names in lower case, entities decoded, the first one wins."""
        found: dict[str, str] = {}
        for name, double, single, bare in _ATTRIBUTE.findall(self.attribute_text):
            value = double or single or bare
            found.setdefault(name.lower(), html.unescape(value) if "&" in value else value)
        return found


class Comment(NamedTuple):
    """A comment, declaration or processing instruction."""

    start: int
    end: int


def scan_markup(text: str, position: int = 0) -> Iterator[Tag | Comment]:
    """Find the tags and comments of a text, in order.

    Args:
        text: HTML, or Markdown with HTML in it; a ``<`` that begins no tag is text.
        position: Offset to begin at.

    Yields:
        Tags and comments; they do not overlap.
    """
    while (found := _MARKUP.search(text, position)) is not None:
        if found[1]:
            start = found.start()
            position = _end_of_comment(text, start)
            yield Comment(start, position)
            continue
        tag = _tag_of(text, found)
        if tag is None:
            position = found.end()
            continue
        yield tag
        position = tag.end
        closing = None if tag.is_end else _RAW_TEXT.get(tag.name)
        if closing is not None and not tag.attribute_text.endswith("/"):
            raw_end = closing.search(text, position)
            position = raw_end.start() if raw_end else len(text)


def tag_spans(text: str) -> list[tuple[int, int]]:
    """Return where the tags and comments of a text stand."""
    return [(found.start, found.end) for found in scan_markup(text)]


def _end_of_comment(text: str, start: int) -> int:
    if text.startswith("<!--", start):
        end = text.find("-->", start + 4)
        return end + 3 if end >= 0 else len(text)
    if text.startswith("<![CDATA[", start):
        end = text.find("]]>", start)
        return end + 3 if end >= 0 else len(text)
    end = text.find(">", start)
    return end + 1 if end >= 0 else len(text)


def _tag_of(text: str, found: re.Match[str]) -> Tag | None:
    slash, name, attribute_text = found.group(2, 3, 4)
    if attribute_text != "" and (
        attribute_text is None or attribute_text.count('"') % 2 or attribute_text.count("'") % 2
    ):
        start = found.start()
        quoted = _QUOTED_TAG.match(text, start, start + _MOST_QUOTED_TAG_CHARS)
        if quoted is not None:
            return Tag(quoted[2].lower(), bool(slash), start, quoted.end(), quoted[3])
        if attribute_text is None:
            return None
    return Tag(name.lower(), slash == "/", *found.span(), attribute_text)

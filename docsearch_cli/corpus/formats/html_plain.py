"""HTML as a person reads it, and its blocks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from docsearch_cli.corpus.blocks import Block, BlockKind, line_spans, trimmed
from docsearch_cli.corpus.formats.html_tags import Comment, Tag, scan_markup

# Elements whose content nobody reads.
UNREAD_ELEMENTS = frozenset(("script", "style", "template", "noscript", "svg", "head"))
_BLOCK_NAMES = (
    "address article aside blockquote body br caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p "
    "pre section summary table tbody tfoot thead title tr ul"
)
_BLOCK_ELEMENTS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset(("td", "th"))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "title", "caption")
# What the text right inside of an element is; of a list item, its first paragraph.
_KINDS: dict[str, BlockKind] = {**dict.fromkeys(_HEADINGS, "heading"), "dt": "term", "li": "item"}
# A row with more text, tags included, is a page's layout.
_MOST_ROW_CHARS = 1_200
# The sign beside a heading that links to it; bounded, to stay linear.
_PERMALINK = re.compile(
    r"<a\b[^<>]{0,300}?\bhref\s*=\s*[\"']?#[^<>]{0,300}>(?:&#?\w{1,8};|[^\w<>]){1,8}</a>"
)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def plain_html(text: str) -> str:
    """Return what a person reads of a piece of HTML, block elements on lines of their own."""
    if "<" not in text:
        return html.unescape(text) if "&" in text else text
    if "#" in text:
        text = _PERMALINK.sub("", text)
    parts: list[str] = []
    position = 0
    for found, is_unread in readable_markup(text):
        parts.append(text[position : found.start])
        position = found.end
        if isinstance(found, Comment) or is_unread:
            continue
        if found.name in _BLOCK_ELEMENTS:
            parts.append("\n")
        elif found.name in _CELLS:
            parts.append(" ")
    parts.append(text[position:])
    plain = html.unescape("".join(parts))
    return _BLANK_LINES.sub("\n", plain)


def is_blank_html(text: str) -> bool:
    """Tell whether a person reads nothing of a piece of HTML; it stops at the first text."""
    seen = _PERMALINK.sub("", text) if "#" in text else text
    position = 0
    for found, _ in readable_markup(seen):
        between = seen[position : found.start].strip()
        position = found.end
        if between:
            # A reference may stand for a space, or begin here and end after the tag.
            return "&" in between and not plain_html(text).strip()
    return not html.unescape(seen[position:]).strip()


def readable_markup(text: str) -> Iterator[tuple[Tag | Comment, bool]]:
    """Find the tags and comments of a text; an unread element counts as one, content included.

    Args:
        text: HTML.

    Yields:
        Each tag or comment, and whether it stands for a whole unread element.
    """
    opened: Tag | None = None
    depth = 0
    for found in scan_markup(text):
        if opened is not None:
            if isinstance(found, Tag) and found.name == opened.name:
                depth += -1 if found.is_end else 1
            if depth > 0:
                continue
            yield Tag(opened.name, False, opened.start, found.end, ""), True
            opened = None
        elif (
            isinstance(found, Tag)
            and found.name in UNREAD_ELEMENTS
            and not found.is_end
            and not found.attribute_text.endswith("/")
        ):
            opened, depth = found, 1
        else:
            yield found, False
    if opened is not None:  # never closed: what follows may still be the page
        yield opened, False
        if opened.name in ("script", "style"):
            return
        yield from ((found, False) for found in scan_markup(text, opened.end))


def html_blocks(text: str) -> Iterator[Block]:
    """Find the blocks of a piece of HTML.

    Args:
        text: Raw text of a section.

    Yields:
        Stretches between block elements, inline tags included; headings, terms and lines of
        preformatted text are one unit each, and so is a row, unless it holds what a page is made
        of.
    """
    row: list[Block] | None = None
    for block, name in _stretches(text):
        if name == "tr":
            if row:
                yield from _row(row)
            row = []
        elif name == "/tr":
            yield from _row(row or [])
            row = None
        elif block is not None and row is not None:
            row.append(block)
        elif block is not None:
            yield block
    yield from _row(row or [])


def _row(blocks: list[Block]) -> Iterator[Block]:
    """Yield a row as one unit; what is too long to be one, or holds code, stays as it is."""
    size = sum(block.end - block.start for block in blocks)
    if blocks and size <= _MOST_ROW_CHARS and all(block.kind != "code" for block in blocks):
        yield Block(blocks[0].start, blocks[-1].end, "row")
    else:
        yield from blocks


def _stretches(text: str) -> Iterator[tuple[Block | None, str]]:
    """Yield the stretches between block elements, and where rows begin and end (their tags)."""
    begin = 0
    in_pre = False
    kind: BlockKind = "text"
    for found, is_unread in readable_markup(text):
        if isinstance(found, Comment):
            continue
        if not is_unread and found.name not in _BLOCK_ELEMENTS:
            continue
        is_blank = True
        for block in _stretch(text, begin, found.start, "code" if in_pre else kind):
            is_blank = False
            yield block, ""
        if kind == "item" and not is_blank:
            kind = "text"
        begin = found.end
        if found.name == "pre":
            in_pre = not found.is_end
        if found.name == "tr":
            yield None, "/tr" if found.is_end else "tr"
        if found.name in _KINDS:
            kind = "text" if found.is_end else _KINDS[found.name]
    for block in _stretch(text, begin, len(text), "code" if in_pre else kind):
        yield block, ""


def _stretch(text: str, start: int, end: int, kind: BlockKind) -> Iterator[Block]:
    if kind != "code":
        yield from trimmed(text, start, end, kind)
        return
    for line_start, line_end in line_spans(text, start, end):
        yield from trimmed(text, line_start, line_end, kind)

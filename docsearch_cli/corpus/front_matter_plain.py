"""Front matter as a person reads it: the words of its fields, line by line.

What a page's front matter says of it (title, description, keywords, author, ...) is the beginning
of its first section, so that it is found and quoted with its line, and weighs no more than other
words of that section. What speaks to the site's program (layout, weight, addresses, switches,
numbers) is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from docsearch_cli.corpus.blocks import Block, line_spans, trimmed

# A larger block is data, see ``front_matter.py``.
_MOST_CHARS = 64 * 1024
_OPENINGS = {
    "-": re.compile(
        r"---[ \t]*(?:\r\n|\n|\r)(?=\s*(?:#[^\r\n]*\s+){0,20}[\w.\"'-]+[ \t]*:(?:\s|\Z))"
    ),
    "+": re.compile(
        r"\+\+\+[ \t]*(?:\r\n|\n|\r)(?=\s*(?:#[^\r\n]*\s+){0,20}(?:[\w.\"'-]+[ \t]*=|\[))"
    ),
    "{": re.compile(r"\{\s*(?=\"[\w.-]+\"[ \t]*:)"),
}
_CLOSINGS = {
    "-": re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)"),
    "+": re.compile(r"(?<=[\r\n])\+\+\+[ \t]*(?:\r\n|\n|\r|\Z)"),
    "{": re.compile(r"(?:(?<=[\r\n])|(?<=[\"\]}]))\}[ \t]*(?:\r\n|\n|\r|\Z)"),
}
_FIELD = re.compile(
    r"[ \t]*(?:-[ \t]+)?([\"']?)(?P<key>[\w.-]{1,60})\1[ \t]*(?::(?=[ \t]|$)|=)[ \t]*"
)
_ITEM = re.compile(r"[ \t]*-[ \t]+")
# A comment, or the name of a table in TOML.
_NO_FIELD = re.compile(r"[ \t]*(?:#|\[{1,2}[\w.\"-]+\]{1,2}[ \t]*$)")
# Fields whose names say nothing beside their values.
_UNNAMED = frozenset(
    (
        *("title", "linktitle", "subtitle", "shorttitle", "sidebar_label", "nav_title", "name"),
        *("description", "summary", "excerpt", "abstract", "lead", "teaser", "intro", "tagline"),
        *("keywords", "keyword", "tags", "tag", "topics", "categories", "category"),
        *("aliases", "alias", "text"),
    )
)
# Fields that speak to the site's program.
_TECHNICAL = frozenset(
    (
        *("layout", "type", "template", "kind", "output", "outputs", "format", "engine", "markup"),
        *("slug", "id", "uid", "uuid", "url", "permalink", "path", "canonical_url"),
        *("redirect_from", "redirect_to", "redirects", "pagination_next", "pagination_prev"),
        *("weight", "order", "nav_order", "position", "sidebar_position", "sidebar_class_name"),
        *("draft", "published", "toc", "toc_hide", "hide_title", "hide_table_of_contents"),
        *("image", "images", "thumbnail", "cover", "icon", "css", "js", "class", "math"),
        *("lang", "language", "locale", "encoding", "charset", "content_type", "content-type"),
        *("jupyter", "kernelspec", "jupytext", "api", "mermaid", "ms.date", "ms.topic"),
        *("ms.service", "ms.author", "ms.reviewer", "topic_type"),
    )
)
_VALUE_OF_PROGRAMS = re.compile(
    r"(?:true|false|yes|no|on|off|null|none|nil|~|[|>][+-]?\d?|[-+]?\d+(?:\.\d+)?|[^\s/]*/\S*|\S{80,})?",
    re.IGNORECASE,
)


class _Value(NamedTuple):
    start: int
    """Of the words, the name of their field included where it says something."""
    end: int


def front_matter_end(text: str) -> int:
    """Return where the front matter ends that a section begins with; 0 if there is none.

    Args:
        text: Raw text of a section. A piece of a long one may end inside the front matter.

    Returns:
        The offset behind it.
    """
    opening = _OPENINGS.get(text[:1])
    if opening is None or not opening.match(text):
        return 0
    closing = _CLOSINGS[text[0]].search(text, 1, _MOST_CHARS)
    return closing.end() if closing is not None else len(text)


def plain_front_matter(text: str) -> str:
    """Return what a person reads of front matter, a line for each of its lines."""
    lines = text.count("\n") + 1
    plain = [""] * lines
    line = place = 0
    for value in _values(text):
        line += text.count("\n", place, value.start)
        place = value.start
        plain[line] = text[value.start : value.end]
    return "\n".join(plain)


def says_something(text: str) -> bool:
    """Tell whether there is anything that a person reads in front matter."""
    return any(text[value.start : value.end].strip() for value in _values(text))


def front_matter_blocks(text: str, end: int) -> Iterator[Block]:
    """Yield the fields of the front matter that a section begins with.

    Args:
        text: Raw text of the section.
        end: Where the front matter ends.

    Yields:
        A block for each line with something to read.
    """
    for start, stop in _values(text[:end]):
        yield from trimmed(text, start, stop, "field")


def _values(text: str) -> Iterator[_Value]:
    key = ""
    for start, end in line_spans(text):
        line = text[start:end]
        field = _FIELD.match(line)
        if field is not None:
            is_part = line[:1] in (" ", "\t", "-") and text[:1] != "{"
            key = key if is_part and key in _TECHNICAL else field["key"].lower()
        item = _ITEM.match(line)
        begin = field.end() if field else item.end() if item else 0
        first, last = _inside(text, start + begin, end)
        words = text[first:last]
        is_mark = not field and (not words.strip("-+.") or _NO_FIELD.match(line))
        if is_mark or key in _TECHNICAL or _VALUE_OF_PROGRAMS.fullmatch(words):
            continue
        if field and key not in _UNNAMED:
            first, last = start + field.start("key"), _stripped(text, start, end)[1]
        yield _Value(first, last)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the white space around it, and without a comma behind it."""
    while end > start and text[end - 1] in ", \t":
        end -= 1
    while start < end and text[start] in " \t":
        start += 1
    return start, end


def _inside(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a value's span without the brackets, then the quotation marks, that enclose it."""
    for pairs in (("[]", "{}"), ('""', "''")):
        start, end = _stripped(text, start, end)
        ends = text[start : start + 1] + text[end - 1 : end]
        if end - start > 1 and (ends in pairs and ends[1] not in text[start + 1 : end - 1]):
            start, end = start + 1, end - 1
    return _stripped(text, start, end)

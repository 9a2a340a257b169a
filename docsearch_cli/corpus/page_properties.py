"""Page properties: ``key:: value`` on the first lines of a page, as Logseq and Roam write them.

They say of a page what front matter does, but are a part of its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from docsearch_cli.corpus.naming import one_line

_PROPERTY = re.compile(r"[ \t]*(?:[-*][ \t]+)?([A-Za-z][\w-]{0,60})::(?:[ \t]+(\S.*))?[ \t]*")
# Properties come first; the bullets below them have properties of their own.
_MOST_LINES = 50
_MARKS = re.compile(r"#?\[\[|\]\]")
# A comma inside double brackets does not separate.
_SEPARATOR = re.compile(r"[,，](?![^\[\]]*\]\])")


@dataclass(frozen=True, slots=True)
class PageProperties:
    """What the properties of one page say."""

    title: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


NO_PROPERTIES = PageProperties()


def parse_page_properties(body: str) -> PageProperties:
    """Read the properties at the beginning of a page.

    Args:
        body: Its text, without front matter.

    Returns:
        What they say; nothing where the first line of text is no property.
    """
    values: dict[str, str] = {}
    for line in body[:10_000].lstrip("\ufeff \t\r\n").splitlines()[:_MOST_LINES]:
        found = _PROPERTY.fullmatch(line)
        if found is None:
            break
        values.setdefault(found[1].lower(), found[2] or "")
    if not values:
        return NO_PROPERTIES
    return PageProperties(
        title=one_line(_MARKS.sub("", values.get("title", ""))),
        aliases=(*_names(values.get("alias", "")), *_names(values.get("aliases", ""))),
        tags=_names(values.get("tags", "")),
    )


def _names(value: str) -> tuple[str, ...]:
    names = (one_line(_MARKS.sub("", name)).lstrip("#") for name in _SEPARATOR.split(value))
    return tuple(dict.fromkeys(filter(None, names)))

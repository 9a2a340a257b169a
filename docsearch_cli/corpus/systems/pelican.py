"""Pelican: a keyword in braces before a path says what kind of file it is."""

from __future__ import annotations

import re

# Lists that it makes: of a tag, a category, an author.
_LIST = re.compile(r"[{|](tag|category|author)[}|]")
_LISTS = {"tag": "tags", "category": "categories", "author": "authors"}
_KEYWORD = re.compile(r"(?:\{|\|)(?:filename|static|attach)(?:\}|\|)(/?)")


def address_of(target: str) -> str:
    """Return a link's target as a path, from the content's root if it begins with a slash."""
    made = _LIST.match(target)
    if made is not None:
        return f"/{_LISTS[made[1]]}/{target[made.end() :]}"
    found = _KEYWORD.match(target)
    return found[1] + target[found.end() :] if found is not None else target

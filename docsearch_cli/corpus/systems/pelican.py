"""Pelican: a keyword in braces before a path says what kind of file it is."""

from __future__ import annotations

import re

MADE = ("{tag}", "{category}", "{author}", "{index}")
"""What addresses of pages that it makes of others begin with."""
_KEYWORD = re.compile(r"(?:\{|\|)(?:filename|static|attach)(?:\}|\|)(/?)")


def address_of(target: str) -> str:
    """Return a link's target as a path, from the content's root if it begins with a slash."""
    found = _KEYWORD.match(target)
    return found[1] + target[found.end() :] if found is not None else target

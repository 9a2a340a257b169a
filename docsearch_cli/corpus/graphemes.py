"""Grapheme clusters: what a person takes for one character, though it may be several.

A flag is two code points, a family of emoji seven, a letter with accents as many as it likes. A
text is shortened before a cluster or behind it, never inside.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

# Before a character below the first, behind one below the second, every place parts clusters.
_FIRST_MARK = "\u0300"
_FIRST_PREFIX = "\u0600"
# A cluster that is longer is nobody's writing; it is cut.
_LONGEST = 256
_DOTS = "..."


def whole_until(text: str, end: int, start: int = 0) -> int:
    """Return the last place, not after ``end``, where a text may be cut.

    Args:
        text: Any text.
        end: Where it should be cut.
        start: Where the part begins that must not become empty.

    Returns:
        A place behind ``start``; ``end`` itself where one cluster is all that there is before it.
    """
    if not start < end < len(text) or _parts(text, end):
        return end
    begin = end - 1
    while begin > max(start, end - _LONGEST) and not _parts(text, begin):
        begin -= 1
    place = begin if begin > start and _parts(text, begin) else start
    for cluster in _clusters().finditer(text, begin, end + _LONGEST):
        if cluster.end() > end:
            break
        place = cluster.end()
    return place if place > start else end


def shorten(text: str, most: int) -> str:
    """Return a text on one line, with dots for what is longer than so many characters."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    return flat[: whole_until(flat, most - len(_DOTS))] + _DOTS


def _parts(text: str, place: int) -> bool:
    """Tell, without looking further, whether a place certainly parts two clusters."""
    before, behind = text[place - 1], text[place]
    return behind < _FIRST_MARK and before < _FIRST_PREFIX and (behind != "\n" or before != "\r")


@cache
def _clusters() -> regex.Pattern[str]:
    import regex  # 20 ms, and only texts with such characters need it

    return regex.compile(r"\X")

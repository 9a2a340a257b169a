"""Short forms that a text explains itself: ``Long Form Name (LFN)``.

The initials of the words before the brackets must be the letters in them; words such as "of" may
be left out. Only Latin letters, and not more than a line is looked at.

Source:
    Schwartz and Hearst 2003, A Simple Algorithm for Identifying Abbreviation Definitions; stricter
    here: each letter is a word's initial.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Pairs that are taken of one document; one with more is a list of them, and rare.
_MOST_PAIRS = 64
_MOST_CHARS = 160
# A plural s is no letter of a short form.
_SHORT = re.compile(r"\(([A-Z](?:[A-Za-z0-9&-]{0,8})[A-Z0-9])s?\)")
_WORD = re.compile(r"[A-Za-z0-9]+(?:['’][a-z]+)?")
_SMALL = frozenset(
    (
        *("a", "an", "and", "as", "at", "by", "de", "for", "from", "in", "la", "of", "on", "or"),
        *("the", "to", "von", "with"),
    )
)


class ShortForm(NamedTuple):
    """A short form, and what it stands for, both as they are spelled."""

    short: str
    long: str


def find_short_forms(texts: Iterable[str]) -> tuple[ShortForm, ...]:
    """Return the short forms that some texts explain, each pair once, in their order.

    Args:
        texts: What a person reads of a document, a section each.

    Returns:
        A bounded number of them.
    """
    found: dict[ShortForm, None] = {}
    for text in texts:
        for pair in _explained(text) if "(" in text else ():
            if len(found) == _MOST_PAIRS:
                return tuple(found)
            found[pair] = None
    return tuple(found)


def _explained(text: str) -> Iterator[ShortForm]:
    for place in _SHORT.finditer(text):
        letters = [character.lower() for character in place[1] if character.isalnum()]
        start = max(0, place.start() - _MOST_CHARS, text.rfind("\n", 0, place.start()) + 1)
        words = list(_WORD.finditer(text, start, place.start()))
        first = _first_word([word.group().lower() for word in words], letters)
        if first is not None and sum(letter.isalpha() for letter in letters) > 1:
            yield ShortForm(place[1], text[words[first].start() : place.start()].strip())


def _first_word(words: list[str], letters: list[str]) -> int | None:
    """Return the place of the word that the first letter is the initial of; None without a fit."""
    place = len(words)
    for letter in reversed(letters):
        place -= 1
        while place >= 0 and words[place][0] != letter and words[place] in _SMALL:
            place -= 1
        if place < 0 or words[place][0] != letter:
            return None
    return place

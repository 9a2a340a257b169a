"""Characters: what words are written with, and which spellings of a word are the same.

A *mark* (a vowel sign, an accent that has no letter of its own) belongs to the word that it stands
in, though ``\\w`` does not match it. An *ignored* character (a soft hyphen, a joiner, a direction
mark) is there for the typesetter: a word is the same with and without it. *Folding* leaves out what
people leave out when they type: accents, stress marks and the vowel points of Semitic scripts,
and the forms of one letter that differ from country to country.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# The iota that stands below a letter is a letter once its case is folded, so it counts as ignored.
IGNORED = re.compile(
    "[\u00ad\u034f\u0345\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
# Where marks and ignored characters are: without one of these a text needs no closer look. Wide,
# for speed: much of it is letters. Taking the ASCII out first takes a sixth of the time.
_MAY_BE_MARK = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0489\u0590-\u1cff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20d0-\u20ff\u2ce0-\u2dff\u3020-\u302f\u3099\u309a\ua660-\uabff\ufb1e"
    "\ufe00-\ufe2f\ufeff\U00010000-\U0001ffff\U000e0000-\U000e0fff]"
)
_ASCII = bytes(range(128))
# The highest code point with a mark in a script is below this one.
_LAST_MARK = 0x1F000
# Marks that people leave out: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic.
# Those of the scripts of India are vowels, which nobody leaves out.
_DROPPED_MARK = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u08ca-\u08ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
)
# Letters whose accent, if they have one, is often left out: another's is part of the letter, as in
# the Cyrillic short i.
_HAS_VARIANTS = re.compile("[a-zæœøı\u0370-\u03ff\u0600-\u06ff]")
# Letters that are typed as others and have no decomposition that says so: with a stroke through
# them, ligatures, the Turkish i without a dot, the Arabic and the Persian form of one letter.
_TYPED_AS = {
    "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ŧ": "t",
    "ı": "i", "ё": "е", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": "",
}  # fmt: skip


class _Folding(dict[int, str]):
    """A table for ``str.translate`` that fills itself: a language uses a few hundred characters."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


_folding = _Folding()


def fold(word: str) -> str:
    """Return a case-folded word as somebody types it who leaves the accents out."""
    return word if word.isascii() else word.translate(_folding)


def needs_closer_look(text: str) -> bool:
    """Return whether a text may hold marks or ignored characters."""
    others = text.encode("utf-8", "replace").translate(None, _ASCII).decode()
    return _MAY_BE_MARK.search(others) is not None


@cache
def marks() -> str:
    """Return every mark, for use in a class of a regular expression."""
    characters = map(chr, range(0x300, _LAST_MARK))
    return "".join(
        character
        for character in characters
        if unicodedata.category(character) in ("Mn", "Mc") and not IGNORED.match(character)
    )


def _fold_character(character: str) -> str:
    known = _TYPED_AS.get(character)
    if known is not None:
        return known
    if _DROPPED_MARK.match(character):
        return ""
    decimal = unicodedata.decimal(character, None)
    if decimal is not None:
        return str(decimal)
    letter = unicodedata.normalize("NFD", character)[0]
    return _TYPED_AS.get(letter, letter) if _HAS_VARIANTS.match(letter) else character

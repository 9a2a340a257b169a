"""Surfaces: the pieces of a text that words are cut from.

    surface   a run of word characters, with the dots and hyphens that hold an identifier together
    signed    a name with signs that no surface holds (``C++``, ``--flag``, ``std::move``)

A mark belongs to the word that it stands in; what an ignored character (a soft hyphen, a joiner)
joins is one surface, and so is each of its pieces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from docsearch_cli.retrieval.folding import IGNORED, marks, needs_closer_look

# A run of word characters, with the marks that hold identifiers, versions and options together.
# What is never given back saves a sixth of the time.
WORD = re.compile(r"\w++(?:[.\-]\w++)*+")
_ASCII_WORD = re.compile(WORD.pattern.replace(r"\w", "[A-Za-z0-9_]"))  # the same, and faster
# What is one thing with signs that no surface holds: a sign that it holds, and how it is written.
# An expression that begins with its sign is fast; the others are matched around their signs only,
# which are searched for where their first character occurs at all.
_SIGNED_FIRST = (
    ("--", re.compile(r"--(?<![\w\-]--)[^\W\d_]\w*(?:-\w+)*")),
    (".", re.compile(r"\.(?<![\w.]\.)[^\W\d_]\w*")),
)
_SIGNED_INSIDE = (
    ("+", "++", re.compile(r"[^\W\d_]\w*\+\+")),
    ("#", "#", re.compile(r"[^\W\d_]\w*#(?!\w)")),
    (":", "::", re.compile(r"\w+(?:::\w+)+")),
    ("@", "@", re.compile(r"\w+(?:[.+\-]\w+)*@\w+(?:[.\-]\w+)+")),
)
# Characters before and behind a sign that are searched: no name is longer.
_SIGN_REACH = 80


def surfaces_of(text: str) -> tuple[list[str], list[str]]:
    """Return the surfaces of a text, and the tokens of what has signs that no surface holds."""
    if text.isascii():
        return _ASCII_WORD.findall(text), _signed(text)
    text = unicodedata.normalize("NFKC", text)
    if not needs_closer_look(text):
        return WORD.findall(text), _signed(text)
    if not IGNORED.search(text):
        return marked_word().findall(text), _signed(text)
    # What ignored characters join is a surface, and so is each of the pieces: a soft hyphen stands
    # in a word, a joiner may stand between two.
    joined = unicodedata.normalize("NFKC", IGNORED.sub("", text))
    surfaces, signed = surfaces_of(joined)
    for spaced in text.split():
        if IGNORED.search(spaced):
            surfaces.extend(_broken_pieces(spaced))
    return surfaces, signed


def _broken_pieces(text: str) -> Iterator[str]:
    """Yield the surfaces of the pieces that ignored characters break words into."""
    for run in _broken_run().findall(text):
        pieces = IGNORED.split(run)
        for piece in pieces if len(pieces) > 1 else ():
            yield from marked_word().findall(unicodedata.normalize("NFKC", piece))


@cache
def marked_word() -> re.Pattern[str]:
    """Return the pattern of a surface whose words have marks."""
    run = rf"\w+(?:[{marks()}]+\w*)*"
    return re.compile(rf"{run}(?:[.\-]{run})*")


@cache
def _broken_run() -> re.Pattern[str]:
    """Return the pattern of a run that may have marks and ignored characters."""
    return re.compile(rf"(?:\w+|[{marks()}]+|{IGNORED.pattern}+)+")


def _signed(text: str) -> list[str]:
    """Return the tokens of what has signs."""
    found = [
        match for sign, pattern in _SIGNED_FIRST if sign in text for match in pattern.findall(text)
    ]
    for first, sign, pattern in _SIGNED_INSIDE:
        place = text.find(sign, 1) if first in text else 0
        while place > 0:
            end = place + len(sign)
            if text[place - 1].isalnum():
                start = max(0, place - _SIGN_REACH)
                start = max(start, text.rfind(" ", start, place), text.rfind("\n", start, place))
                match = pattern.search(text, start, place + _SIGN_REACH)
                if match is not None and match.end() >= end:
                    found.append(match.group())
                    end = match.end()
            place = text.find(sign, end)
    return [name.casefold() for name in found]

"""Names that are spelled like stop words: ``D`` in "vitamin D", ``IT`` in "the IT department".

A stop word is dropped wherever it stands, so a name that is one in small letters needs signs of its
own: capitals that tell, or an elided letter without its apostrophe.

    elided letter   what an apostrophe leaves of a word (the t of "don't"): without one, a name
    letter          a word of one letter (a, I): a name where its capital does not begin a sentence
    acronym         several capitals on a line that is not all in capitals

What a hyphen joins is one surface and told from the surface alone (``is_joined_name``); for the
rest the text around is looked at. A capitalised word ("Who", "Will") is no name by that, since in
English titles every word has a capital; a question may name a title that is made of such words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache

from docsearch_cli.retrieval.languages import (
    DEFAULT_LANGUAGE,
    language_of_word,
    languages_of_words,
    stop_words,
)

# Letters among the stop words of a language that are never a word, only what an apostrophe leaves.
_ELIDED = {"english": "dmst", "french": "cdjlmnst", "italian": "dl"}
# Where "I" is a pronoun, with a capital in mid-sentence too.
_SAYS_I = ("english", "danish")
_APOSTROPHES = "'\u2018\u2019\u02bc`\u00b4\uff07"
# What makes one name of a letter and what stands beside it: I/O, Q&A.
_JOINING = "/&\u2010\u2011\u2013"
_CLOSING = "\"')]*_\u201d\u2019\u00bb"
_QUOTED = re.compile(r"""(?:(?<=")|(?<=\u201c)|(?<=`)|(?<=\u00ab))\w+(?=["\u201d\u201c`\u00bb])""")
# How far around a word its line is looked at.
_REACH = 80
_ENDS_PHRASE = re.compile(r"\W*(?:\n|\Z)|[.,;:?!)]")
_NEXT_WORD = re.compile(r"[ \t][^\w\s]{0,3}\w")  # more blanks part columns
_WORD_BEFORE = re.compile(r"(\w+)[ \t]+\Z")
# What an English title writes without a capital.
_SMALL_IN_TITLES = frozenset(
    ["a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to"]
)
_LETTERS = re.compile(r"[^\W\d_]+")


@cache
def spelled_like_names(language: str) -> frozenset[str]:
    """Return the surfaces that may be such a name: a text without any needs no closer look."""
    words = {
        word
        for own_language in languages_of_words(language)
        for word in stop_words(own_language)
        if word.upper() != word
    }
    return frozenset({word.upper() for word in words} | set(_elided(language)))


def lone_names(
    text: str, candidates: Collection[str], language: str = DEFAULT_LANGUAGE
) -> Iterator[str]:
    """Yield the names in a text that are spelled like stop words, in small letters.

    Args:
        text: As it is written.
        candidates: Which of its surfaces are in ``spelled_like_names``.
        language: The index's.

    Yields:
        A token for each place.
    """
    if not candidates:
        return
    text = _nfkc(text)
    for match in _places_of(candidates, text):
        small = match.group().casefold()
        own_language = language_of_word(small, language)
        if small in stop_words(own_language) and _is_name(text, match, own_language):
            yield small


def _places_of(candidates: Collection[str], text: str) -> list[re.Match[str]]:
    """Return where some words stand alone in a text, in order."""
    found = [match for word in candidates for match in _alone(word).finditer(text)]
    return sorted(found, key=re.Match.start)


def asked_names(text: str, surfaces: Iterable[str], language: str) -> Iterator[tuple[str, bool]]:
    """Yield the names in a question that are spelled like stop words.

    Args:
        text: As it is written.
        surfaces: Its surfaces.
        language: The index's.

    Yields:
        The token, and whether it is a name for certain: what is capitals or quotation marks alone
        may be emphasis, and is asked for only if the corpus has it as a name.
    """
    candidates = spelled_like_names(language).intersection(surfaces)
    for name in lone_names(text, candidates, language):
        yield name, len(name) == 1
    text = _nfkc(text)
    for match in _QUOTED.finditer(text):
        small = match.group().casefold()
        if small in stop_words(language_of_word(small, language)):
            yield small, False
    for small in _capitalised(text, language):
        yield small, False
    last = text.rstrip(" \t\n.?!")[-2:]
    if language_of_word("a", language) == DEFAULT_LANGUAGE and last == " a":
        yield "a", True  # no article ends a sentence: "what is plan a?"


def _capitalised(text: str, language: str) -> Iterator[str]:
    """Yield stop words that have a capital in mid-sentence, where not every word has one."""
    words = list(_LETTERS.finditer(text))
    if not any(word[0].islower() and word[0] not in _SMALL_IN_TITLES for word in words):
        return
    for match in words:
        word, small = match[0], match[0].casefold()
        is_capitalised = len(word) > 1 and word.istitle() and not _begins(text, match.start())
        if is_capitalised and small in stop_words(language_of_word(small, language)):
            yield small


def is_joined_name(piece: str, surface: str) -> bool:
    """Tell whether a stop word that a hyphen joins to others is a name: T-cell, IT-security.

    Args:
        piece: The word as it is spelled.
        surface: What it stands in.

    Returns:
        True for a letter, and for capitals in a surface that has small letters too.
    """
    if "-" not in surface:
        return False
    return len(piece) == 1 or (piece.isupper() and not surface.isupper())


def _nfkc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _elided(language: str) -> str:
    return _ELIDED.get(language_of_word("a", language), "")


@lru_cache(maxsize=1024)
def _alone(word: str) -> re.Pattern[str]:
    """Return the pattern of a word that no other character joins, which is found by its letters.

    What stands in a surface that dots and hyphens join, or behind an apostrophe, is no such name.
    The expression tells, which takes the least time: texts are full of what apostrophes leave.
    """
    own = f".{{{len(word)}}}"
    joined = rf"(?<!\w{own})(?<!\w[.\-]{own})(?<![^\W_][{_APOSTROPHES}]{own})"
    return re.compile(rf"{word}(?!\w|[.\-]\w){joined}")


def _is_name(text: str, match: re.Match[str], language: str) -> bool:
    start, end = match.span()
    word = match.group()
    if _has_apostrophe_behind(text, end):
        return False
    if word.casefold() in _ELIDED.get(language, ""):
        return True
    if len(word) == 1:
        return _is_letter_a_name(text, start, end, language)
    return _is_alone(text, start, end) or _capitals_tell(text, start, end)


def _has_apostrophe_behind(text: str, end: int) -> bool:
    """Tell whether an apostrophe joins a word to the one behind it; not to a genitive's s."""
    if text[end : end + 1] not in tuple(_APOSTROPHES):
        return False
    rest = _LETTERS.match(text, end + 1)
    return rest is not None and rest.group() != "s"


def _is_letter_a_name(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether a letter that is a word as well is a name where it has a capital."""
    if _is_joined(text, start, end):
        return True
    if text[start] == "I" and language in _SAYS_I:
        return _is_numeral(text, start, end, language)
    if _NEXT_WORD.match(text, end) is None:
        return True
    return not _begins(text, start) and _capitals_tell(text, start, end)


def _is_joined(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return (len(before) == 2 and before[1] in _JOINING and before[0].isalnum()) or (
        len(after) == 2 and after[0] in _JOINING and after[1].isalnum()
    )


def _is_numeral(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether an I is no pronoun: behind a name ("type I" at an end, "World War I")."""
    before = _WORD_BEFORE.search(text, max(0, start - _REACH), start)
    if before is None or before.group(1).casefold() in stop_words(language):
        return False
    return before.group(1)[0].isupper() or _ENDS_PHRASE.match(text, end) is not None


def _begins(text: str, start: int) -> bool:
    """Tell whether a sentence, a line or a quotation begins at a place."""
    before = text[max(0, start - _REACH) : start].rstrip(" \t")
    before = before.rstrip(_CLOSING) if before[-1:] not in ("(", "[") else before
    return not (before[-1:].isalnum() or before[-1:] in (",", "%", "&", "+"))


def _is_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a line holds nothing else."""
    before, after = _line_around(text, start, end)
    return _LETTERS.search(before) is None and _LETTERS.search(after) is None


def _capitals_tell(text: str, start: int, end: int) -> bool:
    """Tell whether small letters stand on a line too."""
    before, after = _line_around(text, start, end)
    return any(map(str.islower, before)) or any(map(str.islower, after))


def _line_around(text: str, start: int, end: int) -> tuple[str, str]:
    before = text[max(0, start - _REACH) : start].rpartition("\n")[2]
    after = text[end : end + _REACH].partition("\n")[0]
    return before, after

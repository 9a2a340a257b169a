"""Respelling: what was meant by a word of a question that no document holds.

    by shape     the same letters with other signs: ``maxagents`` for ``max_agents``
    by a letter  one letter more, less, other or two swapped: ``confguration`` for ``configuration``

The letter is looked for in the stem, then in the word: an error in an ending makes another stem
(``automaticaly``), and one before an ending may make another ending (``enviroment``).

A word is replaced only where one thing is clearly meant. A short word is a letter away from too
many others, and a name that the documents do not hold says that they do not speak of it; there the
nearest words are only named.

Source:
    Norvig 2007, How to Write a Spelling Corrector (the edits of a word, ranked by frequency);
    Damerau 1964 (the four kinds of error that make up most misspellings).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from docsearch_cli.retrieval.keyword import KeywordIndex
from docsearch_cli.retrieval.surfaces import WORD, surfaces_of
from docsearch_cli.retrieval.tokens import tokenize
from docsearch_cli.retrieval.word_forms import forms_of, words_of

# A shorter word is a letter away from words that mean something else.
_LEAST_ASKED = 5
# A longer one is no word, and has very many neighbours.
_MOST_LETTERS = 40
# A stem this long is a letter away from one that was meant, nearly always.
_LEAST_CLEAR = 7
# Letters that are swapped, or single for double, make another word by accident even more seldom.
_LEAST_SLIP = 5
# The same of words, which have their endings.
_LEAST_CLEAR_WORD = 9
_LEAST_SLIP_WORD = 7
# One of several is clearly meant if it is so many times as frequent as the next.
_CLEAR_TIMES = 4
# How many nearest words are named.
_MOST_NAMED = 3
# Words of a question that are looked at: each costs a look through the vocabulary.
_MOST_ASKED = 8
# Sections in which it is looked how a word is spelled.
_MOST_READ = 20
# Words without a digit: another digit is another thing.
_IDENTIFIER = re.compile(r"[^\W\d_]+(?:_[^\W\d_]+)+")
_SPELLED = re.compile(r"[^\W\d]+")
_DOUBLED = re.compile(r"(.)\1+")
_SIGNS = re.compile(r"[_.\-]")


@dataclass(frozen=True, slots=True)
class Respelling:
    """A word that no document holds, and what may have been meant."""

    asked: str
    meant: tuple[str, ...]
    """As the documents spell them, the likeliest first."""
    is_clear: bool
    """Whether the first one is searched for instead."""


def respell(
    question: str,
    languages: Sequence[str],
    keyword: KeywordIndex,
    text_of: Callable[[int], str],
) -> list[Respelling]:
    """Find what was meant by the words of a question that no document holds.

    Args:
        question: In words.
        languages: The index's; words are respelled in the first one.
        keyword: The index's terms and where they stand.
        text_of: Gives a section's text.

    Returns:
        One for each such word that something is near to, in the question's order.
    """
    found: list[Respelling] = []
    asked: set[str] = set()
    for place in WORD.finditer(question):
        word = place.group()
        if word in asked or not _LEAST_ASKED <= len(word) <= _MOST_LETTERS:
            continue
        if len(asked) == _MOST_ASKED:
            break
        forms, *others = (_forms(word, language) for language in languages)
        if _IDENTIFIER.fullmatch(word):  # its parts may be known, and it is not
            forms, others = [word.casefold()], []
        known = [form for found in (forms, *others) for form in found if keyword.holding(form)]
        if not forms or known:
            continue
        asked.add(word)
        begins = keyword.terms.beginning_with(forms[0][0])
        terms = _of_shape(word, begins)
        is_clear = is_of_shape = len(terms) == 1
        if not terms and len(set(forms)) == 1 and _SPELLED.fullmatch(word):
            terms, is_clear = _by_a_letter(forms[0], begins, keyword)
            meant_word = None
            if not is_clear:
                meant_word = _by_a_letter_of_word(word, languages[0], keyword, text_of)
            if meant_word is not None:
                terms = [meant_word, *(term for term in terms if term != meant_word)]
                is_clear = True
        if terms:
            is_name = question[: place.start()].strip() != "" and not word[0].islower()
            near = frozenset(_edits(word.casefold(), string.ascii_lowercase))
            meant = [
                spelled
                for term in terms[:_MOST_NAMED]
                if (spelled := _spelled(term, near, languages[0], keyword, text_of))
                and (is_clear or spelled.casefold() in near or len(forms[0]) >= _LEAST_CLEAR)
            ]
            if not meant:
                continue
            # "Johnsen" at the start, and "johnsen", may be another man than the documents' Johnson.
            is_name = is_name or not (is_of_shape or meant[0][0].islower())
            found.append(Respelling(word, tuple(dict.fromkeys(meant)), is_clear and not is_name))
    return found


def _forms(word: str, language: str) -> list[str]:
    return [form for forms in words_of(word, language, is_asked=True) for form in forms]


def replace_words(question: str, respellings: list[Respelling]) -> str:
    """Return a question with the words replaced whose meaning is clear."""
    meant = {item.asked: item.meant[0] for item in respellings if item.is_clear}
    return WORD.sub(lambda found: meant.get(found.group(), found.group()), question)


def _of_shape(word: str, begins: list[str]) -> list[str]:
    """Return the identifiers of the same letters."""
    squeezed = _SIGNS.sub("", word.casefold())
    return [term for term in begins if _SIGNS.sub("", term) == squeezed]


def _by_a_letter(stem: str, begins: list[str], keyword: KeywordIndex) -> tuple[list[str], bool]:
    """Return the terms that are a letter away, the most frequent first, and if one is clear."""
    near = frozenset(_edits(stem, sorted({letter for term in begins for letter in term})))
    found = sorted((-keyword.sections_with(term).size, term) for term in begins if term in near)
    if not found:
        return [], False
    (times, best), *others = found
    is_alone = not others or times <= _CLEAR_TIMES * others[0][0]
    # What differs at its end may be another form or name: "systemd" is no misspelled "system".
    is_inside = not stem.startswith(best) and not best.startswith(stem)
    is_long = len(stem) >= (_LEAST_SLIP if _is_slip(stem, best) else _LEAST_CLEAR)
    return [term for _, term in found], is_alone and is_inside and is_long


def _by_a_letter_of_word(
    word: str, language: str, keyword: KeywordIndex, text_of: Callable[[int], str]
) -> str | None:
    """Return the term of the word that was clearly meant by one a letter away; None without one.

    The word itself must stand in a document: nearly every stem is a letter away by some ending.
    """
    asked = word.casefold()
    if len(asked) < _LEAST_SLIP_WORD:
        return None
    letters = frozenset(asked)
    words_of: dict[str, set[str]] = {}
    for edited in _edits(asked, string.ascii_lowercase):
        is_slip = letters.issuperset(edited) and _is_slip(asked, edited)  # a slip adds no letter
        # What differs at its end may be another form or name: "systemd" is no misspelled "system".
        is_inside = is_slip or edited[-2:] == asked[-2:]
        if is_inside and len(asked) >= (_LEAST_SLIP_WORD if is_slip else _LEAST_CLEAR_WORD):
            for term in forms_of(edited, language):
                words_of.setdefault(term, set()).add(edited)
    found = sorted(
        (-keyword.holding(term), term)
        for term, words in words_of.items()
        if _is_spelled(words, term, keyword, text_of)
    )
    if not found or (len(found) > 1 and found[0][0] > _CLEAR_TIMES * found[1][0]):
        return None
    return found[0][1]


def _is_spelled(
    words: set[str], term: str, keyword: KeywordIndex, text_of: Callable[[int], str]
) -> bool:
    """Return whether a document that holds a term spells it as one of some words."""
    return any(
        not words.isdisjoint(map(str.casefold, surfaces_of(text_of(int(section)))[0]))
        for section in keyword.sections_with(term)[:_MOST_READ]
    )


def _is_slip(one: str, other: str) -> bool:
    """Return whether two words differ by letters swapped, or by single for double ones."""
    return sorted(one) == sorted(other) or _DOUBLED.sub(r"\1", one) == _DOUBLED.sub(r"\1", other)


def _edits(stem: str, letters: Sequence[str]) -> Iterator[str]:
    """Yield what is one error away from a stem, its first letter kept: it is seldom wrong."""
    for place in range(1, len(stem) + 1):
        before, after = stem[:place], stem[place:]
        yield from (before + letter + after for letter in letters)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _spelled(
    term: str,
    near: frozenset[str],
    language: str,
    keyword: KeywordIndex,
    text_of: Callable[[int], str],
) -> str:
    """Return a term as the documents spell it: small if it is not always a name.

    Best is a word that is near to the one asked for, and one that is not part of a longer name.
    """
    found: dict[str, tuple[bool, bool, bool]] = {}
    for section in keyword.sections_with(term)[:_MOST_READ]:
        for surface in dict.fromkeys(surfaces_of(text_of(int(section)))[0]):
            if surface not in found and term in tokenize(surface, language):
                is_name, is_joined = not surface[0].islower(), not surface.isalpha()
                found[surface] = (is_joined, surface.casefold() not in near, is_name)
        if (False, False, False) in found.values():
            break
    return min(found, key=found.__getitem__, default=term)

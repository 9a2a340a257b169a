"""Names: how the text of another document can name a document.

A title is only searched for where it means that document: one shared by several documents or made
of everyday words says nothing, and a single word must be spelled exactly so. Names are matched
word by word, the longest first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from docsearch_cli.retrieval.languages import STOP_WORDS

_WORD = re.compile(r"\w+")
# ASCII with a space for all that is no part of a word.
_SPACED = bytes(code if _WORD.match(chr(code)) else ord(" ") for code in range(256))
_CLOSING_OF = {"(": ")", "[": "]", "{": "}"}
_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
# A phrase longer than this is a sentence, not a name.
_MOST_WORDS = 10
# Documents that may share a title before it stands for none of them.
_MOST_SHARING = 3

Words = tuple[str, ...]
"""A name's words, normalised and case-folded."""


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document that goes by a name."""

    document: int
    exact: Words | None
    """The words as they must be spelled in the text; None where case does not matter."""


@dataclass(frozen=True, slots=True)
class FoundName:
    """A document that a text names."""

    document: int
    words: Words
    is_name: bool
    """Whether it is spelled as a name, not as an ordinary phrase ("creating a table")."""


NameTable = Mapping[Words, Sequence[NamedDocument]]


@lru_cache(maxsize=1 << 17)
def name_words(name: str) -> Words:
    """Return a name's words, normalised and case-folded, for comparing."""
    if name.isascii():
        return tuple(_WORD.findall(name.lower()))
    return tuple(word.casefold() for word in _WORD.findall(unicodedata.normalize("NFKC", name)))


def names_of(title: str, aliases: Iterable[str]) -> tuple[str, ...]:
    """Return a document's title, the title without a closing parenthesis, and its aliases."""
    names = [title]
    bare = _PARENTHESIS.sub("", title) if title.endswith((")", "]")) else title
    if bare and bare != title:
        names.append(bare)
    names.extend(aliases)
    return tuple(dict.fromkeys(name for name in names if name.strip()))


def name_table(names: Sequence[tuple[str, ...]]) -> dict[Words, tuple[NamedDocument, ...]]:
    """Return the documents that each name stands for; names that say nothing are left out.

    Args:
        names: The names of each document.

    Returns:
        Documents by words, in the order of documents.
    """
    sharing: dict[Words, list[NamedDocument]] = {}
    for document, own in enumerate(names):
        for name in own:
            words = name_words(name)
            if not _can_stand_for_a_document(words):
                continue
            exact = None
            if len(content_words(words)) < 2:
                exact = tuple(_WORD.findall(unicodedata.normalize("NFKC", name)))
                if all(word == word.lower() for word in exact):
                    continue
            sharing.setdefault(words, []).append(NamedDocument(document, exact))
    return {
        words: tuple(named)
        for words, named in sharing.items()
        if len({entry.document for entry in named}) <= _MOST_SHARING
    }


def content_words(words: Words) -> list[str]:
    """Return the words that carry a subject."""
    return [word for word in words if word not in STOP_WORDS]


@dataclass(slots=True)
class _TrieNode:
    """The names that begin with the words on the way here."""

    after: dict[str, _TrieNode] = field(default_factory=dict)
    words: Words = ()
    named: Sequence[NamedDocument] = ()


class NameFinder:
    """Finds names in texts.

    Args:
        table: The documents by name.
    """

    def __init__(self, table: NameTable) -> None:
        self._first: dict[str, _TrieNode] = {}
        for words, named in table.items():
            place = self._first.setdefault(words[0], _TrieNode())
            for word in words[1:]:
                place = place.after.setdefault(word, _TrieNode())
            place.words, place.named = words, named

    def names_in(self, text: str) -> list[FoundName]:
        """Return the documents that a readable text names, in order; none twice at one place."""
        spelled, words = _words_of(text)
        following = [*words[1:], ""]
        first = self._first
        found: list[FoundName] = []
        skip_until = 0
        # A third of all words begin some name, but few of them continue as one.
        for position in [place for place, word in enumerate(words) if word in first]:
            begun = first[words[position]]
            if position < skip_until or not (begun.named or following[position] in begun.after):
                continue
            size, names = self._longest(words, spelled, position)
            if names:
                skip_until = position + size
                is_name = _is_spelled_as_name(spelled[position:skip_until])
                name = tuple(words[position:skip_until])
                found.extend(FoundName(entry.document, name, is_name) for entry in names)
        return found

    def _longest(
        self, words: list[str], spelled: list[str], position: int
    ) -> tuple[int, list[NamedDocument]]:
        """Return the name of the most words that stands at a position."""
        place = self._first[words[position]]
        end = position + 1
        size, longest = 0, list[NamedDocument]()
        while True:
            if place.named:
                fitting = [
                    entry
                    for entry in place.named
                    if entry.exact is None or entry.exact == tuple(spelled[position:end])
                ]
                if fitting:
                    size, longest = end - position, fitting
            following = place.after.get(words[end]) if end < len(words) else None
            if following is None:
                return size, longest
            place = following
            end += 1


def _words_of(text: str) -> tuple[list[str], list[str]]:
    """Return the words of a text as they are spelled, and without case."""
    if text.isascii():
        # As _WORD finds them, in half the time.
        spaced = text.encode().translate(_SPACED).decode()
        return spaced.split(), spaced.lower().split()
    spelled = _WORD.findall(unicodedata.normalize("NFKC", text))
    return spelled, [word.casefold() for word in spelled]


def locate(words: Words, text: str) -> tuple[int, str] | None:
    """Return the first place of a name in a section's own text, in any letter case.

    Args:
        words: The name's words; anything but letters and digits may stand between them.
        text: The text, markup included.

    Returns:
        Line ends before it, and how it is spelled there; None if markup keeps its words apart.
    """
    lowered = text.lower()
    place = _find_lowered(words, lowered) if len(lowered) == len(text) else None
    if place is None and not text.isascii():  # letters that are alike without being each other's
        place = _find_alike(words, text)
    if place is None:
        return None
    start, end = place
    end = _with_closing_brackets(text, start, end)
    return text.count("\n", 0, start), " ".join(text[start:end].split())


def _with_closing_brackets(text: str, start: int, end: int) -> int:
    """Return the end of a name with the brackets that it opens, behind its last letter."""
    waiting: list[str] = []
    for character in text[start:end]:
        if character in _CLOSING_OF:
            waiting.append(_CLOSING_OF[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
    for bracket in reversed(waiting):
        # A full stop or a mark of emphasis may stand before it.
        closed = re.compile(rf"[^\w\s]{{0,2}}?{re.escape(bracket)}").match(text, end)
        if closed is None:
            break
        end = closed.end()
    return end


def _find_lowered(words: Words, lowered: str) -> tuple[int, int] | None:
    """Find words in a text in small letters: a tenth of the time that compiling a pattern takes."""
    start = lowered.find(words[0])
    while start >= 0:
        if start == 0 or not lowered[start - 1].isalnum():
            end = _end_of_words(words, lowered, start)
            if end is not None:
                return start, end
        start = lowered.find(words[0], start + 1)
    return None


def _end_of_words(words: Words, lowered: str, start: int) -> int | None:
    place, size = start, len(lowered)
    for number, word in enumerate(words):
        before = place
        while number and place < size and not lowered[place].isalnum():
            place += 1
        if number and place == before:
            return None
        if not lowered.startswith(word, place):
            return None
        place += len(word)
        if place < size and lowered[place].isalnum():
            return None
    return place


def _find_alike(words: Words, text: str) -> tuple[int, int] | None:
    pattern = r"[\W_]+".join(re.escape(word) for word in words)
    match = re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", text, re.IGNORECASE)
    return match.span() if match is not None else None


def _can_stand_for_a_document(words: Words) -> bool:
    if not words or len(words) > _MOST_WORDS:
        return False
    has_subject = any(not word.isdigit() for word in content_words(words))
    return has_subject and (len(words) > 1 or len(words[0]) > 2)


def _is_spelled_as_name(spelled: Sequence[str]) -> bool:
    """Tell a proper name from a phrase: every word that matters begins with a capital or digit."""
    return all(not word[0].islower() for word in spelled if word.casefold() not in STOP_WORDS)

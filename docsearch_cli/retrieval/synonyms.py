"""Synonyms: other words that a question's words are searched as, too.

They come from the settings, where a person lists them, and from the documents, which explain their
own short forms: ``Long Form Name (LFN)`` makes each of the two a synonym of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from docsearch_cli.retrieval.phrases import Phrase

SynonymOrigin = Literal["settings", "documents"]
# Synonyms of one question.
_MOST_APPLIED = 8
# In small letters a short form is another word too often ("team", "us").
_LEAST_CAPITALS = 2


class ShortForm(NamedTuple):
    """A short form that documents explain."""

    short: str
    """In lower case."""
    long: str
    """What it stands for, as it is spelled."""
    folded: str
    """The same in lower case."""

    @classmethod
    def read(cls, row: str) -> ShortForm:
        """Return what a row of an index's glossary says: the short form, a tab, the long form."""
        short, _, long = row.partition("\t")
        return cls(short, long, long.casefold())


@dataclass(frozen=True, slots=True)
class Synonym:
    """Words of a question, and others that are searched for too."""

    words: str
    other: str
    origin: SynonymOrigin

    def to_dict(self) -> dict[str, Any]:
        """Return the synonym as plain data."""
        return {"words": self.words, "other": self.other, "origin": self.origin}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Synonym:
        """Return the synonym that ``to_dict`` made.

        Args:
            data: Plain data.

        Returns:
            The synonym.

        Raises:
            ValueError: If its origin is not known; also KeyError.
        """
        if data["origin"] not in get_args(SynonymOrigin):
            raise ValueError(f"{data['origin']!r} is no origin of a synonym")
        return cls(str(data["words"]), str(data["other"]), data["origin"])


def synonyms_in_words(synonyms: Iterable[Synonym]) -> str:
    """Return synonyms as one line."""
    others: dict[str, list[str]] = {}
    for item in synonyms:
        others.setdefault(item.words, []).append(item.other)
    return "; ".join(
        f"{words} also searched as: {', '.join(found)}" for words, found in others.items()
    )


def find_synonyms(
    question: str, listed: Mapping[str, tuple[str, ...]], glossary: Iterable[ShortForm]
) -> tuple[Synonym, ...]:
    """Return the synonyms of a question's words.

    Args:
        question: In words.
        listed: Those that a person lists: others by word.
        glossary: Those of the documents.

    Returns:
        The listed ones first, then those of the documents by short form; a bounded number.
    """
    found = [
        Synonym(word, other, "settings")
        for word, others in listed.items()
        if _holds(question, word)
        for other in others
    ]
    folded = question.casefold()
    for short, long, folded_long in glossary:
        if short in folded and (spelled := _short_form(question, short)):
            found.append(Synonym(spelled, long, "documents"))
        elif folded_long in folded and _holds(question, long):
            found.append(Synonym(long, short.upper(), "documents"))
    return tuple(dict.fromkeys(found))[:_MOST_APPLIED]


def _holds(question: str, words: str) -> bool:
    return any(map(str.isalnum, words)) and Phrase(words).is_in(question)


def _short_form(question: str, short: str) -> str:
    """Return a short form as a question spells it; empty if it is no word of it."""
    for place in re.finditer(rf"(?<!\w){re.escape(short)}(?!\w)", question, re.IGNORECASE):
        word = place.group()
        if sum(map(str.isupper, word)) >= _LEAST_CAPITALS:
            return word
    return ""

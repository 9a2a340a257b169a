"""The language of each document: the one that its words are stemmed in.

    set        a person named it, for the whole index or for a part of it
    told       the document is full of its function words, and not of the main language's
    declared   its front matter, its ``<html lang>`` or its name (``guide.de.md``) says so
    of folder  its folder's other documents are in it, or the folder's name says so (``de/``)
    main       that of the whole index, by the function words of all documents

The first that applies is taken. What a path says counts only if some other document of the index
tells or declares that it is in that language: ``it``, ``ca`` and ``no`` are words as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.links.translations import is_language
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.retrieval.languages import LANGUAGES, elect, language_named

# Function words that make it clear which language a document is in: two or three sentences of them.
_CLEAR_VOTES = 10
# One language is clearly meant if it has so many times the function words of another.
_CLEAR_TIMES = 2
# Languages that are alike have nearly as many each: then the one that more documents are in.
_NEARLY = 0.8
_STARS = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    """What a person set."""

    whole: str | None = None
    """The language of all documents that no part names; None to find each one's."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Languages by path: of a folder or a document, ``*`` standing for anything."""

    def of_path(self, path: str) -> str | None:
        """Return the language set for a document; the longest of several patterns decides."""
        patterns = [pattern for pattern in self.parts if _matches(path, pattern)]
        if patterns:
            return self.parts[max(patterns, key=lambda pattern: (len(pattern), pattern))]
        return self.whole


FIND_EACH = LanguageSettings()
"""Nothing is set: the language of each document is found."""


def main_language(documents: Sequence[DocumentRow], settings: LanguageSettings) -> str:
    """Return the language of an index: the one that was set, or that of its function words."""
    if settings.whole is not None:
        return settings.whole
    return elect(_sums(documents))


def guess_language(document: DocumentRow, settings: LanguageSettings, main: str) -> str:
    """Return the language of a document as far as it can be told without the others."""
    given = settings.of_path(document.path)
    return given or _told(document.votes, main, document.votes) or document.declared or main


def languages_of(
    documents: Sequence[DocumentRow], settings: LanguageSettings, main: str
) -> list[str]:
    """Return the language of each document.

    Args:
        documents: All documents of an index.
        settings: What a person set.
        main: The index's language.

    Returns:
        Names of languages, in the documents' order.
    """
    totals = _sums(documents)[0] if documents else ()
    given = [settings.of_path(document.path) for document in documents]
    told = [
        None if name is not None else _told(document.votes, main, totals)
        for document, name in zip(documents, given, strict=True)
    ]
    certain = {name for name in told if name is not None}
    certain |= {row.declared for row, name in zip(documents, given, strict=True) if name is None}
    if not any(given) and certain <= {main, ""}:
        return [main] * len(documents)  # the most indexes: nothing else can come of it
    folders: dict[str, Counter[str]] = {}
    for document, name in zip(documents, told, strict=True):
        if name is not None:
            folders.setdefault(_folder(document.path), Counter())[name] += 1
    return [
        by_person
        or by_text
        or document.declared
        or next(_by_place(document.path, folders, certain), main)
        for document, by_person, by_text in zip(documents, given, told, strict=True)
    ]


def _sums(documents: Sequence[DocumentRow]) -> list[list[int]]:
    return [[sum(column) for column in zip(*(row.votes for row in documents), strict=True)]]


def _told(votes: Sequence[int], main: str, totals: Sequence[int]) -> str | None:
    """Return the language that function words tell.

    Args:
        votes: How many of each language's the document holds.
        main: The index's language.
        totals: The votes by which one of several languages that are alike is chosen.

    Returns:
        A language; None if it is not clear.
    """
    most = max(votes)
    if most < _CLEAR_VOTES:
        return None
    place = LANGUAGES.index(main) if main in LANGUAGES else None
    of_main = votes[place] if place is not None else 0
    if most >= _CLEAR_TIMES * of_main:
        near = [place for place, count in enumerate(votes) if count >= _NEARLY * most]
        return LANGUAGES[max(near, key=lambda place: (totals[place], votes[place], -place))]
    others = max(count for other, count in enumerate(votes) if other != place)
    return main if of_main >= max(_CLEAR_VOTES, _CLEAR_TIMES * others) else None


def _by_place(path: str, folders: Mapping[str, Counter[str]], certain: set[str]) -> Iterator[str]:
    """Yield the languages that a document's name and folders speak for, the nearest first."""
    _, dot, code = split_suffix(path)[0].rpartition("/")[2].rpartition(".")
    named = language_named(code) if dot and is_language(code) else None
    if named in certain:
        yield named
    folder = _folder(path)
    while folder:
        if folder in folders:
            counts = folders[folder]
            yield max(counts, key=lambda name: (counts[name], name))
        name = folder.rpartition("/")[2]
        named = language_named(name) if is_language(name) else None
        if named in certain:
            yield named
        folder = _folder(folder)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _matches(path: str, pattern: str) -> bool:
    """Tell whether a pattern is a path, a folder above it, or fits it with its stars; linear."""
    first, *rest = _STARS.split(pattern)
    if not rest:
        return path == first or path.startswith(f"{first}/") or not first
    *between, last = rest
    if not path.startswith(first) or not path.endswith(last):
        return False
    position, end = len(first), len(path) - len(last)
    for piece in between:
        position = path.find(piece, position, end)
        if position < 0:
            return False
        position += len(piece)
    return position <= end

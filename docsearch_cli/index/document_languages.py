"""The language of each document: the one that its words are stemmed in.

    set        a person named it, for the whole index or for a part of it
    told       the document is full of its function words, and of those of no other one
    declared   its front matter or its ``<html lang>`` says so
    by place   its name (``guide.de.md``), its folder's other pages or its folder's name (``de/``)
    alike      of several that the function words do not tell apart, that of most documents
    main       that of the whole index, by the function words of all documents

The first that applies is taken; ``alike`` only where the main language is none of them. What a
name says counts only if some document of the index tells or declares that it is in that language:
``it``, ``ca`` and ``no`` are words as well.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.links.translations import is_language
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.retrieval.languages import LANGUAGES, elect, language_named

# Fewer function words, of two or three sentences, do not tell the language of a document.
_LEAST_VOTES = 10
# Nor does a lead over another language that is less than so many standard deviations.
_LEAST_LEAD = 2.0
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
    likely = _likely(document.votes)
    alike = _alike(likely, main, document.votes)
    return given or _told(likely) or document.declared or alike or main


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
    likely = [_likely(document.votes) for document in documents]
    told = [_told(places) for places in likely]
    alike = [_alike(places, main, totals) for places in likely]
    named = (*told, *alike, *(document.declared for document in documents))
    certain = {name for name in named if name}
    if not any(given) and certain <= {main}:
        return [main] * len(documents)  # the most indexes: nothing else can come of it
    folders: dict[str, Counter[str]] = {}
    for document, name in zip(documents, told, strict=True):
        if name is not None:
            folders.setdefault(_folder(document.path), Counter())[name] += 1
    return [
        by_person
        or by_text
        or document.declared
        or next(_by_place(document.path, folders, certain), None)
        or by_likeness
        or main
        for document, by_person, by_text, by_likeness in zip(
            documents, given, told, alike, strict=True
        )
    ]


def _sums(documents: Sequence[DocumentRow]) -> list[list[int]]:
    return [[sum(column) for column in zip(*(row.votes for row in documents), strict=True)]]


def _likely(votes: Sequence[int]) -> list[int]:
    """Return the places of the languages that a document may be in by its function words."""
    most = max(votes)
    if most < _LEAST_VOTES:
        return []
    # The lead that is so many times the root of both counts' sum, without a root a language.
    squared = _LEAST_LEAD**2
    lead = (math.sqrt(squared * squared + 8 * squared * most) - squared) / 2
    return [place for place, count in enumerate(votes) if most - count < lead]


def _told(likely: Sequence[int]) -> str | None:
    return LANGUAGES[likely[0]] if len(likely) == 1 else None


def _alike(likely: Sequence[int], main: str, totals: Sequence[int]) -> str | None:
    """Return the one of several languages that has most function words in all documents."""
    if len(likely) < 2 or any(LANGUAGES[place] == main for place in likely):
        return None
    return LANGUAGES[max(likely, key=lambda place: (totals[place], -place))]


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

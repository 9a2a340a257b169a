"""How much of a question the best sections cover, and whether chance would cover as much.

A page of another subject holds some of a question's words as well. Three measures distinguish it,
of the sections that a search begins with:

    exact      the share of the question that one of them holds as it was asked: a stem stands for
               words of other meaning too
    sentence   the share that a sentence holds with the headings it stands under: what is said of
               one thing stands together
    rarity     how rare the words are together that one of them holds, the rarest single word being
               1: up to there, some section holds as much of any question

A word that no document holds weighs as much as the rarest that there may be. All three are the same
for the same index and question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.retrieval.idf import inverse_frequency
from docsearch_cli.retrieval.keyword import best_rows
from docsearch_cli.retrieval.quotes import Quotable, ReadSection

# Best sections that are looked through.
_MOST_SECTIONS = 20
# Best sections that are cut into sentences; with all of them the verdict is the same.
_MOST_CUT = 5


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a question the best sections cover."""

    exact: float = 0.0
    """0 to 1: the share that one section holds word for word."""
    sentence: float = 0.0
    """0 to 1: the share that one sentence holds, with the headings above it."""
    rarity: float = 0.0
    """At least 0: rarity of a section's words together; 1 is that of a word in one section only."""


def measure_coverage(scored: ScoredQuestion) -> Coverage:
    """Return how much of a question the best sections cover.

    Args:
        scored: The question against the corpus.

    Returns:
        The best of each measure, rounded; all 0 where no section holds a word.
    """
    sections = best_rows(scored.hit_scores, _MOST_SECTIONS)
    if not sections:
        return Coverage()
    terms = scored.terms
    rarest = inverse_frequency(scored.index.keyword.section_count, 1)
    missing = len(scored.tokens) - len(terms.tokens)
    known = terms.weight / (terms.weight + missing * rarest)
    held = scored.terms_of_sections(sections)
    shares = [terms.share(found) for found in held]
    documents = scored.index.documents_of_sections(sections)
    places = [
        _Place.of(scored, section, document)
        for section, document in zip(sections, documents, strict=True)
    ]
    exact = [
        terms.share(_held_exactly(scored, place, found))
        for place, found in zip(places, held, strict=True)
    ]
    sentences = [
        terms.share(found)
        for place in places[:_MOST_CUT]
        for found in _held_by_sentences(scored, place)
    ]
    return Coverage(
        exact=round(max(exact) * known, 4),
        sentence=round(max(sentences, default=0.0) * known, 4),
        rarity=round(max(shares) * terms.weight / rarest, 4),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A section, and what it stands under."""

    section: int
    document: int
    above: tuple[str, ...]
    heading: str
    text: str

    @classmethod
    def of(cls, scored: ScoredQuestion, section: int, document: int) -> _Place:
        """Return what is looked at of a section."""
        index = scored.index
        above = tuple(index.headings_above(section))
        return cls(section, document, above, index.headings[section], index.texts[section])


def _held_exactly(scored: ScoredQuestion, place: _Place, found: Sequence[str]) -> list[str]:
    """Return which of the terms that a section holds it holds as they were asked, or a synonym."""
    title = scored.index.titles[place.document]
    text = "\n".join((title, *place.above, place.heading, place.text))
    synonyms = {term for term, _ in scored.also}
    exact = set(scored.exact_words.held(found, text))
    return [term for term in found if term in exact or term in synonyms]


def _held_by_sentences(scored: ScoredQuestion, place: _Place) -> Iterator[frozenset[str]]:
    """Yield the terms that each sentence of a section holds, with what it stands under."""
    read = ReadSection(
        Quotable(place.section, place.heading, place.text, line_start=1, above=place.above),
        scored.index.markup(place.document),
        scored.terms.tokens,
        scored.index.language_of(place.document),
        scored.stems_of(place.document),
        scored.also,
    )
    yield read.path
    for sentence in read.quotable:
        yield read.held[sentence] | read.inherited(sentence)

"""Hits: the documents that a keyword search ranks highest, each with the passage that fits best.

The ranking is that of the simple search. Only one section of each document is read, and no file is
looked up, so an index that is kept open answers in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.corpus.graphemes import shorten
from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.errors import UsageError
from docsearch_cli.explore.applied_filter import filter_of
from docsearch_cli.explore.keyword_ranking import best_section_of_each
from docsearch_cli.explore.page_quotes import page_quotes
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.view import SectionView
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.retrieval.quotes import MOST_QUOTE_CHARS
from docsearch_cli.search.ask import nothing_to_search, prepare_question

# A longer section is quoted from its beginning alone.
_MOST_SECTION_CHARS = 8_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found, and its section that fits best."""

    path: str
    """As the index names it."""
    title: str
    headings: tuple[str, ...]
    """Those of the section, topmost first, the title left out."""
    line_start: int
    """Of the section; of a document with pages, a page."""
    line_end: int
    """The last line or page, included."""
    score: float
    """Relevance: of the best document that may be opened, 1."""
    text: str
    """What of the section fits best, without its markup."""
    text_line: int
    """The line that it begins on."""
    paged: bool
    """True if the lines are pages."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a keyword search found."""

    hits: tuple[Hit, ...]
    """Best first."""
    notes: tuple[str, ...]
    """How the words were read where that is not as they stand, filters, and why nothing is found;
    a line each."""


def find_hits(
    index: IndexReader,
    words: str,
    conditions: Sequence[Condition] = (),
    *,
    limit: int,
    synonyms: Mapping[str, tuple[str, ...]] | None = None,
) -> Hits:
    """Rank documents by their best section.

    Args:
        index: The index.
        words: What to look for, in words; conditions may stand in it, as in a question.
        conditions: What pages must have besides.
        limit: Most documents to return; at least 1.
        synonyms: Those that the settings list, by word.

    Returns:
        The hits, in the order of ``documents`` of a simple search.

    Raises:
        UsageError: If there are no words.
    """
    if not words.strip():
        raise UsageError("there is nothing to look for", hint="give a few words of it")
    prepared = prepare_question(index, words, conditions, listed=synonyms)
    scored = prepared.scored
    reason = nothing_to_search(scored)
    best = [] if reason else best_section_of_each(scored, limit)
    hits = tuple(_hit(scored, section, score) for section, score in best)
    notes = prepared.reading_notes(found=bool(hits))
    if applied := filter_of(scored):
        notes.append(applied.in_words())
    if not hits:
        notes.append(reason or "no document has any of these words")
    return Hits(hits, tuple(notes))


def _hit(scored: ScoredQuestion, section: int, score: float) -> Hit:
    index = scored.index
    info = index.section(section)
    document = int(index.node_documents[info.node])
    title, markup = index.titles[document], index.markup(document)
    above = tuple(name for name in index.headings_above(section) if name != title)
    text = index.texts[section][:_MOST_SECTION_CHARS]
    view = SectionView(0, info.heading, info.line_start, info.line_end, score, text, above)
    quotes = page_quotes(
        (view,),
        markup,
        scored.question,
        scored.terms,
        language=index.language_of(document),
        stems=scored.stems_of(document),
        sought=(),
        also=scored.also,
        most=1,
    )
    own = () if info.heading in ("", title) else (info.heading,)
    return Hit(
        path=index.paths[document],
        title=title,
        headings=(*above, *own),
        line_start=info.line_start,
        line_end=info.line_end,
        score=score,
        text=quotes[0].plain if quotes else _beginning(text, markup),
        text_line=quotes[0].line_start if quotes else info.line_start,
        paged=is_paged(markup),
    )


def _beginning(text: str, markup: str) -> str:
    """Return how a section begins, for one that no word of the question is in."""
    return shorten(" ".join(plain_text(text, markup).split()), MOST_QUOTE_CHARS)

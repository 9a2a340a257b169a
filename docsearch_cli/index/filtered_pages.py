"""Which pages a search may open, given the conditions that were asked for.

Two sets follow from conditions. Pages outside the first are not there for the search: no agent
opens them, nothing of them is ranked or quoted. The second is smaller where there are phrases: the
pages that hold them. A search begins at these and ranks no others by keyword; what agents reach
from them by following edges need not hold the phrase again, since an answer is often one page
further.

    path, title, tag    several of one kind: path any of them, title and tag all of them
    since, until        by the date in the page's front matter; a page without a date is left out
    -word               the word in any of its forms, in the page's title, headings or text
    "phrase"            all phrases in one page; where no page holds all, one of them is enough

In a question of whole words a phrase quotes something, and the answer need not stand where that
does: there it is a *preference*. A search may begin anywhere, and what holds a phrase comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.index.path_patterns import PathPattern
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.tag_table import tag_key
from docsearch_cli.retrieval.asked_terms import question_language
from docsearch_cli.retrieval.conditions import Condition, conditions_in_words
from docsearch_cli.retrieval.phrases import Phrase
from docsearch_cli.retrieval.surfaces import WORD
from docsearch_cli.retrieval.word_forms import all_words_of, words_of

Mask = NDArray[np.bool_]
_NONE = np.zeros(0, np.int32)

# So many words that are searched for and so many that are not (what, is, of) make a question out of
# what stands beside phrases; a list of words to search for has none of the latter.
_LEAST_CONTENT_WORDS = 2
_LEAST_FUNCTION_WORDS = 2
# Names that are near to one that no page has.
_MOST_NEAR = 3
# How like another a name must be to be named instead, 0 to 1.
_LEAST_LIKENESS = 0.6
# Tags and folders that are compared.
_MOST_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class ConditionEffect:
    """What one condition does by itself."""

    condition: Condition
    pages: Mask
    """(n_documents,): which pages fulfil it."""


class FilteredPages:
    """The pages of an index that fulfil conditions.

    Args:
        index: The index.
        conditions: In the order in which they were asked for.
        question: What is searched for, with the words of the phrases.
    """

    def __init__(
        self, index: IndexReader, conditions: Sequence[Condition], question: str = ""
    ) -> None:
        self.conditions = tuple(conditions)
        self.prefers_phrases = _is_question_beside_phrases(index, self.conditions, question)
        """Whether the phrases are a preference, not a condition."""
        self._index = index
        self._count = len(index.paths)
        self._sections_with: dict[str, list[int]] = {}
        """By phrase, the sections that hold it."""

    @cached_property
    def effects(self) -> tuple[ConditionEffect, ...]:
        """What each condition does by itself."""
        return tuple(ConditionEffect(item, self._pages_of(item)) for item in self.conditions)

    @cached_property
    def allowed(self) -> Mask:
        """(n_documents,): the pages that may be opened."""
        allowed = np.ones(self._count, np.bool_)
        paths = [item.pages for item in self.effects if _is_choice(item.condition)]
        if paths:
            allowed &= np.logical_or.reduce(paths)
        for effect in self.effects:
            if not _is_choice(effect.condition) and not effect.condition.is_wanted_phrase:
                allowed &= effect.pages
        return allowed

    @cached_property
    def _with_phrases(self) -> tuple[Mask, bool]:
        held = [item.pages for item in self.effects if item.condition.is_wanted_phrase]
        if not held:
            return self.allowed, False
        every: Mask = np.logical_and.reduce(held) & self.allowed
        if every.any() or len(held) == 1:
            return every, False
        some: Mask = np.logical_or.reduce(held) & self.allowed
        return some, bool(some.any())

    @property
    def beginning(self) -> Mask:
        """(n_documents,): the allowed pages that a search begins at: those with the phrases."""
        return self.allowed if self.prefers_phrases else self.holding

    @property
    def holding(self) -> Mask:
        """(n_documents,): the allowed pages that hold the phrases."""
        return self._with_phrases[0]

    @property
    def is_one_enough(self) -> bool:
        """Whether no page holds all phrases, so that a page with one of them will do."""
        return self._with_phrases[1]

    @property
    def phrase_sections(self) -> Mask | None:
        """(n_sections,): the sections that hold one of the phrases themselves; None without any."""
        if not any(item.is_wanted_phrase for item in self.conditions):
            return None
        self.effects  # noqa: B018  they are found with the pages
        mask = np.zeros(self._index.keyword.section_count, np.bool_)
        for item in self.conditions:
            if item.is_wanted_phrase:
                mask[self._sections_with[item.value]] = True
        return mask

    def nodes_in(self, documents: Mask) -> Mask:
        """Return which nodes are parts of some documents: (n_nodes,)."""
        nodes: Mask = documents[self._index.node_documents]
        return nodes

    def sections_in(self, documents: Mask) -> Mask:
        """Return which sections are in some documents: (n_sections,)."""
        sizes = np.diff(self._index.node_starts)
        return np.repeat(self.nodes_in(documents), sizes)

    def reasons_against(self, path: str) -> list[Condition]:
        """Return the conditions that keep a page out of the search, or from its beginning."""
        row = self._index.paths.find(path)
        if row is None:
            return []
        is_any_path = any(e.pages[row] for e in self.effects if _is_choice(e.condition))
        return [
            effect.condition
            for effect in self.effects
            if not effect.pages[row]
            and not (is_any_path and _is_choice(effect.condition))
            and not (self.prefers_phrases and effect.condition.is_wanted_phrase)
        ]

    def why_empty(self) -> str:
        """Return why no page is left, and what would match, in words."""
        for effect in self.effects:
            if not effect.pages.any() and not effect.condition.excludes:
                near = self._near(effect.condition)
                return _missing(effect.condition) + (f"; {near}" if near else "")
        return f"no page is left by: {conditions_in_words(self.conditions)}"

    def _pages_of(self, condition: Condition) -> Mask:
        pages = _FINDERS[condition.kind](self, condition.value)
        return ~pages if condition.excludes else pages

    def _with_path(self, value: str) -> Mask:
        pattern = PathPattern(value)
        return self._mask(
            row
            for row, path in enumerate(self._index.paths.rows())
            if pattern.matches(path.decode())
        )

    def _with_title(self, value: str) -> Mask:
        phrase = Phrase(value)
        found = {
            row
            for row, title in enumerate(self._index.titles.rows())
            if phrase.is_in(title.decode())
        }
        starts, nodes = self._index.name_nodes  # aliases stand there too, normalised to words
        for row, name in enumerate(self._index.names.rows()):
            if phrase.is_in(name.decode()):
                of_name = nodes[int(starts[row]) : int(starts[row + 1])]
                found.update(self._index.node_documents[of_name].tolist())
        return self._mask(found)

    def _with_tag(self, value: str) -> Mask:
        wanted = tag_key(value)
        starts, documents = self._index.tag_documents
        return self._mask(
            int(document)
            for row, tag in enumerate(self._index.tags.rows())
            if (text := tag.decode()) == wanted or text.startswith(f"{wanted}/")
            for document in documents[int(starts[row]) : int(starts[row + 1])]
        )

    def _since(self, value: str) -> Mask:
        dates = self._index.dates
        pages: Mask = (dates > 0) & (dates >= date.fromisoformat(value).toordinal())
        return pages

    def _until(self, value: str) -> Mask:
        dates = self._index.dates
        pages: Mask = (dates > 0) & (dates <= date.fromisoformat(value).toordinal())
        return pages

    def _with_word(self, value: str) -> Mask:
        # A section holds what is split into several words (k8s) if it holds all of them.
        words = words_of(value, self._index.language, is_asked=True)
        return self._holding_sections(self._in_all(map(frozenset, words)) if words else _NONE)

    def _with_phrase(self, value: str) -> Mask:
        index, phrase = self._index, Phrase(value)
        sections = self._candidates(phrase)
        nodes = np.searchsorted(index.node_starts, sections, side="right") - 1
        pages = index.node_documents[nodes].tolist()
        titled = {page for page in set(pages) if phrase.is_in(index.titles[page])}
        found = [
            (section, page)
            for section, page in zip(sections.tolist(), pages, strict=True)
            if page in titled or self._holds(phrase, section, page)
        ]
        self._sections_with[value] = [section for section, _ in found]
        return self._mask(page for _, page in found)

    def _holds(self, phrase: Phrase, section: int, document: int) -> bool:
        index = self._index
        if phrase.is_in(index.headings[section]):
            return True
        text = index.texts[section]
        if not phrase.may_be_in(text):
            return False
        return phrase.is_in(plain_text(text, index.markup(document)))

    def _candidates(self, phrase: Phrase) -> NDArray[np.integer]:
        """Return the sections that hold all words of a phrase, ascending."""
        keyword = self._index.keyword

        def contains(part: str) -> Iterable[str]:
            return (keyword.terms[row] for row in keyword.terms.find_all(part))

        return self._in_all(phrase.covering(self._index.language, contains))

    def _in_all(self, groups: Iterable[frozenset[str]]) -> NDArray[np.integer]:
        """Return the sections that hold a term of each of some groups, ascending."""
        keyword = self._index.keyword
        lists = [
            np.unique(np.concatenate([keyword.sections_with(term) for term in sorted(terms)]))
            for terms in groups
        ]
        found: NDArray[np.integer] = np.arange(keyword.section_count)
        for sections in sorted(lists, key=len):
            found = np.intersect1d(found, sections, assume_unique=True)
        return found

    def _holding_sections(self, sections: NDArray[np.integer]) -> Mask:
        nodes = np.searchsorted(self._index.node_starts, sections, side="right") - 1
        return self._mask(self._index.node_documents[nodes].tolist())

    def _mask(self, documents: Iterable[int]) -> Mask:
        mask = np.zeros(self._count, np.bool_)
        mask[list(documents)] = True
        return mask

    def _near(self, condition: Condition) -> str:
        """Return what would match instead, in words; empty if nothing is near."""
        if condition.kind == "tag":
            known = [tag.decode() for tag in self._index.tags.rows()[:_MOST_COMPARED]]
            return _nearest(tag_key(condition.value), known, "tags")
        if condition.kind == "path":
            paths = [path.decode() for path in self._index.paths.rows()[:_MOST_COMPARED]]
            parts = {part for path in paths for part in path.split("/")}
            return _nearest(condition.value.strip("/*"), sorted(parts), "folders and files")
        if condition.kind == "phrase":
            apart = self._holding_sections(self._candidates(Phrase(condition.value))).sum()
            pages = "page holds" if apart == 1 else "pages hold"
            return f"{apart:,} {pages} its words apart" if apart else ""
        if condition.kind in ("since", "until"):
            dates = self._index.dates
            dated = dates[dates > 0]
            if not len(dated):
                return "no page has a date in its front matter"
            first, last = (date.fromordinal(int(day)) for day in (dated.min(), dated.max()))
            return f"{len(dated):,} of {self._count:,} pages are dated, {first} to {last}"
        return ""


_FINDERS = {
    "path": FilteredPages._with_path,
    "title": FilteredPages._with_title,
    "tag": FilteredPages._with_tag,
    "since": FilteredPages._since,
    "until": FilteredPages._until,
    "word": FilteredPages._with_word,
    "phrase": FilteredPages._with_phrase,
}


def _is_question_beside_phrases(
    index: IndexReader, conditions: Sequence[Condition], question: str
) -> bool:
    """Tell whether what is asked beside phrases is a question, and not words to search for."""
    phrases = [item.value for item in conditions if item.is_wanted_phrase]
    if not phrases:
        return False
    language, _ = question_language(question, index.languages.names)
    content, functions = _count_words(question, language)
    for phrase in phrases:
        in_content, in_functions = _count_words(phrase, language)
        content, functions = content - in_content, functions - in_functions
    return content >= _LEAST_CONTENT_WORDS and functions >= _LEAST_FUNCTION_WORDS


def _count_words(text: str, language: str) -> tuple[int, int]:
    """Return how many words of a text are searched for, and how many are stop words."""
    words = [
        forms
        for place in WORD.finditer(text)
        for forms in all_words_of(place.group(), language, is_asked=True)
    ]
    content = sum(map(bool, words))
    return content, len(words) - content


def _is_choice(condition: Condition) -> bool:
    """Tell whether of several such conditions one is enough."""
    return condition.kind == "path" and not condition.excludes


def _missing(condition: Condition) -> str:
    """Return in words that no page fulfils a condition."""
    said = {"path": "lies at", "title": "is titled", "tag": "is tagged"}
    if condition.kind == "phrase":
        return f"no page holds {condition.shown()}"
    if condition.kind in said:
        return f"no page {said[condition.kind]} {condition.shown()}"
    return f"no page is {condition.in_words()}"


def _nearest(wanted: str, known: Sequence[str], what: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(wanted.casefold(), known, _MOST_NEAR, _LEAST_LIKENESS)
    inside = [name for name in known if wanted and wanted.casefold() in name.casefold()]
    named = list(dict.fromkeys((*near, *inside)))[:_MOST_NEAR]
    if named:
        return f"did you mean: {', '.join(named)}"
    return (
        f"there are the {what} {', '.join(known[:_MOST_NEAR])}" if known else f"there are no {what}"
    )

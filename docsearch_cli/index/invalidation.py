"""Which documents of an index must be read again because others have changed.

A link may lead elsewhere when one of the names that it was looked up by does; those names are
stored with each document (``asked``). Mentions change when titles and aliases do; the keyword index
says which sections may hold one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import starts_of
from docsearch_cli.corpus.links.anchors import place_key
from docsearch_cli.corpus.links.names import (
    ANY_SITE,
    includes_name,
    name_key,
    names_of_others,
    names_of_target,
)
from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.corpus.systems.detection import DetectedSystems
from docsearch_cli.graph.titles import NamedDocument, NameFinder, Words, content_words
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.index.links import LinkTarget
from docsearch_cli.index.mentions import table_of
from docsearch_cli.index.merge import Arrangement
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.sources import EarlierIndex
from docsearch_cli.index.update_tables import UpdateTables
from docsearch_cli.retrieval.covering_terms import covering_terms
from docsearch_cli.retrieval.keyword import KeywordIndex

# Where a larger share of the sections may hold a name, it is as fast to read all documents again.
_MOST_WANTED = 0.5


def changed_names(
    earlier: EarlierIndex,
    arrangement: Arrangement,
    others: tuple[Sequence[str], Sequence[str]],
    systems: tuple[DetectedSystems, DetectedSystems],
) -> set[int]:
    """Return the keys of all names that now lead to another document or place.

    Args:
        earlier: The earlier index.
        arrangement: The documents now.
        others: Paths that were no documents before, and those that are none now.
        systems: The sites before, and those now.

    Returns:
        Keys as ``LinkFacts.asked`` has them.
    """
    changed: set[int] = set()
    before, now = map(names_of_others, others)
    changed.update(map(name_key, before ^ now))
    old_number = {document.path: row for row, document in enumerate(earlier.documents)}
    systems_before, systems_now = systems
    if bool(systems_before.sites) != bool(systems_now.sites):
        changed.add(name_key(ANY_SITE))
    for stretch in arrangement.stretches:
        source = stretch.source
        if source is earlier and systems_now == systems_before:
            continue
        for number in range(stretch.first, stretch.end):
            target = LinkTarget(source.documents[number], source, number)
            old = old_number.get(target.path)
            if old is None:
                changed.update(map(name_key, names_of_target(target, systems_now)))
                continue
            was = LinkTarget(earlier.documents[old], earlier, old)
            names = set(names_of_target(was, systems_before))
            names_now = set(names_of_target(target, systems_now))
            is_moved = systems_before.site_of(target.path) != systems_now.site_of(target.path)
            # Of a page that a program made, edges come or go.
            is_other = is_moved or bool(was.row.made_by) != bool(target.row.made_by)
            changed.update(map(name_key, names | names_now if is_other else names ^ names_now))
            places_before, places_now = set(_places(was)), set(_places(target))
            places = places_before | places_now if is_moved else places_before ^ places_now
            changed.update(place_key(target.path, key) for key, _ in places)
            made_before = systems_before.may_have_made_places(target.path)
            is_made = made_before != systems_now.may_have_made_places(target.path)
            if is_made or was.includes != target.includes or was.labels != target.labels:
                changed.add(name_key(includes_name(target.path)))
    for path, old in old_number.items():
        if path not in arrangement.row_of:
            was = LinkTarget(earlier.documents[old], earlier, old)
            changed.update(map(name_key, names_of_target(was, systems_before)))
    return changed


def documents_of_other_sites(
    documents: Sequence[DocumentRow], systems: tuple[DetectedSystems, DetectedSystems]
) -> NDArray[np.bool_]:
    """Tell for each document whether its site has changed, so that its links read differently.

    Args:
        documents: The documents of an index.
        systems: The sites before, and those now.

    Returns:
        One truth value a document.
    """
    before, now = systems
    if before == now:
        return np.zeros(len(documents), np.bool_)
    differs = (before.site_of(row.path) != now.site_of(row.path) for row in documents)
    return np.fromiter(differs, np.bool_, len(documents))


def documents_asking(tables: UpdateTables, names: set[int]) -> NDArray[np.bool_]:
    """Tell for each document of an index whether its links were looked up by any of the names."""
    asked = np.isin(tables.asked_keys, np.fromiter(names, np.uint32, len(names)))
    before = starts_of(asked)
    starts = tables.asked_starts.astype(np.int64)
    found: NDArray[np.bool_] = before[starts[1:]] > before[starts[:-1]]
    return found


def _places(target: LinkTarget) -> Iterator[tuple[int, int]]:
    """Yield each anchor's key with the node that it leads to."""
    table = target.anchors
    starts = np.array(target.row.node_starts)
    parts = np.searchsorted(starts, table.sections, side="right")
    return zip(table.keys.tolist(), parts.tolist(), strict=True)


def changed_words(earlier: Sequence[DocumentRow], documents: Sequence[DocumentRow]) -> set[Words]:
    """Return the names that now stand for other documents, or for none."""

    def named(rows: Sequence[DocumentRow]) -> set[tuple[str, str, tuple[str, ...], bool]]:
        return {(row.path, row.title, row.aliases, not row.made_by) for row in rows}

    if named(earlier) == named(documents):
        return set()
    before, now = _by_path(earlier), _by_path(documents)
    return {words for words in before.keys() | now.keys() if before.get(words) != now.get(words)}


def _by_path(documents: Sequence[DocumentRow]) -> dict[Words, list[tuple[str, Words | None]]]:
    return {
        words: [(documents[entry.document].path, entry.exact) for entry in named]
        for words, named in table_of(documents).items()
    }


def documents_naming(earlier: EarlierIndex, names: set[Words]) -> NDArray[np.bool_]:
    """Tell for each document of an index whether its text holds any of the names.

    Only the sections that may hold one, by the keyword index, are read.

    Args:
        earlier: The index.
        names: The names, as words.

    Returns:
        One truth value a document; all are true if the names are so many or so common that reading
        everything is as fast.
    """
    reader = earlier.reader
    found = np.zeros(len(earlier.documents), np.bool_)
    wanted: dict[int, None] = {}
    for words in sorted(names):
        wanted.update(dict.fromkeys(_sections_holding(reader, words).tolist()))
        if len(wanted) > _MOST_WANTED * len(reader.section_lines):
            found[:] = True
            return found
    finder = NameFinder({words: (NamedDocument(0, None),) for words in names})
    owners = np.searchsorted(earlier.section_starts, sorted(wanted), side="right") - 1
    for section, document in zip(sorted(wanted), owners.tolist(), strict=True):
        if not found[document]:
            text = plain_text(reader.texts[section], reader.markup(document))
            found[document] = bool(finder.names_in(text))
    return found


def _sections_holding(reader: IndexReader, words: Words) -> NDArray[np.int32]:
    """Return the sections that may hold all of some words."""
    keyword = reader.keyword
    holding = np.arange(keyword.section_count, dtype=np.int32)
    for word in dict.fromkeys(content_words(words)):
        of_language = [
            covering_terms(word, language, lambda part: map(_text, _rows(keyword, part)))
            for language in reader.languages.names
        ]
        if not all(of_language):  # no term says where this word is
            continue
        terms = frozenset().union(*of_language)
        lists = [keyword.sections_with(term) for term in sorted(terms)]
        found = np.unique(np.concatenate(lists))
        holding = np.intersect1d(holding, found, assume_unique=True)
    return holding


def _rows(keyword: KeywordIndex, part: str) -> Iterator[bytes]:
    return (keyword.terms.raw(row) for row in keyword.terms.find_all(part))


def _text(term: bytes) -> str:
    return term.decode("utf-8")

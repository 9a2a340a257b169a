"""Entity edges: from a node to nodes of other documents that name the same rare thing.

They are not stored: when a node is opened, the names in its shown sections are looked up in the
keyword index. An edge weighs more the rarer the name is, and the fewer names there are beside it;
several shared names add up, by noisy-or.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.corpus.plain_text import remembered_plain_text
from docsearch_cli.explore.found_edges import Carrier, FoundEdges, ReadText
from docsearch_cli.explore.open_terms import OpenTerms
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.graph.entities import names_in
from docsearch_cli.index.kept_facts import kept_facts
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.idf import quantise
from docsearch_cli.retrieval.keyword import are_held
from docsearch_cli.retrieval.stems import as_asked
from docsearch_cli.retrieval.tokens import tokenize

# A name in more documents than this leads nowhere in particular; in a small corpus, than the root
# of its size.
_MOST_SHARING = 60
# Nor does one in more than so many sections for each of these documents.
_SECTIONS_EACH = 20
# A page with this many names says less of each: the weight falls with the root of their number.
_FEW_NAMES = 10
# Of names and the sections that hold them so many are remembered: some twenty megabytes.
_MOST_KEPT = 1_000_000
_WORD = re.compile(r"\w+")
_PARTING = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name, as it is spelled at its first place."""

    name: str
    read: ReadText


@dataclass(frozen=True, slots=True)
class SharedNames:
    """The nodes that share a name with one node.

    Shapes:
        targets: (n,) int64, rows of nodes, ascending.
        weights: (n,) float32, 0 to 1: how rare what they share is.
        names: (n,) int64, place in ``found`` of the name that promises most: it is rare, and
            beside it stands what the page leaves open of the question; else of the rarest.
        masks: (n, words) int64, which of ``open_terms`` stand in the target beside that name.
    """

    found: Sequence[FoundName]
    targets: NDArray[np.int64]
    weights: NDArray[np.float32]
    names: NDArray[np.int64]
    masks: NDArray[np.int64]
    open_terms: OpenTerms


def entity_edges(scored: ScoredQuestion, node: int, read: Sequence[ReadText]) -> FoundEdges:
    """Return the edges to the nodes of other documents that share a rare name with a node."""
    index = scored.index
    shared = shared_names(scored, node, read)
    counts_pages = is_paged(index.markup(int(index.node_documents[node])))

    def carrier(place: int) -> Carrier:
        found = shared.found[int(shared.names[place])]
        first = int(index.section_lines[found.read.section][0])
        offset = 0 if counts_pages else line_of(found.name, found.read.text)
        return Carrier(first + offset, found.name)

    return FoundEdges(
        shared.targets,
        shared.weights,
        carrier,
        shared.open_terms.shares(shared.masks),
        lambda place: shared.open_terms.spelled(shared.masks[place]),
    )


def shared_names(scored: ScoredQuestion, node: int, read: Sequence[ReadText]) -> SharedNames:
    """Return the nodes of other documents that share a rare name with the shown part of a node.

    Names made of the question's own words are left out: their pages are found by keyword.

    Args:
        scored: The question against the corpus.
        node: The node's row.
        read: Its shown sections.

    Returns:
        Each other node once.
    """
    index = scored.index
    names = _names_of(scored, node, read)
    kept = kept_facts(index, _KeptNames)
    whole = math.log(kept.size) * math.sqrt(1 + len(names) / _FEW_NAMES)
    found = [(place, shared) for place, tokens in enumerate(names) if (shared := kept.find(tokens))]
    open_terms = OpenTerms.of(scored, read)
    rarities = [math.log(kept.size / quantise(item.documents)) for _, item in found]
    weights = [max(0.0, rarity / whole) for rarity in rarities]
    counts = [len(item.nodes) for _, item in found]
    targets = _joined([item.nodes for _, item in found])
    name = np.repeat(np.array([place for place, _ in found], dtype=np.int64), counts)
    weight = np.repeat(np.array(weights, dtype=np.float32), counts)
    mask = _most_beside(open_terms, [item for _, item in found])
    order = np.lexsort((name, -weight, targets))  # a node's names from the rarest on
    order = order[index.node_documents[targets[order]] != index.node_documents[node]]
    targets, name, weight, mask = targets[order], name[order], weight[order], mask[order]
    first = np.flatnonzero(np.diff(targets, prepend=-1))
    together = np.multiply.reduceat(1 - weight, first) if len(first) else weight
    promise = weight * open_terms.shares(mask)
    promising = np.lexsort((np.arange(len(targets)), -promise, targets))[first]
    return SharedNames(
        tuple(names.values()),
        targets[first],
        (1 - together).astype(np.float32),
        name[promising],
        mask[promising],
        open_terms,
    )


def _most_beside(open_terms: OpenTerms, found: Sequence[_NameSections]) -> NDArray[np.int64]:
    """Return the mask of the section that holds most of what is open.

    Args:
        open_terms: What is open.
        found: What is known of some names.

    Returns:
        A mask for each node of each name.
    """
    sizes = [len(item.sections) for item in found]
    masks = open_terms.masks(_joined([item.sections for item in found]))
    # Sections ascend within a name, and the sort keeps the order of equals.
    names = np.repeat(np.arange(len(found)), sizes)
    owners = _joined([item.owners for item in found])
    order = np.lexsort((-open_terms.shares(masks), owners, names))
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (np.diff(owners) != 0) | (np.diff(names) != 0)
    most: NDArray[np.int64] = masks[order[is_first]]
    return most


def _joined(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class _NameSections:
    """Where a name stands that leads somewhere.

    Shapes:
        sections: (n,) int64, ascending.
        owners: (n,) int64, the node of each.
        nodes: (m,) int64, those nodes, each once, ascending.
    """

    sections: NDArray[np.int64]
    owners: NDArray[np.int64]
    nodes: NDArray[np.int64]
    documents: int


class _KeptNames:
    """Where the names of an index stand, looked up once: no question changes it.

    Args:
        index: The index.
    """

    def __init__(self, index: IndexReader) -> None:
        # Quantised: one page more must not change every edge.
        self.size = max(2.0, quantise(index.node_count))
        self._most = max(2, min(_MOST_SHARING, int(math.sqrt(self.size))))
        self._most_sections = _SECTIONS_EACH * self._most
        self._keyword = index.keyword
        self._starts, self._documents = index.node_starts, index.node_documents
        self._found: dict[tuple[str, ...], _NameSections | None] = {}
        self._kept = 0

    def find(self, tokens: tuple[str, ...]) -> _NameSections | None:
        """Return where a name stands, by its tokens; None where it leads nowhere."""
        try:
            return self._found[tokens]
        except KeyError:
            found = self._look_up(tokens)
        self._kept += 1 + (len(found.sections) if found is not None else 0)
        if self._kept > _MOST_KEPT:
            self._found.clear()
            self._kept = 0
        self._found[tokens] = found
        return found

    def _look_up(self, tokens: tuple[str, ...]) -> _NameSections | None:
        holding = {token: self._keyword.holding(token) for token in tokens}
        rarest, *others = sorted(tokens, key=lambda token: (holding[token], token))
        if holding[rarest] < 2 or not (others or holding[rarest] <= self._most_sections):
            return None
        sections = self._keyword.sections_with(rarest)
        for token in others:
            sections = sections[are_held(self._keyword.sections_with(token), sections)]
        if not 2 <= len(sections) <= self._most_sections:
            return None
        owners = np.searchsorted(self._starts, sections, side="right") - 1
        nodes = _distinct(owners)
        documents = len(_distinct(self._documents[nodes]))
        if not 2 <= documents <= self._most:
            return None
        return _NameSections(sections.astype(np.int64), owners, nodes, documents)


@lru_cache(maxsize=4096)
def line_of(name: str, text: str) -> int:
    """Return the line of a name's first place in a section's own text, from 0."""
    words = _WORD.findall(name)
    # Where a word begins with the mark that may part words as well, an expression has to try both.
    if not words or any(word[0] == "_" for word in words[1:]):
        pattern = "[\\W_]+".join(map(re.escape, words))
        match = re.search(rf"(?<!\w){pattern}(?!\w)", text)
        return text.count("\n", 0, match.start()) if match is not None else 0
    start = text.find(words[0])
    while start >= 0:
        if not _is_in_word(text[start - 1 : start]) and _holds_all(text, start, words):
            return text.count("\n", 0, start)
        start = text.find(words[0], start + 1)
    return 0


def _holds_all(text: str, start: int, words: Sequence[str]) -> bool:
    """Tell whether words stand in a text from a place on, as words, whatever parts them.

    An expression for each name would take a quarter of a millisecond to compile.
    """
    end = start + len(words[0])
    for word in words[1:]:
        parting = _PARTING.match(text, end)
        if parting is None or not text.startswith(word, parting.end()):
            return False
        end = parting.end() + len(word)
    return not _is_in_word(text[end : end + 1])


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _names_of(
    scored: ScoredQuestion, node: int, read: Sequence[ReadText]
) -> dict[tuple[str, ...], FoundName]:
    """Return the names in the shown sections of a node, by their tokens."""
    index = scored.index
    document = int(index.node_documents[node])
    markup, stems = index.markup(document), scored.stems_of(document)
    question = set(scored.terms.tokens)
    found: dict[tuple[str, ...], FoundName] = {}
    for item in read:
        for tokens, name in _names_in_text(item.text, markup, index.language_of(document)):
            if not question.issuperset(as_asked(tokens, stems)):
                found.setdefault(tokens, FoundName(name, item))
    return found


@lru_cache(maxsize=4096)
def _names_in_text(
    text: str, markup: Markup, language: str
) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return the tokens and the spelling of each name; cached, as pages are opened repeatedly."""
    names = dict.fromkeys(names_in(remembered_plain_text(text, markup)))
    tokens = ((tuple(dict.fromkeys(tokenize(name, language))), name) for name in names)
    return tuple(item for item in tokens if item[0])


def _distinct(rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return ascending numbers, each once."""
    is_new = np.ones(len(rows), np.bool_)
    np.not_equal(rows[1:], rows[:-1], out=is_new[1:])  # np.diff takes three times as long
    distinct: NDArray[np.int64] = rows[is_new].astype(np.int64)
    return distinct

"""The sentence that carries a link: what it says of the question is a reason to follow it.

"No more pipelines are allowed; the limits are listed under *editions*" speaks to a question about
such a limit, whatever the linked page's own words are.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.corpus.plain_text import Sentence, sentences
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.tokens import tokenize


def terms_beside_links(
    scored: ScoredQuestion, node: int, edges: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    """Return the question's terms in the sentence that carries each of some edges out of a node.

    Args:
        scored: The question against the corpus.
        node: The row of the node that the edges leave.
        edges: Their numbers.

    Returns:
        For each edge the terms in the question's order; none where its sentence is not known, as
        in a document whose lines are pages.
    """
    index = scored.index
    markup = index.markup(int(index.node_documents[node]))
    if is_paged(markup) or not len(edges):
        return [()] * len(edges)
    first, end = index.node_starts[node : node + 2].tolist()
    lines = index.graph.lines[edges]
    rows = first + np.searchsorted(index.section_lines[first:end, 0], lines, side="right") - 1
    speaking = _speaking(scored, np.unique(rows[(lines > 0) & (rows >= first)]).tolist())
    found: list[tuple[str, ...]] = []
    for edge, line, row in zip(edges.tolist(), lines.tolist(), rows.tolist(), strict=True):
        tokens: frozenset[str] = frozenset()
        if row in speaking:
            offset = line - int(index.section_lines[row, 0])
            carrier = _carrier(index.texts[row], markup, offset, index.graph.texts[edge])
            tokens = _tokens(carrier, index.language)
        found.append(tuple(term for term in scored.terms.tokens if term in tokens))
    return found


def _speaking(scored: ScoredQuestion, sections: list[int]) -> set[int]:
    """Return those of some sections that hold any of the question's terms."""
    held = scored.terms_of_sections(sections)
    return {section for section, terms in zip(sections, held, strict=True) if terms}


def _carrier(text: str, markup: Markup, offset: int, spelled: str) -> str:
    """Return the sentence on a line of a section that holds some words; the line's first if none.

    Empty if there is none on the line.
    """
    words = " ".join(spelled.split()).casefold()
    on_line = [
        unit.plain
        for unit in _units(text, markup)
        if unit.line_offset_start <= offset <= unit.line_offset_end
    ]
    return next((unit for unit in on_line if words in unit.casefold()), "".join(on_line[:1]))


@lru_cache(maxsize=1024)
def _units(text: str, markup: Markup) -> tuple[Sentence, ...]:
    """Return a section's sentences; cached, as its links are looked at one by one."""
    return tuple(sentences(text, markup))


@lru_cache(maxsize=4096)
def _tokens(text: str, language: str) -> frozenset[str]:
    return frozenset(tokenize(text, language))

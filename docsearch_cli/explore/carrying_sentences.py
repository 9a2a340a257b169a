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
from docsearch_cli.retrieval.stems import as_asked
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
    document = int(index.node_documents[node])
    markup, stems = index.markup(document), scored.stems_of(document)
    if is_paged(markup) or not len(edges):
        return [()] * len(edges)
    first, end = index.node_starts[node : node + 2].tolist()
    lines = index.graph.lines[edges]
    last = first + np.searchsorted(index.section_lines[first:end, 0], lines, side="right") - 1
    found: list[tuple[str, ...]] = []
    speaking = _speaking(scored, first, end)
    for edge, line, row in zip(edges.tolist(), lines.tolist(), last.tolist(), strict=True):
        rows = _rows_on_line(index.section_lines, line, row, first) if line > 0 else []
        tokens: frozenset[str] = frozenset()
        if speaking.intersection(rows):
            carrier = _carrier(scored, rows, markup, line, index.graph.texts[edge])
            tokens = frozenset(as_asked(_tokens(carrier, index.language_of(document)), stems))
        found.append(tuple(term for term in scored.terms.tokens if term in tokens))
    return found


def _rows_on_line(section_lines: NDArray[np.int32], line: int, last: int, first: int) -> list[int]:
    """Return the sections from ``first`` to ``last`` that are on a line, which may be several."""
    rows = []
    for row in range(last, first - 1, -1):
        if int(section_lines[row, 1]) < line:
            break
        rows.append(row)
    return rows[::-1]


def _speaking(scored: ScoredQuestion, first: int, end: int) -> set[int]:
    """Return those of consecutive sections that hold any of the question's terms."""
    held = scored.terms_of_sections(range(first, end))
    return {first + place for place, terms in enumerate(held) if terms}


def _carrier(
    scored: ScoredQuestion, rows: list[int], markup: Markup, line: int, spelled: str
) -> str:
    """Return the sentence on a line that holds some words.

    Where none does, the line's first stands for it, if only one section is on the line. Empty if
    there is none.
    """
    index = scored.index
    words = " ".join(spelled.split()).casefold()
    on_line = [
        unit.plain
        for row in rows
        for unit in _units(index.texts[row], markup)
        if unit.line_offset_start <= line - int(index.section_lines[row, 0]) <= unit.line_offset_end
    ]
    first = on_line[0] if on_line and len(rows) == 1 else ""
    return next((unit for unit in on_line if words in unit.casefold()), first)


@lru_cache(maxsize=1024)
def _units(text: str, markup: Markup) -> tuple[Sentence, ...]:
    """Return a section's sentences; cached, as its links are looked at one by one."""
    return tuple(sentences(text, markup))


@lru_cache(maxsize=4096)
def _tokens(text: str, language: str) -> frozenset[str]:
    return frozenset(tokenize(text, language))

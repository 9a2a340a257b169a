"""The sentence that carries a link: what it says of the question is a reason to follow it.

"No more pipelines are allowed; the limits are listed under *editions*" speaks to a question about
such a limit, whatever the linked page's own words are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.related import carrying_sentence, sections_on_line
from docsearch_cli.retrieval.stems import as_asked
from docsearch_cli.retrieval.tokens import remembered_tokens


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
    speaking = set(scored.held.holding(first, end))
    for edge, line, row in zip(edges.tolist(), lines.tolist(), last.tolist(), strict=True):
        rows = sections_on_line(index, line, row, first) if line > 0 else []
        tokens: frozenset[str] = frozenset()
        if speaking.intersection(rows):
            carrier = carrying_sentence(index, rows, markup, line, index.graph.texts[edge])
            language = index.language_of(document)
            tokens = frozenset(as_asked(remembered_tokens(carrier, language), stems))
        found.append(tuple(term for term in scored.terms.tokens if term in tokens))
    return found

"""Follow-up edges: what a page taught leads to sections that hold it beside what is still open.

No page needs to name the other. Where a page leaves nothing of the question open, or taught
nothing, there are none: a search does not drift from its question.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from docsearch_cli.explore.found_edges import Carrier, FoundEdges, ReadText, no_edges
from docsearch_cli.explore.learning import learned_words
from docsearch_cli.explore.open_terms import OpenTerms
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.retrieval.keyword import are_held

# Nodes that one page's follow-up leads to, and sections that are looked at for them.
_MOST_NODES = 3
_MOST_SECTIONS = 60


def follow_up_edges(scored: ScoredQuestion, node: int, read: Sequence[ReadText]) -> FoundEdges:
    """Return the edges to the nodes of other documents that follow a page up best.

    The best hits are left out: a search begins there.

    A section is worth the share of what was learned that it holds, times the share of the question
    that it holds of what the page leaves open.
    """
    index = scored.index
    open_terms = OpenTerms.of(scored, read)
    learned = learned_words(scored, node, read) if open_terms.terms else ()
    if not learned:
        return no_edges()
    lists = [index.keyword.sections_with(word) for word in learned]
    sections, counts = np.unique(np.concatenate(lists), return_counts=True)
    taught = (counts / len(lists)).astype(np.float32)
    masks = open_terms.masks(sections)
    nodes = np.searchsorted(index.node_starts, sections, side="right") - 1
    is_elsewhere = index.node_documents[nodes] != index.node_documents[node]
    is_new = is_elsewhere & ~scored.is_first_node[nodes]
    if scored.allowed_nodes is not None:
        is_new &= scored.allowed_nodes[nodes]
    values = np.where(is_new, taught * open_terms.shares(masks), 0)
    best: dict[int, int] = {}
    for place in np.lexsort((sections, -values))[:_MOST_SECTIONS].tolist():
        if values[place] <= 0 or len(best) == _MOST_NODES:
            break
        best.setdefault(int(nodes[place]), place)
    targets = sorted(best)
    places = np.array([best[target] for target in targets], np.int64)

    def carrier(row: int) -> Carrier:
        section = sections[places[row : row + 1]]
        words = zip(learned, lists, strict=True)
        return Carrier(0, " ".join(word for word, held in words if are_held(held, section)[0]))

    return FoundEdges(
        np.array(targets, np.int64),
        taught[places],
        carrier,
        open_terms.shares(masks[places]),
        lambda row: open_terms.spelled(masks[places[row]]),
    )

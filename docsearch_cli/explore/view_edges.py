"""The edges that an agent is shown at one node: those with the most promising targets.

An edge promises what its target's own words say, what it weighs, and what it says itself: the
question's terms in the sentence that carries a link, or beside the words that two pages share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.explore.carrying_sentences import terms_beside_links
from docsearch_cli.explore.found_edges import Carrier, FoundEdges, ReadText
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.view import Direction, EdgeView, SectionView
from docsearch_cli.graph.edge_kinds import (
    BACKWARD_CODES,
    KINDS_FOUND_ON_OPENING,
    PROMISING_CODES,
    EdgeKind,
    kind_of_code,
)
from docsearch_cli.index.kept_facts import kept_facts
from docsearch_cli.index.reader import IndexReader

# What an edge of weight 1 counts beside its target's score when the edges to show are chosen, and
# one that says all of the question.
_WEIGHT_SHARE = 0.3
_SAID_SHARE = 0.6
# Targets whose names are remembered: some ten megabytes.
_MOST_TARGETS = 32_768
# By a kind's code; np.isin would take longer than all else that is done with a page's edges.
_IS_BACKWARD = np.isin(np.arange(256), BACKWARD_CODES)
_IS_PROMISING = np.isin(np.arange(256), PROMISING_CODES)


@dataclass(frozen=True, slots=True)
class _StoredEdges:
    """The stored edges of a node: those that leave it, then those that are walked backwards.

    Shapes:
        numbers, targets: (n_edges,) int64.
        said: of each edge that leaves the node, the question's terms beside it; none where its kind
            promises nothing by them.
    """

    numbers: NDArray[np.int64]
    targets: NDArray[np.int64]
    said: list[tuple[str, ...]]


def best_edges(
    scored: ScoredQuestion, node: int, sections: Sequence[SectionView], most: int
) -> tuple[tuple[EdgeView, ...], int]:
    """Choose the edges with the most promising targets.

    Args:
        scored: The question against the corpus.
        node: The node's row.
        sections: What is shown of it.
        most: Most edges to return.

    Returns:
        The edges, best first, and how many there were to choose from.
    """
    stored = _stored_edges(scored, node)
    found = _find_edges(scored, node, sections)
    targets = np.concatenate([stored.targets, *(edges.targets for _, edges in found)])
    weights = np.concatenate(
        [scored.index.graph.weights[stored.numbers], *(edges.weights for _, edges in found)]
    )
    sizes = [len(stored.numbers), *(len(edges.targets) for _, edges in found)]
    starts = np.cumsum([0, *sizes])
    scores = np.minimum(scored.node_scores[targets] * _steadiness(scored), 1.0)
    said_shares = np.zeros(len(stored.numbers), np.float32)
    said_shares[: len(stored.said)] = [scored.terms.share(said) for said in stored.said]
    shares = np.concatenate([said_shares, *_found_shares(found)])
    worth = scores + _WEIGHT_SHARE * weights + _SAID_SHARE * shares
    order = np.lexsort((targets, -worth))
    if scored.allowed_nodes is not None:  # what is filtered out is not there for an agent
        order = order[scored.allowed_nodes[targets[order]]]
    views = []
    for place in _within_limits(order, starts, found)[:most].tolist():
        target, score = int(targets[place]), round(float(scores[place]), 2)
        origin = int(np.searchsorted(starts, place, side="right")) - 1
        if origin == 0:
            views.append(_stored_view(scored, stored, place, target, score))
        else:
            kind, edges = found[origin - 1]
            row = place - int(starts[origin])
            weight = round(float(edges.weights[row]), 2)
            carrier, said = edges.carrier(row), edges.said(row)
            views.append(_edge_view(scored, target, score, kind, "out", weight, carrier, said))
    return tuple(views), len(order)


class _KeptTargets:
    """What targets are called: many pages lead to the same ones."""

    def __init__(self, _index: IndexReader) -> None:
        self._found: dict[int, tuple[str, str, str]] = {}

    def find(self, index: IndexReader, node: int) -> tuple[str, str, str]:
        """Return a node's id, path and title."""
        found = self._found.get(node)
        if found is None:
            if len(self._found) >= _MOST_TARGETS:
                self._found.clear()
            document = int(index.node_documents[node])
            found = (index.node_id(node), index.paths[document], index.titles[document])
            self._found[node] = found
        return found


def _stored_edges(scored: ScoredQuestion, node: int) -> _StoredEdges:
    graph = scored.index.graph
    leaving = graph.edges_out(node)
    leading = graph.edges_in(node)
    leading = leading[_IS_BACKWARD[graph.kinds[leading]]]
    is_promising = _IS_PROMISING[graph.kinds[leaving]]
    said = iter(terms_beside_links(scored, node, leaving[is_promising]))
    return _StoredEdges(
        np.concatenate([leaving, leading]).astype(np.int64),
        np.concatenate([graph.targets[leaving], graph.sources_of(leading)]).astype(np.int64),
        [next(said) if promises else () for promises in is_promising.tolist()],
    )


def _found_shares(found: Sequence[tuple[EdgeKind, FoundEdges]]) -> list[NDArray[np.float32]]:
    return [
        edges.weights * edges.shares
        if edges.shares is not None
        else np.zeros(len(edges.targets), np.float32)
        for _, edges in found
    ]


def _find_edges(
    scored: ScoredQuestion, node: int, sections: Sequence[SectionView]
) -> list[tuple[EdgeKind, FoundEdges]]:
    """Return the edges of each kind that is not stored."""
    index = scored.index
    start = int(index.node_starts[node - int(index.node_parts[node])])
    read = [ReadText(start + item.section, item.text) for item in sections]
    return [(kind, kind.load_finder()(scored, node, read)) for kind in KINDS_FOUND_ON_OPENING]


def _within_limits(
    order: NDArray[np.int64],
    starts: NDArray[np.int64],
    found: Sequence[tuple[EdgeKind, FoundEdges]],
) -> NDArray[np.int64]:
    """Leave out of an order what is more of a kind than may be shown of it.

    Args:
        order: Places of edges, best first.
        starts: Place of the first edge of each origin: the stored ones, then each of ``found``.
        found: The kinds that are not stored, and their edges.

    Returns:
        The places that are left.
    """
    is_shown = np.ones(len(order), np.bool_)
    for number, (kind, _) in enumerate(found, start=1):
        if kind.most_shown is not None:
            is_kind = (starts[number] <= order) & (order < starts[number + 1])
            is_shown &= ~is_kind | (np.cumsum(is_kind) <= kind.most_shown)
    return order[is_shown]


def _steadiness(scored: ScoredQuestion) -> float:
    """Return the factor that makes a share of the corpus's best score one of that score quantised.

    Without it an edit of the best page, the one that a question is about, would change the edges
    that every other page shows.
    """
    return float(scored.keyword_scores.max(initial=0.0)) or 1.0


def _stored_view(
    scored: ScoredQuestion, stored: _StoredEdges, place: int, target: int, score: float
) -> EdgeView:
    graph = scored.index.graph
    edge = int(stored.numbers[place])
    kind = kind_of_code(int(graph.kinds[edge]))
    direction: Direction = "out" if place < len(stored.said) else "in"
    said = stored.said[place] if direction == "out" else ()
    carrier = Carrier(int(graph.lines[edge]), graph.texts[edge])
    weight = round(float(graph.weights[edge]), 4)
    return _edge_view(scored, target, score, kind, direction, weight, carrier, said)


def _edge_view(
    scored: ScoredQuestion,
    target: int,
    score: float,
    kind: EdgeKind,
    direction: Direction,
    weight: float,
    carrier: Carrier,
    said: tuple[str, ...],
) -> EdgeView:
    node, path, title = kept_facts(scored.index, _KeptTargets).find(scored.index, target)
    return EdgeView(
        target=node,
        path=path,
        title=title,
        kind=kind.name,
        direction=direction,
        weight=weight,
        line=carrier.line,
        text=carrier.text,
        score=score,
        terms=scored.terms_in(target),
        said=said,
    )

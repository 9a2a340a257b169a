"""Builds views: the part of the index that an agent is shown at one node."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.explore.found_edges import Carrier, FoundEdges, ReadText
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.view import Direction, EdgeView, SectionView, View
from docsearch_cli.graph.edge_kinds import (
    BACKWARD_CODES,
    KINDS_FOUND_ON_OPENING,
    EdgeKind,
    kind_of_code,
)
from docsearch_cli.steps import TOKEN_CHARS, estimate_tokens

# Nodes whose sections and edges are kept for the next search with the same question.
_MOST_KEPT = 64
# What an edge of weight 1 counts beside its target's score when the edges to show are chosen.
_WEIGHT_SHARE = 0.3


def build_view(
    scored: ScoredQuestion,
    node: int,
    *,
    covered: Sequence[str],
    reading_tokens: int,
    most_edges: int,
) -> View:
    """Return what an agent is shown at one node.

    Args:
        scored: The question against the corpus.
        node: The node's row.
        covered: The question's terms found on the way to it.
        reading_tokens: Most tokens of section text to show; a longer section is cut.
        most_edges: Most edges to show, those with the best targets: a hub costs no more than a
            leaf.

    Returns:
        The view, the same for the same arguments.
    """
    index = scored.index
    document = int(index.node_documents[node])
    sections, edges, edges_total = _sections_and_edges(scored, node, reading_tokens, most_edges)
    return View(
        question=scored.question,
        tokens=scored.terms.tokens,
        idf=scored.terms.idf,
        known_share=round(scored.in_vocabulary_share, 2),
        node=index.node_id(node),
        path=index.paths[document],
        title=index.titles[document],
        markup=index.markup(document),
        content_hash=index.content_hash(document),
        node_score=_rounded(scored.node_scores[node]),
        covered=tuple(term for term in scored.terms.tokens if term in set(covered)),
        sections=sections,
        sections_total=int(index.node_starts[node + 1] - index.node_starts[node]),
        edges=edges,
        edges_total=edges_total,
        language=index.language,
    )


def _sections_and_edges(
    scored: ScoredQuestion, node: int, reading_tokens: int, most_edges: int
) -> tuple[tuple[SectionView, ...], tuple[EdgeView, ...], int]:
    """Return a node's sections, its edges and how many there were.

    They are kept for a while: an evaluation asks the same question under several budgets.
    """
    key = (node, reading_tokens, most_edges)
    known = scored.opened.get(key)
    if known is None:
        sections, _ = best_sections(scored, node, reading_tokens)
        known = (sections, *_best_edges(scored, node, sections, most_edges))
        if len(scored.opened) >= _MOST_KEPT:
            del scored.opened[next(iter(scored.opened))]
        scored.opened[key] = known
    return known


def best_sections(
    scored: ScoredQuestion, node: int, reading_tokens: int
) -> tuple[tuple[SectionView, ...], int]:
    """Return a node's best sections that fit the allowance, best first, and their tokens."""
    index = scored.index
    first, end = int(index.node_starts[node]), int(index.node_starts[node + 1])
    document_start = int(index.node_starts[node - int(index.node_parts[node])])
    scores = scored.relevance[first:end]
    order = first + np.lexsort((np.arange(end - first), -scores))
    chosen: list[SectionView] = []
    left = reading_tokens
    for row in order.tolist():
        text = index.texts[row]
        cost = estimate_tokens(text)
        if cost > left:
            if chosen:
                break
            text, cost = text[: left * TOKEN_CHARS], left
        info = index.section(row)
        score = _rounded(scored.relevance[row])
        place = row - document_start
        chosen.append(SectionView(place, info.heading, info.line_start, info.line_end, score, text))
        left -= cost
    return tuple(chosen), reading_tokens - left


def _best_edges(
    scored: ScoredQuestion, node: int, sections: Sequence[SectionView], most_edges: int
) -> tuple[tuple[EdgeView, ...], int]:
    """Return the edges with the most promising targets, best first, and how many there were."""
    index = scored.index
    graph = index.graph
    out_edges = graph.edges_out(node)
    in_edges = graph.edges_in(node)
    in_edges = in_edges[np.isin(graph.kinds[in_edges], BACKWARD_CODES)]
    stored: NDArray[np.int64] = np.concatenate([out_edges, in_edges]).astype(np.int64)
    found = _find_edges(scored, node, sections)
    ends = [graph.targets[out_edges], graph.sources_of(in_edges)]
    targets = np.concatenate([*ends, *(edges.targets for _, edges in found)]).astype(np.int64)
    weights = np.concatenate([graph.weights[stored], *(edges.weights for _, edges in found)])
    sizes = [len(stored), *(len(edges.targets) for _, edges in found)]
    starts = np.cumsum([0, *sizes])
    scores = np.minimum(scored.node_scores[targets] * _steadiness(scored), 1.0)
    order = np.lexsort((targets, -(scores + _WEIGHT_SHARE * weights)))
    views = []
    for place in _within_limits(order, starts, found)[:most_edges].tolist():
        target, score = int(targets[place]), round(float(scores[place]), 2)
        origin = int(np.searchsorted(starts, place, side="right")) - 1
        if origin == 0:
            direction: Direction = "out" if place < len(out_edges) else "in"
            views.append(_stored_view(scored, int(stored[place]), target, score, direction))
        else:
            kind, edges = found[origin - 1]
            row = place - int(starts[origin])
            weight = round(float(edges.weights[row]), 2)
            views.append(_edge_view(scored, target, score, kind, "out", weight, edges.carrier(row)))
    return tuple(views), len(targets)


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
    scored: ScoredQuestion, edge: int, target: int, score: float, direction: Direction
) -> EdgeView:
    graph = scored.index.graph
    kind = kind_of_code(int(graph.kinds[edge]))
    carrier = Carrier(int(graph.lines[edge]), graph.texts[edge])
    weight = _rounded(graph.weights[edge])
    return _edge_view(scored, target, score, kind, direction, weight, carrier)


def _edge_view(
    scored: ScoredQuestion,
    target: int,
    score: float,
    kind: EdgeKind,
    direction: Direction,
    weight: float,
    carrier: Carrier,
) -> EdgeView:
    index = scored.index
    document = int(index.node_documents[target])
    return EdgeView(
        target=index.node_id(target),
        path=index.paths[document],
        title=index.titles[document],
        kind=kind.name,
        direction=direction,
        weight=weight,
        line=carrier.line,
        text=carrier.text,
        score=score,
        terms=scored.terms_in(target),
    )


def _rounded(value: np.floating) -> float:
    """Return a score as it is recorded: four decimals hide differences between machines."""
    return round(float(value), 4)

"""Building views: what of the index an agent gets to see of one node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.view import EdgeView, SectionView, View
from docsearch_cli.models import EDGE_KINDS
from docsearch_cli.steps import TOKEN_CHARS, estimate_tokens

if TYPE_CHECKING:  # a simple question pays for no edges
    from docsearch_cli.explore.entity_edges import SharedNames

# Kinds that are also worth walking backwards: a page that names this one may be the bridge.
_BACKWARD_KINDS = ("mention",)
# Nodes whose edges are kept for the next search with the same question.
_MOST_KEPT = 64
# Most edges by a shared name that are shown: few of them are followed, and there may be hundreds.
_MOST_SHARED_NAMES = 12


def build_view(
    scored: ScoredQuestion,
    node: int,
    *,
    covered: Sequence[str],
    reading_tokens: int,
    most_edges: int,
) -> View:
    """Return what an agent sees of one node.

    Args:
        scored: The question against the corpus.
        node: The node's row.
        covered: The question's terms found on the way to it.
        reading_tokens: Most tokens of section text to show; of one longer than that, its
            beginning.
        most_edges: Most edges to show: the best by target, so a hub costs no more than a leaf.

    Returns:
        The view, the same for the same arguments.
    """
    index = scored.index
    document = int(index.node_documents[node])
    sections, edges, edges_total = _looked_at(scored, node, reading_tokens, most_edges)
    return View(
        question=scored.question,
        tokens=scored.terms.tokens,
        idf=scored.terms.idf,
        known_share=round(scored.known_share, 2),
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


def _looked_at(
    scored: ScoredQuestion, node: int, reading_tokens: int, most_edges: int
) -> tuple[tuple[SectionView, ...], tuple[EdgeView, ...], int]:
    """Return a node's sections, its edges and how many there were.

    They are kept for a while: an evaluation asks the same question under several budgets.
    """
    key = (node, reading_tokens, most_edges)
    known = scored.looked_at.get(key)
    if known is None:
        sections, _ = best_sections(scored, node, reading_tokens)
        known = (sections, *_best_edges(scored, node, sections, most_edges))
        if len(scored.looked_at) >= _MOST_KEPT:
            del scored.looked_at[next(iter(scored.looked_at))]
        scored.looked_at[key] = known
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
    from docsearch_cli.explore.entity_edges import ReadText, shared_names

    index = scored.index
    graph = index.graph
    start = int(index.node_starts[node - int(index.node_parts[node])])
    read = [ReadText(start + item.section, item.text) for item in sections]
    backward = [EDGE_KINDS.index(kind) for kind in _BACKWARD_KINDS]
    out_edges = graph.edges_out(node)
    in_edges = graph.edges_in(node)
    in_edges = in_edges[np.isin(graph.kinds[in_edges], backward)]
    stored: NDArray[np.int64] = np.concatenate([out_edges, in_edges]).astype(np.int64)
    shared = shared_names(scored, node, read)
    ends = (graph.targets[out_edges], graph.sources_of(in_edges), shared.targets)
    targets = np.concatenate(ends).astype(np.int64)
    weights = np.concatenate([graph.weights[stored], shared.weights])
    scores = np.minimum(scored.node_scores[targets] * _steadiness(scored), 1.0)
    order = np.lexsort((targets, -(scores + 0.3 * weights)))
    names = np.cumsum(order >= len(stored))
    order = order[(order < len(stored)) | (names <= _MOST_SHARED_NAMES)][:most_edges]
    views = []
    for place in order.tolist():
        score = round(float(scores[place]), 2)
        if place < len(stored):
            is_backward = place >= len(out_edges)
            target, edge = int(targets[place]), int(stored[place])
            views.append(_edge_view(scored, edge, target, score, is_backward=is_backward))
        else:
            views.append(_entity_view(scored, node, shared, place - len(stored), score))
    return tuple(views), len(targets)


def _steadiness(scored: ScoredQuestion) -> float:
    """Return what turns a share of the corpus's best score into one of about that score.

    Otherwise an edit of the best page, the one that a question is about, would change what every
    other page shows of its edges.
    """
    from docsearch_cli.retrieval.idf import roughly

    best = float(scored.section_scores.max(initial=0.0))
    return best / roughly(best) if best > 0 else 1.0


def _edge_view(
    scored: ScoredQuestion, edge: int, target: int, score: float, *, is_backward: bool
) -> EdgeView:
    index = scored.index
    document = int(index.node_documents[target])
    return EdgeView(
        target=index.node_id(target),
        path=index.paths[document],
        title=index.titles[document],
        kind=EDGE_KINDS[int(index.graph.kinds[edge])],
        direction="in" if is_backward else "out",
        weight=_rounded(index.graph.weights[edge]),
        line=int(index.graph.lines[edge]),
        text=index.graph.texts[edge],
        score=score,
        terms=scored.terms_in(target),
    )


def _entity_view(
    scored: ScoredQuestion, node: int, shared: SharedNames, place: int, score: float
) -> EdgeView:
    from docsearch_cli.explore.entity_edges import line_of

    index = scored.index
    target = int(shared.targets[place])
    document = int(index.node_documents[target])
    found = shared.found[int(shared.names[place])]
    first = int(index.section_lines[found.read.section][0])
    counts_pages = is_paged(index.markup(int(index.node_documents[node])))
    return EdgeView(
        target=index.node_id(target),
        path=index.paths[document],
        title=index.titles[document],
        kind="entity",
        direction="out",
        weight=round(float(shared.weights[place]), 2),
        line=first + (0 if counts_pages else line_of(found.name, found.read.text)),
        text=found.name,
        score=score,
        terms=scored.terms_in(target),
    )


def _rounded(value: np.floating) -> float:
    """Return a score as it is recorded: four decimals hide the machine's last bits."""
    return round(float(value), 4)

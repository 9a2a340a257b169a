"""Builds views: the part of the index that an agent is shown at one node."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.explore.learning import sought_words
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.view import EdgeView, SectionView, View
from docsearch_cli.explore.view_edges import best_edges
from docsearch_cli.retrieval.tokens import tokenize
from docsearch_cli.steps import TOKEN_CHARS, estimate_tokens

# Nodes whose sections and edges are kept for the next search with the same question.
_MOST_KEPT = 64
# What the share of the question that only the headings above a section hold adds to its relevance.
_INHERITED_SHARE = 0.5


def build_view(
    scored: ScoredQuestion,
    node: int,
    *,
    covered: Sequence[str],
    taught: Sequence[str] = (),
    reading_tokens: int,
    most_edges: int,
) -> View:
    """Return what an agent is shown at one node.

    Args:
        scored: The question against the corpus.
        node: The node's row.
        covered: The question's terms found on the way to it.
        taught: Tokens that the page which led here teaches.
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
        sought=sought_words(scored, taught),
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
        known = (sections, *best_edges(scored, node, sections, most_edges))
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
    title = index.node_title(node)
    paths = [
        tuple(name for name in index.headings_above(row) if name != title)
        for row in range(first, end)
    ]
    scores = scored.relevance[first:end] + _inherited_scores(scored, first, paths)
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
        above = paths[row - first]
        chosen.append(
            SectionView(place, info.heading, info.line_start, info.line_end, score, text, above)
        )
        left -= cost
    return tuple(chosen), reading_tokens - left


def _inherited_scores(
    scored: ScoredQuestion, first: int, paths: Sequence[tuple[str, ...]]
) -> NDArray[np.float32]:
    """Return what the headings above consecutive sections add to the scores that order them.

    Sections that are alike but for their headings, such as the entries of a changelog, are read in
    the order of what stands above them.
    """
    added = np.zeros(len(paths), np.float32)
    below = [place for place, path in enumerate(paths) if path]
    if not below:
        return added
    language = scored.index.language
    tokens = {path: frozenset(tokenize(" ".join(path), language)) for path in set(paths)}
    held = scored.terms_of_sections([first + place for place in below])
    for place, own in zip(below, held, strict=True):
        inherited = tokens[paths[place]].difference(own)
        added[place] = _INHERITED_SHARE * scored.terms.share(inherited)
    return added


def _rounded(value: np.floating) -> float:
    """Return a score as it is recorded: four decimals hide differences between machines."""
    return round(float(value), 4)

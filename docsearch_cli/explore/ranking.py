"""The ranking of documents that a search returns.

A document's score is a linear model of three features: its best page's score, which the edges that
led to it raise or lower (*propagation*); what it covers of the question that the best other
document does not; and what it covers together with a document that it is coupled with. The last
two are *set-wise*: they depend on the documents beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from docsearch_cli.explore.findings import AggregateInput, OpenedNode, PageFacts, RankedPath
from docsearch_cli.graph.edge_kinds import kind_of_label

# No page is lowered by more than this share of its own score.
_LEAST_OWN_SHARE = 0.5
# The page's own score counts 1. On seven question sets at once, with and without embeddings,
# tests/bench/fit_ranking.py finds .43 and .66 in a flat place; these serve the seven as well, and
# the two sample corpora, which took no part in it, better. That the question names a document is
# in its score already and added nothing here; nor did a page's likeness to the question and the
# best page together.
_ADDS_WEIGHT = 0.35
_TOGETHER_WEIGHT = 1.0
# Where one page covers all of the question, others need not add to it; where it covers half or
# less, they count in full.
_LACKING_SHARE = 0.5
# Where the question's words differ from the documents', what pages cover of them says less: by how
# many of them are in no document, and by how far the best hit is from half.
_TRUSTED_SHARE = 0.5


def rank_documents(facts: AggregateInput) -> list[RankedPath]:
    """Return all documents with a score above zero, best first; ties go to the smaller path."""
    scores = {
        path: own + _ADDS_WEIGHT * adds + _TOGETHER_WEIGHT * together
        for path, (own, adds, together) in document_features(facts).items()
    }
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [RankedPath(path, round(score, 4)) for path, score in ranked]


def document_features(facts: AggregateInput) -> dict[str, tuple[float, float, float]]:
    """Return the features that documents are ranked by.

    Args:
        facts: Everything that the fan-in is given.

    Returns:
        By path, for each document with a score above zero: its best page's score; the share of the
        question that it adds to the best other document; and the share that it covers together
        with one that it is coupled with and that neither covers alone. The last two count as far
        as no hit covers the question by itself, and as its words are the documents'.
    """
    pages = {page.path: page for page in facts.pages}
    most = _most_covered(facts, pages)
    trust = facts.known_share**2 * min(1.0, facts.known_share * most / _TRUSTED_SHARE)
    scores: dict[str, float] = {}
    own_scores: dict[str, float] = {}
    for opened in facts.opened:
        scores[opened.path] = max(page_score(opened, trust), scores.get(opened.path, 0.0))
        own_scores[opened.path] = max(opened.node_score, own_scores.get(opened.path, 0.0))
    for hit in facts.hits:
        if hit.score > own_scores.get(hit.path, 0.0):  # else it is a node that was opened
            scores[hit.path] = max(hit.score, scores.get(hit.path, 0.0))
    scorer = SetwiseScorer(facts, pages, scores, trust * min(1.0, (1 - most) / _LACKING_SHARE))
    return {path: (own, *scorer.score(path)) for path, own in scores.items() if own > 0}


def page_score(opened: OpenedNode, trust: float = 1.0) -> float:
    """Return an opened page's score after propagation.

    Args:
        opened: The page.
        trust: 0 to 1: how far another page that vouches for it counts.

    Returns:
        Its own score, raised towards the priority that it was opened with, or lowered.
    """
    kind = kind_of_label(opened.edge)
    propagation = opened.lift * (trust if kind is not None and kind.vouches else 1.0)
    moved = propagation * max(0.0, opened.priority - opened.node_score)
    return max(opened.node_score + moved, _LEAST_OWN_SHARE * opened.node_score)


def _most_covered(facts: AggregateInput, pages: Mapping[str, PageFacts]) -> float:
    """Return how much of the question the hit covers that covers most; all of it without pages."""
    terms = facts.terms
    hits = [pages[hit.path] for hit in facts.hits if hit.path in pages]
    return max((terms.share(page.held) for page in hits or pages.values()), default=1.0)


class SetwiseScorer:
    """Scores each document beside the others.

    Args:
        facts: Everything that the fan-in is given.
        pages: What the index says of the documents, by path.
        scores: Each document's own score, by path.
        weight: 0 to 1: how far it matters here what other documents cover.
    """

    def __init__(
        self,
        facts: AggregateInput,
        pages: Mapping[str, PageFacts],
        scores: Mapping[str, float],
        weight: float,
    ) -> None:
        self._terms = facts.terms
        self._pages = pages
        self._weight = weight
        self._best = sorted(scores, key=lambda path: (-scores[path], path))[:2]
        path_of = {opened.node: opened.path for opened in facts.opened}
        self._couplings: dict[str, list[tuple[str, float]]] = {}
        for opened in facts.opened:
            for join in opened.joins:
                other = path_of.get(join.node, opened.path)
                if other != opened.path:
                    self._couplings.setdefault(opened.path, []).append((other, join.lift))
                    self._couplings.setdefault(other, []).append((opened.path, join.lift))

    def score(self, path: str) -> tuple[float, float]:
        """Return the two set-wise features of a document."""
        page = self._pages.get(path)
        if page is None or self._weight <= 0:
            return 0.0, 0.0
        return self._weight * self._adds(page), self._weight * self._together(page)

    def _adds(self, page: PageFacts) -> float:
        """Return how much of the question it covers that the best other document does not."""
        best = next((path for path in self._best if path != page.path), None)
        other = self._pages.get(best) if best is not None else None
        covered = set(other.held) if other is not None else set()
        return self._terms.share(term for term in page.held if term not in covered)

    def _together(self, page: PageFacts) -> float:
        """Return how much more it covers with one that it is coupled with than either alone."""
        most = 0.0
        share = self._terms.share(page.held)
        for path, coupling in self._couplings.get(page.path, ()):
            other = self._pages.get(path)
            if other is None:
                continue
            alone = max(share, self._terms.share(other.held))
            both = self._terms.share({*page.held, *other.held})
            most = max(most, coupling * (both - alone))
        return most

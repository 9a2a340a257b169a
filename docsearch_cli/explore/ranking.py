"""The ranking of documents that a search returns.

A document's score is its best page's, which is the keyword ranking's, and what exploring found out:
the edges that led to it raise it (*propagation*); what it covers of the question that the best
other document does not, and what it covers together with a document that it is coupled with
(*set-wise*: they depend on the documents beside it); and what the edges to it say of the question
(*promise*). All of that counts only as far as no hit answers by itself: a ranking is overturned by
evidence alone.

Where an agent reads pages for what they mean, those that it says answer the question come first:
their words, by which all others are ranked, may not be the question's.

In an encyclopedia a page's title is a name, and naming it in running text is such evidence. In
manuals and notes titles are ordinary phrases ("Getting started"), and pages that share them are
about the same thing more often than they complete each other: how far the corpus is of the first
kind is measured (*naming*), and decides how far names count. A link's sentence counts everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from docsearch_cli.explore.findings import AggregateInput, OpenedNode, PageFacts, RankedPath
from docsearch_cli.explore.seeds import TITLE_SOURCE
from docsearch_cli.graph.edge_kinds import kind_of_label

# The page's own score counts 1. Where titles are names: on seven question sets at once, with and
# without embeddings, tests/bench/fit_ranking.py finds .43 and .66 in a flat place; these serve the
# seven as well, and the two sample corpora, which took no part in it, better. That the question
# names a document is in its score already and added nothing here.
_ADDS_WEIGHT = 0.35
_TOGETHER_WEIGHT = 1.0
# How far a page whose title is in the question is raised where titles are no names: a title of one
# ordinary word is in many questions.
_TITLE_UNNAMED = 0.5
# The share of names, of all that leads from page to page, from which on titles count as names at
# all, and in full. Encyclopedias have .93 and more, all manuals and vaults measured .09 to .45.
_NAMING_FROM = 0.5
_NAMING_TO = 0.9
# Where one page covers all of the question, others need not add to it; where it covers half or
# less, they count in full.
_LACKING_SHARE = 0.5
# Where the question's words differ from the documents', what pages cover of them says less: by how
# many of them are in no document, and by how far the best hit is from half.
_TRUSTED_SHARE = 0.5


class Features(NamedTuple):
    """What a document is ranked by."""

    own: float
    """Its best page's score after propagation."""
    adds: float = 0.0
    """The share of the question that it adds to the best other document."""
    together: float = 0.0
    """The share that it covers with one that it is coupled with, and that neither covers alone."""

    def score(self, naming: float) -> float:
        """Return the document's score but for what is promised of it."""
        return self.own + naming * (_ADDS_WEIGHT * self.adds + _TOGETHER_WEIGHT * self.together)


def rank_documents(facts: AggregateInput) -> list[RankedPath]:
    """Return all documents with a score above zero, best first; ties go to the smaller path."""
    naming = naming_of(facts.name_share)
    doubt = _Doubt.of(facts)
    scores = {path: item.score(naming) for path, item in document_features(facts).items()}
    promised = _promised(facts, scores, doubt, naming)
    raised = {path: score + promised.get(path, 0.0) for path, score in scores.items()}
    raised |= _judged(facts, raised)
    ranked = sorted(raised.items(), key=lambda item: (-item[1], item[0]))
    return [RankedPath(path, round(score, 4)) for path, score in ranked if score > 0]


def _judged(facts: AggregateInput, scores: Mapping[str, float]) -> dict[str, float]:
    """Return the scores of the pages that an agent judged to answer: above those of all others."""
    judged = facts.judged
    others = max((score for path, score in scores.items() if path not in judged), default=0.0)
    return {path: others + share + scores.get(path, 0.0) for path, share in judged.items()}


@dataclass(frozen=True, slots=True)
class _Doubt:
    """How far what is found beside the ranking of hits counts, 0 to 1."""

    open: float
    """How far no hit covers the question by itself."""
    trust: float
    """How far the question's words are the documents'."""

    @classmethod
    def of(cls, facts: AggregateInput) -> _Doubt:
        most = _most_covered(facts)
        known = facts.known_share
        trust = known**2 * min(1.0, known * most / _TRUSTED_SHARE)
        return cls(min(1.0, (1 - most) / _LACKING_SHARE), trust)


def document_features(facts: AggregateInput) -> dict[str, Features]:
    """Return the features that documents are ranked by.

    Args:
        facts: Everything that the fan-in is given.

    Returns:
        By path, of each hit and each opened document. What it adds and covers with others counts
        as far as no hit covers the question by itself, and as its words are the documents'.
    """
    pages = {page.path: page for page in facts.pages}
    doubt = _Doubt.of(facts)
    naming = naming_of(facts.name_share)
    scores: dict[str, float] = {}
    own_scores: dict[str, float] = {}
    for opened in facts.opened:
        scores[opened.path] = max(
            page_score(opened, doubt.trust, naming), scores.get(opened.path, 0.0)
        )
        own_scores[opened.path] = max(opened.node_score, own_scores.get(opened.path, 0.0))
    for hit in facts.hits:
        if hit.score > own_scores.get(hit.path, 0.0):  # else it is a node that was opened
            scores[hit.path] = max(hit.score, scores.get(hit.path, 0.0))
    scorer = SetwiseScorer(facts, pages, scores, doubt.trust * doubt.open)
    return {
        path: Features(own, *scorer.score(path)) if own > 0 else Features(0.0)
        for path, own in scores.items()
    }


def naming_of(name_share: float) -> float:
    """Return how far the titles of a corpus are names: 0 to 1."""
    return min(1.0, max(0.0, (name_share - _NAMING_FROM) / (_NAMING_TO - _NAMING_FROM)))


def _promised(
    facts: AggregateInput, scores: Mapping[str, float], doubt: _Doubt, naming: float
) -> dict[str, float]:
    """Return what the best edge to each document promises: its words count by their page."""
    path_of = {opened.node: opened.path for opened in facts.opened}
    found: dict[str, float] = {}
    for opened in facts.opened:
        for promise in opened.promises:
            parent = path_of.get(promise.node, opened.path)
            if parent != opened.path:
                kind = kind_of_label(promise.edge)
                counts = naming if kind is not None and kind.goes_by_names else 1.0
                raised = doubt.open * doubt.trust * counts * promise.lift * scores.get(parent, 0.0)
                found[opened.path] = max(raised, found.get(opened.path, 0.0))
    return found


def page_score(opened: OpenedNode, trust: float = 1.0, naming: float = 1.0) -> float:
    """Return an opened page's score after propagation.

    Args:
        opened: The page.
        trust: 0 to 1: how far another page that vouches for it counts.
        naming: 0 to 1: how far titles are names.

    Returns:
        Its own score, raised towards the priority that it was opened with.
    """
    propagation = opened.lift
    kind = kind_of_label(opened.edge)
    if kind is not None and kind.vouches:
        propagation *= trust * (naming if kind.goes_by_names else 1.0)
    elif opened.edge == TITLE_SOURCE:
        propagation *= _TITLE_UNNAMED + (1 - _TITLE_UNNAMED) * naming
    return opened.node_score + propagation * max(0.0, opened.priority - opened.node_score)


def _most_covered(facts: AggregateInput) -> float:
    """Return how much of the question the hit covers that covers most; all of it without pages."""
    terms = facts.terms
    pages = {page.path: page for page in facts.pages}
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

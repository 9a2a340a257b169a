"""Fan-in: from everything that was opened to a ranking, a few quotes and an answer.

Evidence is judged over the whole DAG, not step by step: a quote is kept if it comes from a good
page, speaks to the question and says something that the kept ones do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from docsearch_cli.explore.answerability import Verdict, judge
from docsearch_cli.explore.findings import (
    AggregateInput,
    Citation,
    Findings,
    OpenedNode,
    PageFacts,
    RankedPath,
)
from docsearch_cli.retrieval.quotes import Quote, is_near_duplicate
from docsearch_cli.retrieval.tokens import tokenize
from docsearch_cli.steps import estimate_tokens

# Edges that say something of their target.
_TELLING_EDGES = frozenset({"mention", "mentioned_by"})
# A mention lifts its target three quarters of the way, and all of it if the name is rare (1 / 1.5).
_LEAST_LIFT = 0.75
_LIFT = 1.5
# A page that only shares a name is held back: it is more often about the same things than the
# next part of the answer. What it adds, and what it holds together with others, lifts it.
_HELD_BACK = -0.5
# But no page by more than this share of what it is worth alone.
_LEAST_WORTH = 0.5
# Most quotes handed back, and most that make up the answer's text.
_MOST_EVIDENCE = 8
_MOST_CITED = 3
# Most quotes of one document.
_MOST_PER_DOCUMENT = 3
# A quote worth less than this share of the best one does not help.
_WORTH_SHARE = 0.55
# The ranking is a linear model: what a document is worth alone counts 1, and beside the others
# what it adds and what it holds together with another. On seven question sets at once, with and
# without embeddings, tests/bench/fit_ranking.py finds .43 and .66 in a flat place; these serve the
# seven as well, and the two sample corpora, which took no part in it, better. That
# the question names a document is in its worth already and earned nothing here; nor did a page's
# likeness to the question and the best page together.
_ADDS_WEIGHT = 0.35
_TOGETHER_WEIGHT = 1.0
# Where one page holds all of the question, others need not add to it; where it holds half or less,
# they count in full.
_LACKING_SHARE = 0.5
# Where the question is in other words than the documents', what pages hold of its words says less
# of them: by how many of its words no document holds, and by how far the best hit is from half.
_TRUSTED_SHARE = 0.5
# How much of a quote's worth is its page's; the rest is how it compares with that page's best one.
_PAGE_SHARE = 0.73
# Its own share of the question counts little: the sentence that answers seldom repeats it. But of
# pages that are worth about the same, one that holds an identifier whole is meant.
_HELD_SHARE = 0.09


def aggregate(facts: AggregateInput) -> Findings:
    """Return the ranking, the evidence and the answer of a search."""
    documents = _rank_documents(facts)
    evidence = _choose_evidence(facts, {item.path: item.score for item in documents})
    verdict = judge(facts.verdict) if documents else Verdict(False, "no page matches the question")
    cited = _cite(evidence) if verdict.found else []
    return Findings(
        documents=tuple(documents[: facts.most_documents]),
        evidence=tuple(evidence),
        answer=" ".join(f"{evidence[n - 1].plain} [{n}]" for n in cited),
        cited=tuple(cited),
        tokens_returned=sum(estimate_tokens(item.quote) for item in evidence),
        found=verdict.found,
        reason=verdict.reason,
    )


def lift_of(edge: str, weight: float) -> float:
    """Return how far an edge lifts its target: 0 not at all, 1 to all that the way here is worth.

    A page that another one names is lifted, the more the rarer the name; one that only shares a
    name is held back. Every other edge is only a reason to look: measured on technical
    documentation, letting a hyperlink lift its target loses recall to the plain keyword ranking.
    """
    if edge == "entity":
        return _HELD_BACK
    if edge in _TELLING_EDGES:
        return _LEAST_LIFT + (1 - _LEAST_LIFT) * min(1.0, _LIFT * weight)
    return 0.0


def tie_of(edge: str, weight: float) -> float:
    """Return how far the nodes that an edge joins are to be judged together: 0 to 1."""
    if edge == "entity":
        return weight
    return min(1.0, _LIFT * weight) if edge in _TELLING_EDGES else 0.0


def worth(opened: OpenedNode, trust: float = 1.0) -> float:
    """Return what an opened node counts in the ranking; what named it counts as far as trusted."""
    lift = opened.lift * (trust if opened.edge in _TELLING_EDGES else 1.0)
    lifted = lift * max(0.0, opened.priority - opened.node_score)
    return max(opened.node_score + lifted, _LEAST_WORTH * opened.node_score)


def features(facts: AggregateInput) -> dict[str, tuple[float, float, float]]:
    """Return what each document is ranked by.

    Args:
        facts: All that the fan-in looks at.

    Returns:
        By path, for each document that is worth anything: what it is worth alone; the share of
        the question that it adds to the best other document; and the share that it holds
        together with one that it is joined to and neither holds alone. The last two count as far
        as no hit holds the question by itself, and as its words are the documents'.
    """
    pages = {page.path: page for page in facts.pages}
    most = _most_held(facts, pages)
    trust = facts.known_share**2 * min(1.0, facts.known_share * most / _TRUSTED_SHARE)
    worths: dict[str, float] = {}
    alone: dict[str, float] = {}
    for opened in facts.opened:
        worths[opened.path] = max(worth(opened, trust), worths.get(opened.path, 0.0))
        alone[opened.path] = max(opened.node_score, alone.get(opened.path, 0.0))
    for item in facts.hits:
        if item.score > alone.get(item.path, 0.0):  # else it is a node that was opened
            worths[item.path] = max(item.score, worths.get(item.path, 0.0))
    beside = _Beside(facts, pages, worths, trust * min(1.0, (1 - most) / _LACKING_SHARE))
    return {path: (value, *beside.judge(path)) for path, value in worths.items() if value > 0}


def _most_held(facts: AggregateInput, pages: Mapping[str, PageFacts]) -> float:
    """Return how much of the question the hit holds that holds most; all of it where none is."""
    terms = facts.terms
    hits = [pages[hit.path] for hit in facts.hits if hit.path in pages]
    return max((terms.share(page.held) for page in hits or pages.values()), default=1.0)


def _rank_documents(facts: AggregateInput) -> list[RankedPath]:
    scores = {
        path: value + _ADDS_WEIGHT * adds + _TOGETHER_WEIGHT * together
        for path, (value, adds, together) in features(facts).items()
    }
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [RankedPath(path, round(score, 4)) for path, score in ranked]


class _Beside:
    """Judges each document beside the others.

    Args:
        facts: All that the fan-in looks at.
        pages: What is known of them, by path.
        worths: What each document is worth alone, by path.
        counts: 0 to 1: how far it matters here what others hold.
    """

    def __init__(
        self,
        facts: AggregateInput,
        pages: Mapping[str, PageFacts],
        worths: Mapping[str, float],
        counts: float,
    ) -> None:
        self._terms = facts.terms
        self._pages = pages
        self._counts = counts
        self._best = sorted(worths, key=lambda path: (-worths[path], path))[:2]
        path_of = {opened.node: opened.path for opened in facts.opened}
        self._joins: dict[str, list[tuple[str, float]]] = {}
        for opened in facts.opened:
            for join in opened.joins:
                other = path_of.get(join.node, opened.path)
                if other != opened.path:
                    self._joins.setdefault(opened.path, []).append((other, join.lift))
                    self._joins.setdefault(other, []).append((opened.path, join.lift))

    def judge(self, path: str) -> tuple[float, float]:
        """Return the last two of a document's features."""
        page = self._pages.get(path)
        if page is None or self._counts <= 0:
            return 0.0, 0.0
        return self._counts * self._adds(page), self._counts * self._together(page)

    def _adds(self, page: PageFacts) -> float:
        """Return how much of the question it holds that the best other document does not."""
        best = next((path for path in self._best if path != page.path), None)
        other = self._pages.get(best) if best is not None else None
        known = set(other.held) if other is not None else set()
        return self._terms.share(term for term in page.held if term not in known)

    def _together(self, page: PageFacts) -> float:
        """Return how much more it holds with one that it is joined to than either alone."""
        most = 0.0
        share = self._terms.share(page.held)
        for path, lift in self._joins.get(page.path, ()):
            other = self._pages.get(path)
            if other is None:
                continue
            alone = max(share, self._terms.share(other.held))
            both = self._terms.share({*page.held, *other.held})
            most = max(most, lift * (both - alone))
        return most


def _choose_evidence(facts: AggregateInput, scores: dict[str, float]) -> list[Citation]:
    """Take the quotes worth most, one after another, none that repeats another."""
    top = max(scores.values(), default=1.0)
    terms = facts.terms
    valued = [
        (
            _quote_worth(
                scores.get(opened.path, 0.0) / top,
                item.score / (max(other.score for other in opened.evidence) or 1.0),
                terms.share(item.terms),
            ),
            opened,
            item,
        )
        for opened in facts.opened
        for item in opened.evidence
    ]
    valued.sort(key=lambda entry: (-entry[0], entry[1].node, entry[2].line_start, entry[2].text))
    chosen: list[Citation] = []
    seen: list[frozenset[str]] = []
    per_document: dict[str, int] = {}
    left = facts.answer_tokens
    for value, opened, item in valued:
        cost = estimate_tokens(item.text)
        words = frozenset(tokenize(item.plain, facts.language))
        if value < _WORTH_SHARE * valued[0][0]:
            break
        if len(chosen) == _MOST_EVIDENCE or per_document.get(opened.path, 0) == _MOST_PER_DOCUMENT:
            continue
        if (chosen and cost > left) or any(is_near_duplicate(words, other) for other in seen):
            continue
        left -= cost
        seen.append(words)
        per_document[opened.path] = per_document.get(opened.path, 0) + 1
        chosen.append(_citation(len(chosen) + 1, value, opened, item))
    return chosen


def _quote_worth(page: float, beside: float, held: float) -> float:
    """Return what a quote is worth, 0 to 1.

    Args:
        page: What its page is worth, beside the best page.
        beside: Its score, beside the best of its page.
        held: Its share of the question.

    Returns:
        The worth, to four decimals.
    """
    rest = 1 - _PAGE_SHARE - _HELD_SHARE
    return round(_PAGE_SHARE * page + rest * beside + _HELD_SHARE * held, 4)


def _citation(n: int, value: float, opened: OpenedNode, item: Quote) -> Citation:
    return Citation(
        n=n,
        path=opened.path,
        node=opened.node,
        step=opened.step,
        heading=item.heading,
        line_start=item.line_start,
        line_end=item.line_end,
        quote=item.text,
        plain=item.plain,
        score=value,
        via=opened.via,
        paged=opened.paged,
    )


def _cite(evidence: Sequence[Citation]) -> list[int]:
    """Return the best quote of each of the first documents."""
    paths: set[str] = set()
    cited: list[int] = []
    for item in evidence:
        if item.path not in paths and len(cited) < _MOST_CITED:
            paths.add(item.path)
            cited.append(item.n)
    return cited

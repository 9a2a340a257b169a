"""Fan-in: from everything that was opened to a ranking, a few quotes and an answer.

Evidence is judged over the whole DAG, not step by step: a quote is kept if it comes from a good
page, speaks to the question and says something that the kept ones do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from docsearch_cli.explore.question import Terms
from docsearch_cli.retrieval.quotes import Quote, is_near_duplicate
from docsearch_cli.retrieval.tokens import tokenize
from docsearch_cli.steps import estimate_tokens

# Edges that say something of their target.
_TELLING_EDGES = frozenset({"mention", "mentioned_by"})
# A mention of a name this rare (1 / 1.5) lifts its target all the way.
_LIFT = 1.5
# Most quotes handed back, and most that make up the answer's text.
_MOST_EVIDENCE = 8
_MOST_CITED = 3
# Most quotes of one document.
_MOST_PER_DOCUMENT = 2
# A quote worth less than this share of the best one does not help.
_WORTH_SHARE = 0.45
# How much of a quote's worth is its page's; the rest is its own share of the question.
_PAGE_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Hop:
    """One edge of the way to a node."""

    node: str
    """Where it was stepped off."""
    edge: str
    line: int
    """Line that carries the edge: in ``node``, or in its target for one walked backwards."""


@dataclass(frozen=True, slots=True)
class OpenedNode:
    """A node that was opened, and what was found there."""

    step: str
    node: str
    path: str
    edge: str
    """What led here last."""
    lift: float
    """0 to 1: how far its priority counts beyond its own score."""
    priority: float
    node_score: float
    evidence: tuple[Quote, ...]
    via: tuple[Hop, ...]
    paged: bool = False
    """True if its lines are pages."""


@dataclass(frozen=True, slots=True)
class RankedPath:
    """A document and what it is worth."""

    path: str
    score: float


@dataclass(frozen=True, slots=True)
class AggregateInput:
    """All that the fan-in looks at."""

    tokens: tuple[str, ...]
    idf: dict[str, float]
    opened: tuple[OpenedNode, ...]
    hits: tuple[RankedPath, ...]
    """The keyword ranking, best first."""
    answer_tokens: int
    most_documents: int

    def to_dict(self) -> dict[str, Any]:
        """Return the input as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AggregateInput:
        """Return the input that ``to_dict`` made."""
        return cls(
            tokens=tuple(data["tokens"]),
            idf=data["idf"],
            opened=tuple(_opened_from_dict(item) for item in data["opened"]),
            hits=tuple(RankedPath(**item) for item in data["hits"]),
            answer_tokens=data["answer_tokens"],
            most_documents=data["most_documents"],
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that is handed back."""

    n: int
    path: str
    node: str
    step: str
    heading: str
    line_start: int
    line_end: int
    quote: str
    plain: str
    score: float
    via: tuple[Hop, ...]
    paged: bool
    """True if the lines are pages."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search hands back."""

    documents: tuple[RankedPath, ...]
    evidence: tuple[Citation, ...]
    answer: str
    cited: tuple[int, ...]
    tokens_returned: int

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Findings:
        """Return the findings that ``to_dict`` made."""
        return cls(
            documents=tuple(RankedPath(**item) for item in data["documents"]),
            evidence=tuple(
                Citation(**{**item, "via": tuple(Hop(**hop) for hop in item["via"])})
                for item in data["evidence"]
            ),
            answer=data["answer"],
            cited=tuple(data["cited"]),
            tokens_returned=data["tokens_returned"],
        )


def aggregate(facts: AggregateInput) -> Findings:
    """Return the ranking, the evidence and the answer of a search."""
    documents = _rank_documents(facts)
    evidence = _choose_evidence(facts, {item.path: item.score for item in documents})
    cited = _cite(evidence)
    return Findings(
        documents=tuple(documents[: facts.most_documents]),
        evidence=tuple(evidence),
        answer=" ".join(f"{evidence[n - 1].plain} [{n}]" for n in cited),
        cited=tuple(cited),
        tokens_returned=sum(estimate_tokens(item.quote) for item in evidence),
    )


def lift_of(edge: str, weight: float) -> float:
    """Return how far an edge lifts its target: 0 not at all, 1 to all that the way here is worth.

    A page that another one names is lifted, the more the rarer the name. Every other edge is only a
    reason to look: measured on technical documentation, letting a hyperlink lift its target loses
    recall to the plain keyword ranking.
    """
    return min(1.0, _LIFT * weight) if edge in _TELLING_EDGES else 0.0


def worth(opened: OpenedNode) -> float:
    """Return what an opened node counts in the ranking."""
    return opened.node_score + opened.lift * max(0.0, opened.priority - opened.node_score)


def _rank_documents(facts: AggregateInput) -> list[RankedPath]:
    scores: dict[str, float] = {}
    for item in facts.hits:
        scores[item.path] = max(item.score, scores.get(item.path, 0.0))
    for opened in facts.opened:
        scores[opened.path] = max(worth(opened), scores.get(opened.path, 0.0))
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [RankedPath(path, round(score, 4)) for path, score in ranked if score > 0]


def _choose_evidence(facts: AggregateInput, scores: dict[str, float]) -> list[Citation]:
    """Take the quotes worth most, one after another, none that repeats another."""
    terms = Terms(facts.tokens, facts.idf)
    top = max(scores.values(), default=1.0)
    valued = [
        (
            round(
                _PAGE_SHARE * scores.get(opened.path, 0.0) / top
                + (1 - _PAGE_SHARE) * terms.share(item.terms),
                4,
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
        words = frozenset(tokenize(item.plain))
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


def _opened_from_dict(data: dict[str, Any]) -> OpenedNode:
    return OpenedNode(
        step=data["step"],
        node=data["node"],
        path=data["path"],
        edge=data["edge"],
        lift=data["lift"],
        priority=data["priority"],
        node_score=data["node_score"],
        evidence=tuple(Quote.from_dict(item) for item in data["evidence"]),
        via=tuple(Hop(**hop) for hop in data["via"]),
        paged=data["paged"],
    )

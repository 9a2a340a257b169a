"""What the fan-in is given, everything that was opened, and what it hands back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from docsearch_cli.explore.answerability import VerdictFacts
from docsearch_cli.explore.scored_question import Terms
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from docsearch_cli.retrieval.quotes import Quote


@dataclass(frozen=True, slots=True)
class Hop:
    """One edge of the way to a node."""

    node: str
    """Where it was stepped off."""
    edge: str
    line: int
    """Line that carries the edge: in ``node``, or in its target for one walked backwards."""


@dataclass(frozen=True, slots=True)
class Join:
    """A telling edge between two opened nodes."""

    node: str
    """The one that it leads from."""
    lift: float
    """0 to 1: how far the two are to be judged together."""


@dataclass(frozen=True, slots=True)
class OpenedNode:
    """A node that was opened, and what was found there."""

    step: str
    node: str
    path: str
    edge: str
    """What led here last."""
    lift: float
    """At most 1: how far its priority counts beyond its own score; below 0 against it."""
    priority: float
    node_score: float
    evidence: tuple[Quote, ...]
    via: tuple[Hop, ...]
    paged: bool = False
    """True if its lines are pages."""
    joins: tuple[Join, ...] = ()


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What is known of a document before it is opened."""

    path: str
    held: tuple[str, ...]
    """The question's terms in its most relevant section."""


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
    verdict: VerdictFacts
    """Whether there is an answer is judged by this."""
    pages: tuple[PageFacts, ...] = ()
    """Of the documents that were opened or hit; without them each is worth what it is alone."""
    known_share: float = 1.0
    """How much of the question the corpus's words are."""
    language: str = DEFAULT_LANGUAGE
    """The index's."""

    @property
    def terms(self) -> Terms:
        """The question's tokens, by which shares of it are told."""
        return Terms(self.tokens, self.idf)

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
            verdict=VerdictFacts.from_dict(data["verdict"]),
            pages=tuple(PageFacts(page["path"], tuple(page["held"])) for page in data["pages"]),
            known_share=data["known_share"],
            language=data["language"],
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
    """Empty if it is not found: then the documents and the evidence are the nearest there is."""
    cited: tuple[int, ...]
    tokens_returned: int
    found: bool
    """False if the documents do not speak of what is asked; never for want of a quote."""
    reason: str
    """What says so, in words."""

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
            found=data["found"],
            reason=data["reason"],
        )


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
        joins=tuple(Join(**item) for item in data["joins"]),
    )

"""The input of the fan-in, which is everything that was opened, and its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from docsearch_cli.explore.answerability import VerdictFacts
from docsearch_cli.explore.scored_question import Terms
from docsearch_cli.explore.view import with_stems
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.retrieval.stems import Stems, stems_from
from docsearch_cli.steps import estimate_tokens, plain_data

# Documents a ranking names; recall is measured well within it.
MOST_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class Hop:
    """One edge of the path to a node."""

    node: str
    """The node that it was followed from."""
    edge: str
    line: int
    """Line that carries the edge: in ``node``, or in its target for one walked backwards."""


@dataclass(frozen=True, slots=True)
class Join:
    """An edge that couples two opened nodes."""

    node: str
    """The node that it leads from."""
    lift: float
    """Coupling, 0 to 1: how far the two are ranked by what they cover together."""


@dataclass(frozen=True, slots=True)
class Promise:
    """An edge that says something of the question, and leads to an opened node."""

    node: str
    """The node that it leads from."""
    edge: str
    """Its label."""
    lift: float
    """How far what it says raises its target; see ``EdgeKind.promise``."""


@dataclass(frozen=True, slots=True)
class OpenedNode:
    """An opened node and what was found there."""

    step: str
    node: str
    path: str
    edge: str
    """Label of the edge that led here, or the source of a seed."""
    lift: float
    """Propagation, 0 to 1: how far the edge raises the node towards its priority."""
    priority: float
    node_score: float
    evidence: tuple[Quote, ...]
    via: tuple[Hop, ...]
    paged: bool = False
    """True if its lines are pages."""
    joins: tuple[Join, ...] = ()
    """The edges that couple it with others."""
    promises: tuple[Promise, ...] = ()
    language: str = ""
    """Its document's; empty in older records, where all have that of the question."""
    stems: Stems = field(default_factory=dict)
    """The question's tokens that its words stand for, see ``AskedTerms.stems``."""
    judged: float = 0.0
    """0 to 1: how much of the question an agent says that its quotes answer, which has read it for
    what it means; 0 where none did or none says so."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the index says of a document."""

    path: str
    held: tuple[str, ...]
    """The question's terms in its most relevant section."""


@dataclass(frozen=True, slots=True)
class RankedPath:
    """A document and its score."""

    path: str
    score: float


@dataclass(frozen=True, slots=True)
class AggregateInput:
    """Everything that the fan-in is given."""

    tokens: tuple[str, ...]
    idf: dict[str, float]
    opened: tuple[OpenedNode, ...]
    hits: tuple[RankedPath, ...]
    """The keyword ranking, best first."""
    answer_tokens: int
    most_documents: int
    verdict: VerdictFacts
    """The facts that decide whether there is an answer."""
    pages: tuple[PageFacts, ...] = ()
    """Of the opened documents and the hits; without them a document has its own score only."""
    known_share: float = 1.0
    """In-vocabulary share: how much of the question the corpus's words are."""
    language: str = DEFAULT_LANGUAGE
    """The one that the question is read in."""
    name_share: float = 1.0
    """How much of what leads from page to page in the corpus is a title spelled as a name."""

    @property
    def terms(self) -> Terms:
        """The question's terms, by which shares of it are measured."""
        return Terms(self.tokens, self.idf)

    @property
    def judged(self) -> dict[str, float]:
        """How much of the question each page answers that an agent says answers it, by path."""
        found: dict[str, float] = {}
        for opened in self.opened:
            if opened.judged > 0:
                found[opened.path] = max(opened.judged, found.get(opened.path, 0.0))
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the input as plain data."""
        data: dict[str, Any] = plain_data(self)
        for opened in data["opened"]:
            with_stems(opened)
            if not opened["judged"]:  # as in a search by words, and in older records
                del opened["judged"]
            if opened["language"] in ("", self.language):
                del opened["language"]
        return data

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
            name_share=data["name_share"],
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """A returned quote."""

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
    above: tuple[str, ...] = ()
    """The headings that its own one stands below, topmost first."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The result of a search."""

    documents: tuple[RankedPath, ...]
    evidence: tuple[Citation, ...]
    answer: str
    """Empty if there is none: documents and evidence are then the nearest ones."""
    cited: tuple[int, ...]
    tokens_returned: int
    found: bool
    """False if the documents do not answer the question; a missing quote does not count."""
    reason: str
    """Why, in words."""
    weak: bool = False
    """True if what was found may only be related to the question."""

    @property
    def caution(self) -> str:
        """What to say before the quotes where they are no answer for sure; empty where they are."""
        if not self.found:
            return "not found in these documents"
        return "perhaps only related" if self.weak else ""

    def first(self, most: int) -> Findings:
        """Return the same with no more than so many quotes and documents."""
        evidence = self.evidence[:most]
        cited = tuple(n for n in self.cited if n <= most)
        return replace(
            self,
            documents=self.documents[:most],
            evidence=evidence,
            answer=answer_text(evidence, cited),
            cited=cited,
            tokens_returned=sum(estimate_tokens(item.plain) for item in evidence),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the findings as plain data."""
        data: dict[str, Any] = plain_data(self)
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Findings:
        """Return the findings that ``to_dict`` made."""
        return cls(
            documents=tuple(RankedPath(**item) for item in data["documents"]),
            evidence=tuple(citation_from_dict(item) for item in data["evidence"]),
            answer=data["answer"],
            cited=tuple(data["cited"]),
            tokens_returned=data["tokens_returned"],
            found=data["found"],
            reason=data["reason"],
            weak=data.get("weak", False),
        )


def citation_from_dict(data: dict[str, Any]) -> Citation:
    """Return the quote that plain data stands for; an older one has nothing above it."""
    via = tuple(Hop(**hop) for hop in data["via"])
    return Citation(**{**data, "via": via, "above": tuple(data.get("above", ()))})


def answer_text(evidence: Sequence[Citation], cited: Sequence[int]) -> str:
    """Return the answer that some quotes make up, each with its number."""
    return " ".join(f"{evidence[n - 1].plain} [{n}]" for n in cited)


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
        promises=tuple(Promise(**item) for item in data["promises"]),
        language=data.get("language", ""),
        stems=stems_from(data.get("stems", {})),
        judged=data.get("judged", 0.0),
    )

"""What an agent is shown and what it returns.

A ``View`` is all that an agent knows: an agent opens no file, reads no clock and keeps no state. A
view has the question, one node's best sections within the reading allowance, and the edges that may
be followed. A ``Decision`` is one of three: answer found, follow these edges, dead end. Both are
plain data, recorded with the run, so any step can be run again anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from docsearch_cli.graph.edge_kinds import kind_named
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from docsearch_cli.retrieval.quotes import Also, Quote
from docsearch_cli.retrieval.stems import Stems, stems_from
from docsearch_cli.steps import plain_data

DecisionKind = Literal["answer", "expand", "dead_end"]
Direction = Literal["out", "in"]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section the agent may read."""

    section: int
    """Its place in its document, from 0."""
    heading: str
    line_start: int
    line_end: int
    score: float
    """Its relevance, the corpus's best being 1."""
    text: str
    above: tuple[str, ...] = ()
    """The headings that its own one stands below, topmost first; the document's title is none."""


@dataclass(frozen=True, slots=True)
class EdgeView:
    """An edge the agent may follow."""

    target: str
    """Node id."""
    path: str
    title: str
    kind: str
    """Name of a kind of ``graph/edge_kinds.py``."""
    direction: Direction
    """``in`` for an edge walked backwards: the target names or links to this node."""
    weight: float
    line: int
    """Where its words are, in the node it starts at; 0 if it has none."""
    text: str
    score: float
    """The target's own score, the corpus's best being about 1, to two decimals."""
    terms: tuple[str, ...]
    """The question's terms that occur in the target."""
    said: tuple[str, ...] = ()
    """The question's terms that the edge itself speaks to: in the sentence that carries a link, or
    in the target beside the words that the two pages share."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EdgeView:
        """Return the edge that plain data stands for; an older one says nothing."""
        lists = {"terms": tuple(data["terms"]), "said": tuple(data.get("said", ()))}
        return cls(**{**data, **lists})

    @property
    def label(self) -> str:
        """The edge's kind as it is recorded and shown."""
        return kind_named(self.kind).label(self.direction)


@dataclass(frozen=True, slots=True)
class View:
    """All that an agent is shown at one node."""

    question: str
    tokens: tuple[str, ...]
    idf: dict[str, float]
    known_share: float
    """In-vocabulary share of the question: a missing word counts as the rarest known one."""
    node: str
    path: str
    title: str
    markup: Markup
    content_hash: str
    node_score: float
    """The node's own score, the corpus's best being 1."""
    covered: tuple[str, ...]
    """The question's terms found on the path to this node."""
    sections: tuple[SectionView, ...]
    sections_total: int
    edges: tuple[EdgeView, ...]
    edges_total: int
    language: str = DEFAULT_LANGUAGE
    """The document's, in which its words are stemmed."""
    stems: Stems = field(default_factory=dict)
    """The question's tokens that its words stand for, see ``AskedTerms.stems``."""
    sought: tuple[str, ...] = ()
    """Tokens that are not the question's and were learned on the page that led here, the rarest
    first; see ``learning.py``."""
    also: Also = ()
    """Tokens that stand for one of the question's, where a text has all of them."""
    model: str = ""
    """The language model that the agent may ask; empty for an agent that asks none."""

    def to_dict(self) -> dict[str, Any]:
        """Return the view as plain data."""
        data: dict[str, Any] = plain_data(self)
        for name in ("also", "model"):  # as a question without them has always been shown
            if not data[name]:
                del data[name]
        return with_stems(data)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> View:
        """Return the view that ``to_dict`` made; an older one without a share counts as 1."""
        rest = {"known_share": 1.0} | {
            name: value for name, value in data.items() if name not in ("sections", "edges")
        }
        rest["tokens"], rest["covered"] = tuple(data["tokens"]), tuple(data["covered"])
        rest["sought"] = tuple(data.get("sought", ()))
        rest["also"] = tuple((term, tuple(others)) for term, others in data.get("also", ()))
        rest["stems"] = stems_from(data.get("stems", {}))
        return cls(
            **rest,
            sections=tuple(
                SectionView(**{**section, "above": tuple(section.get("above", ()))})
                for section in data["sections"]
            ),
            edges=tuple(EdgeView.from_dict(edge) for edge in data["edges"]),
        )


def with_stems(data: dict[str, Any]) -> dict[str, Any]:
    """Return plain data without stems that say nothing, as those of an index of one language."""
    if not data["stems"]:
        del data["stems"]
    return data


@dataclass(frozen=True, slots=True)
class Follow:
    """A proposal: open this neighbour next."""

    target: str
    edge: int
    """Its place in the view's edges."""
    priority: float
    """What the edge and its target add; the plan adds the parent's share."""
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What an agent decided at a view."""

    kind: DecisionKind
    relevance: float
    """0 to 1: how much of the question this node covers."""
    reason: str
    covered: tuple[str, ...]
    """The question's terms found on the path here and in what was read."""
    evidence: tuple[Quote, ...]
    follow: tuple[Follow, ...]
    tokens_read: int
    look_for: tuple[str, ...] = ()
    """What the agents sent from here look for beside the question, in words; where an agent says
    nothing, they look for what its best quotes teach."""
    judged: bool = False
    """Whether the agent read the page for what it means: its relevance then counts before what
    words say of the page."""

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as plain data; as in older records where a later field is empty."""
        data: dict[str, Any] = plain_data(self)
        for name in ("look_for", "judged"):
            if not data[name]:
                del data[name]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Decision:
        """Return the decision that ``to_dict`` made.

        Args:
            data: Plain data.

        Returns:
            The decision.

        Raises:
            ValueError: If the kind is not one of the three.
        """
        if data["kind"] not in ("answer", "expand", "dead_end"):
            raise ValueError(f"{data['kind']!r} is not a decision")
        return cls(
            kind=data["kind"],
            relevance=float(data["relevance"]),
            reason=str(data["reason"]),
            covered=tuple(data["covered"]),
            evidence=tuple(Quote.from_dict(item) for item in data["evidence"]),
            follow=tuple(
                Follow(
                    target=str(item["target"]),
                    edge=int(item["edge"]),
                    priority=float(item["priority"]),
                    reason=str(item["reason"]),
                )
                for item in data["follow"]
            ),
            tokens_read=int(data["tokens_read"]),
            look_for=tuple(str(word) for word in data.get("look_for", ())),
            judged=bool(data.get("judged", False)),
        )

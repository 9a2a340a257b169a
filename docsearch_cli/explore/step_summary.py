"""A step as it is shown: one line of the tree, one entry of the JSON result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docsearch_cli.explore.view import Decision, Follow, View
from docsearch_cli.steps import PlannedStep


@dataclass(frozen=True, slots=True)
class StepEnding:
    """How a step ended."""

    id: str
    parent_id: str | None
    status: str
    attempts: int
    cached: bool
    ms: float
    error: str


@dataclass(frozen=True, slots=True)
class Way:
    """The words and the line of a followed edge; a seed has none."""

    text: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class StepSummary:
    """What was opened, by which edge, what was decided, and the cost."""

    id: str
    kind: str
    node: str
    path: str
    number: int
    parent: int | None
    parent_id: str | None
    edge: str
    edge_text: str
    edge_line: int
    depth: int
    decision: str
    """``answer``, ``expand``, ``dead_end`` or ``failed``."""
    reason: str
    heading: str
    """Heading of the best quote's section; may be empty."""
    score: float
    status: str
    attempts: int
    cached: bool
    ms: float
    tokens_read: int
    follows: int
    """How many edges the agent proposed."""

    def to_dict(self) -> dict[str, Any]:
        """Return the step as the JSON result shows it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "node": self.node,
            "path": self.path,
            "parent": self.parent_id,
            "edge": self.edge,
            "depth": self.depth,
            "decision": self.decision,
            "reason": self.reason,
            "score": self.score,
            "status": self.status,
            "attempts": self.attempts,
            "cached": self.cached,
            "ms": self.ms,
            "tokens_read": self.tokens_read,
        }


def summarise_step(
    step: PlannedStep,
    view: View,
    decision: Decision | None,
    *,
    way: Way,
    ending: StepEnding,
) -> StepSummary:
    """Return a step's summary.

    Args:
        step: As it was planned.
        view: What its agent saw.
        decision: What it decided; None if it failed.
        way: The edge that led here.
        ending: How it ended.

    Returns:
        The summary.
    """
    evidence = decision.evidence if decision is not None else ()
    return StepSummary(
        id=ending.id,
        kind=step.kind,
        node=step.subject,
        path=view.path,
        number=step.number,
        parent=step.parent,
        parent_id=ending.parent_id,
        edge=step.edge,
        edge_text=way.text,
        edge_line=way.line,
        depth=step.depth,
        decision=decision.kind if decision is not None else "failed",
        reason=decision.reason if decision is not None else ending.error,
        heading=evidence[0].heading if evidence else "",
        score=decision.relevance if decision is not None else 0.0,
        status=ending.status,
        attempts=ending.attempts,
        cached=ending.cached,
        ms=ending.ms,
        tokens_read=decision.tokens_read if decision is not None else 0,
        follows=len(decision.follow) if decision is not None else 0,
    )


def ways_on(view: View, decision: Decision) -> tuple[Way, ...]:
    """Return the words and the line of the edge of each proposal."""
    return tuple(_way(view, follow) for follow in decision.follow)


def _way(view: View, follow: Follow) -> Way:
    """Return the words and the line of a proposed edge; none if it was not shown."""
    shown = view.edges[follow.edge : follow.edge + 1] if follow.edge >= 0 else ()
    return next(
        (Way(edge.text, edge.line) for edge in shown if edge.target == follow.target), Way()
    )

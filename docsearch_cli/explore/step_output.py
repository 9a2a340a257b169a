"""From a step's bytes to the plan's input: a decision, and the nodes that may be followed."""

from __future__ import annotations

import json

from docsearch_cli.explore.plan import Neighbour, Opened
from docsearch_cli.explore.scored_question import Terms
from docsearch_cli.explore.view import Decision, EdgeView, View
from docsearch_cli.graph.edge_kinds import kind_named


def read_opened(view: View, output: bytes, reading_tokens: int) -> Opened:
    """Return the outcome of opening a node, after checking that the agent kept its allowance.

    Args:
        view: What the agent was shown.
        output: What it returned.
        reading_tokens: Most tokens it may have read.

    Returns:
        The decision, and the only nodes that may be followed: those it was shown an edge to.

    Raises:
        ValueError: If the output is no decision, or the agent claims to have read more.
    """
    decision = Decision.from_dict(json.loads(output))
    if not 0 <= decision.tokens_read <= reading_tokens:
        raise ValueError(f"it read {decision.tokens_read} tokens, not at most {reading_tokens}")
    known = range(len(view.edges))
    terms = Terms(view.tokens, view.idf)
    chosen = [view.edges[item.edge] for item in decision.follow if item.edge in known]
    return Opened(decision, {edge.target: _neighbour(edge, terms) for edge in chosen})


def _neighbour(edge: EdgeView, terms: Terms) -> Neighbour:
    kind = kind_named(edge.kind)
    return Neighbour(
        edge.label,
        kind.propagation(edge.weight),
        kind.coupling(edge.weight),
        round(kind.promise * edge.weight * terms.share(edge.said), 4),
    )


def gone_view(node: str) -> View:
    """Return the view of a node that is no longer in the index: nothing is shown."""
    return View("", (), {}, 0.0, node, node, node, "text", "", 0.0, (), (), 0, (), 0)

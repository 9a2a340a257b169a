"""The agent that stands in when a page cannot be read: it judges by edges alone.

A page whose text crashes or stalls its reader may still be the way to the answer. This agent looks
at no text: it quotes nothing, and proposes the edges that the local agent would.
"""

from __future__ import annotations

from dataclasses import replace

from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.view import Decision, View


def decide_by_edges(view: View) -> Decision:
    """Return what can be said of a node without reading it."""
    decision = decide(replace(view, sections=()))
    return replace(decision, reason=f"not read; {decision.reason}")

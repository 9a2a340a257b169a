"""The fallback agent for a page that cannot be read: it decides by the edges alone.

A page whose text crashes or stalls the local agent may still lead to the answer. This agent reads
no text: it quotes nothing, and proposes the edges that the local agent would.
"""

from __future__ import annotations

from dataclasses import replace

from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.view import Decision, View


def decide_by_edges(view: View) -> Decision:
    """Return the decision at a node without reading it."""
    return decide(replace(view, sections=()))

"""Simple or deep, and why: what a person asked for, else what the question needs."""

from __future__ import annotations

from dataclasses import replace

from docsearch_cli.explore.intent import Intent


def choose_mode(intent: Intent, asked: str, *, has_starts: bool, agents: int) -> Intent:
    """Return how to search; without an agent to look with, an unsure search is a simple one.

    Args:
        intent: What the question needs.
        asked: ``simple``, ``deep``, or ``auto`` for what it needs.
        has_starts: True if there are nodes to begin at.
        agents: Most agents of a look.

    Returns:
        The mode, and the reason that is shown and recorded.
    """
    if asked == "deep":
        return Intent("deep", "asked for by --deep")
    if asked == "simple":
        return Intent("simple", "asked for by --simple")
    if has_starts:
        return Intent("deep", "a starting point was given")
    if not intent.looks:
        return intent
    if not agents:
        return replace(intent, mode="simple")
    noun = "agent" if agents == 1 else "agents"
    reason = f"unsure, so a look with {agents} {noun} comes first: {intent.reason}"
    return replace(intent, reason=reason)

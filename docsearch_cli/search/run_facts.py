"""What decides what a run gives, as its record says it."""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.explore.agents.table import find_agent
from docsearch_cli.explore.applied_filter import filter_of
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.run_limits import RunLimits
from docsearch_cli.runs.events import DecidingFacts
from docsearch_cli.runs.trace import Trace
from docsearch_cli.search.models import asks_model, default_model
from docsearch_cli.search.result import AskOptions
from docsearch_cli.steps import canonical_json


def deciding_facts(
    scored: ScoredQuestion, options: AskOptions, limits: RunLimits, starts: Sequence[int]
) -> DecidingFacts:
    """Return what decides what a run gives, apart from the index, the code and a model's name.

    Args:
        scored: The question against the corpus.
        options: How to search.
        limits: Those that hold for the options' agent.
        starts: Rows of the nodes to begin at.

    Returns:
        The facts, as a record holds them.
    """
    applied = filter_of(scored)
    facts: DecidingFacts = {
        "question": scored.question,
        "filter": applied.to_dict() if applied is not None else None,
        "synonyms": [item.to_dict() for item in scored.synonyms],  # type: ignore[misc]
        "mode": options.mode,
        "agent": options.agent,
        "starts": [scored.index.node_id(row) for row in starts],
        "limits": limits.to_dict(),
    }
    if options.answer == "llm":
        facts["answer"] = "llm"
    return facts


def is_run_of(
    trace: Trace, scored: ScoredQuestion, options: AskOptions, starts: Sequence[int]
) -> bool:
    """Tell whether a run is one that these options would have begun; a fork never is.

    Args:
        trace: The run.
        scored: The question against the corpus.
        options: How to search.
        starts: Rows of the nodes to begin at.

    Returns:
        Whether all that decides what it gives is equal, and it asks a model only if the options do.
        A record that lacks one of these facts is of no such run.
    """
    agent = find_agent(options.agent)
    asks = asks_model(agent, options)
    settings = options.settings.for_agent(asks_model=asks, steps_ask=agent.asks_model)
    model = trace.facts.get("model")
    named = (options.model or default_model(options.settings)) if asks else ""
    if trace.facts.get("fork") is not None or (model["name"] if model else "") != named:
        return False
    wanted = deciding_facts(scored, options, settings.run_limits(), starts)
    held = {name: trace.facts.get(name) for name in ("answer", *wanted)}
    return _spelled({"answer": None, **wanted}) == _spelled(held)


def _spelled(facts: dict[str, object]) -> bytes:
    """Return facts in one spelling, without how many processes there were."""
    limits = facts["limits"]
    if isinstance(limits, dict):
        facts["limits"] = {name: value for name, value in limits.items() if name != "workers"}
    return canonical_json(facts)

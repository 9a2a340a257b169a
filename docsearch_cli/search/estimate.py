"""What a deep search may cost, before it costs anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.engine.coordinator import DRAIN_S
from docsearch_cli.engine.step_cache import open_step_cache, step_key
from docsearch_cli.errors import UsageError
from docsearch_cli.explore.agents.table import Agent, find_agent
from docsearch_cli.explore.intent import Intent
from docsearch_cli.explore.node_step import NodeStep
from docsearch_cli.explore.opened_steps import OpenedSteps
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.seeds import Seed, choose_seeds, gather_candidates
from docsearch_cli.fingerprint import step_source_digest
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.run_limits import RunLimits
from docsearch_cli.runs.limits import LimitSchedule
from docsearch_cli.runs.spending import PaidRun, last_paid_runs
from docsearch_cli.search.ask import allowed_starts, prepare_question, route, start_rows
from docsearch_cli.search.models import asks_model, model_terms
from docsearch_cli.search.result import AskOptions, in_dollars
from docsearch_cli.search.simple import QUOTED_DOCUMENTS
from docsearch_cli.steps import Dispatch, PlannedStep, StepSucceeded

# A bound says what a run may cost; what some did cost says what to expect.
_RUNS_BEFORE = 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a search begins with, and the most that it may cost."""

    intent: Intent
    """How the question would be searched."""
    seeds: tuple[Seed, ...]
    most: dict[str, int]
    """Bounds that a run never passes, by name."""
    cached: int
    """Of those, steps whose result is cached."""
    looked_at: int
    """Steps that could be followed: up to the first ones whose result is not cached."""
    before: tuple[PaidRun, ...] = ()
    """What the last runs asked that asked the same model, the latest first."""

    def to_dict(self) -> dict[str, Any]:
        """Return the ``data`` of the JSON result."""
        return {
            "mode": self.intent.mode,
            "mode_reason": self.intent.reason,
            "seeds": [asdict(seed) for seed in self.seeds],
            "most": in_dollars(self.most),
            "cached": self.cached,
            "looked_at": self.looked_at,
            "before": [in_dollars(asdict(run)) for run in self.before],
        }


def estimate_run(
    home: Path,
    index: IndexReader,
    question: str,
    options: AskOptions,
    *,
    warn: Callable[[str], None],
) -> Estimate:
    """Follow a deep search as far as the cache knows its steps, and bound the rest.

    Args:
        home: The ``.docsearch`` folder, for the cache.
        index: The index.
        question: In words.
        options: As for the search.
        warn: Told if the cache cannot be used.

    Returns:
        Seeds, bounds and known results. Nothing is run or recorded.

    Raises:
        UsageError: If the question is empty.
        InputError: If a starting point is not in the index.
    """
    if not question.strip():
        raise UsageError("the question is empty", hint='ask something: docsearch ask "..."')
    prepared = prepare_question(
        index, question, options.conditions, listed=options.settings.synonyms
    )
    scored = prepared.scored
    agent = find_agent(options.agent)
    settings = options.settings.for_agent(
        asks_model=asks_model(agent, options), steps_ask=agent.asks_model
    )
    options = replace(options, settings=settings)
    model = model_terms(agent, options)
    limits = settings.run_limits()
    starts = allowed_starts(scored, start_rows(index, options, question), options)
    intent = route(prepared.facts, options, bool(starts))
    if not intent.looks:
        limits = replace(limits, look_agents=0)
    writes = options.answer == "llm"
    schedule = LimitSchedule.of(limits, None, model, agent.may_spend, writes=writes)
    candidates = gather_candidates(scored, count=limits.seeds, starts=starts)
    seeds = tuple(choose_seeds(candidates, limits.seeds)) if scored.tokens else ()
    known, looked_at = 0, 0
    if options.use_cache and not agent.asks_model:
        cache = open_step_cache(home, warn)
        try:
            known, looked_at = _foresee(agent, scored, seeds, limits, cache)
        finally:
            cache.close()
    bounds = _bounds(schedule, seeds, index.counts["nodes"])
    if options.mode != "deep":  # the question may turn out to need a keyword search only
        by_keywords = min(QUOTED_DOCUMENTS * limits.reading_tokens, limits.max_tokens)
        bounds["tokens_read"] = max(bounds["tokens_read"], by_keywords)
    before = last_paid_runs(home, model.name, _RUNS_BEFORE) if model.name else []
    return Estimate(intent, seeds, bounds, known, looked_at, tuple(before))


def _bounds(schedule: LimitSchedule, seeds: tuple[Seed, ...], nodes: int) -> dict[str, int]:
    """Return upper bounds: the smaller of what the limits allow and what the graph holds."""
    limits = schedule.first
    reachable = level = min(len(seeds), limits.seeds)
    for _ in range(limits.max_depth):
        level *= limits.fan_out
        reachable += level
    # Not fewer where max_tokens is small: a page that turns out short leaves its tokens to others.
    agents = min(limits.max_agents, reachable, nodes)
    attempts = agents * (limits.attempts + 1)
    asked = schedule.most_asked(agents)
    spending = {
        "requests": asked.requests,
        "tokens_sent_and_received": asked.tokens,
        "cost_micro_usd": asked.micro_usd,
    }
    look = {"look_agents": min(agents, limits.look_agents)} if limits.look_agents else {}
    return {
        "agents": agents,
        **look,
        "tries": attempts,
        "depth": limits.max_depth if agents else 0,
        "tokens_read": min(agents * limits.reading_tokens, limits.max_tokens),
        "tokens_returned": limits.answer_tokens,
        "seconds": limits.deadline_s + int(DRAIN_S),
        **{name: most for name, most in spending.items() if most},
    }


def _foresee(
    agent: Agent,
    scored: ScoredQuestion,
    seeds: tuple[Seed, ...],
    limits: RunLimits,
    cache: ByteCache,
) -> tuple[int, int]:
    """Follow the plan as long as the cache knows what comes of each step."""
    plan = LimitSchedule.of(limits, None).plan(seeds)
    source = step_source_digest()
    known: dict[int, StepSucceeded[Any] | None] = {}
    steps = OpenedSteps()

    def look(step: PlannedStep) -> StepSucceeded[Any] | None:
        row = scored.index.node_row(step.subject)
        assert row is not None  # the index is the one that the plan is made from
        made = NodeStep.build(
            agent,
            scored,
            row,
            covered=steps.covered_before(step),
            taught=steps.taught_before(step),
            limits=limits,
        )
        sent = steps.add(step, made)
        output = cache.get(step_key(agent.function, source, made.key_parts()))
        if output is None:
            return None
        try:
            opened = made.read(output)
        except (ValueError, KeyError, TypeError, json.JSONDecodeError):
            return None
        sent.take(opened.decision)
        return StepSucceeded(step.number, opened)

    instructions = plan.start()
    number = 1
    while True:
        for item in instructions:
            if isinstance(item, Dispatch):
                known[item.step.number] = look(item.step)
        event = known.get(number)
        if event is None:
            break
        instructions = plan.handle(event)
        number += 1
    return sum(event is not None for event in known.values()), len(known)

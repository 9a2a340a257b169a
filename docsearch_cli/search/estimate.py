"""What a deep search may cost, before it costs anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.config import RunLimits
from docsearch_cli.engine.coordinator import DRAIN_S
from docsearch_cli.engine.step_cache import open_step_cache, step_key
from docsearch_cli.errors import UsageError
from docsearch_cli.explore import step_functions
from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.seeds import Seed, choose_seeds, gather_candidates
from docsearch_cli.explore.step_output import read_opened
from docsearch_cli.fingerprint import step_source_digest
from docsearch_cli.index.question_encoder import question_encoder
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.runs.limits import LimitSchedule
from docsearch_cli.search.ask import start_rows
from docsearch_cli.search.result import AskOptions
from docsearch_cli.steps import Dispatch, PlannedStep, StepSucceeded, canonical_json


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a search begins with, and the most that it may cost."""

    seeds: tuple[Seed, ...]
    most: dict[str, int]
    """Bounds that a run never passes, by name."""
    cached: int
    """Steps whose result is known, as far as the search can be foreseen."""
    looked_at: int
    """Steps that can be foreseen: up to the first ones whose result is not known."""

    def to_dict(self) -> dict[str, Any]:
        """Return the ``data`` of the JSON result."""
        return {
            "seeds": [asdict(seed) for seed in self.seeds],
            "most": self.most,
            "cached": self.cached,
            "looked_at": self.looked_at,
        }


def estimate_run(
    home: Path,
    index: IndexReader,
    question: str,
    options: AskOptions,
    *,
    warn: Callable[[str], None],
) -> Estimate:
    """Foresee a deep search as far as it can be, and bound the rest.

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
    scored = ScoredQuestion(index, question, encode=question_encoder(index))
    limits = options.settings.run_limits()
    starts = start_rows(index, options, question)
    candidates = gather_candidates(scored, count=limits.seeds, starts=starts)
    seeds = tuple(choose_seeds(candidates, limits.seeds)) if scored.tokens else ()
    known, looked_at = 0, 0
    if options.use_cache:
        cache = open_step_cache(home, warn)
        try:
            known, looked_at = _foresee(scored, seeds, limits, cache)
        finally:
            cache.close()
    return Estimate(seeds, _bounds(seeds, limits, index.counts["nodes"]), known, looked_at)


def _bounds(seeds: tuple[Seed, ...], limits: RunLimits, nodes: int) -> dict[str, int]:
    """Return the most of everything: what the limits allow and the graph can hold."""
    reachable = level = min(len(seeds), limits.seeds)
    for _ in range(limits.max_depth):
        level *= limits.fan_out
        reachable += level
    agents = min(limits.max_agents, reachable, nodes, limits.max_tokens // limits.reading_tokens)
    return {
        "agents": agents,
        "tries": agents * (limits.attempts + 1),
        "depth": limits.max_depth if agents else 0,
        "tokens_read": agents * limits.reading_tokens,
        "tokens_returned": limits.answer_tokens,
        "seconds": limits.deadline_s + int(DRAIN_S),
    }


def _foresee(
    scored: ScoredQuestion, seeds: tuple[Seed, ...], limits: RunLimits, cache: ByteCache
) -> tuple[int, int]:
    """Follow the plan as long as the cache knows what comes of each step."""
    plan = LimitSchedule.of(limits, None).plan(seeds)
    source = step_source_digest()
    known: dict[int, StepSucceeded[Any] | None] = {}
    covered: dict[int, tuple[str, ...]] = {}

    def look(step: PlannedStep) -> StepSucceeded[Any] | None:
        row = scored.index.node_row(step.subject)
        assert row is not None  # the index is the one that the plan is made from
        view = build_view(
            scored,
            row,
            covered=covered.get(step.parent or 0, ()),
            reading_tokens=limits.reading_tokens,
            most_edges=limits.proposals,
        )
        payload = canonical_json(view.to_dict())
        parts = step_functions.declared_input(step_functions.LOCAL_AGENT, payload)
        output = cache.get(step_key(step_functions.LOCAL_AGENT, source, parts))
        if output is None:
            return None
        try:
            opened = read_opened(view, output, limits.reading_tokens)
        except (ValueError, KeyError, TypeError, json.JSONDecodeError):
            return None
        covered[step.number] = opened.decision.covered
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

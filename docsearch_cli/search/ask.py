"""The use case: a question in, findings out. Chooses between the simple and the deep search.

What a deep search needs (engine, record, cache) is imported when there is one: a simple question
pays for none of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.explore.facts import intent_facts
from docsearch_cli.explore.findings import Findings
from docsearch_cli.explore.intent import Intent, IntentInput, detect_intent
from docsearch_cli.explore.mode import choose_mode
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.question_encoder import question_encoder
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.search.result import (
    AskOptions,
    AskResult,
    SearchObserver,
    budget,
    elapsed_ms,
)
from docsearch_cli.search.simple import answer_simply

if TYPE_CHECKING:
    from docsearch_cli.engine.protocol import Engine

_NOT_SURE = "not sure that a keyword search is enough: --deep lets agents explore"


@dataclass(frozen=True, slots=True)
class PreparedQuestion:
    """A question scored against an index; every search for it starts from this."""

    scored: ScoredQuestion
    facts: IntentInput


def prepare_question(index: IndexReader, question: str) -> PreparedQuestion:
    """Score a question once for any number of searches, whatever their limits."""
    scored = ScoredQuestion(index, question, encode=question_encoder(index))
    return PreparedQuestion(scored, intent_facts(scored))


def ask(
    home: Path,
    index: IndexReader,
    question: str,
    options: AskOptions,
    *,
    observer: SearchObserver | None = None,
    prepared: PreparedQuestion | None = None,
) -> AskResult:
    """Answer a question from an index.

    Args:
        home: The ``.docsearch`` folder, for the run's record and the cache.
        index: The index to search.
        question: In words.
        options: How to search.
        observer: Told of the search's progress, and asked whether to stop a deep one.
        prepared: The question prepared for this index, where it is asked more than once.

    Returns:
        The findings and how they came about.

    Raises:
        UsageError: If the question is empty.
        InputError: If a starting point is not in the index, or the run cannot be recorded.
        RunFailedError: If too many steps failed and nothing was found.
    """
    started = time.perf_counter()
    if not question.strip():
        raise UsageError("the question is empty", hint='ask something: docsearch ask "..."')
    starts = start_rows(index, options, question)
    observer = observer or SearchObserver()
    engine: Engine | None = None
    try:
        if options.mode == "deep":
            engine = _start_engine(options)  # workers load while the index is searched
        prepared = prepared or prepare_question(index, question)
        scored, facts = prepared.scored, prepared.facts
        if not scored.tokens:
            return _nothing(question, "the question has no searchable words", options, started)
        intent = route(facts, options, bool(starts))
        if intent.mode == "simple":
            result = answer_simply(scored, facts, intent, options, started, observer=observer)
            suggest = intent.unsure and result.findings.found
            return replace(result, notes=(*result.notes, _NOT_SURE)) if suggest else result
        from docsearch_cli.search.deep import DeepSearch

        if not intent.looks:
            options = replace(options, settings=options.settings.without_look())
        engine = engine or _start_engine(options)
        search = DeepSearch(home, scored, options, engine, observer)
        return search.run(facts, intent, starts, started)
    finally:
        if engine is not None:
            engine.close()


def _start_engine(options: AskOptions) -> Engine:
    from docsearch_cli.search.engines import make_engine

    engine = make_engine(options)
    engine.start()
    return engine


def start_rows(index: IndexReader, options: AskOptions, question: str) -> list[int]:
    """Return the nodes to begin at: those given, and those that the question's words call for.

    Args:
        index: The index.
        options: With the paths that were given.
        question: In words.

    Returns:
        Their rows, each once.

    Raises:
        InputError: If a path is not in the index.
    """
    rows: list[int] = []
    for path in (*options.starts, *options.settings.starts_for(question)):
        row = index.node_row(path.removeprefix("./"))
        if row is None:
            raise InputError(
                f"the starting point {path!r} is not in the index",
                hint="give its path as the index has it; docsearch status --json lists them",
            )
        if row not in rows:
            rows.append(row)
    return rows


def route(facts: IntentInput, options: AskOptions, has_starts: bool) -> Intent:
    """Return how to search; without an agent to look with, an unsure search is a simple one.

    Args:
        facts: What is known of the question before anything is opened.
        options: How to search.
        has_starts: True if there are nodes to begin at.

    Returns:
        What was asked for, else what the question needs.
    """
    settings = options.settings
    return choose_mode(
        detect_intent(facts),
        options.mode,
        has_starts=has_starts,
        agents=min(settings["look_agents"], settings["max_agents"]),
    )


def _nothing(question: str, reason: str, options: AskOptions, started: float) -> AskResult:
    return AskResult(
        question=question,
        mode="deep" if options.mode == "deep" else "simple",
        mode_reason=reason,
        run_id=None,
        findings=Findings((), (), "", (), 0, found=False, reason=reason),
        steps=(),
        budget=budget(options.settings.run_limits()),
        stop_reason="frontier_empty" if options.mode == "deep" else "simple",
        complete=True,
        limits_hit=(),
        notes=(reason,),
        timings_ms={"total": elapsed_ms(started)},
    )

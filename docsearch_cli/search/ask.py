"""The use case: a question in, findings out. Decides between the simple and the deep search.

What a deep search needs (engine, record, cache) is imported when there is one: a simple question
pays for none of it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.explore.findings import Findings
from docsearch_cli.explore.intent import Intent, IntentInput, detect_intent
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.seeds import Candidate, gather_candidates
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.keyword import best_hits
from docsearch_cli.retrieval.tokens import spelled, spellings, unique_tokens
from docsearch_cli.search.result import (
    AskMode,
    AskOptions,
    AskResult,
    SearchObserver,
    budget,
    elapsed_ms,
)
from docsearch_cli.search.simple import answer_simply

if TYPE_CHECKING:
    from docsearch_cli.engine.protocol import Engine

# Sections of the keyword ranking among which one is looked for that answers by itself.
_MOST_SECTIONS = 20
_NOT_SURE = "not sure that a keyword search is enough: --deep lets agents explore"


@dataclass(frozen=True, slots=True)
class PreparedQuestion:
    """A question scored against an index: what every search for it begins with."""

    scored: ScoredQuestion
    facts: IntentInput


def prepare_question(index: IndexReader, question: str) -> PreparedQuestion:
    """Return what all searches for a question share, whatever their limits."""
    scored = ScoredQuestion(index, question)
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
        observer: Told how a deep search goes on, and asked whether to end it.
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
    engine: Engine | None = None
    try:
        if options.mode == "deep":
            engine = _start_engine(options)  # workers load while the index is searched
        prepared = prepared or prepare_question(index, question)
        scored, facts = prepared.scored, prepared.facts
        if not scored.tokens:
            return _nothing(question, "the question has no searchable words", options, started)
        intent = _route(facts, options.mode, bool(starts))
        if intent.mode == "simple":
            result = answer_simply(scored, facts, intent, options, started)
            suggest = intent.unsure and result.findings.found
            return replace(result, notes=(*result.notes, _NOT_SURE)) if suggest else result
        from docsearch_cli.search.deep import DeepSearch

        engine = engine or _start_engine(options)
        search = DeepSearch(home, scored, options, engine, observer or SearchObserver())
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


def intent_facts(scored: ScoredQuestion) -> IntentInput:
    """Return what the intent of a question is detected from."""
    # A name of one word is often just a word.
    named = [item for item in gather_candidates(scored, count=0) if " " in item.named]
    best, together = _held_by_sections(scored)
    missing = [token for token in scored.tokens if token not in scored.terms.idf]
    return IntentInput(
        question=scored.question,
        term_count=len(scored.tokens),
        best_share=round(best * scored.known_share, 4),
        named=tuple(item.path for item in named),
        missing=tuple(spelled(missing, spellings(scored.question, scored.index.language))),
        together_share=round(together * scored.known_share, 4),
        rest_share=round(_held_beside_names(scored, named), 4),
    )


def _held_by_sections(scored: ScoredQuestion) -> tuple[float, float]:
    """Return how much the best section holds, and how much with the best other document's."""
    hits = best_hits(scored.section_scores, _MOST_SECTIONS)
    held = scored.terms_of_sections([hit.section for hit in hits])
    shares = [scored.terms.share(terms) for terms in held]
    if not shares:
        return 0.0, 0.0
    best = shares.index(max(shares))
    document_of = [
        int(scored.index.node_documents[scored.index.node_of_section(hit.section)]) for hit in hits
    ]
    others = [
        scored.terms.share([*held[best], *terms])
        for terms, document in zip(held, document_of, strict=True)
        if document != document_of[best]
    ]
    return shares[best], max([shares[best], *others])


def _held_beside_names(scored: ScoredQuestion, named: Sequence[Candidate]) -> float:
    """Return how much of a question's other words the documents that it names hold."""
    language = scored.index.language
    names = {token for item in named for token in unique_tokens(item.named, language)}
    rest = {token for token in scored.terms.tokens if token not in names}
    held = {
        token
        for path in {item.path for item in named}
        for node in scored.index.nodes_of_document(path)
        for token in scored.terms_in(node)
    }
    asked = scored.terms.share(rest)
    return scored.terms.share(rest & held) / asked if named and asked else 1.0


def _route(facts: IntentInput, mode: AskMode, has_starts: bool) -> Intent:
    if mode == "auto" and has_starts:
        return Intent("deep", "a starting point was given")
    if mode == "auto":
        return detect_intent(facts)
    return Intent(mode, f"asked for by --{mode}")


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

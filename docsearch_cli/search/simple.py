"""The simple search: one keyword query, the best sentences of the best documents, no process."""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.explore.aggregate import aggregate
from docsearch_cli.explore.answerability import gather_verdict_facts
from docsearch_cli.explore.applied_filter import filter_of
from docsearch_cli.explore.build_view import best_sections
from docsearch_cli.explore.findings import (
    MOST_DOCUMENTS,
    AggregateInput,
    OpenedNode,
    RankedPath,
)
from docsearch_cli.explore.intent import Intent, IntentInput
from docsearch_cli.explore.keyword_ranking import simple_ranking
from docsearch_cli.explore.page_quotes import page_quotes
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.run_limits import LIMIT_OF
from docsearch_cli.search.result import (
    AskOptions,
    AskResult,
    SearchObserver,
    budget,
    elapsed_ms,
)

# Documents that are read and quoted.
QUOTED_DOCUMENTS = 5


def answer_simply(
    scored: ScoredQuestion,
    facts: IntentInput,
    intent: Intent,
    options: AskOptions,
    started: float,
    *,
    observer: SearchObserver,
) -> AskResult:
    """Answer by keywords alone: no process, no record.

    Args:
        scored: The question against the corpus.
        facts: What is known of it before anything is opened.
        intent: Why it is searched so.
        options: How to search.
        started: When the question came in, by ``time.perf_counter()``.
        observer: Told of what is read.

    Returns:
        What it gave.
    """
    ranking = simple_ranking(scored, MOST_DOCUMENTS)
    quoted = ranking[:QUOTED_DOCUMENTS]
    opened, tokens_read = _quote_documents(scored, quoted, options, observer)
    findings = aggregate(
        AggregateInput(
            tokens=scored.terms.tokens,
            idf=scored.terms.idf,
            opened=tuple(opened),
            hits=tuple(ranking),
            answer_tokens=options.settings["answer_tokens"],
            most_documents=MOST_DOCUMENTS,
            verdict=gather_verdict_facts(scored, facts),
            known_share=round(scored.in_vocabulary_share, 4),
            language=scored.language,
            name_share=scored.index.name_share,
        )
    )
    return AskResult(
        question=scored.question,
        mode="simple",
        mode_reason=intent.reason,
        run_id=None,
        findings=findings,
        steps=(),
        budget=budget(
            options.settings.run_limits(),
            tokens_read=tokens_read,
            tokens_returned=findings.tokens_returned,
        ),
        stop_reason="simple",
        complete=True,
        limits_hit=(),
        notes=(),
        filter=filter_of(scored),
        synonyms=scored.shown_synonyms,
        timings_ms={"total": elapsed_ms(started)},
    )


def _quote_documents(
    scored: ScoredQuestion,
    ranking: Sequence[RankedPath],
    options: AskOptions,
    observer: SearchObserver,
) -> tuple[list[OpenedNode], int]:
    """Read the best sections of the best documents, as an agent would, without deciding."""
    index = scored.index
    opened: list[OpenedNode] = []
    tokens_read = 0
    for ranked in ranking:
        left = options.settings["max_tokens"] - tokens_read
        if left < LIMIT_OF["reading_tokens"].least:
            break
        row = _best_node(scored, ranked.path)
        allowed = min(left, options.settings["reading_tokens"])
        sections, tokens = best_sections(scored, row, allowed)
        tokens_read += tokens
        observer.read(ranked.path, sections)
        document = int(index.node_documents[row])
        markup, language = index.markup(document), index.language_of(document)
        stems = scored.stems_of(document)
        quotes = page_quotes(
            sections,
            markup,
            scored.question,
            scored.terms,
            language=language,
            stems=stems,
            sought=(),
            also=scored.also,
        )
        opened.append(
            OpenedNode(
                step="",
                node=index.node_id(row),
                path=ranked.path,
                edge="keyword",
                lift=1.0,
                priority=ranked.score,
                node_score=ranked.score,
                evidence=tuple(quotes),
                via=(),
                paged=is_paged(markup),
                language=language,
                stems=stems,
            )
        )
    return opened, tokens_read


def _best_node(scored: ScoredQuestion, path: str) -> int:
    nodes = scored.index.nodes_of_document(path)
    return max(nodes, key=lambda node: (float(scored.node_scores[node]), -node))

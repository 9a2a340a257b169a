"""What the fan-in of a deep search is given: all that was opened, and the keyword ranking."""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.explore.answerability import gather_verdict_facts
from docsearch_cli.explore.findings import (
    MOST_DOCUMENTS,
    AggregateInput,
    Join,
    OpenedNode,
    PageFacts,
    Promise,
    RankedPath,
)
from docsearch_cli.explore.intent import IntentInput
from docsearch_cli.explore.opened_steps import OpenedSteps
from docsearch_cli.explore.plan import ExplorePlan
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.view import Decision


def gather_opened(
    scored: ScoredQuestion,
    facts: IntentInput,
    plan: ExplorePlan,
    steps: OpenedSteps,
    ranking: Sequence[RankedPath],
    *,
    answer_tokens: int,
) -> AggregateInput:
    """Return all that the fan-in looks at.

    Args:
        scored: The question against the corpus.
        facts: What was known of the question before anything was opened.
        plan: As it was left: how each node was proposed.
        steps: What was opened.
        ranking: The keyword ranking, best first.
        answer_tokens: Most tokens of evidence to hand back.

    Returns:
        The input of the aggregate step.
    """
    opened = tuple(opened_nodes(plan, steps))
    paths = {item.path for item in ranking} | {item.path for item in opened}
    return AggregateInput(
        tokens=scored.terms.tokens,
        idf=scored.terms.idf,
        opened=opened,
        hits=tuple(ranking),
        answer_tokens=answer_tokens,
        most_documents=MOST_DOCUMENTS,
        verdict=gather_verdict_facts(scored, facts),
        pages=_page_facts(scored, paths),
        known_share=round(scored.in_vocabulary_share, 4),
        language=scored.language,
        name_share=scored.index.name_share,
    )


def opened_nodes(plan: ExplorePlan, steps: OpenedSteps) -> list[OpenedNode]:
    """Return what the fan-in is given of the nodes that were opened, in the order of dispatch."""
    nodes = []
    for step, decision in steps.decided():
        subject = step.planned.subject
        support = plan.support(subject)
        nodes.append(
            OpenedNode(
                step=step.id,
                node=subject,
                path=step.view.path,
                edge=support.edge,
                lift=support.propagation,
                priority=support.priority,
                node_score=step.view.node_score,
                evidence=decision.evidence,
                via=steps.hops_to(step.planned),
                paged=is_paged(step.view.markup),
                language=step.view.language,
                stems=step.view.stems,
                judged=_judged(decision),
                joins=tuple(
                    Join(steps[parent].planned.subject, lift)
                    for parent, lift in plan.joins(subject)
                ),
                promises=tuple(
                    Promise(steps[parent].planned.subject, neighbour.edge, neighbour.promise)
                    for parent, neighbour in plan.promises(subject)
                ),
            )
        )
    return nodes


def _judged(decision: Decision) -> float:
    """Return how much of the question a page answers by what an agent made of its meaning."""
    is_answer = decision.judged and decision.kind == "answer" and bool(decision.evidence)
    return decision.relevance if is_answer else 0.0


def _page_facts(scored: ScoredQuestion, paths: set[str]) -> tuple[PageFacts, ...]:
    """Return what the index says of documents, by path; nothing of one that is gone."""
    best = {
        path: scored.best_section(nodes)
        for path in sorted(paths)
        if (nodes := scored.index.nodes_of_document(path))
    }
    sections = [section for section in best.values() if section is not None]
    held = dict(zip(sections, scored.terms_of_sections(sections), strict=True))
    return tuple(
        PageFacts(path, tuple(held[section]) if section is not None else ())
        for path, section in best.items()
    )

"""How much is lost at each stage of a search, and what could be found at best.

Shares are 0 to 1 and means over the questions with gold documents: every question counts the same,
and of one question every gold document, so that *found* and *not quoted* add up to R@5, and all
stages to 1. Two ceilings stand beside them: the best ranking that there could be of what agents
opened, and the gold among as many documents of the keyword ranking as agents were used. The
keyword ranking *read as deep* is that ranking opened by as many agents that follow no edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from docsearch_cli.evaluation.asking import AskedQuestion
from docsearch_cli.evaluation.losses import FOUND_RANKS, STAGES, Loss, LossReason, Stage
from docsearch_cli.evaluation.measures import BudgetScores, Evaluation, score_questions

# Stages at which a document could have been found by ranking what was opened.
_RANKABLE = ("found", "not_quoted", "not_ranked")


@dataclass(frozen=True, slots=True)
class Found:
    """What a way of opening pages finds."""

    recall_at_5: float
    all_at_5: float
    answers_found: float | None
    """Ans; None if no question has an answer that can be looked for."""

    @classmethod
    def of(cls, scores: BudgetScores) -> Found:
        """Return the part of a budget's scores that is compared."""
        return cls(scores.recall_at_5, scores.all_at_5, scores.answers_found)


@dataclass(frozen=True, slots=True)
class BudgetLosses:
    """What is found and lost under one budget."""

    max_agents: int
    agents_used: float
    stages: dict[Stage, float]
    """The share of each stage, in the order of ``STAGES``."""
    reasons: dict[Stage, dict[LossReason, float]]
    """What a stage's share is made of, the largest first, for the stages that have reasons."""
    best_ranking: float | None
    """Share of the gold that the best ranking of what was opened would have among its first five;
    None for budget 0, which opens nothing."""
    keyword_documents: float | None
    """Share of the gold among as many documents of the keyword ranking as agents were used; as
    None."""
    explored: Found
    keyword_reading: Found | None
    """The keyword ranking read as deep; None for budget 0."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Where the gold documents of a file of questions are lost."""

    questions: int
    """Those with gold documents: the others cannot lose any."""
    without_gold: int
    gold_documents: int
    not_indexed: int
    """Gold documents that the index does not hold."""
    answers: int
    """Questions with gold documents and an answer that can be looked for."""
    answers_in_gold: int
    """Those whose gold documents hold it word for word: no quote can hold the others."""
    budgets: tuple[BudgetLosses, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return them as the JSON result shows them."""
        return asdict(self)


def score_losses(
    asked: Sequence[AskedQuestion], budgets: Sequence[int], evaluation: Evaluation
) -> Losses:
    """Return what is lost at each stage, for every budget.

    Args:
        asked: The questions, asked with their losses.
        budgets: Most agents of each search, in their order.
        evaluation: What the searches scored.

    Returns:
        The shares.
    """
    scored = [item for item in asked if item.question.gold]
    read = [replace(item, predictions=item.readings) for item in asked]
    readings = score_questions(read, budgets).budgets
    known = [item.answer_in_gold for item in scored if item.answer_in_gold is not None]
    return Losses(
        questions=len(scored),
        without_gold=len(asked) - len(scored),
        gold_documents=sum(len(item.question.gold) for item in scored),
        not_indexed=sum(loss.stage == "not_indexed" for item in scored for loss in item.losses[0]),
        answers=len(known),
        answers_in_gold=sum(known),
        budgets=tuple(
            _score_budget(scored, place, evaluation.budgets[place], readings[place])
            for place in range(len(budgets))
        ),
    )


def _score_budget(
    scored: Sequence[AskedQuestion], place: int, explored: BudgetScores, reading: BudgetScores
) -> BudgetLosses:
    losses = [item.losses[place] for item in scored]
    deep = explored.max_agents > 0
    as_many = [item.keyword_documents[: item.predictions[place].agents_used] for item in scored]
    in_keyword = [
        sum(path in documents for path in item.question.gold) / len(item.question.gold)
        for item, documents in zip(scored, as_many, strict=True)
    ]
    rankable = [
        min(FOUND_RANKS, sum(loss.stage in _RANKABLE for loss in item)) / len(item)
        for item in losses
    ]
    return BudgetLosses(
        max_agents=explored.max_agents,
        agents_used=explored.agents_used,
        stages=_stage_shares(losses),
        reasons=_reason_shares(losses),
        best_ranking=_mean(rankable) if deep else None,
        keyword_documents=_mean(in_keyword) if deep else None,
        explored=Found.of(explored),
        keyword_reading=Found.of(reading) if deep else None,
    )


def _stage_shares(losses: Sequence[Sequence[Loss]]) -> dict[Stage, float]:
    """Return the mean, over the questions, of the share of their gold documents at each stage."""
    shares = {
        stage: [sum(loss.stage == stage for loss in item) / len(item) for item in losses]
        for stage in STAGES
    }
    return {stage: _mean(values) for stage, values in shares.items()}


def _reason_shares(losses: Sequence[Sequence[Loss]]) -> dict[Stage, dict[LossReason, float]]:
    """Return the same for each reason, the largest first; a stage without reasons is left out."""
    shares: dict[tuple[Stage, LossReason], float] = {}
    for item in losses:
        for loss in item:
            if loss.reason:
                key = loss.stage, loss.reason
                shares[key] = shares.get(key, 0.0) + 1 / len(item)
    reasons: dict[Stage, dict[LossReason, float]] = {}
    for stage, reason in sorted(shares, key=lambda key: (-round(shares[key], 6), key)):
        share = round(shares[stage, reason] / len(losses), 4)
        reasons.setdefault(stage, {})[reason] = share
    return reasons


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)

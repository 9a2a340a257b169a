"""The report of an evaluation: recall by budget, where gold documents are lost, every question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from docsearch_cli.evaluation.asking import AskedQuestion
from docsearch_cli.evaluation.loss_scores import Losses
from docsearch_cli.evaluation.loss_words import REASON_WORDS, STAGE_WORDS
from docsearch_cli.evaluation.losses import FOUND_RANKS, Loss
from docsearch_cli.evaluation.measures import BudgetScores, Evaluation
from docsearch_cli.graph.edge_kinds import label_words
from docsearch_cli.report.page import render_page
from docsearch_cli.report.recall_chart import ChartPoint, draw_recall

# Of a normal distribution, so many standard errors to each side hold 95 %.
_ERRORS_95 = 1.96
_FILTERS = (
    ("missed", "miss a gold document"),
    ("not_seeded", "miss one that was not seeded"),
    ("not_reached", "miss one that was not reached"),
    ("not_ranked", "miss one that was ranked too low"),
    ("not_quoted", "have no quote with the answer"),
    ("not_indexed", "have one that is not in the index"),
    ("found", "found all"),
    ("unanswerable", "have no answer"),
    ("failed", "failed"),
)


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """What is said of a budget; shares are 0 to 1."""

    scores: BudgetScores
    low: float | None
    """Lower end of the 95 % interval of R@5; None where one question alone gives none."""
    high: float | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """What is said of a question."""

    asked: AskedQuestion
    recalls: tuple[float | None, ...]
    """R@5 for each budget; None where there are no gold documents."""
    losses: tuple[tuple[Loss, str], ...]
    """Of the largest budget, each gold document with what became of it, in words."""
    kinds: str
    """What a reader can choose it by."""


def eval_report(
    name: str,
    asked: Sequence[AskedQuestion],
    result: Evaluation,
    losses: Losses,
    *,
    conditions: str = "",
) -> str:
    """Return the report of an evaluation.

    Args:
        name: Of the file of questions.
        asked: The questions, asked with their losses.
        result: What the searches scored.
        losses: Where gold documents are lost.
        conditions: What pages had to have in every question, in words.

    Returns:
        One HTML document, the same for the same values.
    """
    budgets = [_budget_row(asked, place, item) for place, item in enumerate(result.budgets)]
    points = [
        ChartPoint(row.scores.max_agents, row.scores.recall_at_5, row.low, row.high, keyword)
        for row, keyword in zip(budgets, _keyword_recalls(losses), strict=True)
    ]
    return render_page(
        "eval.html",
        title=f"{name} – docsearch eval",
        name=name,
        conditions=conditions,
        result=result,
        budgets=budgets,
        chart=draw_recall(points),
        has_keyword=any(point.keyword is not None for point in points),
        lost=losses,
        stages=_stage_rows(losses),
        questions=[_question_row(item) for item in asked],
        filters=_FILTERS,
    )


def mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the 95 % interval of a mean of shares: two standard errors, within 0 and 1.

    Args:
        values: Shares, 0 to 1.

    Returns:
        Its ends; None for fewer than two values.
    """
    count = len(values)
    if count < 2:
        return None
    mean = sum(values) / count
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (count - 1))
    half = _ERRORS_95 * deviation / math.sqrt(count)
    return max(0.0, mean - half), min(1.0, mean + half)


def _recall_at_5(item: AskedQuestion, place: int) -> float | None:
    gold = item.question.gold
    if not gold:
        return None
    first = item.predictions[place].documents[:FOUND_RANKS]
    return sum(path in first for path in gold) / len(gold)


def _budget_row(asked: Sequence[AskedQuestion], place: int, scores: BudgetScores) -> BudgetRow:
    recalls = [_recall_at_5(item, place) for item in asked]
    interval = mean_interval([value for value in recalls if value is not None])
    return BudgetRow(scores, *(interval or (None, None)))


def _keyword_recalls(losses: Losses) -> list[float | None]:
    read = [budget.keyword_reading for budget in losses.budgets]
    return [item.recall_at_5 if item is not None else None for item in read]


def _stage_rows(losses: Losses) -> list[tuple[str, bool, list[float]]]:
    """Return the rows of the table of losses: words, whether it is a reason, a share a budget."""
    rows = []
    for stage, words in STAGE_WORDS.items():
        rows.append((words, False, [budget.stages[stage] for budget in losses.budgets]))
        for reason, meaning in REASON_WORDS.get(stage, {}).items():
            parts = [budget.reasons.get(stage, {}).get(reason, 0.0) for budget in losses.budgets]
            if any(parts):
                rows.append((meaning, True, parts))
    return rows


def _question_row(item: AskedQuestion) -> QuestionRow:
    losses = item.losses[-1] if item.losses else ()
    stages = sorted({str(loss.stage) for loss in losses} - {"found"})
    more = {
        "missed": bool(stages),
        "found": bool(losses) and not stages,
        "unanswerable": item.question.is_unanswerable,
        "failed": any(prediction.failed for prediction in item.predictions),
    }
    return QuestionRow(
        asked=item,
        recalls=tuple(_recall_at_5(item, place) for place in range(len(item.predictions))),
        losses=tuple((loss, _loss_words(loss)) for loss in losses),
        kinds=" ".join([*stages, *(name for name, holds in more.items() if holds)]),
    )


def _loss_words(loss: Loss) -> str:
    """Return what became of a gold document, in words."""
    words = STAGE_WORDS[loss.stage].partition(":")[0]
    parts = [REASON_WORDS.get(loss.stage, {}).get(loss.reason, "")]
    if loss.rank is not None:
        parts.append(f"ranked {loss.rank}")
    if loss.keyword_rank is not None and loss.stage != "found":
        parts.append(f"keyword rank {loss.keyword_rank}")
    if loss.edge is not None and loss.stage != "found":
        parts.append(f"seen on {loss.edge.path} by {label_words(loss.edge.label)}")
    said = ", ".join(filter(None, parts))
    return f"{words}: {said}" if said else words

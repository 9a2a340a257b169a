"""Whether a language model pays: what it found and cost, beside the local agent's searches.

Both are asked the same questions under the same budgets, so the difference is taken question by
question. What a search asked counts as if nothing of it had been in the cache: it is what the
question costs that is asked alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docsearch_cli.evaluation.answers import holds_answer
from docsearch_cli.evaluation.asking import AskedQuestion, Prediction
from docsearch_cli.evaluation.intervals import Interval, bootstrap
from docsearch_cli.evaluation.measures import BudgetScores, score_questions
from docsearch_cli.evaluation.questions import GoldQuestion

SHARES = ("recall_at_5", "all_at_5", "answers_found")
"""What is compared, each a share of 0 to 1."""
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class ModelBudget:
    """A budget's means, with their intervals."""

    max_agents: int
    shares: dict[str, Interval]
    """By name in ``SHARES``; without a share that no question has."""
    requests: Interval
    model_tokens: Interval
    """In and out, as the provider counts them."""
    cost_usd: Interval | None
    """None if the model's price is not known."""
    degraded: float
    """Pages at which something stood in for the agent."""
    answers_written: float | None
    """Share of the questions whose written answer holds the answer's words; None if none has."""
    gains: dict[str, Interval]
    """What each share is above the local agent's; empty where that was not asked."""

    def to_dict(self) -> dict[str, Any]:
        """Return the budget as the JSON result shows it."""
        return {
            "max_agents": self.max_agents,
            **{name: item._asdict() for name, item in self.shares.items()},
            "requests": self.requests._asdict(),
            "model_tokens": self.model_tokens._asdict(),
            "cost_usd": self.cost_usd._asdict() if self.cost_usd is not None else None,
            "degraded": self.degraded,
            "answers_written": self.answers_written,
            "gains": {name: item._asdict() for name, item in self.gains.items()},
        }


@dataclass(frozen=True, slots=True)
class ModelScores:
    """What a model found and cost under each budget."""

    budgets: tuple[ModelBudget, ...]
    """Those above 0."""
    local: tuple[BudgetScores, ...]
    """The local agent's; empty if it explored itself."""
    per_question: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the scores as the JSON result shows them."""
        return {
            "budgets": [item.to_dict() for item in self.budgets],
            "per_question": list(self.per_question),
        }


def score_model(
    asked: Sequence[AskedQuestion], budgets: Sequence[int], *, is_priced: bool
) -> ModelScores:
    """Return what a model found and cost, over all questions that have gold documents.

    Args:
        asked: The questions, at least one of them with gold documents.
        budgets: Most agents of each prediction, in their order.
        is_priced: Whether the model's price is known.

    Returns:
        The scores.
    """
    scored = [item for item in asked if item.question.gold]
    local: tuple[BudgetScores, ...] = ()
    if scored[0].beside:
        beside = [replace(item, predictions=item.beside) for item in asked]
        local = score_questions(beside, budgets).budgets
    return ModelScores(
        tuple(
            _score_budget(scored, place, budget, is_priced=is_priced)
            for place, budget in enumerate(budgets)
            if budget
        ),
        local,
        tuple(_row(item, budgets, is_priced=is_priced) for item in asked),
    )


def _score_budget(
    scored: Sequence[AskedQuestion], place: int, budget: int, *, is_priced: bool
) -> ModelBudget:
    found = [item.predictions[place] for item in scored]
    own = [question_shares(item.question, item.predictions[place]) for item in scored]
    local = [question_shares(item.question, item.beside[place]) for item in scored if item.beside]
    written = [holds_answer(item.question.answers, p.written or "")
               for item, p in zip(scored, found, strict=True)]  # fmt: skip
    known = [float(value) for value in written if value is not None]
    has_written = any(item.written is not None for item in found)

    def mean_of(count: Callable[[Prediction], float], digits: int) -> Interval:
        return bootstrap([count(item) for item in found], digits)

    return ModelBudget(
        max_agents=budget,
        shares=_intervals(own, [{}] * len(own)),
        requests=mean_of(lambda item: item.asked.requests, 2),
        model_tokens=mean_of(lambda item: item.asked.tokens, 1),
        cost_usd=mean_of(lambda item: item.asked.micro_usd / _MICRO, 6) if is_priced else None,
        degraded=mean_of(lambda item: item.degraded, 4).mean,
        answers_written=round(sum(known) / len(known), 4) if known and has_written else None,
        gains=_intervals(own, local) if local else {},
    )


def _intervals(
    own: Sequence[dict[str, float]], less: Sequence[dict[str, float]]
) -> dict[str, Interval]:
    """Return the mean of each share, or of what it is above another one."""
    found = {}
    for name in SHARES:
        values = [
            item[name] - other.get(name, 0.0)
            for item, other in zip(own, less, strict=True)
            if name in item
        ]
        if values:
            found[name] = bootstrap(values)
    return found


def question_shares(question: GoldQuestion, prediction: Prediction) -> dict[str, float]:
    """Return how good one search was, by name in ``SHARES``; without a share that it has not."""
    if not question.gold:
        return {}
    recall = sum(path in prediction.documents[:5] for path in question.gold) / len(question.gold)
    shares = {"recall_at_5": round(recall, 4), "all_at_5": float(recall == 1)}
    has_answer = holds_answer(question.answers, prediction.evidence_text)
    return shares if has_answer is None else {**shares, "answers_found": float(has_answer)}


def _row(item: AskedQuestion, budgets: Sequence[int], *, is_priced: bool) -> dict[str, Any]:
    """Return what a question found and cost under each budget."""
    rows = []
    for place, budget in enumerate(budgets):
        prediction = item.predictions[place]
        row: dict[str, Any] = {
            "max_agents": budget,
            **question_shares(item.question, prediction),
            "requests": prediction.asked.requests,
            "model_tokens": prediction.asked.tokens,
            "cost_usd": prediction.asked.micro_usd / _MICRO if is_priced else None,
        }
        if item.beside:
            row["local"] = question_shares(item.question, item.beside[place])
        rows.append(row)
    return {"id": item.question.id, "budgets": rows}

"""How good a search is: measures averaged over questions with known answers.

The measures are those of the field. *R@k* is the share of the gold documents among the first k of
the final ranking; *All@k* is 1 where all of them are there. *Ans* is 1 where the quotes that are
handed back contain the answer's words; a question whose answer is yes, no or one letter has no
*Ans*. Questions without gold documents are left out of the means; those that have no answer either
are *unanswerable*: with the questions that have gold documents, "not found" is measured on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from docsearch_cli.evaluation.answers import holds_answer
from docsearch_cli.evaluation.asking import WHOLE_DOCUMENTS, AskedQuestion, Prediction

# A budget is as good as the best one if its R@5 is within this: a few hundred questions cannot show
# a smaller difference.
_NEAR = 0.01


@dataclass(frozen=True, slots=True)
class BudgetScores:
    """Means of one budget; shares are 0 to 1."""

    max_agents: int
    questions: int
    """The number that the means are over: those with gold documents."""
    recall_at_2: float
    recall_at_5: float
    recall_at_10: float
    all_at_5: float
    documents_opened: float
    """Distinct documents that agents opened."""
    recall_opened: float | None
    """Share of the gold documents among those; None for the keyword search, which opens none."""
    recall_keyword: float | None
    """The same among as many documents of the plain keyword ranking, question by question."""
    answers_found: float | None
    """Ans; None if no question has an answer that can be looked for."""
    not_found_precision: float | None
    """Of the questions answered "not found", the share that is unanswerable; None if no question is
    either."""
    not_found_recall: float | None
    """Of the unanswerable questions, the share answered "not found"; None if there are none."""
    wrongly_not_found: int
    """Questions with gold documents that were answered "not found"."""
    failed: int
    """Questions whose search failed: they count as found nothing."""
    agents_used: float
    tokens_read: float
    tokens_returned: float
    fewer_tokens: float | None
    """Share by which fewer tokens are returned than the first five documents hold; negative if
    more are."""
    mean_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures of a file of questions."""

    questions: int
    """All that were asked, including those without gold documents."""
    scored: int
    unanswerable: int
    """Those with neither gold documents nor an answer."""
    budgets: tuple[BudgetScores, ...]
    whole_documents: int
    """Documents from the top of the keyword ranking that the answers are compared with."""
    whole_tokens: float
    """Their tokens, read whole."""
    whole_recall: float
    """Share of the gold documents among them."""
    suggested_max_agents: int
    """The smallest budget whose R@5 is within one point of the best."""

    def to_dict(self) -> dict[str, Any]:
        """Return the ``data`` of the JSON result: the fields as they are named here."""
        return asdict(self)


def score_questions(asked: Sequence[AskedQuestion], budgets: Sequence[int]) -> Evaluation:
    """Return the means over all questions that have gold documents.

    Args:
        asked: The questions, at least one of them with gold documents.
        budgets: Most agents of each prediction, in their order.

    Returns:
        The scores of every budget and of the baselines.
    """
    scored = [item for item in asked if item.question.gold]
    whole = [item.keyword_documents[:WHOLE_DOCUMENTS] for item in scored]
    whole_tokens = _mean([item.whole_tokens for item in scored])
    unanswerable = [item for item in asked if item.question.is_unanswerable]
    scores = tuple(
        _score_budget(scored, unanswerable, place, budget, whole_tokens)
        for place, budget in enumerate(budgets)
    )
    return Evaluation(
        questions=len(asked),
        scored=len(scored),
        unanswerable=len(unanswerable),
        budgets=scores,
        whole_documents=WHOLE_DOCUMENTS,
        whole_tokens=whole_tokens,
        whole_recall=_mean(_shares(scored, whole)),
        suggested_max_agents=suggest_budget(scores),
    )


def suggest_budget(scores: Sequence[BudgetScores]) -> int:
    """Return the smallest budget whose R@5 is within one point of the best."""
    best = max(item.recall_at_5 for item in scores)
    near = [item.max_agents for item in scores if round(best - item.recall_at_5, 4) <= _NEAR]
    return min(near)


def _score_budget(
    scored: Sequence[AskedQuestion],
    unanswerable: Sequence[AskedQuestion],
    place: int,
    budget: int,
    whole_tokens: float,
) -> BudgetScores:
    found = [item.predictions[place] for item in scored]
    as_many = [
        item.keyword_documents[: len(prediction.opened)]
        for item, prediction in zip(scored, found, strict=True)
    ]
    at_5 = _shares(scored, [item.documents[:5] for item in found])
    answers = [
        holds_answer(item.question.answers, prediction.evidence_text)
        for item, prediction in zip(scored, found, strict=True)
    ]
    times = sorted(item.ms for item in found)
    returned = _mean([item.tokens_returned for item in found])
    wrongly = sum(_says_not_found(item) for item in found)
    rightly = sum(_says_not_found(item.predictions[place]) for item in unanswerable)
    return BudgetScores(
        max_agents=budget,
        questions=len(scored),
        recall_at_2=_mean(_shares(scored, [item.documents[:2] for item in found])),
        recall_at_5=_mean(at_5),
        recall_at_10=_mean(_shares(scored, [item.documents[:10] for item in found])),
        all_at_5=_mean([float(share == 1) for share in at_5]),
        documents_opened=_mean([len(item.opened) for item in found]),
        recall_opened=_mean(_shares(scored, [item.opened for item in found])) if budget else None,
        recall_keyword=_mean(_shares(scored, as_many)) if budget else None,
        answers_found=_mean_of_known(answers),
        not_found_precision=_share(rightly, rightly + wrongly) if unanswerable else None,
        not_found_recall=_share(rightly, len(unanswerable)),
        wrongly_not_found=wrongly,
        failed=sum(item.predictions[place].failed for item in (*scored, *unanswerable)),
        agents_used=_mean([item.agents_used for item in found]),
        tokens_read=_mean([item.tokens_read for item in found]),
        tokens_returned=returned,
        fewer_tokens=round(1 - returned / whole_tokens, 4) if whole_tokens else None,
        mean_ms=_mean(times),
        p95_ms=times[int(0.95 * (len(times) - 1))],
    )


def _says_not_found(prediction: Prediction) -> bool:
    return not (prediction.found or prediction.failed)


def _shares(scored: Sequence[AskedQuestion], documents: Sequence[Sequence[str]]) -> list[float]:
    """Return, for each question, the share of its gold documents among some documents."""
    return [
        sum(path in found for path in item.question.gold) / len(item.question.gold)
        for item, found in zip(scored, documents, strict=True)
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)


def _mean_of_known(values: Iterable[bool | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return _mean(known) if known else None

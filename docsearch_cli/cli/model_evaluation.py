"""``docsearch eval`` where a language model is asked: what it may spend, and whether it paid.

Nothing is asked before a person has said what all questions together may cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docsearch_cli.cli.output import Output, counted
from docsearch_cli.errors import UsageError
from docsearch_cli.evaluation.asking import search_options
from docsearch_cli.evaluation.explorer import UNLIMITED, Explorer, Purse, most_asked
from docsearch_cli.run_limits import dollars
from docsearch_cli.search.models import check_price, model_terms
from docsearch_cli.steps import NOTHING, Amount

if TYPE_CHECKING:
    from docsearch_cli.config import Settings
    from docsearch_cli.evaluation.intervals import Interval
    from docsearch_cli.evaluation.measures import BudgetScores, Evaluation
    from docsearch_cli.evaluation.model_scores import ModelBudget, ModelScores

# A bound says what an evaluation may cost; what some questions did cost says what to expect.
_RUNS_BEFORE = 3
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class ModelBill:
    """What an evaluation may ask of a model."""

    explorer: Explorer
    model: str
    is_priced: bool
    purse: Purse
    questions: int
    bounds: tuple[tuple[int, Amount], ...]
    """By budget: the most that one question may ask."""
    max_requests: int | None
    """As it was said; None for no limit."""
    max_cost: int | None
    """Millionths of a dollar; None for no limit."""

    @property
    def most(self) -> Amount:
        """The most that all questions may ask, whatever was said."""
        asked = sum((bound for _, bound in self.bounds), NOTHING) * self.questions
        whole = self.purse.most
        return Amount(
            min(asked.requests, whole.requests),
            min(asked.tokens, whole.tokens),
            min(asked.micro_usd, whole.micro_usd),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the model and its limits as the JSON result shows them."""
        return {
            "agent": self.explorer.agent,
            "name": self.model,
            "answer": self.explorer.answer,
            "max_requests": self.max_requests,
            "max_cost_usd": None if self.max_cost is None else self.max_cost / _MICRO,
        }

    def amount(self, amount: Amount) -> dict[str, Any]:
        """Return an amount as the JSON result shows it."""
        return {
            "requests": amount.requests,
            "model_tokens": amount.tokens,
            "cost_usd": amount.micro_usd / _MICRO if self.is_priced else None,
        }

    def words(self, amount: Amount) -> str:
        """Return an amount in words."""
        said = f"{counted(amount.requests, 'request')}, {amount.tokens:,} tokens"
        return f"{said}, {dollars(amount.micro_usd)}" if self.is_priced else said


def open_bill(
    explorer: Explorer,
    settings: Settings,
    budgets: Sequence[int],
    questions: int,
    *,
    max_requests: int | None,
    max_cost: int | None,
) -> ModelBill:
    """Work out what an evaluation may ask of a model.

    Args:
        explorer: Who is asked.
        settings: With the limits of each question.
        budgets: Most agents of each search.
        questions: How many are asked.
        max_requests: Most requests of all together; None for no limit.
        max_cost: The same in millionths of a dollar.

    Returns:
        The bill.

    Raises:
        UsageError: If no model is named, or its cost is limited and nobody knows it, or every
            budget is 0.
    """
    options = search_options(settings, budgets, explorer)
    bounds = tuple((o.settings["max_agents"], most_asked(o)) for o in options if o.mode == "deep")
    if not bounds:
        raise UsageError("the keyword search asks no model", hint="--agents 0,20, for example")
    from docsearch_cli.explore.agents.table import find_agent

    terms = model_terms(find_agent(explorer.agent), options[-1])
    if max_cost is not None:
        check_price(terms, replace(settings.run_limits(), max_cost=max_cost))
    most = Amount(
        UNLIMITED.requests if max_requests is None else max_requests,
        UNLIMITED.tokens,
        UNLIMITED.micro_usd if max_cost is None else max_cost,
    )
    return ModelBill(
        explorer,
        terms.name,
        terms.price is not None,
        Purse(most),
        questions,
        bounds,
        max_requests,
        max_cost,
    )


def check_bill(bill: ModelBill) -> None:
    """Refuse to ask a model under no limit, or under one that no question fits.

    Args:
        bill: Of the evaluation.

    Raises:
        UsageError: What the limits must be.
    """
    if bill.max_requests is None and bill.max_cost is None:
        raise UsageError(
            f"{counted(bill.questions, 'question')} may come to {bill.words(bill.most)}: say how "
            "much all of them may",
            hint=f"{'--max-cost USD or ' if bill.is_priced else ''}--max-requests N; --dry-run "
            "shows the bound of each budget and what questions took before",
        )
    budget, bound = bill.bounds[-1]
    if not bound.fits(bill.purse.most):
        raise UsageError(
            f"one question with {counted(budget, 'agent')} may come to {bill.words(bound)}, which "
            "is more than all questions may",
            hint="raise the limit, give smaller --agents, or bound a question: "
            "--question-max-requests N, --question-max-cost USD",
        )


def show_bill(output: Output, bill: ModelBill, home: Path) -> None:
    """Print the most that an evaluation may ask, and what questions took before.

    Args:
        output: Where to.
        bill: Of the evaluation.
        home: The ``.docsearch`` folder, for earlier runs.
    """
    from docsearch_cli.runs.spending import last_paid_runs
    from docsearch_cli.search.result import in_dollars

    before = last_paid_runs(home, bill.model, _RUNS_BEFORE)
    if output.as_json:
        output.result({
            "questions": bill.questions,
            "model": bill.to_dict(),
            "budgets": [
                {"max_agents": budget, "question": bill.amount(bound),
                 "all": bill.amount(bound * bill.questions)}
                for budget, bound in bill.bounds
            ],
            "most": bill.amount(bill.most),
            "before": [
                in_dollars({"run_id": run.run_id, "requests": run.requests,
                            "model_tokens": run.model_tokens,
                            "cost_micro_usd": run.cost_micro_usd})
                for run in before
            ],
        })  # fmt: skip
        return
    output.show(f"{counted(bill.questions, 'question')}, {bill.model}; nothing was asked")
    output.show("at most")
    for budget, bound in bill.bounds:
        output.show(f"   {budget:>5} agents: {bill.words(bound)} a question")
    output.show(f"   all of it: {bill.words(bill.most)}")
    for run in before:
        cost = "" if run.cost_micro_usd is None else f", {dollars(run.cost_micro_usd)}"
        took = f"{counted(run.requests, 'request')}, {run.model_tokens:,} tokens{cost}"
        output.show(f"run {run.run_id}, one question, took {took}")
    output.show("budgets share replies: an equal request is sent once")


def model_data(bill: ModelBill, scores: ModelScores, asked: int) -> dict[str, Any]:
    """Return what the JSON result says of a model.

    Args:
        bill: Of the evaluation.
        scores: What was found.
        asked: How many questions were asked.

    Returns:
        The members ``model`` and ``local``.
    """
    from dataclasses import asdict

    model = {
        **bill.to_dict(),
        "questions_asked": asked,
        "complete": not bill.purse.is_empty,
        "spent": bill.amount(bill.purse.spent),
        **scores.to_dict(),
    }
    return {"model": model, "local": [asdict(item) for item in scores.local]}


def show_model(output: Output, bill: ModelBill, result: Evaluation, scores: ModelScores) -> None:
    """Print what a model found and cost, beside the local agent.

    Args:
        output: Where to.
        bill: Of the evaluation.
        result: What the searches scored.
        scores: The same of the model.
    """
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    names = ("R@2", "R@5", "95 %", "All@5", "Ans", "95 %", "docs", "requests", "tokens", "cost")
    for name in ("agents", "by", *names):
        table.add_column(name, justify="left" if name == "by" else "right", no_wrap=True)
    by = {item.max_agents: item for item in scores.budgets}
    local = {item.max_agents: item for item in scores.local}
    for item in result.budgets:
        model = by.get(item.max_agents)
        name = bill.explorer.agent if model is not None else "keywords"
        table.add_row(*_cells(item, name, model))
        if model is not None and item.max_agents in local:
            table.add_row(*_cells(local[item.max_agents], "local", None))
    output.show_table(table)
    output.show("")
    for line in _model_lines(bill, result, scores):
        output.show(line)


def _cells(item: BudgetScores, name: str, model: ModelBudget | None) -> Iterator[str]:
    shares = model.shares if model is not None else {}
    yield str(item.max_agents)
    yield name
    yield _percent(item.recall_at_2)
    yield _percent(item.recall_at_5)
    yield _ends(shares.get("recall_at_5"))
    yield _percent(item.all_at_5)
    yield _percent(item.answers_found)
    yield _ends(shares.get("answers_found"))
    yield f"{item.documents_opened:.1f}" if item.max_agents else "-"
    if model is None:
        yield from ("-", "-", "-")
        return
    yield f"{model.requests.mean:.1f}"
    yield f"{model.model_tokens.mean:,.0f}"
    cost = model.cost_usd
    yield "-" if cost is None else dollars(round(cost.mean * _MICRO))


def _model_lines(bill: ModelBill, result: Evaluation, scores: ModelScores) -> Iterator[str]:
    yield (
        f"{counted(result.questions, 'question')}; shares in percent; requests, tokens and cost a "
        "question, as if no reply had been in the cache"
    )
    for item in scores.budgets:
        gains = [
            f"{words} {100 * gain.mean:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
            for name, words in (("recall_at_5", "R@5"), ("answers_found", "Ans"))
            if (gain := item.gains.get(name)) is not None
        ]
        if gains:
            yield f"{item.max_agents} agents, beside the local agent: {', '.join(gains)}"
        if item.answers_written is not None:
            yield f"{item.max_agents} agents: {item.answers_written:.1%} of the answers written"
        if item.degraded:
            yield f"{item.max_agents} agents: something stood in at {item.degraded:.2f} pages each"
    yield f"sent in all: {bill.words(bill.purse.spent)}"
    if bill.purse.is_empty:
        yield (
            f"asked {result.questions:,} of {bill.questions:,} questions: the next search might "
            "have asked more than was left"
        )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _ends(interval: Interval | None) -> str:
    return "-" if interval is None else f"{100 * interval.low:.1f}-{100 * interval.high:.1f}"

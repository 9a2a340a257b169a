"""What a run asked of a language model in all, as its ending says it and as it is paid for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from docsearch_cli.engine.exchanges import ExchangeOrigin
from docsearch_cli.errors import DocsearchError
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.catalog import opened_run, run_ids
from docsearch_cli.runs.limits import LimitSchedule
from docsearch_cli.runs.trace import Trace
from docsearch_cli.steps import NOTHING, Amount


@dataclass(frozen=True, slots=True)
class Spent:
    """What was sent to a model, and what was not, since the reply was known."""

    paid: Amount = NOTHING
    """Of the requests that were sent; of one without a reply, all that it may have cost."""
    cached: int = 0
    """Replies that came from the cache."""

    def plus(self, origin: ExchangeOrigin, charged: Amount) -> Spent:
        """Return what it is with one more request."""
        if origin == "sent":
            return Spent(self.paid + charged, self.cached)
        return Spent(self.paid, self.cached + (origin == "cache"))


NOTHING_SPENT = Spent()


def spending_of(trace: Trace) -> Spent:
    """Return what a recorded run asked of a model, also in steps that never ended."""
    found = Spent()
    for row in (*trace.steps, *trace.fixed):
        for item in row.exchanges:
            found = found.plus(item.origin, item.charged)
    return found


def answering_of(trace: Trace) -> Amount:
    """Return what writing the answer asked, every time that it was begun."""
    return sum((row.spent for row in trace.fixed), NOTHING)


def spending_budget(schedule: LimitSchedule, spending: Spent) -> dict[str, int]:
    """Return the part of a budget that a run has whose agent asks a model.

    Args:
        schedule: The run's limits and models.
        spending: What it asked.

    Returns:
        Requests, tokens and, if every model's price is known, cost in millionths of a dollar;
        nothing for a run that asks no model.
    """
    models = [terms for _, terms in schedule.models]
    if not models[0].name:
        return {}
    limits = schedule.last
    budget = {
        "max_requests": limits.max_requests,
        "requests": spending.paid.requests,
        "cached_replies": spending.cached,
        "model_tokens": spending.paid.tokens,
    }
    if all(terms.price is not None for terms in models):
        budget["max_cost_micro_usd"] = limits.max_cost
        budget["cost_micro_usd"] = spending.paid.micro_usd
    return budget


@dataclass(frozen=True, slots=True)
class PaidRun:
    """What a run asked of a model in all."""

    run_id: str
    requests: int
    model_tokens: int
    cost_micro_usd: int | None
    """None where the model's price was not known."""


def last_paid_runs(home: Path, model: str, most: int) -> list[PaidRun]:
    """Return what the last runs cost that asked a model.

    Args:
        home: The ``.docsearch`` folder.
        model: Provider and name.
        most: Most runs to return.

    Returns:
        The runs, the latest first: none that never ended, and no fork, which shares what another
        run paid for.
    """
    found: list[tuple[str, PaidRun]] = []
    for run_id in run_ids(home):
        try:
            with opened_run(home, run_id) as store, making_sense():
                first, last = store.ends()
                facts, ending = first.data, last.data
                is_other = facts.get("model", {}).get("name") != model or facts["fork"] is not None
                if is_other or "budget" not in ending:
                    continue
                budget = ending["budget"]
                paid = PaidRun(
                    run_id,
                    budget["requests"],
                    budget["model_tokens"],
                    budget.get("cost_micro_usd"),
                )
                found.append((facts["created_at"], paid))
        except DocsearchError:
            continue
    found.sort(key=lambda item: (item[0], item[1].run_id), reverse=True)
    return [paid for _, paid in found[:most]]

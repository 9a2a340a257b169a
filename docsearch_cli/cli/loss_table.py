"""What ``docsearch eval --losses`` prints: stages in words, a column a budget; then a row a budget.

A reason that nothing was lost by has no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from docsearch_cli.cli.output import counted
from docsearch_cli.evaluation.loss_words import REASON_WORDS, STAGE_WORDS

if TYPE_CHECKING:
    from docsearch_cli.evaluation.loss_scores import Found, Losses

# What a search can lose at; the last stage has a row only where a gold document is missing.
_ALWAYS_SHOWN = ("found", "not_quoted", "not_ranked", "not_seeded", "not_reached")


def loss_table(losses: Losses) -> Any:
    """Return where the gold documents are lost: a row a stage, a column a budget."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("most agents")
    for budget in losses.budgets:
        table.add_column(str(budget.max_agents), justify="right", no_wrap=True)
    for words, shares in _rows(losses):
        table.add_row(words, *map(_percent, shares))
    return table


def reading_table(losses: Losses) -> Any:
    """Return what exploring finds beside the keyword ranking read as deep: a row a budget."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("agents", "used", "R@5", "All@5", "Ans", "kw R@5", "kw All@5", "kw Ans"):
        table.add_column(name, justify="right")
    for budget in losses.budgets:
        table.add_row(
            str(budget.max_agents),
            f"{budget.agents_used:.1f}",
            *map(_percent, (*_shares(budget.explored), *_shares(budget.keyword_reading))),
        )
    return table


def loss_lines(losses: Losses) -> list[str]:
    """Return what a reader has to know of the tables."""
    asked = counted(losses.questions, "question")
    gold = counted(losses.gold_documents, "gold document")
    lines = [
        f"{asked} with {gold}; percent, every question counts the same",
        "kw: the keyword ranking read as deep: as many agents open its next pages, and no edge",
    ]
    if losses.without_gold:
        asked = counted(losses.without_gold, "question")
        lines.append(f"{asked} without gold documents left out")
    if losses.not_indexed:
        missing = counted(losses.not_indexed, "gold document")
        lines.append(f"{missing} not in the index: not to be found by any search")
    if losses.answers:
        lines.append(
            f"the gold documents hold the answer word for word for {losses.answers_in_gold:,} of "
            f"the {losses.answers:,} questions that have one"
        )
    return lines


def _rows(losses: Losses) -> Iterator[tuple[str, list[float | None]]]:
    """Yield the rows of the table of losses: its words, and a share a budget."""
    budgets = losses.budgets
    for stage, words in STAGE_WORDS.items():
        shares = [budget.stages[stage] for budget in budgets]
        if any(shares) or stage in _ALWAYS_SHOWN:
            yield words, [*shares]
        for reason, meaning in REASON_WORDS.get(stage, {}).items():
            parts = [budget.reasons.get(stage, {}).get(reason, 0.0) for budget in budgets]
            if any(parts):
                yield f"  {meaning}", [*parts]
    if any(budget.best_ranking is not None for budget in budgets):
        yield (
            "at best: what was opened, ranked best",
            [budget.best_ranking for budget in budgets],
        )
        yield (
            "at best: as many documents of the keyword ranking",
            [budget.keyword_documents for budget in budgets],
        )


def _shares(found: Found | None) -> tuple[float | None, float | None, float | None]:
    if found is None:
        return None, None, None
    return found.recall_at_5, found.all_at_5, found.answers_found


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"

"""What ``docsearch eval`` prints: a row a budget, and what that comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docsearch_cli.cli.output import counted

if TYPE_CHECKING:
    from docsearch_cli.evaluation.measures import BudgetScores, Evaluation


def budget_table(result: Evaluation) -> Any:
    """Return the recall of each budget: a row a budget."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    names = ("agents", "R@2", "R@5", "R@10", "All@5", "Ans", "docs", "found", "BM25")
    judged = ("nf-P", "nf-R") if result.unanswerable else ()
    for name in (*names, "read", "returned", "ms", *judged):
        table.add_column(name, justify="right")
    for item in result.budgets:
        shares = (item.recall_at_2, item.recall_at_5, item.recall_at_10, item.all_at_5)
        table.add_row(
            str(item.max_agents),
            *(_percent(share) for share in (*shares, item.answers_found)),
            f"{item.documents_opened:.1f}" if item.max_agents else "-",
            _percent(item.recall_opened),
            _percent(item.recall_keyword),
            f"{item.tokens_read:.0f}",
            f"{item.tokens_returned:.0f}",
            f"{item.mean_ms:.1f}",
            *map(_percent, (item.not_found_precision, item.not_found_recall)[: len(judged)]),
        )
    return table


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def budget_lines(result: Evaluation) -> list[str]:
    """Return what is said below the table."""
    asked = f"{result.questions:,} question{'' if result.questions == 1 else 's'}"
    left_out = result.questions - result.scored - result.unanswerable
    if result.unanswerable:
        asked += f", {result.unanswerable:,} of them unanswerable"
    if left_out:
        asked += f", {left_out:,} without gold documents left out"
    suggested = result.suggested_max_agents
    chosen = next(item for item in result.budgets if item.max_agents == suggested)
    return [
        f"{asked}; shares in percent, tokens and ms a question",
        *_explored_lines(result),
        *failed_lines(result),
        *_not_found_lines(result),
        f"first {result.whole_documents} documents of the keyword ranking, whole: "
        f"{result.whole_tokens:,.0f} tokens, {result.whole_recall:.1%} of the gold",
        *_suggestion_lines(result),
        _returned(chosen),
    ]


def _explored_lines(result: Evaluation) -> list[str]:
    """Return what the columns about opened documents mean, if anything was opened."""
    if all(item.max_agents == 0 for item in result.budgets):
        return []
    return [
        "found: gold among the documents that agents opened; "
        "BM25: among as many of the keyword ranking"
    ]


def _suggestion_lines(result: Evaluation) -> list[str]:
    """Return which budget is enough; of one budget alone there is nothing to choose."""
    if len(result.budgets) < 2:
        return []
    suggested = result.suggested_max_agents
    how = f"--max-agents {suggested}" if suggested else "--simple"
    best = max(item.recall_at_5 for item in result.budgets)
    if not best:
        return ["no budget is suggested: none ranked a gold document among the first five"]
    return [f"suggested: {how}, the smallest budget within one point of the best R@5, {best:.1%}"]


def failed_lines(result: Evaluation) -> list[str]:
    """Return how many searches failed, if any did."""
    failed = max(item.failed for item in result.budgets)
    return [f"{counted(failed, 'question')} failed: nothing was found there"] if failed else []


def _not_found_lines(result: Evaluation) -> list[str]:
    wrongly = max(item.wrongly_not_found for item in result.budgets)
    if not result.unanswerable:
        return [f'"not found" was said of {wrongly:,} of them'] if wrongly else []
    return [
        'nf-P, nf-R: precision and recall of "not found"; '
        f"it was said of {wrongly:,} of the {result.scored:,} with gold documents"
    ]


def _returned(item: BudgetScores) -> str:
    """Return what is handed back instead of whole pages."""
    said = f"returned {item.tokens_returned:,.0f} tokens"
    if item.fewer_tokens is None:
        return said
    more = "more" if item.fewer_tokens < 0 else "fewer"
    share = f"{abs(item.fewer_tokens):.0%}"
    if item.fewer_tokens > 0.995 and item.tokens_returned:
        share = "over 99%"  # what is handed back is never nothing
    return f"{said}, {share} {more} than the first five documents whole"

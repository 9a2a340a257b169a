"""What ``docsearch eval`` gives: files, the JSON result, and tables for a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docsearch_cli.cli.evaluation_table import budget_lines, budget_table, failed_lines
from docsearch_cli.cli.written_file import write_file

if TYPE_CHECKING:
    from docsearch_cli.cli.evaluation_checks import GoldDocuments
    from docsearch_cli.cli.model_evaluation import ModelBill
    from docsearch_cli.cli.output import Output
    from docsearch_cli.evaluation.asking import AskedQuestion
    from docsearch_cli.evaluation.loss_scores import Losses
    from docsearch_cli.evaluation.measures import Evaluation
    from docsearch_cli.evaluation.model_scores import ModelScores
    from docsearch_cli.retrieval.conditions import Condition


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured."""

    name: str
    """Of the file of questions."""
    asked: list[AskedQuestion]
    result: Evaluation
    gold: GoldDocuments
    losses: Losses | None
    """None where nobody asked for them."""
    conditions: Sequence[Condition]
    """What the options ask of pages in every question."""
    bill: ModelBill | None
    """None where no language model was asked, as the scores."""
    scores: ModelScores | None


def measure(
    name: str,
    asked: list[AskedQuestion],
    budgets: list[int],
    gold: GoldDocuments,
    conditions: Sequence[Condition],
    bill: ModelBill | None,
    *,
    with_losses: bool,
) -> Measured:
    """Return what questions scored that were asked.

    Args:
        name: Of the file of questions.
        asked: What came of them.
        budgets: Under which they were asked.
        gold: How many gold documents they have, and how many of those the index lacks.
        conditions: What the options ask of pages in every question.
        bill: What a language model may cost; None where none was asked.
        with_losses: Whether it is wanted where gold documents are lost.

    Returns:
        The measures.
    """
    from docsearch_cli.evaluation.loss_scores import score_losses
    from docsearch_cli.evaluation.measures import score_questions

    result = score_questions(asked, budgets)
    lost = score_losses(asked, budgets, result) if with_losses else None
    scores = None
    if bill is not None:
        from docsearch_cli.evaluation.model_scores import score_model

        scores = score_model(asked, budgets, is_priced=bill.is_priced)
    return Measured(name, asked, result, gold, lost, conditions, bill, scores)


def write_files(
    found: Measured,
    *,
    predictions: Path | None,
    with_losses: bool,
    plot: Path | None,
    html: Path | None,
) -> None:
    """Write the files that were asked for.

    Args:
        found: What was measured.
        predictions: For the largest budget's predictions.
        with_losses: Whether those have the losses of each question.
        plot: For recall against the budget.
        html: For a report.
    """
    if predictions is not None:
        write_file(predictions, [_prediction_lines(found.asked, with_losses=with_losses)])
    if plot is not None:
        write_file(plot, [_curve(found.name, found.result)])
    if html is not None and found.losses is not None:
        from docsearch_cli.report.eval_report import eval_report
        from docsearch_cli.retrieval.conditions import conditions_in_words

        held = conditions_in_words(found.conditions) if found.conditions else ""
        page = eval_report(found.name, found.asked, found.result, found.losses, conditions=held)
        write_file(html, [page])


def show_measured(output: Output, found: Measured, *, with_losses: bool) -> None:
    """Print what was measured, as JSON or for a person.

    Args:
        output: Where to.
        found: What was measured.
        with_losses: Whether the losses are shown instead of the table of budgets.
    """
    from docsearch_cli.cli import model_evaluation

    bill, scores, result = found.bill, found.scores, found.result
    losses = found.losses if with_losses else None
    if output.as_json:
        data = result.to_dict() | asdict(found.gold)
        data |= {"conditions": [item.to_dict() for item in found.conditions]}
        data |= {"losses": losses.to_dict()} if losses else {}
        if bill is not None and scores is not None:
            data |= model_evaluation.model_data(bill, scores, len(found.asked))
        output.result(data, partial=bill is not None and bill.purse.is_empty)
        return
    if bill is not None and scores is not None:
        model_evaluation.show_model(output, bill, result, scores)
        if losses is None:
            return
        output.show("")
    if losses is not None:
        _show_losses(output, losses, failed_lines(result))
        return
    output.show_table(budget_table(result))
    output.show("")
    for line in budget_lines(result):
        output.show(line)


def _show_losses(output: Output, lost: Losses, failed: list[str]) -> None:
    from docsearch_cli.cli.loss_table import loss_lines, loss_table, reading_table

    output.show(loss_table(lost))
    output.show("")
    output.show_table(reading_table(lost))
    output.show("")
    for line in [*loss_lines(lost), *failed]:
        output.show(line)


def _prediction_lines(asked: list[AskedQuestion], *, with_losses: bool) -> str:
    """Return the largest budget's predictions, a line each, with their losses if asked for."""
    rows = []
    for item in asked:
        row = item.predictions[-1].to_dict()
        if with_losses:
            row["losses"] = [loss.to_dict() for loss in item.losses[-1]]
        rows.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(rows)


def _curve(name: str, result: Evaluation) -> str:
    from docsearch_cli.evaluation.plot import CurvePoint, draw_curve

    points = [
        CurvePoint(item.max_agents, item.documents_opened, item.recall_opened, item.recall_keyword)
        for item in result.budgets
        if item.recall_opened is not None and item.recall_keyword is not None
    ]
    return draw_curve(name, result.scored, points)

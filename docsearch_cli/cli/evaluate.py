"""``docsearch eval``: recall per budget, on questions with known answers."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading
from docsearch_cli.cli.output import Output
from docsearch_cli.errors import InputError, UsageError

if TYPE_CHECKING:
    from docsearch_cli.evaluate import Prediction, Scores


def command(
    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS.jsonl", help="id, question, gold.")
    ],
    agents: Annotated[
        str, typer.Option(metavar="N,N,...", help="Budgets to measure; 0 is keyword search.")
    ] = "0,5,10,20",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the largest budget's predictions as JSON lines."),
    ] = None,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure recall per budget, next to plain keyword search.

    \b
    Examples:
      docsearch eval questions.jsonl
      docsearch eval questions.jsonl --agents 0,20 --out predictions.jsonl
    """
    from docsearch_cli.config import load_settings
    from docsearch_cli.evaluate import load_questions, predict, score_predictions
    from docsearch_cli.index.store import open_index

    output = Output("eval", as_json, quiet)
    budgets = _budgets(agents)
    home = home_for_reading(index)
    reader = open_index(home)
    if not reader.counts["documents"]:
        raise InputError("the index holds no documents", hint="docsearch index PATH")
    asked = load_questions(questions)
    if not any(question.gold for question in asked):
        raise InputError(f"{questions.name} has no question with gold documents")
    unknown = sorted({p for q in asked for p in q.gold if reader.paths.find(p) is None})
    if unknown:
        output.note(f"{len(unknown)} gold documents are not in the index, such as {unknown[0]}")
    settings = load_settings({}, beside=home.parent)
    scores: list[Scores] = []
    predictions: list[Prediction] = []
    for budget in budgets:
        predictions = predict(home, reader, asked, settings, budget)
        scores.append(score_predictions(asked, predictions, budget))
    if out is not None:
        _write(out, predictions)
    if as_json:
        output.result({"questions": len(asked), "budgets": [asdict(item) for item in scores]})
        return
    output.show(_table(scores))


def _budgets(text: str) -> list[int]:
    from docsearch_cli.config import LIMIT_OF

    parts = [part.strip() for part in text.split(",")]
    most = LIMIT_OF["max_agents"].most
    if not all(part.isascii() and part.isdigit() and int(part) <= most for part in parts):
        raise UsageError(f"--agents {text!r} is not a list of budgets", hint="such as 0,5,10,20")
    return sorted({int(part) for part in parts})


def _write(out: Path, predictions: list[Prediction]) -> None:
    lines = [json.dumps(item.to_dict(), ensure_ascii=False) + "\n" for item in predictions]
    try:
        out.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}") from error


def _table(scores: list[Scores]) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    names = ("agents", "R@2", "R@5", "R@10", "All@5", "used", "read", "returned", "ms", "p95 ms")
    for name in names:
        table.add_column(name, justify="right")
    for item in scores:
        shares = (item.recall_at_2, item.recall_at_5, item.recall_at_10, item.all_at_5)
        table.add_row(
            str(item.max_agents),
            *(f"{share:.1%}" for share in shares),
            f"{item.agents_used:.1f}",
            f"{item.tokens_read:.0f}",
            f"{item.tokens_returned:.0f}",
            f"{item.mean_ms:.1f}",
            f"{item.p95_ms:.1f}",
        )
    return table

"""``docsearch eval``: recall per budget, on questions with known answers.

The JSON result's ``data``; shares are 0 to 1, means are over the questions with gold documents:

    questions             number of questions
    scored                those with gold documents
    unanswerable          those with neither gold documents nor an answer
    budgets               one object a budget, ascending:
      max_agents          the budget; 0 is the keyword search
      questions           the number that the means are over
      recall_at_2, _5, _10, all_at_5     of the final ranking
      documents_opened    distinct documents that agents opened
      recall_opened       share of the gold among them; null for budget 0
      recall_keyword      share of the gold among as many of the keyword ranking; null for budget 0
      answers_found       share of the questions with an answer in words that a quote contains;
                          null if there are none
      not_found_precision of the questions answered "not found", the share that is unanswerable;
                          null if no question is either
      not_found_recall    of the unanswerable, the share answered "not found"; null if there are
                          none
      wrongly_not_found   questions with gold documents that were answered "not found"
      agents_used, tokens_read, tokens_returned
      fewer_tokens        share by which tokens_returned is below whole_tokens
      mean_ms, p95_ms     of one question
    whole_documents       5: the first of the keyword ranking
    whole_tokens          the tokens of these documents, whole
    whole_recall          share of the gold among them
    suggested_max_agents  the smallest budget within one point of the best R@5
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading
from docsearch_cli.cli.output import Output
from docsearch_cli.cli.progress import progress_bar
from docsearch_cli.errors import InputError, UsageError

if TYPE_CHECKING:
    from docsearch_cli.evaluation.measures import BudgetScores, Evaluation
    from docsearch_cli.evaluation.questions import GoldQuestion, Prediction
    from docsearch_cli.index.reader import IndexReader


def command(
    questions: Annotated[
        Path,
        typer.Argument(
            metavar="QUESTIONS.jsonl",
            help="JSON lines with id, question and gold; answer and aliases if known.",
        ),
    ],
    agents: Annotated[
        str,
        typer.Option(
            metavar="N,N,...", help="Budgets (most agents) to measure; 0 is the keyword search."
        ),
    ] = "0,5,10,20,40",
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Draw recall against the budget as an SVG."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the largest budget's predictions as JSON lines."),
    ] = None,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure recall per budget, next to plain keyword search.

    For each budget: the recall of the final ranking; the gold documents among those that agents
    opened, against as many from the top of the keyword ranking; and the tokens that are handed
    back, against the first five documents of that ranking whole.

    \b
    Examples:
      docsearch eval questions.jsonl --plot recall.svg
      docsearch eval questions.jsonl --agents 0,20 --out predictions.jsonl
    """
    from docsearch_cli.config import load_settings
    from docsearch_cli.evaluation.measures import score_questions
    from docsearch_cli.evaluation.questions import ask_questions, load_questions
    from docsearch_cli.index.store import open_index

    output = Output("eval", as_json, quiet)
    budgets = _budgets(agents)
    if plot is not None and budgets == [0]:
        raise UsageError("--plot needs a budget above 0", hint="for example --agents 0,5,10,20,40")
    _check_targets(questions, plot, out)
    home = home_for_reading(index)
    reader = open_index(home)
    if not reader.counts["documents"]:
        raise InputError("the index holds no documents", hint="docsearch index PATH")
    gold = load_questions(questions)
    _check_gold(output, questions, gold, reader)
    settings = load_settings({}, beside=home.parent)
    with progress_bar(output) as progress:
        asked = ask_questions(
            home,
            reader,
            gold,
            settings,
            budgets,
            progress=lambda done, total: progress("asking", done, total),
        )
    result = score_questions(asked, budgets)
    if out is not None:
        _write(out, _prediction_lines([item.predictions[-1] for item in asked]))
    if plot is not None:
        _write(plot, _curve(questions.name, result))
    if as_json:
        output.result(result.to_dict())
        return
    output.show(_table(result))
    output.show("")
    for line in _lines(result):
        output.show(line)


def _budgets(text: str) -> list[int]:
    from docsearch_cli.config import LIMIT_OF

    parts = [part.strip() for part in text.split(",")]
    most = LIMIT_OF["max_agents"].most
    if not all(part.isascii() and part.isdigit() and int(part) <= most for part in parts):
        raise UsageError(
            f"--agents {text!r} is not a list of budgets", hint="for example 0,5,10,20,40"
        )
    return sorted({int(part) for part in parts})


def _check_targets(questions: Path, *targets: Path | None) -> None:
    """Refuse, before anything is measured, files that cannot or should not be written."""
    taken = {questions.resolve()}
    for target in targets:
        if target is None:
            continue
        if target.resolve() in taken:
            raise UsageError(f"{target} would be overwritten", hint="name another file")
        if target.is_dir():
            raise InputError(f"{target} cannot be written: it is a folder", hint="name a file")
        if not target.resolve().parent.is_dir():
            raise InputError(
                f"{target} cannot be written: its folder does not exist", hint="make the folder"
            )
        taken.add(target.resolve())


def _check_gold(
    output: Output, questions: Path, gold: list[GoldQuestion], reader: IndexReader
) -> None:
    if not any(question.gold for question in gold):
        raise InputError(
            f"{questions.name} has no question with gold documents",
            hint='give some questions "gold": the paths of the documents that answer them',
        )
    unknown = sorted({p for q in gold for p in q.gold if reader.paths.find(p) is None})
    if unknown:
        output.note(f"{len(unknown)} gold documents are not in the index, such as {unknown[0]}")


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}") from error


def _prediction_lines(predictions: list[Prediction]) -> str:
    return "".join(json.dumps(item.to_dict(), ensure_ascii=False) + "\n" for item in predictions)


def _curve(name: str, result: Evaluation) -> str:
    from docsearch_cli.evaluation.plot import CurvePoint, draw_curve

    points = [
        CurvePoint(item.max_agents, item.documents_opened, item.recall_opened, item.recall_keyword)
        for item in result.budgets
        if item.recall_opened is not None and item.recall_keyword is not None
    ]
    return draw_curve(name, result.scored, points)


def _table(result: Evaluation) -> Any:
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


def _lines(result: Evaluation) -> list[str]:
    asked = f"{result.questions:,} question{'' if result.questions == 1 else 's'}"
    left_out = result.questions - result.scored - result.unanswerable
    if result.unanswerable:
        asked += f", {result.unanswerable:,} of them unanswerable"
    if left_out:
        asked += f", {left_out:,} without gold documents left out"
    suggested = result.suggested_max_agents
    chosen = next(item for item in result.budgets if item.max_agents == suggested)
    how = f"--max-agents {suggested}" if suggested else "--simple"
    best = max(item.recall_at_5 for item in result.budgets)
    return [
        f"{asked}; shares in percent, tokens and ms a question",
        "found: gold among the documents that agents opened; "
        "BM25: among as many of the keyword ranking",
        *_not_found_lines(result),
        f"first {result.whole_documents} documents of the keyword ranking, whole: "
        f"{result.whole_tokens:,.0f} tokens, {result.whole_recall:.1%} of the gold",
        f"suggested: {how}, the smallest budget within one point of the best R@5, {best:.1%}",
        _returned(chosen),
    ]


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

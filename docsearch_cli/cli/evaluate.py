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
      failed              questions whose search failed; they count as found nothing
      agents_used, tokens_read, tokens_returned
      fewer_tokens        share by which tokens_returned is below whole_tokens
      mean_ms, p95_ms     of one question
    whole_documents       5: the first of the keyword ranking
    whole_tokens          the tokens of these documents, whole
    whole_recall          share of the gold among them
    suggested_max_agents  the smallest budget within one point of the best R@5
    conditions            what the options ask of pages in every question, as in the data of ask
    losses                with --losses:
      questions, without_gold          those with gold documents, and the others
      gold_documents, not_indexed      of all questions, and those that are not in the index
      answers, answers_in_gold         questions with an answer that can be looked for, and those
                                       whose gold documents hold it word for word
      budgets             one object a budget, as above:
        max_agents, agents_used
        stages            share of the gold documents by stage: found, not_quoted, not_ranked,
                          not_seeded, not_reached, not_indexed; they add up to 1
        reasons           what not_quoted and not_reached are made of, by reason
        best_ranking      share that the best ranking of what was opened would find; null for 0
        keyword_documents share among as many of the keyword ranking as agents were used; null for 0
        explored          recall_at_5, all_at_5 and answers_found of the search
        keyword_reading   the same of the keyword ranking read as deep; null for 0

The stages and reasons are those of ``evaluation/losses.py``. ``--out`` has, for each question, the
fields of ``Prediction`` and with --losses one ``Loss`` a gold document.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.filter_options import Paths, Since, Tags, Until, conditions_of
from docsearch_cli.cli.options import IndexDir, Json, Quiet, a_path, home_for_reading
from docsearch_cli.cli.output import Output, counted
from docsearch_cli.cli.progress import progress_bar
from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.whole_numbers import brief, read_number

if TYPE_CHECKING:
    from docsearch_cli.evaluation.asking import AskedQuestion
    from docsearch_cli.evaluation.loss_scores import Losses
    from docsearch_cli.evaluation.measures import BudgetScores, Evaluation
    from docsearch_cli.evaluation.questions import GoldQuestion
    from docsearch_cli.index.reader import IndexReader


def command(
    questions: Annotated[
        Path,
        typer.Argument(
            metavar="QUESTIONS.jsonl",
            parser=a_path,
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
        typer.Option(
            metavar="FILE.svg", parser=a_path, help="Draw recall against the budget as an SVG."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=a_path,
            help="Write the largest budget's predictions as JSON lines.",
        ),
    ] = None,
    losses: Annotated[
        bool,
        typer.Option(
            "--losses",
            help="Show at which stage gold documents are lost, and what the keyword ranking read "
            "as deep finds; takes about twice as long.",
        ),
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=a_path,
            help="Write a report to read in a browser, with the losses and every question; takes "
            "about twice as long.",
        ),
    ] = None,
    path: Paths = None,
    tag: Tags = None,
    since: Since = None,
    until: Until = None,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure recall per budget, next to plain keyword search.

    For each budget: the recall of the final ranking; the gold documents among those that agents
    opened, against as many from the top of the keyword ranking; and the tokens that are handed
    back, against the first five documents of that ranking whole.

    A question may say which pages are searched, as for ask; the options hold for all questions.

    With --losses, where each gold document is left behind: not seeded or reached (and what became
    of the edges to it), opened and ranked too low, or ranked with its answer in no quote.

    \b
    Examples:
      docsearch eval questions.jsonl --plot recall.svg
      docsearch eval questions.jsonl --agents 0,20 --out predictions.jsonl
      docsearch eval questions.jsonl --losses --agents 20 --path 'guides/*'
      docsearch eval questions.jsonl --html report.html
    """
    from docsearch_cli.config import load_settings
    from docsearch_cli.evaluation.asking import ask_questions
    from docsearch_cli.evaluation.loss_scores import score_losses
    from docsearch_cli.evaluation.measures import score_questions
    from docsearch_cli.evaluation.questions import load_questions
    from docsearch_cli.index.store import open_index
    from docsearch_cli.retrieval.conditions import conditions_in_words

    output = Output("eval", as_json, quiet)
    budgets = _budgets(agents)
    conditions = conditions_of(path, tag, since, until)
    if plot is not None and budgets == [0]:
        raise UsageError("--plot needs a budget above 0", hint="for example --agents 0,5,10,20,40")
    _check_targets(questions, plot, out, html)
    home = home_for_reading(index, output)
    reader = open_index(home)
    if not reader.counts["documents"]:
        raise InputError("the index holds no documents", hint="docsearch index PATH")
    gold = load_questions(questions)
    _check_gold(output, questions, gold, reader)
    settings = load_settings({}, beside=home.parent)
    if conditions:
        output.note(f"for every question: {conditions_in_words(conditions)}")
    with progress_bar(output) as progress:
        asked = ask_questions(
            home,
            reader,
            gold,
            settings,
            budgets,
            conditions=conditions,
            with_losses=losses or html is not None,
            progress=lambda done, total: progress("asking", done, total),
        )
    result = score_questions(asked, budgets)
    if out is not None:
        _write(out, _prediction_lines(asked, with_losses=losses))
    if plot is not None:
        _write(plot, _curve(questions.name, result))
    lost = score_losses(asked, budgets, result) if losses or html is not None else None
    if html is not None and lost is not None:
        from docsearch_cli.cli.written_report import write_report
        from docsearch_cli.report.eval_report import eval_report

        held_in_words = conditions_in_words(conditions) if conditions else ""
        page = eval_report(questions.name, asked, result, lost, conditions=held_in_words)
        write_report(html, page)
    if as_json:
        held = {"conditions": [item.to_dict() for item in conditions]}
        output.result(
            result.to_dict() | held | ({"losses": lost.to_dict()} if lost and losses else {})
        )
        return
    if lost is not None and losses:
        _show_losses(output, lost, _failed_lines(result))
        return
    output.show(_table(result))
    output.show("")
    for line in _lines(result):
        output.show(line)


def _show_losses(output: Output, lost: Losses, failed: list[str]) -> None:
    from docsearch_cli.cli.loss_table import loss_lines, loss_table, reading_table

    output.show(loss_table(lost))
    output.show("")
    output.show_tree(reading_table(lost))  # a number must not be cut
    output.show("")
    for line in [*loss_lines(lost), *failed]:
        output.show(line)


def _budgets(text: str) -> list[int]:
    from docsearch_cli.config import LIMIT_OF

    most = LIMIT_OF["max_agents"].most
    budgets = {read_number(part) for part in text.split(",")}
    found = sorted(budget for budget in budgets if budget is not None and 0 <= budget <= most)
    if len(found) < len(budgets):
        raise UsageError(
            f"--agents {brief(text)} is not a list of budgets",
            hint=f"for example 0,5,10,20,40; each at most {most:,}",
        )
    return found


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
        *_failed_lines(result),
        *_not_found_lines(result),
        f"first {result.whole_documents} documents of the keyword ranking, whole: "
        f"{result.whole_tokens:,.0f} tokens, {result.whole_recall:.1%} of the gold",
        f"suggested: {how}, the smallest budget within one point of the best R@5, {best:.1%}",
        _returned(chosen),
    ]


def _failed_lines(result: Evaluation) -> list[str]:
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

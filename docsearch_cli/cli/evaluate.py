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
    local                 where another agent is asked: budgets as above, of the local agent
    model                 where a language model is asked, see ``cli/model_evaluation.py``:
      agent, name, answer, max_requests, max_cost_usd
      questions_asked, complete        false if the limits ended it
      spent               requests, model_tokens, cost_usd: what was sent
      budgets             one object a budget above 0; mean, low and high are of a 95 % interval:
        recall_at_5, all_at_5, answers_found
        requests, model_tokens, cost_usd   of a question, replies from the cache counted as sent
        degraded          pages at which something stood in for the agent
        answers_written   share of the written answers that hold the answer; null if none is
        gains             the three shares less those of the local agent
      per_question        id, and the same of each question under each budget

The stages and reasons are those of ``evaluation/losses.py``. ``--out`` has, for each question, the
fields of ``Prediction`` and with --losses one ``Loss`` a gold document.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.completion import complete_engines
from docsearch_cli.cli.evaluation_table import budget_lines, budget_table, failed_lines
from docsearch_cli.cli.filter_options import Paths, Since, Tags, Until, conditions_of
from docsearch_cli.cli.options import (
    AgentName,
    AnswerBy,
    AnswerWriter,
    BaseUrl,
    IndexDir,
    Json,
    ModelName,
    NoReplies,
    Quiet,
    Scheduler,
    Workers,
    a_new_file,
    a_path,
    home_for_reading,
    money_option,
    number_option,
)
from docsearch_cli.cli.output import Output
from docsearch_cli.cli.progress import progress_bar
from docsearch_cli.cli.written_file import write_file
from docsearch_cli.config import DEFAULT_AGENT
from docsearch_cli.errors import InputError, ModelError, UsageError
from docsearch_cli.search.engines import describe_engines, find_engine
from docsearch_cli.whole_numbers import brief, read_number

_KEPT = "replies so far are kept, so the same command continues from them"

if TYPE_CHECKING:
    from docsearch_cli.evaluation.asking import AskedQuestion
    from docsearch_cli.evaluation.loss_scores import Losses
    from docsearch_cli.evaluation.measures import Evaluation
    from docsearch_cli.evaluation.questions import GoldQuestion
    from docsearch_cli.index.reader import IndexReader


EvalEngine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help=f"Where whole questions are asked: {describe_engines()}.",
        autocompletion=complete_engines,
    ),
]


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
            metavar="FILE.svg", parser=a_new_file, help="Draw recall against the budget as an SVG."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=a_new_file,
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
            parser=a_new_file,
            help="Write a report to read in a browser, with the losses and every question; takes "
            "about twice as long.",
        ),
    ] = None,
    engine: EvalEngine = "inline",
    scheduler: Scheduler = "",
    workers: Workers = None,
    path: Paths = None,
    tag: Tags = None,
    since: Since = None,
    until: Until = None,
    agent: AgentName = DEFAULT_AGENT,
    model: ModelName = "",
    base_url: BaseUrl = None,
    answer: AnswerWriter = AnswerBy.quotes,
    max_requests: Annotated[
        int | None, number_option("Most requests to a language model, over all questions.")
    ] = None,
    max_cost: Annotated[
        int | None,
        money_option("Most dollars that a language model may cost, over all questions."),
    ] = None,
    question_max_requests: Annotated[
        int | None, number_option("The same for each question (default: four for each agent).")
    ] = None,
    question_max_cost: Annotated[
        int | None, money_option("The same for each question (default: no limit).")
    ] = None,
    no_cache: NoReplies = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show the most that a language model may cost; ask none."),
    ] = False,
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

    With --agent llm or --answer llm a language model is asked, beside the local agent. What all
    questions together may cost must be said, and no search begins that might exceed it. Replies are
    kept: asked again, the same questions cost nothing.

    \b
    Examples:
      docsearch eval questions.jsonl --plot recall.svg
      docsearch eval questions.jsonl --agents 0,20 --out predictions.jsonl
      docsearch eval questions.jsonl --losses --agents 20 --path 'guides/*'
      docsearch eval questions.jsonl --html report.html
      docsearch eval questions.jsonl --agent llm --model openai:gpt-4o-mini --max-cost 1
      docsearch eval questions.jsonl --engine local --workers 4
    """
    from docsearch_cli.config import load_settings
    from docsearch_cli.evaluation.asking import ask_questions
    from docsearch_cli.evaluation.explorer import Explorer
    from docsearch_cli.evaluation.loss_scores import score_losses
    from docsearch_cli.evaluation.measures import score_questions
    from docsearch_cli.evaluation.questions import load_questions
    from docsearch_cli.index.store import open_index
    from docsearch_cli.retrieval.conditions import conditions_in_words
    from docsearch_cli.search.result import AskOptions

    find_engine(engine)
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
    explorer = Explorer(agent, model, answer.value, base_url, use_cache=not no_cache)
    each = {
        "workers": workers,
        "max_requests": question_max_requests,
        "max_cost": question_max_cost,
    }
    settings = load_settings(each, beside=home.parent)
    with_losses = losses or html is not None
    bill = None
    if explorer.asks_model:
        if engine != "inline":
            raise UsageError(
                f"a language model is not asked on the engine {engine}",
                hint="leave --engine out: what a model costs is counted in one process",
            )
        from docsearch_cli.cli import model_evaluation

        bill = model_evaluation.open_bill(
            explorer, settings, budgets, len(gold), max_requests=max_requests, max_cost=max_cost
        )
        if dry_run:
            model_evaluation.show_bill(output, bill, home)
            return
        model_evaluation.check_bill(bill)
    else:
        _refuse_model_options(model=model, limits=(max_requests, max_cost, *each.values()),
                              dry_run=dry_run)  # fmt: skip
    if conditions:
        output.note(f"for every question: {conditions_in_words(conditions)}")
    with progress_bar(output) as progress:

        def report(done: int, total: int) -> None:
            progress("asking", done, total)

        if engine == "inline":
            try:
                asked = ask_questions(
                    home,
                    reader,
                    gold,
                    settings,
                    budgets,
                    conditions=conditions,
                    with_losses=with_losses,
                    explorer=explorer,
                    purse=bill.purse if bill is not None else None,
                    progress=report,
                )
            except ModelError as error:
                error.hint = "; ".join(filter(None, (error.hint, _KEPT)))
                raise
        else:
            from docsearch_cli.evaluation.asking_units import ask_questions_on

            asked = ask_questions_on(
                AskOptions(settings, engine=engine, scheduler=scheduler, tell=output.note),
                reader,
                gold,
                budgets,
                conditions=conditions,
                with_losses=with_losses,
                progress=report,
            )
    if not any(item.question.gold for item in asked):
        raise UsageError(
            "the limits ended it before a question with gold documents was asked to its end",
            hint=f"raise them, or give smaller --agents; {_KEPT}",
        )
    result = score_questions(asked, budgets)
    if out is not None:
        write_file(out, [_prediction_lines(asked, with_losses=losses)])
    if plot is not None:
        write_file(plot, [_curve(questions.name, result)])
    lost = score_losses(asked, budgets, result) if with_losses else None
    if html is not None and lost is not None:
        from docsearch_cli.report.eval_report import eval_report

        held_in_words = conditions_in_words(conditions) if conditions else ""
        page = eval_report(questions.name, asked, result, lost, conditions=held_in_words)
        write_file(html, [page])
    shown_losses = lost if losses else None
    scores = None
    if bill is not None:
        from docsearch_cli.evaluation.model_scores import score_model

        scores = score_model(asked, budgets, is_priced=bill.is_priced)
    if as_json:
        data = result.to_dict() | {"conditions": [item.to_dict() for item in conditions]}
        data |= {"losses": shown_losses.to_dict()} if shown_losses else {}
        if bill is not None and scores is not None:
            data |= model_evaluation.model_data(bill, scores, len(asked))
        output.result(data, partial=bill is not None and bill.purse.is_empty)
        return
    if bill is not None and scores is not None:
        model_evaluation.show_model(output, bill, result, scores)
        if shown_losses is None:
            return
        output.show("")
    if shown_losses is not None:
        _show_losses(output, shown_losses, failed_lines(result))
        return
    output.show_table(budget_table(result))
    output.show("")
    for line in budget_lines(result):
        output.show(line)


def _refuse_model_options(*, model: str, limits: tuple[int | None, ...], dry_run: bool) -> None:
    """Refuse options that say something of a language model where none is asked."""
    if model or dry_run or any(limit is not None for limit in limits):
        raise UsageError(
            "no language model is asked, so there is nothing to name, to bound or to estimate",
            hint="--model, --max-cost and the like go with --agent llm or --answer llm",
        )


def _show_losses(output: Output, lost: Losses, failed: list[str]) -> None:
    from docsearch_cli.cli.loss_table import loss_lines, loss_table, reading_table

    output.show(loss_table(lost))
    output.show("")
    output.show_table(reading_table(lost))
    output.show("")
    for line in [*loss_lines(lost), *failed]:
        output.show(line)


def _budgets(text: str) -> list[int]:
    from docsearch_cli.run_limits import LIMIT_OF

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

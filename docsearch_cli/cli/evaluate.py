"""``docsearch eval``: recall per budget, on questions with known answers.

The JSON result's ``data``; shares are 0 to 1, means are over the questions with gold documents:

    questions             number of questions
    scored                those with gold documents
    unanswerable          those with neither gold documents nor an answer
    gold_documents        of all questions; one of two questions counts twice
    not_indexed           of them, those that are not in the index: they count as not found
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

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.completion import complete_engines
from docsearch_cli.cli.evaluation_checks import (
    check_gold,
    check_targets,
    read_budgets,
    refuse_model_options,
)
from docsearch_cli.cli.evaluation_output import measure, show_measured, write_files
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
from docsearch_cli.config import DEFAULT_AGENT
from docsearch_cli.errors import InputError, ModelError, UsageError
from docsearch_cli.search.engines import describe_engines, find_engine

_KEPT = "replies so far are kept, so the same command continues from them"

if TYPE_CHECKING:
    from docsearch_cli.cli.model_evaluation import ModelBill
    from docsearch_cli.evaluation.asking import AskedQuestion
    from docsearch_cli.evaluation.explorer import Explorer
    from docsearch_cli.evaluation.questions import GoldQuestion
    from docsearch_cli.retrieval.conditions import Condition
    from docsearch_cli.search.session import Session


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
    from docsearch_cli.evaluation.explorer import Explorer
    from docsearch_cli.evaluation.questions import load_questions
    from docsearch_cli.index.store import open_index
    from docsearch_cli.retrieval.conditions import conditions_in_words
    from docsearch_cli.search.session import Session

    find_engine(engine)
    output = Output("eval", as_json, quiet)
    budgets = read_budgets(agents)
    conditions = conditions_of(path, tag, since, until)
    if plot is not None and budgets == [0]:
        raise UsageError("--plot needs a budget above 0", hint="for example --agents 0,5,10,20,40")
    check_targets(questions, plot, out, html)
    home = home_for_reading(index, output)
    reader = open_index(home)
    if not reader.counts["documents"]:
        raise InputError("the index holds no documents", hint="docsearch index PATH")
    gold = load_questions(questions)
    gold_documents = check_gold(output, questions, gold, reader)
    explorer = Explorer(agent, model, answer.value, base_url, use_cache=not no_cache)
    each = {
        "workers": workers,
        "max_requests": question_max_requests,
        "max_cost": question_max_cost,
    }
    session = Session(home, load_settings(each, beside=home.parent), reader)
    bill = None
    if explorer.asks_model:
        from docsearch_cli.cli import model_evaluation

        _refuse_engine(engine)
        bill = model_evaluation.open_bill(
            explorer,
            session.settings,
            budgets,
            len(gold),
            max_requests=max_requests,
            max_cost=max_cost,
        )
        if dry_run:
            model_evaluation.show_bill(output, bill, home)
            return
        model_evaluation.check_bill(bill)
    else:
        limits = (max_requests, max_cost, *each.values())
        refuse_model_options(model=model, limits=limits, dry_run=dry_run)
    if conditions:
        output.note(f"for every question: {conditions_in_words(conditions)}")
    asked = _ask(
        output,
        session,
        gold,
        budgets,
        conditions,
        explorer,
        bill,
        engine=engine,
        scheduler=scheduler,
        with_losses=losses or html is not None,
    )
    found = measure(
        questions.name,
        asked,
        budgets,
        gold_documents,
        conditions,
        bill,
        with_losses=losses or html is not None,
    )
    write_files(found, predictions=out, with_losses=losses, plot=plot, html=html)
    show_measured(output, found, with_losses=losses)


def _refuse_engine(engine: str) -> None:
    """Refuse an engine on which no language model is asked."""
    if engine != "inline":
        raise UsageError(
            f"a language model is not asked on the engine {engine}",
            hint="leave --engine out: what a model costs is counted in one process",
        )


def _ask(
    output: Output,
    session: Session,
    gold: list[GoldQuestion],
    budgets: list[int],
    conditions: Sequence[Condition],
    explorer: Explorer,
    bill: ModelBill | None,
    *,
    engine: str,
    scheduler: str,
    with_losses: bool,
) -> list[AskedQuestion]:
    """Ask all questions under all budgets, and show how far that has come.

    Raises:
        UsageError: If limits ended it before a question that counts was asked to its end.
    """
    with progress_bar(output) as progress:

        def report(done: int, total: int) -> None:
            progress("asking", done, total)

        if engine == "inline":
            from docsearch_cli.evaluation.asking import ask_questions

            try:
                asked = ask_questions(
                    session.home,
                    session.reader,
                    gold,
                    session.settings,
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
            from docsearch_cli.search.result import AskOptions

            asked = ask_questions_on(
                AskOptions(session.settings, engine=engine, scheduler=scheduler, tell=output.note),
                session.reader,
                gold,
                budgets,
                conditions=conditions,
                with_losses=with_losses,
                progress=report,
            )
    if not any(item.question.gold for item in asked):
        raise UsageError(
            "the limits were used up before any question with gold documents had been asked under"
            " all budgets",
            hint=f"raise them, or give smaller --agents; {_KEPT}",
        )
    return asked

"""``docsearch ask``: a question in, quotes with their places out."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli import signals
from docsearch_cli.cli.asked_questions import question_to_ask, show_history
from docsearch_cli.cli.completion import complete_documents
from docsearch_cli.cli.filter_options import Paths, Since, Tags, Until, conditions_of
from docsearch_cli.cli.options import (
    AgentName,
    AnswerBy,
    AnswerWriter,
    BaseUrl,
    ContextLines,
    EngineName,
    FanOut,
    IndexDir,
    Json,
    MaxAgents,
    MaxCost,
    MaxDepth,
    MaxRequests,
    MaxTokens,
    ModelName,
    MostQuotes,
    NoCache,
    NoHistory,
    Quiet,
    Scheduler,
    Seeds,
    WholeTree,
    Workers,
    a_new_file,
    a_path,
    home_for_reading,
)
from docsearch_cli.cli.output import Output, counted
from docsearch_cli.cli.output_formats.table import FormatName, open_output
from docsearch_cli.cli.show_result import report
from docsearch_cli.cli.utf8_mode import typed_text
from docsearch_cli.config import DEFAULT_AGENT
from docsearch_cli.errors import UsageError
from docsearch_cli.search.engines import DEFAULT_ENGINE, find_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docsearch_cli.cli.output_formats.table import OutputFormat
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.search.result import AskOptions, AskResult
    from docsearch_cli.search.session import Session


def command(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="[QUESTION]",
            help="The question, in quotes; - reads it from standard input.",
            parser=typed_text,
            show_default=False,
        ),
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch",
            metavar="QUESTIONS.jsonl",
            parser=a_path,
            show_default=False,
            help="Ask every question of a file: JSON lines with question, and an id if there is"
            " one.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="ANSWERS.jsonl",
            parser=a_new_file,
            show_default=False,
            help="Where the answers of --batch go, a line each; what is there is not asked again.",
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Ask the last question again.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="List the questions asked here, the latest first.")
    ] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Let agents explore the graph.")] = False,
    simple: Annotated[bool, typer.Option("--simple", help="Keyword search only.")] = False,
    max_agents: MaxAgents = None,
    max_depth: MaxDepth = None,
    fan_out: FanOut = None,
    seeds: Seeds = None,
    max_tokens: MaxTokens = None,
    start: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="Document to begin at; repeatable.",
            autocompletion=complete_documents,
        ),
    ] = None,
    path: Paths = None,
    tag: Tags = None,
    since: Since = None,
    until: Until = None,
    workers: Workers = None,
    engine: EngineName = DEFAULT_ENGINE,
    scheduler: Scheduler = "",
    agent: AgentName = DEFAULT_AGENT,
    model: ModelName = "",
    base_url: BaseUrl = None,
    answer: AnswerWriter = AnswerBy.quotes,
    max_requests: MaxRequests = None,
    max_cost: MaxCost = None,
    no_cache: NoCache = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Update the index first.")] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show the most that a deep search may cost; run nothing."),
    ] = False,
    index: IndexDir = None,
    style_name: FormatName = None,
    limit: MostQuotes = None,
    context: ContextLines = 0,
    tree: WholeTree = None,
    as_json: Json = False,
    quiet: Quiet = False,
    no_history: NoHistory = False,
) -> None:
    """Answer a question from the indexed documents.

    Without --deep or --simple the question decides which search it is, and the reason is shown. A
    deep search opens at most --max-agents nodes over all branches; it is recorded as a run, which
    can be replayed.

    The question may say which pages are searched: "a phrase", -word, title:WORD, path:GLOB,
    tag:NAME, after:DATE and before:DATE. What was applied is shown.

    \b
    Examples:
      docsearch ask "what is the default port?"
      docsearch ask "how do retries and the buffer limit work together?" --deep --max-agents 20
      docsearch ask 'when is a "dead letter" sent again? -kafka' --path 'guides/*'
      docsearch ask --again --deep -C 3
      docsearch ask - < question.txt
      docsearch ask --batch questions.jsonl --out answers.jsonl --deep
    """
    if deep and simple:
        raise UsageError("--deep and --simple exclude each other", hint="give one of them")
    if dry_run and simple:
        raise UsageError("--dry-run is about a deep search", hint="leave --simple out")
    find_engine(engine)
    _check_agent(agent)
    output, style = open_output(
        "ask", style_name, as_json=as_json, quiet=quiet, limit=limit, tree=tree, context=context
    )
    if (dry_run or history) and style.name not in ("text", "json"):
        name = "--dry-run" if dry_run else "--history"
        raise UsageError(
            f"{name} cannot be printed as {style.name}", hint="use --format text or json"
        )
    if history:
        if question is not None or again:
            raise UsageError(
                "--history lists questions and asks none", hint="leave one of them out"
            )
        show_history(output, index)
        return
    if batch is not None:
        _refuse_beside_batch(question, style, again=again, dry_run=dry_run)
        question = ""
    elif out is not None:
        raise UsageError("--out is for --batch", hint="to keep one answer: --json > answer.json")
    else:
        question = question_to_ask(output, question, index, again=again)
        question = _read_question() if question == "-" and not again else question
    flags = {
        "max_agents": max_agents,
        "max_depth": max_depth,
        "fan_out": fan_out,
        "seeds": seeds,
        "workers": workers,
        "max_tokens": max_tokens,
        "max_requests": max_requests,
        "max_cost": max_cost,
    }
    chosen: dict[str, Any] = {
        "starts": tuple(start or ()),
        "conditions": conditions_of(path, tag, since, until),
        "use_cache": not no_cache,
        "agent": agent,
        "model": model,
        "base_url": base_url,
        "answer": answer.value,
    }
    if simple and answer is AnswerBy.llm:
        raise UsageError("--answer llm is for a deep search", hint="leave --simple out")
    if not (flags["max_requests"] is None and flags["max_cost"] is None):
        _note_unused_limits(output, agent, answer)
    # A keyword search keeps to max_tokens too, and has no use for workers.
    is_limited = any(flags[name] for name in flags if name not in ("workers", "max_tokens"))
    is_for_agents = is_limited or agent != DEFAULT_AGENT
    if simple and (start or is_for_agents):
        output.note("--simple opens no node: limits of agents, --start and --agent are not used")
    if dry_run:
        chosen["mode"] = "deep" if deep else "auto"
        _show_estimate(output, question, flags, index=index, **chosen)
        return
    if refresh:
        _refresh(output, index)
    mode = "deep" if deep else "simple" if simple else "auto"
    chosen |= {"mode": mode, "engine": engine, "scheduler": scheduler, "tell": output.note}
    if batch is not None:
        _ask_batch(output, batch, out, flags, index=index, **chosen)
        return
    result, reader = _search(output, question, flags, index=index, **chosen)
    if result.mode == "simple" and not simple and is_for_agents:
        output.note(
            "a keyword search was enough: limits of agents and --agent are not used; see --deep"
        )
    if result.mode == "simple" and not simple and answer is AnswerBy.llm:
        output.note("a keyword search was enough: no model was asked to write; see --deep")
    report(output, style, reader, result, remember=not no_history)


def _read_question() -> str:
    """Return the question on standard input, as far as a question is read."""
    from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS

    if sys.stdin is None:
        return ""
    text = sys.stdin.buffer.read(8 * MOST_QUESTION_CHARS).decode("utf-8", "replace")
    return text[: 2 * MOST_QUESTION_CHARS].strip()


def _note_unused_limits(output: Output, agent: str, answer: AnswerBy) -> None:
    """Say that a limit on what a model may cost limits nothing where none is asked."""
    from docsearch_cli.explore.agents.table import find_agent

    if answer is AnswerBy.quotes and not find_agent(agent).asks_model:
        output.note("no language model is asked: --max-requests and --max-cost are not used")


def _check_agent(name: str) -> None:
    """Refuse an agent that does not exist; the table is loaded only where one was named."""
    if name != DEFAULT_AGENT:
        from docsearch_cli.explore.agents.table import find_agent

        find_agent(name)


def _search(
    output: Output,
    question: str,
    flags: dict[str, int | None],
    *,
    index: str | None,
    **options: Any,
) -> tuple[AskResult, IndexReader]:
    """Load the settings and the index, and search."""
    from docsearch_cli.cli.live_tree import Watcher, watching
    from docsearch_cli.cli.shell_paths import paths_here
    from docsearch_cli.search.ask import ask

    signals.leave_behind("nothing was recorded")
    opened, chosen = _open_session(output, flags, index=index, **options)
    home, reader = opened.home, opened.reader
    if chosen.mode == "simple":
        return ask(home, reader, question, chosen, observer=Watcher(output)), reader
    with watching(output, paths_here(reader.roots)) as watcher:
        return ask(home, reader, question, chosen, observer=watcher), reader


def _open_session(
    output: Output, flags: dict[str, int | None], *, index: str | None, **options: Any
) -> tuple[Session, AskOptions]:
    """Load the settings and the index, and return them with how to search."""
    from docsearch_cli.search.result import AskOptions
    from docsearch_cli.search.session import open_session

    opened = open_session(index, flags, note=output.note)
    options["starts"] = _find_starts(opened.reader, options["starts"])
    argv = tuple(map(typed_text, sys.argv[1:]))
    return opened, AskOptions(settings=opened.settings, argv=argv, **options)


def _refuse_beside_batch(
    question: str | None, style: OutputFormat, *, again: bool, dry_run: bool
) -> None:
    """Refuse what makes no sense where many questions are asked."""
    if question is not None or again:
        raise UsageError("--batch asks the questions of a file", hint="leave the question out")
    if dry_run:
        raise UsageError("--dry-run is about one question", hint="leave --batch out")
    if style.name not in ("text", "json"):
        raise UsageError(
            f"--batch cannot be printed as {style.name}", hint="its answers are JSON lines"
        )


def _ask_batch(
    output: Output,
    questions: Path,
    out: Path | None,
    flags: dict[str, int | None],
    *,
    index: str | None,
    **options: Any,
) -> None:
    """Load the settings and the index, and ask the questions of a file."""
    from docsearch_cli.cli.ask_batch import ask_file

    opened, chosen = _open_session(output, flags, index=index, **options)
    ask_file(output, opened, questions, out, chosen)


def _refresh(output: Output, index: str | None) -> None:
    """Index the same folders again, with the same model, before the search."""
    from docsearch_cli.cli.indexing import index_again

    index_again(output, home_for_reading(index, output))


def _find_starts(reader: IndexReader, names: Sequence[str]) -> tuple[str, ...]:
    """Return the nodes that ``--start`` names."""
    if not names:
        return ()
    from docsearch_cli.index.find_document import find_node
    from docsearch_cli.index.home import current_working_folder

    return tuple(find_node(reader, name, current_working_folder()) for name in names)


# Bounds whose names in JSON are not what they are called.
_WORDS = {"tries": "attempts", "look_agents": "first to look", "cost_micro_usd": "cost"}


def _show_estimate(
    output: Output,
    question: str,
    flags: dict[str, int | None],
    *,
    index: str | None,
    **options: Any,
) -> None:
    """Print what a deep search begins with and the most that it may cost."""
    from rich.text import Text

    from docsearch_cli.cli.run_tree import seed_words
    from docsearch_cli.cli.shell_paths import paths_here
    from docsearch_cli.run_limits import dollars
    from docsearch_cli.search.estimate import estimate_run
    from docsearch_cli.search.result import AskOptions
    from docsearch_cli.search.session import open_session

    opened = open_session(index, flags, note=output.note)
    options["starts"] = _find_starts(opened.reader, options["starts"])
    chosen = AskOptions(settings=opened.settings, **options)
    found = estimate_run(opened.home, opened.reader, question, chosen, warn=output.note)
    if output.as_json:
        output.result(found.to_dict())
        return
    if found.intent.mode == "simple":
        output.show(Text(f"a keyword search would be enough: {found.intent.reason}; with --deep:"))
    output.show(Text(seed_words([asdict(seed) for seed in found.seeds])))
    paths = paths_here(opened.reader.roots)
    for seed in found.seeds:
        line = Text("   ").append(paths.name(seed.path), style=paths.style(seed.path))
        output.show(line.append(f"  priority {seed.priority:.3f}, {seed.source}"))
    output.show("at most")
    for name, most in found.most.items():
        is_money = name == "cost_micro_usd"
        shown = dollars(most) if is_money else f"{most:,}"
        output.show(f"   {_WORDS.get(name, name.replace('_', ' ')):<16}{shown:>12}")
    for run in found.before:
        cost = "" if run.cost_micro_usd is None else f", {dollars(run.cost_micro_usd)}"
        took = f"{counted(run.requests, 'request')}, {run.model_tokens:,} tokens of the model{cost}"
        output.show(f"run {run.run_id} took {took}")
    if found.looked_at:
        output.show(f"in the cache: {found.cached} of the first {found.looked_at} steps")

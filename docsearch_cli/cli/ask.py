"""``docsearch ask``: a question in, quotes with their places out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.options import (
    EngineName,
    FanOut,
    IndexDir,
    Json,
    MaxAgents,
    MaxDepth,
    MaxTokens,
    NoCache,
    Quiet,
    Seeds,
    Workers,
    home_for_reading,
)
from docsearch_cli.cli.output import Output, Reported
from docsearch_cli.errors import EXIT_DONE, EXIT_INTERRUPTED, UsageError
from docsearch_cli.search.engines import DEFAULT_ENGINE, find_engine

if TYPE_CHECKING:
    from pathlib import Path

    from docsearch_cli.config import Settings
    from docsearch_cli.explore.findings import Citation
    from docsearch_cli.index.freshness import QuoteState
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.search.result import AskResult


def command(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In words, in quotes.")],
    deep: Annotated[bool, typer.Option("--deep", help="Let agents explore.")] = False,
    simple: Annotated[bool, typer.Option("--simple", help="Keyword search only.")] = False,
    max_agents: MaxAgents = None,
    max_depth: MaxDepth = None,
    fan_out: FanOut = None,
    seeds: Seeds = None,
    max_tokens: MaxTokens = None,
    start: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="Indexed document to begin at; repeatable."),
    ] = None,
    workers: Workers = None,
    engine: EngineName = DEFAULT_ENGINE,
    no_cache: NoCache = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Index what has changed first.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what a deep search may cost; run nothing.")
    ] = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Answer a question from the indexed documents.

    Without --deep or --simple the question decides, and the reason is shown. A deep search opens
    at most --max-agents nodes over all branches; it is recorded and can be replayed.

    \b
    Examples:
      docsearch ask "what is the default port?"
      docsearch ask "how do retries and the buffer limit work together?" --deep --max-agents 20
    """
    if deep and simple:
        raise UsageError("--deep and --simple exclude each other", hint="choose one of them")
    if dry_run and simple:
        raise UsageError("--dry-run is of a deep search", hint="leave --simple out")
    find_engine(engine)
    output = Output("ask", as_json, quiet)
    flags = {
        "max_agents": max_agents,
        "max_depth": max_depth,
        "fan_out": fan_out,
        "seeds": seeds,
        "workers": workers,
        "max_tokens": max_tokens,
    }
    if simple and (start or any(v for name, v in flags.items() if name != "workers")):
        output.note("--simple opens no page: the limits and --start are not used")
    if dry_run:
        _show_estimate(
            output, question, flags, tuple(start or ()), use_cache=not no_cache, index=index
        )
        return
    if refresh:
        _refresh(output, index)
    result, reader = _search(
        output,
        question,
        flags,
        mode="deep" if deep else "simple" if simple else "auto",
        engine=engine,
        starts=tuple(start or ()),
        use_cache=not no_cache,
        index=index,
    )
    report(output, result, reader)


def report(output: Output, result: AskResult, reader: IndexReader) -> None:
    """Print what a search gave, for a program or a person, and end with its exit code.

    Each quote is checked against its file first.

    Raises:
        Reported: If it was cancelled.
    """
    from docsearch_cli.index.freshness import check_freshness

    fresh = check_freshness(reader, result.findings.evidence)
    code = EXIT_INTERRUPTED if result.stop_reason == "cancelled" else EXIT_DONE
    if output.as_json:
        data = result.to_dict()
        for item, state in zip(data["evidence"], fresh.quotes, strict=True):
            item["state"] = state
        data["changed"] = {"files": list(fresh.files), "folders": list(fresh.folders)}
        output.result(data, partial=not result.complete, exit_code=code)
    else:
        show_result(output, result, states=fresh.quotes)
        if fresh.is_stale:
            output.note(f"{fresh.in_words()}; ask --refresh indexes them first")
    if code != EXIT_DONE:
        raise Reported(code)


def _search(
    output: Output,
    question: str,
    flags: dict[str, int | None],
    *,
    mode: str,
    index: str | None,
    **options: Any,
) -> tuple[AskResult, IndexReader]:
    """Load the settings and the index, and search."""
    from docsearch_cli.cli.live_tree import LiveTree, Watcher
    from docsearch_cli.search.ask import ask
    from docsearch_cli.search.result import AskOptions

    home, settings, reader = _load(output, flags, index)
    chosen = AskOptions(settings=settings, mode=mode, argv=tuple(sys.argv[1:]), **options)  # type: ignore[arg-type]
    if not output.shows_progress or mode == "simple":
        return ask(home, reader, question, chosen, observer=Watcher(output)), reader
    with LiveTree(output, settings["max_agents"]) as live:
        return ask(home, reader, question, chosen, observer=live), reader


def _refresh(output: Output, index: str | None) -> None:
    """Index the same folders again, with the same model, before they are asked."""
    from docsearch_cli.cli.index import index_again

    index_again(output, home_for_reading(index))


def _load(
    output: Output, flags: dict[str, int | None], index: str | None
) -> tuple[Path, Settings, IndexReader]:
    """Return the folder, the settings and the index to ask; say what was cut to its limit."""
    from docsearch_cli.config import load_settings
    from docsearch_cli.index.store import open_index

    home = home_for_reading(index)
    settings = load_settings(flags, beside=home.parent)
    for clamp in settings.clamps():
        output.note(clamp)
    return home, settings, open_index(home)


def _show_estimate(
    output: Output,
    question: str,
    flags: dict[str, int | None],
    starts: tuple[str, ...],
    *,
    use_cache: bool,
    index: str | None,
) -> None:
    """Print what a deep search begins with and the most that it may cost."""
    from rich.text import Text

    from docsearch_cli.cli.run_tree import seed_words
    from docsearch_cli.search.estimate import estimate_run
    from docsearch_cli.search.result import AskOptions

    home, settings, reader = _load(output, flags, index)
    options = AskOptions(settings=settings, mode="deep", starts=starts, use_cache=use_cache)
    found = estimate_run(home, reader, question, options, warn=output.note)
    if output.as_json:
        output.result(found.to_dict())
        return
    output.show(Text(seed_words([asdict(seed) for seed in found.seeds])))
    for seed in found.seeds:
        output.show(Text(f"   {seed.path}  priority {seed.priority:.3f}, {seed.source}"))
    output.show("at most")
    for name, most in found.most.items():
        output.show(f"   {name.replace('_', ' '):<16}{most:>12,}")
    output.show(f"in the cache: {found.cached} of the first {found.looked_at} steps")


def show_result(
    output: Output,
    result: AskResult,
    *,
    columns: int | None = None,
    states: Sequence[QuoteState] = (),
) -> None:
    """Print a result for a person.

    Args:
        output: Where to.
        result: What to print.
        columns: Width to fit the tree into; by default that of the terminal.
        states: Whether each quote still stands in its file, where that was checked.
    """
    from rich.text import Text

    output.show(Text(f"{result.mode}: {result.mode_reason}", style="dim"))
    if result.run_id is not None:
        _show_tree(output, result, columns)
    _show_evidence(output, result, states)
    for note in result.notes:
        if note != result.mode_reason:
            output.note(note)
    if result.run_id is not None and result.steps:
        first = result.findings.evidence[0].step if result.findings.evidence else ""
        number = first.partition("-")[0] or "1"
        output.note(f"one step again: docsearch replay {result.run_id} --step {number}")
    if result.run_id is not None and not result.complete:
        output.note(f"to go on: docsearch resume {result.run_id}")


def _show_tree(output: Output, result: AskResult, columns: int | None) -> None:
    from rich.text import Text

    from docsearch_cli.cli.run_tree import budget_words, run_tree, seed_words

    seeds = [{"source": step.edge} for step in result.steps if step.parent is None]
    seconds = result.timings_ms["total"] / 1000
    header = [f"run {result.run_id}", *budget_words(result.budget), f"{seconds:.2f} s"]
    output.show("")
    output.show_tree(run_tree(header, seed_words(seeds), result.steps, width=columns))
    unspent = result.budget["max_agents"] - result.budget["agents_used"]
    stopped = f"stopped: {STOP_WORDS[result.stop_reason]}"
    if unspent:
        stopped += f"; {unspent} agents unspent"
    output.show(Text(stopped))


# Why a search ended, in words.
STOP_WORDS = {
    "answered": "answered",
    "budget": "budget reached (--max-agents or --max-tokens)",
    "depth": "depth reached (--max-depth)",
    "frontier_empty": "nothing left to follow",
    "no_gain": "nothing new was found any more",
    "deadline": "deadline reached",
    "cancelled": "cancelled",
    "failures": "too many steps failed",
    "simple": "keyword search",
}


def _show_evidence(output: Output, result: AskResult, states: Sequence[QuoteState]) -> None:
    from rich.text import Text

    findings = result.findings
    if not findings.found:
        output.show("")
        output.show(Text(f"not found in these documents: {findings.reason}", style="bold"))
        if not findings.evidence and not findings.documents:
            return
    output.show("")
    if not findings.found:
        output.show(Text("the nearest there is", style="dim"))
    for item in findings.evidence:
        place = Text(f"{item.n}  ", style="bold")
        place.append(_place(item), style="bold cyan")
        if item.heading:
            place.append(f"  {item.heading}")
        if item.via:
            place.append(f"  ({_way(item.via)})", style="dim")
        output.show(place)
        output.show(Text(f'   "{_one_line(item.plain)}"'))
        if item.n <= len(states) and states[item.n - 1] in _STATE_WORDS:
            output.show(Text(f"   ({_STATE_WORDS[states[item.n - 1]]})", style="yellow"))
    cited = {item.path for item in findings.evidence}
    more = [item.path for item in findings.documents if item.path not in cited][:5]
    if more:
        if findings.evidence:
            output.show("")
        output.show(Text("see also" if findings.evidence else "pages", style="dim"))
        for path in more:
            output.show(Text(f"   {path}"))


# What is said of a quote that no longer stands where it stood.
_STATE_WORDS = {
    "changed": "the file has changed since it was indexed: this is not on these lines any more",
    "gone": "the file is gone since it was indexed",
}


def _place(item: Citation) -> str:
    if item.paged:
        return f"{item.path}, page {item.line_start}"
    lines = f"{item.line_start}"
    if item.line_end != item.line_start:
        lines += f"-{item.line_end}"
    return f"{item.path}:{lines}"


def _way(via: Sequence[Any]) -> str:
    hops = [
        f"{hop.node} > {hop.edge.replace('_', ' ')}" + (f" on line {hop.line}" if hop.line else "")
        for hop in via
    ]
    return "by " + " > ".join(hops)


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 400 else flat[:397] + "..."

"""``docsearch replay``: draw a run again, or run one of its steps again."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.completion import complete_steps
from docsearch_cli.cli.options import BaseUrl, IndexDir, Json, Quiet, Run, home_of_runs
from docsearch_cli.cli.output import Output, Reported, counted, envelope, print_json
from docsearch_cli.cli.shell_paths import ShellPaths, paths_of_runs
from docsearch_cli.corpus.graphemes import shorten
from docsearch_cli.errors import EXIT_DONE, EXIT_REPLAY_DIFFERS, RunCorruptError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from docsearch_cli.runs.drift import Drift
    from docsearch_cli.runs.picture import RunPicture
    from docsearch_cli.runs.replay import StepReplay
    from docsearch_cli.runs.store import RunStore


def command(
    run: Run,
    step: Annotated[
        str | None,
        typer.Option(
            metavar="STEP",
            help="Run this step again: its number, kind or id.",
            autocompletion=complete_steps,
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="K=V", help="Change a field of the step's input; repeatable."
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--pdb", help="Stop in the debugger where the step begins.")
    ] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="Ask the step's language model again; it costs what it costs."),
    ] = False,
    base_url: BaseUrl = None,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Render a recorded run again, or debug one step of it.

    A step runs from its recorded input, in this process, without cache or retry; the run itself
    is never changed. Exit code 6 if its output differs from the recorded one. What a language model
    replied is part of the record, and is not asked again unless --live says so.

    \b
    Examples:
      docsearch replay 7f3a2c10
      docsearch replay 7f3a --step 4 --pdb
      docsearch replay 7f3a --step 4 --set covered=[]
    """
    from docsearch_cli.runs.catalog import opened_run

    output = Output("replay", as_json, quiet)
    if step is None and (changes or debug or live):
        message = "--set, --pdb and --live need a --step"
        raise UsageError(message, hint=f"docsearch replay {run} --step 1")
    if debug and live:
        raise UsageError("--pdb and --live exclude each other", hint="give one of them")
    home = home_of_runs(index, output, run=run)
    with opened_run(home, run) as store:
        if step is None:
            from docsearch_cli.runs.picture import picture_what_is_left

            _show_run(output, picture_what_is_left(home, store), paths_of_runs(home, run))
        else:
            paths = paths_of_runs(home, run)
            if live:
                _replay_live(output, home, store, step, tuple(changes or ()), base_url, paths)
            else:
                result = _replay_step(home, store, step, tuple(changes or ()), debug)
                _report_step(output, result, paths)


def _replay_step(
    home: Any, store: Any, step: str, changes: tuple[str, ...], debug: bool
) -> StepReplay:
    from docsearch_cli.runs.replay import replay_step

    call = _in_debugger if debug else None
    return replay_step(home, store, step, changes=changes, call=call)


def _report_step(output: Output, result: StepReplay, paths: ShellPaths) -> None:
    differs = not result.reproduced and not result.changes
    if output.as_json:
        _print_step_json(result, differs)
    else:
        _show_step(output, result, paths)
    if differs:
        raise Reported(EXIT_REPLAY_DIFFERS)


def _replay_live(
    output: Output,
    home: Path,
    store: RunStore,
    step: str,
    changes: tuple[str, ...],
    base_url: str | None,
    paths: ShellPaths,
) -> None:
    """Ask the model again, and show what it decides beside what it decided."""
    from rich.text import Text

    from docsearch_cli.config import load_settings
    from docsearch_cli.run_limits import dollars
    from docsearch_cli.runs.replay import replay_step
    from docsearch_cli.search.live_step import LiveStep
    from docsearch_cli.search.result import AskOptions

    options = AskOptions(load_settings({}, beside=home.parent), base_url=base_url)
    asking = LiveStep.of(store, step, options)
    result = replay_step(home, store, step, changes=changes, call=asking.run)
    spent = asking.spent
    if output.as_json:
        cost = {
            "requests": spent.requests,
            "tokens": spent.tokens,
            "cost_usd": spent.micro_usd / 1e6,
        }
        _print_step_json(result, False, live=cost)
        return
    _show_step(output, result, paths, then=True)
    output.show(
        Text(
            f"asked again: {counted(spent.requests, 'request')}, {spent.tokens:,} tokens, "
            f"{dollars(spent.micro_usd)}"
        )
    )


def _in_debugger(definition: Any, value: Any) -> Any:
    """Stop at the step's first line, and again where it raises."""
    if definition.ask is not None:
        raise UsageError(
            "a step that asks a model cannot be debugged", hint="--set and --live can vary it"
        )
    import pdb

    debugger = pdb.Pdb(stdout=sys.stderr)  # stdout is the result's
    try:
        result = debugger.runcall(definition.call, value)
    except Exception:
        debugger.reset()
        debugger.interaction(None, sys.exc_info()[2])
        raise
    if debugger.quitting:
        sys.stderr.write("left the debugger; nothing was compared\n")
        raise Reported(EXIT_DONE)
    return result


def _print_step_json(result: StepReplay, differs: bool, live: dict[str, Any] | None = None) -> None:
    data = {
        "step": asdict(result.step),
        "verdict": _verdict(result),
        "changes": list(result.changes),
        "input": result.input,
        "recorded": result.recorded,
        "now": result.now,
        "error": result.error,
        "differences": [asdict(item) for item in result.differences],
        "drift": [asdict(item) for item in result.drift],
        "live": live,
    }
    code = EXIT_REPLAY_DIFFERS if differs else 0
    faults = []
    if differs:
        message = f"step {result.step.id} gives another output now"
        faults = [{"code": "replay_differs", "message": message, "hint": None}]
    print_json(envelope("replay", "error" if differs else "success", code, data, faults))


def _verdict(result: StepReplay) -> str:
    if result.changes:
        return "CHANGED" if result.differences or result.error else "SAME"
    return "REPRODUCED" if result.reproduced else "DIFFERS"


def _show_run(output: Output, picture: RunPicture, paths: ShellPaths) -> None:
    from rich.text import Text

    from docsearch_cli.cli.run_tree import run_header, run_tree, seed_words
    from docsearch_cli.runs.canonical import making_sense
    from docsearch_cli.runs.reached import limits_reached_by
    from docsearch_cli.runs.recorded_question import in_words_of
    from docsearch_cli.runs.words import DROP_WORDS, ended_words

    facts, ending = picture.trace.facts, picture.trace.ending
    if output.as_json:
        _print_run(picture)
        return
    with making_sense():
        question, created_at = facts["question"], facts["created_at"]
        read = in_words_of(picture.trace)
        reached = limits_reached_by(picture.trace)
        header = [f"run {picture.run_id}", "interrupted"]
        stopped = ended_words(ending.get("stop_reason", ""), reached, ending.get("budget"))
        if ending:
            header = run_header(picture.run_id, ending["budget"], ending["seconds"])
    output.show(Text(f"question: {question}"))
    for line in read:
        output.show(Text(line))
    output.show(Text(f"asked {created_at}, {picture.trace.status}", style="dim"))
    output.show("")
    output.show_tree(run_tree(header, seed_words(picture.seeds), picture.steps, paths))
    output.show(stopped)
    if picture.drops:
        dropped = ", ".join(
            f"{count} {DROP_WORDS.get(name, name)}" for name, count in picture.drops.items()
        )
        output.show(f"not followed: {dropped}")
    output.note(f"{picture.checked} recorded hashes checked")
    _note_drift(output, picture.drift)
    if picture.lost:
        raise RunCorruptError(
            f"the record of run {picture.run_id} is damaged: {picture.lost}",
            hint=f"to delete it: docsearch runs rm {picture.run_id}",
        )
    if picture.trace.status != "complete":
        output.note(f"to continue: docsearch resume {picture.run_id}")


def _print_run(picture: RunPicture) -> None:
    data = picture.to_dict()
    if not picture.lost:
        print_json(envelope("replay", "success", EXIT_DONE, data))
        return
    fault = {"code": RunCorruptError.code, "message": picture.lost, "hint": None}
    code = RunCorruptError.exit_code
    print_json(envelope("replay", "error", code, data, [fault]))
    raise Reported(code)


def _show_step(
    output: Output, result: StepReplay, paths: ShellPaths, *, then: bool = False
) -> None:
    from rich.text import Text

    row = result.step
    output.show(Text(f"step {row.id}   {row.made_by}", style="bold"))
    if row.planned is not None and result.input:
        _show_view(output, result.input, paths)
    else:
        output.show(Text(f"input: {_short_json(result.input)}"))
    if then and result.recorded is not None:
        output.show(Text("then", style="bold"))
        _show_output(output, result.recorded, paths)
        output.show(Text("now", style="bold"))
    _show_output(output, result.now if result.now is not None else {}, paths)
    if result.error:
        output.show(Text(f"raised: {result.error}", style="red"))
    for change in result.changes:
        output.show(Text(f"with {change}"))
    style = "green" if result.reproduced else "yellow"
    output.show(Text(_verdict(result), style=f"bold {style}"))
    for item in result.differences:
        output.show(
            Text(f"   {item.field}: {_short_json(item.recorded)} -> {_short_json(item.now)}")
        )
    _note_drift(output, result.drift)


def _show_view(output: Output, view: Any, paths: ShellPaths) -> None:
    """Print what the agent saw."""
    from rich.text import Text

    from docsearch_cli.graph.edge_kinds import kind_named, label_words
    from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
    from docsearch_cli.retrieval.tokens import spelled, spellings

    output.show(Text(f"question  {view['question']}"))
    node = Text("node      ").append(paths.node(view["node"]), style=paths.style(view["node"]))
    output.show(node.append(f"   {view['title']}   own score {view['node_score']}"))
    language, stems = view.get("language", DEFAULT_LANGUAGE), view.get("stems", {})
    words = spellings(view["question"], language, stems)
    covered = ", ".join(spelled(view["covered"], words))
    output.show(Text(f"covered   {covered or 'nothing yet on the way here'}"))
    if view.get("sought"):
        output.show(Text(f"sought    {', '.join(view['sought'])}: words of the page before"))
    shown, total = len(view["sections"]), view["sections_total"]
    output.show(Text(f"saw       {shown} of {total} sections:"))
    for section in view["sections"]:
        lines = f"{section['line_start']}-{section['line_end']}"
        output.show(Text(f"   {section['score']:7.3f}  lines {lines}  {section['heading']}"))
    output.show(Text(f"          {len(view['edges'])} of {view['edges_total']} edges:"))
    for edge in view["edges"][:12]:
        line = f", line {edge['line']}" if edge["line"] else ""
        kind = label_words(kind_named(edge["kind"]).label(edge["direction"]))
        known = ", ".join(spelled(edge["terms"], words)[:5])
        terms = f"   has {known}" if known else ""
        target = paths.node(edge["target"])
        output.show(Text(f"   {edge['score']:7.3f}  {target}  {kind}{line}{terms}"))
    if len(view["edges"]) > 12:
        output.show(Text(f"   ... {len(view['edges']) - 12} more (--json shows them)"))


def _show_output(output: Output, decided: Any, paths: ShellPaths) -> None:
    """Print what came out of the step."""
    from rich.text import Text

    if "relevance" not in decided:
        output.show(Text(f"output: {_short_json(decided)}"))
        return
    kind = str(decided["kind"]).replace("_", " ")
    output.show(Text(f"decided   {kind}, relevance {decided['relevance']}: {decided['reason']}"))
    for item in decided["evidence"]:
        output.show(Text(f'   line {item["line_start"]}  "{_short(item["plain"])}"'))
    for follow in decided["follow"][:8]:
        target = paths.node(follow["target"])
        output.show(Text(f"   follow {target}  priority {follow['priority']}: {follow['reason']}"))
    if len(decided["follow"]) > 8:
        output.show(Text(f"   ... {len(decided['follow']) - 8} more"))


def _note_drift(output: Output, drift: Sequence[Drift]) -> None:
    for item in drift:
        output.note(f"changed since the run: {item.what} ({item.detail})")


def _short_json(value: Any) -> str:
    return _short(json.dumps(value, ensure_ascii=False))


def _short(text: str) -> str:
    return shorten(text, 160)

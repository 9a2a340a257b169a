"""``docsearch runs``: the recorded runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.options import (
    IndexDir,
    Json,
    Quiet,
    Run,
    home_for_reading,
    home_of_run,
)
from docsearch_cli.cli.output import Output
from docsearch_cli.errors import InputError, UsageError

if TYPE_CHECKING:
    from docsearch_cli.runs.diff import RunDiff

app = typer.Typer(
    help="List, read, check, compare and export recorded runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Step = Annotated[str, typer.Option(metavar="STEP", help="Its number, kind or id.")]


@app.command("list")
def list_runs(
    index: IndexDir = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="Most runs to list.")] = 20,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List recorded runs, the newest first.

    \b
    Examples:
      docsearch runs list
      docsearch runs list --limit 5 --json
    """
    from rich.text import Text

    from docsearch_cli.errors import RunCorruptError
    from docsearch_cli.runs.catalog import opened_run, run_ids

    output = Output("runs list", as_json, quiet)
    home = home_for_reading(index)
    rows: list[dict[str, Any]] = []
    for run_id in run_ids(home):
        try:
            with opened_run(home, run_id) as store:
                rows.append(_list_row(home, run_id, *store.ends()))
        except (RunCorruptError, KeyError) as error:
            output.note(f"run {run_id}: {error}")
    rows.sort(key=lambda row: (row["created_at"], row["run_id"]), reverse=True)
    older = len(rows) - limit
    rows = rows[:limit]
    if as_json:
        output.result({"runs": rows})
        return
    for row in rows:
        agents = "?" if row["agents_used"] is None else row["agents_used"]
        reason = row["stop_reason"] or row["status"]
        output.show(
            Text(
                f"{row['run_id']}  {row['created_at']}  {agents:>3} agents  {reason}  "
                f"{row['question']}"
            )
        )
    if older > 0:
        output.note(f"{older:,} older ones: --limit {older + limit}")
    if not rows:
        output.note('no runs yet; docsearch ask "..." --deep makes one')


def _list_row(home: Path, run_id: str, first: Any, last: Any) -> dict[str, Any]:
    from docsearch_cli.runs.catalog import is_going_on, run_folder

    ending = last.data if last.kind == "run_finished" else {}
    going_on = not ending and is_going_on(run_folder(home, run_id))
    return {
        "run_id": run_id,
        "created_at": first.data["created_at"],
        "status": ending.get("status", "running" if going_on else "interrupted"),
        "stop_reason": ending.get("stop_reason"),
        "agents_used": ending.get("budget", {}).get("agents_used"),
        "question": first.data["question"],
    }


@app.command("logs")
def show_logs(
    run: Run, step: Step, index: IndexDir = None, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Show what the tries of a step wrote to stdout, stderr and the log, and how each ended.

    \b
    Examples:
      docsearch runs logs 7f3a2c10 --step 4
      docsearch runs logs 7f3a --step 4 --json
    """
    from rich.text import Text

    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.trace import find_step, read_trace

    output = Output("runs logs", as_json, quiet)
    with opened_run(home_of_run(index, run), run) as store:
        row = find_step(read_trace(store).all_steps(), step)
        attempts = [
            {
                **asdict(attempt),
                "detail": _text(store.blob(attempt.detail)) if attempt.detail else "",
                "log": _text(store.blob(attempt.log)) if attempt.log else "",
            }
            for attempt in row.attempts
        ]
    if as_json:
        output.result({"step": row.id, "origin": row.origin, "attempts": attempts})
        return
    output.show(Text(f"step {row.id}   {row.function}", style="bold"))
    for attempt in attempts:
        by = "" if attempt["function"] in ("", row.function) else f" by {attempt['function']}"
        output.show(
            Text(
                f"try {attempt['number']}{by}: {attempt['status']}, "
                f"{attempt['elapsed_ms']:.0f} ms, process {attempt['worker']}"
            )
        )
        for text in (attempt["error"], attempt["detail"], attempt["log"]):
            for line in text.splitlines():
                output.show(Text(line))
    if not attempts:
        told = {
            "cache": "the step came from the cache",
            "fork": "the step is shared with the run it was forked from",
            "ran": "the step ran in docsearch itself",
        }
        output.note(f"{told[row.origin]}: it has no log")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


@app.command("why")
def show_why(
    run: Run,
    path: Annotated[str, typer.Argument(metavar="PATH", help="A document, as results name it.")],
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell how a document was reached, or which limit, score or rule kept it out.

    \b
    Examples:
      docsearch runs why 7f3a2c10 guides/webhook-sink.md
      docsearch runs why 7f3a glossary.md --json
    """
    from rich.text import Text

    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.why import explain_path

    output = Output("runs why", as_json, quiet)
    with opened_run(home_of_run(index, run), run) as store:
        found = explain_path(store, path.removeprefix("./"))
    if as_json:
        output.result(asdict(found))
        return
    output.show(Text(f"{found.path} was {'opened' if found.opened else 'not opened'}"))
    for reason in found.reasons:
        where = f"step {reason.step}: " if reason.step else ""
        output.show(Text(f"   {where}{reason.text}"))


@app.command("verify")
def verify(run: Run, index: IndexDir = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Check a run against its own rules: hashes, budget, every decision of the engine.

    The plan is run again from the recorded decisions; what the run used is counted anew.

    \b
    Examples:
      docsearch runs verify 7f3a2c10
      docsearch runs verify ./7f3a2c10.docsearch-run
    """
    from rich.text import Text

    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.certificate import certificate_to_dict
    from docsearch_cli.runs.verify import verify_run

    output = Output("runs verify", as_json, quiet)
    with opened_run(home_of_run(index, run), run) as store:
        verdict = verify_run(store)
    if as_json:
        output.result(
            {
                "run_id": verdict.trace.run_id,
                "status": verdict.trace.status,
                "certificate": certificate_to_dict(verdict.certificate),
                "dag": verdict.dag,
                "answer": verdict.answer,
                "hashes_checked": verdict.checked,
                "steps_replanned": len(verdict.trace.steps),
                "steps_rerun": verdict.rerun,
            }
        )
        return
    for line in verdict.certificate:
        output.show(f"{line.name:<16}{line.used:>12,g} of {line.cap:,g}")
    ended = (
        "" if verdict.trace.ending else f", and it never ended: {len(verdict.trace.steps)} steps"
    )
    output.show(Text(f"VERIFIED{ended}", style="bold green"))
    output.note(
        f"{verdict.checked:,} hashes recomputed, {len(verdict.trace.steps):,} steps planned again, "
        f"{verdict.rerun:,} run again; "
        f"dag {verdict.dag[:12]}, answer {verdict.answer[:12]}"
    )


@app.command("diff")
def diff(
    left: Annotated[str, typer.Argument(metavar="RUN", help="A run.")],
    right: Annotated[str, typer.Argument(metavar="OTHER", help="The run to compare it with.")],
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare two runs: where they part, which documents were gained and lost, what each cost.

    \b
    Examples:
      docsearch runs diff 7f3a2c10 91bb04e2
      docsearch runs diff 7f3a 91bb --json
    """
    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.diff import diff_runs

    output = Output("runs diff", as_json, quiet)
    with (
        opened_run(home_of_run(index, left), left) as one,
        opened_run(home_of_run(index, right), right) as other,
    ):
        found = diff_runs(one, other)
    if as_json:
        output.result(asdict(found))
        return
    _show_diff(output, found)


def _show_diff(output: Output, found: RunDiff) -> None:
    from rich.text import Text

    output.show(Text(f"{found.left} beside {found.right}", style="bold"))
    for item in found.settings:
        output.show(Text(f"   {item.field}: {item.recorded} -> {item.now}"))
    if found.divergence is None:
        output.show("the same steps")
    else:
        at = found.divergence
        output.show(Text(f"part at step {at.number}, {at.what}: {at.left} -> {at.right}"))
    output.show(f"{found.shared_steps} steps in common")
    for name, paths in (
        ("opened no more", found.opened_only_left),
        ("opened now", found.opened_only_right),
        ("documents lost", found.lost),
        ("documents gained", found.gained),
    ):
        if paths:
            output.show(Text(f"{name}: {', '.join(paths)}"))
    for name, (before, after) in found.cost.items():
        output.show(Text(f"{name.replace('_', ' ')}: {before} -> {after}"))
    output.show(Text(f"stopped: {found.stop_reasons[0]} -> {found.stop_reasons[1]}"))


@app.command("export")
def export(
    run: Run,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file to write; RUN.docsearch-run."
        ),
    ] = None,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a run into one file that replays on any machine, without the documents.

    It holds every input and output of its steps, so parts of the documents too.

    \b
    Examples:
      docsearch runs export 7f3a2c10
      docsearch replay ./7f3a2c10.docsearch-run --step 4
    """
    from rich.text import Text

    from docsearch_cli.runs.catalog import EXPORT_SUFFIX, opened_run
    from docsearch_cli.runs.trace import read_trace

    output = Output("runs export", as_json, quiet)
    with opened_run(home_of_run(index, run), run) as store:
        trace = read_trace(store)
        target = out or Path(f"{trace.run_id}{EXPORT_SUFFIX}")
        if target.suffix != EXPORT_SUFFIX:
            raise UsageError(f"{target} has another ending than {EXPORT_SUFFIX}")
        if target.exists():
            raise InputError(f"{target} exists already", hint="name another with --output FILE")
        store.check_blobs()
        store.copy_to(target)
    size = target.stat().st_size
    if as_json:
        output.result({"run_id": trace.run_id, "file": str(target), "bytes": size})
        return
    output.show(Text(f"{target}  {size:,} bytes"))
    output.note(f"one step of it: docsearch replay {target} --step 1")


@app.command("rm")
def remove(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids, or starts of them.")],
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Delete recorded runs; one that is going on is left alone.

    \b
    Examples:
      docsearch runs rm 7f3a2c10
      docsearch runs rm 7f3a 91bb
    """
    from docsearch_cli.runs.catalog import find_run, remove_run

    output = Output("runs rm", as_json, quiet)
    home = home_for_reading(index)
    found = list(dict.fromkeys(find_run(home, run) for run in runs))
    for run_id in found:
        remove_run(home, run_id)
    if as_json:
        output.result({"removed": found})
        return
    output.show(f"removed {', '.join(found)}")

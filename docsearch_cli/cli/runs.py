"""``docsearch runs``: the recorded runs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from docsearch_cli.cli.options import IndexDir, Json, Quiet, Run, home_for_reading
from docsearch_cli.cli.output import Output

app = typer.Typer(help="List and read recorded runs.", no_args_is_help=True, rich_markup_mode=None)


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
    from docsearch_cli.runs.store import open_run, run_ids

    output = Output("runs list", as_json, quiet)
    home = home_for_reading(index)
    rows: list[dict[str, Any]] = []
    for run_id in run_ids(home):
        try:
            store = open_run(home, run_id)
            meta = store.meta()
            store.close()
        except RunCorruptError as error:
            output.note(f"run {run_id}: {error.message}")
            continue
        rows.append(
            {
                "run_id": run_id,
                "created_at": meta.get("created_at", ""),
                "status": meta.get("status", ""),
                "stop_reason": meta.get("stop_reason"),
                "agents_used": meta.get("budget", {}).get("agents_used"),
                "question": meta.get("question", ""),
            }
        )
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


@app.command("logs")
def show_logs(
    run: Run,
    step: Annotated[str, typer.Option(metavar="STEP", help="Its number, kind or id.")],
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what a step wrote, its attempts and its errors.

    \b
    Examples:
      docsearch runs logs 7f3a2c10 --step 4
      docsearch runs logs 7f3a --step 4 --json
    """
    from rich.text import Text

    from docsearch_cli.runs.store import find_run, find_step, open_run

    output = Output("runs logs", as_json, quiet)
    home = home_for_reading(index)
    store = open_run(home, find_run(home, run))
    row = find_step(store.steps(), step)
    attempts = store.attempts(row.id)
    store.close()
    for attempt in attempts:
        attempt["log"] = bytes(attempt["log"]).decode("utf-8", "replace")
    if as_json:
        output.result({"step": row.id, "attempts": attempts})
        return
    for attempt in attempts:
        output.show(
            Text(
                f"attempt {attempt['number']}: {attempt['status']}, {attempt['elapsed_ms']:.1f} ms"
            )
        )
        for text in (attempt["error"], attempt["detail"], attempt["log"]):
            for line in text.splitlines():
                output.show(Text(line))
    if not attempts:
        output.note("the step ran in docsearch itself or came from the cache: it has no log")

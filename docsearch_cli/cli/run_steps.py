"""``docsearch runs logs`` and ``runs why``: what happened to one step, and to one document."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.completion import complete_documents, complete_steps
from docsearch_cli.cli.options import IndexDir, Json, Quiet, Run, home_of_runs
from docsearch_cli.cli.output import Output

if TYPE_CHECKING:
    from pathlib import Path

    from docsearch_cli.runs.store import RunStore

Step = Annotated[
    str,
    typer.Option(metavar="STEP", help="Its number, kind or id.", autocompletion=complete_steps),
]


def show_logs(
    run: Run, step: Step, index: IndexDir = None, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Show what the attempts of a step wrote to stdout, stderr and the log, and how each ended.

    \b
    Examples:
      docsearch runs logs 7f3a2c10 --step 4
      docsearch runs logs 7f3a --step 4 --json
    """
    from rich.text import Text

    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.step_row import find_step
    from docsearch_cli.runs.trace import read_trace

    output = Output("runs logs", as_json, quiet)
    with opened_run(home_of_runs(index, output, run=run), run) as store:
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
                f"attempt {attempt['number']}{by}: {attempt['status']}, "
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


def _document(home: Path, store: RunStore, name: str) -> str:
    """Return the document that a person means, as the run's record has it.

    Raises:
        InputError: If neither the record nor an index that is here knows it.
    """
    from docsearch_cli.errors import IndexMissingError, InputError
    from docsearch_cli.index.find_document import find_document
    from docsearch_cli.index.home import current_working_folder
    from docsearch_cli.index.store import open_index
    from docsearch_cli.runs.why import is_known

    try:
        return find_document(open_index(home), name, current_working_folder())
    except (InputError, IndexMissingError):  # it may be gone since; the record still has it
        path = name.removeprefix("./")
        if is_known(store, path):
            return path
        raise


def show_why(
    run: Run,
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="A document, as results name it.",
            autocompletion=complete_documents,
        ),
    ],
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

    from docsearch_cli.cli.shell_paths import ShellPaths, paths_of_runs
    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.why import explain_path

    output = Output("runs why", as_json, quiet)
    home = home_of_runs(index, output, run=run)
    paths = ShellPaths() if as_json else paths_of_runs(home, run)
    with opened_run(home, run) as store:
        name = str if as_json else paths.node
        found = explain_path(store, _document(home, store, path), name)
    if as_json:
        output.result(asdict(found))
        return
    head = Text().append(paths.name(found.path), style=paths.style(found.path))
    output.show(head.append(f" was {'opened' if found.opened else 'not opened'}"))
    for reason in found.reasons:
        where = f"step {reason.step}: " if reason.step else ""
        output.show(Text(f"   {where}{reason.text}"))

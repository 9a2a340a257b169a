"""``docsearch runs``: the recorded runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docsearch_cli.cli.completion import complete_runs
from docsearch_cli.cli.options import (
    IndexDir,
    Json,
    Quiet,
    Run,
    a_new_file,
    a_path,
    home_of_runs,
    index_if_here,
    most_option,
)
from docsearch_cli.cli.output import Output, time_words
from docsearch_cli.cli.run_checks import diff, replay, verify
from docsearch_cli.cli.run_steps import show_logs, show_why
from docsearch_cli.cli.screen import NARROW, screen_of_stdout
from docsearch_cli.errors import InputError, UsageError

app = typer.Typer(
    help="List, read, check, compare and export recorded runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_runs(
    index: IndexDir = None,
    limit: Annotated[int, most_option("Most runs to list, at least 1.")] = 20,
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

    from docsearch_cli.runs.catalog import begun_runs
    from docsearch_cli.runs.overview import listed_run, newest_first
    from docsearch_cli.runs.words import brief_stop_words

    output = Output("runs list", as_json, quiet)
    home = home_of_runs(index, output)
    rows = newest_first(listed_run(home, run_id) for run_id in begun_runs(home))
    older = len(rows) - limit
    rows = rows[:limit]
    if as_json:
        output.result({"runs": rows})
        return
    columns = screen_of_stdout().columns
    for row in rows:
        if row["problem"]:
            output.note(f"run {row['run_id']}: {row['problem']}")
        if row["created_at"] is None:
            continue
        agents = "?" if row["agents_used"] is None else row["agents_used"]
        ended = brief_stop_words(row["stop_reason"], row["status"])
        held = f"  [{row['filter']}]" if row["filter"] else ""
        facts = f"{time_words(row['created_at'])}  {agents:>3} agents  {ended:<16}  "
        is_narrow = columns is not None and columns < NARROW
        line = Text(f"{row['run_id']}  {'' if is_narrow else facts}{row['question']}{held}")
        if columns is not None:
            line.truncate(columns, overflow="ellipsis")
        output.show(line)
    if older > 0:
        output.note(f"{older:,} older ones: --limit {older + limit}")
    if not rows:
        output.note('no runs yet; docsearch ask "..." --deep makes one')


app.command("logs")(show_logs)
app.command("why")(show_why)
app.command("verify")(verify)
app.command("replay")(replay)
app.command("diff")(diff)


@app.command("export")
def export(
    run: Run,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            parser=a_path,
            help="The file to write; RUN.docsearch-run.",
        ),
    ] = None,
    sign: Annotated[
        Path | None,
        typer.Option(
            "--sign",
            metavar="KEYFILE",
            help="Sign it with this private key; needs the library cryptography.",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            parser=a_new_file,
            help="Write a report to read in a browser instead: one page that needs nothing else.",
        ),
    ] = None,
    otlp: Annotated[
        Path | None,
        typer.Option(
            "--otlp",
            metavar="FILE",
            parser=a_new_file,
            help="Write a trace for OpenTelemetry instead: a span for each step.",
        ),
    ] = None,
    with_text: Annotated[
        bool,
        typer.Option(
            "--with-text",
            help="Have the words of question, documents and model in the trace too.",
        ),
    ] = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a run into one file that replays on any machine, a report to read, or a trace.

    File and report hold what the steps were given and gave, so parts of the documents too; a trace
    has paths and numbers alone, unless --with-text is given. A signature is one more file beside
    it, FILE.sig; the key is made by "ssh-keygen -t ed25519 -f signer.pem".

    \b
    Examples:
      docsearch runs export 7f3a2c10
      docsearch replay ./7f3a2c10.docsearch-run --step 4
      docsearch runs export 7f3a2c10 --sign signer.pem
      docsearch runs export 7f3a2c10 --html report.html
      docsearch runs export 7f3a2c10 --otlp trace.jsonl
    """
    from docsearch_cli.runs.catalog import EXPORT_SUFFIX, opened_run
    from docsearch_cli.runs.signature import Signature
    from docsearch_cli.runs.trace import read_trace

    output = Output("runs export", as_json, quiet)
    if with_text and otlp is None:
        raise UsageError(
            "--with-text is for a trace", hint=f"docsearch runs export {run} --otlp FILE"
        )
    if otlp is not None:
        if html is not None or out is not None or sign is not None:
            message = "--otlp writes a trace, and --output, --sign, --html something else"
            raise UsageError(message, hint=f"docsearch runs export {run} --otlp {otlp}")
        _export_trace(output, run, otlp, index, with_text=with_text)
        return
    if html is not None:
        if out is not None or sign is not None:
            message = "--html writes a report, --output and --sign a record: give one of them"
            raise UsageError(message, hint=f"docsearch runs export {run} --html {html}")
        _export_report(output, run, html, index)
        return
    with opened_run(home_of_runs(index, output, run=run), run) as store:
        trace = read_trace(store)
        target = out or Path(f"{trace.run_id}{EXPORT_SUFFIX}")
        if target.suffix != EXPORT_SUFFIX:
            raise UsageError(f"{target} has another ending than {EXPORT_SUFFIX}")
        if target.exists():
            raise InputError(f"{target} exists already", hint="name another with --output FILE")
        store.check_blobs()
        if sign is not None:
            Signature.of(
                store, sign
            )  # a key that cannot be used is refused before anything is written
        store.copy_to(target)
    signer = _sign(target, sign) if sign is not None else None
    size = target.stat().st_size
    _show_exported(output, trace.run_id, target, size, signed_by=signer)
    output.note(f"one step of it: docsearch replay {target} --step 1")


def _show_exported(
    output: Output, run_id: str, target: Path, size: int, *, signed_by: str | None = None
) -> None:
    """Say what was written."""
    from rich.text import Text

    if output.as_json:
        output.result(
            {"run_id": run_id, "file": str(target), "bytes": size, "signed_by": signed_by}
        )
        return
    output.show(Text(f"{target}  {size:,} bytes"))


def _export_report(output: Output, run: str, target: Path, index: str | None) -> None:
    """Write a run as one HTML file."""
    from docsearch_cli.cli.written_file import check_new, write_new_file
    from docsearch_cli.report.run_report import run_report
    from docsearch_cli.runs.catalog import is_export, opened_run

    check_new(target)
    home = home_of_runs(index, output, run=run)
    is_file = is_export(run)
    with opened_run(home, run) as store:
        reader = None if is_file else index_if_here(home)
        run_id = str(store.ends()[0].data.get("run_id", ""))
        page = run_report(home, store, index=reader, can_replay=not is_file)
    size = write_new_file(target, page)
    _show_exported(output, run_id, target, size)
    output.note("it holds quotes, what agents read of the documents, and logs")


def _export_trace(
    output: Output, run: str, target: Path, index: str | None, *, with_text: bool
) -> None:
    """Write a run as one line of OTLP."""
    from docsearch_cli.cli.written_file import check_new, write_new_file
    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.otlp import export_otlp
    from docsearch_cli.runs.picture import picture_run

    check_new(target)
    home = home_of_runs(index, output, run=run)
    with opened_run(home, run) as store:
        picture = picture_run(home, store)
        line = export_otlp(store, picture, with_text=with_text)
    size = write_new_file(target, line.decode())
    _show_exported(output, picture.run_id, target, size)
    if with_text:
        output.note("it holds the question, quotes and what was asked of a model")


def _sign(target: Path, key_file: Path) -> str:
    """Sign an exported run, which has all that the run had when it was copied."""
    from docsearch_cli.runs.signature import Signature
    from docsearch_cli.runs.store import RunStore

    copy = RunStore(target)
    try:
        signature = Signature.of(copy, key_file)
    finally:
        copy.close()
    signature.write(target)
    return signature.signer


@app.command("rm")
def remove(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...", help="Ids, or starts of them.", autocompletion=complete_runs
        ),
    ],
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Delete recorded runs; one that is still being written is left alone.

    \b
    Examples:
      docsearch runs rm 7f3a2c10
      docsearch runs rm 7f3a 91bb
    """
    from docsearch_cli.runs.catalog import find_run, remove_run

    output = Output("runs rm", as_json, quiet)
    home = home_of_runs(index, output)
    found = list(dict.fromkeys(find_run(home, run, with_begun=True) for run in runs))
    for run_id in found:
        remove_run(home, run_id)
    if as_json:
        output.result({"removed": found})
        return
    output.show(f"removed {', '.join(found)}")

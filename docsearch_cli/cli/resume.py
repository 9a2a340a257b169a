"""``docsearch resume`` and ``docsearch fork``: finish a recorded run, or vary it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli import signals
from docsearch_cli.cli.completion import complete_limits, complete_runs, complete_steps
from docsearch_cli.cli.options import (
    AcceptDrift,
    BaseUrl,
    ContextLines,
    EngineName,
    IndexDir,
    Json,
    MostQuotes,
    NoCache,
    Quiet,
    Scheduler,
    WholeTree,
    Workers,
)
from docsearch_cli.cli.output_formats.table import FormatName, open_output
from docsearch_cli.cli.show_result import report
from docsearch_cli.cli.utf8_mode import typed_text
from docsearch_cli.errors import UsageError
from docsearch_cli.run_limits import LIMIT_OF
from docsearch_cli.search.engines import DEFAULT_ENGINE, find_engine
from docsearch_cli.whole_numbers import brief, read_number

if TYPE_CHECKING:
    from docsearch_cli.cli.output import Output
    from docsearch_cli.cli.output_formats.table import OutputFormat
    from docsearch_cli.search.result import AskResult

RunId = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A run's id, or its first characters.", autocompletion=complete_runs
    ),
]


def resume(
    run: RunId,
    accept_drift: AcceptDrift = False,
    workers: Workers = None,
    engine: EngineName = DEFAULT_ENGINE,
    scheduler: Scheduler = "",
    no_cache: NoCache = False,
    base_url: BaseUrl = None,
    index: IndexDir = None,
    style_name: FormatName = None,
    limit: MostQuotes = None,
    context: ContextLines = 0,
    tree: WholeTree = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Finish an interrupted or partial run from its last good state.

    Only the steps that had not ended are run, under the run's own limits. It is refused if the
    code, the index or a limit differs from what the run began with; --accept-drift allows it.

    \b
    Examples:
      docsearch resume 7f3a2c10
      docsearch resume 7f3a --workers 1 --json
    """
    from docsearch_cli.search.resume import resume_run

    _continue(
        open_output(
            "resume",
            style_name,
            as_json=as_json,
            quiet=quiet,
            limit=limit,
            tree=tree,
            context=context,
        ),
        run,
        resume_run,
        engine=engine,
        scheduler=scheduler,
        workers=workers,
        use_cache=not no_cache,
        index=index,
        accept_drift=accept_drift,
        base_url=base_url,
    )


def fork(
    run: RunId,
    at: Annotated[
        str,
        typer.Option(
            metavar="STEP",
            help="The step after which the new limits hold; 0: from the start.",
            autocompletion=complete_steps,
        ),
    ],
    changes: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="LIMIT=N",
            help="A limit and its new value, or model=PROVIDER:NAME; repeatable.",
            autocompletion=complete_limits,
        ),
    ],
    accept_drift: AcceptDrift = False,
    workers: Workers = None,
    engine: EngineName = DEFAULT_ENGINE,
    scheduler: Scheduler = "",
    no_cache: NoCache = False,
    base_url: BaseUrl = None,
    index: IndexDir = None,
    style_name: FormatName = None,
    limit: MostQuotes = None,
    context: ContextLines = 0,
    tree: WholeTree = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask what if: a new run with other limits that shares every unaffected step.

    The run itself is never changed.

    \b
    Examples:
      docsearch fork 7f3a2c10 --at 4 --set fan_out=5
      docsearch fork 7f3a2c10 --at 0 --set max_agents=40 --set max_depth=4
    """
    from docsearch_cli.search.resume import fork_run

    _continue(
        open_output(
            "fork",
            style_name,
            as_json=as_json,
            quiet=quiet,
            limit=limit,
            tree=tree,
            context=context,
        ),
        run,
        fork_run,
        engine=engine,
        scheduler=scheduler,
        workers=workers,
        use_cache=not no_cache,
        index=index,
        accept_drift=accept_drift,
        at=at,
        base_url=base_url,
        **_changes(changes),
    )


def _continue(
    printing: tuple[Output, OutputFormat],
    run: str,
    continue_run: Callable[..., AskResult],
    *,
    engine: str,
    scheduler: str,
    workers: int | None,
    use_cache: bool,
    index: str | None,
    base_url: str | None,
    **rest: Any,
) -> None:
    """Open the run and the index, continue, and print the result."""
    from docsearch_cli.cli.live_tree import watching
    from docsearch_cli.cli.shell_paths import paths_here
    from docsearch_cli.runs.catalog import find_run, opened_run
    from docsearch_cli.search.result import AskOptions
    from docsearch_cli.search.session import open_session

    find_engine(engine)
    signals.leave_behind("nothing more was recorded")
    output, style = printing
    opened = open_session(index, {"workers": workers}, note=output.note)
    home, reader = opened.home, opened.reader
    options = AskOptions(
        settings=opened.settings,
        mode="deep",
        engine=engine,
        scheduler=scheduler,
        tell=output.note,
        use_cache=use_cache,
        base_url=base_url,
        argv=tuple(map(typed_text, sys.argv[1:])),
    )
    with (
        opened_run(home, find_run(home, run)) as store,
        watching(output, paths_here(reader.roots)) as watcher,
    ):
        result = continue_run(home, reader, store, options=options, observer=watcher, **rest)
    report(output, style, reader, result)


def _changes(given: list[str]) -> dict[str, Any]:
    """Return what ``--set`` changes: limits by name, and perhaps the model."""
    limits: dict[str, int] = {}
    model = ""
    for change in given:
        name, equals, text = change.partition("=")
        name = name.strip().lstrip("-").replace("-", "_")
        if name == "model" and text.strip():
            model = text.strip()
            continue
        number = LIMIT_OF[name].read(text) if name in LIMIT_OF else read_number(text)
        if not equals or number is None:
            raise UsageError(
                f"--set {brief(change)} is not LIMIT=NUMBER", hint="for example --set fan_out=5"
            )
        limits[name] = number
    return {"changes": limits, "model": model}

"""``docsearch resume`` and ``docsearch fork``: a recorded run goes on, or goes another way."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.ask import report
from docsearch_cli.cli.options import (
    AcceptDrift,
    EngineName,
    IndexDir,
    Json,
    NoCache,
    Quiet,
    Workers,
    home_for_reading,
)
from docsearch_cli.cli.output import Output
from docsearch_cli.errors import UsageError
from docsearch_cli.search.engines import DEFAULT_ENGINE, find_engine

if TYPE_CHECKING:
    from docsearch_cli.search.result import AskResult

RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or the start of it.")]


def resume(
    run: RunId,
    accept_drift: AcceptDrift = False,
    workers: Workers = None,
    engine: EngineName = DEFAULT_ENGINE,
    no_cache: NoCache = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Finish an interrupted or partial run from its last good state.

    Exactly the steps that have no end in the record are run, under the run's own limits. It is
    refused if the code, the index or the limits are others than the run began with.

    \b
    Examples:
      docsearch resume 7f3a2c10
      docsearch resume 7f3a --workers 1 --json
    """
    from docsearch_cli.search.resume import resume_run

    _go_on(
        Output("resume", as_json, quiet),
        run,
        resume_run,
        engine=engine,
        workers=workers,
        use_cache=not no_cache,
        index=index,
        accept_drift=accept_drift,
    )


def fork(
    run: RunId,
    at: Annotated[
        str,
        typer.Option(
            metavar="STEP", help="The step after which it goes another way; 0: from the start."
        ),
    ],
    changes: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="K=N", help="A limit that is other from there on; repeatable."
        ),
    ],
    accept_drift: AcceptDrift = False,
    workers: Workers = None,
    engine: EngineName = DEFAULT_ENGINE,
    no_cache: NoCache = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Ask what if: a new run that shares every unaffected step of another.

    \b
    Examples:
      docsearch fork 7f3a2c10 --at 4 --set fan_out=5
      docsearch fork 7f3a2c10 --at 0 --set max_agents=40 --set max_depth=4
    """
    from docsearch_cli.search.resume import fork_run

    _go_on(
        Output("fork", as_json, quiet),
        run,
        fork_run,
        engine=engine,
        workers=workers,
        use_cache=not no_cache,
        index=index,
        accept_drift=accept_drift,
        at=at,
        changes=dict(_limit(change) for change in changes),
    )


def _go_on(
    output: Output,
    run: str,
    go_on: Callable[..., AskResult],
    *,
    engine: str,
    workers: int | None,
    use_cache: bool,
    index: str | None,
    **rest: Any,
) -> None:
    """Open the run and the index, go on, and print what came of it."""
    from docsearch_cli.cli.live_tree import LiveTree, Watcher
    from docsearch_cli.config import load_settings
    from docsearch_cli.index.store import open_index
    from docsearch_cli.runs.catalog import find_run, opened_run
    from docsearch_cli.runs.trace import read_trace
    from docsearch_cli.search.result import AskOptions

    find_engine(engine)
    home = home_for_reading(index)
    settings = load_settings({"workers": workers}, beside=home.parent)
    options = AskOptions(
        settings=settings,
        mode="deep",
        engine=engine,
        use_cache=use_cache,
        argv=tuple(sys.argv[1:]),
    )
    reader = open_index(home)
    with opened_run(home, find_run(home, run)) as store:
        if output.shows_progress:
            with LiveTree(output, read_trace(store).limits["max_agents"]) as live:
                result = go_on(home, reader, store, options=options, observer=live, **rest)
        else:
            watcher = Watcher(output)
            result = go_on(home, reader, store, options=options, observer=watcher, **rest)
    report(output, result, reader)


def _limit(change: str) -> tuple[str, int]:
    name, equals, text = change.partition("=")
    name = name.strip().lstrip("-").replace("-", "_")
    if not equals or not re.fullmatch(r"-?[0-9]{1,18}", text.strip()):
        raise UsageError(f"--set {change!r} is not name=number", hint="such as --set fan_out=5")
    return name, int(text)

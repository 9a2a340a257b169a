"""``docsearch serve``: a page for a browser on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.options import (
    FanOut,
    IndexDir,
    MaxAgents,
    MaxDepth,
    MaxTokens,
    Quiet,
    Workers,
    EngineName,
    a_port,
)
from docsearch_cli.cli.output import Output
from docsearch_cli.config import LIMIT_OF
from docsearch_cli.search.engines import DEFAULT_ENGINE, find_engine

if TYPE_CHECKING:
    from docsearch_cli.web.live_runs import LiveRun

# Where it listens unless another port is given; no well-known service has it.
_PORT = 8421
# The page is its owner's, on a machine of theirs: ten times what a search opens if nobody says, as
# many tokens as that can be, and as long as a run may take.
_CAPS = {
    "max_agents": 200,
    "max_tokens": LIMIT_OF["max_tokens"].default,
    "deadline_s": LIMIT_OF["deadline_s"].most,
}


def command(
    port: Annotated[
        int,
        typer.Option(metavar="N", parser=a_port, help="Port to listen on; 0 for any that is free."),
    ] = _PORT,
    open_page: Annotated[
        bool | None,
        typer.Option(
            "--open/--no-open",
            help="Open the page in a browser, or do not (default: on a terminal).",
            show_default=False,
        ),
    ] = None,
    most_runs: Annotated[
        int, typer.Option("--runs", metavar="N", min=1, max=16, help="Most searches at once.")
    ] = 2,
    max_agents: MaxAgents = None,
    max_depth: MaxDepth = None,
    fan_out: FanOut = None,
    max_tokens: MaxTokens = None,
    workers: Workers = None,
    engine: EngineName = DEFAULT_ENGINE,
    index: IndexDir = None,
    quiet: Quiet = False,
) -> int:
    """Ask, watch, read and compare in a browser on this machine.

    Nobody else is answered: the address that is printed lets a browser in, and holds until the
    server ends. A limit that is given here is the most that the page may ask for. Ctrl-C ends the
    server; searches that are under way are stopped, and can be resumed.

    \b
    Examples:
      docsearch serve
      docsearch serve --port 0 --no-open --max-agents 50
    """
    import sys

    from docsearch_cli.cli import signals
    from docsearch_cli.errors import EXIT_INTERRUPTED
    from docsearch_cli.web.server import check_installed, open_socket, serve

    check_installed()
    find_engine(engine)
    output = Output("serve", as_json=False, quiet=quiet)
    from docsearch_cli.search.kept_engines import KeptEngines
    from docsearch_cli.service.caps import Caps
    from docsearch_cli.service.warm_index import WarmIndex
    from docsearch_cli.web.access import Access
    from docsearch_cli.web.live_runs import LiveRuns
    from docsearch_cli.web.site import Site

    given = {
        "max_agents": max_agents,
        "max_depth": max_depth,
        "fan_out": fan_out,
        "max_tokens": max_tokens,
    }
    own = {name: value for name, value in given.items() if value is not None}
    caps = Caps(**{**_CAPS, "explorations": most_runs, **own})
    engines = KeptEngines(most_runs)
    warm = WarmIndex(index, engines.start, output.note)
    opened = open_socket(port)
    site = Site(
        warm=warm,
        engines=engines,
        caps=caps,
        access=Access(opened.getsockname()[1]),
        live=LiveRuns(most_runs),
        flags={"workers": workers},
        engine=engine,
    )
    output.show(site.access.address)
    output.note("this address lets a browser in; Ctrl-C ends the server")
    if open_page if open_page is not None else sys.stdout.isatty():
        _open(site.access.address)
    signals.end_gently()
    _say_what_stopped(output, serve(site, opened, signals.was_asked_to_end))
    return EXIT_INTERRUPTED


def _open(address: str) -> None:
    """Open a browser, if there is one; a failure is no matter, since the address is printed."""
    import threading
    import webbrowser

    # It may wait for the browser, which waits for the server.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _say_what_stopped(output: Output, stopped: list[LiveRun]) -> None:
    for run in stopped:
        if run.run_id:
            output.note(f"stopped; it continues with: docsearch resume {run.run_id}")

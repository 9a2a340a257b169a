"""``docsearch serve``: a page for a browser on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.options import (
    EngineName,
    IndexDir,
    Quiet,
    Workers,
    most_option,
)
from docsearch_cli.cli.output import Output
from docsearch_cli.run_limits import LIMIT_OF
from docsearch_cli.search.engines import DEFAULT_ENGINE, find_engine

if TYPE_CHECKING:
    import socket
    from contextlib import ExitStack

    from docsearch_cli.web.site import Site

# Where it listens unless another port is given; no well-known service has it.
_PORT = 8421
# The page is its owner's, on a machine of theirs: ten times what a search opens if nobody says, as
# many tokens as that can be, and as long as a run may take.
_CAPS = {
    "max_agents": 200,
    "max_tokens": LIMIT_OF["max_tokens"].default,
    "deadline_s": LIMIT_OF["deadline_s"].most,
    "explorations": 2,
}


def command(
    port: Annotated[
        int,
        typer.Option(min=0, max=65_535, metavar="N", help="The port; 0 for any that is free."),
    ] = _PORT,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = False,
    max_agents: Annotated[
        int | None, most_option("Most nodes that one search may open (default 200).")
    ] = None,
    max_depth: Annotated[
        int | None, most_option("Most hops that it may go from a seed (default 8).")
    ] = None,
    max_tokens: Annotated[
        int | None, most_option("Most tokens that its agents may read (default 2,400,000).")
    ] = None,
    deadline: Annotated[
        int | None, most_option("Most seconds that it may take (default 3,600).")
    ] = None,
    at_once: Annotated[
        int | None, most_option("Most searches at once; more are refused (default 2).")
    ] = None,
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
      docsearch serve --open --port 0 --max-agents 50
    """
    import contextlib

    from docsearch_cli.cli import signals
    from docsearch_cli.errors import EXIT_INTERRUPTED
    from docsearch_cli.service.loopback import open_socket
    from docsearch_cli.web.server import check_installed, serve

    check_installed()
    find_engine(engine)
    output = Output("serve", as_json=False, quiet=quiet)
    given = {
        "max_agents": max_agents,
        "max_depth": max_depth,
        "max_tokens": max_tokens,
        "deadline_s": deadline,
        "explorations": at_once,
    }
    caps = _CAPS | {name: value for name, value in given.items() if value is not None}
    with contextlib.ExitStack() as closing:
        opened = closing.enter_context(open_socket(port))
        site = _make_site(index, caps, opened, output)
        site.flags, site.engine = {"workers": workers}, engine
        output.show(site.access.address)
        output.note("this address lets a browser in; Ctrl-C ends the server")
        signals.end_gently()
        signals.leave_behind("the server has ended", "docsearch runs list names unfinished runs")
        if open_page:
            _open(site.access.address, closing)
        for run in serve(site, opened, signals.was_asked_to_end):
            if run.run_id:
                output.note(f"stopped; it continues with: docsearch resume {run.run_id}")
    return EXIT_INTERRUPTED


def _make_site(
    index: str | None, caps: dict[str, int], opened: socket.socket, output: Output
) -> Site:
    """Open the index, for a server that listens already."""
    from docsearch_cli.search.kept_engines import KeptEngines
    from docsearch_cli.service.caps import Caps
    from docsearch_cli.service.warm_index import WarmIndex
    from docsearch_cli.web.access import Access
    from docsearch_cli.web.live_runs import LiveRuns
    from docsearch_cli.web.site import Site

    engines = KeptEngines(caps["explorations"])
    return Site(
        warm=WarmIndex(index, engines.start, output.note),
        engines=engines,
        caps=Caps(**caps),
        access=Access(opened.getsockname()[1]),
        live=LiveRuns(caps["explorations"]),
    )


def _open(address: str, closing: ExitStack) -> None:
    """Open a browser, if there is one; a failure is no matter, since the address is printed.

    The address is handed over in a file that nobody else may read: every user of the machine sees
    the arguments of a program.

    Args:
        address: With the token.
        closing: Removes the file at the end.
    """
    import tempfile
    import threading
    import webbrowser
    from pathlib import Path

    folder = closing.enter_context(tempfile.TemporaryDirectory(prefix="docsearch-"))
    page = Path(folder) / "open.html"
    page.write_text(f'<meta http-equiv="refresh" content="0; url={address}">', "ascii")
    # It may wait for the browser, which waits for the server.
    threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()

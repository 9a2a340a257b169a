"""The server: a socket on this machine alone, and an end within two seconds.

Whoever starts it says when it is to end; nothing here handles signals. Searches under way are
stopped in order, so that they can be resumed, and event streams end; what still runs after that
ends with the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from docsearch_cli.errors import InputError
from docsearch_cli.installation import install_hint
from docsearch_cli.service.loopback import make_server
from docsearch_cli.web.live_runs import LiveRun
from docsearch_cli.web.site import Site

# How often it is asked whether to end, and how long searches and answers then have; together well
# under the two seconds that are promised.
_LOOK_S = 0.1
_STOP_S = 0.8
_ANSWER_S = 0.4


def check_installed() -> None:
    """Make sure that the libraries of the page are there.

    Raises:
        InputError: If they are not; it says how to install them.
    """
    from importlib.util import find_spec

    missing = [name for name in ("jinja2", "starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise InputError(f"the page needs {', '.join(missing)}", hint=install_hint("web"))


def serve(site: Site, opened: socket.socket, should_end: Callable[[], bool]) -> list[LiveRun]:
    """Answer requests until it is to end.

    Args:
        site: What is served.
        opened: Where requests come.
        should_end: Asked a few times a second.

    Returns:
        The searches that were stopped by the end.
    """
    return asyncio.run(_serve(site, opened, should_end))


async def _serve(
    site: Site, opened: socket.socket, should_end: Callable[[], bool]
) -> list[LiveRun]:
    from docsearch_cli.web.app import make_app

    server = make_server(make_app(site), has_lifespan=False)
    serving = asyncio.create_task(server.serve(sockets=[opened]))
    while not serving.done() and not should_end():
        await asyncio.sleep(_LOOK_S)
    site.is_ending = True
    stopped = await asyncio.to_thread(site.live.close, _STOP_S)
    server.should_exit = True
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, _ANSWER_S)
    site.engines.close()
    return stopped

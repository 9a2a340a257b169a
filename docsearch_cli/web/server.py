"""The server: a socket on this machine alone, and an end within two seconds.

Whoever starts it says when it is to end; nothing here handles signals. Searches under way are
stopped in order, so that they can be resumed, and event streams end; what still runs after that
ends with the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable

from docsearch_cli.errors import InputError
from docsearch_cli.installation import install_hint
from docsearch_cli.web.live_runs import LiveRun
from docsearch_cli.web.site import Site

HOST = "127.0.0.1"
# How often it is asked whether to end, and how long searches and answers then have; together well
# under the two seconds that are promised.
_LOOK_S = 0.1
_STOP_S = 0.8
_ANSWER_S = 0.4
# Connections at once, from a browser or two; a page takes a few.
_MOST_CONNECTIONS = 100
_MOST_HEADER_BYTES = 16 * 1024


def open_socket(port: int) -> socket.socket:
    """Open the port on this machine alone.

    Args:
        port: Its number; 0 for any that is free.

    Returns:
        The socket, which listens.

    Raises:
        InputError: If it is taken or may not be opened.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((HOST, port))
        opened.listen(64)
    except OSError as error:
        opened.close()
        hint = "give another one with --port, or --port 0 for any that is free"
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} is taken by another program", hint=hint) from error
        raise InputError(f"port {port} cannot be opened: {error.strerror}", hint=hint) from error
    return opened


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
    import uvicorn

    from docsearch_cli.web.app import make_app

    server = uvicorn.Server(
        uvicorn.Config(
            make_app(site),
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            h11_max_incomplete_event_size=_MOST_HEADER_BYTES,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
    )
    server.capture_signals = contextlib.nullcontext  # signals are left to the command
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

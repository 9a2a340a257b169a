"""Runs the server until its client is gone or a signal comes, and ends within two seconds.

On stdio, nothing but the protocol is on stdout; whatever else would be written there, also by a
library or by a process that was started, goes to stderr. A thread that waits for a line on stdin
cannot be woken, so the process ends itself once all that matters is closed.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

import anyio  # noqa: TID253  this module is itself imported inside functions
from anyio import to_thread  # noqa: TID253
from mcp.server.mcpserver import MCPServer  # noqa: TID253

from docsearch_cli.errors import EXIT_DONE, EXIT_INTERRUPTED
from docsearch_cli.mcp_server.http_guard import HttpGuard
from docsearch_cli.mcp_server.stdio_lines import run_on_stdio
from docsearch_cli.service.document_service import DocumentService
from docsearch_cli.service.loopback import HOST, make_server

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve_stdio(server: MCPServer, service: DocumentService) -> NoReturn:
    """Serve one client on stdin and stdout, until it closes them.

    Args:
        server: The server.
        service: Its service, which is closed at the end.
    """

    async def serve() -> None:
        try:
            await run_on_stdio(server)
        except* BrokenPipeError:  # the client is gone
            pass

    _run(serve, service)


def serve_http(
    server: MCPServer, service: DocumentService, listener: socket.socket, token: str
) -> NoReturn:
    """Serve clients on a port of this machine.

    Args:
        server: The server.
        service: Its service, which is closed at the end.
        listener: Listens on loopback.
        token: What a request must carry.
    """
    from mcp.server.transport_security import TransportSecuritySettings

    port = listener.getsockname()[1]
    hosts = [f"{HOST}:{port}", f"localhost:{port}", f"[::1]:{port}"]
    app = server.streamable_http_app(
        transport_security=TransportSecuritySettings(
            allowed_hosts=hosts, allowed_origins=[f"http://{host}" for host in hosts]
        )
    )
    http = make_server(HttpGuard(app, token, port), has_lifespan=True)

    async def serve() -> None:
        await http.serve(sockets=[listener])

    _run(serve, service)


def _run(serve: Callable[[], Awaitable[None]], service: DocumentService) -> NoReturn:
    """Serve until the end, and end the process: threads of calls cut off may still wait."""

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(_end_on_signal, service)
            await serve()
            group.cancel_scope.cancel()

    anyio.run(main)
    service.close()
    _end_process(EXIT_DONE)


async def _end_on_signal(service: DocumentService) -> None:
    """End the process when a signal comes, its workers and runs first."""
    with anyio.open_signal_receiver(*_SIGNALS) as signals:
        async for _ in signals:
            break
    await to_thread.run_sync(service.close)
    _end_process(EXIT_INTERRUPTED)


def _end_process(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)

"""What servers on a port of this machine have in common: the socket, and who may keep it busy.

Any user of the machine can connect. Connections are therefore bounded, each has a few seconds for a
whole request, and where there are too many, the one that has waited longest for its client goes.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import TYPE_CHECKING, Any

from docsearch_cli.environment import refusal
from docsearch_cli.errors import InputError

if TYPE_CHECKING:
    from uvicorn import Server

HOST = "127.0.0.1"
# Connections at once, from a client or two; a page takes a few.
_MOST_CONNECTIONS = 100
# Of the files that the process may open, connections get one in so many: the others are the index,
# runs, and pipes of workers.
_FILES_PER_CONNECTION = 4
# Connections that the system holds before they are accepted, all of them at once if need be.
_BACKLOG = 32
_MOST_HEADER_BYTES = 16 * 1024


def open_socket(port: int) -> socket.socket:
    """Open a port on this machine alone.

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
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        hint = "give another one with --port, or --port 0 for any that is free"
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} is taken by another program", hint=hint) from error
        refused = refusal(error, f"port {port}")
        raise refused or InputError(
            f"port {port} cannot be opened: {error.strerror}", hint=hint
        ) from error
    return opened


def make_server(app: Any, *, has_lifespan: bool) -> Server:
    """Return a server that bounds what strangers can take of it.

    Args:
        app: What it serves, of ASGI.
        has_lifespan: Whether the application wants to know of its beginning and its end.

    Returns:
        The server, to be run on an open socket. It leaves signals alone.
    """
    import uvicorn

    from docsearch_cli.service.patient_protocol import patient_protocol

    server = uvicorn.Server(
        uvicorn.Config(
            app,
            lifespan="on" if has_lifespan else "off",
            ws="none",
            http=patient_protocol(most_connections()),
            loop="asyncio",
            backlog=_BACKLOG,
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=_MOST_HEADER_BYTES,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
    )
    server.capture_signals = contextlib.nullcontext
    return server


def most_connections() -> int:
    """Return how many connections there may be at once, by how many files may be open."""
    try:
        import resource
    except ImportError:  # a system without such a bound
        return _MOST_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(1, min(_MOST_CONNECTIONS, files // _FILES_PER_CONNECTION))

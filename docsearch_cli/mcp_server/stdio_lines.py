"""Serves one client on stdin and stdout, and answers lines that are no message.

JSON-RPC asks for an error where a message cannot be read. The SDK drops such a line without a word,
and takes a request whose id it does not know for a notification, so that a client with a mistake in
its own JSON waits for a reply that never comes. Every line is looked at before the SDK reads it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import anyio  # noqa: TID253  this module is itself imported inside functions
from mcp.server.mcpserver import MCPServer  # noqa: TID253
from mcp.server.stdio import stdio_server  # noqa: TID253
from mcp.shared.message import SessionMessage  # noqa: TID253
from mcp_types import (  # noqa: TID253
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError  # noqa: TID253

_FIRST_FREE_DESCRIPTOR = 3


async def run_on_stdio(server: MCPServer) -> None:
    """Serve until stdin ends.

    Args:
        server: The server.
    """
    low = server._lowlevel_server  # what the SDK's own run_stdio_async runs
    lines: Any = _Lines()  # the SDK iterates over what it calls a file, and does no more
    async with stdio_server(lines) as (messages, replies):
        lines.begin(replies)
        await low.run(messages, replies, low.create_initialization_options())


class _Lines:
    """The lines of stdin that are messages; the others are answered, but for empty ones.

    Whatever else reads stdin, such as a process that is started, finds it empty.
    """

    def __init__(self) -> None:
        private = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE_DESCRIPTOR)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        # Not closed: a thread may still wait for a line when the server ends.
        self._stdin = os.fdopen(private, encoding="utf-8-sig", errors="replace", closefd=False)
        self._has_begun = anyio.Event()
        self._replies: Any = None

    def begin(self, replies: Any) -> None:
        """Begin to read; what is no message is answered here."""
        self._replies = replies
        self._has_begun.set()

    async def __aiter__(self) -> AsyncIterator[str]:
        await self._has_begun.wait()
        async for line in anyio.wrap_file(self._stdin):
            if not line.strip():
                continue
            error = fault_of(line)
            if error is None:
                yield line
            else:
                await self._replies.send(SessionMessage(error))


def fault_of(line: str) -> JSONRPCError | None:
    """Return what a line is answered that is no message.

    Args:
        line: Of stdin.

    Returns:
        The error, with the id of the request where there is one that can be written; None for a
        message.
    """
    row = _loaded(line)
    try:
        jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] != "json_invalid":
            said = "this line is no message of JSON-RPC 2.0"
            return _error(_id_of(row), INVALID_REQUEST, said)
        if row is None:
            return _error(None, PARSE_ERROR, "this line is no JSON")
        is_deep = "recursion" in str(first["ctx"]["error"])  # else read by Python, not by the SDK
        said = "nested too deep" if is_deep else "a text in it holds half a surrogate pair"
        return _error(_id_of(row), PARSE_ERROR, f"this message cannot be read: {said}")
    if isinstance(row, dict) and {"id", "method"} <= row.keys() and _id_of(row) is None:
        # The SDK takes it for a notification.
        return _error(None, INVALID_REQUEST, "the id is neither text nor a whole number")
    return None


def _loaded(line: str) -> Any:
    """Return what Python reads in a line; None if that is nothing."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _error(request: str | int | None, code: int, message: str) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=request, error=ErrorData(code=code, message=message))


def _id_of(row: Any) -> str | int | None:
    """Return the id of a request; None if it has none that a reply can name.

    The id of a reply is one of our own requests, and no name for an error of ours.
    """
    if not isinstance(row, dict) or ("method" not in row and {"result", "error"} & row.keys()):
        return None
    found = row.get("id")
    if isinstance(found, str):
        is_text = found.encode("utf-8", "replace").decode() == found  # no half a surrogate pair
        return found if is_text else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None

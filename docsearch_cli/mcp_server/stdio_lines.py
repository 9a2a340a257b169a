"""Serves one client on stdin and stdout, and answers lines that are no message.

JSON-RPC asks for an error with the id null where a message cannot be read. The SDK drops the line
without a word, so that a client with a mistake in its own JSON waits for a reply that never comes.
"""

from __future__ import annotations

from typing import Any

import anyio  # noqa: TID253  this module is itself imported inside functions
from mcp.server.mcpserver import MCPServer  # noqa: TID253
from mcp.server.stdio import stdio_server  # noqa: TID253
from mcp.shared.message import SessionMessage  # noqa: TID253
from mcp_types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError  # noqa: TID253
from pydantic import ValidationError  # noqa: TID253

_NO_JSON = ErrorData(code=PARSE_ERROR, message="this line is no JSON")
_NO_MESSAGE = ErrorData(code=INVALID_REQUEST, message="this line is no message of JSON-RPC 2.0")


async def run_on_stdio(server: MCPServer) -> None:
    """Serve until stdin ends.

    Args:
        server: The server.
    """
    low = server._lowlevel_server  # what the SDK's own run_stdio_async runs
    send, messages = anyio.create_memory_object_stream[Any](0)
    async with stdio_server() as (lines, replies), anyio.create_task_group() as group:
        group.start_soon(_pass_on, lines, replies, send)
        await low.run(messages, replies, low.create_initialization_options())
        group.cancel_scope.cancel()


async def _pass_on(lines: Any, replies: Any, send: Any) -> None:
    """Pass on the messages among what comes; answer the rest."""
    async with send:
        async for item in lines:
            if isinstance(item, Exception):
                error = JSONRPCError(jsonrpc="2.0", id=None, error=_fault(item))
                await replies.send(SessionMessage(error))
            else:
                await send.send(item)


def _fault(error: Exception) -> ErrorData:
    is_no_json = isinstance(error, ValidationError) and any(
        fault["type"] == "json_invalid"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    )
    return _NO_JSON if is_no_json else _NO_MESSAGE

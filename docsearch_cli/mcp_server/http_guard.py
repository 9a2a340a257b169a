"""Keeps everybody out of the server on a port who does not know its token.

Any page in a browser, and any user of the machine, can send requests to a port on loopback. A
request must name this host (a page of another site whose name leads here names its own), must come
from no other origin, and must carry the token, which is compared in constant time.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from docsearch_cli.service.loopback import HOST

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# By what names a program on this machine reaches the port.
_NAMES = (HOST, "localhost", "[::1]")
# A shorter token may be guessed.
LEAST_TOKEN_CHARS = 16


class HttpGuard:
    """Lets requests through to an application.

    Args:
        app: The application, of ASGI.
        token: What a request must carry, as ``Authorization: Bearer TOKEN``.
        port: The port that it listens on.
    """

    def __init__(self, app: App, token: str, port: int) -> None:
        self._app = app
        self._authorization = f"Bearer {token}".encode()
        self._hosts = frozenset(f"{name}:{port}".encode() for name in _NAMES)
        self._origins = frozenset(b"http://" + host for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = (403, "no") if scope["type"] != "http" else self._refusal(scope["headers"])
        if refused is None:
            await self._app(scope, receive, send)
            return
        status, text = refused
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    def _refusal(self, headers: list[tuple[bytes, bytes]]) -> tuple[int, str] | None:
        """Return the status and the words that a request is refused with; None if it is not."""
        given: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            given.setdefault(name.lower(), []).append(value)
        hosts, origins = given.get(b"host", []), given.get(b"origin", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 421, "this server is reached by the address that it was started with"
        if any(origin.lower() not in self._origins for origin in origins):
            return 403, "requests of other origins are refused"
        tokens = given.get(b"authorization", [])
        if len(tokens) != 1 or not hmac.compare_digest(tokens[0], self._authorization):
            return 401, "send the token: Authorization: Bearer TOKEN"
        return None

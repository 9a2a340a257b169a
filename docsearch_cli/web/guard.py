"""What every request passes before a page sees it, and what every answer is sent with.

    Host known? -> own or direct visit? -> cookie? (a token gives one) -> a change: origin, csrf

Refusals are plain pages without anything of the documents in them. What a page is given of a form
has been read whole, within limits, so a slow or endless body keeps nobody but its sender waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from docsearch_cli.errors import DocsearchError
from docsearch_cli.web.access import Access
from docsearch_cli.web.forms import Fields

STATIC = "/static/"
# Of a form: a question and a dozen numbers are a hundredth of it.
MOST_BODY_BYTES = 64 * 1024
# Until a form has arrived whole; it comes from this machine.
_BODY_WAIT_S = 5.0
_FORM = "application/x-www-form-urlencoded"
_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        b"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class RefusedError(Exception):
    """Why a request is not answered.

    Args:
        status: Of HTTP.
        what: What is wrong, for a person.
        hint: What to do about it; empty if there is nothing.
    """

    def __init__(self, status: int, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.status = status
        self.what = what
        self.hint = hint


class Guard:
    """The outermost layer of the page.

    Args:
        app: The pages.
        access: Who may use them.
        refuse: Makes the page of a refusal.
        welcome: Makes the page that gives a browser the cookie and goes on to the first one.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        refuse: Callable[[RefusedError], Response],
        welcome: Callable[[], Response],
    ) -> None:
        self._app = app
        self._access = access
        self._refuse = refuse
        self._welcome = welcome

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        is_static = scope["path"].startswith(STATIC)
        send = _with_headers(send, is_static=is_static)
        try:
            welcome = self._let_in(scope, is_static=is_static)
            if welcome is None and scope["method"] == "POST":
                scope["docsearch.form"] = await self._read_form(scope, receive)
        except RefusedError as refusal:
            await self._refuse(refusal)(scope, receive, send)
            return
        await (welcome or self._app)(scope, receive, send)

    def _let_in(self, scope: Scope, *, is_static: bool) -> Response | None:
        """Check where a request comes from; return the answer to one that brings the token."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._access.hosts:
            raise RefusedError(
                421,
                "this address is not served here",
                "open the address that docsearch serve printed",
            )
        method = scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            raise RefusedError(405, f"{method[:20]} is not answered")
        _refuse_strangers(headers, method)
        if is_static:  # style and scripts: they are the same for everybody
            return None
        query = QueryParams(scope["query_string"])
        if method == "GET" and "token" in query:
            if not self._access.is_token(query["token"]):
                raise RefusedError(403, "this token is not, or no longer, valid", _NEW_TOKEN)
            return self._welcome()
        if not self._access.has_cookie(headers.get("cookie", "")):
            raise RefusedError(403, "this browser has not been let in", _NEW_TOKEN)
        return None

    async def _read_form(self, scope: Scope, receive: Receive) -> Fields:
        """Read a form that one of our own pages sent."""
        headers = Headers(scope=scope)
        _refuse_other_origins(headers)
        if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise RefusedError(415, "this is no form")
        try:
            body = await asyncio.wait_for(_read_body(receive, headers), _BODY_WAIT_S)
            form = Fields.of(body)
            is_ours = self._access.is_csrf(form.text("csrf"))
        except TimeoutError as error:
            raise RefusedError(408, "the form did not arrive in time") from error
        except DocsearchError as error:
            raise RefusedError(400, error.message) from error
        if not is_ours:
            raise RefusedError(403, "this form is of an earlier server", "load the page again")
        return form


_NEW_TOKEN = "open the address that docsearch serve printed when it started"  # noqa: S105  no secret


def form_of(request: Request) -> Fields:
    """Return the form that a POST brought."""
    form: Fields = request.scope["docsearch.form"]
    return form


def query_of(request: Request) -> Fields:
    """Return the fields of a request's address."""
    return Fields.of(request.scope["query_string"])


def _refuse_strangers(headers: Headers, method: str) -> None:
    """Refuse what another site's page loads from us; a person may follow a link here.

    A page on another port of this machine counts as the same site, and its requests bring the
    cookie. It cannot read what we send, and is not answered either.
    """
    site = headers.get("sec-fetch-site", "none")
    if site in ("none", "same-origin"):
        return
    is_visit = (
        method == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
    if not is_visit:
        raise RefusedError(403, "this request comes from another site")


def _refuse_other_origins(headers: Headers) -> None:
    """Refuse a change that no page of ours asked for.

    Our own pages send no referrer, so a browser says ``null`` as the origin of their forms, and in
    another header that it is ours. One of the two must say so.
    """
    origin, site = headers.get("origin", "null"), headers.get("sec-fetch-site")
    is_own = origin == f"http://{headers['host'].lower()}"
    if is_own or (origin == "null" and site == "same-origin"):
        return
    if origin == "null" and site is None:
        raise RefusedError(403, "neither Origin nor Sec-Fetch-Site says where this form comes from")
    raise RefusedError(403, "this form comes from another site")


async def _read_body(receive: Receive, headers: Headers) -> bytes:
    too_long = RefusedError(413, f"a form may have {MOST_BODY_BYTES:,} bytes")
    declared = headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit() or int(declared[:12]) > MOST_BODY_BYTES:
        raise too_long
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(400, "the form was cut off while it was being sent")
        body += bytes(message.get("body", b""))
        if len(body) > MOST_BODY_BYTES:
            raise too_long
        if not message.get("more_body"):
            return body


def _with_headers(send: Send, *, is_static: bool) -> Callable[[Message], Awaitable[None]]:
    """Return a sender that adds what a browser must know of every answer."""
    caching = b"no-cache" if is_static else b"no-store"

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given: Iterable[Any] = message.get("headers", ())
            message = {
                **message,
                "headers": [
                    *((name, value) for name, value in given if name != b"cache-control"),
                    *_HEADERS,
                    (b"cache-control", caching),
                ],
            }
        await send(message)

    return send_with_headers

"""The pages of a server and where they are: one row for each address."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from docsearch_cli.errors import (
    DocsearchError,
    InputError,
    RunBusyError,
    RunCorruptError,
    RunDriftError,
    RunNotFoundError,
    StepNotFoundError,
    UsageError,
)
from docsearch_cli.web import ask_pages, document_page, graph_page, live_page, run_pages
from docsearch_cli.web.guard import Guard, RefusedError
from docsearch_cli.web.live_runs import TooManyRunsError
from docsearch_cli.web.site import Site, site_of


class _NameConvertor(PathConvertor):  # type: ignore[misc]  # its imports are not followed
    """The rest of an address as the name of a file, which may hold line feeds, too."""

    regex = r"[\s\S]*"


register_url_convertor("name", _NameConvertor())
_ROUTES = (
    ("/", ask_pages.ask_page, "GET"),
    ("/ask", ask_pages.begin, "POST"),
    ("/live/{key}", live_page.show, "GET"),
    ("/live/{key}/events", live_page.stream, "GET"),
    ("/live/{key}/stop", live_page.stop, "POST"),
    ("/doc/{path:name}", document_page.show, "GET"),
    ("/graph/{path:name}", graph_page.show, "GET"),
    ("/runs", run_pages.list_runs, "GET"),
    ("/runs/diff", run_pages.compare, "GET"),
    ("/runs/{run}", run_pages.show, "GET"),
    ("/runs/{run}/fork", run_pages.fork, "POST"),
    ("/runs/{run}/resume", run_pages.resume, "POST"),
    ("/runs/{run}/steps/{step}", run_pages.show_step, "GET"),
    ("/runs/{run}/steps/{step}/replay", run_pages.replay, "POST"),
)
# Whose style and scripts are served; a name is looked for in this order.
_STATIC = (("docsearch_cli.web", "static"), ("docsearch_cli.report", "assets"))
# What HTTP calls an error of ours; the others are the server's, and have an own page too.
_STATUS: tuple[tuple[type[DocsearchError], int], ...] = (
    (UsageError, 400),
    (RunNotFoundError, 404),
    (StepNotFoundError, 404),
    (InputError, 404),
    (RunBusyError, 409),
    (RunCorruptError, 422),
    (RunDriftError, 409),
    (TooManyRunsError, 503),
)


def make_app(site: Site) -> ASGIApp:
    """Return the page as an ASGI application.

    Args:
        site: Its state.

    Returns:
        The application, which answers nobody but those whom ``site.access`` lets in.
    """
    routes = [Route(path, page, methods=[method]) for path, page, method in _ROUTES]
    app = Starlette(
        routes=[*routes, Mount("/static", StaticFiles(packages=list(_STATIC)))],
        exception_handlers={
            HTTPException: _no_such_page,
            DocsearchError: _own_error,
            Exception: _bug,
        },
    )
    app.router.redirect_slashes = False
    app.state.site = site

    def refuse(refusal: RefusedError) -> Response:
        return site.page(
            "refused.html", status=refusal.status, message=refusal.what, hint=refusal.hint
        )

    def welcome() -> Response:
        # No redirect: where another program's page led here, the browser would keep the cookie
        # back from it, as from any visit that did not begin with us.
        page = site.page("welcome.html")
        page.headers["set-cookie"] = site.access.set_cookie()
        return page

    return Guard(app, site.access, refuse, welcome)


async def _no_such_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # as it is registered
    words = {404: "there is no such page", 405: "this page is not asked for like this"}
    return _error_page(request, error.status_code, words.get(error.status_code, error.detail), "")


async def _own_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DocsearchError)  # as it is registered
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    return await run_in_threadpool(_error_page, request, status, error.message, error.hint or "")


async def _bug(request: Request, _error: Exception) -> Response:
    message = "this is a bug; docsearch has printed where it is"
    return _error_page(request, 500, message, "")


def _error_page(request: Request, status: int, message: str, hint: str) -> Response:
    return site_of(request).page("error.html", status=status, message=message, hint=hint)

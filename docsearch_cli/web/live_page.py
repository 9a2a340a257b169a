"""A search while it goes on: its page, the stream of what happens, and the button that stops it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from docsearch_cli.errors import DocsearchError, RunDriftError
from docsearch_cli.search.result import check_result
from docsearch_cli.web.addresses import run_url
from docsearch_cli.web.guard import query_of
from docsearch_cli.web.live_runs import LiveRun
from docsearch_cli.web.page_links import PageLinks
from docsearch_cli.web.site import Site, site_of

# Event streams at once: a browser opens no more than six to one server.
MOST_STREAMS = 24
# How often a stream looks for something new.
_LOOK_S = 0.1
_HOW_TO_ACCEPT = 'to go on all the same, tick "even if the index or the code has changed"'
# A step costs milliseconds: what comes together is drawn together.
_MOST_STEPS_AT_ONCE = 100


def show(request: Request) -> Response:
    """Answer ``/live/KEY``: what there is of a search, or where its result is."""
    site = site_of(request)
    run = _find(site, request)
    if run.has_ended:
        if (target := _result_url(run)) is not None:
            return RedirectResponse(target, 303)
        return _show_end(site, run)
    return site.page(
        "live.html",
        run=run,
        steps=list(run.steps),
        answer=run.meanwhile,
        links=PageLinks(site.reader()),
    )


def _show_end(site: Site, run: LiveRun) -> Response:
    """Show a search that left no run behind: it failed, or could not be recorded."""
    if run.result is not None:
        reader = site.reader()
        return site.page(
            "live.html",
            run=run,
            steps=list(run.steps),
            answer=check_result(reader, run.result),
            links=PageLinks(reader),
        )
    if isinstance(run.error, DocsearchError) and run.came_from:
        has_drifted = isinstance(run.error, RunDriftError)
        return site.page(
            "error.html",
            status=409 if has_drifted else 400,
            message=run.error.message,
            hint=_HOW_TO_ACCEPT if has_drifted else run.error.hint,
            back=run_url(run.came_from),
        )
    if isinstance(run.error, DocsearchError):
        raise run.error
    raise RuntimeError("the search ended without an answer") from run.error


def _result_url(run: LiveRun) -> str | None:
    """Return where the result of an ended search is; None if nowhere but here."""
    if run.result is not None and run.result.mode == "simple":
        return f"/?{run.again}"
    if run.result is not None and run.result.run_id is None:
        return None
    return run_url(run.run_id) if run.run_id else None


def stop(request: Request) -> Response:
    """Answer the button: let the search end in order."""
    run = _find(site_of(request), request)
    run.stop()
    run.wait(1.0)  # a step takes milliseconds: most often the next page is that of the run
    return RedirectResponse(f"/live/{run.key}", 303)


async def stream(request: Request) -> Response:
    """Answer ``/live/KEY/events``: steps as they are committed, and the end."""
    site = site_of(request)
    run = _find(site, request)
    if site.streams >= MOST_STREAMS:
        raise HTTPException(503, f"{MOST_STREAMS} pages follow searches already")
    seen = query_of(request).number("after") or 0
    last = request.headers.get("last-event-id", "")
    seen = max(0, int(last) if last.isascii() and last.isdigit() and len(last) < 9 else seen)
    return StreamingResponse(_follow(site, run, seen), media_type="text/event-stream")


async def _follow(site: Site, run: LiveRun, seen: int) -> AsyncIterator[str]:
    site.streams += 1
    try:
        while not site.is_ending:
            has_ended = run.has_ended  # before the steps are read: none comes after the end
            steps = run.steps[seen : seen + _MOST_STEPS_AT_ONCE]
            for step in steps:
                seen += 1
                html = site.fragment("steps.html", "step_line", step)
                yield _event("step", {"parent": step.parent, "html": html}, seen)
            yield _event("state", _state(run))
            if has_ended and seen >= len(run.steps):
                yield _event("end", {"to": _result_url(run) or f"/live/{run.key}"})
                return
            await asyncio.sleep(0 if len(steps) == _MOST_STEPS_AT_ONCE else _LOOK_S)
    finally:
        site.streams -= 1


def _state(run: LiveRun) -> dict[str, Any]:
    return {
        "max_agents": len(run.steps),
        "max_tokens": run.tokens_read,
        "deadline_s": round(run.seconds, 1),
    }


def _event(kind: str, data: dict[str, Any], number: int | None = None) -> str:
    """Return one server-sent event; JSON has no line break, so its text ends nothing."""
    said = f"id: {number}\n" if number is not None else ""
    return f"{said}event: {kind}\ndata: {json.dumps(data)}\n\n"


def _find(site: Site, request: Request) -> LiveRun:
    run = site.live.find(request.path_params["key"])
    if run is None:
        raise HTTPException(404, "this search is not known here any more")
    return run

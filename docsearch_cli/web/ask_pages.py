"""Asking: the form, the answer of a keyword search at once, and the start of a deep search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from docsearch_cli.config import Setting, Settings
from docsearch_cli.errors import UsageError
from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS
from docsearch_cli.run_limits import LIMIT_OF
from docsearch_cli.search.result import (
    AskMode,
    AskOptions,
    AskResult,
    CheckedResult,
    SearchObserver,
    check_result,
)
from docsearch_cli.web.forms import Fields
from docsearch_cli.web.guard import form_of, query_of
from docsearch_cli.web.page_links import PageLinks
from docsearch_cli.web.site import Site, site_of

if TYPE_CHECKING:
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.retrieval.conditions import Condition

_MODES: tuple[AskMode, ...] = ("auto", "simple", "deep")
# The limits that the form has; the others are as the settings say.
ASKED_LIMITS = ("max_agents", "max_depth", "fan_out", "max_tokens")


def ask_page(request: Request) -> Response:
    """Answer ``/?q=...``: the form, and what a keyword search finds."""
    site = site_of(request)
    reader = site.reader()
    fields = query_of(request)
    question = _question(fields)
    settings, answer = site.settings(), None
    if question:
        answer = keyword_answer(site, reader, question, _conditions(fields))
    return site.page(
        "ask.html",
        question=question,
        answer=answer,
        links=PageLinks(reader),
        asked=_asked(fields),
        was_auto=fields.text("mode") == "auto",
        limits=[
            (LIMIT_OF[name], settings[name], getattr(site.caps, name)) for name in ASKED_LIMITS
        ],
        documents=reader.counts["documents"],
        home=str(site.home),
    )


def begin(request: Request) -> Response:
    """Answer a question that was sent: on the page of a search that begins, or at once."""
    site = site_of(request)
    form = form_of(request)
    question = _question(form)
    if not question:
        raise UsageError("the question is empty", hint="type one")
    mode = form.choice("mode", _MODES, "auto")
    conditions = _conditions(form)
    if mode == "simple":
        return RedirectResponse(f"/?{_again(form)}", 303)
    settings, notes = settings_of(site, form)
    reader = site.reader()
    options = AskOptions(
        settings=settings,
        mode=mode,
        conditions=conditions,
        engine=site.engine,
    )

    def search(observer: SearchObserver) -> AskResult:
        from docsearch_cli.search.ask import ask

        return ask(
            site.home, reader, question, options, observer=observer, start=site.engines.start
        )

    run = site.live.begin(question, search, watched_limits(settings), _again(form))
    run.warnings += notes
    run.meanwhile = keyword_answer(site, reader, question, conditions)
    return RedirectResponse(f"/live/{run.key}", 303)


def keyword_answer(
    site: Site, reader: IndexReader, question: str, conditions: tuple[Condition, ...]
) -> CheckedResult:
    """Return what a keyword search finds."""
    from docsearch_cli.search.ask import ask

    options = AskOptions(settings=site.settings(), mode="simple", conditions=conditions)
    return check_result(reader, ask(site.home, reader, question, options))


def settings_of(site: Site, form: Fields) -> tuple[Settings, list[str]]:
    """Return the settings that a form asks for: never more than the server allows.

    Args:
        site: The server.
        form: With limits by name.

    Returns:
        The settings, and a sentence for each limit that was cut.

    Raises:
        UsageError: If a limit is below its least.
    """
    settings, notes = site.settings(), list[str]()
    limits = dict(settings.limits)
    for name in ASKED_LIMITS:
        wanted = form.number(name)
        if wanted is None:
            continue
        if wanted < LIMIT_OF[name].least:
            raise UsageError(f"{name} {wanted:,} is below {LIMIT_OF[name].least:,}")
        limits[name] = Setting(name, site.caps.clamp(name, wanted, notes), "the page", wanted)
    return replace(settings, limits=limits), notes


def watched_limits(settings: Settings) -> dict[str, int]:
    """Return the limits that the bars of a live search show."""
    return {name: settings[name] for name in ("max_agents", "max_tokens", "deadline_s")}


def _question(fields: Fields) -> str:
    return fields.text("q", most=2 * MOST_QUESTION_CHARS)


def _conditions(fields: Fields) -> tuple[Condition, ...]:
    from docsearch_cli.search.filters import read_filters

    return read_filters(
        fields.parts("path"),
        fields.parts("tag"),
        fields.text("since") or None,
        fields.text("until") or None,
    )


def _asked(fields: Fields) -> dict[str, str]:
    names = ("path", "tag", "since", "until", *ASKED_LIMITS)
    return {name: fields.text(name) for name in names}


def _again(form: Fields) -> str:
    """Return the query of an address that asks the same by keywords."""
    from urllib.parse import urlencode

    said = {"q": _question(form), "mode": form.text("mode"), **_asked(form)}
    return urlencode({name: value for name, value in said.items() if value})

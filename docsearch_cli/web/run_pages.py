"""Recorded runs: the list, one run, two beside each other, one step and what it gives again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from docsearch_cli.config import LIMIT_OF, RunLimits
from docsearch_cli.errors import UsageError
from docsearch_cli.runs.catalog import begun_runs, find_run, opened_run
from docsearch_cli.runs.limits import schedule_of
from docsearch_cli.runs.overview import listed_run, newest_first
from docsearch_cli.runs.store import making_sense
from docsearch_cli.runs.words import DROP_WORDS
from docsearch_cli.search.result import AskOptions, AskResult, SearchObserver
from docsearch_cli.search.resume import FORK_LIMITS, fork_run, resume_run
from docsearch_cli.service.caps import Caps
from docsearch_cli.web.ask_pages import watched_limits
from docsearch_cli.web.guard import form_of, query_of
from docsearch_cli.web.page_links import PageLinks
from docsearch_cli.web.site import site_of

if TYPE_CHECKING:
    from docsearch_cli.runs.replay import StepReplay

# Runs on one page of the list.
_MOST_LISTED = 100
# Characters of a step's input or output that are handed to a page, which cuts them and says so.
_MOST_SHOWN = 1_000_000


def list_runs(request: Request) -> Response:
    """Answer ``/runs``."""
    site = site_of(request)
    rows = newest_first(listed_run(site.home, run_id) for run_id in begun_runs(site.home))
    shown = rows[:_MOST_LISTED]
    return site.page("runs.html", rows=shown, older=len(rows) - len(shown))


def show(request: Request) -> Response:
    """Answer ``/runs/RUN``: as the record has it, live if it is under way here."""
    from docsearch_cli.report.run_data import gather_run
    from docsearch_cli.report.run_report import run_values
    from docsearch_cli.runs.picture import picture_what_is_left

    site = site_of(request)
    run_id = find_run(site.home, request.path_params["run"])
    running = site.live.running(run_id)
    if running is not None:
        return RedirectResponse(f"/live/{running.key}", 303)
    with opened_run(site.home, run_id) as store:
        picture = picture_what_is_left(site.home, store)
        with making_sense():
            data = gather_run(store, picture)
            values = run_values(data, PageLinks(site.reader_if_here()), can_replay=False)
    trace = picture.trace
    with making_sense():
        return site.page(
            "run_page.html",
            **values,
            state=listed_run(site.home, run_id)["status"],
            fork_limits=[(LIMIT_OF[name], trace.limits.get(name)) for name in FORK_LIMITS],
            other_runs=[other for other in begun_runs(site.home) if other != run_id][:_MOST_LISTED],
        )


def compare(request: Request) -> Response:
    """Answer ``/runs/diff?left=RUN&right=RUN``."""
    from docsearch_cli.runs.diff import diff_runs

    site = site_of(request)
    fields = query_of(request)
    names = [fields.text(side) for side in ("left", "right")]
    if not all(names):
        raise UsageError("two runs are compared", hint="choose two on the list of runs")
    left, right = (find_run(site.home, name) for name in names)
    with opened_run(site.home, left) as one, opened_run(site.home, right) as other:
        found = diff_runs(one, other)
    return site.page("diff.html", diff=found)


def show_step(request: Request) -> Response:
    """Answer ``/runs/RUN/steps/STEP``: what it was given, what it gave, what it wrote."""
    return _step_page(request, None)


def replay(request: Request) -> Response:
    """Run a step again, from its recorded input, and show how what it gives differs."""
    from docsearch_cli.runs.replay import replay_step

    site = site_of(request)
    run_id = find_run(site.home, request.path_params["run"])
    with opened_run(site.home, run_id) as store:
        again = replay_step(site.home, store, request.path_params["step"])
    return _step_page(request, again)


def _step_page(request: Request, again: StepReplay | None) -> Response:
    from docsearch_cli.report.run_data import gather_run
    from docsearch_cli.runs.picture import picture_what_is_left
    from docsearch_cli.runs.step_row import find_step

    site = site_of(request)
    run_id = find_run(site.home, request.path_params["run"])
    with opened_run(site.home, run_id) as store:
        picture = picture_what_is_left(site.home, store)
        with making_sense():
            data = gather_run(store, picture)
            row = find_step(data.trace.all_steps(), request.path_params["step"])
            given = json.loads(store.blob(row.input))
            gave = json.loads(store.blob(row.output)) if row.output is not None else None
    return site.page(
        "step.html",
        run_id=run_id,
        question=data.trace.facts["question"],
        row=row,
        card=next((card for card in data.cards if card.row.id == row.id), None),
        links=PageLinks(site.reader_if_here(), shows_steps=False),
        drop_words=DROP_WORDS,
        given=_json(given),
        gave=_json(gave),
        again=again,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)[:_MOST_SHOWN]


def fork(request: Request) -> Response:
    """Begin a run that equals another one up to a step and has another limit from there on."""
    form = form_of(request)
    name = form.text("limit")
    value = form.number("value")
    at = form.number("at") or 0
    if value is None:
        raise UsageError("the new value of the limit is missing", hint="give a whole number")
    most = getattr(site_of(request).caps, name, value) if name in FORK_LIMITS else value
    if value > most:
        raise UsageError(f"{name} {value:,} is above {most:,}, the most that is allowed here")
    return _continue(request, {"at": str(at), "changes": {name: value}})


def resume(request: Request) -> Response:
    """Let a run that was stopped go on."""
    return _continue(request, None)


def _continue(request: Request, fork: dict[str, Any] | None) -> Response:
    from docsearch_cli.runs.trace import read_trace

    site, form = site_of(request), form_of(request)
    run_id = find_run(site.home, request.path_params["run"])
    accept_drift = form.text("accept_drift") == "yes"
    with opened_run(site.home, run_id) as store:
        trace = read_trace(store)
    if trace.facts.get("model") is not None or trace.facts.get("answer") == "llm":
        command = f"docsearch {'resume' if fork is None else 'fork'} {run_id}"
        raise UsageError(f"run {run_id} asks a language model; the page asks none", hint=command)
    settings = site.settings()
    with making_sense():
        schedule = schedule_of(trace)
    notes: list[str] = []
    if fork is None:
        _refuse_above_caps(site.caps, schedule.widest, f"docsearch resume {run_id}")
        last = schedule.last
    else:
        asked = replace(schedule.widest, **_known(fork["changes"]))
        if fork["at"] == "0":
            fork["changes"] = {**_clamped(site.caps, asked, notes), **fork["changes"]}
        else:  # the steps before it are made under the limits of the record
            _refuse_above_caps(site.caps, schedule.widest, "fork it at step 0")
        last = replace(schedule.first, **_known(fork["changes"]))
    watched = watched_limits(settings)
    limits = {name: getattr(last, name) for name in watched}
    # No fork changes it, since it decides nothing but when to stop: the search is stopped then.
    limits["deadline_s"] = site.caps.clamp("deadline_s", last.deadline_s, notes)
    options = AskOptions(settings=settings, mode="deep", engine=site.engine)
    reader = site.reader()

    def search(observer: SearchObserver) -> AskResult:
        with opened_run(site.home, run_id) as store:
            if fork is None:
                return resume_run(
                    site.home,
                    reader,
                    store,
                    options=options,
                    observer=observer,
                    accept_drift=accept_drift,
                    start=site.engines.start,
                )
            return fork_run(
                site.home,
                reader,
                store,
                options=options,
                observer=observer,
                accept_drift=accept_drift,
                start=site.engines.start,
                **fork,
            )

    run = site.live.begin(str(trace.facts["question"]), search, limits, came_from=run_id)
    run.warnings += notes
    return RedirectResponse(f"/live/{run.key}", 303)


def _known(changes: Mapping[str, int]) -> dict[str, int]:
    """Return the changes that a fork may make; it refuses the others itself."""
    return {name: value for name, value in changes.items() if name in FORK_LIMITS}


def _capped() -> list[str]:
    """Return the limits that a fork may change and the server caps."""
    return [item.name for item in fields(Caps) if item.name in FORK_LIMITS]


def _clamped(caps: Caps, limits: RunLimits, notes: list[str]) -> dict[str, int]:
    """Return what must become of limits that are above a cap, and take a note of each."""
    cut = {name: caps.clamp(name, getattr(limits, name), notes) for name in _capped()}
    return {name: value for name, value in cut.items() if value != getattr(limits, name)}


def _refuse_above_caps(caps: Caps, limits: RunLimits, hint: str) -> None:
    """Refuse to go on under limits that are above a cap and may not change."""
    for name in _clamped(caps, limits, []):
        raise UsageError(
            f"{name} {getattr(limits, name):,} of this run is above {getattr(caps, name):,}, the"
            " most that is allowed here",
            hint=hint,
        )

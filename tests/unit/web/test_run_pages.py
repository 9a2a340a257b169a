"""A search from the page to its run, and what is done with it; the engine is in this process."""

import json
import re
import sqlite3
import threading
from contextlib import closing

import pytest

from docsearch_cli.runs.overview import listed_run
from docsearch_cli.runs.words import BRIEF_STOP_WORDS, STOP_WORDS
from docsearch_cli.service.caps import Caps
from docsearch_cli.web.live_page import MOST_STREAMS
from docsearch_cli.web.live_runs import LiveRun
from tests.local_page import ATTACK, FROM_OUR_PAGE, client_of, form, make_site


def ask(site, client, question="which mill turns a wheel", **fields):
    """Ask, wait for the end, and return the id of the run."""
    data = form(site, q=question, mode="deep", **fields)
    answer = client.post("/ask", data=data, headers=FROM_OUR_PAGE)
    assert answer.status_code == 303, answer.text
    return followed(site, client, answer.headers["location"])


def followed(site, client, live):
    """Return the id of the run that a live page leads to."""
    assert site.live.find(live.rsplit("/", 1)[1]).wait(20)
    ended = client.get(live)
    assert ended.status_code == 303, ended.text
    return ended.headers["location"].removeprefix("/runs/")


@pytest.fixture(scope="module")
def run(site):
    return ask(site, client_of(site))


def test_a_deep_search_ends_as_the_page_of_its_run(client, run):
    page = client.get(f"/runs/{run}").text

    assert "which mill turns a wheel" in page
    assert re.search(r'href="/doc/[^"]*\?lines=', page)
    assert f'href="/runs/{run}/steps/' in page
    assert ATTACK not in page


def test_a_limit_above_that_of_the_server_is_cut_and_said(site, client):
    data = form(site, q="mill", mode="deep", max_agents=500)
    live = client.post("/ask", data=data, headers=FROM_OUR_PAGE).headers["location"]
    watched = site.live.find(live.rsplit("/", 1)[1])

    assert watched.limits["max_agents"] == 60
    assert watched.meanwhile.result.mode == "simple"
    assert watched.warnings == ["max_agents 500 is above the cap of this server; 60 is used"]
    followed(site, client, live)


def test_steps_and_the_end_come_as_events(site, client):
    data = form(site, q="which mill turns", mode="deep")
    live = client.post("/ask", data=data, headers=FROM_OUR_PAGE).headers["location"]
    run_id = followed(site, client, live)
    answer = client.get(f"{live}/events")
    events = [
        (part["event"], json.loads(part["data"]))
        for part in (
            dict(line.split(": ", 1) for line in block.splitlines())
            for block in answer.text.strip().split("\n\n")
        )
    ]

    assert answer.headers["content-type"].startswith("text/event-stream")
    steps = [data for kind, data in events if kind == "step"]
    assert len(steps) == len(site.live.find(live.rsplit("/", 1)[1]).steps) > 0
    assert all(ATTACK not in data["html"] for data in steps)
    assert events[-1] == ("end", {"to": f"/runs/{run_id}"})
    again = client.get(f"{live}/events", headers={"last-event-id": str(len(steps))}).text
    assert "event: step" not in again
    for odd in ("-1", "x", "9" * 30):
        assert client.get(f"{live}/events", headers={"last-event-id": odd}).status_code == 200


def test_no_more_streams_than_there_may_be(site, client):
    data = form(site, q="which mill turns", mode="deep")
    live = client.post("/ask", data=data, headers=FROM_OUR_PAGE).headers["location"]
    followed(site, client, live)
    site.streams = MOST_STREAMS
    try:
        assert client.get(f"{live}/events").status_code == 503
    finally:
        site.streams = 0


def test_a_search_of_keywords_by_its_own_choice_leads_to_the_answer(site, client):
    data = form(site, q="mill", mode="auto")
    live = client.post("/ask", data=data, headers=FROM_OUR_PAGE).headers["location"]
    assert site.live.find(live.rsplit("/", 1)[1]).wait(20)

    assert client.get(live).headers["location"] == "/?q=mill&mode=auto"


def test_a_live_page_works_without_script_and_its_button_stops_the_search(site, client):
    holds = threading.Event()

    def search(observer):
        observer.started("", ())
        while observer.stop_reason() is None:
            holds.wait(0.01)
        raise KeyboardInterrupt

    live = site.live.begin(
        f"slow {ATTACK}", search, {"max_agents": 9, "max_tokens": 9, "deadline_s": 9}
    )
    page = client.get(f"/live/{live.key}").text

    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in page
    assert page.count("<progress") == 3
    assert ATTACK not in page
    assert "1 under way" in client.get("/").text
    client.post(f"/live/{live.key}/stop", data=form(site), headers=FROM_OUR_PAGE)
    assert live.wait(5)


def test_too_many_searches_at_once_are_refused_with_a_page(tmp_path):
    site = make_site(tmp_path, {"docs/a.md": "# A\n\nThe mill.\n"})
    client, stops = client_of(site), threading.Event()
    for _ in range(2):
        site.live.begin("q", lambda _: stops.wait(20), {})
    answer = client.post("/ask", data=form(site, q="mill", mode="deep"), headers=FROM_OUR_PAGE)
    stops.set()

    assert answer.status_code == 503
    assert "2 searches are under way" in answer.text


def test_a_step_is_shown_and_reproduced(site, client, run):
    page = client.get(f"/runs/{run}").text
    step = re.search(rf"/runs/{run}/steps/([^\"]+)", page)[1]
    shown = client.get(f"/runs/{run}/steps/{step}").text
    again = client.post(f"/runs/{run}/steps/{step}/replay", data=form(site), headers=FROM_OUR_PAGE)

    assert "Decided" in shown
    assert ATTACK not in shown
    assert "REPRODUCED" in again.text
    assert ATTACK not in again.text


def test_a_fork_is_a_run_of_its_own_that_is_compared(site, client, run):
    data = form(site, at=0, limit="max_agents", value=1)
    answer = client.post(f"/runs/{run}/fork", data=data, headers=FROM_OUR_PAGE)
    other = followed(site, client, answer.headers["location"])
    page = client.get(f"/runs/diff?left={run}&right={other}").text

    assert other != run
    assert "agents used" in page
    assert f"/runs/{other}" in page
    reason = listed_run(site.home, other)["stop_reason"]  # said as the terminal says it
    assert STOP_WORDS[reason] in page
    assert BRIEF_STOP_WORDS[reason] in client.get("/runs").text


def test_what_is_forked_or_continued_runs_on_the_engines_that_are_kept(
    site, client, run, monkeypatch
):
    started = []
    real = site.engines.start

    def start(options):
        started.append(options.mode)
        return real(options)

    monkeypatch.setattr(site.engines, "start", start)
    data = form(site, at=0, limit="max_agents", value=2)
    answer = client.post(f"/runs/{run}/fork", data=data, headers=FROM_OUR_PAGE)
    other = followed(site, client, answer.headers["location"])
    path = site.home / "runs" / other / "run.db"
    with closing(sqlite3.connect(path)) as record, record:
        record.execute("DELETE FROM events WHERE kind = 'run_finished'")
    answer = client.post(f"/runs/{other}/resume", data=form(site), headers=FROM_OUR_PAGE)

    assert followed(site, client, answer.headers["location"]) == other
    assert started == ["deep", "deep"]


@pytest.mark.parametrize(
    "fields",
    [
        {"limit": "max_agents"},
        {"limit": "max_agents", "value": "x"},
        {"limit": "max_agents", "value": 61},
        {"limit": "max_agents", "value": 3, "at": "x"},
    ],
)
def test_a_fork_that_makes_no_sense_begins_nothing(site, client, run, fields):
    answer = client.post(f"/runs/{run}/fork", data=form(site, **fields), headers=FROM_OUR_PAGE)

    assert answer.status_code == 400


def test_a_fork_that_cannot_be_says_so_on_its_page(site, client, run):
    data = form(site, limit="workers", value=3, at=0)
    live = client.post(f"/runs/{run}/fork", data=data, headers=FROM_OUR_PAGE).headers["location"]
    assert site.live.find(live.rsplit("/", 1)[1]).wait(20)
    answer = client.get(live)

    assert answer.status_code == 400
    assert "a fork cannot change" in answer.text


def test_a_fork_of_a_run_on_another_index_says_how_to_make_it_all_the_same(tmp_path):
    site = make_site(tmp_path, {"docs/a.md": "# A\n\nThe mill turns.\n"})
    client = client_of(site)
    run = ask(site, client, "which mill turns")
    make_site(tmp_path, {"docs/b.md": "# B\n\nThe weir.\n"})  # the same folder, indexed again
    data = form(site, limit="max_agents", value=1, at=0)
    live = client.post(f"/runs/{run}/fork", data=data, headers=FROM_OUR_PAGE).headers["location"]
    assert site.live.find(live.rsplit("/", 1)[1]).wait(20)
    refused = client.get(live)
    data["accept_drift"] = "yes"
    accepted = client.post(f"/runs/{run}/fork", data=data, headers=FROM_OUR_PAGE)

    assert refused.status_code == 409
    assert "even if the index or the code has changed" in refused.text
    assert f'href="/runs/{run}"' in refused.text
    assert followed(site, client, accepted.headers["location"]) != run


def test_a_complete_run_is_not_continued(site, client, run):
    answer = client.post(f"/runs/{run}/resume", data=form(site), headers=FROM_OUR_PAGE)
    live = answer.headers["location"]
    assert site.live.find(live.rsplit("/", 1)[1]).wait(20)

    assert "is complete" in client.get(live).text


def test_the_list_has_every_run_and_its_question_as_text(site, client):
    run = ask(site, client, f"which mill turns {ATTACK}")
    page = client.get("/runs").text

    assert f'href="/runs/{run}"' in page
    assert ATTACK not in page
    assert ATTACK not in client.get(f"/runs/{run}").text


@pytest.mark.parametrize(
    "path",
    [
        "/runs/zz",
        "/runs/%2e%2e%2fx",
        "/runs/a%2fb",
        "/runs/x.docsearch-run",
        "/runs/%00",
        "/runs/",
        "/runs/diff?left=zz&right=zz",
        "/runs/{run}/steps/99",
        "/runs/{run}/steps/..%2f",
        "/live/99",
        "/live/99/events",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(client, run, path):
    answer = client.get(path.format(run=run))

    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_an_exported_run_in_the_servers_folder_is_not_opened(site, client, run, monkeypatch):
    monkeypatch.chdir(site.home.parent)
    (site.home.parent / "x.docsearch-run").write_bytes(
        (site.home / "runs" / run / "run.db").read_bytes()
    )

    assert client.get("/runs/x.docsearch-run").status_code == 404


def test_two_runs_must_be_named_to_be_compared(client):
    assert client.get("/runs/diff?left=ab").status_code == 400


def test_a_damaged_record_is_listed_and_its_page_says_so(site, client):
    run = ask(site, client, "which damaged mill turns")
    (site.home / "runs" / run / "run.db").write_bytes(b"no record" * 100)
    listed = client.get("/runs").text
    answer = client.get(f"/runs/{run}")

    assert "damaged" in listed
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_run_that_asks_a_model_is_not_continued_from_the_page(site, client, run, monkeypatch):
    from docsearch_cli.runs import trace

    real = trace.read_trace

    def with_model(store):
        read = real(store)
        read.facts["model"] = {"name": "openai:x"}
        return read

    monkeypatch.setattr(trace, "read_trace", with_model)
    for path, data in (("resume", form(site)), ("fork", form(site, limit="fan_out", value=2))):
        answer = client.post(f"/runs/{run}/{path}", data=data, headers=FROM_OUR_PAGE)

        assert answer.status_code == 400
        assert "asks a language model" in answer.text


def test_a_search_that_breaks_off_is_an_error_and_the_server_goes_on(site):
    from starlette.testclient import TestClient

    client = TestClient(client_of(site).app, FROM_OUR_PAGE["origin"], raise_server_exceptions=False)
    client.cookies.set(site.access.cookie_name, site.access.session)

    def search(_observer):
        raise KeyboardInterrupt

    live = site.live.begin("q", search, {})
    assert live.wait(5)

    assert client.get(f"/live/{live.key}").status_code == 500
    assert client.get("/runs").status_code == 200


@pytest.fixture
def capped(tmp_path, monkeypatch):
    """A run that opened three pages, on a server that has come to allow one."""
    monkeypatch.setenv("DOCSEARCH_LOOK_AGENTS", "0")
    site = make_site(tmp_path)
    run = ask(site, client_of(site), max_agents=3)
    site.caps = Caps(max_agents=1)
    return site, client_of(site), run


def test_a_fork_that_changes_another_limit_stays_below_every_cap(capped):
    site, client, run = capped
    data = form(site, at=0, limit="fan_out", value=2)
    live = client.post(f"/runs/{run}/fork", data=data, headers=FROM_OUR_PAGE).headers["location"]
    watched = site.live.find(live.rsplit("/", 1)[1])
    followed(site, client, live)

    assert len(watched.steps) == 1
    assert watched.limits["max_agents"] == 1
    assert watched.warnings == ["max_agents 3 is above the cap of this server; 1 is used"]


@pytest.mark.parametrize(
    ("path", "fields"), [("resume", {}), ("fork", {"at": 2, "limit": "fan_out", "value": 2})]
)
def test_a_run_whose_own_limits_are_above_a_cap_does_not_go_on(capped, path, fields):
    site, client, run = capped
    answer = client.post(f"/runs/{run}/{path}", data=form(site, **fields), headers=FROM_OUR_PAGE)

    assert answer.status_code == 400
    assert "max_agents 3 of this run is above 1" in answer.text


def test_a_continued_search_takes_no_longer_than_is_allowed(capped):
    site, client, run = capped
    site.caps = Caps(deadline_s=2)
    data = form(site, at=0, limit="fan_out", value=2)
    live = client.post(f"/runs/{run}/fork", data=data, headers=FROM_OUR_PAGE).headers["location"]
    watched = site.live.find(live.rsplit("/", 1)[1])

    assert watched.limits["deadline_s"] == 2
    assert "deadline_s" in watched.warnings[0]
    assert LiveRun("1", "q", lambda _: None, {"deadline_s": 0}).stop_reason() == "deadline"

"""Reports of runs whose agent asks a language model, and of steps that went wrong."""

from dataclasses import replace

import pytest

from docsearch_cli.explore.written_answer import StruckSentence, WrittenAnswer, WrittenSentence
from docsearch_cli.report.run_report import run_report
from docsearch_cli.runs.catalog import opened_run
from tests.asking import ScriptedModel, toy_agent
from tests.searching import ask_deep, make_world
from tests.unit.report.pages import Page, rendered, run_data
from tests.unit.runs.forging import LIMITS


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    world = make_world(tmp_path_factory.mktemp("world"), 55, LIMITS)
    with toy_agent():
        run_id = ask_deep(world, agent="toy", model=ScriptedModel()).run_id
        with opened_run(world.home, run_id) as store:
            return Page(run_report(world.home, store, index=world.index)), world.trace(run_id)


def test_requests_tokens_and_money_are_shown_for_the_run_and_for_each_step(page):
    shown, trace = page
    row = next(row for row in trace.steps if row.spent.requests)
    noun = "request" if row.spent.requests == 1 else "requests"

    assert f"Requests to the model {trace.ending['budget']['requests']}" in shown.text
    assert f"asked of the model: {row.spent.requests} {noun}, {row.spent.tokens:,} tokens" in (
        shown.text
    )
    assert f"${row.spent.micro_usd / 1e6:.6f}" in shown.text


def test_the_model_is_named(page):
    shown, trace = page

    assert trace.facts["model"]["name"] in shown.text


def test_what_a_model_wrote_is_said_to_be_its_own():
    data = run_data()
    sentences = (WrittenSentence("Close valve V-3.", (1,)),)
    written = WrittenAnswer(True, sentences, (StruckSentence("Run.", "no quote"),))
    page = Page(rendered(replace(data, written=written)))

    assert "Close valve V-3. [1] Written by a language model from the quotes below" in page.text
    assert "1 sentence struck out" in page.text


def test_a_step_that_failed_and_one_that_took_two_attempts_say_so():
    data = run_data()
    first, second = data.cards[:2]
    item = first.attempts[0]
    crash = replace(item, row=replace(item.row, status="crash", error="WorkerDied: killed"))
    again = replace(item, row=replace(item.row, number=2, function="explore.edges@4"))
    retried = replace(first, attempts=(crash, again), row=replace(first.row, status="degraded"))
    failed = replace(
        second,
        decision=None,
        row=replace(second.row, status="poison", output=None),
        summary=replace(second.summary, decision="failed", reason="WorkerDied: killed"),
    )
    page = Page(rendered(replace(data, cards=(retried, failed, *data.cards[2:]))))
    kinds = [item.get("data-kind") for item in page.all("details") if "data-kind" in item]

    assert "Attempt 1: crash" in page.text
    assert "by explore.edges@4" in page.text
    assert "2 attempts · degraded" in page.text
    assert kinds[0].split() == ["expand", "cited", "retried", "degraded"]
    assert kinds[1].split()[0] == "failed"


def test_a_step_that_had_not_ended_says_so():
    data = run_data()
    last = data.cards[-1]
    running = replace(
        last, decision=None, attempts=(), row=replace(last.row, status="running", output=None)
    )
    page = Page(rendered(replace(data, cards=(*data.cards[:-1], running))))

    assert "not finished" in page.text
    assert "None: it did not end." in page.text

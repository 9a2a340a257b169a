"""Runs whose agent asks a model: continued, forked, decided again, counted."""

import asyncio
import json
from dataclasses import replace

import pytest

from docsearch_cli.errors import InputError, ModelError, RunCorruptError, UsageError
from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.llm.accounting import Price
from docsearch_cli.runs.cache_explain import explain_cache
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.diff import diff_runs
from docsearch_cli.runs.limits import model_at_dispatch, schedule_of
from docsearch_cli.runs.model_terms import ModelTerms
from docsearch_cli.runs.record_file import MODEL_SCHEMA_VERSION, SCHEMA_VERSION
from docsearch_cli.runs.recorded_replies import OtherRequestError, RecordedAsker, run_recorded
from docsearch_cli.runs.replay import replay_step
from docsearch_cli.runs.spending import last_paid_runs, spending_budget, spending_of
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.resume import fork_run, resume_run
from docsearch_cli.steps import NOTHING, TransientStepError
from tests.asking import MODEL, PRICE, ScriptedModel, request_of
from tests.searching import ask_deep, make_world
from tests.unit.runs.forging import LIMITS, forging


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, 55, LIMITS)


def options(world, model, **given):
    return AskOptions(world.settings, "deep", "inline", models=model.source(), **given)


def cut(store, place):
    """Let a process be killed after so many events."""
    with forging(store) as forgery:
        del forgery.events[place:]


def place_of(store, kind, number):
    """Where the event of a request is, from 1."""
    return next(
        event.seq
        for event in store.events()
        if event.kind == kind and event.data["number"] == number
    )


def first_of_two(trace):
    """The first request of the first step that made two."""
    return next(row.exchanges[0].number for row in trace.steps if len(row.exchanges) == 2)


def killed_and_resumed(world, model, kind, pick):
    """Ask, cut the record after an event of a request, and resume it; return the trace."""
    run_id = ask_deep(world, agent="toy", model=model).run_id
    before = world.trace(run_id)
    with opened_run(world.home, run_id) as store:
        path = store.path
    store = RunStore(path, "append")
    cut(store, place_of(store, kind, pick(before)))
    store.close()
    sent = len(model.sent)
    with opened_run(world.home, run_id) as store:
        resume_run(
            world.home,
            world.index,
            store,
            options=options(world, model, use_cache=False),
            observer=SearchObserver(),
        )
    with opened_run(world.home, run_id) as store:
        verify_run(store, world.index)
    return before, world.trace(run_id), len(model.sent) - sent


def test_a_request_that_was_under_way_when_the_process_was_killed_is_paid_for(world, toy):
    model = ScriptedModel(seed=1)
    before, after, _ = killed_and_resumed(world, model, "asked", first_of_two)
    lost = [item for row in after.steps for item in row.exchanges if item.is_before]

    assert lost[-1].output is None
    assert lost[-1].charged == lost[-1].reserved
    assert after.ending["dag"] == before.ending["dag"]
    spent = spending_of(after).paid
    assert spent.requests == after.ending["budget"]["requests"]
    assert spent.micro_usd > before.ending["budget"]["cost_micro_usd"]


def test_a_reply_that_had_come_before_the_kill_is_not_asked_for_again(world, toy):
    model = ScriptedModel(seed=1)
    before, after, asked = killed_and_resumed(world, model, "replied", first_of_two)
    known = [item for row in after.steps for item in row.exchanges if item.origin == "resume"]

    assert known
    assert all(item.charged == NOTHING for item in known)
    assert after.ending["dag"] == before.ending["dag"]
    in_all = [item for row in after.steps for item in row.exchanges if item.origin == "sent"]
    assert asked < before.requests
    assert len(in_all) == after.ending["budget"]["requests"]


def test_a_fork_of_a_run_that_was_interrupted_counts_what_was_known_there(world, toy):
    model = ScriptedModel(seed=1)
    _, after, _ = killed_and_resumed(world, model, "replied", first_of_two)
    forked = world.trace(fork(world, after.run_id, model, changes={"fan_out": 1}).run_id)
    number = next(
        row.number for row in after.steps if any(item.origin == "resume" for item in row.exchanges)
    )

    assert forked.step(number).spent.requests == 2
    assert forked.ending["budget"]["requests"] == 0


def fork(world, run_id, scripted, **given):
    with opened_run(world.home, run_id) as store:
        forked = fork_run(
            world.home,
            world.index,
            store,
            options=options(world, scripted, use_cache=False),
            observer=SearchObserver(),
            **{"at": "0", "changes": {}, **given},
        )
    with opened_run(world.home, forked.run_id) as store:
        verify_run(store, world.index)
    return forked


def test_a_fork_shares_what_was_asked_and_pays_for_nothing_of_it(world, toy):
    model = ScriptedModel(seed=3, faults=0.3)
    first = ask_deep(world, agent="toy", model=model)
    forked = fork(world, first.run_id, model, at="9", changes={"max_cost": 9_000_000})
    trace = world.trace(forked.run_id)
    shared = [row for row in trace.steps if row.origin == "fork"]

    assert shared
    assert all(item.origin == "fork" for row in shared for item in row.exchanges)
    assert forked.budget["requests"] == sum(
        item.origin == "sent" for row in trace.steps for item in row.exchanges
    )
    assert forked.budget["max_cost_micro_usd"] == 9_000_000
    with opened_run(world.home, forked.run_id) as store:
        assert replay_step(world.home, store, str(shared[0].number)).reproduced


def test_a_fork_asks_anew_where_a_step_may_ask_less_than_it_did(world, toy):
    model = ScriptedModel(seed=2)  # its first step asks twice
    first = ask_deep(world, agent="toy", model=model)
    sent = len(model.sent)
    forked = fork(world, first.run_id, model, changes={"max_requests": 3})

    assert len(model.sent) > sent
    assert any(row.origin == "ran" for row in world.trace(forked.run_id).steps)


def test_a_fork_asks_another_model_from_a_step_on(world, toy):
    model = ScriptedModel(seed=1)
    first = ask_deep(world, agent="toy", model=model)
    forked = fork(world, first.run_id, model, at="2", model="scripted:two")
    trace = world.trace(forked.run_id)
    asked = {model_at_dispatch(trace, row.number).name for row in trace.steps}

    assert asked == {MODEL, "scripted:two"}
    assert forked.model == "scripted:two"
    assert {request.model for request in model.sent} == asked
    again = fork(world, forked.run_id, model, at="4", changes={"fan_out": 1})
    assert again.model == "scripted:two"
    with opened_run(world.home, first.run_id) as one, opened_run(world.home, forked.run_id) as two:
        found = diff_runs(one, two)
    assert [(item.recorded, item.now) for item in found.settings] == [(MODEL, "scripted:two")]
    assert {"requests", "model_tokens", "cost_micro_usd"} <= found.cost.keys()


@pytest.mark.parametrize(
    ("given", "message"),
    [({"changes": {"workers": 2}}, "cannot change"), ({"changes": {"max_cost": -1}}, r"\$-1")],
)
def test_a_fork_cannot_change_what_it_may_not(world, toy, given, message):
    first = ask_deep(world, agent="toy", model=ScriptedModel())

    with pytest.raises(UsageError, match=message):
        fork(world, first.run_id, ScriptedModel(), **given)


def test_every_step_is_decided_again_without_the_model(asking_run, asking_record):
    for row in read_trace(asking_record).steps:
        assert replay_step(asking_run.world.home, asking_record, str(row.number)).reproduced


def two_requests(store):
    """A step that decided by two requests, as the record has it."""
    trace = read_trace(store)
    row = next(row for row in trace.steps if len(row.last_exchanges) == 2 and not row.degraded)
    definition = FUNCTIONS[row.function]
    return row, definition, definition.read(store.blob(row.input))


def test_another_input_asks_something_else_than_was_recorded(asking_run, asking_record):
    row, _, _ = two_requests(asking_record)
    replayed = replay_step(
        asking_run.world.home, asking_record, str(row.number), changes=('node="other"',)
    )

    assert "OtherRequestError" in replayed.error


def test_a_request_that_came_to_nothing_comes_to_nothing_again(asking_record):
    row, definition, view = two_requests(asking_record)
    last = replace(row.exchanges[-1], output=None, error="ModelBusyError: 429")
    failed = replace(row, exchanges=(*row.last_exchanges[:-1], last))

    with pytest.raises(TransientStepError, match=r"^429$"):
        run_recorded(asking_record, failed, definition, view)
    lost = replace(failed, exchanges=(*failed.exchanges[:-1], replace(last, error="")))
    with pytest.raises(TransientStepError, match="before a reply came"):
        run_recorded(asking_record, lost, definition, view)


def test_a_step_that_waits_for_something_else_is_not_run_again(asking_record):
    async def sleep(_view, _asker):
        await asyncio.sleep(0)

    row, definition, view = two_requests(asking_record)
    with pytest.raises(RunCorruptError, match="waits for something else"):
        run_recorded(asking_record, row, replace(definition, ask=sleep), view)


def test_a_reply_may_have_been_cut_shorter_and_not_longer(asking_record):
    row, _, view = two_requests(asking_record)
    asker = RecordedAsker(asking_record, row.last_exchanges)
    shorter = replace(request_of(view), max_output_tokens=10)

    with pytest.raises(OtherRequestError, match="was another one"):
        asker.ask(shorter).send(None)


def test_a_record_of_an_agent_that_asks_has_a_schema_of_its_own(world, toy):
    runs = [
        ask_deep(world, agent="toy", model=ScriptedModel()).run_id,
        ask_deep(world).run_id,
    ]
    versions = []
    for run_id in runs:
        with opened_run(world.home, run_id) as store:
            versions.append(store.connection.execute("pragma user_version").fetchone()[0])

    assert versions == [MODEL_SCHEMA_VERSION, SCHEMA_VERSION]


def test_without_a_price_no_cost_is_said(world, toy):
    model = ScriptedModel()
    result = ask_deep(world, agent="toy", model=model, price=None)
    trace = world.trace(result.run_id)

    assert "cost_micro_usd" not in result.budget
    assert result.budget["requests"] == len(model.sent)
    assert ModelTerms.of(trace.facts["model"]) == ModelTerms(MODEL)
    assert last_paid_runs(world.home, MODEL, 5)[0].cost_micro_usd is None


def test_what_the_last_runs_cost_is_known_by_model(world, toy):
    ask_deep(world)
    results = [ask_deep(world, agent="toy", model=ScriptedModel(seed=n)) for n in range(3)]
    fork(world, results[0].run_id, ScriptedModel(), changes={"fan_out": 1})
    (world.home / "runs" / "ab").mkdir()
    (world.home / "runs" / "ab" / "run.db").write_text("no record")
    found = last_paid_runs(world.home, MODEL, 10)

    assert {run.run_id for run in found} == {result.run_id for result in results}
    assert {run.cost_micro_usd for run in found} == {
        result.budget["cost_micro_usd"] for result in results
    }
    assert len(last_paid_runs(world.home, MODEL, 2)) == 2
    assert last_paid_runs(world.home, "other:model", 2) == []


def test_a_run_that_asks_no_model_has_nothing_to_count(record):
    trace = read_trace(record)

    assert spending_budget(schedule_of(trace), spending_of(trace)) == {}
    assert trace.requests == 0


def test_terms_survive_the_record():
    terms = ModelTerms("p:m", Price(3, 4))

    assert ModelTerms.of(json.loads(json.dumps(terms.to_dict()))) == terms
    assert terms.counted == Price(3, 4)
    assert ModelTerms("p:m").counted == Price(0, 0)
    assert ModelTerms.of(None) == ModelTerms()


def test_the_cache_of_a_step_that_asks_is_not_explained_by_its_input(asking_run, asking_record):
    world = asking_run.world
    with pytest.raises(InputError, match="each reply"):
        explain_cache(world.home, world.index, asking_record, "1", None)


def test_cached_replies_cost_nothing_and_give_the_same_run(world, toy):
    model = ScriptedModel(seed=1)
    cold = ask_deep(world, agent="toy", model=model, use_cache=True)
    sent = len(model.sent)
    warm = ask_deep(world, agent="toy", model=model, use_cache=True)

    assert len(model.sent) == sent
    assert (warm.budget["requests"], warm.budget["cached_replies"]) == (0, sent)
    assert warm.budget["cost_micro_usd"] == 0
    assert all(step.cached for step in warm.steps)
    traces = [world.trace(result.run_id) for result in (cold, warm)]
    assert traces[0].ending["dag"] == traces[1].ending["dag"]
    assert PRICE.cost(model.input_tokens, model.output_tokens) <= cold.budget["cost_micro_usd"]


def test_a_run_that_is_not_recorded_is_counted_all_the_same(world, toy):
    model = ScriptedModel(seed=1)
    result = ask_deep(world, agent="toy", model=model, record=False)

    assert result.run_id is None
    assert result.budget["requests"] == len(model.sent)
    assert result.budget["cost_micro_usd"] >= PRICE.cost(model.input_tokens, model.output_tokens)


def test_what_keeps_a_step_from_being_run_is_no_doing_of_the_step(asking_run, asking_record):
    def refuse(_definition, _value):
        raise ModelError("there is no key")

    with pytest.raises(ModelError, match="no key"):
        replay_step(asking_run.world.home, asking_record, "1", call=refuse)

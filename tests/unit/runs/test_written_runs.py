"""Runs whose answer a language model writes: recorded, verified, continued, forged."""

import re
from dataclasses import replace

import pytest

from docsearch_cli.errors import InputError, ModelError, RunCorruptError
from docsearch_cli.llm.exchange import ModelBusyError
from docsearch_cli.runs.best_effort import BestEffortRecorder
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.replay import replay_step
from docsearch_cli.runs.spending import answering_of
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.search.estimate import estimate_run
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.resume import fork_run, resume_run
from docsearch_cli.steps import Amount
from tests.asking import MODEL, ScriptedModel
from tests.searching import ask_deep, make_world
from tests.unit.runs.asking_forgeries import BY_WRITING
from tests.unit.runs.forging import LIMITS, Recorded, forging


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path, 55, LIMITS)


@pytest.fixture(scope="session")
def written_run(tmp_path_factory):
    """A finished run of the local agent, whose answer a model wrote."""
    made = make_world(tmp_path_factory.mktemp("written"), 55, LIMITS)
    result = ask_deep(made, model=ScriptedModel(), answer="llm")
    return Recorded(made, str(result.run_id))


@pytest.fixture
def written_record(written_run, tmp_path):
    store = written_run.copy_to(tmp_path)
    yield store
    store.close()


def test_the_answer_is_written_in_one_request_and_is_in_the_record(written_run, written_record):
    verified = verify_run(written_record, written_run.world.index)
    (row,) = [row for row in verified.trace.fixed if row.kind == "write"]

    assert len(row.exchanges) == 1
    assert verified.trace.all_steps()[-1].kind == "write"
    assert verified.trace.ending["budget"]["requests"] == 1
    assert answering_of(verified.trace) == row.spent
    assert replay_step(written_run.world.home, written_record, "write").reproduced


@pytest.mark.parametrize("agent", ["local", "toy"])
def test_it_is_written_whoever_explored(world, toy, agent):
    model = ScriptedModel(seed=1)
    result = ask_deep(world, agent=agent, model=model, answer="llm")

    assert result.budget["requests"] == len(model.sent)
    if agent == "local":
        assert (result.written.text, result.written.cited) == ("It is so. [1]", (1,))
    with opened_run(world.home, result.run_id) as store:
        verify_run(store, world.index)


def test_its_share_is_kept_from_the_steps(world, toy):
    settings = world.settings
    limits = replace(settings, limits={**settings.limits, "max_requests": replace(
        settings.limits["max_requests"], value=8, requested=8
    )})  # fmt: skip
    tight = replace(world, settings=limits)
    result = ask_deep(tight, agent="toy", model=ScriptedModel(seed=1), answer="llm")
    options = AskOptions(
        limits, "deep", agent="toy", model=MODEL, models=ScriptedModel().source(), answer="llm"
    )
    most = estimate_run(world.home, world.index, world.question, options, warn=print).most

    asked = sum(len(row.exchanges) for row in world.trace(result.run_id).steps)
    assert asked <= 6
    assert most["requests"] == 8


def test_without_a_quote_nothing_is_written(world, toy):
    model = ScriptedModel(seed=1)
    result = ask_deep(world, agent="toy", model=model, answer="llm")

    assert result.findings.evidence == ()
    assert result.written is None
    assert not any(request.prompt.startswith("answer@") for request in model.sent)


class Failing(ScriptedModel):
    """Replies to nothing."""

    async def send(self, request, timeout_s):
        self.sent.append(request)
        raise self.error


@pytest.mark.parametrize(
    ("error", "message", "sent"),
    [
        (ModelBusyError("503", retry_after_s=0.3), "503", 3),
        (ModelError("no key"), "no key", 1),
    ],
)
def test_where_nothing_can_be_written_the_quotes_are_there_and_it_is_said(
    world, error, message, sent
):
    model = Failing()
    model.error = error
    result = ask_deep(world, model=model, answer="llm")

    assert result.findings.evidence
    assert result.written is None
    assert any(f"no answer was written: {message}" in note for note in result.notes)
    assert len(model.sent) == sent
    with opened_run(world.home, result.run_id) as store:
        assert verify_run(store, world.index).trace.ending["budget"]["requests"] == sent


class StopsWhileWriting(SearchObserver):
    """Stops what comes after the last step."""

    def __init__(self, model, requests):
        self._model, self._requests = model, requests

    def stop_reason(self):
        return "cancelled" if len(self._model.sent) >= self._requests else None


@pytest.mark.parametrize("error", [None, ModelBusyError("503", retry_after_s=5)])
def test_writing_can_be_interrupted(world, error):
    model = ScriptedModel(wait_s=30) if error is None else Failing()
    model.error = error
    observer = StopsWhileWriting(model, 1)
    result = ask_deep(world, model=model, answer="llm", observer=observer)

    assert "no answer was written: it was interrupted" in result.notes


def test_a_cached_answer_is_not_asked_for_again(world):
    model = ScriptedModel()
    first = ask_deep(world, model=model, answer="llm", use_cache=True)
    again = ask_deep(world, model=model, answer="llm", use_cache=True)

    assert len(model.sent) == 1
    assert first.written == again.written
    assert again.budget["cached_replies"] == 1


@pytest.mark.parametrize("most", [2, 1])
def test_an_answer_that_was_under_way_when_the_process_was_killed_is_paid_for(tmp_path, most):
    world = make_world(tmp_path, 55, {**LIMITS, "max_requests": most})
    model = ScriptedModel()
    run_id = ask_deep(world, model=model, answer="llm").run_id
    with opened_run(world.home, run_id) as store:
        path = store.path
    store = RunStore(path, "append")
    with forging(store) as forgery:
        place = next(n for n, (kind, _) in enumerate(forgery.events) if kind == "asked")
        del forgery.events[place + 1 :]
    store.close()
    options = AskOptions(world.settings, "deep", "inline", use_cache=False, models=model.source())
    with opened_run(world.home, run_id) as store:
        verify_run(store, world.index)
        resumed = resume_run(
            world.home, world.index, store, options=options, observer=SearchObserver()
        )

    assert (resumed.written is not None) == (most == 2)
    assert resumed.budget["requests"] == len(model.sent) == most
    with opened_run(world.home, run_id) as store:
        (row,) = [row for row in verify_run(store).trace.fixed if row.kind == "write"]
    assert [item.is_before for item in row.exchanges] == [True, False][:most]


def test_a_fork_has_its_answer_written_too(world):
    model = ScriptedModel()
    run_id = ask_deep(world, model=model, answer="llm").run_id
    options = AskOptions(world.settings, "deep", "inline", use_cache=False, models=model.source())
    with opened_run(world.home, run_id) as store:
        forked = fork_run(
            world.home,
            world.index,
            store,
            at="0",
            changes={"fan_out": 1, "max_requests": 9},
            options=options,
            observer=SearchObserver(),
        )

    assert forked.written is not None
    with opened_run(world.home, forked.run_id) as store:
        verify_run(store, world.index)


def test_an_answer_is_written_once_though_it_cannot_be_recorded():
    calls = []

    def write(data):
        calls.append(data)
        return b"written"

    class Full:
        run_id = "ab"
        store = None

        def try_step(self, kind, function, payload, call):
            call(payload)
            raise InputError("the disk is full")

    class Recorder(BestEffortRecorder):
        def _give_up(self, recorder):
            self._recorder = None

    recorder = Recorder(Full())

    assert recorder.try_step("write", "explore.write@1", b"{}", write)[1] == b"written"
    assert calls == [b"{}"]


@pytest.mark.parametrize(
    ("message", "forge"), BY_WRITING, ids=[forge.__name__ for _, forge in BY_WRITING]
)
def test_a_forged_answer_is_refused(written_record, message, forge):
    with forging(written_record) as forgery:
        forge(forgery)

    with pytest.raises(RunCorruptError) as raised:
        verify_run(written_record)
    assert re.fullmatch(message, raised.value.message), raised.value.message


def test_nothing_is_counted_as_answering_where_nothing_is_written(record):
    assert answering_of(verify_run(record).trace) == Amount()

"""Questions as units of work: what a worker sends is believed only if it fits the question."""

from dataclasses import replace

import pytest

from docsearch_cli.batch import asking, whole_question
from docsearch_cli.batch.asking import Batch, ask_batch
from docsearch_cli.batch.questions_file import BatchQuestion
from docsearch_cli.batch.whole_question import read_reply
from docsearch_cli.runs.catalog import DATABASE, run_folder, run_ids
from docsearch_cli.search.engines import find_engine
from docsearch_cli.search.result import AskOptions
from tests.searching import make_world

REAL = find_engine("inline")
ANSWER = whole_question.FUNCTIONS[whole_question.ANSWER]


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Asks a question of a worker whose replies are changed; gives the reply and the home."""
    world = make_world(tmp_path, 3, {"max_agents": 2})
    options = AskOptions(world.settings, "deep", engine="inline", use_cache=False)
    # The process here plays a worker elsewhere.
    monkeypatch.setattr(asking, "find_engine", lambda _name: replace(REAL, is_elsewhere=True))
    away = tmp_path / "away"

    def run(change):
        def answer(payload):
            call = whole_question._BYTES.read(whole_question.QuestionCall, payload)
            reply = read_reply(ANSWER(whole_question.write_call(replace(call, home=str(away)))))
            record = (run_folder(away, reply.result.run_id) / DATABASE).read_bytes()
            return whole_question._BYTES.write(
                whole_question.QuestionReply, change(replace(reply, record=record))
            )

        monkeypatch.setitem(whole_question.FUNCTIONS, whole_question.ANSWER, answer)
        batch = Batch(world.home, world.index, options)
        question = BatchQuestion(1, "q1", world.question)
        ((_, reply),) = ask_batch(
            batch,
            [question],
            earlier_runs={},
            begins=lambda _question, _run: None,
            stops=lambda: False,
        )
        return reply, world.home

    return run


def result(**changes):
    return lambda reply: replace(reply, result=replace(reply.result, **changes))


def test_a_result_is_taken_with_its_record(ask):
    reply, home = ask(lambda reply: reply)

    assert reply.error is None
    assert run_ids(home) == [reply.result.run_id]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (result(question="another"), "the result of another question"),
        (result(run_id="../x"), "is called '../x'"),
        (result(run_id="ab12"), "of another run"),
        (result(mode_reason="\ud800"), "surrogates"),
        (result(timings_ms={"all": float("nan")}), "nan is no number"),
        (lambda reply: replace(reply, record=b"odd"), "no record of its run"),
        (lambda reply: replace(reply, record=b""), "no record of its run"),
    ],
)
def test_what_does_not_fit_fails_the_question_alone(ask, change, words):
    reply, home = ask(change)

    assert (reply.result, reply.error.code) == (None, "question_failed")
    assert words in reply.error.message
    assert run_ids(home) == []


def test_a_record_that_the_disk_does_not_take_leaves_the_result(ask, monkeypatch):
    def refuse(_home, _run_id, _data):
        raise asking.UsageError("the disk is full")

    monkeypatch.setattr(asking, "keep_record", refuse)
    reply, _ = ask(lambda reply: reply)

    assert reply.result.run_id is None
    assert "not recorded: the disk is full" in reply.result.notes[-1]

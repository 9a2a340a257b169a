"""What a run that is continued, or a fork, takes over from a record."""

from dataclasses import replace

import pytest

from docsearch_cli.engine.coordinator import StepRecord
from docsearch_cli.errors import RunDriftError
from docsearch_cli.explore.step_functions import INTENT
from docsearch_cli.runs.recall import Earlier
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging


def earlier(record, use):
    return Earlier(record, read_trace(record), use)


def sent_again(known, number, **changes):
    """A step of the record as the coordinator sends it anew."""
    row = known.trace.step(number)
    facts = {"function": row.function, "payload": known.store.blob(row.input), **changes}
    return StepRecord(row.planned, row.id, **facts)


def unfinish(forgery, number):
    """Take the end of a step, and all commits from it on, out of the record."""
    forgery.events = [
        (kind, data)
        for kind, data in forgery.events
        if not (kind == "commit" and (data["number"] or 0) >= number and not data["sent"])
    ]
    for data in forgery.all("commit"):
        if (data["number"] or 0) >= number:
            data.update(number=None, ended=None)


@pytest.mark.parametrize("use", ["resume", "fork"])
def test_a_fixed_step_is_taken_over_with_input_and_output(record, use):
    known = earlier(record, use)
    row = known.trace.last_fixed("intent")

    assert known.fixed_step("intent", INTENT) == (record.blob(row.input), record.blob(row.output))


def test_only_a_run_that_is_continued_keeps_a_fixed_step_of_another_version(record):
    assert earlier(record, "resume").fixed_step("intent", "explore.intent@99") is not None
    assert earlier(record, "fork").fixed_step("intent", "explore.intent@99") is None


@pytest.mark.parametrize("use", ["resume", "fork"])
def test_a_fixed_step_that_never_ended_is_run(record, use):
    with forging(record) as forgery:
        planned, ended = forgery.fixed("intent")
        forgery.events = [event for event in forgery.events if event[1] is not ended]

    assert earlier(record, use).fixed_step("intent", INTENT) is None
    assert planned["kind"] == "intent"


def test_a_run_that_is_continued_gives_a_step_its_recorded_input(record):
    known = earlier(record, "resume")
    row = known.trace.step(11)

    assert known.payload(row.planned) == record.blob(row.input)
    assert known.payload(replace(row.planned, number=12)) is None


def test_a_fork_makes_its_inputs_itself(record):
    known = earlier(record, "fork")

    assert known.payload(known.trace.step(2).planned) is None


def test_a_step_that_is_planned_otherwise_is_drift(record):
    known = earlier(record, "resume")
    planned = known.trace.step(2).planned

    with pytest.raises(RunDriftError) as raised:
        known.payload(replace(planned, subject="other.md"))
    assert raised.value.message == (
        f"step 2 would open other.md, and the record says {planned.subject}"
    )


def test_a_step_that_ended_is_recalled_as_it_ended(record):
    known = earlier(record, "resume")
    row, step = known.trace.step(2), sent_again(earlier(record, "resume"), 2)

    assert known.recall(step)
    assert step.output == record.blob(row.output)
    assert (step.status, step.origin, step.error) == (row.status, "ran", "")
    assert step.elapsed_ms == row.elapsed_ms
    assert [(one.number, one.status, one.worker, one.function) for one in step.attempts] == [
        (one.number, one.status, one.worker, one.function) for one in row.attempts
    ]


def test_a_step_that_failed_is_recalled_as_failed(record):
    with forging(record) as forgery:
        forgery.commit_of(2)["ended"].update(status="poison", output=None, error="it broke")
    known = earlier(record, "resume")
    step = sent_again(known, 2)

    assert known.recall(step)
    assert (step.status, step.output, step.error) == ("poison", None, "it broke")


def test_a_step_that_did_not_end_is_not_recalled(record):
    with forging(record) as forgery:
        unfinish(forgery, 9)
    known = earlier(record, "resume")

    assert known.recall(sent_again(known, 8))
    assert not known.recall(sent_again(known, 9))


def test_a_step_with_another_input_is_not_recalled(record):
    known = earlier(record, "resume")

    assert not known.recall(sent_again(known, 2, payload=b"{}"))


def test_a_step_beyond_the_record_is_not_recalled(record):
    known = earlier(record, "resume")
    step = sent_again(known, 11)
    step.step = replace(step.step, number=12)

    assert not known.recall(step)


def test_a_fork_shares_a_result_by_function_and_input_wherever_it_stands(record):
    known = earlier(record, "fork")
    step = sent_again(known, 5)
    step.step = replace(step.step, number=1)

    assert known.recall(step)
    assert (step.origin, step.status, step.attempts) == ("fork", "ok", [])
    assert step.output == record.blob(known.trace.step(5).output)


@pytest.mark.parametrize("changes", [{"payload": b"{}"}, {"function": "explore.local@99"}])
def test_a_fork_shares_no_result_of_another_input_or_function(record, changes):
    known = earlier(record, "fork")

    assert not known.recall(sent_again(known, 5, **changes))


@pytest.mark.parametrize("changes", [{"status": "failed", "output": None}, {"status": "degraded"}])
def test_a_fork_shares_no_result_that_was_none_or_a_fallbacks(record, changes):
    with forging(record) as forgery:
        forgery.commit_of(5)["ended"].update(changes)
    known = earlier(record, "fork")

    assert not known.recall(sent_again(known, 5))


def test_only_a_run_that_is_continued_has_commits_in_its_record(record):
    assert [earlier(record, "resume").is_committed(number) for number in (1, 11, 12)] == [
        True,
        True,
        False,
    ]
    assert not earlier(record, "fork").is_committed(1)

"""A run as its events tell it."""

import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.step_row import AttemptRow
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import fixed_output, read_trace
from docsearch_cli.steps import Drop, PlannedStep

STARTED = {"run_id": "ab", "limits": {"fan_out": 3}, "source": "first"}


@pytest.fixture
def tell(tmp_path):
    """Write events and read what they tell."""
    made = []

    def write(*events):
        made.append(RunStore(tmp_path / f"{len(made)}.db", "create"))
        for kind, data in (("run_started", STARTED), *events):
            made[-1].append(kind, data)
        return read_trace(made[-1])

    yield write
    for store in made:
        store.close()


def planned(name, kind="intent"):
    return "fixed_planned", {"id": name, "kind": kind, "function": "f@1", "input": "in"}


def ended(name, output="out", **changes):
    facts = {"status": "ok", "origin": "ran", "elapsed_ms": 5.0, **changes}
    return "fixed_ended", {"id": name, "output": output, **facts}


def sent(number, subject="a.md", parent=None):
    step = {"number": number, "kind": "traverse", "subject": subject, "depth": 0, "priority": 0.5}
    where = {"parent": parent, "item": 0, "edge": "link"}
    return {"id": f"{number}-x", "function": "f@1", "input": "in", **step, **where}


def step_end(number, **changes):
    facts = {"status": "ok", "output": "out", "origin": "ran", "elapsed_ms": 5.0}
    return {"id": f"{number}-x", **facts, "error": "", "attempts": [], **changes}


def commit(number, end=None, drops=(), steps=()):
    return "commit", {"number": number, "ended": end, "drops": list(drops), "sent": list(steps)}


def drop(subject, reason, parent=1):
    return {"parent": parent, "item": 2, "subject": subject, "reason": reason, "priority": 0.1}


def test_a_run_that_only_began_is_running(tell):
    trace = tell()

    assert (trace.run_id, trace.status, trace.ending) == ("ab", "running", {})
    assert (trace.fixed, trace.steps, trace.commits, trace.kept, trace.events) == (
        (), (), (), (), 1,
    )  # fmt: skip
    assert trace.limits == {"fan_out": 3}


def test_limits_are_a_copy(tell):
    trace = tell()
    trace.limits["fan_out"] = 9

    assert trace.limits == {"fan_out": 3}


def test_a_step_has_what_its_events_say(tell):
    trace = tell(
        commit(None, steps=[sent(1)]),
        commit(1, step_end(1, status="failed", output=None, error="boom", origin="cache")),
    )
    (row,) = trace.steps

    assert row.planned == PlannedStep(1, "traverse", "a.md", 0, 0.5, None, 0, "link")
    assert (row.id, row.number, row.kind, row.function, row.input) == (
        "1-x", 1, "traverse", "f@1", "in",
    )  # fmt: skip
    assert (row.status, row.output, row.error, row.origin) == ("failed", None, "boom", "cache")
    assert row.elapsed_ms == 5.0
    assert row.has_ended
    assert [(item.number, item.sent) for item in trace.commits] == [(None, (1,)), (1, ())]


def test_a_step_that_was_sent_and_not_committed_is_running(tell):
    (row,) = tell(commit(None, steps=[sent(1)])).steps

    assert (row.status, row.output, row.has_ended, row.degraded) == ("running", None, False, False)


def test_attempts_are_read_with_their_blobs(tell):
    attempt = {
        "number": 1, "status": "crash", "function": "f@1", "elapsed_ms": 2.0, "worker": 7,
        "error": "died", "detail": "d", "log": "l",
    }  # fmt: skip
    trace = tell(commit(None, steps=[sent(1)]), commit(1, step_end(1, attempts=[attempt])))

    assert trace.step(1).attempts == (AttemptRow(**attempt),)
    assert trace.step(1).started_ms is None


def test_a_step_began_when_its_first_attempt_did(tell):
    attempt = {
        "number": 1, "status": "crash", "function": "f@1", "elapsed_ms": 2.0, "worker": 7,
        "error": "died", "detail": "d", "log": "l",
    }  # fmt: skip
    attempts = [{**attempt, "started_ms": 4.0}, {**attempt, "number": 2, "started_ms": 9.0}]
    trace = tell(commit(None, steps=[sent(1)]), commit(1, step_end(1, attempts=attempts)))

    assert trace.step(1).started_ms == 4.0
    assert trace.step(1).attempts[1].started_ms == 9.0


def test_drops_are_in_order_over_all_commits(tell):
    trace = tell(
        commit(None, drops=[drop("s.md", "seeds", None)], steps=[sent(1)]),
        commit(1, step_end(1), [drop("b.md", "depth")]),
    )

    assert trace.drops == [
        Drop(None, 2, "s.md", "seeds", 0.1),
        Drop(1, 2, "b.md", "depth", 0.1),
    ]


@pytest.mark.parametrize(
    ("reason", "is_late"),
    [
        ("visited", True),
        ("queued", True),
        ("better_way", True),
        ("depth", False),
        ("fan_out", False),
    ],
)
def test_a_step_knows_who_proposed_its_node_too_late(tell, reason, is_late):
    trace = tell(
        commit(None, steps=[sent(1), sent(2, "b.md")]),
        commit(1, step_end(1), [drop("b.md", reason), drop("c.md", reason)]),
    )

    assert len(trace.step(2).proposed_by) == is_late
    assert trace.step(1).proposed_by == ()


def test_steps_that_were_kept_have_ended_and_are_not_committed(tell):
    trace = tell(
        commit(None, steps=[sent(1), sent(2, "b.md")]),
        ("kept", {"ended": [step_end(2)]}),
        ("run_finished", {"status": "partial", "stop_reason": "deadline"}),
    )

    assert trace.kept == (2,)
    assert [row.status for row in trace.steps] == ["running", "ok"]
    assert (trace.status, trace.ending["stop_reason"]) == ("partial", "deadline")


def test_a_run_that_was_continued_has_no_ending_until_it_ends_again(tell):
    partial = ("run_finished", {"status": "partial"})
    resumed = ("run_resumed", {"source": "second"})
    open_again = tell(partial, resumed)
    complete = tell(partial, resumed, ("run_finished", {"status": "complete"}))

    assert (open_again.status, open_again.ending) == ("running", {})
    assert open_again.resumed == ({"source": "second"},)
    assert complete.status == "complete"


def test_the_latest_fingerprints_are_of_who_wrote_last(tell):
    assert tell().latest["source"] == "first"
    again = [("run_resumed", {"source": name}) for name in ("second", "third")]
    assert tell(*again).latest["source"] == "third"


def test_a_fixed_step_that_is_planned_again_is_one_step(tell):
    """A run that is continued runs its fan-in again, with the same input or another."""
    trace = tell(
        planned("aggregate-a", "aggregate"),
        ended("aggregate-a", "first"),
        planned("aggregate-a", "aggregate"),
        ended("aggregate-a", "second"),
        planned("aggregate-b", "aggregate"),
        ended("aggregate-b", "third"),
    )

    assert [(row.id, row.output) for row in trace.fixed] == [
        ("aggregate-a", "second"),
        ("aggregate-b", "third"),
    ]
    assert trace.last_fixed("aggregate").id == "aggregate-b"


def test_a_fixed_step_that_comes_out_the_same_again_is_the_last(tell):
    names = ("aggregate-a", "aggregate-b", "aggregate-a")
    trace = tell(*(event for name in names for event in (planned(name, "aggregate"), ended(name))))

    assert trace.last_fixed("aggregate").id == "aggregate-a"


def test_the_last_fixed_step_of_a_kind_is_one_that_ended_well(tell):
    trace = tell(planned("plan-a", "plan"), ended("plan-a"), planned("plan-b", "plan"))

    assert trace.last_fixed("plan").id == "plan-a"
    assert trace.last_fixed("intent") is None


def test_all_steps_are_in_the_order_of_a_run(tell):
    trace = tell(
        planned("aggregate-a", "aggregate"),
        planned("intent-a"),
        commit(None, steps=[sent(1)]),
    )

    assert [row.id for row in trace.all_steps()] == ["intent-a", "1-x", "aggregate-a"]


@pytest.mark.parametrize(
    "event",
    [
        ("commit", {"number": 1}),
        ("commit", {"number": 1, "ended": 7, "drops": [], "sent": []}),
        commit(None, drops=[{**drop("a", "depth"), "more": 1}]),
        commit(None, steps=[{"id": "1-x"}]),
        ("kept", {"ended": [{"id": []}]}),
        ("fixed_planned", {}),
        ("run_finished", {}),
    ],
)
def test_an_event_that_is_not_what_docsearch_writes_is_refused(tell, event):
    with pytest.raises(RunCorruptError):
        tell(event)


def test_the_output_of_a_fixed_step_is_its_blob(record):
    trace = read_trace(record)

    assert fixed_output(record, trace, "plan") == record.blob(trace.last_fixed("plan").output)
    assert fixed_output(record, trace, "party") is None

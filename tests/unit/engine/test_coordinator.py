"""A coordinator between a scripted plan and a scripted engine; real processes where they matter."""

import time
from itertools import pairwise

import pytest

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.engine.coordinator import DRAIN_S, Coordinator, EngineLimits
from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import StepError, StepOutcome
from docsearch_cli.engine.step_work import StepInputError
from docsearch_cli.steps import (
    Dispatch,
    Drop,
    Finish,
    PlannedStep,
    StepFailed,
    StepSucceeded,
)
from tests.fixtures.steps import FUNCTIONS
from tests.step_work import ScriptedWork


def planned(number, subject="s"):
    return PlannedStep(number, "traverse", f"{subject}{number}", 0, 1.0, None, 0, "keyword")


class ListPlan:
    """Sends ``count`` steps, ``window`` at a time, and keeps the events it is told."""

    def __init__(self, count, window=4):
        self.count, self.window = count, window
        self.sent = self.ended = 0
        self.events = []

    def start(self):
        return self._advance()

    def handle(self, event):
        self.events.append(event)
        self.ended += 1
        return self._advance()

    def _advance(self):
        found = []
        while self.sent < self.count and self.sent - self.ended < self.window:
            self.sent += 1
            found.append(Dispatch(planned(self.sent)))
        if not found and self.sent == self.ended:
            return [Finish("frontier_empty")]
        return found


class ScriptedEngine:
    """Answers each call by a script: number -> statuses of its tries; the last call first."""

    name = "scripted"

    def __init__(self, script=None, slots=4):
        self.script = script or {}
        self.slots = slots
        self.calls = []
        self._running = []

    def start(self):
        pass

    def free_slots(self):
        return self.slots - len(self._running)

    def submit(self, call):
        assert self.free_slots() > 0
        self.calls.append(call)
        self._running.append(call)

    def poll(self, timeout_s):
        if not self._running:
            time.sleep(min(timeout_s, 0.01))
            return []
        call = self._running.pop()
        tries = sum(other.number == call.number for other in self.calls)
        statuses = self.script.get(call.number, ["ok"])
        status = statuses[min(tries, len(statuses)) - 1]
        if status == "hang":
            self._running.insert(0, call)
            time.sleep(min(timeout_s, 0.01))
            return []
        error = None if status == "ok" else StepError(status.title(), "scripted", "stack")
        output = call.payload.upper() if status == "ok" else b""
        return [StepOutcome(call.number, status, output, error, b"log", 5.0, 99)]

    def close(self):
        pass


class MemoryRecorder:
    def __init__(self):
        self.commits = []
        self.kept = []

    def commit(self, ended, drops, sent):
        number = ended.step.number if ended is not None else None
        status = ended.status if ended is not None else None
        self.commits.append((number, status, [drop.item for drop in drops], [r.id for r in sent]))

    def keep(self, ended):
        self.kept = [record.step.number for record in ended]


def make(plan, engine, *, cache=None, attempts=3, deadline_s=30, **options):
    recorder = MemoryRecorder()
    options.setdefault("interpret", lambda step, output: output.decode())
    work = ScriptedWork("test.upper@1", **options)
    limits = EngineLimits(attempts, 1.0, deadline_s)
    return Coordinator(plan, engine, limits, recorder, cache, work), recorder


def outcome(script, *, count=1, **options):
    """Run a plan of ``count`` steps; gives coordinator, plan and engine."""
    plan, engine = ListPlan(count), ScriptedEngine(script)
    coordinator, _ = make(plan, engine, **options)
    coordinator.run()
    return coordinator, plan, engine


def statuses(record):
    return [attempt.status for attempt in record.attempts]


def test_results_that_come_in_any_order_are_committed_in_the_order_of_dispatch():
    plan = ListPlan(12)
    coordinator, recorder = make(plan, ScriptedEngine())

    assert coordinator.run() == "frontier_empty"
    assert [event.number for event in plan.events] == list(range(1, 13))
    assert [commit[0] for commit in recorder.commits] == [None, *range(1, 13)]


def test_the_plan_gets_what_the_step_gave():
    _, plan, _ = outcome({})

    assert plan.events == [StepSucceeded(1, "S1")]


def test_what_a_commit_sends_is_under_way_before_anything_is_waited_for():
    engine = ScriptedEngine()
    running, poll = [], engine.poll
    engine.poll = lambda timeout_s: (running.append(len(engine._running)), poll(timeout_s))[1]
    coordinator, _ = make(ListPlan(3, window=1), engine)
    coordinator.run()

    assert running == [1, 1, 1]


def test_no_step_ends_at_once():
    coordinator, _ = make(ListPlan(0), ScriptedEngine())

    assert coordinator.run() == "frontier_empty"


def test_a_steps_input_is_recorded_before_it_runs():
    plan, engine = ListPlan(3), ScriptedEngine()
    coordinator, recorder = make(plan, engine)
    seen = []
    submit = engine.submit
    engine.submit = lambda call: (seen.append((call.number, list(recorder.commits))), submit(call))
    coordinator.run()

    for number, commits in seen:
        recorded = [step for commit in commits for step in commit[3]]
        assert any(step.startswith(f"{number}-") for step in recorded)


def test_drops_are_recorded_with_the_commit_they_came_from():
    plan = ListPlan(1)
    plan.start = lambda: [Drop(None, 7, "x", "seeds", 0.1), *ListPlan._advance(plan)]
    coordinator, recorder = make(plan, ScriptedEngine())
    noted = []
    coordinator._work.note_drops = noted.extend
    coordinator.run()

    assert recorder.commits[0][2] == [7]
    assert [drop.item for drop in noted] == [7]


def test_a_crash_is_tried_once_more():
    coordinator, plan, _ = outcome({1: ["crash", "ok"]})

    assert statuses(coordinator.records[1]) == ["crash", "ok"]
    assert plan.events == [StepSucceeded(1, "S1")]


def test_a_step_that_crashes_twice_is_poison_and_the_run_goes_on():
    coordinator, plan, _ = outcome({1: ["crash"]}, count=3)

    assert coordinator.records[1].status == "poison"
    assert statuses(coordinator.records[1]) == ["crash", "crash"]
    assert [type(event) for event in plan.events] == [StepFailed, StepSucceeded, StepSucceeded]


def test_a_timeout_is_tried_once_more_with_twice_the_time():
    coordinator, _, engine = outcome({1: ["timeout"]})

    assert coordinator.records[1].status == "timeout"
    assert [call.timeout_s for call in engine.calls] == [1.0, 2.0]


def test_a_bug_is_never_tried_again():
    coordinator, plan, engine = outcome({1: ["error"]})

    assert len(engine.calls) == 1
    assert coordinator.records[1].status == "failed"
    assert plan.events == [StepFailed(1, "Error: scripted")]


def test_a_transient_error_is_tried_up_to_the_limit():
    coordinator, _, _ = outcome({1: ["transient"]}, attempts=2)

    assert statuses(coordinator.records[1]) == ["transient", "transient"]
    assert coordinator.records[1].status == "failed"


def polls(engine):
    """Collect the longest time that each poll of an engine may take."""
    waits, poll = [], engine.poll
    engine.poll = lambda timeout_s: (waits.append(timeout_s), poll(timeout_s))[1]
    return waits


def test_clock_and_stop_signal_are_checked_ten_times_a_second():
    engine = ScriptedEngine()
    waits = polls(engine)
    coordinator, _ = make(ListPlan(3), engine)
    coordinator.run()

    assert set(waits) == {0.1}


def test_a_retry_is_not_waited_for_longer_than_it_waits(monkeypatch):
    monkeypatch.setattr("random.uniform", lambda least, most: 0.03)
    engine = ScriptedEngine({1: ["transient", "ok"]})
    waits = polls(engine)
    coordinator, _ = make(ListPlan(1), engine)
    coordinator.run()

    assert (waits[0], waits[-1]) == (0.1, 0.1)
    assert all(0 <= wait <= 0.03 for wait in waits[1:-1])
    assert waits[1:-1]


def test_a_retry_uses_the_same_input():
    _, _, engine = outcome({1: ["crash", "ok"]})

    assert len({call.payload for call in engine.calls}) == 1


def test_every_try_is_kept_with_its_log_and_stack():
    coordinator, _, _ = outcome({1: ["crash", "ok"]})
    first, second = coordinator.records[1].attempts

    assert (first.number, first.error, first.detail) == (1, "Crash: scripted", "stack")
    assert (second.number, second.log, second.worker) == (2, b"log", 99)


@pytest.mark.parametrize("fault", [ValueError, KeyError, TypeError, AttributeError, IndexError])
def test_an_output_that_makes_no_sense_is_a_failed_step(fault):
    def interpret(step, output):
        raise fault("no sense")

    coordinator, plan, _ = outcome({}, interpret=interpret)

    assert coordinator.records[1].status == "failed"
    assert "not valid" in plan.events[0].reason


def test_an_output_of_the_wrong_shape_is_a_failed_step():
    coordinator, _, _ = outcome({}, interpret=lambda step, output: {"a": 1}["b"])

    assert coordinator.records[1].status == "failed"
    assert coordinator.records[1].output is None


def test_many_failures_stop_the_run():
    plan, engine = ListPlan(100), ScriptedEngine({n: ["error"] for n in range(1, 100)})
    coordinator, _ = make(plan, engine)

    assert coordinator.run() == "failures"
    assert len(engine.calls) < 20


def test_a_few_failures_do_not_stop_the_run():
    coordinator, _ = make(ListPlan(60), ScriptedEngine({n: ["error"] for n in (1, 20, 40)}))

    assert coordinator.run() == "frontier_empty"


@pytest.mark.parametrize(("good", "bad"), [(0, 4), (8, 4), (9, 5), (20, 8), (21, 9)])
def test_a_run_stops_once_a_quarter_of_its_steps_and_at_least_four_have_failed(good, bad):
    plan = ListPlan(200, window=1)
    script = {number: ["error"] for number in range(good + 1, 201)}
    coordinator, _ = make(plan, ScriptedEngine(script))

    assert coordinator.run() == "failures"
    assert plan.ended == good + bad


@pytest.fixture
def short_drain(monkeypatch):
    """What runs when a run is stopped gets less time to end."""
    monkeypatch.setattr("docsearch_cli.engine.coordinator.DRAIN_S", 0.3)


def test_what_is_under_way_is_told_when_it_changes():
    plan, engine = ListPlan(4), ScriptedEngine(slots=2)
    coordinator, _ = make(plan, engine)
    told = []
    coordinator._work.note_running = lambda steps: told.append([step.number for step in steps])
    coordinator.run()

    assert told[0] == [1, 2]
    assert all(len(numbers) <= 2 for numbers in told)
    assert {number for numbers in told for number in numbers} == {1, 2, 3, 4}
    assert all(before != after for before, after in pairwise(told))


def test_a_deadline_ends_the_run_and_keeps_what_there_is(short_drain):
    plan = ListPlan(3)
    coordinator, _ = make(plan, ScriptedEngine({2: ["hang"]}), deadline_s=0.3)
    started = time.monotonic()

    assert coordinator.run() == "deadline"
    assert plan.events[0] == StepSucceeded(1, "S1")
    assert time.monotonic() - started < 4


def test_a_wish_to_stop_ends_the_run():
    plan = ListPlan(1_000)
    coordinator, _ = make(
        plan, ScriptedEngine(), stop=lambda: "cancelled" if plan.ended >= 5 else None
    )

    assert coordinator.run() == "cancelled"
    assert plan.sent < 20


def test_after_a_stop_no_step_is_submitted_and_nothing_is_committed():
    plan, engine = ListPlan(100, window=8), ScriptedEngine(slots=3)
    sent = []

    def stop():
        if plan.ended < 2:
            return None
        sent.append(len(engine.calls))
        return "cancelled"

    coordinator, recorder = make(plan, engine, stop=stop)
    coordinator.run()

    assert plan.ended == 2
    assert [len(engine.calls)] == sent
    assert recorder.kept == list(range(3, len(engine.calls) + 1))


def test_after_a_stop_nothing_is_tried_again():
    plan, engine = ListPlan(1), ScriptedEngine({1: ["transient"]})
    coordinator, _ = make(plan, engine, attempts=6, stop=lambda: "cancelled")
    coordinator.run()

    assert len(engine.calls) <= 1


@pytest.mark.parametrize("fault", ["crash", "timeout", "transient"])
def test_a_fallback_stands_in_when_nothing_else_is_left_to_try(fault):
    coordinator, plan, engine = outcome(
        {1: [fault] * (2 if fault != "transient" else 3) + ["ok"]}, fallback="test.other@1"
    )
    record = coordinator.records[1]

    assert record.status == "degraded"
    assert [attempt.function for attempt in record.attempts][-1] == "test.other@1"
    assert engine.calls[-1].function == "test.other@1"
    assert plan.events == [StepSucceeded(1, "S1")]


def test_a_fallback_is_tried_once():
    coordinator, plan, _ = outcome({1: ["crash"]}, fallback="test.other@1")

    assert statuses(coordinator.records[1]) == ["crash"] * 3
    assert coordinator.records[1].status == "poison"
    assert isinstance(plan.events[0], StepFailed)


def test_no_fallback_hides_a_bug():
    coordinator, _, engine = outcome({1: ["error", "ok"]}, fallback="test.other@1")

    assert coordinator.records[1].status == "failed"
    assert len(engine.calls) == 1


def test_what_ended_behind_a_step_that_hangs_is_kept(short_drain):
    plan = ListPlan(4)
    coordinator, recorder = make(plan, ScriptedEngine({2: ["hang"]}), deadline_s=0.2)
    seen = []
    coordinator._work.observe = lambda record: seen.append(record.step.number)
    coordinator.run()

    assert recorder.kept == [3, 4]
    assert seen == [1, 3, 4]
    assert not coordinator.records[2].has_ended


class SlowEngine(ScriptedEngine):
    """Gives nothing before a stop was asked for."""

    is_stopped = False

    def poll(self, timeout_s):
        return super().poll(timeout_s) if self.is_stopped else []

    def stop(self):
        """Ask for a stop as soon as something runs."""
        self.is_stopped = bool(self.calls)
        return "cancelled" if self.is_stopped else None


@pytest.mark.parametrize("fault", ["transient", "crash", "timeout"])
def test_a_step_that_fails_while_the_run_ends_stays_to_be_tried_again(fault):
    plan, engine = ListPlan(1), SlowEngine({1: [fault]})
    coordinator, recorder = make(plan, engine, stop=engine.stop)
    coordinator.run()

    assert statuses(coordinator.records[1]) == [fault]
    assert not coordinator.records[1].has_ended
    assert (plan.events, recorder.kept) == ([], [])
    assert len(engine.calls) == 1


def test_a_bug_that_shows_while_the_run_ends_is_kept_as_the_steps_end():
    engine = SlowEngine({1: ["error"]})
    coordinator, recorder = make(ListPlan(1), engine, stop=engine.stop)
    coordinator.run()

    assert recorder.kept == [1]
    assert coordinator.records[1].status == "failed"


def test_what_runs_when_a_stop_is_asked_for_gets_a_while_to_end_and_no_longer(short_drain):
    engine = SlowEngine({1: ["hang"]})
    coordinator, _ = make(ListPlan(1), engine, stop=engine.stop)
    started = time.monotonic()

    assert coordinator.run() == "cancelled"
    assert 0.3 <= time.monotonic() - started < 0.8


def test_what_runs_gets_two_seconds_to_end():
    assert DRAIN_S == 2.0


def test_nothing_that_runs_is_nothing_to_wait_for():
    started = time.monotonic()
    coordinator, _ = make(ListPlan(3), ScriptedEngine(), stop=lambda: "cancelled")

    assert coordinator.run() == "cancelled"
    assert time.monotonic() - started < DRAIN_S


def test_a_step_that_ended_in_an_earlier_run_is_recalled_and_not_sent(cache):
    def recall(record):
        if record.step.number == 1:
            record.succeed(b"THEN")
        elif record.step.number == 2:
            record.fail("broken then")
        return record.has_ended

    _, plan, engine = outcome({}, count=3, recall=recall, cache=cache)

    assert plan.events == [
        StepSucceeded(1, "THEN"),
        StepFailed(2, "broken then"),
        StepSucceeded(3, "S3"),
    ]
    assert [call.number for call in engine.calls] == [3]


def test_a_step_whose_input_cannot_be_made_has_failed():
    def prepare(step):
        if step.number == 1:
            raise StepInputError("it is gone")
        return b"x"

    coordinator, plan, engine = outcome({}, count=2, prepare=prepare)

    assert plan.events[0] == StepFailed(1, "it is gone")
    assert coordinator.records[1].status == "failed"
    assert [call.number for call in engine.calls] == [2]


def test_each_commit_is_observed_once_and_in_order():
    seen = []
    outcome({}, count=5, observe=lambda record: seen.append(record.step.number))

    assert seen == [1, 2, 3, 4, 5]


@pytest.fixture
def cache(tmp_path):
    made = ByteCache(tmp_path / "steps", lambda text: None)
    yield made
    made.close()


def test_a_second_run_takes_its_results_from_the_cache(cache):
    outcome({}, count=3, cache=cache)
    coordinator, plan, engine = outcome({}, count=3, cache=cache)

    assert engine.calls == []
    assert all(record.origin == "cache" for record in coordinator.records.values())
    assert [event.value for event in plan.events] == ["S1", "S2", "S3"]


def test_a_cached_step_is_committed_like_any_other(cache):
    first, _ = make(ListPlan(5), ScriptedEngine(), cache=cache)
    first.run()
    plan = ListPlan(5)
    second, recorder = make(plan, ScriptedEngine(), cache=cache)
    second.run()

    assert [commit[0] for commit in recorder.commits] == [None, 1, 2, 3, 4, 5]


def test_a_degraded_step_is_not_cached(cache):
    script = {1: ["crash", "crash", "ok"]}
    first, _, _ = outcome(script, cache=cache, fallback="test.other@1")
    second, _, engine = outcome({}, cache=cache)

    assert first.records[1].status == "degraded"
    assert (second.records[1].origin, len(engine.calls)) == ("ran", 1)


def test_a_failed_step_is_not_kept(cache):
    outcome({1: ["error"]}, cache=cache)
    _, plan, _ = outcome({}, cache=cache)

    assert plan.events == [StepSucceeded(1, "S1")]


def test_an_output_that_makes_no_sense_is_not_kept(cache):
    outcome({}, cache=cache, interpret=lambda step, output: {}["x"])
    coordinator, _, _ = outcome({}, cache=cache)

    assert coordinator.records[1].origin == "ran"


def test_a_cached_result_that_makes_no_sense_is_a_miss(cache):
    outcome({}, cache=cache)

    def interpret(step, output):
        return {b"FRESH": "fine"}[output]

    engine = ScriptedEngine()
    engine.poll = lambda timeout_s: [
        StepOutcome(engine._running.pop().number, "ok", b"FRESH") for _ in engine._running[:1]
    ]
    plan = ListPlan(1)
    coordinator, _ = make(plan, engine, cache=cache, interpret=interpret)
    coordinator.run()

    assert plan.events == [StepSucceeded(1, "fine")]


def with_processes(function, payload, *, workers=1, **options):
    return with_engine(LocalEngine(workers, "tests.fixtures.steps"), function, payload, **options)


def with_engine(engine, function, payload, *, count=1, **options):
    engine.start()
    plan = ListPlan(count)
    coordinator = Coordinator(
        plan,
        engine,
        EngineLimits(3, options.pop("step_timeout_s", 10.0), 60),
        MemoryRecorder(),
        None,
        ScriptedWork(f"test.{function}@1", prepare=lambda step: payload),
    )
    try:
        coordinator.run()
    finally:
        engine.close()
    return coordinator.records[1], plan


def test_a_crash_is_tried_again_on_a_fresh_worker(tmp_path):
    record, plan = with_processes("crash_once", str(tmp_path / "mark").encode())

    assert statuses(record) == ["crash", "ok"]
    assert record.attempts[0].worker != record.attempts[1].worker
    assert plan.events == [StepSucceeded(1, b"second try")]


@pytest.mark.parametrize(
    "engine",
    [LocalEngine(1, "tests.fixtures.steps"), InlineEngine(FUNCTIONS)],
    ids=lambda e: e.name,
)
def test_a_step_that_says_it_is_busy_is_tried_again(engine, tmp_path):
    record, plan = with_engine(engine, "busy_twice", str(tmp_path).encode())

    assert statuses(record) == ["transient", "transient", "ok"]
    assert record.attempts[0].error == "TransientStepError: the server is busy"
    assert plan.events == [StepSucceeded(1, b"third attempt")]


def test_a_step_that_needs_more_time_gets_twice_as_much():
    record, _ = with_processes("slow_once", b"0.7", step_timeout_s=0.5)

    assert statuses(record) == ["timeout", "ok"]


def test_a_poisonous_step_leaves_the_others_alone():
    record, plan = with_processes("exit_hard", b"", count=2, workers=2)

    assert record.status == "poison"
    assert [type(event) for event in plan.events] == [StepFailed, StepFailed]


def recall_all(record):
    record.succeed(record.payload.upper())
    return True


def test_a_wish_to_stop_waits_until_the_run_is_where_its_record_is():
    plan, engine = ListPlan(9, window=2), ScriptedEngine()
    coordinator, recorder = make(
        plan,
        engine,
        recall=lambda record: record.step.number <= 4 and recall_all(record),
        recorded=lambda number: number <= 4,
        stop=lambda: "cancelled",
    )

    assert coordinator.run() == "cancelled"
    assert plan.ended == 4
    assert all(call.number > 4 for call in engine.calls)
    assert [number for number, *_ in recorder.commits] == [None, 1, 2, 3, 4]


def test_a_recalled_step_whose_output_makes_no_sense_now_is_not_run_again():
    def interpret(step, output):
        raise ValueError("no sense")

    def recall(record):
        record.origin = "cache"
        return recall_all(record)

    coordinator, _, engine = outcome({}, recall=recall, interpret=interpret)

    assert coordinator.records[1].status == "failed"
    assert engine.calls == []

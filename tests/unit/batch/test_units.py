"""Units of work on an engine: all of them, as many at once as there is room, some sent again."""

import itertools

from docsearch_cli.batch.units import run_units
from docsearch_cli.engine.protocol import StepCall, StepOutcome


class ScriptedEngine:
    """Ends calls as it is told, each attempt after the other; all of them are ``ok`` else."""

    name = "scripted"

    def __init__(self, slots=2, statuses=None, never=(), opens_after=0):
        self.slots = slots
        self.statuses = statuses or {}
        self.never = never
        self.opens_after = opens_after
        self.running = []
        self.sent = []
        self.most = 0

    def free_slots(self):
        return 0 if self.opens_after > 0 else self.slots - len(self.running)

    def submit(self, call):
        self.running.append(call)
        self.sent.append((call.number, call.attempt))
        self.most = max(self.most, len(self.running))

    def poll(self, timeout_s):
        self.opens_after -= 1
        for call in self.running:
            if call.number not in self.never:
                self.running.remove(call)
                left = self.statuses.get(call.number, [])
                status = left.pop(0) if left else "ok"
                return [StepOutcome(call.number, status)]
        return []


def calls(count):
    return (StepCall(number, "f@1", b"", 1) for number in range(count))


def run(engine, count, **options):
    return [(item.number, item.status) for item in run_units(engine, calls(count), **options)]


def test_every_call_is_run_and_never_more_at_once_than_there_is_room():
    engine = ScriptedEngine(slots=3)

    assert sorted(run(engine, 10)) == [(number, "ok") for number in range(10)]
    assert engine.most == 3


def test_room_that_comes_late_is_waited_for():
    assert len(run(ScriptedEngine(opens_after=3), 2)) == 2


def test_nothing_to_do_is_done_at_once():
    assert run(ScriptedEngine(), 0) == []


def test_what_was_lost_is_sent_again_so_many_times():
    engine = ScriptedEngine(
        slots=1, statuses={0: ["crash"] * 9, 1: ["transient"] * 9, 2: ["crash"], 3: ["timeout"]}
    )

    assert sorted(run(engine, 4)) == [(0, "crash"), (1, "transient"), (2, "ok"), (3, "timeout")]
    assert sorted(engine.sent) == [(0, 1), (0, 2), (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1)]


def test_what_must_not_be_sent_again_is_not():
    engine = ScriptedEngine(statuses={0: ["crash"]})

    assert run(engine, 1, again=lambda call, outcome: None) == [(0, "crash")]
    assert engine.sent == [(0, 1)]


def test_after_a_stop_nothing_is_sent_and_what_runs_may_end():
    engine, asked = ScriptedEngine(slots=2), itertools.count()

    assert len(run(engine, 100, stops=lambda: next(asked) >= 3)) == len(engine.sent) == 4


def test_what_does_not_end_after_a_stop_is_left():
    engine = ScriptedEngine(slots=2, never={0})
    asked = itertools.count()

    found = run(engine, 100, stops=lambda: next(asked) >= 3, drain_s=0.05)

    assert (0, "ok") not in found
    assert found

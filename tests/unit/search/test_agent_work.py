import json

import pytest

from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.engine.step_work import StepInputError
from docsearch_cli.explore.agents.table import find_agent
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.runs.limits import LimitSchedule
from docsearch_cli.search.agent_work import AgentWork
from docsearch_cli.search.result import SearchObserver
from docsearch_cli.steps import Drop, PlannedStep


class Told(SearchObserver):
    """Keeps what it is told."""

    def __init__(self):
        self.summaries, self.shown, self.drops = [], [], []

    def committed(self, step):
        self.summaries.append(step)

    def opened(self, step, view, decision):
        self.shown.append((step.subject, view, decision))

    def dropped(self, drops):
        self.drops.extend(drops)


def seed_step(node, number=1):
    return PlannedStep(number, "traverse", node, 0, 1.0, None, 0, "keyword")


@pytest.fixture
def work(desk):
    def make(observer=None, **limits):
        schedule = LimitSchedule.of(desk.settings(**limits).run_limits(), None)
        scored = ScoredQuestion(desk.index, "which valve does a pump need")
        return AgentWork(
            find_agent("local"),
            scored,
            schedule.plan(()),
            earlier=None,
            observer=observer or SearchObserver(),
        )

    return make


def test_a_steps_input_is_what_its_agent_is_shown_under_the_limits(work):
    few = json.loads(work(proposals=1, reading_tokens=50).prepare(seed_step("valve.md")))
    many = json.loads(work().prepare(seed_step("valve.md")))

    assert (few["path"], few["edges_total"]) == ("valve.md", many["edges_total"])
    assert len(few["edges"]) == 1 < len(many["edges"])


def test_a_node_that_is_not_in_the_index_cannot_be_opened(work):
    made = work()
    with pytest.raises(StepInputError, match=r"gone\.md is not in the index"):
        made.prepare(seed_step("gone.md"))

    assert len(made.steps) == 1


def test_an_output_is_read_and_told_once_it_is_committed(work):
    told = Told()
    made = work(told)
    step = seed_step("pump.md")
    payload = made.prepare(step)
    opened = made.interpret(step, FUNCTIONS[made.function](payload))
    record = StepRecord(step, "1-traverse-abc", made.function, payload)
    record.succeed(b"")
    made.observe(record)

    assert "valve.md" in opened.neighbours
    assert [(summary.id, summary.path, summary.cached) for summary in told.summaries] == [
        ("1-traverse-abc", "pump.md", False)
    ]
    assert made.summaries == told.summaries
    assert made.steps[1].node_step is None


def test_an_observer_is_shown_all_of_a_step_before_it_is_let_go(work):
    told = Told()
    made = work(told)
    step = seed_step("pump.md")
    payload = made.prepare(step)
    opened = made.interpret(step, FUNCTIONS[made.function](payload))
    record = StepRecord(step, "1-traverse-abc", made.function, payload)
    record.succeed(b"")
    made.observe(record)
    ((subject, view, decision),) = told.shown

    assert subject == "pump.md"
    assert view.sections
    assert "valve.md" in {edge.target for edge in view.edges}
    assert decision == opened.decision
    assert decision.follow
    assert made.steps[1].view.edges == ()


def test_what_is_not_taken_is_passed_on(work):
    told = Told()
    drop = Drop(1, 0, "valve.md", "fan_out", 0.5)
    work(told).note_drops([drop])

    assert told.drops == [drop]


def test_what_decides_a_result_is_no_budget(work):
    step = seed_step("pump.md")
    parts = []
    for limits in ({}, {"max_agents": 1, "max_depth": 0, "fan_out": 1}):
        made = work(**limits)
        made.prepare(step)
        parts.append(made.key_parts(step))

    assert parts[0] == parts[1]
    assert {"question", "content_hash", "sections", "edges"} <= set(parts[0])


def test_more_reading_is_another_result(work):
    step = seed_step("pump.md")
    made = work()
    made.prepare(step)
    decision = json.loads(FUNCTIONS[made.function](made.prepare(step)))
    decision["tokens_read"] = 1_201
    with pytest.raises(ValueError, match="not at most 1200"):
        made.interpret(step, json.dumps(decision).encode())


def test_nothing_is_recalled_without_an_earlier_run(work):
    made = work()
    record = StepRecord(seed_step("pump.md"), "1", made.function, b"")

    assert not made.recall(record)
    assert made.stop_reason() is None

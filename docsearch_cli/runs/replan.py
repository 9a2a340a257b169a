"""A recorded run planned again: the same drops, the same steps at their turn, the same end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.agents.table import Agent
from docsearch_cli.explore.node_step import NodeStep
from docsearch_cli.explore.opened_steps import OpenedSteps
from docsearch_cli.explore.plan import ExplorePlan, Opened
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.runs.limits import schedule_of
from docsearch_cli.runs.run_agent import agent_of
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.runs.step_values import read_seeds
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace
from docsearch_cli.steps import (
    Amount,
    Dispatch,
    Drop,
    Finish,
    Instruction,
    PlannedStep,
    StepFailed,
    StepSucceeded,
)


@dataclass(frozen=True, slots=True)
class Replanned:
    """A recorded run, planned again."""

    plan: ExplorePlan
    """At its end."""
    steps: OpenedSteps
    """What was sent, and what came of it."""
    finish: str
    """Why the plan says that the run is over; empty if it does not."""

    @property
    def tokens(self) -> dict[int, int]:
        """Tokens read by each step that has an output."""
        return {
            step.planned.number: decision.tokens_read for step, decision in self.steps.decided()
        }


def replan(store: RunStore, trace: Trace) -> Replanned:
    """Run a recorded run's plan again.

    Args:
        store: The run's record.
        trace: What it holds.

    Returns:
        How it went.

    Raises:
        RunCorruptError: If the plan and the record differ.
    """
    plan = schedule_of(trace).plan([Seed(**seed) for seed in read_seeds(store, trace)])
    checker = _Checker(trace, plan)
    agent = agent_of(trace)
    steps = OpenedSteps()
    for row in trace.steps:
        assert row.planned is not None  # those of a run are planned
        steps.add(row.planned, None).id = row.id
    beginning = [drop for c in trace.commits if c.number is None for drop in c.drops]
    if trace.commits or trace.ending:  # one that was killed before has dropped nothing yet
        checker.take(0, plan.start(), beginning)
    for place, commit in enumerate((c for c in trace.commits if c.number is not None), start=1):
        if commit.number != place or place > checker.sent:
            raise RunCorruptError(f"step {commit.number} was committed out of order")
        event = _event(store, trace.step(place), agent, checker.allowances[place], steps)
        checker.take(place, plan.handle(event), commit.drops)
    for number in trace.kept:
        if number > checker.sent:
            raise RunCorruptError(f"step {number} was kept and never sent")
        _event(store, trace.step(number), agent, checker.allowances[number], steps)
    checker.end()
    return Replanned(plan, steps, checker.finish)


class _Checker:
    """Compares what a plan says now with what the record holds."""

    def __init__(self, trace: Trace, plan: ExplorePlan) -> None:
        self.allowances: dict[int, int] = {}
        self.sent = 0
        self._trace = trace
        self._plan = plan
        self.finish = ""
        self._sent_after = trace.sent_after

    def take(self, number: int, instructions: Sequence[Instruction], drops: Sequence[Drop]) -> None:
        """Compare what follows from one commit."""
        if [item for item in instructions if isinstance(item, Drop)] != list(drops):
            raise RunCorruptError(f"what was dropped after step {number} is not what the rules say")
        for item in instructions:
            if isinstance(item, Dispatch):
                self._send(number, item.step, item.grant)
            elif isinstance(item, Finish):
                self.finish = item.reason

    def _send(self, after: int, step: PlannedStep, grant: Amount) -> None:
        self.sent = step.number
        self.allowances[step.number] = self._plan.limits.reading_tokens
        if step.number > len(self._trace.steps):
            return  # the run was stopped before it sent that one
        if self._trace.step(step.number).planned != step:
            raise RunCorruptError(f"step {step.number} is not the one that the rules say")
        if self._trace.step(step.number).grant != grant:
            raise RunCorruptError(f"step {step.number} might ask more, or less, than the rules say")
        if self._sent_after[step.number] != after:
            raise RunCorruptError(f"step {step.number} was sent before or after its turn")

    def end(self) -> None:
        """Compare how far the run got."""
        trace = self._trace
        if self.sent < len(trace.steps):
            raise RunCorruptError(f"step {self.sent + 1} was sent against the rules")
        if not trace.ending:
            return
        is_over = bool(self.finish) and self.sent == len(trace.steps)
        has_ended = trace.status == "complete"
        if has_ended != is_over or (is_over and trace.ending["stop_reason"] != self.finish):
            raise RunCorruptError("the run did not end where the rules say")


def _event(
    store: RunStore, row: StepRow, agent: Agent, allowance: int, steps: OpenedSteps
) -> StepSucceeded[Opened] | StepFailed:
    """Return what the plan was told of a step, and note it."""
    assert row.number is not None  # only steps that opened a node are committed
    if not row.has_ended:
        raise RunCorruptError(f"step {row.id} was committed and never ended")
    if row.output is None:
        return StepFailed(row.number, row.error, row.spent)
    try:
        made = NodeStep.recorded(agent, store.blob(row.input), allowance)
        opened = made.read(store.blob(row.output))
    except (ValueError, KeyError, TypeError) as error:
        raise RunCorruptError(f"the output of step {row.id} is not a decision: {error}") from error
    steps[row.number].view = made.view
    steps[row.number].take(opened.decision)
    return StepSucceeded(row.number, opened, row.spent)

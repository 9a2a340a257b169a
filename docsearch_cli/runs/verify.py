"""Checking a run against its own rules, from its record alone.

The chain of events and the content of every blob are recomputed; then the plan is run again from
the recorded seeds and decisions: it must drop the same proposals and send the same steps, none
earlier than it may, and end for the same reason. What the run used is counted anew and must be
what the record says, and within the limits. With the code that recorded it, every step is run again
from its recorded input too, and must give the recorded decisions, seeds and answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from docsearch_cli.config import LIMIT_OF
from docsearch_cli.errors import RunCorruptError, RunDriftError
from docsearch_cli.explore.agents.table import Agent, fallback_function
from docsearch_cli.explore.node_step import NodeStep
from docsearch_cli.explore.plan import ExplorePlan, Opened
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.fingerprint import source_digest, step_source_digest
from docsearch_cli.runs.certificate import (
    CertificateLine,
    answer_digest,
    certificate_to_dict,
    certify,
    dag_digest,
)
from docsearch_cli.runs.limits import schedule_of
from docsearch_cli.runs.run_agent import agent_of
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.runs.step_values import read_decision, read_seeds, read_view
from docsearch_cli.runs.store import RunStore, blob_hash, making_sense
from docsearch_cli.runs.trace import Trace, fixed_output, read_trace
from docsearch_cli.steps import (
    Dispatch,
    Drop,
    Finish,
    Instruction,
    PlannedStep,
    StepFailed,
    StepSucceeded,
    canonical_json,
)


@dataclass(frozen=True, slots=True)
class VerifiedRun:
    """A run that is what it claims to be."""

    trace: Trace
    certificate: tuple[CertificateLine, ...]
    dag: str
    answer: str
    checked: int
    """Hashes that were recomputed and fit."""
    rerun: int
    """Steps that were run again and gave the same; 0 if other code recorded it. Those of an agent
    that may decide otherwise each time, or asks a network, are taken from the record."""


def verify_run(store: RunStore) -> VerifiedRun:
    """Check a run against its own rules.

    Args:
        store: The run's record.

    Returns:
        The certificate, counted anew.

    Raises:
        RunCorruptError: If something is not as it must be; the message says what.
        RunDriftError: If other code recorded the run, and it does not follow the rules of this one.
    """
    with making_sense():
        trace = read_trace(store)
        checked = trace.events + store.check_blobs()
        with by_its_rules(trace):
            return _verify(store, trace, checked)


@contextmanager
def by_its_rules(trace: Trace) -> Iterator[None]:
    """Accuse no run of breaking rules that came after it.

    Args:
        trace: The run, whose hashes fit.

    Raises:
        RunDriftError: If the record is not what the rules say, and other code recorded it.
    """
    try:
        yield
    except RunCorruptError as error:
        if trace.facts["source"] == source_digest():
            raise
        raise RunDriftError(
            f"{error}; but docsearch {trace.facts['version']} recorded this run, by rules that "
            "may have differed",
            hint="its hashes fit; look at it with the docsearch that recorded it",
        ) from error


def _verify(store: RunStore, trace: Trace, checked: int) -> VerifiedRun:
    _check_limits(trace)
    rerun = _check_steps(store, trace)
    plan, tokens = replan(store, trace)
    found = fixed_output(store, trace, "aggregate") or b""
    certificate = certify(
        trace.steps,
        tokens,
        schedule_of(trace).widest,
        frontier_peak=plan.frontier_peak,
        tokens_returned=int(json.loads(found)["tokens_returned"]) if found else 0,
        explore_s=_explore_s(trace),
    )
    broken = [line.name for line in certificate if not line.holds]
    if broken:
        raise RunCorruptError(f"the run passed its limits: {', '.join(broken)}")
    dag = dag_digest(trace.steps)
    answer = answer_digest(found, str(trace.ending.get("stop_reason", "")))
    if trace.ending:
        recomputed = {
            "certificate": certificate_to_dict(certificate),
            "dag": dag,
            "answer": answer,
        }
        for name, value in recomputed.items():
            if trace.ending.get(name) != value:
                raise RunCorruptError(f"the run's {name} is not what its record adds up to")
        _check_ending(store, trace, tokens)
    return VerifiedRun(trace, tuple(certificate), dag, answer, checked, rerun)


def _check_limits(trace: Trace) -> None:
    schedule = schedule_of(trace)
    for limits in (schedule.first, schedule.widest):
        for name, value in limits.to_dict().items():
            if not LIMIT_OF[name].least <= value <= LIMIT_OF[name].most:
                raise RunCorruptError(f"the run's {name} {value} is out of range")


def _check_steps(store: RunStore, trace: Trace) -> int:
    """Check every step by itself, run it again if that must give the same, and count those."""
    same_code = trace.facts["step_source"] == step_source_digest() and all(
        again["step_source"] == step_source_digest() for again in trace.resumed
    )
    rerun = 0
    agent = agent_of(trace)
    for row in trace.all_steps():
        _check_step(store, trace, row, agent)
        is_repeatable = row.planned is None or agent.may_be_repeated
        if same_code and is_repeatable and row.output is not None:
            output = FUNCTIONS[row.made_by](store.blob(row.input))
            if blob_hash(output) != row.output:
                raise RunCorruptError(f"step {row.id} gives another output than is recorded")
            rerun += 1
    return rerun


def _check_step(store: RunStore, trace: Trace, row: StepRow, agent: Agent) -> None:
    named = [row.input, row.output, *(blob for a in row.attempts for blob in (a.detail, a.log))]
    for name in named:
        if name:
            store.blob(name)
    functions = {attempt.function for attempt in row.attempts} - {row.function, ""}
    if row.planned is None:
        return
    if row.function != agent.function or not functions <= {fallback_function(agent)}:
        raise RunCorruptError(f"step {row.id} was run by a function that no plan asks for")
    if row.degraded != (row.output is not None and bool(functions)):
        raise RunCorruptError(f"step {row.id} hides, or feigns, that a fallback stood in")
    if row.origin == "fork" and trace.facts["fork"] is None:
        raise RunCorruptError(f"step {row.id} is shared, and the run is no fork")
    view = read_view(store, row)
    if view.node != row.planned.subject or view.question not in ("", trace.facts["question"]):
        raise RunCorruptError(f"step {row.id} was shown something else than its node")


def _check_ending(store: RunStore, trace: Trace, tokens: Mapping[int, int]) -> None:
    """Compare what the run says that it found and cost with its steps."""
    row = trace.last_fixed("aggregate")
    if row is None or row.output is None:
        raise RunCorruptError("the run ended without an answer")
    found = json.loads(store.blob(row.output))
    budget, limits = trace.ending["budget"], schedule_of(trace).last
    counted = {
        "agents_used": len(trace.steps),
        "tokens_read": sum(tokens.values()),
        "tokens_returned": found["tokens_returned"],
        "max_agents": limits.max_agents,
        "max_depth": limits.max_depth,
        "fan_out": limits.fan_out,
        "seeds": limits.seeds,
    }
    if any(budget[name] != value for name, value in counted.items()):
        raise RunCorruptError("the run's budget is not what its steps add up to")
    if trace.ending["documents"] != found["documents"]:
        raise RunCorruptError("the run's documents are not those of its answer")
    opened = {item["step"]: item for item in json.loads(store.blob(row.input))["opened"]}
    for step in trace.steps:
        decision = read_decision(store, step) if step.number in tokens else None
        if (decision is not None) != (step.id in opened):
            raise RunCorruptError(f"the answer left out, or made up, what step {step.id} found")
        if decision is not None and opened[step.id]["evidence"] != json.loads(
            canonical_json(decision.to_dict()["evidence"])
        ):
            raise RunCorruptError(f"the answer has other evidence than step {step.id} found")


def replan(store: RunStore, trace: Trace) -> tuple[ExplorePlan, dict[int, int]]:
    """Run a recorded run's plan again.

    Args:
        store: The run's record.
        trace: What it holds.

    Returns:
        The plan at its end, and the tokens read by each step that has an output.

    Raises:
        RunCorruptError: If the plan and the record differ.
    """
    plan = schedule_of(trace).plan([Seed(**seed) for seed in read_seeds(store, trace)])
    checker = _Checker(trace, plan)
    agent = agent_of(trace)
    tokens: dict[int, int] = {}
    beginning = [drop for c in trace.commits if c.number is None for drop in c.drops]
    if trace.commits or trace.ending:  # one that was killed before has dropped nothing yet
        checker.take(0, plan.start(), beginning)
    for place, commit in enumerate((c for c in trace.commits if c.number is not None), start=1):
        if commit.number != place or place > checker.sent:
            raise RunCorruptError(f"step {commit.number} was committed out of order")
        event = _event(store, trace.step(place), agent, checker.allowances[place])
        if isinstance(event, StepSucceeded):
            tokens[place] = event.value.decision.tokens_read
        checker.take(place, plan.handle(event), commit.drops)
    for number in trace.kept:
        if number > checker.sent:
            raise RunCorruptError(f"step {number} was kept and never sent")
        event = _event(store, trace.step(number), agent, checker.allowances[number])
        if isinstance(event, StepSucceeded):
            tokens[number] = event.value.decision.tokens_read
    checker.end()
    return plan, tokens


class _Checker:
    """Compares what a plan says now with what the record holds."""

    def __init__(self, trace: Trace, plan: ExplorePlan) -> None:
        self.allowances: dict[int, int] = {}
        self.sent = 0
        self._trace = trace
        self._plan = plan
        self._finish = ""
        self._sent_after = trace.sent_after

    def take(self, number: int, instructions: Sequence[Instruction], drops: Sequence[Drop]) -> None:
        """Compare what follows from one commit."""
        if [item for item in instructions if isinstance(item, Drop)] != list(drops):
            raise RunCorruptError(f"what was dropped after step {number} is not what the rules say")
        for item in instructions:
            if isinstance(item, Dispatch):
                self._send(number, item.step)
            elif isinstance(item, Finish):
                self._finish = item.reason

    def _send(self, after: int, step: PlannedStep) -> None:
        self.sent = step.number
        self.allowances[step.number] = self._plan.limits.reading_tokens
        if step.number > len(self._trace.steps):
            return  # the run was stopped before it sent that one
        if self._trace.step(step.number).planned != step:
            raise RunCorruptError(f"step {step.number} is not the one that the rules say")
        if self._sent_after[step.number] < after:
            raise RunCorruptError(f"step {step.number} was sent before its turn")

    def end(self) -> None:
        """Compare how far the run got."""
        trace = self._trace
        if self.sent < len(trace.steps):
            raise RunCorruptError(f"step {self.sent + 1} was sent against the rules")
        if trace.status == "complete" and (
            self.sent > len(trace.steps) or trace.ending["stop_reason"] != self._finish
        ):
            raise RunCorruptError("the run did not end where the rules say")


def _event(
    store: RunStore, row: StepRow, agent: Agent, allowance: int
) -> StepSucceeded[Opened] | StepFailed:
    """Return what the plan was told of a step."""
    assert row.number is not None  # only steps that opened a node are committed
    if not row.has_ended:
        raise RunCorruptError(f"step {row.id} was committed and never ended")
    if row.output is None:
        return StepFailed(row.number, row.error)
    try:
        made = NodeStep.recorded(agent, store.blob(row.input), allowance)
        opened = made.read(store.blob(row.output))
    except (ValueError, KeyError, TypeError) as error:
        raise RunCorruptError(f"the output of step {row.id} is not a decision: {error}") from error
    return StepSucceeded(row.number, opened)


def _explore_s(trace: Trace) -> float:
    """Return how long the exploration took: the one number that cannot be counted again."""
    lines = trace.ending.get("certificate", [])
    return next((float(line["used"]) for line in lines if line["name"] == "deadline_s"), 0.0)

"""Checking a run against its own rules, from its record, and from its index where that is here.

The chain of events and the content of every blob are recomputed. Each event must have the shape of
its kind and stand where one may. Then everything that follows from something else is made again:

    question, index -> input of intent and plan           ``inputs.py``
    plan, decisions -> drops, steps, their turn, the end  ``replan.py``
    node, index, the way to it -> what an agent was shown
    input -> output of each step, by the function that is recorded
    all of that -> input of the fan-in
    attempts -> how a step ended                          ``attempts.py``
    all of it -> budget, certificate, digests, reasons    ``ending.py``

What cannot be made again is named in ``trust.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from docsearch_cli.errors import ModelError, RunCorruptError
from docsearch_cli.explore.agents.table import Agent, fallback_function
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.step_functions import AGGREGATE, FUNCTIONS, INTENT, SEARCH_PLAN, WRITE
from docsearch_cli.index.places import holder_of, stored_path
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.runs.attempts import check_attempts
from docsearch_cli.runs.canonical import blob_hash, making_sense
from docsearch_cli.runs.certificate import CertificateLine, answer_digest, dag_digest
from docsearch_cli.runs.ending import check_ending, count_again, written_answer
from docsearch_cli.runs.event_order import check_order
from docsearch_cli.runs.events import blobs_named
from docsearch_cli.runs.exchanges import check_exchanges
from docsearch_cli.runs.facts import check_facts
from docsearch_cli.runs.inputs import InputCheck
from docsearch_cli.runs.reading_check import check_reading, check_reading_by_index
from docsearch_cli.runs.recorded_question import score_recorded
from docsearch_cli.runs.recorded_replies import OtherRequestError, run_recorded
from docsearch_cli.runs.replan import replan
from docsearch_cli.runs.rules import by_its_rules
from docsearch_cli.runs.run_agent import agent_of
from docsearch_cli.runs.shapes import check_shape
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.runs.step_values import read_view
from docsearch_cli.runs.store import Event, RunStore
from docsearch_cli.runs.trace import Trace, fixed_output, trace_of
from docsearch_cli.runs.trust import Trusted, taken_on_trust
from docsearch_cli.steps import StepDeclinedError, TransientStepError, step_id

_FIXED = {"intent": INTENT, "plan": SEARCH_PLAN, "aggregate": AGGREGATE, "write": WRITE}


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
    """Steps that were run again and gave the same. Those of an agent that may decide otherwise each
    time, or asks a network, are taken from the record."""
    rebuilt: int
    """Inputs of steps that were built again from the index, and are the same byte for byte."""
    trusted: tuple[Trusted, ...]
    """What cannot be checked."""
    signer: str = ""
    """Fingerprint of the key that signed the record; empty if none was checked."""


def verify_run(store: RunStore, index: IndexReader | None = None, signer: str = "") -> VerifiedRun:
    """Check a run against its own rules.

    Args:
        store: The run's record.
        index: The index that is here; asked if it is the one that the run was recorded on.
        signer: Fingerprint of the key that is known to have signed the record.

    Returns:
        The certificate, counted anew.

    Raises:
        RunCorruptError: If something is not as it must be; the message says what.
        RunDriftError: If other code recorded the run, and it does not follow the rules of this one.
    """
    with making_sense():
        events = store.events()
        trace = trace_of(events)
        checked = len(events) + store.check_blobs()
        with by_its_rules(trace):
            verified = _verify(store, events, trace, index, checked)
            return replace(verified, signer=signer)


def _verify(
    store: RunStore,
    events: Sequence[Event],
    trace: Trace,
    index: IndexReader | None,
    checked: int,
) -> VerifiedRun:
    for event in events:
        check_shape(event)
    check_order(events)
    check_facts(store, trace)
    check_reading(store, trace)
    _check_blobs(store, events)
    rerun = _check_steps(store, trace)
    scored, without_index = _ask_index(trace, index)
    inputs = InputCheck(store, trace, scored)
    inputs.check_beginning()
    replanned = replan(store, trace)
    inputs.check_views(replanned)
    certificate = count_again(store, trace, replanned)
    for beginning in _ends(events):
        there = replan(store, beginning)
        fan_in = beginning.last_fixed("aggregate")
        assert fan_in is not None  # it ends with one
        inputs.check_fan_in(fan_in, beginning, there)
        inputs.check_answer(beginning)
        if beginning.ending:
            check_ending(store, beginning, there, count_again(store, beginning, there))
    found = fixed_output(store, trace, "aggregate") or b""
    return VerifiedRun(
        trace,
        tuple(certificate),
        dag_digest(trace.steps),
        answer_digest(
            found, str(trace.ending.get("stop_reason", "")), written_answer(store, trace)
        ),
        checked,
        rerun,
        inputs.rebuilt,
        tuple(taken_on_trust(trace, without_index)),
    )


def _ends(events: Sequence[Event]) -> Iterator[Trace]:
    """Yield the run up to each of its fan-ins, with what was said of its end, if it was."""
    for place, event in enumerate(events, start=1):
        if event.kind != "fixed_ended" or events[place - 2].data.get("kind") != "aggregate":
            continue
        ends = [
            later
            for later, other in enumerate(events[place:], start=place)
            if other.kind in ("run_finished", "run_resumed")
        ]
        if not ends:
            yield trace_of(events)
        else:  # what a model wrote is between
            yield trace_of(events[: ends[0] + (events[ends[0]].kind == "run_finished")])


def _ask_index(trace: Trace, index: IndexReader | None) -> tuple[ScoredQuestion | None, str]:
    """Return a run's question against the index that it was recorded on, or why it cannot be."""
    if index is None:
        return None, "there is no index here"
    if {by["index"] for by in (trace.facts, *trace.resumed)} != {index.digest}:
        return None, "the index here is not the one that the run was recorded on"
    holder = holder_of(index.folder)
    roots = [{"name": root.name, "path": stored_path(root.path, holder)} for root in index.roots]
    if roots != trace.facts["roots"]:
        raise RunCorruptError("the run names other folders than its index")
    scored = score_recorded(trace, index)
    check_reading_by_index(trace, scored)
    try:
        scored.relevance  # noqa: B018  asks the model, if there is one
    except ModelError as error:
        return None, f"its index needs a model: {error.message}"
    return scored, ""


def _check_blobs(store: RunStore, events: Sequence[Event]) -> None:
    """Check that the record holds what its events name, and nothing else."""
    named = set(itertools.chain.from_iterable(blobs_named(event.data) for event in events))
    for name in sorted(named):
        store.blob(name)
    if more := store.blob_names() - named:
        raise RunCorruptError(f"the record holds the content {min(more)[:19]}, which nothing names")


def _check_steps(store: RunStore, trace: Trace) -> int:
    """Check every step by itself, run it again if that must give the same, and count those."""
    rerun = 0
    agent = agent_of(trace)
    most = trace.limits["attempts"]
    for row in (*trace.steps, *trace.fixed):
        payload = store.blob(row.input)
        if row.id != step_id(row.number, row.kind, row.input.removeprefix("sha256:")):
            raise RunCorruptError(f"step {row.id} has an id that is not its own")
        if row.planned is not None:
            _check_step(store, trace, row, agent)
            check_attempts(row, most, fallback_function(agent))
        elif row.function != _FIXED.get(row.kind):
            raise RunCorruptError(f"step {row.id} was run by a function that no plan asks for")
        check_exchanges(store, trace, row)
        is_repeatable = row.planned is None or agent.may_be_repeated
        if is_repeatable and row.output is not None:
            if blob_hash(_run_again(store, row, payload)) != row.output:
                raise RunCorruptError(f"step {row.id} gives another output than is recorded")
            rerun += 1
        if row.planned is None and (
            row.origin == "cache" or row.elapsed_ms < 0 or (row.started_ms or 0) < 0
        ):
            raise RunCorruptError(f"step {row.id} did not end as one that every search has")
        if row.origin == "fork" and trace.facts["fork"] is None:
            raise RunCorruptError(f"step {row.id} is shared, and the run is no fork")
    return rerun


def _run_again(store: RunStore, row: StepRow, payload: bytes) -> bytes:
    """Return what a step gives now, on what a model replied then."""
    definition = FUNCTIONS[row.made_by]
    try:
        output = run_recorded(store, row, definition, definition.read(payload))
    except (OtherRequestError, TransientStepError, StepDeclinedError) as error:
        raise RunCorruptError(f"step {row.id} cannot be decided again: {error}") from error
    return definition.write(output)


def _check_step(store: RunStore, trace: Trace, row: StepRow, agent: Agent) -> None:
    assert row.planned is not None  # it opened a node
    functions = {attempt.function for attempt in row.attempts} - {row.function, ""}
    if row.function != agent.function or not functions <= {fallback_function(agent)}:
        raise RunCorruptError(f"step {row.id} was run by a function that no plan asks for")
    if row.degraded != (row.output is not None and bool(functions)):
        raise RunCorruptError(f"step {row.id} hides, or feigns, that a fallback stood in")
    view = read_view(store, row)
    is_gone = not view.question and row.output is None and not row.attempts
    if view.node != row.planned.subject or (
        view.question != trace.facts["question"] and not is_gone
    ):
        raise RunCorruptError(f"step {row.id} was shown something else than its node")

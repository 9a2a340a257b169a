"""Resuming a recorded run, and forking one: the same search, with recorded results reused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from docsearch_cli.config import Setting, Settings
from docsearch_cli.engine.protocol import Engine
from docsearch_cli.errors import InputError, RunCorruptError, RunDriftError, UsageError
from docsearch_cli.explore.facts import intent_facts
from docsearch_cli.explore.intent import Intent
from docsearch_cli.fingerprint import source_digest
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.run_limits import LIMIT_OF, RunLimits
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.fork import Fork, fork_from
from docsearch_cli.runs.limits import LimitSchedule, schedule_of
from docsearch_cli.runs.model_terms import ModelTerms
from docsearch_cli.runs.recall import Earlier
from docsearch_cli.runs.recorded_question import score_recorded
from docsearch_cli.runs.run_agent import agent_of
from docsearch_cli.runs.step_row import find_step
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, read_trace
from docsearch_cli.search.ask import start_rows
from docsearch_cli.search.deep import DeepSearch
from docsearch_cli.search.engines import start_engine
from docsearch_cli.search.models import model_terms, refuse_strange
from docsearch_cli.search.result import AskOptions, AskResult, SearchObserver
from docsearch_cli.whole_numbers import brief

# A fork may change what decides where a search goes; the rest belongs to the machine.
FORK_LIMITS = (
    "max_agents",
    "max_depth",
    "fan_out",
    "frontier",
    "proposals",
    "reading_tokens",
    "max_tokens",
    "answer_tokens",
    "look_agents",
)
# Of a run whose agent asks a language model, these too.
_MODEL_LIMITS = ("max_requests", "max_cost")


def resume_run(
    home: Path,
    index: IndexReader,
    store: RunStore,
    *,
    options: AskOptions,
    observer: SearchObserver,
    accept_drift: bool = False,
    start: Callable[[AskOptions], Engine] = start_engine,
) -> AskResult:
    """Finish a run under its own limits: only the steps that have no recorded end are run.

    Args:
        home: The ``.docsearch`` folder.
        index: The index.
        store: The run's record, open for reading.
        options: Engine, cache and workers; question and limits are the run's.
        observer: Told of the run's progress.
        accept_drift: Continue although code, index or limits have changed.
        start: Returns the started engine; the search closes it.

    Returns:
        What the whole run gave.

    Raises:
        InputError: If the run is complete.
        RunDriftError: If something it depends on has changed.
        RunBusyError: If it is still being written.
    """
    with making_sense():
        trace = read_trace(store)
        fork = Fork.of(trace.facts)
    if trace.run_id != store.path.parent.name:
        raise RunCorruptError(f"the record in {store.path.parent.name} is of another run")
    if trace.status == "complete":
        raise InputError(
            f"run {trace.run_id} is complete: there is nothing to continue",
            hint=f"docsearch fork {trace.run_id} --at 0 --set {_further(trace)} goes further",
        )
    if not accept_drift:
        _refuse_drift(trace, index)
    earlier = Earlier(store, trace, "resume")
    return _continue(home, index, earlier, options, observer, fork, start)


def read_result(
    home: Path, index: IndexReader, store: RunStore, *, options: AskOptions
) -> AskResult:
    """Return what a complete run gave, from its record: no step is run and nothing is written.

    Args:
        home: The ``.docsearch`` folder.
        index: The index.
        store: The run's record, open for reading.
        options: The settings of this machine; question and limits are the run's.

    Returns:
        What the run gave.

    Raises:
        InputError: If the run is not complete, or a model wrote its answer.
        RunDriftError: If something it depends on has changed.
    """
    with making_sense():
        trace = read_trace(store)
        fork = Fork.of(trace.facts)
    if trace.status != "complete" or trace.facts.get("answer", "quotes") != "quotes":
        raise InputError(
            f"the result of run {trace.run_id} does not follow from its record alone",
            hint=f"look at it: docsearch replay {trace.run_id}",
        )
    _refuse_drift(trace, index)
    options = replace(options, engine="inline", use_cache=False, record=False)
    earlier = Earlier(store, trace, "resume")
    result = _continue(home, index, earlier, options, SearchObserver(), fork)
    reason = trace.ending.get("mode_reason", result.mode_reason)
    return replace(result, run_id=trace.run_id, mode_reason=reason)


def _further(trace: Trace) -> str:
    """Return the limit that a fork of a complete run goes further with."""
    ended_with_a_look = trace.ending.get("stop_reason") == "look"
    return "look_agents=0" if ended_with_a_look else "max_agents=40"


def fork_run(
    home: Path,
    index: IndexReader,
    store: RunStore,
    *,
    at: str,
    changes: Mapping[str, int],
    model: str = "",
    options: AskOptions,
    observer: SearchObserver,
    accept_drift: bool = False,
    start: Callable[[AskOptions], Engine] = start_engine,
) -> AskResult:
    """Make a new run that equals another one up to a step and has other limits from there on.

    Args:
        home: The ``.docsearch`` folder.
        index: The index.
        store: The record of the run to fork, open for reading.
        at: Number or id of the step from whose commit on the new limits hold; 0 for all.
        changes: The new limits, by name.
        model: The language model that is asked from there on; empty if it stays.
        options: Engine, cache and workers; question and other limits are the run's.
        observer: Told of the run's progress.
        accept_drift: Fork although code, index or limits have changed.
        start: Returns the started engine; the search closes it.

    Returns:
        What the new run gave. Every step with the same input shares the other run's result.

    Raises:
        UsageError: If a limit cannot be changed, or is out of range.
        StepNotFoundError: If there is no such step.
        RunDriftError: If something the run depends on has changed.
    """
    with making_sense():
        trace = read_trace(store)
        earlier_fork = Fork.of(trace.facts)
        schedule = schedule_of(trace)
    number = 0 if at == "0" else find_step(trace.steps, at).number or 0
    if not accept_drift:
        _refuse_drift(trace, index)
    agent = agent_of(trace)
    asks_model = trace.facts.get("model") is not None
    allowed = (*FORK_LIMITS, *(_MODEL_LIMITS if asks_model else ()))
    limits = {name: _allowed(name, value, allowed) for name, value in changes.items()}
    options = replace(
        options,
        settings=options.settings.for_agent(asks_model=asks_model),
        answer=trace.facts.get("answer", "quotes"),
    )
    terms = model_terms(agent, replace(options, model=model)) if model else None
    asked = terms.to_dict() if terms is not None else None
    fork = fork_from(trace.run_id, earlier_fork, number, limits, asked)
    _refuse_unreadable(schedule.first, fork)
    earlier = Earlier(store, trace, "fork", is_same=not _drift(trace, index))
    return _continue(home, index, earlier, options, observer, fork, start)


def _continue(
    home: Path,
    index: IndexReader,
    earlier: Earlier,
    options: AskOptions,
    observer: SearchObserver,
    fork: Fork | None,
    start: Callable[[AskOptions], Engine] = start_engine,
) -> AskResult:
    started = time.perf_counter()
    with making_sense():
        starts = tuple(earlier.trace.facts["starts"])
        scored = score_recorded(earlier.trace, index)
    _refuse_spending(earlier, fork, options)
    own = _own_settings(earlier.trace, options.settings)
    options = replace(
        options,
        settings=own,
        mode="deep",
        starts=starts,
        agent=agent_of(earlier.trace).name,
    )
    engine = start(options)
    try:
        search = DeepSearch(home, scored, options, engine, observer, earlier=earlier, fork=fork)
        intent = Intent("deep", _reason(earlier))
        return search.run(intent_facts(scored), intent, start_rows(index, options, ""), started)
    finally:
        engine.close()


def _reason(earlier: Earlier) -> str:
    if earlier.use == "fork":
        return f"forked from run {earlier.trace.run_id}"
    return f"run {earlier.trace.run_id} continues"


def _own_settings(trace: Trace, now: Settings) -> Settings:
    """Return the limits of a run, with this machine's number of workers."""
    limits = {
        name: Setting(name, value, f"run {trace.run_id}", value)
        for name, value in schedule_of(trace).first.to_dict().items()
    }
    return Settings({**limits, "workers": now.limits["workers"]}, models=now.models)


def _refuse_spending(earlier: Earlier, fork: Fork | None, options: AskOptions) -> None:
    """Refuse to spend what only a record allows: it may have come with a cloned folder.

    Args:
        earlier: The run that is continued.
        fork: What a fork changes; None for none.
        options: How to search now.

    Raises:
        UsageError: If a model, its price or the run's limits are not those of this machine.
    """
    trace = earlier.trace
    facts = trace.facts.get("model")
    if facts is None:
        return
    schedule, given = schedule_of(trace), frozenset[str]()
    models = schedule.models
    if earlier.use == "fork" and fork is not None:
        schedule = LimitSchedule.of(schedule.first, fork, ModelTerms.of(facts))
        given = frozenset(fork.changes[-1].limits)  # a person has just said those
        models = schedule.models[-1:]
    for _, terms in models:
        refuse_strange(terms, options, trace.run_id)
    own = options.settings.for_agent(asks_model=True).limits
    for name in ("max_requests", "max_cost", "max_tokens"):
        most, setting, limit = getattr(schedule.last, name), own[name], LIMIT_OF[name]
        if name not in given and setting.origin != "default" and most > setting.value:
            value = limit.words(setting.value).lstrip("$").replace(",", "")
            raise UsageError(
                f"run {trace.run_id} may spend {name} {limit.words(most)}, which is more than your"
                f" own {limit.words(setting.value)}",
                hint=f"docsearch fork {trace.run_id} --at 0 --set {name}={value}",
            )


def _refuse_drift(trace: Trace, index: IndexReader) -> None:
    if drift := _drift(trace, index):
        raise RunDriftError(
            f"run {trace.run_id} began with another {', another '.join(drift)}",
            hint="--accept-drift continues all the same; the record will say so",
        )


def _drift(trace: Trace, index: IndexReader) -> list[str]:
    """Return what is not as it was when the run was recorded, in words."""
    latest = trace.latest
    drift = []
    if latest["source"] != source_digest():
        drift.append(f"code (recorded with {latest['version']}, {latest['source'][:12]})")
    if latest["index"] != index.digest:
        drift.append(f"index (recorded on {latest['index'][:12]}, now {index.digest[:12]})")
    drift.extend(
        f"limits ({name} {value:,} is above {LIMIT_OF[name].most:,})"
        for name, value in trace.limits.items()
        if name in LIMIT_OF and value > LIMIT_OF[name].most
    )
    return drift


def _refuse_unreadable(limits: RunLimits, fork: Fork) -> None:
    """Refuse limits under which not one page could be opened."""
    last = LimitSchedule.of(limits, fork).last
    if last.max_agents and last.reading_tokens > last.max_tokens:
        raise UsageError(
            f"max_tokens {last.max_tokens:,} leaves no room for one page, which may take "
            f"reading_tokens {last.reading_tokens:,}",
            hint=f"change both: --set reading_tokens={last.max_tokens}",
        )


def _allowed(name: str, value: int, names: Sequence[str]) -> int:
    if name not in names:
        raise UsageError(
            f"a fork cannot change {brief(name)}", hint=f"it can change {', '.join(names)}"
        )
    limit = LIMIT_OF[name]
    if not limit.least <= value <= limit.most:
        raise UsageError(
            f"{name} {limit.words(value)} is not allowed",
            hint=f"use {limit.words(limit.least)} to {limit.words(limit.most)}",
        )
    return value

"""Whether what a run says of its beginning can be: its id, limits, what was asked for, its fork."""

from __future__ import annotations

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.run_limits import LIMIT_OF, clamp_words
from docsearch_cli.runs.catalog import DATABASE, RUN_ID
from docsearch_cli.runs.limits import LimitSchedule, schedule_of
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace


def check_facts(store: RunStore, trace: Trace) -> LimitSchedule:
    """Check what a run says of its beginning.

    Args:
        store: The run's record.
        trace: What it holds.

    Returns:
        The limits of the run.

    Raises:
        RunCorruptError: If something cannot be.
    """
    if store.path.name == DATABASE and store.path.parent.name != trace.run_id:
        raise RunCorruptError(f"the record in {store.path.parent.name} is of run {trace.run_id}")
    if trace.facts["mode"] not in ("auto", "deep"):
        raise RunCorruptError(f"no run is recorded in mode {trace.facts['mode']!r}")
    schedule = schedule_of(trace)
    for limits in (schedule.first, schedule.widest):
        for name, value in limits.to_dict().items():
            if not LIMIT_OF[name].least <= value <= LIMIT_OF[name].most:
                raise RunCorruptError(f"the run's {name} {value} is out of range")
    _check_requested(trace)
    _check_fork(trace)
    return schedule


def _check_requested(trace: Trace) -> None:
    """Check that limits are what was asked for, cut to what there may be, and that it is said."""
    limits, requested = trace.limits, trace.facts["requested"]
    said = []
    for name in (name for name in LIMIT_OF if name in limits):
        value, wanted = limits[name], requested.get(name)
        most = {LIMIT_OF[name].most}
        if name == "reading_tokens":
            most.add(limits["max_tokens"])
        if name == "workers":
            most.add(value)  # how many a folder's file may ask for depends on the machine
        if wanted is None or (value != wanted and not (value < wanted and value in most)):
            raise RunCorruptError(f"the run's {name} {value} is not what was asked for")
        if value != wanted:
            said.append(clamp_words(name, wanted, value))
    if said != trace.facts["clamps"] or requested.keys() != limits.keys():
        raise RunCorruptError("the run says something else of its limits than they are")


def _check_fork(trace: Trace) -> None:
    """Check that a fork is one of a run, at its steps."""
    fork = trace.facts["fork"]
    if fork is None:
        return
    places = [change["at"] for change in fork["changes"]]
    if not RUN_ID.fullmatch(fork["run"]) or not places or min(places) < 0:
        raise RunCorruptError("the run is a fork of none, or at no step of it")
    if places != sorted(set(places)):
        raise RunCorruptError("the run's changes as a fork are out of order")

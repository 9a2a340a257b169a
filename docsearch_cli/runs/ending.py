"""Whether a run ended as it says: what it used, why it stopped, what it found."""

from __future__ import annotations

import json
from collections.abc import Sequence

from docsearch_cli.engine.coordinator import too_many_failed
from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.intent import Intent
from docsearch_cli.explore.mode import choose_mode
from docsearch_cli.runs.certificate import (
    CertificateLine,
    answer_digest,
    certificate_to_dict,
    certify,
    dag_digest,
)
from docsearch_cli.runs.fork import Fork
from docsearch_cli.runs.limits import schedule_of
from docsearch_cli.runs.replan import Replanned
from docsearch_cli.runs.spending import answering_of, spending_budget, spending_of
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, fixed_output

_HALTS = ("cancelled", "deadline", "failures")


def count_again(store: RunStore, trace: Trace, replanned: Replanned) -> list[CertificateLine]:
    """Return what a run used of its limits.

    Args:
        store: The run's record.
        trace: What it holds.
        replanned: The run, planned again.

    Returns:
        The certificate.

    Raises:
        RunCorruptError: If a limit was passed.
    """
    found = fixed_output(store, trace, "aggregate") if trace.ending else None
    certificate = certify(
        trace.steps,
        replanned.tokens,
        schedule_of(trace).widest,
        frontier_peak=replanned.plan.frontier_peak,
        tokens_returned=int(json.loads(found)["tokens_returned"]) if found else 0,
        explore_s=_explore_s(trace),
        answering=answering_of(trace),
    )
    broken = [line.name for line in certificate if not line.holds]
    if broken:
        raise RunCorruptError(f"the run passed its limits: {', '.join(broken)}")
    return certificate


def check_ending(
    store: RunStore, trace: Trace, replanned: Replanned, certificate: Sequence[CertificateLine]
) -> None:
    """Compare what a run says at its end with its steps.

    Args:
        store: The run's record.
        trace: The run, up to an end of it.
        replanned: The same, planned again.
        certificate: What it used, counted again.

    Raises:
        RunCorruptError: If it says something else.
    """
    ending = trace.ending
    answer = fixed_output(store, trace, "aggregate") or b""
    found = json.loads(answer)
    limits = schedule_of(trace).last
    ended = [row.planned.depth for row in trace.steps if row.planned and row.has_ended]
    counted = {
        "certificate": certificate_to_dict(certificate),
        "dag": dag_digest(trace.steps),
        "answer": answer_digest(answer, ending["stop_reason"], written_answer(store, trace)),
        "budget": {
            "max_agents": limits.max_agents,
            "agents_used": len(trace.steps),
            "max_depth": limits.max_depth,
            "depth_reached": max(ended, default=0),
            "fan_out": limits.fan_out,
            "seeds": limits.seeds,
            "tokens_read": sum(replanned.tokens.values()),
            "tokens_returned": found["tokens_returned"],
            **spending_budget(schedule_of(trace), spending_of(trace)),
        },
        "documents": found["documents"],
        "mode_reason": _mode_reason(store, trace),
        "status": "partial" if ending["stop_reason"] in _HALTS else "complete",
    }
    asks_for_answer = trace.facts.get("answer") == "llm" and found["evidence"]
    is_written = any(row.kind == "write" and row.has_ended for row in trace.fixed)
    if asks_for_answer and counted["status"] == "complete" and not is_written:
        raise RunCorruptError("the run was to have an answer written, and has none")
    for name, value in counted.items():
        if ending.get(name) != value:
            raise RunCorruptError(f"the run's {name} is not what its record adds up to")
    committed = [row for row in trace.steps if row.number in trace.committed]
    failed = sum(row.output is None for row in committed)
    if ending["stop_reason"] == "failures" and not too_many_failed(failed, len(committed)):
        raise RunCorruptError("the run did not fail as often as it says")
    if not 0 <= _explore_s(trace) <= ending["seconds"]:
        raise RunCorruptError("the run took less time than its exploration")


def written_answer(store: RunStore, trace: Trace) -> bytes:
    """Return what a model wrote at the end of a run; nothing if it did not."""
    return fixed_output(store, trace, "write") or b""


def _mode_reason(store: RunStore, trace: Trace) -> str:
    """Return why the search was a deep one."""
    fork = Fork.of(trace.facts)
    limits = schedule_of(trace).first
    reason = f"forked from run {fork.run}" if fork is not None else ""
    if fork is None:
        chosen = choose_mode(
            Intent(**json.loads(fixed_output(store, trace, "intent") or b"{}")),
            trace.facts["mode"],
            has_starts=bool(trace.facts["starts"]),
            agents=min(limits.look_agents, limits.max_agents),
        )
        if chosen.mode != "deep" or (limits.look_agents and not chosen.looks):
            raise RunCorruptError("the run was searched in another way than its question needs")
        reason = chosen.reason
    return f"run {trace.run_id} continues" if trace.resumed else reason


def _explore_s(trace: Trace) -> float:
    """Return how long the exploration took: the one number that cannot be counted again."""
    lines = trace.ending.get("certificate", [])
    return next((float(line["used"]) for line in lines if line["name"] == "deadline_s"), 0.0)

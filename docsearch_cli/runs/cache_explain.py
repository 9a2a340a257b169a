"""Whether a recorded step's result is in the cache, and which part of its key changed if not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.engine.step_cache import step_key
from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.explore.node_step import NodeStep
from docsearch_cli.explore.step_functions import declared_input
from docsearch_cli.fingerprint import step_source_digest
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.runs.catalog import opened_run, run_ids
from docsearch_cli.runs.limits import limits_at_dispatch
from docsearch_cli.runs.recorded_question import score_recorded
from docsearch_cli.runs.run_agent import agent_of
from docsearch_cli.runs.step_row import StepRow, find_step
from docsearch_cli.runs.step_values import read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, read_trace


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One part of a step's cache key, in the run and now."""

    name: str
    recorded: str
    """Start of its hash."""
    now: str
    """The same of what it would be now; empty if the node is gone."""

    @property
    def same(self) -> bool:
        """True if it has not changed."""
        return self.recorded == self.now


@dataclass(frozen=True, slots=True)
class CacheExplanation:
    """A step and the cache."""

    step: str
    origin: str
    """How the run got the result: ``ran``, ``cache`` or ``fork``."""
    hit_then: str
    """Why, in words."""
    hit_now: bool
    """Whether asking again would find a result."""
    parts: tuple[KeyPart, ...]


def explain_cache(
    home: Path, index: IndexReader, store: RunStore, wanted: str, cache: ByteCache
) -> CacheExplanation:
    """Tell whether a step's result is cached, and which part of its key differs if it is not.

    Args:
        home: The ``.docsearch`` folder.
        index: The index of today.
        store: The run's record.
        wanted: The step's number or id.
        cache: The cache.

    Returns:
        The parts of the key as they were and as they are.

    Raises:
        StepNotFoundError: If there is no such step.
        RunCorruptError: If the step opened no node.
        InputError: If it asks a language model.
    """
    trace = read_trace(store)
    row = find_step(trace.all_steps(), wanted)
    if row.planned is None:
        raise RunCorruptError(
            f"step {row.id} is never cached", hint="only steps that open a node are"
        )
    if row.grant.requests:
        raise InputError(
            f"step {row.id} asks a model: not its result is cached, but each reply to a request",
            hint=f"docsearch replay {trace.run_id} --step {row.number} decides by them again",
        )
    before = _parts(row.function, store.blob(row.input))
    now = _parts_now(index, trace, store, row)
    source = step_source_digest()
    key = step_key(row.function, source, now) if now is not None else ""
    return CacheExplanation(
        step=row.id,
        origin=row.origin,
        hit_then=_then(home, trace, row, {**before, "code": _recorded_source(trace).encode()}),
        hit_now=bool(key) and cache.get(key) is not None,
        parts=(
            KeyPart("code", _recorded_source(trace), source[:12]),
            *(
                KeyPart(name, _short(before.get(name)), _short((now or {}).get(name)))
                for name in sorted({*before, *(now or {})})
            ),
        ),
    )


def _parts(function: str, payload: bytes) -> dict[str, bytes]:
    return declared_input(function, payload) if payload != b"{}" else {}


def _parts_now(
    index: IndexReader, trace: Trace, store: RunStore, row: StepRow
) -> dict[str, bytes] | None:
    """Return the parts that the step would have now, with the same found before it."""
    view = read_view(store, row)
    node = index.node_row(view.node)
    if node is None:
        return None
    assert row.number is not None  # only steps that opened a node come here
    limits = limits_at_dispatch(trace, row.number)
    scored = score_recorded(trace, index)
    now = NodeStep.build(
        agent_of(trace),
        scored,
        node,
        covered=view.covered,
        taught=tuple(view.sought),
        limits=limits,
        model=view.model,
    )
    return now.key_parts()


def _then(home: Path, trace: Trace, row: StepRow, parts: dict[str, bytes]) -> str:
    """Tell in words why the run found the result in the cache, or did not."""
    if row.origin != "ran":
        return {"cache": "every part was known", "fork": "shared with the other run"}[row.origin]
    nearest: tuple[int, str, list[str]] | None = None
    for run_id, earlier in _earlier_openings(home, trace, row):
        differing = sorted(name for name in parts if parts[name] != earlier.get(name))
        if nearest is None or len(differing) < nearest[0]:
            nearest = (len(differing), run_id, differing)
    if nearest is None:
        return "no earlier run opened this node for this question"
    if not nearest[2]:
        return f"all is as in run {nearest[1]}: asked with --no-cache, or the cache was cleared"
    return f"nearest is run {nearest[1]}; different there: {', '.join(nearest[2])}"


def _earlier_openings(
    home: Path, trace: Trace, row: StepRow
) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield the earlier runs that opened the same node for the same question, with its parts."""
    for run_id in run_ids(home):
        if run_id == trace.run_id:
            continue
        try:
            with opened_run(home, run_id) as store:
                facts = store.ends()[0].data
                is_earlier = facts["created_at"] <= trace.facts["created_at"]
                if facts["question"] != trace.facts["question"] or not is_earlier:
                    continue
                other = read_trace(store)
                for step in other.steps:
                    if step.subject == row.subject:
                        parts = _parts(step.function, store.blob(step.input))
                        yield run_id, {**parts, "code": _recorded_source(other).encode()}
        except (RunCorruptError, KeyError):
            continue  # a damaged record explains nothing


def _recorded_source(trace: Trace) -> str:
    return str(trace.facts.get("step_source", ""))[:12]


def _short(value: Any) -> str:
    return hashlib.sha256(value).hexdigest()[:12] if value is not None else ""

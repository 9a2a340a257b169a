"""How two runs differ: the first step that differs, what each found, what each cost."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from typing import Any

from docsearch_cli.retrieval.conditions import conditions_in_words
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.differences import Difference, find_differences
from docsearch_cli.runs.fork import Fork
from docsearch_cli.runs.reached import ReachedLimit, limits_reached_by
from docsearch_cli.runs.recorded_question import conditions_of
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, read_trace
from docsearch_cli.runs.words import stop_words

# Fields of an ending that say what a run cost.
_COSTS = ("agents_used", "depth_reached", "tokens_read", "tokens_returned")
# And of one that asked a language model.
_MODEL_COSTS = ("requests", "model_tokens", "cost_micro_usd")


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first step that is not the same in both runs."""

    number: int
    what: str
    """What differs: ``node``, ``way`` (to it), ``input`` or ``output``; ``missing`` if one run has
    no such step."""
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class RunDiff:
    """Two runs side by side; left is the first that was named."""

    left: str
    right: str
    settings: tuple[Difference, ...]
    """Question, limits and fingerprints that are not the same."""
    divergence: Divergence | None
    shared_steps: int
    """Steps with the same input and output, wherever they stand."""
    opened_only_left: tuple[str, ...]
    opened_only_right: tuple[str, ...]
    lost: tuple[str, ...]
    """Documents among the left's results and not among the right's."""
    gained: tuple[str, ...]
    cost: dict[str, tuple[Any, Any]]
    stop_reasons: tuple[str, str]
    limits_reached: tuple[tuple[ReachedLimit, ...], tuple[ReachedLimit, ...]]
    """The limits that ended each."""

    @property
    def stop_words(self) -> tuple[str, ...]:
        """Why each ended, in words."""
        return tuple(map(stop_words, self.stop_reasons, self.limits_reached))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        reached = [[limit.to_dict() for limit in limits] for limits in self.limits_reached]
        return asdict(self) | {"limits_reached": reached}


def diff_runs(left: RunStore, right: RunStore) -> RunDiff:
    """Compare two runs.

    Args:
        left: The record of one.
        right: The record of the other.

    Returns:
        What is not the same.

    Raises:
        RunCorruptError: If a record is damaged.
    """
    with making_sense():
        return _diff(read_trace(left), read_trace(right))


def _diff(one: Trace, other: Trace) -> RunDiff:
    steps = {(row.function, row.input, row.output) for row in one.steps}
    opened = [_subjects(trace) for trace in (one, other)]
    found = [[item["path"] for item in t.ending.get("documents", [])] for t in (one, other)]
    return RunDiff(
        left=one.run_id,
        right=other.run_id,
        settings=tuple(find_differences(_settings(one), _settings(other))),
        divergence=_divergence(one, other),
        shared_steps=sum((row.function, row.input, row.output) in steps for row in other.steps),
        opened_only_left=tuple(node for node in opened[0] if node not in opened[1]),
        opened_only_right=tuple(node for node in opened[1] if node not in opened[0]),
        lost=tuple(path for path in found[0] if path not in found[1]),
        gained=tuple(path for path in found[1] if path not in found[0]),
        cost={
            name: (_cost(one, name), _cost(other, name))
            for name in (*_cost_names(one, other), "seconds")
        },
        stop_reasons=(_stop_reason(one), _stop_reason(other)),
        limits_reached=(limits_reached_by(one), limits_reached_by(other)),
    )


def _divergence(one: Trace, other: Trace) -> Divergence | None:
    for left, right in zip(one.steps, other.steps, strict=False):
        what = _first_difference(left, right)
        if what is not None:
            name, before, after = what
            return Divergence(left.number or 0, name, before, after)
    if len(one.steps) != len(other.steps):
        number = min(len(one.steps), len(other.steps)) + 1
        rows = [trace.steps[number - 1 :][:1] for trace in (one, other)]
        names = [row[0].subject if row else "no step" for row in rows]
        return Divergence(number, "missing", names[0], names[1])
    return None


def _first_difference(left: StepRow, right: StepRow) -> tuple[str, str, str] | None:
    assert left.planned is not None  # a trace's steps all are planned
    assert right.planned is not None
    one, other = left.planned, right.planned
    if one.subject != other.subject:
        return "node", one.subject, other.subject
    ways = [
        f"from {'the plan' if step.parent is None else f'step {step.parent}'}, "
        f"priority {step.priority}"
        for step in (one, other)
    ]
    if ways[0] != ways[1]:
        return "way", ways[0], ways[1]
    if left.input != right.input:
        return "input", left.input[:19], right.input[:19]
    if left.output != right.output:
        return "output", str(left.output)[:19], str(right.output)[:19]
    return None


def _subjects(trace: Trace) -> list[str]:
    return [row.subject for row in trace.steps]


def _settings(trace: Trace) -> dict[str, Any]:
    limits = trace.limits  # not checked: a run of another version may have had others
    fork = Fork.of(trace.facts)
    for change in fork.changes if fork is not None else ():
        limits.update(change.limits)
    facts = trace.facts
    return {
        "question": facts["question"],
        "filter": conditions_in_words(conditions_of(trace), most=sys.maxsize),
        "starts": facts["starts"],
        "source": facts["source"],
        "index": facts["index"],
        "limits": limits,
        **_models(trace, fork),
    }


def _models(trace: Trace, fork: Fork | None) -> dict[str, Any]:
    """Return the model that a run asked, the last if a fork changed it; nothing for none."""
    changes = fork.changes if fork is not None else ()
    asked = [trace.facts.get("model"), *(change.model for change in changes)]
    names = [facts["name"] for facts in asked if facts is not None]
    return {"model": names[-1]} if names else {}


def _cost(trace: Trace, name: str) -> Any:
    if name == "seconds":
        return trace.ending.get("seconds")
    return trace.ending.get("budget", {}).get(name)


def _cost_names(*traces: Trace) -> tuple[str, ...]:
    has_asked = any("model" in trace.facts for trace in traces)
    return (*_COSTS, *(_MODEL_COSTS if has_asked else ()))


def _stop_reason(trace: Trace) -> str:
    return str(trace.ending.get("stop_reason", "interrupted"))

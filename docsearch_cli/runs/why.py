"""Why a document was opened in a run, or why it was not: which limit, score or rule."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from docsearch_cli.explore.plan import ExplorePlan
from docsearch_cli.explore.view import View
from docsearch_cli.graph.edge_kinds import label_words
from docsearch_cli.graph.nodes import split_node_id
from docsearch_cli.index.filtered_pages import FilteredPages
from docsearch_cli.index.path_patterns import allows_path
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.limits import LimitSchedule, schedule_of
from docsearch_cli.runs.recorded_question import conditions_of
from docsearch_cli.runs.replan import replan
from docsearch_cli.runs.rules import by_its_rules
from docsearch_cli.runs.step_row import StepRow
from docsearch_cli.runs.step_values import read_decision, read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, read_trace
from docsearch_cli.steps import Drop, DropReason

# What a rule's name means, with the limit's value where there is one.
_REASONS: dict[DropReason, str] = {
    "visited": "it had been opened already",
    "queued": "a way as good was waiting already",
    "better_way": "a better way to it was found",
    "depth": "it lies deeper than max_depth {max_depth}",
    "fan_out": "fan_out {fan_out} was used up by better edges of that page",
    "proposals": "proposals {proposals} were used up by better edges of that page",
    "not_a_neighbour": "the agent named it and was shown no edge to it",
    "frontier_full": "the frontier was full ({frontier}) and it was the worst on it",
    "seeds": "seeds {seeds} were used up by better ones",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that happened to a document in a run."""

    step: str
    """Id of the step it happened at; empty where it was no step."""
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a document was reached, or why it was not."""

    path: str
    opened: bool
    reasons: tuple[Reason, ...]


def explain_path(
    store: RunStore,
    path: str,
    name: Callable[[str], str] = str,
    index: IndexReader | None = None,
) -> Explanation:
    """Tell how a document was reached, or which limit, score or rule kept it out.

    Args:
        store: The run's record.
        path: The document, as the index names it.
        name: Gives what the reasons call a node.
        index: The index that is here: asked which condition left the document out, if the run was
            recorded on it. Without it only conditions on paths can tell.

    Returns:
        What happened, in the order it happened.

    Raises:
        RunCorruptError: If the record is damaged.
        RunDriftError: If other code recorded the run, by other rules.
    """
    with making_sense():
        return _explain(store, path, name, index)


def is_known(store: RunStore, path: str) -> bool:
    """Tell whether a run's record names a document: as one that was opened, seen or a candidate.

    Args:
        store: The run's record.
        path: The document, as the index names it.

    Returns:
        False if nothing in the record is about it.

    Raises:
        RunCorruptError: If the record is damaged.
    """
    with making_sense():
        trace = read_trace(store)
        plan = trace.last_fixed("plan")
        candidates = json.loads(store.blob(plan.input))["candidates"] if plan is not None else []
        views = [read_view(store, row) for row in trace.steps]
        return (
            any(item["path"] == path for item in candidates)
            or any(view.path == path for view in views)
            or any(edge.path == path for view in views for edge in view.edges)
        )


def _explain(
    store: RunStore, path: str, name: Callable[[str], str], index: IndexReader | None
) -> Explanation:
    trace = read_trace(store)
    with by_its_rules(trace):
        plan = replan(store, trace).plan
    schedule = schedule_of(trace)
    views = {row.number: read_view(store, row) for row in trace.steps}
    opened = [row for row in trace.steps if views[row.number].path == path]
    reasons: list[Reason] = []
    for row in opened:
        reasons.extend(_way_to(store, trace, row, name))
        reasons.extend(
            Reason(_step_of(trace, drop), f"proposed again: {_REASONS[drop.reason]}")
            for drop in row.proposed_by
        )
    left_out = [] if opened else [*_left_out(trace, path, index)]
    if left_out:
        return Explanation(path, False, tuple(left_out))
    if not opened:
        reasons = [
            *_candidacy(store, trace, path, schedule),
            *_seen(store, trace, views, path, name),
            *(
                Reason(_step_of(trace, drop), _dropped(drop, schedule))
                for drop in trace.drops
                if split_node_id(drop.subject)[0] == path
            ),
            *_waiting(trace, plan, path),
        ]
    if not opened and all(reason.step.startswith("plan") for reason in reasons):
        reasons.append(Reason("", "no page that was opened has an edge to it"))
    if not opened:
        reasons = [*_without_phrase(trace, path, index), *reasons]
    return Explanation(path, bool(opened), tuple(reasons))


def _left_out(trace: Trace, path: str, index: IndexReader | None) -> Iterator[Reason]:
    """Tell which condition on pages kept a document out of the whole search."""
    for item in _against(trace, path, index):
        if item.kind != "phrase" or item.excludes:
            yield Reason("", f"left out by the filter {item.in_words()}")


def _without_phrase(trace: Trace, path: str, index: IndexReader | None) -> Iterator[Reason]:
    """Tell which phrases a document lacks that nothing else left out: agents might be led to it."""
    for item in _against(trace, path, index):
        yield Reason("", f'it does not hold "{item.value}": no search begins there')


def _against(trace: Trace, path: str, index: IndexReader | None) -> list[Condition]:
    """Return the conditions of a run that a document does not fulfil, as far as can be told."""
    conditions = conditions_of(trace)
    if index is not None and conditions and index.digest == trace.latest["index"]:
        return FilteredPages(index, conditions, trace.facts["question"]).reasons_against(path)
    return [item for item in conditions if item.kind == "path" and not allows_path([item], path)]


def _way_to(
    store: RunStore, trace: Trace, row: StepRow, name: Callable[[str], str]
) -> Iterator[Reason]:
    """Tell the way to a step, from its seed on."""
    way: list[StepRow] = [row]
    while (planned := way[-1].planned) is not None and planned.parent is not None:
        way.append(trace.step(planned.parent))
    for step in reversed(way):
        planned = step.planned
        assert planned is not None
        where = f"{name(planned.subject)}, priority {planned.priority:.3f}"
        if planned.parent is None:
            said = f"seed {planned.item}" if planned.item is not None else "seed"
            yield Reason(step.id, f"opened {where}: {said}, by {planned.edge}")
            continue
        parent = trace.step(planned.parent)
        decision = read_decision(store, parent)
        item = planned.item or 0
        told = decision.follow[item].reason if decision is not None else ""
        edge = label_words(planned.edge)
        yield Reason(
            step.id, f"opened {where}: follow {item} of step {parent.id}, by {edge}; {told}"
        )


def _candidacy(
    store: RunStore, trace: Trace, path: str, schedule: LimitSchedule
) -> Iterator[Reason]:
    """Tell how close a document was to being a seed."""
    plan = trace.last_fixed("plan")
    if plan is None or plan.output is None:
        return
    seeds = json.loads(store.blob(plan.output))["seeds"]
    candidates: list[dict[str, Any]] = json.loads(store.blob(plan.input))["candidates"]
    if any(seed["path"] == path for seed in seeds):
        yield Reason(plan.id, "it was a seed")
    elif any(item["path"] == path for item in candidates):
        used_up = _in_words("seeds", schedule, 0)
        yield Reason(plan.id, f"it was a candidate, and no seed: {used_up}")
    else:
        yield Reason(plan.id, f"it was not among the {len(candidates)} candidates for a seed")


def _seen(
    store: RunStore,
    trace: Trace,
    views: dict[int | None, View],
    path: str,
    name: Callable[[str], str],
) -> Iterator[Reason]:
    """Tell which agents were shown an edge to it and did not propose it."""
    for row in trace.steps:
        edges = [edge for edge in views[row.number].edges if edge.path == path]
        decision = read_decision(store, row)
        if not edges or decision is None:
            continue
        proposed = {follow.target for follow in decision.follow}
        if not proposed & {edge.target for edge in edges}:
            best = max(edge.score for edge in edges)
            yield Reason(
                row.id,
                f"seen from {name(views[row.number].path)} and not worth following:"
                f" it scores {best:.3f}",
            )


def _waiting(trace: Trace, plan: ExplorePlan, path: str) -> Iterator[Reason]:
    for place, entry in enumerate(plan.waiting(), start=1):
        if split_node_id(entry.node)[0] == path:
            reason = trace.ending.get("stop_reason", "the run was interrupted")
            yield Reason(
                "",
                f"it waited at place {place} of the frontier, priority {entry.priority:.3f}, "
                f"when the run ended: {reason}",
            )


def _in_words(reason: DropReason, schedule: LimitSchedule, committed: int) -> str:
    """Return why a proposal was dropped, with the limit that held when a step was committed."""
    return _REASONS[reason].format(**schedule.after(committed).to_dict())


def _dropped(drop: Drop, schedule: LimitSchedule) -> str:
    reason = _in_words(drop.reason, schedule, drop.parent or 0)
    return f"proposed with priority {drop.priority:.3f} and not taken: {reason}"


def _step_of(trace: Trace, drop: Drop) -> str:
    return trace.step(drop.parent).id if drop.parent is not None else ""

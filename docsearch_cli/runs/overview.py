"""What a list of runs says of each: the question and how it ended, as far as that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from docsearch_cli.errors import DocsearchError, RunCorruptError
from docsearch_cli.retrieval.conditions import Condition, conditions_in_words
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.catalog import DATABASE, is_being_written, run_folder
from docsearch_cli.runs.salvage import salvage
from docsearch_cli.runs.store import Event, RunStore


@dataclass(frozen=True, slots=True)
class Overview:
    """A run in a line; what is not known is None."""

    created_at: str | None = None
    question: str | None = None
    filter: str = ""
    """What pages had to have, in words; empty if nothing."""
    status: str | None = None
    """How it ended; None if it did not."""
    stop_reason: str | None = None
    agents_used: int | None = None
    problem: str | None = None
    """What is wrong with the record, in words."""


def overview_of(home: Path, run_id: str) -> Overview:
    """Return what can be said of a run without reading it whole.

    Args:
        home: The ``.docsearch`` folder.
        run_id: The whole id.

    Returns:
        The overview; of a damaged record what is left of it, of one that may not be read the
        reason.
    """
    path = run_folder(home, run_id) / DATABASE
    try:
        store = RunStore(path)
    except DocsearchError as error:
        return Overview(problem=error.message)
    try:
        if store.missing:
            return _of_what_is_left(store, store.missing)
        return _of_ends(*store.ends())
    except RunCorruptError as error:
        return _of_what_is_left(store, error.message)
    finally:
        store.close()


class ListedRun(TypedDict):
    """A run as it is listed; what is not known is None."""

    run_id: str
    created_at: str | None
    status: str
    """``complete``, ``partial``, ``running``, ``interrupted`` or ``damaged``."""
    stop_reason: str | None
    agents_used: int | None
    question: str | None
    filter: str | None
    """What pages had to have, in words."""
    problem: str | None
    """What is wrong with the record, in words."""


def listed_run(home: Path, run_id: str) -> ListedRun:
    """Return what is listed of a run, whatever state its record is in.

    Args:
        home: The ``.docsearch`` folder.
        run_id: The whole id.

    Returns:
        The row of a list.
    """
    found = overview_of(home, run_id)
    is_written = found.status is None and is_being_written(run_folder(home, run_id))
    status = found.status or ("running" if is_written else "interrupted")
    return {
        "run_id": run_id,
        "created_at": found.created_at,
        "status": status if not found.problem else "damaged",
        "stop_reason": found.stop_reason,
        "agents_used": found.agents_used,
        "question": found.question,
        "filter": found.filter or None,
        "problem": found.problem,
    }


def newest_first(runs: Iterable[ListedRun]) -> list[ListedRun]:
    """Return listed runs in the order of a list."""
    return sorted(runs, key=lambda run: (run["created_at"] or "", run["run_id"]), reverse=True)


def _of_what_is_left(store: RunStore, problem: str) -> Overview:
    try:
        events = salvage(store).events
        found = _of_ends(events[0], events[-1])
    except RunCorruptError:
        return Overview(problem=problem)
    return Overview(found.created_at, found.question, found.filter, problem=problem)


def _of_ends(first: Event, last: Event) -> Overview:
    ending = last.data if last.kind == "run_finished" else {}
    with making_sense():
        return Overview(
            created_at=_text(first.data["created_at"]),
            question=_text(first.data["question"]),
            filter=_filter_in_words(first.data),
            status=ending.get("status"),
            stop_reason=ending.get("stop_reason"),
            agents_used=ending.get("budget", {}).get("agents_used"),
        )


def _filter_in_words(facts: Mapping[str, Any]) -> str:
    held = facts.get("filter") or {"conditions": []}
    return conditions_in_words(map(Condition.from_dict, held["conditions"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value

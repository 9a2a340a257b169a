"""Whether what a run says of how its question was read can be: conditions on pages, synonyms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.applied_filter import filter_of
from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS, ScoredQuestion
from docsearch_cli.graph.nodes import split_node_id
from docsearch_cli.index.glossary import short_forms_of
from docsearch_cli.index.path_patterns import allows_path
from docsearch_cli.retrieval.conditions import in_order
from docsearch_cli.retrieval.synonyms import ShortForm, Synonym, find_synonyms
from docsearch_cli.runs.recorded_question import conditions_of, synonyms_of
from docsearch_cli.runs.step_values import read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace


def check_reading(store: RunStore, trace: Trace) -> None:
    """Check a run's filter and synonyms by what the record alone shows.

    Args:
        store: The run's record.
        trace: What it holds.

    Raises:
        RunCorruptError: If there can be no such filter or synonym, or the run has a page that a
            path's condition leaves out.
    """
    listed = [item for item in synonyms_of(trace) if item.origin == "settings"]
    if listed != _synonyms_again(trace, ()):
        raise RunCorruptError("the run's synonyms are not those of its question")
    held = trace.facts.get("filter")
    if held is None:
        return
    conditions = conditions_of(trace)
    counts = [0, held["holding"], held["pages"], held["of"]]
    if not conditions or conditions != in_order(conditions) or counts != sorted(counts):
        raise RunCorruptError("the run's filter is none that a question can have")
    for path in _paths(store, trace):
        if not allows_path(conditions, path):
            raise RunCorruptError(f"the run has {path}, which its filter leaves out")
    if len({split_node_id(row.subject)[0] for row in trace.steps}) > held["pages"]:
        raise RunCorruptError("the run opened more pages than its filter left")


def check_reading_by_index(trace: Trace, scored: ScoredQuestion) -> None:
    """Check how many pages a run's filter left, and its synonyms, by the index it was recorded on.

    Args:
        trace: The run.
        scored: Its question against that index.

    Raises:
        RunCorruptError: If they are others.
    """
    if list(synonyms_of(trace)) != _synonyms_again(trace, short_forms_of(scored.index)):
        raise RunCorruptError("the run's synonyms are not those of its question and its documents")
    applied = filter_of(scored)
    expected = applied.to_dict() if applied is not None else None
    if trace.facts.get("filter") != expected:
        raise RunCorruptError("the run's filter leaves other pages of its index than it says")


def _synonyms_again(trace: Trace, glossary: Iterable[ShortForm]) -> list[Synonym]:
    """Return what the synonyms are, given those that were listed."""
    listed: dict[str, tuple[str, ...]] = {}
    for item in synonyms_of(trace):
        if item.origin == "settings":
            listed[item.words] = (*listed.get(item.words, ()), item.other)
    return list(find_synonyms(trace.facts["question"][:MOST_QUESTION_CHARS], listed, glossary))


def _paths(store: RunStore, trace: Trace) -> Iterator[str]:
    """Yield the pages that a run's seeds were chosen from, that were opened, or led to by edges."""
    for row in trace.fixed:
        if row.kind == "plan":
            yield from (item["path"] for item in json.loads(store.blob(row.input))["candidates"])
    for row in trace.steps:
        yield split_node_id(row.subject)[0]
        yield from (edge.path for edge in read_view(store, row).edges)

"""The report of a run: one HTML file that shows everything that its record holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docsearch_cli.corpus.formats.table import unit_of_path
from docsearch_cli.explore.findings import Citation
from docsearch_cli.graph.edge_kinds import label_words
from docsearch_cli.index.places import absolute_path, holder_of_home
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.report.dag_picture import draw_dag
from docsearch_cli.report.links import DocumentLinks, SourceState
from docsearch_cli.report.page import number, render_page, words
from docsearch_cli.report.run_data import RunData, StepCard, certificate_of, gather_run
from docsearch_cli.report.time_line import draw_time_line
from docsearch_cli.run_limits import dollars
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.picture import RunPicture, picture_what_is_left
from docsearch_cli.runs.reached import limits_reached_by
from docsearch_cli.runs.recorded_question import in_words_of
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace
from docsearch_cli.runs.words import DECISION_WORDS, DROP_WORDS, stop_words

# More rows of proposals are nothing to read; the record has them all.
_MOST_DROPS = 1_000
_MOST_FURTHER = 5
_KINDS = (
    ("cited", "are quoted"),
    ("answer", "hold an answer"),
    ("expand", "led on"),
    ("dead_end", "were dead ends"),
    ("failed", "failed"),
    ("running", "did not end"),
    ("cached", "came from the cache"),
    ("retried", "took several attempts"),
    ("degraded", "are degraded"),
)


def run_report(
    home: Path, store: RunStore, *, index: IndexReader | None = None, can_replay: bool = True
) -> str:
    """Return the report of a run.

    Args:
        home: The ``.docsearch`` folder, to see what has changed since.
        store: The run's record, which may be damaged: then what is left is shown.
        index: The index that is here, for links into the files if it is of the same folders.
        can_replay: Whether commands that replay a step are shown: not for a record in a file.

    Returns:
        One HTML document, the same for the same record and the same files.

    Raises:
        RunCorruptError: If nothing of the record can be read, or it makes no sense.
    """
    picture = picture_what_is_left(home, store)
    with making_sense():
        is_same = index is not None and _has_same_folders(home, picture.trace, index)
        links = DocumentLinks(index if is_same else None)
        return render_run(gather_run(store, picture), links, can_replay=can_replay)


def _has_same_folders(home: Path, trace: Trace, index: IndexReader) -> bool:
    """Tell whether the index is of the folders of the run: else its files are others."""
    holder = holder_of_home(home)
    searched = [
        (root["name"], absolute_path(root["path"], holder)) for root in trace.facts["roots"]
    ]
    return searched == [(root.name, root.path) for root in index.roots]


def render_run(data: RunData, links: DocumentLinks, *, can_replay: bool = True) -> str:
    """Return the report of a run whose record has been read.

    Args:
        data: The run.
        links: Where its documents are.
        can_replay: Whether commands that replay a step are shown.

    Returns:
        One HTML document.
    """
    return render_page("run.html", **run_values(data, links, can_replay=can_replay))


def run_values(data: RunData, links: DocumentLinks, *, can_replay: bool) -> dict[str, Any]:
    """Return what the template of a run shows.

    Args:
        data: The run.
        links: Where its documents are.
        can_replay: Whether commands that replay a step are shown.

    Returns:
        The values by their names in ``run.html``.
    """
    trace, facts = data.trace, data.trace.facts
    reason = str(trace.ending.get("stop_reason", ""))
    cited = {item.path for item in data.evidence}
    ranked = data.findings.documents if data.findings is not None else ()
    drop_counts = Counter(drop.words for drop in data.drops)
    return {
        "title": f"{facts['question']} – docsearch",
        "run_id": trace.run_id,
        "data": data,
        "trace": trace,
        "facts": facts,
        "model": facts.get("model"),
        "links": links,
        "readings": in_words_of(trace),
        "warnings": list(_warnings(data.picture)),
        "stopped": stop_words(reason, limits_reached_by(trace)),
        "numbers": list(_numbers(data)),
        "quotes": list(_quotes(data, links.states(data.evidence))),
        "further": [item.path for item in ranked if item.path not in cited][:_MOST_FURTHER],
        "certificate": certificate_of(trace),
        "dag": draw_dag(data.cards),
        "states": [
            (state, said)
            for state, said in DECISION_WORDS.items()
            if any(card.state == state for card in data.cards)
        ],
        "tree": list(tree_lines(data)),
        "seeds": _seed_words(data),
        "line": draw_time_line(data.cards, data.fixed),
        "all_known": not any(card.attempts for card in data.cards),
        "kinds": _KINDS,
        "all_whole": all(card.is_whole for card in data.cards),
        "drop_words": DROP_WORDS,
        "drop_counts": sorted(drop_counts.items(), key=lambda item: (-item[1], item[0])),
        "most_drops": _MOST_DROPS,
        "limits": [
            (name, facts["requested"].get(name, value), value)
            for name, value in sorted(facts["limits"].items())
        ],
        "checked": data.picture.checked,
        "can_replay": can_replay,
    }


def tree_lines(data: RunData) -> Iterator[tuple[str, StepCard | None]]:
    """Yield the tree, line by line: ``open`` and ``close`` around what a step led to, ``leaf``."""
    waiting: list[tuple[str, StepCard | None]] = [
        (_kind_of(card), card) for card in reversed(data.seeds)
    ]
    while waiting:
        kind, card = waiting.pop()
        yield kind, card
        if kind == "open" and card is not None:
            waiting.append(("close", None))
            below = [data.card(child) for child in reversed(card.children)]
            waiting.extend((_kind_of(child), child) for child in below)


def _kind_of(card: StepCard) -> str:
    return "open" if card.children else "leaf"


def _numbers(data: RunData) -> Iterator[tuple[str, str]]:
    """Yield what the run cost in all, each with its name."""
    ending = data.trace.ending
    budget = ending.get("budget")
    if budget is None:
        yield "Agents", number(len(data.cards))
        return
    yield "Agents", f"{budget['agents_used']:,} of {budget['max_agents']:,}"
    yield "Depth", f"{budget['depth_reached']} of {budget['max_depth']}"
    yield "Tokens read", number(budget["tokens_read"])
    yield "Tokens quoted", number(budget["tokens_returned"])
    if "requests" in budget:
        yield "Requests to the model", number(budget["requests"])
        yield "Tokens of the model", number(budget["model_tokens"])
        cost = budget.get("cost_micro_usd")
        yield "Cost", dollars(cost) if cost is not None else "not known"
    yield "Time", f"{ending['seconds']:.2f} s"


def _warnings(picture: RunPicture) -> Iterator[str]:
    if picture.lost:
        yield f"The record is damaged: {picture.lost}."
    for item in picture.drift:
        yield f"Changed since the run: {item.what} ({item.detail})."
    if picture.trace.status != "complete":
        yield "The run did not come to its own end: this is what it had by then."


def _seed_words(data: RunData) -> str:
    if not data.picture.seeds:
        return ""
    sources = Counter(str(seed["source"]) for seed in data.picture.seeds)
    names = {"title": "named in the question", "start": "starting point", "keyword": "keyword"}
    parts = [f"{count} {names.get(source, source)}" for source, count in sorted(sources.items())]
    return f"{words(len(data.picture.seeds), 'seed')}: {', '.join(parts)}"


def _quotes(
    data: RunData, states: list[SourceState]
) -> Iterator[tuple[Citation, SourceState, str, int | None, str]]:
    """Yield each quote with its state, the unit of its places, its step, and the way there."""
    numbers = {card.row.id: card.number for card in data.cards}
    for item, state in zip(data.evidence, states, strict=True):
        unit = unit_of_path(item.path)
        unit = "page" if item.paged and unit == "line" else unit
        hops = [
            f"{hop.node} > {label_words(hop.edge)}" + (f" on line {hop.line}" if hop.line else "")
            for hop in item.via
        ]
        yield item, state, unit, numbers.get(item.step), "by " + " > ".join(hops) if hops else ""

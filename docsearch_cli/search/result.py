"""The options of a search, its observer, and its result."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from docsearch_cli.config import DEFAULT_AGENT, Settings
from docsearch_cli.errors import EXIT_DONE, EXIT_INTERRUPTED
from docsearch_cli.explore.applied_filter import AppliedFilter
from docsearch_cli.explore.findings import Findings
from docsearch_cli.index.document_files import DocumentFiles
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.retrieval.synonyms import Synonym, synonyms_in_words
from docsearch_cli.run_limits import LIMIT_OF, RunLimits
from docsearch_cli.search.engines import DEFAULT_ENGINE
from docsearch_cli.steps import NOTHING, Amount

if TYPE_CHECKING:
    from docsearch_cli.explore.seeds import Seed
    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.explore.view import Decision, SectionView, View
    from docsearch_cli.explore.written_answer import WrittenAnswer
    from docsearch_cli.index.freshness import Freshness
    from docsearch_cli.index.manifest import Root
    from docsearch_cli.index.passage import QuoteContext
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.llm.accounting import Price
    from docsearch_cli.llm.exchange import ModelClient
    from docsearch_cli.runs.reached import ReachedLimit
    from docsearch_cli.steps import Drop, HaltReason, PlannedStep, StopReason

AskMode = Literal["auto", "simple", "deep"]
"""What was asked for; ``auto`` leaves it to the question."""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """How models are reached, and what they cost."""

    make_client: Callable[[str], ModelClient]
    """Returns the client of a model, by its name, for one event loop."""
    price_of: Callable[[str], Price | None]
    """Returns what a model costs; None where that is not known."""


def _tell_nobody(_text: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How to search."""

    settings: Settings
    mode: AskMode = "auto"
    engine: str = DEFAULT_ENGINE
    """A name in ``search/engines.py``."""
    scheduler: str = ""
    """Address of the scheduler of an engine that has one; ``local`` for one that is started."""
    tell: Callable[[str], None] = _tell_nobody
    """Told, in words, what a person should know of the engine."""
    agent: str = DEFAULT_AGENT
    """A name in ``explore/agents/table.py``."""
    starts: tuple[str, ...] = ()
    """Paths of documents to begin at."""
    conditions: tuple[Condition, ...] = ()
    """What pages must have, besides what the question says itself."""
    use_cache: bool = True
    record: bool = True
    run_id: str = ""
    """The id that the run is to have, if nobody has that; empty for any."""
    argv: tuple[str, ...] = ()
    model: str = ""
    """The language model to ask: provider and name; empty if none is."""
    answer: Literal["quotes", "llm"] = "quotes"
    """Who writes the answer of a deep search: nobody, or a language model from the quotes."""
    base_url: str | None = None
    """Where the model is, if not where the environment or its provider says."""
    models: ModelSource | None = None
    """Where models come from; None for the providers that are known."""


@dataclass(frozen=True, slots=True)
class AskResult:
    """Everything that a search for a question found."""

    question: str
    mode: Literal["simple", "deep"]
    mode_reason: str
    run_id: str | None
    findings: Findings
    steps: tuple[StepSummary, ...]
    budget: dict[str, int]
    stop_reason: StopReason | Literal["simple"]
    complete: bool
    limits_hit: tuple[str, ...]
    notes: tuple[str, ...]
    """What a person should know of the result, such as a deep search that added nothing."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    seeds: tuple[str, ...] = ()
    """Where each seed came from, also of those that no agent was left for."""
    degraded: tuple[str, ...] = ()
    """Ids of the steps whose output is a fallback's."""
    respelled: tuple[tuple[str, str], ...] = ()
    """Words of the question that no document holds, each with what was searched for instead."""
    filter: AppliedFilter | None = None
    """What pages had to have; None where any might be opened."""
    synonyms: tuple[Synonym, ...] = ()
    """Other words that words of the question were searched as."""
    clamped: tuple[str, ...] = ()
    """In words, each limit that was asked for above its cap and cut to it."""
    model: str = ""
    """The language model that was asked last; empty if none was."""
    written: WrittenAnswer | None = None
    """What a language model wrote from the quotes, if it was asked to and could."""
    reached: tuple[ReachedLimit, ...] = ()
    """The limits that ended the search, if any did."""
    asked: Amount = NOTHING
    """What was asked of a model, a reply from the cache counted as if it had been sent for."""

    @property
    def readings(self) -> tuple[str, ...]:
        """How the question was read, a line each: what pages had to have, and synonyms."""
        filtered = (self.filter.in_words(),) if self.filter is not None else ()
        return (*filtered, *((synonyms_in_words(self.synonyms),) if self.synonyms else ()))

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, without why it was searched so: that is shown by itself."""
        return tuple(note for note in self.notes if note != self.mode_reason)

    @property
    def exit_code(self) -> int:
        """The code that the command ends with."""
        return EXIT_INTERRUPTED if self.stop_reason == "cancelled" else EXIT_DONE


@dataclass(frozen=True, slots=True)
class CheckedResult:
    """A result and what has changed since its documents were indexed: what is printed."""

    result: AskResult
    freshness: Freshness
    languages: Mapping[str, str]
    """That of each quoted document, by its path."""
    file_hashes: Mapping[str, str] = field(default_factory=dict)
    """The sha256 of each quoted document as it was indexed, by its path."""
    roots: tuple[Root, ...] = ()
    """The folders of the documents."""
    contexts: tuple[QuoteContext, ...] | None = None
    """What stands around each quote; None if it was not asked for."""

    def _file_hash(self, path: str) -> str | None:
        found = self.file_hashes.get(path)
        return f"sha256:{found}" if found is not None else None

    def to_dict(self) -> dict[str, Any]:
        """Return the ``data`` of the JSON result, version 1.

        ``root`` and ``absolute_path`` depend on where the documents are, so no digest and no record
        holds them.
        """
        result, findings = self.result, self.result.findings
        files = DocumentFiles(self.roots)
        contexts: Sequence[QuoteContext | None] = self.contexts or [None] * len(findings.evidence)
        return {
            "question": result.question,
            "respelled": dict(result.respelled),
            "synonyms": [item.to_dict() for item in result.synonyms],
            "filter": _filter(result.filter),
            "mode": result.mode,
            "mode_reason": result.mode_reason,
            "run_id": result.run_id,
            "answer": {
                "found": findings.found,
                "weak": findings.weak,
                "reason": findings.reason,
                "text": findings.answer,
                "citations": list(findings.cited),
                "written": _written(result.written),
            },
            "evidence": [
                {
                    "n": item.n,
                    "path": item.path,
                    **files.to_dict(item.path),
                    "heading": item.heading,
                    "above": list(item.above),
                    "line_start": item.line_start,
                    "line_end": item.line_end,
                    "quote": item.quote,
                    "plain": item.plain,
                    "score": item.score,
                    "node": item.node,
                    "step": item.step or None,
                    "via": [asdict(hop) for hop in item.via],
                    "state": state,
                    "quote_hash": f"sha256:{_hash_of(item.quote)}",
                    "file_hash": self._file_hash(item.path),
                    **({} if context is None else {"context": asdict(context)}),
                }
                for item, state, context in zip(
                    findings.evidence, self.freshness.quotes, contexts, strict=True
                )
            ],
            "documents": [
                {"path": item.path, **files.to_dict(item.path), "score": item.score}
                for item in findings.documents
            ],
            "steps": [step.to_dict() for step in result.steps],
            "budget": in_dollars(result.budget),
            "model": result.model or None,
            "stop_reason": result.stop_reason,
            "complete": result.complete,
            "limits_hit": list(result.limits_hit),
            "limits_reached": [limit.to_dict() for limit in result.reached],
            "clamped": list(result.clamped),
            "degraded": list(result.degraded),
            "timings_ms": {"plan": 0.0, "explore": 0.0, **result.timings_ms},
            "notes": list(result.remarks),
            "changed": {
                "files": list(self.freshness.files),
                "folders": list(self.freshness.folders),
            },
        }


def _filter(applied: AppliedFilter | None) -> dict[str, Any] | None:
    """Return what pages had to have, as the JSON result shows it."""
    return None if applied is None else {**applied.to_dict(), "preferred": applied.preferred}


def _written(answer: WrittenAnswer | None) -> dict[str, Any] | None:
    """Return what a model wrote, as the JSON result shows it."""
    if answer is None:
        return None
    return {**answer.to_dict(), "text": answer.text, "citations": list(answer.cited)}


def _hash_of(quote: str) -> str:
    """Return the sha256 of a quote as it is printed: what is no UTF-8 is replaced there."""
    import hashlib

    return hashlib.sha256(quote.encode("utf-8", "replace")).hexdigest()


def check_result(index: IndexReader, result: AskResult, *, context: int = 0) -> CheckedResult:
    """Look every quote of a result up in its file again.

    Args:
        index: The index that was searched.
        result: What the search gave.
        context: Lines to have before and after each quote.

    Returns:
        The result, with the state of each quote and of the indexed files.
    """
    from docsearch_cli.index.freshness import check_freshness

    evidence = result.findings.evidence
    rows = {item.path: index.paths.find(item.path) for item in evidence}
    hashes = {path: index.content_hash(row) for path, row in rows.items() if row is not None}
    languages = {
        path: index.language_of(row) if row is not None else index.language
        for path, row in rows.items()
    }
    contexts = None
    if context:
        from docsearch_cli.index.passage import quote_context

        contexts = tuple(quote_context(index, item, context) for item in evidence)
    return CheckedResult(
        result,
        check_freshness(index, evidence),
        languages,
        hashes,
        index.roots,
        contexts,
    )


@dataclass(frozen=True, slots=True)
class OpenPage:
    """What an agent has open at a moment."""

    step: int
    """Number of its step."""
    node: str
    title: str


class SearchObserver:
    """Told of a search's progress, and asked whether to stop it; this one does nothing."""

    def recording(self) -> None:
        """A run is going to be recorded from here on."""

    def recorded(self, run_id: str) -> None:
        """A run has a record; an empty id if it has none."""

    def limited(self, limits: RunLimits) -> None:
        """These are a run's limits at its end; told before it is planned."""

    def started(self, run_id: str, seeds: Sequence[Seed]) -> None:
        """A run was planned."""

    def working(self, pages: Sequence[OpenPage]) -> None:
        """From here on the agents have these pages open, by number of step."""

    def spending(self, budget: Mapping[str, int]) -> None:
        """A language model was asked: what of the budget is used, see ``spending_budget``."""

    def committed(self, step: StepSummary) -> None:
        """A step was committed."""

    def opened(self, step: PlannedStep, view: View, decision: Decision | None) -> None:
        """A step is committed: all that its agent was shown and decided; None if it failed."""

    def dropped(self, drops: Sequence[Drop]) -> None:
        """Proposals were not taken."""

    def read(self, path: str, sections: Sequence[SectionView]) -> None:
        """A simple search has read sections of a document."""

    def warn(self, text: str) -> None:
        """Something went wrong that does not change the result."""

    def stop_reason(self) -> HaltReason | None:
        """Return why to stop a deep search early, or None to continue."""
        return None


def budget(limits: RunLimits, **used: int) -> dict[str, int]:
    """Return the budget of a search and what was used of it, as the JSON result shows it."""
    return {
        "max_agents": limits.max_agents,
        "agents_used": 0,
        "max_depth": limits.max_depth,
        "depth_reached": 0,
        "fan_out": limits.fan_out,
        "seeds": limits.seeds,
        "tokens_read": 0,
        "tokens_returned": 0,
        **used,
    }


def in_dollars(budget: Mapping[str, Any]) -> dict[str, Any]:
    """Return a budget with its amounts of money in dollars, as the JSON result shows it.

    Args:
        budget: With amounts in millionths of a dollar.

    Returns:
        The budget; of one that asks a model whose price is not known, the cost is None.
    """
    shown: dict[str, Any] = {
        name: value for name, value in budget.items() if not name.endswith("_micro_usd")
    }
    if "requests" in budget:
        most, cost = budget.get("max_cost_micro_usd"), budget.get("cost_micro_usd")
        shown["cost_usd"] = cost / 1_000_000 if cost is not None else None
        if "max_requests" in budget:
            is_limited = most is not None and most < LIMIT_OF["max_cost"].most
            shown["max_cost_usd"] = most / 1_000_000 if most is not None and is_limited else None
    return shown


def elapsed_ms(started: float) -> float:
    """Return the milliseconds since a ``time.perf_counter()`` reading."""
    return round((time.perf_counter() - started) * 1000, 3)

"""The use case: a question in, findings out; joins index, exploration, engine and record."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from docsearch_cli import __version__
from docsearch_cli.config import Settings
from docsearch_cli.engine.cache import StepCache
from docsearch_cli.engine.coordinator import Coordinator, EngineLimits, StepRecord
from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import Engine
from docsearch_cli.errors import InputError, RunFailedError, UsageError
from docsearch_cli.explore import functions
from docsearch_cli.explore.aggregate import (
    AggregateInput,
    Findings,
    Hop,
    OpenedNode,
    RankedPath,
    aggregate,
)
from docsearch_cli.explore.intent import Intent, IntentInput, detect_intent
from docsearch_cli.explore.look import best_sections, build_view
from docsearch_cli.explore.plan import ExplorePlan, Neighbour, Opened, PlanLimits
from docsearch_cli.explore.question import ScoredQuestion
from docsearch_cli.explore.seeds import Seed, gather_candidates
from docsearch_cli.explore.summary import StepEnding, StepSummary, followed_edge, summarise_step
from docsearch_cli.explore.view import Decision, EdgeView, Evidence, View
from docsearch_cli.fingerprint import source_digest
from docsearch_cli.index.store import IndexReader
from docsearch_cli.retrieval.keyword import best_hits
from docsearch_cli.retrieval.quotes import Quotable, best_quotes
from docsearch_cli.runs.record import RunRecorder, UnrecordedRun
from docsearch_cli.steps import HaltReason, PlannedStep, canonical_json

Mode = Literal["auto", "simple", "deep"]
EngineName = Literal["local", "inline"]

# Documents a ranking names; recall is measured well within it.
MOST_DOCUMENTS = 20
# Sections of the keyword ranking that are looked at for documents.
_MOST_HITS = 400
# Documents that a simple search quotes from.
_QUOTED_DOCUMENTS = 5
# The keyword ranking that a deep one is compared with.
_COMPARED_DOCUMENTS = 5
REGISTRY = "docsearch_cli.explore.functions"


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How to search."""

    settings: Settings
    mode: Mode = "auto"
    engine: EngineName = "local"
    starts: tuple[str, ...] = ()
    """Paths of documents to begin at."""
    use_cache: bool = True
    record: bool = True
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskResult:
    """Everything that a question gave."""

    question: str
    mode: Literal["simple", "deep"]
    mode_reason: str
    run_id: str | None
    findings: Findings
    steps: tuple[StepSummary, ...]
    budget: dict[str, int]
    stop_reason: str
    complete: bool
    limits_hit: tuple[str, ...]
    notes: tuple[str, ...]
    """What a person should know of the result: clamps, a deep search that added nothing."""
    timings_ms: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the ``data`` of the JSON result, version 1."""
        return {
            "question": self.question,
            "mode": self.mode,
            "mode_reason": self.mode_reason,
            "run_id": self.run_id,
            "answer": {
                "text": self.findings.answer,
                "citations": list(self.findings.cited),
            },
            "evidence": [
                {
                    "n": item.n,
                    "path": item.path,
                    "heading": item.heading,
                    "line_start": item.line_start,
                    "line_end": item.line_end,
                    "quote": item.quote,
                    "score": item.score,
                    "node": item.node,
                    "step": item.step or None,
                    "via": [asdict(hop) for hop in item.via],
                }
                for item in self.findings.evidence
            ],
            "documents": [asdict(item) for item in self.findings.documents],
            "steps": [step.to_dict() for step in self.steps],
            "budget": self.budget,
            "stop_reason": self.stop_reason,
            "complete": self.complete,
            "limits_hit": list(self.limits_hit),
            "timings_ms": self.timings_ms,
        }


class SearchObserver:
    """Told how a deep search goes on; the default looks away."""

    def started(self, run_id: str, intent_reason: str, seeds: Sequence[Seed]) -> None:
        """A run was planned."""

    def committed(self, step: StepSummary) -> None:
        """A step was committed."""


def ask(
    home: Path,
    index: IndexReader,
    question: str,
    options: AskOptions,
    *,
    observer: SearchObserver | None = None,
    warn: Callable[[str], None] = lambda _: None,
    stop: Callable[[], HaltReason | None] = lambda: None,
) -> AskResult:
    """Answer a question from an index.

    Args:
        home: The ``.docsearch`` folder, for the run's record and the cache.
        index: The index to search.
        question: In words.
        options: How to search.
        observer: Told of a deep search's steps as they are committed.
        warn: Told what a person should know and the result does not hold.
        stop: Asked whether to end a deep search early, and why.

    Returns:
        The findings and how they came about.

    Raises:
        UsageError: If the question is empty.
        InputError: If a starting point is not in the index, or the run cannot be recorded.
        RunFailedError: If too many steps failed and nothing was found.
    """
    started = time.perf_counter()
    if not question.strip():
        raise UsageError("the question is empty", hint='ask something: docsearch ask "..."')
    starts = _start_rows(index, options, question)
    engine = _make_engine(options)
    try:
        if options.mode == "deep":
            engine.start()  # workers load while the index is opened and searched
        scored = ScoredQuestion(index, question)
        if not scored.terms.tokens:
            return _nothing(question, "the question has no searchable words", options, started)
        facts = _intent_facts(scored)
        intent = _route(facts, options.mode, bool(starts))
        if intent.mode == "simple":
            return _simple(scored, intent, options, started)
        if options.mode != "deep":
            engine.start()
        watcher = observer or SearchObserver()
        search = _DeepSearch(home, scored, options, engine, watcher, warn, stop)
        return search.run(facts, intent, starts, started)
    finally:
        engine.close()


def simple_ranking(scored: ScoredQuestion, most: int) -> list[RankedPath]:
    """Return the documents ranked by their best section, scores divided by the best.

    Ties go to the smaller path.
    """
    index = scored.index
    best: dict[str, float] = {}
    top = 0.0
    for hit in best_hits(scored.section_scores, _MOST_HITS):
        node = index.node_of_section(hit.section)
        path = index.paths[int(index.node_documents[node])]
        top = max(top, hit.score)
        best.setdefault(path, hit.score)
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return [RankedPath(path, round(score / top, 4)) for path, score in ranked[:most]]


def _make_engine(options: AskOptions) -> Engine:
    if options.engine == "inline":
        return InlineEngine(functions.FUNCTIONS)
    return LocalEngine(options.settings["workers"], REGISTRY)


def _start_rows(index: IndexReader, options: AskOptions, question: str) -> list[int]:
    rows: list[int] = []
    for path in (*options.starts, *options.settings.starts_for(question)):
        row = index.node_row(path)
        if row is None:
            raise InputError(
                f"the starting point {path!r} is not in the index",
                hint="docsearch status lists what is indexed",
            )
        if row not in rows:
            rows.append(row)
    return rows


def _intent_facts(scored: ScoredQuestion) -> IntentInput:
    candidates = gather_candidates(scored, count=0)
    hits = best_hits(scored.section_scores, 20)
    shares = [_section_share(scored, hit.section) for hit in hits]
    return IntentInput(
        question=scored.question,
        term_count=len(scored.terms.tokens),
        best_share=round(max(shares, default=0.0), 4),
        named=tuple(item.path for item in candidates if " " in item.named),
    )


def _section_share(scored: ScoredQuestion, section: int) -> float:
    """Return how much of the question one section speaks to, by the keyword index."""
    import numpy as np

    present = []
    for token in scored.terms.tokens:
        sections, _ = scored.index.keyword.postings(token)
        place = int(np.searchsorted(sections, section))
        if place < len(sections) and int(sections[place]) == section:
            present.append(token)
    return scored.terms.share(present)


def _route(facts: IntentInput, mode: Mode, has_starts: bool) -> Intent:
    if mode == "auto" and has_starts:
        return Intent("deep", "a starting point was given")
    if mode == "auto":
        return detect_intent(facts)
    return Intent(mode, f"asked for by --{mode}")


def _budget(options: AskOptions, **used: int) -> dict[str, int]:
    settings = options.settings
    return {
        "max_agents": settings["max_agents"],
        "agents_used": 0,
        "max_depth": settings["max_depth"],
        "depth_reached": 0,
        "fan_out": settings["fan_out"],
        "seeds": settings["seeds"],
        "tokens_read": 0,
        "tokens_returned": 0,
        **used,
    }


def _nothing(question: str, reason: str, options: AskOptions, started: float) -> AskResult:
    return AskResult(
        question=question,
        mode="deep" if options.mode == "deep" else "simple",
        mode_reason=reason,
        run_id=None,
        findings=Findings((), (), "", (), 0),
        steps=(),
        budget=_budget(options),
        stop_reason="frontier_empty" if options.mode == "deep" else "simple",
        complete=True,
        limits_hit=(),
        notes=(reason,),
        timings_ms={"total": _since(started)},
    )


def _simple(
    scored: ScoredQuestion, intent: Intent, options: AskOptions, started: float
) -> AskResult:
    """Answer by keywords alone: no process, no record."""
    ranking = simple_ranking(scored, MOST_DOCUMENTS)
    opened, tokens_read = _quote_documents(scored, ranking[:_QUOTED_DOCUMENTS], options)
    findings = aggregate(
        AggregateInput(
            tokens=scored.terms.tokens,
            idf=scored.terms.idf,
            opened=tuple(opened),
            hits=tuple(ranking),
            answer_tokens=options.settings["answer_tokens"],
            most_documents=MOST_DOCUMENTS,
        )
    )
    return AskResult(
        question=scored.question,
        mode="simple",
        mode_reason=intent.reason,
        run_id=None,
        findings=findings,
        steps=(),
        budget=_budget(options, tokens_read=tokens_read, tokens_returned=findings.tokens_returned),
        stop_reason="simple",
        complete=True,
        limits_hit=(),
        notes=tuple(options.settings.clamps()),
        timings_ms={"total": _since(started)},
    )


def _quote_documents(
    scored: ScoredQuestion, ranking: Sequence[RankedPath], options: AskOptions
) -> tuple[list[OpenedNode], int]:
    """Read the best sections of the best documents, as an agent would, without deciding."""
    index = scored.index
    opened: list[OpenedNode] = []
    tokens_read = 0
    for ranked in ranking:
        row = _best_node(scored, ranked.path)
        sections, tokens = best_sections(scored, row, options.settings["reading_tokens"])
        tokens_read += tokens
        markup = index.markup(int(index.node_documents[row]))
        quotable = [
            Quotable(s.section, s.heading, s.text, s.line_start, paged=markup == "pdf")
            for s in sections
        ]
        quotes = best_quotes(quotable, markup, scored.terms.tokens, scored.terms.idf, 2)
        evidence = tuple(
            Evidence(
                section=quote.section,
                heading=quote.heading,
                line_start=quote.line_start,
                line_end=quote.line_end,
                quote=quote.text,
                plain=quote.plain,
                score=quote.score,
                terms=quote.terms,
            )
            for quote in quotes
        )
        opened.append(
            OpenedNode(
                step="",
                node=index.node_id(row),
                path=ranked.path,
                edge="keyword",
                edge_weight=1.0,
                priority=ranked.score,
                node_score=ranked.score,
                evidence=evidence,
                via=(),
            )
        )
    return opened, tokens_read


def _best_node(scored: ScoredQuestion, path: str) -> int:
    index = scored.index
    row = index.node_row(path)
    assert row is not None
    document = int(index.node_documents[row])
    rows = [row]
    while rows[-1] + 1 < index.node_count and int(index.node_documents[rows[-1] + 1]) == document:
        rows.append(rows[-1] + 1)
    return max(rows, key=lambda node: (float(scored.node_scores[node]), -node))


class _DeepSearch:
    """One deep search: plan, exploration, fan-in, record."""

    def __init__(
        self,
        home: Path,
        scored: ScoredQuestion,
        options: AskOptions,
        engine: Engine,
        observer: SearchObserver,
        warn: Callable[[str], None],
        stop: Callable[[], HaltReason | None],
    ) -> None:
        self._home = home
        self._scored = scored
        self._options = options
        self._engine = engine
        self._observer = observer
        self._warn = warn
        self._stop = stop
        self._views: dict[int, View] = {}
        self._decisions: dict[int, Decision] = {}
        self._steps: dict[int, PlannedStep] = {}
        self._ids: dict[int, str] = {}
        self._summaries: list[StepSummary] = []
        self._source = source_digest()

    def run(
        self, facts: IntentInput, intent: Intent, starts: Sequence[int], started: float
    ) -> AskResult:
        """Carry the search out."""
        settings = self._options.settings
        recorder = self._recorder()
        self._run_fixed(recorder, "intent", functions.INTENT, asdict(facts))
        seeds = self._plan(recorder, starts)
        self._observer.started(recorder.run_id, intent.reason, seeds)
        planned = time.perf_counter()
        plan = ExplorePlan(seeds, self._plan_limits())
        cache = None
        if self._options.use_cache:
            cache = StepCache(self._home / "cache" / "steps", self._warn)
        coordinator = Coordinator(
            plan,
            self._engine,
            EngineLimits(settings["attempts"], settings["step_timeout_s"], settings["deadline_s"]),
            recorder,
            cache,
            function=functions.LOCAL_AGENT,
            source=self._source,
            index_digest=self._scored.index.digest,
            prepare=self._prepare,
            interpret=self._interpret,
            stop=self._stop,
            observe=self._note,
        )
        try:
            stop_reason = coordinator.run()
        finally:
            if cache is not None:
                cache.close()
        explored = time.perf_counter()
        ranking = simple_ranking(self._scored, MOST_DOCUMENTS)
        findings = self._fan_in(recorder, coordinator.records, plan, ranking)
        result = self._result(
            recorder.run_id or None,
            intent,
            findings,
            stop_reason,
            ranking,
            {
                "plan": round((planned - started) * 1000, 3),
                "explore": round((explored - planned) * 1000, 3),
                "total": _since(started),
            },
        )
        recorder.finish("complete" if result.complete else "partial", **self._ending(result))
        if stop_reason == "failures" and not self._decisions:
            raise RunFailedError(
                f"every step of run {recorder.run_id} failed",
                hint=f"look at one: docsearch replay {recorder.run_id} --step 1",
            )
        return result

    def _recorder(self) -> RunRecorder | UnrecordedRun:
        if not self._options.record:
            return UnrecordedRun()
        return RunRecorder.create(self._home, self._run_facts())

    def _run_facts(self) -> dict[str, Any]:
        """Return what a record says of a run before it starts."""
        settings = self._options.settings
        return {
            "question": self._scored.question,
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "argv": list(self._options.argv),
            "limits": {name: item.value for name, item in sorted(settings.limits.items())},
            "requested": {name: item.requested for name, item in sorted(settings.limits.items())},
            "clamps": settings.clamps(),
            "version": __version__,
            "source": self._source,
            "index": self._scored.index.digest,
            "roots": [asdict(root) for root in self._scored.index.roots],
            "engine": self._engine.name,
        }

    def _plan_limits(self) -> PlanLimits:
        settings = self._options.settings
        return PlanLimits(
            max_agents=settings["max_agents"],
            max_depth=settings["max_depth"],
            fan_out=settings["fan_out"],
            seeds=settings["seeds"],
            frontier=settings["frontier"],
            proposals=settings["proposals"],
            window=settings["window"],
        )

    def _run_fixed(
        self, recorder: RunRecorder | UnrecordedRun, kind: str, function: str, facts: Any
    ) -> Any:
        """Run one of the steps that every search has, here."""
        _, output = recorder.run_step(
            kind, function, canonical_json(facts), functions.FUNCTIONS[function]
        )
        return json.loads(output)

    def _plan(self, recorder: RunRecorder | UnrecordedRun, starts: Sequence[int]) -> list[Seed]:
        most = self._options.settings["seeds"]
        candidates = gather_candidates(self._scored, count=most, starts=starts)
        facts = {"candidates": [asdict(item) for item in candidates], "most": most}
        output = self._run_fixed(recorder, "plan", functions.SEARCH_PLAN, facts)
        return [Seed(**seed) for seed in output["seeds"]]

    def _prepare(self, step: PlannedStep) -> bytes:
        """Return the view that a step's agent gets."""
        row = self._scored.index.node_row(step.subject)
        assert row is not None
        covered = self._decisions[step.parent].covered if step.parent is not None else ()
        view = build_view(
            self._scored,
            row,
            covered=covered,
            reading_tokens=self._options.settings["reading_tokens"],
            most_edges=self._options.settings["proposals"],
        )
        self._views[step.number] = view
        self._steps[step.number] = step
        return canonical_json(view.to_dict())

    def _interpret(self, step: PlannedStep, _payload: bytes, output: bytes) -> Opened:
        decision = Decision.from_dict(json.loads(output))
        view = self._views[step.number]
        self._decisions[step.number] = decision
        known = range(len(view.edges))
        chosen = [view.edges[item.edge] for item in decision.follow if item.edge in known]
        neighbours = {edge.target: Neighbour(edge.label, edge.weight) for edge in chosen}
        return Opened(decision, neighbours)

    def _note(self, record: StepRecord) -> None:
        self._ids[record.step.number] = record.id
        summary = self._summarise(record)
        self._summaries.append(summary)
        self._observer.committed(summary)

    def _summarise(self, record: StepRecord) -> StepSummary:
        step = record.step
        return summarise_step(
            step,
            self._views[step.number],
            self._decisions.get(step.number),
            edge=self._edge_to(step),
            ending=StepEnding(
                id=record.id,
                parent_id=self._ids[step.parent] if step.parent is not None else None,
                status=record.status,
                attempts=max(1, len(record.attempts)),
                cached=record.cached,
                ms=round(record.elapsed_ms, 3),
                error=record.error,
            ),
        )

    def _edge_to(self, step: PlannedStep) -> EdgeView | None:
        if step.parent is None:
            return None
        return followed_edge(step, self._views[step.parent], self._decisions[step.parent])

    def _via(self, step: PlannedStep) -> tuple[Hop, ...]:
        hops: list[Hop] = []
        while step.parent is not None:
            edge = self._edge_to(step)
            parent = self._steps[step.parent]
            hops.append(Hop(parent.subject, step.edge, edge.line if edge is not None else 0))
            step = parent
        return tuple(reversed(hops))

    def _fan_in(
        self,
        recorder: RunRecorder | UnrecordedRun,
        records: dict[int, StepRecord],
        plan: ExplorePlan,
        ranking: Sequence[RankedPath],
    ) -> Findings:
        opened = tuple(
            OpenedNode(
                step=records[number].id,
                node=self._steps[number].subject,
                path=self._views[number].path,
                edge=plan.support(self._steps[number].subject).edge,
                edge_weight=plan.support(self._steps[number].subject).weight,
                priority=plan.support(self._steps[number].subject).priority,
                node_score=self._views[number].node_score,
                evidence=self._decisions[number].evidence,
                via=self._via(self._steps[number]),
            )
            for number in sorted(self._decisions)
        )
        facts = AggregateInput(
            tokens=self._scored.terms.tokens,
            idf=self._scored.terms.idf,
            opened=opened,
            hits=tuple(ranking),
            answer_tokens=self._options.settings["answer_tokens"],
            most_documents=MOST_DOCUMENTS,
        )
        output = self._run_fixed(recorder, "aggregate", functions.AGGREGATE, facts.to_dict())
        return Findings.from_dict(output)

    def _result(
        self,
        run_id: str | None,
        intent: Intent,
        findings: Findings,
        stop_reason: str,
        ranking: Sequence[RankedPath],
        timings_ms: dict[str, float],
    ) -> AskResult:
        notes = list(self._options.settings.clamps())
        failed = [step for step in self._summaries if step.status != "ok"]
        if failed:
            notes.append(f"{len(failed)} of {len(self._summaries)} steps failed")
        keyword_paths = {item.path for item in ranking[:_COMPARED_DOCUMENTS]}
        found = {item.path for item in findings.documents[:_COMPARED_DOCUMENTS]}
        if found and found <= keyword_paths:
            notes.append("deep added nothing: the keyword search ranks the same documents first")
        limits_hit = [stop_reason] if stop_reason in ("budget", "depth", "deadline") else []
        return AskResult(
            question=self._scored.question,
            mode="deep",
            mode_reason=intent.reason,
            run_id=run_id,
            findings=findings,
            steps=tuple(self._summaries),
            budget=_budget(
                self._options,
                agents_used=len(self._steps),
                depth_reached=max((step.depth for step in self._summaries), default=0),
                tokens_read=sum(step.tokens_read for step in self._summaries),
                tokens_returned=findings.tokens_returned,
            ),
            stop_reason=stop_reason,
            complete=stop_reason not in ("deadline", "cancelled", "failures"),
            limits_hit=tuple(limits_hit),
            notes=tuple(notes),
            timings_ms=timings_ms,
        )

    def _ending(self, result: AskResult) -> dict[str, Any]:
        """Return what the record says of how a run ended, its certificate included."""
        return {
            "stop_reason": result.stop_reason,
            "budget": result.budget,
            "mode_reason": result.mode_reason,
            "documents": [asdict(item) for item in result.findings.documents],
            "seconds": round(result.timings_ms["total"] / 1000, 3),
        }


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)

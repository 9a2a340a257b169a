"""The deep search: plan, exploration on an engine, fan-in, record."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docsearch_cli import __version__
from docsearch_cli.engine.cache import StepCache
from docsearch_cli.engine.coordinator import Coordinator, EngineLimits, StepRecord
from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import Engine
from docsearch_cli.errors import RunFailedError
from docsearch_cli.explore import functions
from docsearch_cli.explore.aggregate import (
    AggregateInput,
    Findings,
    Hop,
    OpenedNode,
    RankedPath,
    lift_of,
)
from docsearch_cli.explore.intent import Intent, IntentInput
from docsearch_cli.explore.look import build_view
from docsearch_cli.explore.plan import ExplorePlan, Neighbour, Opened, PlanLimits
from docsearch_cli.explore.question import ScoredQuestion
from docsearch_cli.explore.seeds import Seed, gather_candidates
from docsearch_cli.explore.summary import StepEnding, StepSummary, followed_edge, summarise_step
from docsearch_cli.explore.view import Decision, EdgeView, View
from docsearch_cli.fingerprint import source_digest
from docsearch_cli.results import (
    MOST_DOCUMENTS,
    AskOptions,
    AskResult,
    SearchObserver,
    budget,
    elapsed_ms,
)
from docsearch_cli.runs.record import RunRecorder, UnrecordedRun
from docsearch_cli.simple import simple_ranking
from docsearch_cli.steps import PlannedStep, canonical_json

# The keyword ranking that a deep one is compared with.
_COMPARED_DOCUMENTS = 5
REGISTRY = "docsearch_cli.explore.functions"


def make_engine(options: AskOptions) -> Engine:
    """Return the engine that was asked for, not started."""
    if options.engine == "inline" or options.settings["max_agents"] == 0:
        return InlineEngine(functions.FUNCTIONS)
    return LocalEngine(options.settings["workers"], REGISTRY)


class DeepSearch:
    """One deep search: plan, exploration, fan-in, record."""

    def __init__(
        self,
        home: Path,
        scored: ScoredQuestion,
        options: AskOptions,
        engine: Engine,
        observer: SearchObserver,
    ) -> None:
        self._home = home
        self._scored = scored
        self._options = options
        self._engine = engine
        self._observer = observer
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
        self._observer.started(recorder.run_id, seeds)
        planned = time.perf_counter()
        plan = ExplorePlan(seeds, self._plan_limits())
        cache = None
        if self._options.use_cache:
            cache = StepCache(self._home / "cache" / "steps", self._observer.warn)
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
            stop=self._observer.stop_reason,
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
                "total": elapsed_ms(started),
            },
        )
        recorder.finish("complete" if result.complete else "partial", **self._ending(result))
        if self._steps and not self._decisions and stop_reason not in ("cancelled", "deadline"):
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
        neighbours = {
            edge.target: Neighbour(edge.label, lift_of(edge.label, edge.weight)) for edge in chosen
        }
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
                lift=plan.support(self._steps[number].subject).lift,
                priority=plan.support(self._steps[number].subject).priority,
                node_score=self._views[number].node_score,
                evidence=self._decisions[number].evidence,
                via=self._via(self._steps[number]),
                paged=self._views[number].markup == "pdf",
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
        notes: list[str] = []
        failed = [step for step in self._summaries if step.status != "ok"]
        if failed:
            notes.append(f"{len(failed)} of {len(self._summaries)} steps failed")
        keyword_paths = {item.path for item in ranking[:_COMPARED_DOCUMENTS]}
        found = {item.path for item in findings.documents[:_COMPARED_DOCUMENTS]}
        found.update(item.path for item in findings.evidence)
        ended = stop_reason not in ("cancelled", "deadline", "failures")
        if self._decisions and ended and found <= keyword_paths:
            notes.append("deep added nothing: the keyword search ranks the same documents first")
        limits_hit = [stop_reason] if stop_reason in ("budget", "depth", "deadline") else []
        return AskResult(
            question=self._scored.question,
            mode="deep",
            mode_reason=intent.reason,
            run_id=run_id,
            findings=findings,
            steps=tuple(self._summaries),
            budget=budget(
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

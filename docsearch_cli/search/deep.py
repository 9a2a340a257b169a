"""The deep search: plan, exploration on an engine, fan-in, record."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from docsearch_cli import __version__
from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.engine.coordinator import (
    Coordinator,
    EngineLimits,
    StepInputError,
    StepRecord,
)
from docsearch_cli.engine.protocol import Engine
from docsearch_cli.engine.step_cache import open_step_cache
from docsearch_cli.errors import RunFailedError
from docsearch_cli.explore import step_functions
from docsearch_cli.explore.answerability import gather_verdict_facts
from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.findings import (
    AggregateInput,
    Findings,
    Hop,
    Join,
    OpenedNode,
    PageFacts,
    RankedPath,
)
from docsearch_cli.explore.intent import Intent, IntentInput
from docsearch_cli.explore.plan import Opened
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.seeds import Seed, gather_candidates
from docsearch_cli.explore.step_output import gone_view, read_opened
from docsearch_cli.explore.step_summary import StepEnding, StepSummary, Way, summarise_step, ways_on
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.fingerprint import source_digest, step_source_digest
from docsearch_cli.runs.certificate import (
    answer_digest,
    certificate_to_dict,
    certify,
    dag_digest,
)
from docsearch_cli.runs.fork import Fork
from docsearch_cli.runs.limits import LimitSchedule
from docsearch_cli.runs.recall import Earlier
from docsearch_cli.runs.recorder import RunRecorder, UnrecordedRun
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.search.result import (
    MOST_DOCUMENTS,
    AskOptions,
    AskResult,
    SearchObserver,
    budget,
    elapsed_ms,
)
from docsearch_cli.search.simple import simple_ranking
from docsearch_cli.steps import PlannedStep, canonical_json

# The keyword ranking that a deep one is compared with.
_COMPARED_DOCUMENTS = 5


class DeepSearch:
    """One deep search: plan, exploration, fan-in, record.

    Args:
        home: The ``.docsearch`` folder.
        scored: The question against the corpus.
        options: How to search; of a run that goes on, with its own limits.
        engine: What runs the steps; it must have been started.
        observer: Told how it goes on, and asked whether to end it.
        earlier: The record of the run that goes on, or that this one is forked from.
        fork: Of which run it is a fork, and what is other.
    """

    def __init__(
        self,
        home: Path,
        scored: ScoredQuestion,
        options: AskOptions,
        engine: Engine,
        observer: SearchObserver,
        *,
        earlier: Earlier | None = None,
        fork: Fork | None = None,
    ) -> None:
        self._home = home
        self._scored = scored
        self._options = options
        self._engine = engine
        self._observer = observer
        self._earlier = earlier
        self._fork = fork
        self._limits = LimitSchedule.of(options.settings.run_limits(), fork)
        self._plan = self._limits.plan(())
        self._views: dict[int, View] = {}
        self._allowance: dict[int, int] = {}
        self._decisions: dict[int, Decision] = {}
        self._ways: dict[int, tuple[Way, ...]] = {}
        self._steps: dict[int, PlannedStep] = {}
        self._ids: dict[int, str] = {}
        self._summaries: list[StepSummary] = []
        self._explore_s = 0.0

    def run(
        self, facts: IntentInput, intent: Intent, starts: Sequence[int], started: float
    ) -> AskResult:
        """Carry the search out.

        Args:
            facts: What the intent was detected from.
            intent: The intent.
            starts: Rows of the nodes to begin at.
            started: When the question came in, by ``time.perf_counter()``.

        Returns:
            What it gave.

        Raises:
            RunFailedError: If steps ran and every one of them failed.
            RunDriftError: If a run that goes on is planned otherwise than its record says.
        """
        self._observer.recording()
        recorder = self._recorder()
        try:
            return self._carry_out(recorder, facts, intent, starts, started)
        finally:
            recorder.close()

    def _carry_out(
        self,
        recorder: RunRecorder | UnrecordedRun,
        facts: IntentInput,
        intent: Intent,
        starts: Sequence[int],
        started: float,
    ) -> AskResult:
        self._run_fixed(recorder, "intent", step_functions.INTENT, asdict(facts))
        seeds = self._choose_seeds(recorder, starts)
        self._observer.started(recorder.run_id, seeds)
        planned = time.perf_counter()
        self._plan = self._limits.plan(seeds)
        coordinator, stop_reason = self._explore(recorder)
        explored = time.perf_counter()
        self._explore_s = explored - planned
        ranking = simple_ranking(self._scored, MOST_DOCUMENTS)
        findings, answer = self._fan_in(recorder, coordinator.records, ranking, facts)
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
        if isinstance(recorder, RunRecorder):
            self._finish(recorder, result, answer)
        if self._steps and not self._decisions and stop_reason not in ("cancelled", "deadline"):
            raise RunFailedError(
                f"every step of run {recorder.run_id} failed",
                hint=f"look at one: docsearch replay {recorder.run_id} --step 1",
            )
        return result

    def _explore(self, recorder: RunRecorder | UnrecordedRun) -> tuple[Coordinator[Opened], str]:
        """Carry the plan out and return why it ended."""
        settings = self._options.settings
        cache = None
        if self._options.use_cache:
            cache = open_step_cache(self._home, self._observer.warn)
        coordinator = Coordinator(
            self._plan,
            self._engine,
            EngineLimits(settings["attempts"], settings["step_timeout_s"], settings["deadline_s"]),
            recorder,
            cache,
            function=step_functions.LOCAL_AGENT,
            fallback=step_functions.EDGES_AGENT,
            source=step_source_digest(),
            index_digest=self._scored.index.digest,
            prepare=self._prepare,
            declare=lambda payload: step_functions.declared_input(
                step_functions.LOCAL_AGENT, payload
            ),
            interpret=self._interpret,
            recall=self._earlier.recall if self._earlier is not None else lambda _: False,
            stop=self._observer.stop_reason,
            observe=self._note,
        )
        try:
            return coordinator, coordinator.run()
        finally:
            if cache is not None:
                cache.close()

    def _recorder(self) -> RunRecorder | UnrecordedRun:
        if not self._options.record:
            return UnrecordedRun()
        if self._earlier is not None and self._earlier.use == "resume":
            return RunRecorder.resume(self._home, self._earlier.trace, self._fingerprints())
        return RunRecorder.create(self._home, self._run_facts())

    def _fingerprints(self) -> dict[str, Any]:
        return {
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "argv": list(self._options.argv),
            "version": __version__,
            "source": source_digest(),
            "step_source": step_source_digest(),
            "index": self._scored.index.digest,
            "engine": self._engine.name,
        }

    def _run_facts(self) -> dict[str, Any]:
        """Return what a record says of a run before it starts."""
        settings = self._options.settings
        return {
            **self._fingerprints(),
            "question": self._scored.question,
            "mode": self._options.mode,
            "starts": list(self._options.starts),
            "limits": settings.run_limits().to_dict(),
            "requested": {name: item.requested for name, item in sorted(settings.limits.items())},
            "clamps": settings.clamps(),
            "roots": [asdict(root) for root in self._scored.index.roots],
            "fork": asdict(self._fork) if self._fork is not None else None,
        }

    def _run_fixed(
        self, recorder: RunRecorder | UnrecordedRun, kind: str, function: str, facts: Any
    ) -> bytes:
        """Run one of the steps that every search has, here, unless it was run before."""
        payload = canonical_json(facts)
        known = None
        if self._earlier is not None and kind != "aggregate":
            earlier = self._earlier.fixed_step(kind, function)
            if earlier is not None:
                payload, known = earlier
                if self._earlier.use == "resume":
                    return known
        call = step_functions.FUNCTIONS[function]
        return recorder.run_step(kind, function, payload, call, known=known)[1]

    def _choose_seeds(
        self, recorder: RunRecorder | UnrecordedRun, starts: Sequence[int]
    ) -> list[Seed]:
        most = self._options.settings["seeds"]
        candidates = gather_candidates(self._scored, count=most, starts=starts)
        facts = {"candidates": [asdict(item) for item in candidates], "most": most}
        output = self._run_fixed(recorder, "plan", step_functions.SEARCH_PLAN, facts)
        return [Seed(**seed) for seed in json.loads(output)["seeds"]]

    def _prepare(self, step: PlannedStep) -> bytes:
        """Return the view that a step's agent gets: the recorded one if there is one."""
        self._steps[step.number] = step
        limits = self._plan.limits
        self._allowance[step.number] = limits.reading_tokens
        payload = self._earlier.payload(step) if self._earlier is not None else None
        if payload is not None:
            self._views[step.number] = View.from_dict(json.loads(payload))
            return payload
        row = self._scored.index.node_row(step.subject)
        if row is None:
            self._views[step.number] = gone_view(step.subject)
            raise StepInputError(f"{step.subject} is not in the index any more")
        covered = self._decisions[step.parent].covered if step.parent is not None else ()
        view = build_view(
            self._scored,
            row,
            covered=covered,
            reading_tokens=limits.reading_tokens,
            most_edges=limits.proposals,
        )
        self._views[step.number] = view
        return canonical_json(view.to_dict())

    def _interpret(self, step: PlannedStep, _payload: bytes, output: bytes) -> Opened:
        opened = read_opened(self._views[step.number], output, self._allowance[step.number])
        self._decisions[step.number] = opened.decision
        self._ways[step.number] = ways_on(self._views[step.number], opened.decision)
        return opened

    def _note(self, record: StepRecord) -> None:
        self._ids[record.step.number] = record.id
        summary = self._summarise(record)
        self._summaries.append(summary)
        self._release(record.step.number)
        self._observer.committed(summary)

    def _release(self, number: int) -> None:
        """Let go of what is large: it is in the record, and the fan-in needs little of it."""
        self._views[number] = replace(self._views[number], sections=(), edges=())
        if number in self._decisions:
            self._decisions[number] = replace(self._decisions[number], follow=())

    def _summarise(self, record: StepRecord) -> StepSummary:
        step = record.step
        return summarise_step(
            step,
            self._views[step.number],
            self._decisions.get(step.number),
            way=self._way_to(step),
            ending=StepEnding(
                id=record.id,
                parent_id=self._ids[step.parent] if step.parent is not None else None,
                status=record.status,
                attempts=max(1, len(record.attempts)),
                cached=record.origin != "ran",
                ms=round(record.elapsed_ms, 3),
                error=record.error,
            ),
        )

    def _way_to(self, step: PlannedStep) -> Way:
        if step.parent is None or step.item is None:
            return Way()
        return self._ways[step.parent][step.item]

    def _via(self, step: PlannedStep) -> tuple[Hop, ...]:
        hops: list[Hop] = []
        while step.parent is not None:
            parent = self._steps[step.parent]
            hops.append(Hop(parent.subject, step.edge, self._way_to(step).line))
            step = parent
        return tuple(reversed(hops))

    def _fan_in(
        self,
        recorder: RunRecorder | UnrecordedRun,
        records: dict[int, StepRecord],
        ranking: Sequence[RankedPath],
        known: IntentInput,
    ) -> tuple[Findings, bytes]:
        """Return what the search hands back, and the output of the step that chose it."""
        plan = self._plan
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
                paged=is_paged(self._views[number].markup),
                joins=tuple(
                    Join(self._steps[parent].subject, lift)
                    for parent, lift in plan.joins(self._steps[number].subject)
                ),
            )
            for number in sorted(self._decisions)
        )
        paths = {item.path for item in ranking} | {item.path for item in opened}
        facts = AggregateInput(
            tokens=self._scored.terms.tokens,
            idf=self._scored.terms.idf,
            opened=opened,
            hits=tuple(ranking),
            answer_tokens=self._limits.last.answer_tokens,
            most_documents=MOST_DOCUMENTS,
            verdict=gather_verdict_facts(self._scored, known),
            pages=self._page_facts(paths),
            known_share=round(self._scored.known_share, 4),
            language=self._scored.index.language,
        )
        output = self._run_fixed(recorder, "aggregate", step_functions.AGGREGATE, facts.to_dict())
        return Findings.from_dict(json.loads(output)), output

    def _page_facts(self, paths: set[str]) -> tuple[PageFacts, ...]:
        """Return what the index says of documents, by path; nothing of one that is gone."""
        scored = self._scored
        best = {
            path: scored.best_section(nodes)
            for path in sorted(paths)
            if (nodes := scored.index.nodes_of_document(path))
        }
        sections = [section for section in best.values() if section is not None]
        held = dict(zip(sections, scored.terms_of_sections(sections), strict=True))
        return tuple(
            PageFacts(path, tuple(held[section]) if section is not None else ())
            for path, section in best.items()
        )

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
        degraded = [step.id for step in self._summaries if step.status == "degraded"]
        failed = [step for step in self._summaries if step.decision == "failed"]
        for steps, what in ((failed, "failed"), (degraded, "are degraded: a fallback stood in")):
            if steps:
                notes.append(f"{len(steps)} of {len(self._summaries)} steps {what}")
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
                self._limits.last,
                agents_used=len(self._steps),
                depth_reached=max((step.depth for step in self._summaries), default=0),
                tokens_read=sum(step.tokens_read for step in self._summaries),
                tokens_returned=findings.tokens_returned,
            ),
            stop_reason=stop_reason,
            complete=stop_reason not in ("deadline", "cancelled", "failures"),
            limits_hit=tuple(limits_hit),
            degraded=tuple(degraded),
            clamped=tuple(self._options.settings.clamps()),
            notes=tuple(notes),
            timings_ms=timings_ms,
        )

    def _finish(self, recorder: RunRecorder, result: AskResult, answer: bytes) -> None:
        """Record how the run ended, with its certificate and its digests."""
        trace = read_trace(recorder.store)
        certificate = certify(
            trace.steps,
            {number: item.tokens_read for number, item in self._decisions.items()},
            self._limits.widest,
            frontier_peak=self._plan.frontier_peak,
            tokens_returned=result.findings.tokens_returned,
            explore_s=self._explore_s,
        )
        recorder.finish(
            "complete" if result.complete else "partial",
            stop_reason=result.stop_reason,
            budget=result.budget,
            mode_reason=result.mode_reason,
            documents=[asdict(item) for item in result.findings.documents],
            seconds=round(result.timings_ms["total"] / 1000, 3),
            certificate=certificate_to_dict(certificate),
            dag=dag_digest(trace.steps),
            answer=answer_digest(answer, result.stop_reason),
        )

"""The deep search: plan, exploration on an engine, fan-in, record."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from docsearch_cli import __version__
from docsearch_cli.byte_cache import ByteCache, KeptByteCache
from docsearch_cli.engine.coordinator import Coordinator, EngineLimits
from docsearch_cli.engine.protocol import Engine
from docsearch_cli.engine.step_cache import open_step_cache
from docsearch_cli.errors import ClusterError, ModelError, RunFailedError
from docsearch_cli.explore import step_functions
from docsearch_cli.explore.agents.table import find_agent
from docsearch_cli.explore.applied_filter import filter_of
from docsearch_cli.explore.fan_in import gather_opened
from docsearch_cli.explore.findings import MOST_DOCUMENTS, Findings, RankedPath
from docsearch_cli.explore.intent import Intent, IntentInput
from docsearch_cli.explore.keyword_ranking import simple_ranking
from docsearch_cli.explore.plan import ExplorePlan
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.seeds import Seed, gather_candidates
from docsearch_cli.fingerprint import source_digest, step_source_digest
from docsearch_cli.index.home import refuse_links
from docsearch_cli.index.places import holder_of, stored_path
from docsearch_cli.runs.best_effort import BestEffortRecorder
from docsearch_cli.runs.certificate import (
    answer_digest,
    certificate_to_dict,
    certify,
    dag_digest,
)
from docsearch_cli.runs.clock import utc_now
from docsearch_cli.runs.events import Fingerprints, ModelOfRun, RunFacts
from docsearch_cli.runs.fork import Fork
from docsearch_cli.runs.limits import LimitSchedule
from docsearch_cli.runs.model_terms import ModelTerms
from docsearch_cli.runs.reached import reached_limits
from docsearch_cli.runs.recall import Earlier
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.runs.spending import Spent, answering_of, spending_budget, spending_of
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.unrecorded import UnrecordedRun
from docsearch_cli.search.agent_work import AgentWork
from docsearch_cli.search.answer_step import AnswerWriter
from docsearch_cli.search.models import (
    asks_model,
    check_price,
    model_terms,
    source_of,
    waiting_engine,
)
from docsearch_cli.search.notes import deep_notes
from docsearch_cli.search.result import (
    AskOptions,
    AskResult,
    SearchObserver,
    budget,
    elapsed_ms,
)
from docsearch_cli.search.run_facts import deciding_facts
from docsearch_cli.search.spending import CountingJournal
from docsearch_cli.steps import StopReason, canonical_json, plain_data

# How long steps that wait for a model get to end after a stop was asked for.
_ASKING_DRAIN_S = 0.5


class DeepSearch:
    """One deep search: plan, exploration, fan-in, record.

    Args:
        home: The ``.docsearch`` folder.
        scored: The question against the corpus.
        options: How to search; for a resumed run, with that run's limits.
        engine: What runs the steps; it must have been started.
        observer: Told of the progress, and asked whether to stop.
        earlier: The record of the run that is resumed or forked.
        fork: The run that this one forks, and the changed limits.
        step_cache: What keeps the cache of steps open between searches; None if nothing does.
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
        step_cache: KeptByteCache | None = None,
    ) -> None:
        self._home = home
        self._step_cache = step_cache
        self._scored = scored
        self._agent = agent = find_agent(options.agent)
        if earlier is not None:
            options = replace(options, answer=earlier.trace.facts.get("answer", "quotes"))
        settings = options.settings.for_agent(
            asks_model=asks_model(agent, options), steps_ask=agent.asks_model
        )
        self._options = options = replace(options, settings=settings)
        self._engine = engine
        self._observer = observer
        self._earlier = earlier
        self._fork = fork
        if earlier is not None:
            self._model = ModelTerms.of(earlier.trace.facts.get("model"))
        else:
            self._model = model_terms(agent, options)
        self._limits = LimitSchedule.of(
            settings.run_limits(),
            fork,
            self._model,
            agent.may_spend,
            writes=options.answer == "llm",
        )
        is_resumed = earlier is not None and earlier.use == "resume"
        before = spending_of(earlier.trace) if earlier is not None and is_resumed else Spent()
        self._journal = CountingJournal(UnrecordedRun(), before)
        for at, terms in self._limits.models:
            check_price(terms, self._limits.after(at))
            if terms.name:
                source_of(options).make_client(terms.name)  # without a key nothing is begun

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
            InputError: If a folder that is written to is a link.
            RunFailedError: If steps ran and every one of them failed.
            RunDriftError: If a resumed run is now planned differently from its record.
        """
        refuse_links(self._home)  # in a process that stays, one may have come since it began
        self._observer.recording()
        self._observer.limited(self._limits.last)
        recorder = self._recorder(starts)
        self._observer.recorded(recorder.run_id)
        try:
            return self._carry_out(recorder, facts, intent, starts, started)
        finally:
            recorder.close()

    def _carry_out(
        self,
        recorder: BestEffortRecorder | UnrecordedRun,
        facts: IntentInput,
        intent: Intent,
        starts: Sequence[int],
        started: float,
    ) -> AskResult:
        with ExitStack() as stack:
            cache = None
            if self._options.use_cache:
                cache = open_step_cache(self._home, self._observer.warn, self._step_cache)
                stack.callback(cache.close)
            return self._search(recorder, cache, facts, intent, starts, started)

    def _search(
        self,
        recorder: BestEffortRecorder | UnrecordedRun,
        cache: ByteCache | None,
        facts: IntentInput,
        intent: Intent,
        starts: Sequence[int],
        started: float,
    ) -> AskResult:
        self._run_fixed(recorder, "intent", step_functions.INTENT, plain_data(facts))
        seeds = self._choose_seeds(recorder, starts)
        self._observer.started(recorder.run_id, seeds)
        planned = time.perf_counter()
        plan = self._limits.plan(seeds)
        work = AgentWork(
            self._agent,
            self._scored,
            plan,
            earlier=self._earlier,
            observer=self._observer,
            replies=cache if self._agent.asks_model else None,
        )
        stop_reason = self._explore(plan, work, recorder, cache)
        explored = time.perf_counter()
        ranking = simple_ranking(self._scored, MOST_DOCUMENTS)
        gathered = gather_opened(
            self._scored,
            facts,
            plan,
            work.steps,
            ranking,
            answer_tokens=self._limits.last.answer_tokens,
        )
        answer = self._run_fixed(
            recorder, "aggregate", step_functions.AGGREGATE, gathered.to_dict()
        )
        written, problem = self._write_answer(recorder, cache, plan, answer, stop_reason)
        result = self._result(
            recorder.run_id or None,
            intent,
            work,
            Findings.from_dict(json.loads(answer)),
            stop_reason,
            ranking,
            [seed.source for seed in seeds],
            {
                "plan": round((planned - started) * 1000, 3),
                "explore": round((explored - planned) * 1000, 3),
                "total": elapsed_ms(started),
            },
        )
        if written is not None:
            from docsearch_cli.explore.written_answer import WrittenAnswer

            made = WrittenAnswer.from_dict(json.loads(written))
            struck = (f'left out of the answer: "{text}" ({why})' for text, why in made.struck)
            result = replace(result, written=made, notes=(*result.notes, *struck))
        if problem:
            note = f"no answer was written: {problem}"
            result = replace(result, notes=(*result.notes, note))
        if isinstance(recorder, BestEffortRecorder):
            recorder.attempt(
                lambda record: self._finish(record, plan, work, result, answer, written or b"")
            )
            if recorder.reason:
                note = f"the run is not recorded: {recorder.reason}"
                result = replace(result, run_id=None, notes=(*result.notes, note))
        if len(work.steps) and not any(work.steps.decided()) and _went_to_its_end(stop_reason):
            raise _failed(recorder.run_id)
        return result

    def _explore(
        self,
        plan: ExplorePlan,
        work: AgentWork,
        recorder: BestEffortRecorder | UnrecordedRun,
        cache: ByteCache | None,
    ) -> StopReason:
        """Carry the plan out and return why it ended."""
        limits = self._limits.first
        bounds = EngineLimits(limits.attempts, limits.step_timeout_s, limits.deadline_s)
        if not self._agent.asks_model:
            with _named_to_resume(recorder.run_id):
                return Coordinator(plan, self._engine, bounds, recorder, cache, work).run()
        # What a step asked is paid for again if it is not let end, so it gets a while; but what it
        # waits for may take much longer than a person does who ends the run.
        bounds = replace(bounds, drain_s=_ASKING_DRAIN_S)
        self._journal = journal = CountingJournal(
            recorder, self._journal.before, self._tell_spending
        )
        with (
            closing(
                waiting_engine(
                    self._agent, self._options, self._limits, journal, cache, self._engine
                )
            ) as engine,
            _named_to_resume(recorder.run_id),
        ):
            return Coordinator(plan, engine, bounds, recorder, None, work).run()

    def _tell_spending(self, spent: Spent) -> None:
        self._observer.spending(spending_budget(self._limits, spent))

    def _write_answer(
        self,
        recorder: BestEffortRecorder | UnrecordedRun,
        cache: ByteCache | None,
        plan: ExplorePlan,
        found: bytes,
        stop_reason: StopReason,
    ) -> tuple[bytes | None, str]:
        """Have a model write an answer from what was found, if it is to; else say why not."""
        evidence = Findings.from_dict(json.loads(found)).evidence
        if not self._limits.writes or not evidence or not _went_to_its_end(stop_reason):
            return None, ""
        from docsearch_cli.explore.written_answer import AnswerInput

        last, terms = self._limits.stages[-1][0], self._limits.models[-1][1]
        facts = AnswerInput(
            self._scored.question, evidence, terms.name, self._scored.index.language
        )
        asked = plan.asked
        if self._earlier is not None and self._earlier.use == "resume":
            asked = asked + answering_of(self._earlier.trace)
        grant = self._limits.whole_after(last) - asked
        self._journal = journal = CountingJournal(
            recorder, self._journal.spending, self._tell_spending, self._journal.recalled
        )
        writer = AnswerWriter(
            lambda: waiting_engine(
                self._agent, self._options, self._limits, journal, cache, self._engine
            ),
            cache,
            self._scored.index.digest,
            self._limits.last.attempts,
            self._observer.stop_reason,
        )
        payload = canonical_json(facts.to_dict())
        written = recorder.try_step(
            "write", step_functions.WRITE, payload, lambda data: writer.write(data, grant)
        )[1]
        return written, writer.problem

    def _recorder(self, starts: Sequence[int]) -> BestEffortRecorder | UnrecordedRun:
        if not self._options.record:
            return UnrecordedRun()
        if self._earlier is not None and self._earlier.use == "resume":
            resumed = RunRecorder.resume(self._home, self._earlier.trace, self._fingerprints())
            return BestEffortRecorder(resumed, is_new=False)
        return BestEffortRecorder.create(self._home, self._run_facts(starts), self._options.run_id)

    def _fingerprints(self) -> Fingerprints:
        return {
            "created_at": utc_now(),
            "argv": list(self._options.argv),
            "version": __version__,
            "source": source_digest(),
            "step_source": step_source_digest(),
            "index": self._scored.index.digest,
            "engine": "waiting" if self._agent.asks_model else self._engine.name,
        }

    def _run_facts(self, starts: Sequence[int]) -> RunFacts:
        """Return what a record says of a run before it starts."""
        settings = self._options.settings
        holder = holder_of(self._scored.index.folder)
        deciding = deciding_facts(self._scored, self._options, settings.run_limits(), starts)
        limits = deciding["limits"]
        model: ModelOfRun = {"model": self._model.to_dict()} if self._model.name else {}
        return {
            **self._fingerprints(),
            **model,
            **deciding,
            "requested": {
                name: item.requested
                for name, item in sorted(settings.limits.items())
                if name in limits
            },
            "clamps": settings.clamps(),
            "roots": [
                {"name": root.name, "path": stored_path(root.path, holder)}
                for root in self._scored.index.roots
            ],
            "fork": self._fork.to_dict() if self._fork is not None else None,
        }

    def _run_fixed(
        self, recorder: BestEffortRecorder | UnrecordedRun, kind: str, function: str, facts: Any
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
        self, recorder: BestEffortRecorder | UnrecordedRun, starts: Sequence[int]
    ) -> list[Seed]:
        most = self._options.settings["seeds"]
        candidates = gather_candidates(self._scored, count=most, starts=starts)
        facts = {"candidates": [plain_data(item) for item in candidates], "most": most}
        output = self._run_fixed(recorder, "plan", step_functions.SEARCH_PLAN, facts)
        return [Seed(**seed) for seed in json.loads(output)["seeds"]]

    def _result(
        self,
        run_id: str | None,
        intent: Intent,
        work: AgentWork,
        findings: Findings,
        stop_reason: StopReason,
        ranking: Sequence[RankedPath],
        seeds: Sequence[str],
        timings_ms: dict[str, float],
    ) -> AskResult:
        summaries = work.summaries
        degraded = [step.id for step in summaries if step.status == "degraded"]
        limits = self._limits.plan_limits(self._limits.stages[-1][0])
        limits_hit = [stop_reason] if stop_reason in ("budget", "depth", "deadline") else []
        used = budget(
            self._limits.last,
            agents_used=len(work.steps),
            depth_reached=max((step.depth for step in summaries), default=0),
            tokens_read=sum(step.tokens_read for step in summaries),
            tokens_returned=findings.tokens_returned,
            **spending_budget(self._limits, self._journal.spending),
        )
        return AskResult(
            question=self._scored.question,
            mode="deep",
            mode_reason=intent.reason,
            run_id=run_id,
            findings=findings,
            steps=tuple(summaries),
            seeds=tuple(seeds),
            budget=used,
            model=self._limits.models[-1][1].name,
            asked=self._journal.asked_in_all,
            stop_reason=stop_reason,
            complete=stop_reason not in ("cancelled", "deadline", "failures"),
            limits_hit=tuple(limits_hit),
            reached=reached_limits(stop_reason, self._limits, used, work.asked),
            filter=filter_of(self._scored),
            synonyms=self._scored.shown_synonyms,
            degraded=tuple(degraded),
            clamped=tuple(self._options.settings.clamps()),
            notes=tuple(deep_notes(work, findings, stop_reason, ranking, limits)),
            timings_ms=timings_ms,
        )

    def _finish(
        self,
        recorder: RunRecorder,
        plan: ExplorePlan,
        work: AgentWork,
        result: AskResult,
        answer: bytes,
        written: bytes,
    ) -> None:
        """Record how the run ended, with its certificate and its digests."""
        assert result.stop_reason != "simple"  # that of a search without steps
        trace = read_trace(recorder.store)
        certificate = certify(
            trace.steps,
            {step.planned.number: decision.tokens_read for step, decision in work.steps.decided()},
            self._limits.widest,
            frontier_peak=plan.frontier_peak,
            tokens_returned=result.findings.tokens_returned,
            explore_s=result.timings_ms["explore"] / 1000,
            answering=answering_of(trace),
        )
        recorder.finish(
            "complete" if result.complete else "partial",
            stop_reason=result.stop_reason,
            budget=result.budget,
            mode_reason=result.mode_reason,
            documents=[plain_data(item) for item in result.findings.documents],
            seconds=round(result.timings_ms["total"] / 1000, 3),
            certificate=certificate_to_dict(certificate),
            dag=dag_digest(trace.steps),
            answer=answer_digest(answer, result.stop_reason, written),
        )


@contextmanager
def _named_to_resume(run_id: str) -> Iterator[None]:
    """Have an error that suspends a run say how it is continued; empty for one not recorded."""
    try:
        yield
    except (ModelError, ClusterError) as error:
        if run_id:
            resume = f"docsearch resume {run_id} goes on from where it stopped"
            error.hint = f"{error.hint}; then {resume}" if error.hint else resume
        raise


def _failed(run_id: str) -> RunFailedError:
    if not run_id:
        return RunFailedError("every step of the search failed, and it could not be recorded")
    return RunFailedError(
        f"every step of run {run_id} failed",
        hint=f"look at one: docsearch replay {run_id} --step 1",
    )


def _went_to_its_end(stop_reason: StopReason) -> bool:
    return stop_reason not in ("cancelled", "deadline")

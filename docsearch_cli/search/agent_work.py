"""The steps of a deep search, as its coordinator needs them: made, keyed, read, recalled, told."""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.engine.exchanges import reply_key
from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.engine.step_work import StepInputError, StepWork
from docsearch_cli.explore.agents.table import Agent, fallback_function
from docsearch_cli.explore.node_step import NodeStep
from docsearch_cli.explore.opened_steps import OpenedSteps
from docsearch_cli.explore.plan import ExplorePlan, Opened
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.step_summary import StepEnding, StepSummary, summarise_step
from docsearch_cli.fingerprint import step_source_digest
from docsearch_cli.runs.recall import Earlier
from docsearch_cli.search.result import OpenPage, SearchObserver
from docsearch_cli.steps import Amount, Drop, HaltReason, PlannedStep


class AgentWork(StepWork[Opened]):
    """One agent's steps over one index.

    Args:
        agent: Who decides.
        scored: The question against the corpus.
        plan: What says which limits are in force when a step is sent.
        earlier: The record of the run that is resumed or forked.
        observer: Told of each step that was committed, and asked between steps whether to end the
            run, and why.
        replies: Where a model's replies are kept that steps decided well by; None for nowhere.
    """

    def __init__(
        self,
        agent: Agent,
        scored: ScoredQuestion,
        plan: ExplorePlan,
        *,
        earlier: Earlier | None,
        observer: SearchObserver,
        replies: ByteCache | None = None,
    ) -> None:
        self.function = agent.function
        self.fallback = fallback_function(agent)
        self.source = step_source_digest()
        self.cache_tag = scored.index.digest
        self.steps = OpenedSteps()
        self.summaries: list[StepSummary] = []
        self._agent = agent
        self._scored = scored
        self._plan = plan
        self._earlier = earlier
        self._observer = observer
        self._replies = replies

    @property
    def asked(self) -> Amount:
        """What the steps asked of a model."""
        return self._plan.asked

    def prepare(self, step: PlannedStep) -> bytes:
        """Return the view that a step's agent gets: the recorded one if there is one.

        Args:
            step: As the plan asks for it.

        Returns:
            The view as canonical JSON.

        Raises:
            StepInputError: If the node is not in the index any more.
        """
        limits = self._plan.limits
        recorded = self._earlier.payload(step) if self._earlier is not None else None
        if recorded is not None:
            made = NodeStep.recorded(self._agent, recorded, limits.reading_tokens)
        else:
            row = self._scored.index.node_row(step.subject)
            if row is None:
                self.steps.add(step, None)
                raise StepInputError(f"{step.subject} is not in the index any more")
            covered = self.steps.covered_before(step)
            taught = self.steps.taught_before(step)
            made = NodeStep.build(
                self._agent,
                self._scored,
                row,
                covered=covered,
                taught=taught,
                limits=limits,
                model=limits.model,
            )
        self.steps.add(step, made)
        return made.payload

    def key_parts(self, step: PlannedStep) -> dict[str, bytes]:
        """Return the parts of the view that decide the output, by name."""
        return self._made(step).key_parts()

    def interpret(self, step: PlannedStep, output: bytes) -> Opened:
        """Return what the plan is told of a step.

        Args:
            step: As the plan asked for it.
            output: What the agent gave.

        Returns:
            The decision, and where one may go from here.

        Raises:
            ValueError: If the output is no decision; also KeyError and TypeError.
        """
        opened = self._made(step).read(output)
        self.steps[step.number].take(opened.decision)
        return opened

    def recall(self, record: StepRecord) -> bool:
        """Fill in how a step ended in an earlier run, and tell whether it did."""
        return self._earlier.recall(record) if self._earlier is not None else False

    def is_recorded(self, number: int) -> bool:
        """Tell whether a step's commit is in the record of this run already."""
        return self._earlier is not None and self._earlier.is_committed(number)

    def observe(self, record: StepRecord) -> None:
        """Take note of a step that was committed, and pass it on."""
        opened = self.steps[record.step.number]
        opened.id = record.id
        self._keep_replies(record)
        summary = summarise_step(
            record.step,
            opened.view,
            opened.decision,
            way=self.steps.way_to(record.step),
            ending=StepEnding(
                id=record.id,
                parent_id=self.steps.parent_id(record.step),
                status=record.status,
                attempts=max(1, len(record.attempts)),
                cached=record.is_cached,
                ms=round(record.elapsed_ms, 3),
                error=record.error,
            ),
        )
        self.summaries.append(summary)
        self._observer.opened(record.step, opened.view, opened.decision)
        opened.release()
        self._observer.committed(summary)

    def _keep_replies(self, record: StepRecord) -> None:
        """Keep what a model replied to a step, if it led to a decision."""
        if self._replies is None or record.status != "ok":
            return
        for item in record.exchanges:
            if item.reply is not None and item.origin != "cache":
                self._replies.set(reply_key(item.request), item.reply, self.cache_tag)

    def note_drops(self, drops: Sequence[Drop]) -> None:
        """Pass on which proposals the plan did not take."""
        self._observer.dropped(drops)

    def note_running(self, steps: Sequence[PlannedStep]) -> None:
        """Pass on what each agent has open."""
        self._observer.working(
            [
                OpenPage(step.number, step.subject, self.steps[step.number].view.title)
                for step in steps
            ]
        )

    def stop_reason(self) -> HaltReason | None:
        """Return why to end the run, or None to continue."""
        return self._observer.stop_reason()

    def _made(self, step: PlannedStep) -> NodeStep:
        made = self.steps[step.number].node_step
        assert made is not None  # a step without one has failed before it was sent
        return made

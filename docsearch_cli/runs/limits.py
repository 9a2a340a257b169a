"""Which limits hold when: those a run began with, and what a fork changed from a step on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.agents.table import AGENTS, NO_SPENDING, Spending
from docsearch_cli.explore.plan import ExplorePlan, PlanLimits
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.llm.accounting import most_of
from docsearch_cli.run_limits import RunLimits
from docsearch_cli.runs.fork import Fork
from docsearch_cli.runs.model_terms import ModelTerms
from docsearch_cli.runs.trace import Trace
from docsearch_cli.steps import NOTHING, Amount

# Of a request for an answer: instructions, schema and question; and for each token of quotes their
# bytes, with headings and paths.
_ANSWER_INPUT_TOKENS = 6_000
_QUOTED_TOKEN_BYTES = 12
# Of little money, this part is kept for the answer.
_ANSWER_SHARE = 4


@dataclass(frozen=True, slots=True)
class LimitSchedule:
    """The limits of a run, by the step after whose commit they hold."""

    stages: tuple[tuple[int, RunLimits], ...]
    """Ascending by step number; the first stage begins at 0, before any step."""
    models: tuple[tuple[int, ModelTerms], ...] = ((0, ModelTerms()),)
    """The same for the model that may be asked."""
    spending: Spending = NO_SPENDING
    """What an attempt of the agent may ask of it."""
    writes: bool = False
    """Whether the model writes an answer in the end, for which its share is kept."""

    @classmethod
    def of(
        cls,
        limits: RunLimits,
        fork: Fork | None,
        model: ModelTerms | None = None,
        spending: Spending = NO_SPENDING,
        *,
        writes: bool = False,
    ) -> LimitSchedule:
        """Return when which limits hold.

        Args:
            limits: Those that the run, or the run it is a fork of, began with.
            fork: What a fork changed; None for a run that is none.
            model: The model that the agent of that run asked first; None if it asks none.
            spending: What an attempt of the agent may ask of it.
            writes: Whether the model writes an answer in the end.

        Returns:
            The schedule.

        Raises:
            TypeError: If the fork changes a limit that does not exist.
        """
        stages, models = {0: limits}, {0: model or ModelTerms()}
        changes = sorted(fork.changes, key=lambda change: change.at) if fork is not None else ()
        for change in changes:
            limits = replace(limits, **change.limits)
            stages[change.at] = limits
            if change.model is not None:
                models[change.at] = ModelTerms.of(change.model)
        return cls(tuple(stages.items()), tuple(models.items()), spending, writes)

    @property
    def first(self) -> RunLimits:
        """The limits before any step."""
        return self.stages[0][1]

    @property
    def last(self) -> RunLimits:
        """The limits at the end."""
        return self.stages[-1][1]

    @property
    def widest(self) -> RunLimits:
        """The largest value of each limit at any time: what the run never passes."""
        return RunLimits(
            **{
                item.name: max(getattr(limits, item.name) for _, limits in self.stages)
                for item in fields(RunLimits)
            }
        )

    def after(self, step: int) -> RunLimits:
        """Return the limits in force once a step is committed.

        Args:
            step: Its dispatch number; 0 for before any.

        Returns:
            The limits that decide what becomes of its proposals, and of what is sent then.
        """
        return next(limits for at, limits in reversed(self.stages) if at <= step)

    def plan(self, seeds: Sequence[Seed]) -> ExplorePlan:
        """Return the plan of a run with these limits, at its beginning."""
        changes = {at: self.plan_limits(at) for at, _ in self.stages}
        return ExplorePlan(seeds, changes.pop(0), changes)

    def model_after(self, step: int) -> ModelTerms:
        """Return the model that a step sent after the commit of another one may ask."""
        return next(model for at, model in reversed(self.models) if at <= step)

    def whole_after(self, step: int) -> Amount:
        """Return the most that the run may ask of a model, by the limits after a step."""
        limits = self.after(step)
        return Amount(limits.max_requests, limits.max_tokens, limits.max_cost)

    def most_for_answer(self, step: int) -> Amount:
        """Return the most that writing an answer can come to, over all attempts."""
        limits = self.after(step)
        if not self.writes:
            return NOTHING
        from docsearch_cli.explore.written_answer import MOST_REQUESTS, OUTPUT_TOKENS

        most_input = _ANSWER_INPUT_TOKENS + _QUOTED_TOKEN_BYTES * limits.answer_tokens
        request = most_of(most_input, OUTPUT_TOKENS, self.model_after(step).counted)
        return request * (limits.attempts * MOST_REQUESTS)

    def most_asked(self, agents: int) -> Amount:
        """Return the most that a run of so many agents can ask of a model, by its first limits."""
        asked = self.plan_limits(0).step_asked * agents + self.most_for_answer(0)
        whole = self.whole_after(0)
        return Amount(
            min(asked.requests, whole.requests),
            min(asked.tokens, whole.tokens),
            min(asked.micro_usd, whole.micro_usd),
        )

    def kept_for_answer(self, step: int) -> Amount:
        """Return what of the whole no step may ask: the answer's share."""
        most, whole = self.most_for_answer(step), self.whole_after(step)
        return Amount(
            min(most.requests, whole.requests // _ANSWER_SHARE),
            min(most.tokens, whole.tokens // _ANSWER_SHARE),
            min(most.micro_usd, whole.micro_usd // _ANSWER_SHARE),
        )

    def plan_limits(self, step: int) -> PlanLimits:
        """Return what a plan enforces from the commit of a step on."""
        limits, model = self.after(step), self.model_after(step)
        names = {item.name for item in fields(PlanLimits)} & {
            item.name for item in fields(RunLimits)
        }
        shared = {name: getattr(limits, name) for name in names}
        if not self.spending.requests or not model.name:
            return PlanLimits(**shared)
        request = most_of(
            self.spending.most_input_tokens(limits.reading_tokens, limits.proposals),
            self.spending.output_tokens,
            model.counted,
        )
        return PlanLimits(
            **shared,
            asked=self.whole_after(step) - self.kept_for_answer(step),
            request=request,
            step_asked=request * (limits.attempts * self.spending.requests),
            model=model.name,
        )


def schedule_of(trace: Trace) -> LimitSchedule:
    """Return the limits of a recorded run.

    Args:
        trace: The run.

    Returns:
        When which limits held.

    Raises:
        RunCorruptError: If the record's limits are not those that this version knows.
    """
    try:
        agent = AGENTS.get(trace.agent)
        return LimitSchedule.of(
            RunLimits.from_dict(trace.limits),
            Fork.of(trace.facts),
            ModelTerms.of(trace.facts.get("model")),
            agent.may_spend if agent is not None and agent.asks_model else NO_SPENDING,
            writes=trace.facts.get("answer") == "llm",
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise RunCorruptError("the run's limits are not those of this version") from error


def limits_at_dispatch(trace: Trace, step: int) -> RunLimits:
    """Return the limits under which a step was sent.

    Args:
        trace: The run.
        step: The step's dispatch number.

    Returns:
        The limits, as its view was made by them.

    Raises:
        RunCorruptError: If the record's limits are not those that this version knows.
    """
    return schedule_of(trace).after(_sent_after(trace, step))


def model_at_dispatch(trace: Trace, step: int) -> ModelTerms:
    """Return the model that a step might ask.

    Args:
        trace: The run.
        step: The step's dispatch number.

    Returns:
        Its name and price, as its requests were counted.

    Raises:
        RunCorruptError: If the record's limits are not those that this version knows.
    """
    return schedule_of(trace).model_after(_sent_after(trace, step))


def _sent_after(trace: Trace, step: int) -> int:
    last = max((commit.number or 0 for commit in trace.commits), default=0)
    return trace.sent_after.get(step, last)

"""Asks questions with known answers, and keeps of each result what is measured.

Each question is asked under every budget before the next one, so that what the budgets share is
computed once. The baseline is the plain keyword ranking, read from the top by somebody who opens
as many documents as the agents did. Where losses are asked for, that somebody has agents too: as
many as the search used open the next pages of that ranking, follow no edge, and what they read is
ranked and quoted as it is after a search.

Where a language model is asked, the local agent is asked the same beside it, and the questions end
where the next search might ask more of the model than is left for all of them.

A question whose search fails counts as one that found nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docsearch_cli.config import Setting, Settings
from docsearch_cli.errors import ModelError, RunFailedError
from docsearch_cli.evaluation.explorer import (
    LOCAL,
    UNLIMITED,
    Explorer,
    Purse,
    most_asked,
    paid_from,
)
from docsearch_cli.evaluation.losses import SEED_RANKS, Loss, answer_in_gold, find_losses
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.evaluation.search_trace import SearchTrace
from docsearch_cli.explore.findings import Findings
from docsearch_cli.explore.keyword_ranking import simple_ranking
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.run_limits import default_requests, default_window
from docsearch_cli.search.ask import PreparedQuestion, ask, prepare_question
from docsearch_cli.search.result import AskOptions, AskResult, budget, elapsed_ms
from docsearch_cli.steps import NOTHING, Amount, estimate_tokens

# Documents that a keyword search would put into a prompt, whole.
WHOLE_DOCUMENTS = 5
# Sections ranked at first; more are ranked where these are of too few documents.
_FIRST_SECTIONS = 400


@dataclass(frozen=True, slots=True)
class Prediction:
    """The result of one search."""

    id: str
    documents: tuple[str, ...]
    """The ranking, best first."""
    opened: tuple[str, ...]
    """Documents that agents opened, each once, in order; a part counts as its document."""
    agents_used: int
    tokens_read: int
    tokens_returned: int
    evidence_text: str
    ms: float
    found: bool
    """False if the search says that the documents have no answer."""
    failed: bool = False
    """True if every step failed: nothing was found, and nothing is said of the documents."""
    asked: Amount = NOTHING
    """What was asked of a model, a reply from the cache counted as if it had been sent for."""
    degraded: int = 0
    """Pages at which something stood in for the agent."""
    written: str | None = None
    """What a model wrote from the quotes; None if it was not asked to, or could not."""

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as one line of a predictions file."""
        asked = {
            "requests": self.asked.requests,
            "model_tokens": self.asked.tokens,
            "cost_usd": self.asked.micro_usd / 1_000_000,
            "degraded": self.degraded,
            "written": self.written,
        }
        return {
            "id": self.id,
            "documents": list(self.documents),
            "agents_used": self.agents_used,
            "tokens_read": self.tokens_read,
            "tokens_returned": self.tokens_returned,
            "evidence_text": self.evidence_text,
            "ms": self.ms,
            "found": self.found,
            "failed": self.failed,
            **(asked if self.asked.requests or self.written is not None else {}),
        }


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, its result under each budget, and the keyword ranking to compare with."""

    question: GoldQuestion
    predictions: tuple[Prediction, ...]
    """One a budget, in the order of the budgets."""
    keyword_documents: tuple[str, ...]
    """The plain ranking: as long as any budget's reading, if so many documents match."""
    whole_tokens: int
    """Tokens of its first five documents, whole."""
    losses: tuple[tuple[Loss, ...], ...] = ()
    """For each budget, where each gold document was lost; empty if that was not asked for."""
    readings: tuple[Prediction, ...] = ()
    """For each budget, what as many agents give that read the keyword ranking on; as empty."""
    answer_in_gold: bool | None = None
    """Whether a gold document holds the answer; None if there is none, or it was not asked for."""
    beside: tuple[Prediction, ...] = ()
    """The local agent's result under each budget, where another one was asked."""


def ask_questions(
    home: Path,
    index: IndexReader,
    questions: Sequence[GoldQuestion],
    settings: Settings,
    budgets: Sequence[int],
    *,
    conditions: Sequence[Condition] = (),
    with_losses: bool = False,
    explorer: Explorer = LOCAL,
    purse: Purse | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[AskedQuestion]:
    """Search for every question under every budget, in this process, without record or cache.

    Args:
        home: The ``.docsearch`` folder.
        index: The index to search.
        questions: What to search for.
        settings: How; the number of agents is replaced by each budget.
        budgets: Most agents of each search, ascending; 0 is the keyword search alone.
        conditions: What pages must have, whatever a question says itself.
        with_losses: Look where each gold document is lost, and read the keyword ranking as deep.
        explorer: Who explores. Beside one that is not local, the local agent is asked, too.
        purse: What all questions together may ask of a model; None for no limit.
        progress: Called with the number of questions done, and of all.

    Returns:
        One entry a question, in order; as many as the purse allows.

    Raises:
        ModelError: If a model refuses requests for good, or decided nothing of the first question.
    """
    options = search_options(settings, budgets, explorer)
    if explorer.asks_model:
        purse = purse if purse is not None else Purse(UNLIMITED)
        options = [paid_from(purse, option) for option in options]
    local = search_options(settings, budgets) if explorer.agent != LOCAL.agent else []
    asked: list[AskedQuestion] = []
    for question in questions:
        progress(len(asked), len(questions))
        item = _ask_question(
            home,
            index,
            question,
            options,
            local,
            conditions=conditions,
            with_losses=with_losses,
            purse=purse,
        )
        if item is None:
            break
        if not asked:
            _check_replies(item.predictions, explorer)
        asked.append(item)
    progress(len(asked), len(questions))
    return asked


def ask_question(
    home: Path,
    index: IndexReader,
    question: GoldQuestion,
    settings: Settings,
    budgets: Sequence[int],
    *,
    conditions: Sequence[Condition],
    with_losses: bool,
) -> AskedQuestion:
    """Let the local agent search for one question under every budget; see ``ask_questions``.

    Args:
        home: The ``.docsearch`` folder.
        index: The index to search.
        question: What to search for.
        settings: How.
        budgets: Most agents of each search.
        conditions: What pages must have.
        with_losses: Look where each gold document is lost.

    Returns:
        The question with what each search gave.
    """
    options = search_options(settings, budgets)
    asked = _ask_question(
        home, index, question, options, [], conditions=conditions, with_losses=with_losses
    )
    assert asked is not None  # only a purse ends the questions
    return asked


def _ask_question(
    home: Path,
    index: IndexReader,
    question: GoldQuestion,
    options: Sequence[AskOptions],
    local: Sequence[AskOptions],
    *,
    conditions: Sequence[Condition],
    with_losses: bool,
    purse: Purse | None = None,
) -> AskedQuestion | None:
    """Search for one question under every budget; None if the purse does not allow it."""
    started = time.perf_counter()
    synonyms = options[0].settings.synonyms
    prepared = prepare_question(index, question.question, conditions, listed=synonyms)
    desk = _Desk(home, index, question, prepared, elapsed_ms(started))
    searches = desk.ask_budgets(options, traced=with_losses, purse=purse)
    if len(searches) < len(options):
        return None
    beside = desk.ask_budgets(local, traced=False)
    found = tuple(item.prediction for item in searches)
    most = max(WHOLE_DOCUMENTS, *(len(item.opened) for item in found))
    if with_losses:
        most = max(most, SEED_RANKS, *(item.agents_used for item in found))
    ranking = _keyword_documents(prepared.scored, most)
    tokens = sum(_document_tokens(index, path) for path in ranking[:WHOLE_DOCUMENTS])
    item = AskedQuestion(question, found, ranking, tokens)
    item = replace(item, beside=tuple(search.prediction for search in beside))
    if not with_losses:
        return item
    losses = tuple(
        find_losses(index, question, search.result, search.trace, ranking) for search in searches
    )
    return replace(
        item,
        losses=losses,
        readings=desk.read_ranking(searches) if question.gold else found,
        answer_in_gold=answer_in_gold(index, question),
    )


def _check_replies(found: Sequence[Prediction], explorer: Explorer) -> None:
    """Refuse to go on where a model decided nothing: all that follows would be another's work."""
    used = sum(item.agents_used for item in found)
    if used and all(item.degraded == item.agents_used for item in found):
        raise ModelError(
            f"{explorer.model or 'the model'} decided at no page of the first question: something "
            "stood in at all of them",
            hint="docsearch doctor --model NAME says why",
        )


def search_options(
    settings: Settings, budgets: Sequence[int], explorer: Explorer = LOCAL
) -> list[AskOptions]:
    """Return how a question is asked under each budget."""
    return [_options(settings, budget, explorer) for budget in budgets]


def _options(
    settings: Settings, max_agents: int, explorer: Explorer = LOCAL, **limits: int
) -> AskOptions:
    values = {"max_agents": max_agents, **limits}
    if settings.limits["window"].origin == "default":
        values.setdefault("window", default_window(max_agents))
    if settings.limits["max_requests"].origin == "default":
        values.setdefault("max_requests", default_requests(max_agents))
    changed = {name: Setting(name, value, "eval", value) for name, value in values.items()}
    return AskOptions(
        settings=replace(settings, limits={**settings.limits, **changed}),
        mode="deep" if max_agents else "simple",
        engine="inline",
        agent=explorer.agent if max_agents else LOCAL.agent,
        model=explorer.model if max_agents else "",
        answer=explorer.answer if max_agents else "quotes",
        base_url=explorer.base_url,
        models=explorer.models,
        use_cache=explorer.use_cache,
        record=False,
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """One search of an evaluation."""

    options: AskOptions
    prediction: Prediction
    result: AskResult
    trace: SearchTrace
    """Empty if it was not asked for."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where one question is asked, any number of times."""

    home: Path
    index: IndexReader
    question: GoldQuestion
    prepared: PreparedQuestion
    prepared_ms: float
    """What preparing it took; every search is charged that."""

    def ask_budgets(
        self, options: Sequence[AskOptions], *, traced: bool, purse: Purse | None = None
    ) -> list[_Search]:
        """Ask under each budget, ascending, as long as the purse allows."""
        searches: list[_Search] = []
        is_spent = True
        for option in options:
            if purse is not None and not purse.allows(most_asked(option)):
                break
            if is_spent or option.settings["window"] != searches[-1].options.settings["window"]:
                searches.append(self._ask(option, traced=traced))
            else:  # the smaller budget was not used up: a larger one gives the same search
                searches.append(searches[-1])
            last = searches[-1].prediction
            is_spent = last.failed or last.agents_used >= option.settings["max_agents"]
            is_spent |= searches[-1].result.stop_reason == "budget"  # of requests, not of agents
        return searches

    def read_ranking(self, searches: Sequence[_Search]) -> tuple[Prediction, ...]:
        """Give as many agents as each search used to the keyword ranking instead.

        With as many seeds and steps in flight, all are sent before any result can end the search.
        """
        read: dict[int, Prediction] = {}
        for search in searches:
            agents = search.prediction.agents_used
            if agents not in read:
                limits = {"seeds": agents, "window": agents, "max_depth": 0} if agents else {}
                options = _options(search.options.settings, agents, LOCAL, **limits)
                read[agents] = self._ask(options, traced=False).prediction
        return tuple(read[search.prediction.agents_used] for search in searches)

    def _ask(self, options: AskOptions, *, traced: bool) -> _Search:
        started = time.perf_counter()
        trace = SearchTrace()
        has_failed = False
        try:
            result = ask(
                self.home,
                self.index,
                self.question.question,
                options,
                observer=trace if traced else None,
                prepared=self.prepared,
            )
        except RunFailedError as error:
            result, has_failed = _failed(self.question, options, error), True
        ms = round(self.prepared_ms + elapsed_ms(started), 3)
        prediction = _prediction(self.question, result, ms, failed=has_failed)
        return _Search(options, prediction, result, trace)


def _failed(question: GoldQuestion, options: AskOptions, error: RunFailedError) -> AskResult:
    """Return the result of a search that found nothing because its steps failed."""
    return AskResult(
        question=question.question,
        mode="deep",
        mode_reason="",
        run_id=None,
        findings=Findings((), (), "", (), 0, found=False, reason=error.message),
        steps=(),
        budget=budget(options.settings.run_limits()),
        stop_reason="failures",
        complete=False,
        limits_hit=(),
        notes=(),
    )


def _prediction(
    question: GoldQuestion, result: AskResult, ms: float, *, failed: bool
) -> Prediction:
    return Prediction(
        id=question.id,
        documents=tuple(item.path for item in result.findings.documents),
        opened=tuple(dict.fromkeys(step.path for step in result.steps)),
        agents_used=result.budget["agents_used"],
        tokens_read=result.budget["tokens_read"],
        tokens_returned=result.budget["tokens_returned"],
        evidence_text=" ".join(item.plain for item in result.findings.evidence),
        ms=ms,
        found=result.findings.found,
        failed=failed,
        asked=result.asked,
        degraded=len(result.degraded),
        written=result.written.text if result.written is not None else None,
    )


def _keyword_documents(scored: ScoredQuestion, most: int) -> tuple[str, ...]:
    """Return the first documents of the keyword ranking, however many sections each has."""
    sections = _FIRST_SECTIONS
    while True:
        ranking = simple_ranking(scored, most, sections=sections)
        if len(ranking) >= most or sections >= scored.index.keyword.section_count:
            # Scores that are equal as shown are ordered by path, as ``ask --simple`` does.
            ranking.sort(key=lambda item: (-item.score, item.path))
            return tuple(item.path for item in ranking)
        sections *= 4


def _document_tokens(index: IndexReader, path: str) -> int:
    """Return the number of tokens of all sections of a document."""
    nodes = index.nodes_of_document(path)
    sections = range(int(index.node_starts[nodes.start]), int(index.node_starts[nodes.stop]))
    return sum(estimate_tokens(index.texts[section]) for section in sections)

"""Asks questions with known answers, and keeps of each result what is measured.

Each question is asked under every budget before the next one, so that what the budgets share is
computed once. The baseline is the plain keyword ranking, read from the top by somebody who opens
as many documents as the agents did. Where losses are asked for, that somebody has agents too: as
many as the search used open the next pages of that ranking, follow no edge, and what they read is
ranked and quoted as it is after a search.

A question whose search fails counts as one that found nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docsearch_cli.config import Setting, Settings, default_window
from docsearch_cli.errors import RunFailedError
from docsearch_cli.evaluation.losses import SEED_RANKS, Loss, answer_in_gold, find_losses
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.evaluation.search_trace import SearchTrace
from docsearch_cli.explore.findings import Findings
from docsearch_cli.explore.keyword_ranking import simple_ranking
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.search.ask import PreparedQuestion, ask, prepare_question
from docsearch_cli.search.result import AskOptions, AskResult, budget, elapsed_ms
from docsearch_cli.steps import estimate_tokens

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

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as one line of a predictions file."""
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


def ask_questions(
    home: Path,
    index: IndexReader,
    questions: Sequence[GoldQuestion],
    settings: Settings,
    budgets: Sequence[int],
    *,
    conditions: Sequence[Condition] = (),
    with_losses: bool = False,
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
        progress: Called with the number of questions done, and of all.

    Returns:
        One entry a question, in order.
    """
    asked: list[AskedQuestion] = []
    for question in questions:
        progress(len(asked), len(questions))
        asked.append(
            ask_question(
                home,
                index,
                question,
                settings,
                budgets,
                conditions=conditions,
                with_losses=with_losses,
            )
        )
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
    """Search for one question under every budget; see ``ask_questions``.

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
    options = [_options(settings, budget) for budget in budgets]
    started = time.perf_counter()
    prepared = prepare_question(index, question.question, conditions, listed=settings.synonyms)
    desk = _Desk(home, index, question, prepared, elapsed_ms(started))
    searches = desk.ask_budgets(options, traced=with_losses)
    found = tuple(item.prediction for item in searches)
    most = max(WHOLE_DOCUMENTS, *(len(item.opened) for item in found))
    if with_losses:
        most = max(most, SEED_RANKS, *(item.agents_used for item in found))
    ranking = _keyword_documents(prepared.scored, most)
    tokens = sum(_document_tokens(index, path) for path in ranking[:WHOLE_DOCUMENTS])
    item = AskedQuestion(question, found, ranking, tokens)
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


def _options(settings: Settings, max_agents: int, **limits: int) -> AskOptions:
    values = {"max_agents": max_agents, **limits}
    if settings.limits["window"].origin == "default":
        values.setdefault("window", default_window(max_agents))
    changed = {name: Setting(name, value, "eval", value) for name, value in values.items()}
    return AskOptions(
        settings=replace(settings, limits={**settings.limits, **changed}),
        mode="deep" if max_agents else "simple",
        engine="inline",
        use_cache=False,
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

    def ask_budgets(self, options: Sequence[AskOptions], *, traced: bool) -> list[_Search]:
        """Ask under each budget, ascending."""
        searches: list[_Search] = []
        is_spent = True
        for option in options:
            if is_spent or option.settings["window"] != searches[-1].options.settings["window"]:
                searches.append(self._ask(option, traced=traced))
            else:  # the smaller budget was not used up: a larger one gives the same search
                searches.append(searches[-1])
            last = searches[-1].prediction
            is_spent = last.failed or last.agents_used >= option.settings["max_agents"]
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
                options = _options(search.options.settings, agents, **limits)
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

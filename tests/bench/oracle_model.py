"""A language model that knows the answer, to measure what an agent's protocol allows at best.

At each page it is shown, it names the sentences that hold the answer, asks for the section that
holds it, and opens every gold page whose edge it is shown. Where it is shown none, it does what the
local agent would. It knows nothing that a page does not show, but for what is gold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from docsearch_cli.evaluation.answers import holds, searchable_answers
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.explore.agents.llm import decide_by_model
from docsearch_cli.explore.agents.llm_prompt import (
    MOST_FOLLOWED,
    MOST_SECTIONS,
    MOST_SENTENCES,
    ShownPage,
)
from docsearch_cli.explore.agents.local import decide
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.scored_question import Terms
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.llm.accounting import Price
from docsearch_cli.llm.exchange import Asker, ModelReply, ModelRequest
from docsearch_cli.search.result import ModelSource

MODEL = "scripted:oracle"
# A small hosted model's, in micro-dollars for a million tokens.
PRICE = Price(150_000, 600_000)
# So many bytes are counted as a token.
_TOKEN_BYTES = 4
# Below 1, where more than one page is gold: one page alone must not end the search.
_PART_RELEVANCE = 0.9
# An answer may stand across so many sentences.
_MOST_TOGETHER = 3
_QUOTED_WITHOUT_ANSWER = 3
_MOST_PROMISE_ELSEWHERE = 0.5
# The agent's own scale, by which a promise is made to give the local agent's priority.
_OWN_SHARE = 0.5
_PROMISE_SHARE = 0.6

_SHOWN: ContextVar[list[ShownPage]] = ContextVar("shown")


@dataclass
class Oracle:
    """The model, and what it knows of the question that is asked now."""

    question: GoldQuestion | None = None
    _wanted: list[str] = field(default_factory=list)

    def about(self, question: GoldQuestion) -> None:
        """Tell it what is gold from now on."""
        self.question = question
        self._wanted = searchable_answers(question.answers)

    def source(self) -> ModelSource:
        """Return where a search finds it."""
        return ModelSource(lambda _: self, lambda _: PRICE)

    async def send(self, request: ModelRequest, timeout_s: float) -> ModelReply:
        """Reply to a request about the page that the step is at."""
        shown = _SHOWN.get()
        said = self.decide(shown[0])
        if said["action"] == "read_more":
            places = tuple(number - 1 for number in said["sections"])
            shown[0] = shown[0].with_sections(places, may_read_more=len(shown) < 2)
            shown.append(shown[0])  # so many times it has read on
        text = json.dumps(said)
        told = "".join(message.text for message in request.messages) + json.dumps(request.schema)
        return ModelReply(text, _tokens(told), _tokens(text), "oracle", "stop")

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    def decide(self, page: ShownPage) -> dict[str, Any]:
        """Return the best reply to what is shown."""
        assert self.question is not None
        gold = self.question.gold
        sentences: list[int] = []
        if page.view.path in gold:
            sentences = self._answering(page)
            unread = [place + 1 for place in page.unread if self._is_wanted(page, place)]
            if not sentences and unread:
                return _reply("read_more", sections=unread[:MOST_SECTIONS])
            sentences = sentences or _nearest(page)
        edges = _edges(page, gold)
        relevance = (_PART_RELEVANCE if len(gold) > 1 else 1.0) if sentences else 0.0
        action = "answer" if sentences else "expand" if edges else "dead_end"
        return _reply(action, relevance=relevance, sentences=sentences, edges=edges)

    def _is_wanted(self, page: ShownPage, place: int) -> bool:
        return bool(self._wanted) and holds(self._wanted, page.view.sections[place].text)

    def _answering(self, page: ShownPage) -> list[int]:
        """Return the numbers of the sentences that hold the answer."""
        texts = [page.sections[item.section].units[item.place].plain for item in page.sentences]
        for together in range(1, _MOST_TOGETHER + 1) if self._wanted else ():
            found: list[int] = []
            for start in range(len(texts) - together + 1):
                run = range(start, start + together)
                if holds(self._wanted, " ".join(texts[place] for place in run)):
                    found += [place + 1 for place in run]
            if found:
                return list(dict.fromkeys(found))[:MOST_SENTENCES]
        return []


def _nearest(page: ShownPage) -> list[int]:
    """Return the numbers of the sentences that hold most of the question."""
    terms = Terms(page.view.tokens, page.view.idf)
    shares = [terms.share(page.sections[s.section].held[s.place]) for s in page.sentences]
    order = sorted(range(len(shares)), key=lambda place: (-shares[place], place))
    return [place + 1 for place in order[:_QUOTED_WITHOUT_ANSWER]]


def _edges(page: ShownPage, gold: tuple[str, ...]) -> list[dict[str, float]]:
    """Return the edges that are followed: to gold, then those of the local agent."""
    view = page.view
    numbers = {view.edges[place].target: number for number, place in enumerate(page.edges, 1)}
    found: dict[int, float] = {}
    for number, place in enumerate(page.edges, 1):
        if view.edges[place].path in gold and view.edges[place].path != view.path:
            found[number] = 1.0
    for follow in decide(view).follow:
        if follow.target in numbers:
            score = view.edges[follow.edge].score
            promise = (follow.priority - _OWN_SHARE * score) / _PROMISE_SHARE
            promise = round(min(_MOST_PROMISE_ELSEWHERE, max(0.0, promise)), 3)
            found.setdefault(numbers[follow.target], promise)
    chosen = list(found.items())[:MOST_FOLLOWED]
    return [{"edge": number, "promise": promise} for number, promise in chosen]


def _reply(action: str, **fields: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"relevance": 0.0, "sentences": [], "edges": [], "sections": []}
    return {"action": action, **empty, **fields, "look_for": "", "reason": "it is so"}


def _tokens(text: str) -> int:
    return -(-len(text.encode()) // _TOKEN_BYTES)


async def _ask_shown(view: View, asker: Asker) -> Decision:
    """Decide by the model, which looks at the page itself and not at its text."""
    _SHOWN.set([ShownPage.first(view)])
    return await decide_by_model(view, asker)


@contextmanager
def shown_to_oracle() -> Iterator[None]:
    """Let the model see the views of the agent that asks it."""
    row = AGENTS["llm"]
    AGENTS["llm"] = replace(row, ask=_ask_shown)
    try:
        yield
    finally:
        AGENTS["llm"] = row

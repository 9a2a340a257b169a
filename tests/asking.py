"""A toy agent that asks a model, and a model that is a script and counts what it is sent."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from docsearch_cli.errors import ModelError
from docsearch_cli.explore.agents.table import AGENTS, Agent, Spending
from docsearch_cli.explore.view import Decision, Follow, View
from docsearch_cli.llm.accounting import Price
from docsearch_cli.llm.exchange import (
    Asker,
    Message,
    ModelBusyError,
    ModelReply,
    ModelRequest,
)
from docsearch_cli.search.result import ModelSource

MODEL = "scripted:one"
# A request of one edge's title is some hundred bytes; a token costs ten dollars in a million.
PRICE = Price(10_000_000, 20_000_000)
SCHEMA = {"type": "object"}
OUTPUT_TOKENS = 200


def request_of(view: View, *, more: bool = False) -> ModelRequest:
    """The request for a view: its path and the targets of its edges."""
    shown = {"node": view.node, "edges": [edge.target for edge in view.edges][:8], "more": more}
    messages = (Message("system", "decide"), Message("user", json.dumps(shown)))
    return ModelRequest(view.model, messages, SCHEMA, OUTPUT_TOKENS, "toy@1")


async def decide_by_asking(view: View, asker: Asker) -> Decision:
    """Follow the edges that the model names; ask a second time where it wants that."""
    said = json.loads((await asker.ask(request_of(view))).text)
    if said["more"]:
        said = json.loads((await asker.ask(request_of(view, more=True))).text)
    follow = tuple(
        Follow(view.edges[place].target, place, round(1 - place / 10, 2), "named")
        for place in said["follow"]
        if place < len(view.edges)
    )
    kind = "expand" if follow else "dead_end"
    return Decision(kind, said["score"], said["why"], view.covered, (), follow, 0)


TOY = Agent(
    "toy",
    "test.toy@1",
    None,
    "asks",
    fallback="edges",
    ask=decide_by_asking,
    may_spend=Spending(requests=2, input_tokens=1_000, output_tokens=OUTPUT_TOKENS),
)


@contextmanager
def toy_agent() -> Iterator[Agent]:
    """The toy agent in the table."""
    AGENTS[TOY.name] = TOY
    try:
        yield TOY
    finally:
        del AGENTS[TOY.name]


@dataclass
class ScriptedModel:
    """Replies by a hash of what it is asked, and counts all of it for itself."""

    seed: int = 0
    wait_s: float = 0.0
    faults: float = 0.0
    """Share of requests that come to nothing, or are answered oddly."""
    lies: float = 0.0
    """Share of replies whose usage is no usage."""
    refuses: str = ""
    """The message of a refusal for good."""
    sent: list[ModelRequest] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    closed: bool = False
    times: Counter[tuple[Message, ...]] = field(default_factory=Counter)
    """How often each request was sent: what comes of it follows from that and from the request."""

    def source(self, price: Price | None = PRICE) -> ModelSource:
        """Where a search finds it."""
        return ModelSource(lambda _: self, lambda _: price)

    async def send(self, request: ModelRequest, timeout_s: float) -> ModelReply:
        self.sent.append(request)
        self.times[request.messages] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.wait_s * random.random())
            return self._reply(request)
        finally:
            self.in_flight -= 1

    def _reply(self, request: ModelRequest) -> ModelReply:
        if self.refuses:
            raise ModelError(self.refuses, hint="look at the key")
        draw = random.Random(f"{self.seed}{request.messages}{self.times[request.messages]}")
        if draw.random() < self.faults:
            kind = draw.choice(["429", "500", "reset"])
            if kind == "reset":
                self.input_tokens += request.most_input_tokens
                self.output_tokens += request.max_output_tokens
            raise ModelBusyError(kind, retry_after_s=0.001, may_be_billed=kind == "reset")
        digest = hashlib.sha256(f"{self.seed}{request.model}{request.messages}".encode()).digest()
        if request.prompt.startswith("answer@"):
            self.input_tokens += request.most_input_tokens // 3
            self.output_tokens += 30
            said = {"found": True, "sentences": [{"text": "It is so.", "evidence": [1]}]}
            return ModelReply(json.dumps(said), request.most_input_tokens // 3, 30, "m-1", "stop")
        is_first = '"more": false' in request.messages[1].text
        said = {
            "follow": sorted({digest[0] % 8, digest[1] % 8}),
            "score": digest[2] / 1000,
            "why": digest.hex()[:6],
            "more": bool(is_first and digest[3] % 3 == 0),
        }
        text = json.dumps(said)
        used = request.most_input_tokens // 3, min(len(text) // 3, request.max_output_tokens)
        self.input_tokens += used[0]
        self.output_tokens += used[1]
        reply = ModelReply(text, *used, "m-1", "stop")
        if draw.random() < self.lies:
            odd = draw.choice([(None, None), (-5, 3), (0, 0), (10**9, 10**9), (3, -1)])
            return replace(reply, input_tokens=odd[0], output_tokens=odd[1])
        return reply

    async def close(self) -> None:
        self.closed = True

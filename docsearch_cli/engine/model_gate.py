"""How the steps of a run reach a model: within their grants, written down, and not for ever.

    step --ask--> fits the grant? --> known? --> circuit closed? --> journal --> client --> journal
                   no: declined        |          no: declined                      |
                                       `-- cache, or this run before it was killed  `-- reply, error

A grant is what the plan reserved for a step when it was sent. What a request may come to is taken
off before it is sent, and what it did not come to is given back; so no number of steps in flight
passes a limit, and none waits for another's account.
"""

from __future__ import annotations

import json
import time
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.engine.exchanges import Exchange, Journal, reply_key, total_of
from docsearch_cli.engine.protocol import StepCall
from docsearch_cli.llm.accounting import (
    FREE,
    Price,
    charge,
    encode_reply,
    encode_request,
    fit_to,
    read_reply,
    reserve,
)
from docsearch_cli.llm.exchange import ModelBusyError, ModelClient, ModelReply, ModelRequest
from docsearch_cli.steps import NOTHING, Amount, StepDeclinedError

# After so many requests in a row that came to nothing, over all steps, no more are sent.
MOST_FAILURES_IN_A_ROW = 5


class ModelDownError(StepDeclinedError):
    """The model has not answered for so long that it is asked no more in this run."""


@dataclass(slots=True)
class ModelGate:
    """What all steps of a run share when they ask.

    A client lives as long as its event loop: ``close`` must be awaited in it.
    """

    make_client: Callable[[str], ModelClient]
    """Returns the client of a model, by its name."""
    prices: Mapping[str, Price]
    """By model; one that is missing costs nothing that is known."""
    journal: Journal
    cache: ByteCache | None = None
    """Replies of earlier runs; None for none."""
    failures: int = 0
    """Requests in a row that came to nothing."""
    _clients: dict[str, ModelClient] = field(default_factory=dict)

    def client_of(self, model: str) -> ModelClient:
        """Return the one client of a model."""
        if model not in self._clients:
            self._clients[model] = self.make_client(model)
        return self._clients[model]

    def cached_reply(self, request: bytes) -> bytes | None:
        """Return the cached reply to a request, if it is one."""
        found = self.cache.get(reply_key(request)) if self.cache is not None else None
        return found if found is not None and _is_reply(found) else None

    def check_circuit(self) -> None:
        """Refuse to send another request where none is answered any more.

        Raises:
            ModelDownError: If the last ones came to nothing.
        """
        if self.failures >= MOST_FAILURES_IN_A_ROW:
            raise ModelDownError(f"the last {self.failures} requests to the model came to nothing")

    async def close(self) -> None:
        """Close every client."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.close()


class StepAsker:
    """Asks for one attempt of a step.

    Args:
        gate: What it shares with other steps.
        call: The attempt.
    """

    def __init__(self, gate: ModelGate, call: StepCall) -> None:
        self.exchanges: list[Exchange] = []
        """Those of this attempt, in order."""
        self._gate = gate
        self._call = call
        self._before = total_of(call.exchanges)
        self._until = time.monotonic() + call.timeout_s
        # A later attempt asks anew: the replies that it has seen led to nothing.
        before = call.exchanges if call.attempt == 1 else ()
        self._known = {item.request: item.reply for item in before if item.reply is not None}

    @property
    def _left(self) -> Amount:
        return self._call.grant - self._before - total_of(self.exchanges)

    async def ask(self, request: ModelRequest) -> ModelReply:
        """Send a request and return the reply; its output is cut at what is left to pay for it.

        Args:
            request: What to ask.

        Returns:
            The reply, of the model or of an equal request.

        Raises:
            TransientStepError: If it may work when tried again.
            StepDeclinedError: If no request may be sent any more.
            ModelError: If the provider refuses it for good.
        """
        gate = self._gate
        price = gate.prices.get(request.model, FREE)
        known = self._recall(request)
        if known is not None:
            return known
        bounded = fit_to(request, self._left, price)
        reserved = reserve(bounded, price)
        exchange = Exchange(
            attempt=self._call.attempt,
            request=encode_request(bounded),
            reserved=reserved,
            charged=reserved,
        )
        cached = gate.cached_reply(exchange.request)
        if cached is not None:
            reply = read_reply(json.loads(cached))
            self._begin(replace(exchange, origin="cache"))
            return self._end(reply, charge(bounded, reply, price))
        gate.check_circuit()
        client = gate.client_of(request.model)
        self._begin(exchange)
        try:
            reply = await client.send(bounded, max(0.0, self._until - time.monotonic()))
        except ModelBusyError as error:
            gate.failures += 1
            charged = reserved if error.may_be_billed else Amount(requests=1)
            self._note(error=f"{type(error).__name__}: {error}", charged=charged)
            raise
        except CancelledError:  # it took too long
            gate.failures += 1
            raise
        gate.failures = 0
        return self._end(reply, charge(bounded, reply, price))

    def _recall(self, request: ModelRequest) -> ModelReply | None:
        """Return the reply that this step got to the same request before the run was killed."""
        for data in self._known:
            cap = json.loads(data)["max_output_tokens"]
            if encode_request(replace(request, max_output_tokens=cap)) == data:
                reply = read_reply(json.loads(self._known.pop(data) or b""))
                self._begin(Exchange(self._call.attempt, data, NOTHING, NOTHING, "resume"))
                return self._end(reply, NOTHING)
        return None

    def _begin(self, exchange: Exchange) -> None:
        number = self._gate.journal.asked(self._call.number, exchange)
        self.exchanges.append(replace(exchange, number=number))

    def _end(self, reply: ModelReply, charged: Amount) -> ModelReply:
        self._note(reply=encode_reply(reply), charged=charged)
        return reply

    def _note(self, *, charged: Amount, reply: bytes | None = None, error: str = "") -> None:
        ended = replace(self.exchanges[-1], charged=charged, reply=reply, error=error)
        self.exchanges[-1] = ended
        self._gate.journal.replied(self._call.number, ended)


def _is_reply(data: bytes) -> bool:
    try:
        read_reply(json.loads(data))
    except (ValueError, TypeError):
        return False
    return True

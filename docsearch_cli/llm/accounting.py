"""What a request to a model may cost, and what it did cost, in whole numbers.

The most is known before a request is sent: a token is at least a byte of the request, and the reply
is cut at its cap. What a request is charged never exceeds that, whatever the provider reports, so a
budget out of which the most was reserved is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from docsearch_cli.llm.exchange import Message, ModelReply, ModelRequest
from docsearch_cli.steps import Amount, BudgetSpentError, canonical_json

_PER = 1_000_000
# A reply that is cut shorter than this is no decision, and is paid for all the same.
_LEAST_OUTPUT_TOKENS = 100


class Price(NamedTuple):
    """Micro-dollars for a million tokens."""

    per_million_input: int
    per_million_output: int

    def cost(self, input_tokens: int, output_tokens: int) -> int:
        """Return what a request costs, in micro-dollars, rounded up."""
        total = self.per_million_input * input_tokens + self.per_million_output * output_tokens
        return -(-total // _PER)


FREE = Price(0, 0)


def most_of(input_tokens: int, output_tokens: int, price: Price) -> Amount:
    """Return what one request with so many tokens comes to."""
    return Amount(1, input_tokens + output_tokens, price.cost(max(0, input_tokens), output_tokens))


def reserve(request: ModelRequest, price: Price) -> Amount:
    """Return the most that a request can come to."""
    return most_of(request.most_input_tokens, request.max_output_tokens, price)


def fit_to(request: ModelRequest, left: Amount, price: Price) -> ModelRequest:
    """Return a request whose reply is cut at what is left to pay for it.

    Args:
        request: As it is to be asked.
        left: What may still be asked of the model.
        price: The model's.

    Returns:
        The request, which fits what is left.

    Raises:
        BudgetSpentError: If what is left pays for no useful reply.
    """
    most_input = request.most_input_tokens
    output = min(request.max_output_tokens, left.tokens - most_input)
    if price.per_million_output:
        money = left.micro_usd * _PER - most_input * price.per_million_input
        output = min(output, money // price.per_million_output)
    bounded = replace(request, max_output_tokens=output)
    is_useful = output >= min(request.max_output_tokens, _LEAST_OUTPUT_TOKENS)
    if not is_useful or not reserve(bounded, price).fits(left):
        raise BudgetSpentError(
            f"a request of up to {most_input:,} tokens does not fit what is left for the step: "
            f"{left.requests:,} requests, {left.tokens:,} tokens, {left.micro_usd:,} millionths "
            "of a dollar"
        )
    return bounded


def charge(request: ModelRequest, reply: ModelReply, price: Price) -> Amount:
    """Return what a reply comes to.

    Args:
        request: As it was sent.
        reply: What came.
        price: The model's.

    Returns:
        What the provider reports, each part no more than was reserved for it. A reply without a
        report that can be true comes to all that was reserved.
    """
    sent, received = reply.input_tokens, reply.output_tokens
    if sent is None or received is None or sent < 1 or received < 0:
        return reserve(request, price)
    return most_of(
        min(sent, request.most_input_tokens), min(received, request.max_output_tokens), price
    )


def encode_request(request: ModelRequest) -> bytes:
    """Return the one spelling of a request, as it is recorded and as its reply is cached under."""
    return canonical_json(request.to_dict())


def read_request(data: Mapping[str, Any]) -> ModelRequest:
    """Return the request that ``ModelRequest.to_dict`` made; raises KeyError or TypeError."""
    messages = tuple(Message(item["role"], item["text"]) for item in data["messages"])
    return ModelRequest(**{**data, "messages": messages})


def encode_reply(reply: ModelReply) -> bytes:
    """Return the one spelling of a reply, as it is recorded and cached."""
    fields = ("text", "input_tokens", "output_tokens", "model", "finish_reason")
    return canonical_json({name: getattr(reply, name) for name in fields})


def read_reply(data: Mapping[str, Any]) -> ModelReply:
    """Return the reply that ``encode_reply`` made; raises TypeError if it is none."""
    reply = ModelReply(**data)
    texts = (reply.text, reply.model, reply.finish_reason)
    numbers = (reply.input_tokens, reply.output_tokens)
    if not all(type(text) is str for text in texts) or not all(
        number is None or type(number) is int for number in numbers
    ):
        raise TypeError("a reply has texts and whole numbers")
    return reply

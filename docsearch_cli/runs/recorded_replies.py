"""Deciding a step again from what a model replied then: no network, no key, nothing to pay."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.step_functions import StepDefinition
from docsearch_cli.llm.accounting import encode_request, read_reply
from docsearch_cli.llm.exchange import ModelReply, ModelRequest
from docsearch_cli.runs.step_row import ExchangeRow, StepRow
from docsearch_cli.runs.store import RunStore
from docsearch_cli.steps import BudgetSpentError, TransientStepError


class OtherRequestError(Exception):
    """A step asks something else now than its record has a reply to."""


class RecordedAsker:
    """Gives a step the replies that its record has, in order.

    Args:
        store: The run's record.
        exchanges: What the step asked then.
    """

    def __init__(self, store: RunStore, exchanges: Sequence[ExchangeRow]) -> None:
        self._store = store
        self._left = list(exchanges)

    @property
    def is_used_up(self) -> bool:
        """Whether all was asked again."""
        return not self._left

    async def ask(self, request: ModelRequest) -> ModelReply:
        """Return the reply to a request that was made then.

        Args:
            request: What is asked now.

        Returns:
            The recorded reply.

        Raises:
            TransientStepError: If none came then.
            BudgetSpentError: If no other request was made then: none fitted.
            OtherRequestError: If another one was made.
        """
        if not self._left:
            raise BudgetSpentError("the step asked no more than this when it was recorded")
        exchange = self._left.pop(0)
        data = self._store.blob(exchange.input)
        # How long its reply might be was cut to what was left to pay for it.
        cap = json.loads(data)["max_output_tokens"]
        if cap > request.max_output_tokens or data != encode_request(
            replace(request, max_output_tokens=cap)
        ):
            raise OtherRequestError(f"request {exchange.number} of the run was another one")
        if exchange.output is None:
            _, _, message = exchange.error.partition(": ")
            raise TransientStepError(message or "the run was ended before a reply came")
        return read_reply(json.loads(self._store.blob(exchange.output)))


def run_recorded(store: RunStore, row: StepRow, definition: StepDefinition, value: Any) -> Any:
    """Run a recorded step's function again, on the replies that it got.

    Args:
        store: The run's record.
        row: The step.
        definition: Its function.
        value: Its input.

    Returns:
        What it gives now.

    Raises:
        OtherRequestError: If it asks something else than was recorded.
        RunCorruptError: If a recorded reply is damaged.
    """
    if definition.ask is None:
        return definition.call(value)
    asker = RecordedAsker(store, row.last_exchanges)
    output = _finish(definition.ask(value, asker))
    if not asker.is_used_up:
        raise OtherRequestError("it asks less than was recorded")
    return output


def _finish(waiting: Awaitable[Any]) -> Any:
    """Return what an async function gives that never has to wait."""
    steps = waiting.__await__()
    try:
        next(steps)
    except StopIteration as ended:
        return ended.value
    raise RunCorruptError("the step waits for something else than a reply")

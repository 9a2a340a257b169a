"""Who explores in an evaluation, and what all its questions together may ask of a model.

An evaluation asks hundreds of questions, each under several budgets. A search is begun only if the
most that it may ask fits what is left for all of them, so no search is cut short by the others and
the whole stays within its limits: what was measured is what a question gets that is asked alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from docsearch_cli.config import DEFAULT_AGENT
from docsearch_cli.errors import ModelError
from docsearch_cli.explore.agents.table import find_agent
from docsearch_cli.llm.accounting import FREE, Price, charge, reserve
from docsearch_cli.llm.exchange import ModelBusyError, ModelClient, ModelReply, ModelRequest
from docsearch_cli.runs.limits import LimitSchedule
from docsearch_cli.search.models import asks_model, model_terms, source_of
from docsearch_cli.search.result import AskOptions, ModelSource
from docsearch_cli.steps import NOTHING, Amount


@dataclass(frozen=True, slots=True)
class Explorer:
    """Who explores, and who writes the answer."""

    agent: str = DEFAULT_AGENT
    """A name in ``explore/agents/table.py``."""
    model: str = ""
    answer: Literal["quotes", "llm"] = "quotes"
    base_url: str | None = None
    models: ModelSource | None = None
    """Where models come from; None for the providers that are known."""
    use_cache: bool = False
    """Whether an equal request gets the reply that it got before."""

    @property
    def asks_model(self) -> bool:
        """Whether a language model is asked: at each page, or for the answer."""
        return self.answer == "llm" or find_agent(self.agent).asks_model


LOCAL = Explorer()


@dataclass(slots=True)
class Purse:
    """What an evaluation may ask of a model in all, and what it has asked."""

    most: Amount
    spent: Amount = NOTHING
    """As it is charged: a request without a reply counts as all that it may have cost, and a reply
    from the cache as nothing."""
    is_empty: bool = False
    """True once a search was not begun because it might have asked more than was left."""

    def allows(self, bound: Amount) -> bool:
        """Tell whether a search may be begun, by the most that it may ask."""
        if not bound.fits(self.most - self.spent):
            self.is_empty = True
        return not self.is_empty


UNLIMITED = Amount(10**18, 10**18, 10**18)


@dataclass(slots=True)
class _PayingClient:
    """A client that takes what each request comes to out of a purse."""

    inner: ModelClient
    price: Price
    purse: Purse

    async def send(self, request: ModelRequest, timeout_s: float) -> ModelReply:
        """Send a request; what it may cost is taken before, what it did not cost put back."""
        most = reserve(request, self.price)
        self.purse.spent += most
        try:
            reply = await self.inner.send(request, timeout_s)
        except ModelBusyError as error:
            if not error.may_be_billed:
                self.purse.spent += Amount(requests=1) - most
            raise
        except ModelError:  # it was refused: nothing was made of it
            self.purse.spent += Amount(requests=1) - most
            raise
        self.purse.spent += charge(request, reply, self.price) - most
        return reply

    async def close(self) -> None:
        """Close its connections."""
        await self.inner.close()


def paid_from(purse: Purse, options: AskOptions) -> AskOptions:
    """Return the options of a search whose requests are paid for out of a purse.

    Args:
        purse: Of the whole evaluation.
        options: How to search.

    Returns:
        The same, with another source of models.
    """
    source = source_of(options)

    def make_client(name: str) -> ModelClient:
        return _PayingClient(source.make_client(name), source.price_of(name) or FREE, purse)

    return replace(options, models=ModelSource(make_client, source.price_of))


def most_asked(options: AskOptions) -> Amount:
    """Return the most that a search may ask of a model.

    Args:
        options: How to search.

    Returns:
        The bound that its own limits give; nothing for a search that asks none.

    Raises:
        UsageError: If no model is named, or its cost is limited and not known.
    """
    agent = find_agent(options.agent)
    if options.mode == "simple" or not asks_model(agent, options):
        return NOTHING
    settings = options.settings.for_agent(asks_model=True, steps_ask=agent.asks_model)
    limits, terms = settings.run_limits(), model_terms(agent, options)
    writes = options.answer == "llm"
    schedule = LimitSchedule.of(limits, None, terms, agent.may_spend, writes=writes)
    return schedule.most_asked(limits.max_agents)

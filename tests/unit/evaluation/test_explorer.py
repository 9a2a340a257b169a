"""What an evaluation may ask of a model in all."""

import asyncio

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.evaluation.asking import search_options
from docsearch_cli.evaluation.explorer import LOCAL, Explorer, Purse, most_asked, paid_from
from docsearch_cli.llm.accounting import Price, reserve
from docsearch_cli.llm.exchange import (
    Message,
    ModelBusyError,
    ModelRefusedError,
    ModelReply,
    ModelRequest,
)
from docsearch_cli.search.result import ModelSource
from docsearch_cli.steps import NOTHING, Amount

PRICE = Price(1_000_000, 2_000_000)
REQUEST = ModelRequest("scripted:one", (Message("user", "hello"),), {}, 50, "toy@1")


class Client:
    """Gives a reply, or an error; notes what was taken from the purse while it was asked."""

    def __init__(self, outcome, purse):
        self.outcome, self.purse = outcome, purse
        self.taken = NOTHING
        self.closed = False

    async def send(self, request, timeout_s):
        self.taken = self.purse.spent
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def close(self):
        self.closed = True


def explorer_of(client):
    source = ModelSource(lambda _: client, lambda _: PRICE)
    return Explorer("llm", "scripted:one", models=source)


def send(outcome):
    purse = Purse(Amount(10, 10_000, 10_000))
    client = Client(outcome, purse)
    (options,) = search_options(load_settings({}), [5], explorer_of(client))

    async def ask():
        paying = paid_from(purse, options).models.make_client("scripted:one")
        try:
            await paying.send(REQUEST, 1.0)
        finally:
            await paying.close()

    try:
        asyncio.run(ask())
    except (ModelBusyError, ModelRefusedError) as error:
        assert error is outcome
    assert client.closed
    return client, purse.spent


def test_the_most_is_taken_before_and_what_it_did_not_cost_put_back():
    client, spent = send(ModelReply("{}", 7, 3, "m", "stop"))

    assert client.taken == reserve(REQUEST, PRICE)
    assert spent == Amount(1, 10, 13)


@pytest.mark.parametrize(
    ("error", "is_paid"),
    [
        (ModelBusyError("429"), False),
        (ModelBusyError("lost", may_be_billed=True), True),
        (ModelRefusedError("no", reason="key"), False),
    ],
)
def test_a_request_without_a_reply_costs_what_it_may_have_cost(error, is_paid):
    _, spent = send(error)

    assert spent == (reserve(REQUEST, PRICE) if is_paid else Amount(requests=1))


def test_a_purse_that_refused_once_refuses_for_good():
    purse = Purse(Amount(10, 10, 10), Amount(5, 5, 5))

    assert purse.allows(Amount(5, 5, 5))
    assert not purse.allows(Amount(6, 0, 0))
    assert purse.is_empty
    assert not purse.allows(NOTHING)


def test_the_bound_of_a_search_follows_its_agents_and_its_own_limits():
    client = Client(None, Purse(NOTHING))
    settings = load_settings({"max_requests": 9})
    some = search_options(load_settings({}), [0, 5, 10], explorer_of(client))
    few = search_options(settings, [5, 10], explorer_of(client))

    assert [most_asked(options).requests for options in some] == [0, 20, 40]
    assert [most_asked(options).requests for options in few] == [9, 9]
    assert most_asked(search_options(settings, [5], LOCAL)[0]) == NOTHING

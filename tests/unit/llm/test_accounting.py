"""What a request may cost is never less than what it is charged, whatever the provider reports."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.llm.accounting import (
    FREE,
    Price,
    charge,
    encode_reply,
    encode_request,
    fit_to,
    read_reply,
    read_request,
    reserve,
)
from docsearch_cli.llm.exchange import Message, ModelReply, ModelRequest
from docsearch_cli.steps import Amount, BudgetSpentError

PRICE = Price(150_000, 600_000)
REQUEST = ModelRequest("p:m", (Message("user", "what?"),), {"type": "object"}, 500, "toy@1")
REPLY = ModelReply("{}", 50, 20, "m-1", "stop")
PLENTY = Amount(10, 100_000, 10_000_000)


def test_a_cost_is_rounded_up_to_a_millionth_of_a_dollar():
    assert PRICE.cost(1, 0) == 1
    assert PRICE.cost(1_000_000, 1_000_000) == 750_000
    assert PRICE.cost(0, 0) == 0


def test_the_most_of_a_request_is_its_bytes_and_its_cap():
    most = REQUEST.most_input_tokens

    assert reserve(REQUEST, PRICE) == Amount(1, most + 500, PRICE.cost(most, 500))
    assert reserve(REQUEST, FREE) == Amount(1, most + 500, 0)


def test_what_a_reply_reports_is_charged():
    assert charge(REQUEST, REPLY, PRICE) == Amount(1, 70, PRICE.cost(50, 20))


@pytest.mark.parametrize("usage", [(None, None), (None, 3), (3, None), (-1, 3), (0, 3), (3, -1)])
def test_a_reply_without_a_report_that_can_be_true_costs_all_that_was_reserved(usage):
    reply = replace(REPLY, input_tokens=usage[0], output_tokens=usage[1])

    assert charge(REQUEST, reply, PRICE) == reserve(REQUEST, PRICE)


counts = st.none() | st.integers(-(10**12), 10**12)


@given(counts, counts, st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**6))
def test_no_report_is_charged_more_than_was_reserved(sent, received, a, b, cap):
    request = replace(REQUEST, max_output_tokens=cap)
    reply = replace(REPLY, input_tokens=sent, output_tokens=received)
    price = Price(a, b)

    assert charge(request, reply, price).fits(reserve(request, price))


def test_a_request_that_fits_stays_as_it_is():
    assert fit_to(REQUEST, PLENTY, PRICE) == REQUEST
    assert fit_to(REQUEST, replace(PLENTY, micro_usd=0), FREE) == REQUEST


@given(st.integers(0, 3), st.integers(0, 2_000), st.integers(0, 1_000), st.integers(0, 10**7))
def test_a_reply_is_cut_at_what_is_left_or_not_asked_for(requests, tokens, money, price):
    left = Amount(requests, tokens, money)
    prices = Price(price, 2 * price)
    try:
        fitted = fit_to(REQUEST, left, prices)
    except BudgetSpentError:
        least = replace(REQUEST, max_output_tokens=100)
        assert not reserve(least, prices).fits(left)
    else:
        assert reserve(fitted, prices).fits(left)
        assert 100 <= fitted.max_output_tokens <= 500


def test_a_short_reply_may_be_asked_for_with_little_left():
    short = replace(REQUEST, max_output_tokens=7)
    left = reserve(short, PRICE)

    assert fit_to(short, left, PRICE) == short
    with pytest.raises(BudgetSpentError, match="does not fit what is left"):
        fit_to(short, left - Amount(tokens=1), PRICE)


def test_requests_and_replies_survive_the_record():
    import json

    assert read_request(json.loads(encode_request(REQUEST))) == REQUEST
    assert read_reply(json.loads(encode_reply(REPLY))) == REPLY


@pytest.mark.parametrize(
    "change", [{"text": 1}, {"input_tokens": "7"}, {"output_tokens": True}, {"more": 1}]
)
def test_what_is_no_reply_is_refused(change):
    import json

    data = {**json.loads(encode_reply(REPLY)), **change}
    with pytest.raises(TypeError):
        read_reply(data)

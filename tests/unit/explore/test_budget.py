import pytest

from docsearch_cli.explore.budget import Ledger, OverdrawnError
from docsearch_cli.steps import NOTHING, Amount


def test_what_a_step_did_not_use_is_given_back():
    ledger = Ledger()
    ledger.reserve(1, 100)
    assert not ledger.allows(100, max_agents=5, max_tokens=150)
    ledger.settle(1, 30)

    assert ledger.tokens == 30
    assert ledger.allows(100, max_agents=5, max_tokens=150)


def test_a_step_that_failed_costs_its_agent_and_no_tokens():
    ledger = Ledger()
    ledger.reserve(1, 100)
    ledger.settle(1, 0)

    assert (ledger.agents, ledger.tokens) == (1, 0)
    assert not ledger.allows(1, max_agents=1, max_tokens=150)


@pytest.mark.parametrize("tokens", [101, -1])
def test_a_step_that_cost_more_than_was_reserved_is_refused(tokens):
    ledger = Ledger()
    ledger.reserve(1, 100)

    with pytest.raises(OverdrawnError):
        ledger.settle(1, tokens)


def test_a_step_fits_that_uses_the_budget_up():
    ledger = Ledger()
    ledger.reserve(1, 60)

    assert ledger.allows(40, max_agents=2, max_tokens=100)
    assert not ledger.allows(41, max_agents=2, max_tokens=100)
    assert not ledger.allows(40, max_agents=1, max_tokens=100)


@pytest.mark.parametrize("tokens", [0, 60])
def test_a_step_may_cost_nothing_or_all_that_was_reserved(tokens):
    ledger = Ledger()
    ledger.reserve(1, 60)
    ledger.reserve(2, 30)
    ledger.settle(1, tokens)

    assert (ledger.agents, ledger.tokens) == (2, tokens + 30)


ONE = Amount(1, 100, 10)
ALL_TRIES = Amount(6, 600, 60)
WHOLE = Amount(20, 1_000, 1_000)


def test_a_step_gets_an_equal_part_of_what_is_left():
    assert Ledger().grant(ONE, ALL_TRIES, WHOLE, 4) == Amount(5, 250, 60)


def test_no_step_gets_more_than_all_its_attempts_can_use():
    assert Ledger().grant(ONE, ALL_TRIES, WHOLE, 1) == ALL_TRIES


def test_a_step_gets_what_one_request_takes_however_many_others_there_are():
    assert Ledger().grant(ONE, ALL_TRIES, WHOLE, 500) == ONE


@pytest.mark.parametrize("short", [Amount(0, 100, 10), Amount(1, 99, 10), Amount(1, 100, 9)])
def test_without_room_for_one_request_no_step_is_sent(short):
    assert Ledger().grant(ONE, ALL_TRIES, short, 4) is None
    assert Ledger().grant(ONE, ALL_TRIES, ONE, 4) == ONE


def test_what_steps_in_flight_may_ask_is_not_given_again():
    ledger = Ledger()
    ledger.reserve(1, 0, Amount(19, 900, 900))
    assert ledger.grant(ONE, ALL_TRIES, WHOLE, 1) == ONE + Amount(0, 0, 50)
    ledger.settle(1, 0, Amount(2, 300, 30))

    assert ledger.asked == Amount(2, 300, 30)
    assert ledger.grant(ONE, ALL_TRIES, WHOLE, 1) == ALL_TRIES


@pytest.mark.parametrize(
    "asked", [Amount(3, 0, 0), Amount(0, 51, 0), Amount(0, 0, 6), Amount(0, -1, 0)]
)
def test_a_step_that_asked_more_than_it_might_is_refused(asked):
    ledger = Ledger()
    ledger.reserve(1, 0, Amount(2, 50, 5))

    with pytest.raises(OverdrawnError, match="of a model"):
        ledger.settle(1, 0, asked)


def test_an_agent_that_asks_nothing_needs_nothing():
    assert Ledger().grant(NOTHING, NOTHING, NOTHING, 8) == NOTHING

import pytest

from docsearch_cli.explore.budget import Ledger, OverdrawnError


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

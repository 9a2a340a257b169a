import sys

import pytest

from docsearch_cli.errors import ConfigError
from docsearch_cli.llm.prices import Price, own_prices, price_of
from tests.support import needs


def test_a_known_model_has_a_price_in_micro_dollars():
    needs("genai_prices")

    assert price_of("openai:gpt-4o-mini") == Price(150_000, 600_000)


@pytest.mark.parametrize("model", ["openai:no-such-model", "nobody:gpt-4o-mini", "gpt", "", ":"])
def test_an_unknown_model_has_none(model):
    assert price_of(model) is None


def test_without_the_list_no_price_is_known(monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices", None)

    assert price_of("openai:gpt-4o-mini") is None


def test_a_price_of_ones_own_comes_first():
    own = own_prices({"openai:gpt-4o-mini": {"input": 1, "output": 2.5}}, "config.toml")

    assert price_of("openai:gpt-4o-mini", own) == Price(1_000_000, 2_500_000)


@pytest.mark.parametrize(
    "value",
    [3, "0.1", {}, {"input": 1}, {"input": 1, "output": "2"}, {"input": True, "output": 1},
     {"input": -1, "output": 1}, {"input": float("nan"), "output": 1},
     {"input": float("inf"), "output": 1}, {"input": 10**30, "output": 1},
     {"input": 1, "output": 1, "cached": 1}],
)  # fmt: skip
def test_what_is_no_price_is_an_error(value):
    with pytest.raises(ConfigError):
        own_prices({"openai:x": value}, "config.toml")


def test_costs_are_rounded_up():
    assert Price(150_000, 600_000).cost(1, 0) == 1
    assert Price(150_000, 600_000).cost(1_000_000, 1_000_000) == 750_000
    assert Price(0, 0).cost(5, 5) == 0

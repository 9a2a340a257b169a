"""What a model's tokens cost: of a list of prices that comes with a library, or of one's own.

Nothing is fetched. The list is as old as the installed library, so a price is a bound to plan by,
and no bill; one that a person sets counts instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from docsearch_cli.errors import ConfigError
from docsearch_cli.llm.accounting import Price
from docsearch_cli.whole_numbers import brief

_MICRO = 1_000_000
# So many tokens are asked for: the first step of a price that rises with a request's length.
_SAMPLE_TOKENS = 1_000
# Dearer than any token: more is a slip of the pen.
_MOST_USD = 100_000


def price_of(model: str, own: Mapping[str, Price] | None = None) -> Price | None:
    """Return the price of a model's tokens.

    Args:
        model: Provider and name: ``openai:gpt-4o-mini``.
        own: Prices that a person has set, by model.

    Returns:
        The price for a million tokens in, and out; None where it is not known, or the list of
        prices is not installed.
    """
    if own is not None and model in own:
        return own[model]
    try:
        from genai_prices import Usage, calc_price
    except ImportError:
        return None
    provider, _, name = model.partition(":")
    usage = Usage(input_tokens=_SAMPLE_TOKENS, output_tokens=_SAMPLE_TOKENS)
    try:
        found = calc_price(usage, model_ref=name, provider_id=provider)
    except LookupError:
        return None
    return Price(_per_million(found.input_price), _per_million(found.output_price))


def _per_million(usd: Decimal) -> int:
    """Return micro-dollars for a million tokens, rounded up, from dollars for the sample."""
    exact = usd * _MICRO * _MICRO / _SAMPLE_TOKENS
    return int(-((-exact) // 1))


def own_prices(table: Mapping[str, Any], config: str) -> dict[str, Price]:
    """Return the prices that a person has set.

    Args:
        table: ``[prices]`` of the user's own configuration: for each model, in quotes, its price
            in dollars for a million tokens, such as ``{ input = 0.15, output = 0.6 }``.
        config: Where the table is from.

    Returns:
        The prices by model.

    Raises:
        ConfigError: If the table holds something else.
    """
    return {model: _own_price(model, value, config) for model, value in sorted(table.items())}


def _own_price(model: str, value: Any, config: str) -> Price:
    micro: list[int] = []
    if isinstance(value, dict) and set(value) == {"input", "output"}:
        for name in ("input", "output"):
            usd = _usd(value[name])
            if usd is not None:
                micro.append(int(-((-usd * _MICRO) // 1)))
    if len(micro) != 2:
        raise ConfigError(
            f"the price of {brief(model)} in {config} is not two numbers",
            hint='in dollars for a million tokens: "openai:NAME" = { input = 0.15, output = 0.6 }',
        )
    return Price(*micro)


def _usd(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        usd = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return usd if usd.is_finite() and 0 <= usd <= _MOST_USD else None

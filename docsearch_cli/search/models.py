"""The language model of a search: which one, at what price, and how its steps reach it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from docsearch_cli.config import ModelSettings, Settings
from docsearch_cli.errors import UsageError
from docsearch_cli.run_limits import LIMIT_OF, RunLimits
from docsearch_cli.runs.model_terms import ModelTerms
from docsearch_cli.search.result import AskOptions, ModelSource

if TYPE_CHECKING:
    from docsearch_cli.byte_cache import ByteCache
    from docsearch_cli.engine.exchanges import Journal
    from docsearch_cli.engine.protocol import Engine
    from docsearch_cli.explore.agents.table import Agent
    from docsearch_cli.llm.exchange import ModelClient
    from docsearch_cli.runs.limits import LimitSchedule


# What tells a language model from one that embeds, among those that were named on this machine.
_KIND = "language model"


def model_terms(agent: Agent, options: AskOptions) -> ModelTerms:
    """Return the model that an agent may ask, and what it costs now.

    Args:
        agent: Who decides.
        options: How to search.

    Returns:
        The model; none for an agent that asks none.

    Raises:
        UsageError: If an agent that asks a model is given none, or one that asks none is given one,
            or if the cost is limited and nobody knows what the model costs.
    """
    if not asks_model(agent, options):
        if options.model:
            raise UsageError(
                f"the agent {agent.name!r} asks no model",
                hint="--model goes with --agent llm or --answer llm",
            )
        return ModelTerms()
    name = options.model or default_model(options.settings)
    if not name:
        raise UsageError(
            "--agent llm and --answer llm need a language model, and none is named",
            hint="--model PROVIDER:NAME, for example --model openai:gpt-4o-mini",
        )
    _remember(name)
    terms = ModelTerms(name, source_of(options).price_of(name))
    check_price(terms, options.settings.run_limits())
    return terms


def _remember(name: str) -> None:
    """Note that a person has named a model: a run that came from elsewhere may name one, too."""
    from docsearch_cli.embed.trust import remember_model

    with contextlib.suppress(OSError):  # then a resume asks for it to be named again
        remember_model(name, _KIND)


def refuse_strange(terms: ModelTerms, options: AskOptions, run_id: str) -> None:
    """Refuse to ask a model that only a record names, or at a price that only a record says.

    A record may have come with a cloned folder.

    Args:
        terms: As the record has them.
        options: How to search now.
        run_id: The run.

    Raises:
        UsageError: If nobody named the model on this machine, or its price here is another.
    """
    from docsearch_cli.embed.trust import is_remembered

    if not terms.name:
        return
    named = options.model or default_model(options.settings)
    hint = f"ask a model of your own from there on: docsearch fork {run_id} --at 0 --set model=NAME"
    if terms.name != named and not is_remembered(terms.name, _KIND):
        raise UsageError(
            f"run {run_id} asks {terms.name}, which nobody has named on this machine", hint=hint
        )
    if source_of(options).price_of(terms.name) != terms.price:
        raise UsageError(
            f"run {run_id} counts {terms.name} at another price than it has here", hint=hint
        )


def asks_model(agent: Agent, options: AskOptions) -> bool:
    """Tell whether a search asks a language model: at each page, or for the answer."""
    return agent.asks_model or options.answer == "llm"


def default_model(settings: Settings) -> str:
    """Return the model that is asked where no flag names one; empty for none."""
    own = settings.models.llm.get("model")
    return os.environ.get("DOCSEARCH_MODEL") or (own if isinstance(own, str) else "")


def check_price(terms: ModelTerms, limits: RunLimits) -> None:
    """Refuse a limit on cost where nobody knows what a model costs.

    Args:
        terms: The model.
        limits: The run's.

    Raises:
        UsageError: If the cost is limited and the price is not known.
    """
    if terms.name and terms.price is None and limits.max_cost < LIMIT_OF["max_cost"].most:
        raise UsageError(
            f"what {terms.name} costs is not known, so its cost cannot be limited",
            hint="give its price in your config.toml, in dollars for a million tokens: [prices] "
            f'"{terms.name}" = {{ input = 0.15, output = 0.6 }}; or leave --max-cost out',
        )


def waiting_engine(
    agent: Agent,
    options: AskOptions,
    limits: LimitSchedule,
    journal: Journal,
    cache: ByteCache | None,
    others: Engine,
) -> Engine:
    """Return the engine for an agent that asks a model.

    Args:
        agent: The agent.
        options: How to search.
        limits: The run's, with the models that it may ask.
        journal: Where requests are written down.
        cache: Replies of earlier runs; None for none.
        others: Runs what stands in for the agent.

    Returns:
        The engine, which closes the other one with itself.
    """
    from docsearch_cli.engine.model_gate import ModelGate
    from docsearch_cli.engine.waiting import WaitingEngine
    from docsearch_cli.explore.step_functions import asking_functions

    prices = {terms.name: terms.counted for _, terms in limits.models}
    gate = ModelGate(source_of(options).make_client, prices, journal, cache)
    return WaitingEngine(asking_functions(agent), gate, limits.widest.window, others)


def source_of(options: AskOptions) -> ModelSource:
    """Return where the models of a search come from: the providers that are known, unless said."""
    return options.models or _providers(options.settings.models, options.base_url)


def _providers(settings: ModelSettings, base_url: str | None) -> ModelSource:
    from docsearch_cli.llm.prices import own_prices, price_of

    own = own_prices(settings.prices, settings.origin)

    def make_client(model: str) -> ModelClient:
        from importlib.util import find_spec

        from docsearch_cli.llm.access import find_access
        from docsearch_cli.llm.client import ProviderClient, missing_extra

        access = find_access(
            settings.llm, os.environ, model=model, base_url=base_url, config=settings.origin
        )
        if find_spec("pydantic_ai") is None:
            raise missing_extra(access.provider)
        return ProviderClient(access)

    return ModelSource(make_client, lambda model: price_of(model, own))

"""Which model a search asks, at what price, and what is refused before anything is sent."""

from dataclasses import replace

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.engine.exchanges import Exchange
from docsearch_cli.errors import UsageError
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.llm.accounting import Price
from docsearch_cli.llm.exchange import ModelRefusedError
from docsearch_cli.runs.model_terms import ModelTerms
from docsearch_cli.runs.spending import Spent
from docsearch_cli.runs.unrecorded import UnrecordedRun
from docsearch_cli.search.models import (
    check_price,
    default_model,
    model_terms,
    refuse_strange,
    source_of,
)
from docsearch_cli.search.result import AskOptions, ModelSource, in_dollars
from docsearch_cli.search.spending import CountingJournal
from docsearch_cli.steps import Amount
from tests.asking import MODEL, PRICE, ScriptedModel
from tests.support import needs

LLM = AGENTS["llm"]


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "DOCSEARCH_MODEL", "DOCSEARCH_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


def options(model="", flags=None, price=PRICE, **given):
    settings = load_settings(flags or {}, environment={"DOCSEARCH_CONFIG_DIR": "/"})
    return AskOptions(settings, model=model, models=ScriptedModel().source(price), **given)


def test_the_model_and_its_price_are_what_the_run_begins_with():
    assert model_terms(LLM, options(MODEL)) == ModelTerms(MODEL, PRICE)


def test_a_variable_names_the_model_where_no_flag_does(monkeypatch):
    monkeypatch.setenv("DOCSEARCH_MODEL", "p:variable")

    assert model_terms(LLM, options()).name == "p:variable"
    assert model_terms(LLM, options(MODEL)).name == MODEL
    assert model_terms(AGENTS["local"], options()) == ModelTerms()


def test_ones_own_file_names_the_model_where_nothing_else_does(tmp_path):
    (tmp_path / "config.toml").write_text('[llm]\nmodel = "p:own"\n')
    settings = load_settings({}, environment={"DOCSEARCH_CONFIG_DIR": str(tmp_path)})

    assert default_model(settings) == "p:own"


@pytest.mark.parametrize(
    ("agent", "model", "message"),
    [("llm", "", "none is named"), ("local", MODEL, "asks no model")],
)
def test_an_agent_and_a_model_go_together(agent, model, message):
    with pytest.raises(UsageError, match=message):
        model_terms(AGENTS[agent], options(model))


def test_a_limit_on_cost_needs_a_price():
    assert model_terms(LLM, options(MODEL, price=None)) == ModelTerms(MODEL)
    with pytest.raises(UsageError, match="is not known"):
        model_terms(LLM, options(MODEL, {"max_cost": 5}, price=None))
    check_price(ModelTerms(), options(flags={"max_cost": 5}).settings.run_limits())


def test_without_a_key_nothing_is_begun():
    needs("pydantic_ai", reason="comes with the extra 'llm'")
    source = source_of(AskOptions(options().settings))

    assert source.price_of("nobody:nothing") is None
    with pytest.raises(ModelRefusedError, match="no key"):
        source.make_client("openai:gpt-4o-mini")


def exchange(origin, charged=Amount(1, 5, 5)):  # noqa: B008  it is frozen
    return Exchange(1, b"{}", Amount(1, 9, 9), charged, origin)


def test_what_is_asked_is_counted_as_all_it_may_cost_until_its_reply_is_there():
    journal = CountingJournal(UnrecordedRun(), Spent(Amount(2, 2, 2), 1))
    first = journal.asked(1, exchange("sent", Amount(1, 9, 9)))
    second = journal.asked(1, exchange("sent", Amount(1, 9, 9)))
    journal.asked(2, exchange("cache"))
    journal.asked(2, exchange("fork"))
    assert first != second
    assert journal.spending == Spent(Amount(4, 20, 20), 2)

    journal.replied(1, replace(exchange("sent"), number=first))
    journal.replied(2, exchange("cache"))
    assert journal.spending == Spent(Amount(4, 16, 16), 2)


def test_whoever_watches_is_told_at_each_request_and_reply():
    told = []
    journal = CountingJournal(UnrecordedRun(), tell=told.append)
    number = journal.asked(1, exchange("sent", Amount(1, 9, 9)))
    journal.replied(1, replace(exchange("sent", Amount(1, 5, 5)), number=number))

    assert told == [Spent(Amount(1, 9, 9)), Spent(Amount(1, 5, 5))]


def test_a_budget_is_shown_in_dollars():
    budget = {
        "requests": 3,
        "max_requests": 9,
        "cost_micro_usd": 1_500,
        "max_cost_micro_usd": 10**6,
    }

    assert in_dollars(budget) == {
        "requests": 3, "max_requests": 9, "cost_usd": 0.0015, "max_cost_usd": 1.0,
    }  # fmt: skip
    assert in_dollars({"requests": 3}) == {"requests": 3, "cost_usd": None}
    assert in_dollars({"agents": 3}) == {"agents": 3}
    assert in_dollars({**budget, "max_cost_micro_usd": 10**12})["max_cost_usd"] is None


def test_a_model_that_only_a_record_names_is_not_asked(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCSEARCH_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("DOCSEARCH_MODEL", raising=False)
    source = ModelSource(lambda _: pytest.fail("it was asked"), lambda _: None)
    options = AskOptions(settings=load_settings({}), models=source)
    strange = ModelTerms("openai:theirs")

    with pytest.raises(UsageError, match="nobody has named"):
        refuse_strange(strange, options, "r")
    refuse_strange(ModelTerms(), options, "r")
    refuse_strange(strange, replace(options, model="openai:theirs"), "r")
    monkeypatch.setenv("DOCSEARCH_MODEL", "openai:theirs")
    refuse_strange(strange, options, "r")
    with pytest.raises(UsageError, match="another price"):
        refuse_strange(ModelTerms("openai:theirs", Price(1, 1)), options, "r")

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.explore.agents.table import find_agent
from docsearch_cli.runs.limits import LimitSchedule
from docsearch_cli.runs.model_terms import ModelTerms
from docsearch_cli.runs.reached import ReachedLimit, limits_reached_by, reached_limits
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.steps import Amount

BUDGET = {"agents_used": 3, "tokens_read": 3_000, "depth_reached": 2}


def schedule(*, model="", **limits):
    settings = load_settings({"max_agents": 20, "max_depth": 2, **limits}, environment={})
    terms = ModelTerms.of({"name": model, "price": None}) if model else None
    spending = find_agent("llm").may_spend if model else find_agent("local").may_spend
    return LimitSchedule.of(settings.run_limits(), None, terms, spending)


def test_agents_that_are_spent_are_named_before_all_else():
    found = reached_limits("budget", schedule(), BUDGET | {"agents_used": 20})

    assert found == (ReachedLimit("max_agents", 20, 20),)


def test_tokens_end_a_run_where_one_more_page_might_pass_them():
    limits = schedule(max_tokens=4_000, reading_tokens=1_200)

    assert reached_limits("budget", limits, BUDGET) == (ReachedLimit("max_tokens", 3_000, 4_000),)


def test_what_a_model_may_cost_is_named_by_its_parts():
    limits = schedule(model="openai:gpt", max_requests=4)
    asked = Amount(requests=4, tokens=900, micro_usd=0)

    (found,) = reached_limits("budget", limits, BUDGET, asked)
    assert (found.limit, found.used) == ("max_requests", 4)


def test_other_limits_are_named_too():
    assert reached_limits("depth", schedule(), BUDGET) == (ReachedLimit("max_depth", 2, 2),)
    assert reached_limits("deadline", schedule(), BUDGET) == (ReachedLimit("deadline_s", 120, 120),)


@pytest.mark.parametrize("reason", ["answered", "no_gain", "frontier_empty", "cancelled", ""])
def test_what_was_no_limit_has_none(reason):
    assert reached_limits(reason, schedule(), BUDGET) == ()


def test_money_is_shown_in_dollars():
    assert ReachedLimit("max_cost", 9_000, 10_000).to_dict() == {
        "limit": "max_cost_usd",
        "used": 0.009,
        "cap": 0.01,
    }
    assert ReachedLimit("max_agents", 2, 2).to_dict() == {
        "limit": "max_agents",
        "used": 2,
        "cap": 2,
    }


def test_a_recorded_run_says_itself_which_limit_ended_it(record):
    trace = read_trace(record)
    spent = {**trace.ending["budget"], "agents_used": trace.limits["max_agents"]}
    trace.ending.update({"stop_reason": "budget", "budget": spent})
    (found,) = limits_reached_by(trace)

    assert (found.limit, found.used) == ("max_agents", found.cap)


def test_a_record_that_does_not_say_has_none(record):
    trace = read_trace(record)
    trace.ending["budget"] = {}
    trace.ending["stop_reason"] = "budget"
    assert limits_reached_by(trace) == ()

    trace.ending.clear()
    assert limits_reached_by(trace) == ()

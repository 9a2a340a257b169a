from dataclasses import fields, replace

import pytest

from docsearch_cli.config import LIMITS, RunLimits, load_settings
from docsearch_cli.runs.fork import Change, Fork
from docsearch_cli.runs.limits import LimitSchedule, plan_limits

DEFAULTS = load_settings({}, environment={}).run_limits()
FORKED = LimitSchedule.of(
    DEFAULTS, Fork("r", (Change(3, {"fan_out": 9}), Change(8, {"fan_out": 2, "max_agents": 40})))
)


def test_the_limits_of_a_run_are_those_in_the_table():
    assert [item.name for item in fields(RunLimits)] == [limit.name for limit in LIMITS]


def test_limits_survive_the_record():
    assert RunLimits.from_dict(DEFAULTS.to_dict()) == DEFAULTS


@pytest.mark.parametrize("change", [{"fan_out": "3"}, {"fan_out": True}, {"other": 1}])
def test_a_record_with_other_limits_is_refused(change):
    with pytest.raises(TypeError):
        RunLimits.from_dict({**DEFAULTS.to_dict(), **change})


def test_a_record_without_a_limit_is_refused():
    values = DEFAULTS.to_dict()
    del values["window"]
    with pytest.raises(TypeError):
        RunLimits.from_dict(values)


def test_a_run_that_is_no_fork_has_the_same_limits_throughout():
    schedule = LimitSchedule.of(DEFAULTS, None)

    assert schedule.first == schedule.last == schedule.widest == schedule.after(7) == DEFAULTS


@pytest.mark.parametrize(("step", "fan_out"), [(0, 3), (2, 3), (3, 9), (7, 9), (8, 2), (99, 2)])
def test_a_change_holds_from_the_commit_of_its_step_on(step, fan_out):
    assert FORKED.after(step).fan_out == fan_out


def test_a_change_keeps_the_one_before_it():
    assert FORKED.last == replace(DEFAULTS, fan_out=2, max_agents=40)


def test_the_widest_limits_are_the_largest_at_any_time():
    assert FORKED.widest == replace(DEFAULTS, fan_out=9, max_agents=40)


def test_a_change_at_no_step_holds_from_the_start():
    schedule = LimitSchedule.of(DEFAULTS, Fork("r", (Change(0, {"seeds": 2}),)))

    assert schedule.first == schedule.last == replace(DEFAULTS, seeds=2)


def test_a_change_of_an_unknown_limit_is_refused():
    with pytest.raises(TypeError):
        LimitSchedule.of(DEFAULTS, Fork("r", (Change(1, {"other": 2}),)))


def test_a_plan_has_each_limit_from_its_step_on():
    plan = FORKED.plan([])

    assert plan.limits == plan_limits(DEFAULTS)
    assert {at: limits.fan_out for at, limits in plan.changes.items()} == {3: 9, 8: 2}

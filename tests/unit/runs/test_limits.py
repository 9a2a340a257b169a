from dataclasses import fields, replace

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.errors import RunCorruptError
from docsearch_cli.run_limits import LIMITS, RunLimits
from docsearch_cli.runs.fork import Change, Fork
from docsearch_cli.runs.limits import LimitSchedule, limits_at_dispatch, schedule_of
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging

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

    assert plan.limits == LimitSchedule.of(DEFAULTS, None).plan_limits(0)
    assert {at: limits.fan_out for at, limits in plan.changes.items()} == {3: 9, 8: 2}


@pytest.fixture
def forked(record):
    """A run whose limits changed after steps 2 and 6."""
    with forging(record) as forgery:
        changes = [{"at": 2, "limits": {"fan_out": 7}}, {"at": 6, "limits": {"fan_out": 9}}]
        forgery.facts["fork"] = {"run": "ab", "changes": changes}
    return read_trace(record)


@pytest.mark.parametrize(("step", "fan_out"), [(1, 2), (4, 2), (5, 7), (8, 7), (9, 9), (11, 9)])
def test_a_step_was_sent_under_the_limits_after_the_commit_that_sent_it(forked, step, fan_out):
    """Step 5 was sent by the commit of step 2, step 9 by that of step 6."""
    assert limits_at_dispatch(forked, step).fan_out == fan_out


def test_a_step_that_was_not_sent_yet_would_have_the_last_limits(forked):
    assert limits_at_dispatch(forked, 99).fan_out == 9


@pytest.mark.parametrize(
    "facts", [{"limits": {}}, {"limits": None}, {"fork": 7}, {"fork": {"run": "a"}}]
)
def test_limits_that_make_no_sense_are_called_so(record, facts):
    with forging(record) as forgery:
        forgery.facts.update(facts)

    with pytest.raises(RunCorruptError, match="limits are not"):
        schedule_of(read_trace(record))

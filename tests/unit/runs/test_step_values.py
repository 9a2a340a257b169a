import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.step_values import read_decision, read_seeds, read_view
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging


def test_a_view_and_a_decision_are_read_as_they_were_recorded(record):
    row = read_trace(record).step(2)

    assert read_view(record, row).node == row.planned.subject
    assert read_decision(record, row).kind in ("answer", "expand", "dead_end")


def test_a_step_whose_node_was_gone_was_shown_nothing(record):
    with forging(record) as forgery:
        forgery.sent(2)["input"] = forgery.put({})
    row = read_trace(record).step(2)
    view = read_view(record, row)

    assert (view.node, view.sections, view.edges) == (row.planned.subject, (), ())


def test_a_step_without_an_output_decided_nothing(record):
    with forging(record) as forgery:
        forgery.commit_of(2)["ended"].update(status="failed", output=None)

    assert read_decision(record, read_trace(record).step(2)) is None


@pytest.mark.parametrize("value", [{"question": "q"}, [1], {"tokens": 1}])
def test_an_input_that_is_no_view_is_named(record, value):
    with forging(record) as forgery:
        forgery.sent(2)["input"] = forgery.put(value)
    row = read_trace(record).step(2)

    with pytest.raises(RunCorruptError, match=rf"input of step {row.id} is not a view"):
        read_view(record, row)


@pytest.mark.parametrize("value", [{"kind": "banana"}, [1], {}])
def test_an_output_that_is_no_decision_is_named(record, value):
    with forging(record) as forgery:
        forgery.commit_of(2)["ended"]["output"] = forgery.put(value)
    row = read_trace(record).step(2)

    with pytest.raises(RunCorruptError, match=rf"output of step {row.id} is not a decision"):
        read_decision(record, row)


def test_a_run_that_was_not_planned_has_no_seeds(record):
    assert len(read_seeds(record, read_trace(record))) == 3
    with forging(record) as forgery:
        planned, ended = forgery.fixed("plan")
        forgery.events = [event for event in forgery.events if event[1] not in (planned, ended)]

    assert read_seeds(record, read_trace(record)) == []

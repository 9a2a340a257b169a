"""Every step of recorded runs, run again: what is reproduced, what is explained, what is not."""

from dataclasses import replace

import pytest

from docsearch_cli.errors import AccessError, RunNotFoundError
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.runs.catalog import EXPORT_SUFFIX
from docsearch_cli.runs.replay_table import check_replays
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging


def check(record):
    home = record.path.parents[2]
    (found,) = check_replays(home, [record.path.parent.name])
    return found


def other_agent(monkeypatch, **changes):
    monkeypatch.setitem(AGENTS, "local", replace(AGENTS["local"], **changes))


def decide_otherwise(view):
    return replace(AGENTS["edges"].decide(view), reason="another reason")


def by_other_code(record, where="run_started"):
    with forging(record) as forgery:
        forgery.all(where)[0]["step_source"] = "0" * 32


def test_every_step_of_an_untouched_run_is_reproduced(record):
    found = check(record)

    assert (len(found.steps), found.count("reproduced")) == (14, 14)
    assert (found.problem, found.is_damaged, found.is_unexplained) == ("", False, False)
    assert found.reasons() == {}


def test_an_agent_that_decides_otherwise_with_the_same_code_is_unexplained(record, monkeypatch):
    other_agent(monkeypatch, decide=decide_otherwise)
    found = check(record)

    assert (found.count("reproduced"), found.count("differs")) == (3, 11)
    assert found.is_unexplained
    assert all("reason" in step.fields for step in found.steps if step.is_unexplained)


@pytest.mark.parametrize("where", ["run_started", "run_resumed"])
def test_what_other_code_recorded_is_put_down_to_the_code(record, monkeypatch, where):
    if where == "run_resumed":
        with forging(record) as forgery:
            forgery.ending["status"] = "partial"
            forgery.events.append(("run_resumed", dict(forgery.facts)))
    by_other_code(record, where)
    other_agent(monkeypatch, decide=decide_otherwise)
    found = check(record)

    assert (found.count("differs"), found.is_unexplained) == (11, False)
    assert found.reasons() == {"code changed": 11}


def test_a_step_that_raises_now_differs_with_the_error(record, monkeypatch):
    def fail(view):
        raise RuntimeError("boom")

    other_agent(monkeypatch, decide=fail)
    found = check(record)

    assert found.is_unexplained
    assert found.steps[2].fields == ("RuntimeError: boom",)


def test_a_function_of_another_version_is_named_with_the_one_there_is(record, monkeypatch):
    other_agent(monkeypatch, function="explore.local@99")
    found = check(record)

    assert (found.count("not_replayed"), found.is_unexplained) == (11, False)
    assert found.reasons() == {
        "function version changed: explore.local@6, now explore.local@99": 11
    }


def test_a_function_that_there_is_no_more_is_named(record):
    with forging(record) as forgery:
        planned, _ = forgery.fixed("intent")
        planned["function"] = "explore.oracle@1"

    assert check(record).reasons() == {"function version changed: explore.oracle@1, now none": 1}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ({"is_deterministic": False}, "decides anew each time"),
        ({"waits_on_network": True}, "asks a network"),
    ],
)
def test_an_agent_whose_steps_cannot_be_repeated_is_not_compared(record, monkeypatch, kind, said):
    other_agent(monkeypatch, **kind)
    found = check(record)

    assert (found.count("reproduced"), found.is_unexplained) == (3, False)
    assert found.reasons() == {f"agent local {said}": 11}


def test_a_step_that_never_ended_is_not_compared(record):
    with forging(record) as forgery:
        forgery.events = [
            (kind, data)
            for kind, data in forgery.events
            if not (kind == "commit" and data["number"] == 11)
        ]

    assert check(record).reasons() == {"never ended": 1}


def failed(forgery, number, error, status="failed"):
    forgery.commit_of(number)["ended"].update(status=status, output=None, error=error)


def test_a_step_that_failed_for_a_reason_outside_is_not_compared(record):
    with forging(record) as forgery:
        failed(forgery, 11, "WorkerDied: signal 9", "poison")
    found = check(record)

    assert found.reasons() == {"failed in the run: WorkerDied: signal 9": 1}
    assert not found.is_unexplained


def test_a_failure_that_happens_again_is_reproduced(record, monkeypatch):
    with forging(record) as forgery:
        for number in range(1, 12):
            failed(forgery, number, "RuntimeError: boom")

    def fail(view):
        raise RuntimeError("boom")

    other_agent(monkeypatch, decide=fail)

    assert check(record).count("reproduced") == 14


def test_a_step_whose_node_was_gone_is_not_compared(record):
    with forging(record) as forgery:
        forgery.sent(11)["input"] = forgery.put({})
        failed(forgery, 11, "a.md is not in the index any more")

    assert check(record).reasons() == {"a.md is not in the index any more": 1}


def unread(forgery):
    planned, _ = forgery.fixed("intent")
    planned["input"] = forgery.put({"something": "else"})


def test_an_input_of_other_code_that_cannot_be_read_is_said(record):
    with forging(record) as forgery:
        unread(forgery)
    by_other_code(record)
    (reason,) = check(record).reasons()

    assert reason.startswith("input unreadable: ")


def test_an_input_of_this_code_that_cannot_be_read_is_unexplained(record):
    with forging(record) as forgery:
        unread(forgery)
    (step,) = [step for step in check(record).steps if step.is_unexplained]

    assert step.fields == ("input",)


def test_a_damaged_record_is_unexplained(record):
    record.connection.execute("update blobs set data = x'00' where rowid = 1")
    found = check(record)

    assert (found.is_damaged, found.is_unexplained, found.steps) == (True, True, ())
    assert "is not what was recorded" in found.problem


def test_a_record_with_a_broken_chain_is_damaged_whoever_wrote_it(record):
    with forging(record) as forgery:
        forgery.facts["source"] = "0" * 32
    record.connection.execute("update events set data = '{}' where seq = 4")

    assert check(record).is_damaged


def test_a_whole_record_of_other_code_that_means_other_things_is_not_damaged(record):
    with forging(record) as forgery:
        forgery.facts["source"] = "0" * 32
        forgery.events.append(("party", {}))
    found = check(record)

    assert (found.is_damaged, found.is_unexplained) == (False, False)
    assert "unknown kind" in found.problem


def test_a_whole_record_of_this_code_that_makes_no_sense_is_damaged(record):
    with forging(record) as forgery:
        forgery.events.append(("party", {}))

    assert check(record).is_damaged


def test_a_record_of_another_schema_is_refused_and_not_damaged(record):
    record.connection.execute("pragma user_version = 99")
    found = check(record)

    assert (found.is_damaged, found.is_unexplained) == (False, False)
    assert "has schema version 99" in found.problem


def test_a_file_that_is_no_record_is_damaged(tmp_path):
    path = tmp_path / f"x{EXPORT_SUFFIX}"
    path.write_bytes(b"garbage" * 100)
    (found,) = check_replays(tmp_path, [str(path)])

    assert found.is_damaged


def test_runs_are_checked_in_the_order_they_are_named(record, tmp_path):
    home, run_id = record.path.parents[2], read_trace(record).run_id
    export = tmp_path / f"x{EXPORT_SUFFIX}"
    reader = RunStore(record.path)
    reader.copy_to(export)
    reader.close()

    assert [found.run for found in check_replays(home, [str(export), run_id])] == [
        str(export),
        run_id,
    ]


def test_a_run_that_there_is_not_is_an_error(tmp_path):
    with pytest.raises(RunNotFoundError):
        check_replays(tmp_path, ["abcd"])


def test_a_run_of_somebody_else_is_neither_damaged_nor_unexplained(tmp_path, monkeypatch):
    def refuse(*_):
        raise AccessError("run.db: Permission denied")

    monkeypatch.setattr("docsearch_cli.runs.replay_table.opened_run", refuse)
    (found,) = check_replays(tmp_path, ["ab12"])

    assert found.problem == "run.db: Permission denied"
    assert (found.is_damaged, found.is_unexplained) == (False, False)

"""Two runs side by side: where they part, what each found and cost."""

import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.diff import diff_runs
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging


@pytest.fixture
def original(recorded_run):
    store = RunStore(recorded_run.path)
    yield store
    store.close()


def test_a_run_beside_itself_differs_in_nothing(original):
    found = diff_runs(original, original)

    assert found.left == found.right == read_trace(original).run_id
    assert (found.settings, found.divergence, found.shared_steps) == ((), None, 11)
    assert found.opened_only_left == found.opened_only_right == found.lost == found.gained == ()
    assert all(before == after for before, after in found.cost.values())
    assert found.stop_reasons == ("frontier_empty", "frontier_empty")
    assert found.to_dict()["limits_reached"] == [[], []]
    assert found.stop_words == ("nothing left to follow", "nothing left to follow")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"question": "else?"}, ["question"]),
        ({"starts": ["a.md"]}, ["starts"]),
        ({"source": "s", "index": "i"}, ["index", "source"]),
        ({"argv": ["x"], "created_at": "later", "engine": "local"}, []),
    ],
)
def test_settings_that_differ_are_named(original, record, change, fields):
    with forging(record) as forgery:
        forgery.facts.update(change)

    assert [item.field for item in diff_runs(original, record).settings] == fields


def test_limits_are_those_at_the_end_of_a_fork(original, record):
    with forging(record) as forgery:
        changes = [{"at": 2, "limits": {"fan_out": 7}}, {"at": 4, "limits": {"fan_out": 9}}]
        forgery.facts["fork"] = {"run": "ab", "changes": changes}
    (difference,) = diff_runs(original, record).settings

    assert (difference.field, difference.recorded, difference.now) == ("limits.fan_out", 2, 9)


def forged_at_four(what):
    def change(forgery):
        sent, ended = forgery.sent(4), forgery.commit_of(4)["ended"]
        if what == "node":
            sent["subject"] = "other.md"
        elif what == "way":
            sent["priority"] = 0.5
        elif what == "seed":
            sent["parent"] = None
        elif what == "input":
            sent["input"] = forgery.put({"other": 1})
        else:
            ended["output"] = forgery.put({"other": 1})

    return change


@pytest.mark.parametrize(
    ("what", "named", "right"),
    [
        ("node", "node", "other.md"),
        ("way", "way", "from step 1, priority 0.5"),
        ("seed", "way", "from the plan, priority "),
        ("input", "input", "sha256:"),
        ("output", "output", "sha256:"),
    ],
)
def test_two_runs_part_at_the_first_step_that_differs(original, record, what, named, right):
    with forging(record) as forgery:
        forged_at_four(what)(forgery)
        forgery.sent(6)["subject"] = "later.md"
    found = diff_runs(original, record)

    assert (found.divergence.number, found.divergence.what) == (4, named)
    assert found.divergence.right.startswith(right)
    assert not found.divergence.left.startswith(right) or "sha256:" in right
    assert found.shared_steps == (10 if named in ("input", "output") else 11)


def cut_after(forgery, number):
    """Let the run end after some steps."""
    forgery.events = [
        (kind, data)
        for kind, data in forgery.events
        if not (kind == "commit" and (data["number"] or 0) > number)
    ]
    for data in forgery.all("commit"):
        data["sent"] = [step for step in data["sent"] if step["number"] <= number]


def test_two_runs_part_where_one_ends(original, record):
    with forging(record) as forgery:
        cut_after(forgery, 9)
    found, turned = diff_runs(original, record), diff_runs(record, original)
    ninth, tenth = (read_trace(original).step(number).planned.subject for number in (9, 10))

    assert (found.divergence.number, found.divergence.what) == (10, "missing")
    assert (found.divergence.left, found.divergence.right) == (tenth, "no step")
    assert (turned.divergence.left, turned.divergence.right) == ("no step", tenth)
    assert tenth in found.opened_only_left
    assert ninth not in found.opened_only_left
    assert found.opened_only_right == turned.opened_only_left == ()
    assert found.opened_only_left == turned.opened_only_right
    assert found.shared_steps == 9


def test_documents_that_only_one_found_are_named(original, record):
    with forging(record) as forgery:
        forgery.ending["documents"][0]["path"] = "new.md"
    found = diff_runs(original, record)

    assert found.lost == (read_trace(original).ending["documents"][0]["path"],)
    assert found.gained == ("new.md",)


def test_costs_are_side_by_side(original, record):
    with forging(record) as forgery:
        forgery.ending["budget"]["agents_used"] = 99
        forgery.ending["seconds"] = 1.5
    cost = diff_runs(original, record).cost

    assert set(cost) == {
        "agents_used",
        "depth_reached",
        "tokens_read",
        "tokens_returned",
        "seconds",
    }
    assert cost["agents_used"] == (11, 99)
    assert cost["seconds"][1] == 1.5
    assert cost["depth_reached"] == (3, 3)


def test_a_run_that_was_interrupted_has_no_costs(original, record):
    with forging(record) as forgery:
        del forgery.events[-1]
    found = diff_runs(original, record)

    assert found.stop_reasons == ("frontier_empty", "interrupted")
    assert found.cost["agents_used"] == (11, None)
    assert found.cost["seconds"][1] is None
    assert found.gained == ()


def test_a_record_that_makes_no_sense_is_called_so(original, record):
    with forging(record) as forgery:
        forgery.ending["documents"] = 7

    with pytest.raises(RunCorruptError, match="makes no sense"):
        diff_runs(original, record)

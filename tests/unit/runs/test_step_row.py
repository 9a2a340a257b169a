from dataclasses import replace

import pytest

from docsearch_cli.errors import StepNotFoundError
from docsearch_cli.runs.step_row import AttemptRow, StepRow, find_step
from docsearch_cli.steps import PlannedStep


def row(step, number=None, kind="traverse"):
    planned = PlannedStep(number, kind, "n", 0, 0.0, None, None, "") if number else None
    return StepRow(step, kind, "f@1", "", planned)


STEPS = [
    row("intent-aa0000", kind="intent"),
    row("1-traverse-ab0000", 1),
    row("11-traverse-cd0000", 11),
    row("2-traverse-ef0000", 2),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("1", "1-traverse-ab0000"),
        ("11", "11-traverse-cd0000"),
        ("2-trav", "2-traverse-ef0000"),
        ("intent", "intent-aa0000"),
        ("int", "intent-aa0000"),
        ("2-traverse-ef0000", "2-traverse-ef0000"),
    ],
)
def test_a_step_is_found_by_number_kind_or_start_of_its_id(wanted, found):
    assert find_step(STEPS, wanted).id == found


@pytest.mark.parametrize("wanted", ["", "99", "nope", "None", "0", "-1"])
def test_what_names_no_step_is_an_error(wanted):
    with pytest.raises(StepNotFoundError):
        find_step(STEPS, wanted)


def test_a_kind_that_several_steps_have_lists_them():
    with pytest.raises(StepNotFoundError) as raised:
        find_step(STEPS, "traverse")

    said = raised.value.message + (raised.value.hint or "")
    assert "1-traverse-ab0000" in said
    assert "2-traverse-ef0000" in said


def test_a_degraded_step_was_made_by_its_last_attempt():
    attempts = tuple(
        AttemptRow(number, "ok", function, 1.0, 1, "", "", "")
        for number, function in ((1, "f@1"), (2, "g@1"))
    )
    ran = StepRow("1-x", "traverse", "f@1", "in", attempts=attempts)
    stood_in = replace(ran, status="degraded")

    assert (ran.made_by, stood_in.made_by) == ("f@1", "g@1")
    assert replace(stood_in, attempts=()).made_by == "f@1"
    assert (ran.degraded, stood_in.degraded) == (False, True)


def test_a_long_list_of_steps_is_cut():
    steps = [row(f"{number}-traverse-aa", number) for number in range(1, 16)]
    with pytest.raises(StepNotFoundError) as raised:
        find_step(steps, "99")

    assert raised.value.hint.endswith("12-traverse-aa and 3 more")


def test_of_several_fixed_steps_of_a_kind_the_last_is_meant():
    steps = [row("aggregate-aa", kind="aggregate"), row("aggregate-bb", kind="aggregate")]

    assert find_step(steps, "aggregate").id == "aggregate-bb"


def test_the_start_of_several_ids_lists_them():
    steps = [row("intent-ab0000", kind="intent"), row("intent-ac0000", kind="intent")]
    with pytest.raises(StepNotFoundError) as raised:
        find_step(steps, "intent-a")

    assert raised.value.message == (
        "'intent-a' is the start of 2 steps: intent-ab0000, intent-ac0000"
    )


def test_a_step_that_every_search_has_opens_no_node():
    assert (row("1-x", 1).subject, row("1-x", 1).number) == ("n", 1)
    assert (row("intent-x", kind="intent").subject, row("intent-x").number) == ("", None)

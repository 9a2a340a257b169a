from dataclasses import replace

import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.run_limits import RunLimits
from docsearch_cli.runs.certificate import (
    CertificateLine,
    answer_digest,
    certificate_to_dict,
    certify,
    dag_digest,
)
from docsearch_cli.runs.step_row import AttemptRow, ExchangeRow, StepRow
from docsearch_cli.steps import Amount, PlannedStep

# Lines that have the cap of a limit of another name.
OF = {"model_tokens": "max_tokens"}
LIMITS = load_settings({}, environment={}).run_limits()


def step(number, parent=None, depth=0, tries=("f@1",)):
    planned = PlannedStep(number, "traverse", f"n{number}.md", depth, 0.5, parent, 0, "link")
    attempts = tuple(
        AttemptRow(place, "ok", function, 1.0, 9, "", "", "")
        for place, function in enumerate(tries, start=1)
    )
    asked = ExchangeRow(1, 1, "request", "sent", Amount(1, 90, 90), Amount(1, 10 * number, number))
    return StepRow(
        f"{number}-x",
        "traverse",
        "f@1",
        "in",
        planned,
        "out",
        attempts=attempts,
        exchanges=(asked,),
    )


STEPS = [
    step(1),
    step(2),
    step(3, 1, 1),
    step(4, 1, 1, ("f@1", "f@1", "g@1")),
    step(5, 1, 1),
    step(6, 3, 2),
]


def used(steps=STEPS, tokens=None, **given):
    facts = {"frontier_peak": 7, "tokens_returned": 80, "explore_s": 1.23456, **given}
    lines = certify(steps, tokens if tokens is not None else {1: 30, 2: 50}, LIMITS, **facts)
    return {line.name: line for line in lines}


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        ("max_agents", 6),
        ("max_depth", 2),
        ("fan_out", 3),
        ("seeds", 2),
        ("frontier", 7),
        ("attempts", 2),
        ("reading_tokens", 50),
        ("max_tokens", 80),
        ("answer_tokens", 80),
        ("max_requests", 6),
        ("model_tokens", 210),
        ("max_cost", 21),
        ("deadline_s", 1.235),
    ],
)
def test_what_was_used_is_counted(name, amount):
    assert used()[name].used == amount


def test_every_line_has_the_limit_as_its_cap():
    for name, line in used().items():
        latest = 3 if name == "deadline_s" else 0  # draining, and the last look at the clock
        assert line.cap == getattr(LIMITS, OF.get(name, name)) + latest


def test_a_run_whose_agent_asks_no_model_has_no_line_for_that():
    lines = certify(
        STEPS,
        {},
        RunLimits.from_dict(load_settings({}).for_agent(asks_model=False).run_limits().to_dict()),
        frontier_peak=0,
        tokens_returned=0,
        explore_s=0.0,
    )

    assert not {"max_requests", "model_tokens", "max_cost"} & {line.name for line in lines}


def test_a_run_that_did_nothing_used_nothing():
    lines = used([], {}, frontier_peak=0, tokens_returned=0, explore_s=0.0)

    assert {line.used for line in lines.values()} == {0}


@pytest.mark.parametrize(("amount", "holds"), [(2, True), (3, True), (4, False)])
def test_a_limit_holds_up_to_its_value(amount, holds):
    assert CertificateLine("fan_out", amount, 3).holds == holds


def test_a_certificate_is_plain_data():
    assert certificate_to_dict([CertificateLine("fan_out", 2, 3)]) == [
        {"name": "fan_out", "used": 2, "cap": 3}
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"function": "f@2"},
        {"input": "other"},
        {"output": None},
        {"status": "failed"},
        {"planned": replace(STEPS[0].planned, priority=0.6)},
        {"planned": replace(STEPS[0].planned, item=1)},
    ],
)
def test_another_step_is_another_digest(change):
    assert dag_digest([replace(STEPS[0], **change)]) != dag_digest(STEPS[:1])


@pytest.mark.parametrize(
    "change", [{"id": "other"}, {"elapsed_ms": 9.0}, {"attempts": ()}, {"origin": "cache"}]
)
def test_times_and_attempts_are_no_part_of_the_digest(change):
    assert dag_digest([replace(STEPS[0], **change)]) == dag_digest(STEPS[:1])


def test_digests_have_32_digits_and_know_the_order():
    assert len(dag_digest(STEPS)) == len(answer_digest(b"", "")) == 32
    assert dag_digest(STEPS[:2]) != dag_digest(STEPS[1::-1])


def test_an_answer_is_told_by_its_bytes_and_why_it_ended():
    found = {answer_digest(b"a", "budget"), answer_digest(b"b", "budget"), answer_digest(b"a", "")}

    assert len(found) == 3


def test_a_deadline_is_shown_as_it_was_set_and_apart_the_time_to_end():
    deadline, agents = (CertificateLine(name, 1, 123) for name in ("deadline_s", "max_agents"))

    assert (deadline.asked, deadline.grace) == (120, 3)
    assert (agents.asked, agents.grace) == (123, 0)

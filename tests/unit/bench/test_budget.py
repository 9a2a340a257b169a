from dataclasses import replace

import pytest

from docsearch_cli.evaluation.loss_scores import BudgetLosses, Found
from docsearch_cli.evaluation.losses import STAGES
from tests.bench.bench_budget import NEAR, Row

FOUND = Found(0.8, 0.6, 0.4)
STAGE_SHARES = {**dict.fromkeys(STAGES, 0.0), "found": 0.8, "not_reached": 0.2}


def row(*, explored=FOUND, reading=FOUND, simple=FOUND):
    reasons = {"not_reached": {"no_edge": 0.05, "depth": 0.15}}
    budget = BudgetLosses(20, 9.5, STAGE_SHARES, reasons, 0.9, 0.7, explored, reading)
    return Row("set", 10, simple, budget)


def test_what_finds_as_much_is_not_behind():
    assert row().behind == []
    assert row(explored=replace(FOUND, recall_at_5=0.8 - NEAR)).behind == []


@pytest.mark.parametrize("measure", ["recall_at_5", "all_at_5", "answers_found"])
def test_less_in_any_measure_is_behind(measure):
    more = replace(FOUND, **{measure: getattr(FOUND, measure) + 0.011})

    assert row(reading=more).behind == ["kw"]
    assert row(simple=more).behind == ["simple"]
    assert row(reading=more).cells()[-1] == "behind kw"


def test_questions_without_answers_are_behind_in_none():
    without = replace(FOUND, answers_found=None)

    assert row(explored=without, reading=without, simple=without).behind == []


def test_what_was_not_reached_is_told_apart_by_whether_an_edge_was_seen():
    assert row().loss_cells()[-4:-2] == ("15.0", "5.0")

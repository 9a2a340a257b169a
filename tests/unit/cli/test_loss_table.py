from typing import get_args

import pytest

from docsearch_cli.cli.loss_table import loss_lines, loss_table, reading_table
from docsearch_cli.cli.output import console
from docsearch_cli.evaluation.answers import AnswerPlace
from docsearch_cli.evaluation.loss_scores import BudgetLosses, Found, Losses
from docsearch_cli.evaluation.loss_words import REASON_WORDS, STAGE_WORDS
from docsearch_cli.evaluation.losses import STAGES, LossReason


def budget(most=20, reasons=None, **stages):
    shares = {stage: stages.get(stage, 0.0) for stage in STAGES}
    found = Found(0.5, 0.25, None)
    return BudgetLosses(most, 7.25, shares, reasons or {}, 0.8, 0.6, found, found)


def losses(*budgets, **counts):
    known = {
        "questions": 2,
        "without_gold": 0,
        "gold_documents": 3,
        "not_indexed": 0,
        "answers": 0,
        "answers_in_gold": 0,
    }
    return Losses(**{**known, **counts}, budgets=budgets)


def shown(table, width=100):
    class Stream:
        text = ""

        def write(self, text):
            self.text += text

        def flush(self):
            pass

        def isatty(self):
            return False

    stream = Stream()
    console(stream, width=width).print(table)
    return [line.rstrip() for line in stream.text.split("\n")]


def test_every_stage_and_reason_has_words():
    named = {reason for reasons in REASON_WORDS.values() for reason in reasons}

    assert set(STAGE_WORDS) == set(STAGES)
    assert named | {""} == set(get_args(LossReason))
    assert set(REASON_WORDS["not_quoted"]) == set(get_args(AnswerPlace))


def test_a_stage_has_a_row_and_a_budget_a_column():
    lines = shown(loss_table(losses(budget(0, found=0.5), budget(40, found=0.75))))

    assert lines[0].split() == ["most", "agents", "0", "40"]
    assert lines[1].split()[-2:] == ["50.0", "75.0"]
    assert lines[1].startswith("found")
    assert "not in the index" not in "\n".join(lines)


def test_a_reason_has_a_row_below_its_stage_where_something_was_lost_by_it():
    reasons = {"not_reached": {"depth": 0.2}}
    lines = shown(loss_table(losses(budget(5), budget(20, reasons, not_reached=0.2))))
    stage = next(number for number, line in enumerate(lines) if line.startswith("not reached"))

    assert lines[stage + 1].split() == [
        "edge",
        "seen,",
        "deeper",
        "than",
        "max_depth",
        "0.0",
        "20.0",
    ]
    assert not any("fan_out" in line for line in lines)


def test_what_the_index_lacks_has_a_row_where_it_lacks_something():
    lines = shown(loss_table(losses(budget(not_indexed=0.1))))

    assert any(line.startswith("not in the index") for line in lines)


def test_the_ceilings_stand_below():
    lines = shown(loss_table(losses(budget())))

    assert [line.split()[-1] for line in lines if line.startswith("at best")] == ["80.0", "60.0"]


@pytest.mark.parametrize("width", [30, 40, 60])
def test_no_number_is_cut_in_a_narrow_terminal(width):
    table = loss_table(losses(*(budget(most, found=0.123) for most in (5, 10))))

    assert sum(line.split()[-2:] == ["12.3", "12.3"] for line in shown(table, width)) == 1
    assert all(len(line) <= width for line in shown(table, width))


def test_exploring_and_reading_are_in_one_row():
    lines = shown(reading_table(losses(budget(20))))

    assert lines[0].split()[:3] == ["agents", "used", "R@5"]
    assert lines[1].split() == ["20", "7.2", "50.0", "25.0", "-", "50.0", "25.0", "-"]


def test_the_lines_say_what_was_counted_and_what_was_left_out():
    text = "\n".join(
        loss_lines(losses(budget(), without_gold=3, not_indexed=1, answers=2, answers_in_gold=1))
    )

    assert "2 questions with 3 gold documents" in text
    assert "3 questions without gold documents left out" in text
    assert "1 gold document not in the index" in text
    assert "for 1 of the 2 questions" in text


def test_what_there_is_none_of_is_not_said():
    text = "\n".join(loss_lines(losses(budget())))

    assert "left out" not in text
    assert "index" not in text
    assert "answer" not in text

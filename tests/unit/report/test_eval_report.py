import pytest

from docsearch_cli.evaluation.asking import AskedQuestion, Prediction
from docsearch_cli.evaluation.loss_scores import score_losses
from docsearch_cli.evaluation.losses import Loss
from docsearch_cli.evaluation.measures import score_questions
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.evaluation.search_trace import SeenEdge
from docsearch_cli.report.eval_report import eval_report, mean_interval
from docsearch_cli.report.recall_chart import ChartPoint, draw_recall
from tests.unit.report.pages import HOSTILE, Page

BUDGETS = (0, 20)


def prediction(name, documents):
    return Prediction(name, documents, documents, 3, 100, 20, "", 1.5, True)


def asked(name, question, gold, documents, loss=None):
    predictions = (prediction(name, ()), prediction(name, documents))
    losses = tuple(
        loss or Loss(path, "found" if path in documents else "not_seeded", "", None, 7, False, None)
        for path in gold
    )
    first = tuple(Loss(path, "not_seeded", "", None, 7, False, None) for path in gold)
    return AskedQuestion(
        GoldQuestion(name, question, gold), predictions, ("k.md",), 50, (first, losses), predictions
    )


def report(*questions, **more):
    result = score_questions(questions, BUDGETS)
    return eval_report(
        "questions.jsonl", questions, result, score_losses(questions, BUDGETS, result), **more
    )


FOUND = asked("q1", "Where is A?", ("a.md",), ("a.md",))
SEEN = SeenEdge("a.md", "link", 0.5, "fan_out")
MISSED = asked(
    "q2", "Where is B?", ("b.md",), ("a.md",),
    Loss("b.md", "not_reached", "fan_out", None, 31, False, SEEN),
)  # fmt: skip
NO_ANSWER = asked("q3", "Where is nothing?", (), ())


def test_every_question_is_there_with_its_recall_and_what_became_of_its_gold():
    page = Page(report(FOUND, MISSED, NO_ANSWER))

    assert "Where is A? 0.0 100.0 a.md found" in page.text
    assert "Where is B? 0.0 0.0 b.md not reached: edge seen, fan_out used up" in page.text
    assert "keyword rank 31, seen on a.md by link" in page.text
    assert "Where is nothing? – – no answer in the documents" in page.text
    assert [row.get("data-kind") for row in page.all("tr") if "data-kind" in row] == [
        "found", "not_reached missed", "unanswerable",
    ]  # fmt: skip


def test_each_budget_has_its_scores_and_losses():
    page = Page(report(FOUND, MISSED))

    assert "20 0.0 50.0" not in page.text  # R@2 comes first
    assert "20 50.0 50.0 0.0 to 100.0 50.0" in page.text
    assert "found: among the first five 0.0 50.0" in page.text


def test_one_question_has_no_interval():
    assert "20 100.0 100.0 – 100.0" in Page(report(FOUND)).text


def test_the_same_evaluation_gives_the_same_bytes():
    assert report(FOUND, MISSED) == report(FOUND, MISSED)


def test_hostile_text_stays_text():
    html = report(asked(HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,)), conditions=f"path {HOSTILE}")
    page = Page(html)

    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]
    assert html.encode("utf-8")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([1.0], None),
        ([1.0, 1.0, 1.0], (1.0, 1.0)),
        ([0.0, 1.0], (0.0, 1.0)),
        ([0.4, 0.6] * 50, (0.4803, 0.5197)),
    ],
)
def test_an_interval_is_two_standard_errors_within_bounds(values, expected):
    assert mean_interval(values) == (pytest.approx(expected, abs=1e-4) if expected else None)


def test_a_chart_has_a_point_for_each_budget_and_a_bar_for_each_interval():
    chart = draw_recall([ChartPoint(0, 0.5, 0.4, 0.6, None), ChartPoint(20, 0.9, None, None, 0.7)])

    assert [mark.low is None for mark in chart.explored] == [False, True]
    assert chart.explored[1].y < chart.keyword[0].y < chart.explored[0].y
    assert chart.explored[0].high < chart.explored[0].y < chart.explored[0].low
    assert chart.explored_path.count("L") == 1
    assert [label for _, label in chart.ticks] == ["0", "20"]

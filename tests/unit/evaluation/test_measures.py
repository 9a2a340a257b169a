from dataclasses import replace

import pytest

from docsearch_cli.evaluation.asking import AskedQuestion, Prediction
from docsearch_cli.evaluation.measures import score_questions, suggest_budget
from docsearch_cli.evaluation.questions import GoldQuestion


def predicted(documents=(), opened=(), *, returned=10, evidence="", ms=1.0, found=True):
    return Prediction(
        "1", tuple(documents), tuple(opened), len(opened), 100, returned, evidence, ms, found
    )


def asked(gold, *predictions, keyword="abcdefgh", whole_tokens=100, answers=()):
    question = GoldQuestion("1", "q", tuple(gold), tuple(answers))
    return AskedQuestion(question, predictions, tuple(keyword), whole_tokens)


def scores_of(*questions, budget=20):
    return score_questions(questions, [budget]).budgets[0]


def test_recall_is_the_share_of_the_gold_among_the_first():
    scores = scores_of(asked("ac", predicted("abcdefghijk")), asked("yk", predicted("abcdefghijk")))

    assert scores.recall_at_2 == 0.25
    assert scores.recall_at_5 == 0.5
    assert scores.all_at_5 == 0.5


def test_what_was_opened_is_compared_with_as_many_of_the_keyword_ranking():
    first = asked("ch", predicted(opened="hc"), keyword="abcdefgh")
    second = asked("c", predicted(opened="xyz"), keyword="abcdefgh")
    scores = scores_of(first, second)

    assert scores.documents_opened == 2.5
    assert scores.recall_opened == 0.5  # both of the first, none of the second
    assert scores.recall_keyword == 0.5  # neither c nor h among a, b; c among a, b, c


def test_the_keyword_search_opens_nothing_to_compare():
    scores = scores_of(asked("a", predicted("a")), budget=0)

    assert (scores.recall_opened, scores.recall_keyword) == (None, None)


def test_what_is_returned_is_compared_with_whole_pages():
    result = score_questions(
        [
            asked("a", predicted(returned=10), whole_tokens=100),
            asked("z", predicted(returned=50), whole_tokens=140),
        ],
        [20],
    )

    assert result.whole_tokens == 120
    assert result.whole_recall == 0.5
    assert result.budgets[0].tokens_returned == 30
    assert result.budgets[0].fewer_tokens == 0.75


def test_no_pages_to_compare_with_is_no_share():
    assert scores_of(asked("a", predicted(), whole_tokens=0)).fewer_tokens is None


def test_questions_without_gold_are_counted_and_left_out():
    result = score_questions([asked("a", predicted("a")), asked("", predicted("b"))], [20])

    assert (result.questions, result.scored) == (2, 1)
    assert result.budgets[0].recall_at_5 == 1


def test_a_search_that_failed_is_counted_and_said_nothing_of_the_documents():
    failed = replace(predicted(found=False), failed=True)
    scores = scores_of(asked("a", failed), asked("", failed), asked("a", predicted("a")))

    assert (scores.failed, scores.wrongly_not_found, scores.not_found_recall) == (2, 0, 0)
    assert scores.recall_at_5 == 0.5


def test_answers_are_a_share_of_the_questions_that_have_one():
    found = asked("a", predicted(evidence="It was Greta."), answers=["greta"])
    missed = asked("a", predicted(evidence="It was Greta."), answers=["Anna"])
    without = asked("a", predicted(evidence="It was Greta."))

    assert scores_of(found, missed, without).answers_found == 0.5
    assert scores_of(without).answers_found is None


@pytest.mark.parametrize(
    ("recalls", "expected"),
    [
        ({0: 0.7, 10: 0.9, 20: 0.9}, 10),
        ({0: 0.7, 10: 0.89, 20: 0.9}, 10),
        ({0: 0.7, 10: 0.8899, 20: 0.9}, 20),
        ({0: 0.9, 10: 0.8}, 0),
        ({5: 0.0}, 5),
    ],
)
def test_the_smallest_budget_within_one_point_of_the_best_is_suggested(recalls, expected):
    any_scores = scores_of(asked("a", predicted("a")))
    found = [
        replace(any_scores, max_agents=agents, recall_at_5=share)
        for agents, share in recalls.items()
    ]

    assert suggest_budget(found) == expected


def test_not_found_is_measured_on_the_unanswerable_beside_those_with_gold():
    scores = score_questions(
        [
            asked("", predicted(found=False)),
            asked("", predicted(found=False)),
            asked("", predicted(found=True)),
            asked("a", predicted("a", found=False)),
            asked("a", predicted("a", found=True)),
        ],
        [20],
    )

    assert scores.unanswerable == 3
    assert scores.budgets[0].not_found_precision == 0.6667
    assert scores.budgets[0].not_found_recall == 0.6667
    assert scores.budgets[0].wrongly_not_found == 1
    assert scores.budgets[0].questions == 2  # the unanswerable do not count in recall
    assert scores.budgets[0].recall_at_5 == 1


def test_without_unanswerable_questions_not_found_has_no_precision_or_recall():
    scores = scores_of(asked("a", predicted("a", found=False)))

    assert (scores.not_found_precision, scores.not_found_recall) == (None, None)
    assert scores.wrongly_not_found == 1


def test_a_question_without_gold_but_with_an_answer_is_not_unanswerable():
    found = score_questions(
        [asked("a", predicted("a")), asked("", predicted(found=False), answers=["Ystad"])], [20]
    )

    assert (found.questions, found.scored, found.unanswerable) == (2, 1, 0)

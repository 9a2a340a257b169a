import pytest

from docsearch_cli.evaluation.asking import AskedQuestion, Prediction
from docsearch_cli.evaluation.loss_scores import score_losses
from docsearch_cli.evaluation.losses import STAGES, Loss
from docsearch_cli.evaluation.measures import score_questions
from docsearch_cli.evaluation.questions import GoldQuestion


def predicted(documents="", agents=3, evidence=""):
    return Prediction("1", tuple(documents), (), agents, 100, 10, evidence, 1.0, found=True)


def loss(path, stage, reason=""):
    return Loss(path, stage, reason, None, None, stage in ("found", "not_ranked"), None)


def asked(losses, *, reading=None, keyword="", answers=(), in_gold=None, **prediction):
    """A question whose gold documents are lost as given: path -> stage, or stage and reason."""
    found = [loss(path, *([how] if isinstance(how, str) else how)) for path, how in losses.items()]
    question = GoldQuestion("1", "q", tuple(losses), answers)
    return AskedQuestion(
        question,
        (predicted(**prediction),),
        tuple(keyword),
        100,
        (tuple(found),),
        (reading or predicted(),),
        in_gold,
    )


def score(*questions, budget=20):
    losses = score_losses(questions, [budget], score_questions(questions, [budget]))
    return losses, losses.budgets[0]


def test_every_question_counts_the_same_and_the_stages_add_up_to_one():
    _, budget = score(
        asked({"a": "found", "b": "not_ranked", "c": "not_seeded", "d": ("not_reached", "depth")}),
        asked({"a": "not_ranked"}),
    )

    assert budget.stages == {
        "found": 0.125,
        "not_quoted": 0,
        "not_ranked": 0.625,
        "not_seeded": 0.125,
        "not_reached": 0.125,
        "not_indexed": 0,
    }
    assert tuple(budget.stages) == STAGES
    assert sum(budget.stages.values()) == 1


def test_the_reasons_of_a_stage_add_up_to_it_and_the_largest_is_first():
    _, budget = score(
        asked({"a": ("not_reached", "depth"), "b": ("not_reached", "no_edge")}),
        asked({"a": ("not_reached", "no_edge"), "b": ("not_quoted", "read")}),
    )

    assert list(budget.reasons["not_reached"].items()) == [("no_edge", 0.5), ("depth", 0.25)]
    assert budget.reasons["not_quoted"] == {"read": 0.25}
    assert budget.stages["not_reached"] == 0.75
    assert set(budget.reasons) == {"not_reached", "not_quoted"}


def test_the_best_ranking_of_what_was_opened_has_no_more_than_five_documents():
    opened = dict.fromkeys("abcdefgh", "not_ranked")
    _, budget = score(asked({**opened, "i": "not_seeded", "j": "not_seeded"}))

    assert budget.best_ranking == 0.5
    assert score(asked({"a": ("not_quoted", "read"), "b": "found"}))[1].best_ranking == 1
    assert score(asked({"a": "not_seeded"}))[1].best_ranking == 0


def test_as_many_documents_of_the_keyword_ranking_as_agents_were_used():
    first = asked({"c": "found"}, keyword="abcd", agents=3)
    second = asked({"c": "found"}, keyword="abcd", agents=2)

    assert score(first, second)[1].keyword_documents == 0.5


def test_exploring_stands_beside_the_keyword_ranking_read_as_deep():
    question = asked(
        {"a": "found", "b": "found"},
        answers=("Greta",),
        documents="ab",
        evidence="It was Greta",
        reading=predicted(documents="axyzwb", evidence="nobody"),
    )
    _, budget = score(question)
    explored, reading = budget.explored, budget.keyword_reading

    assert (explored.recall_at_5, explored.all_at_5, explored.answers_found) == (1, 1, 1)
    assert (reading.recall_at_5, reading.all_at_5, reading.answers_found) == (0.5, 0, 0)


def test_the_keyword_search_opens_nothing_to_compare():
    _, budget = score(asked({"a": "found"}, agents=0), budget=0)

    assert (budget.best_ranking, budget.keyword_documents, budget.keyword_reading) == (None,) * 3


def test_what_cannot_be_found_or_quoted_is_counted():
    losses, _ = score(
        asked({"a": "found", "x": "not_indexed"}, in_gold=True),
        asked({"a": "found"}, in_gold=False),
        asked({"a": "found"}),
        asked({}),
    )

    assert (losses.questions, losses.without_gold) == (3, 1)
    assert (losses.gold_documents, losses.not_indexed) == (4, 1)
    assert (losses.answers, losses.answers_in_gold) == (2, 1)


@pytest.mark.parametrize("key", ["questions", "gold_documents", "budgets"])
def test_the_result_is_plain_data(key):
    assert key in score(asked({"a": "found"}))[0].to_dict()

import pytest

from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.search.ask import ask
from docsearch_cli.search.estimate import estimate_run

QUESTION = "which valve does a pump need at the mill"


@pytest.fixture
def most(desk):
    def estimate(**limits):
        options = desk.options(**limits)
        return estimate_run(desk.home, desk.index, QUESTION, options, warn=print).to_dict()["most"]

    return estimate


@pytest.mark.parametrize(
    ("limits", "agents"),
    [
        ({"seeds": 1, "max_depth": 0}, 1),
        ({"seeds": 1, "max_depth": 1, "fan_out": 2}, 3),
        ({"seeds": 1, "max_depth": 2, "fan_out": 1}, 3),
        ({"seeds": 2, "max_depth": 3, "fan_out": 3}, 5),  # as many pages as there are
        ({"max_agents": 2}, 2),
        ({"max_agents": 0}, 0),
        ({"max_tokens": 50}, 5),  # of 50 tokens, short pages leave some to others
        ({"max_tokens": 1_200, "seeds": 1, "max_depth": 0}, 1),
    ],
)
def test_no_more_agents_than_limits_and_pages_allow(most, limits, agents):
    assert most(**limits)["agents"] == agents


def test_the_other_bounds_follow_from_the_agents(most):
    found = most(max_agents=2, attempts=2, reading_tokens=100, answer_tokens=70, deadline_s=9)

    assert found["tries"] == 2 * 3
    assert found["tokens_read"] == 200
    assert found["tokens_returned"] == 70
    assert found["seconds"] == 9 + 2
    assert found["depth"] == 3


def test_the_tokens_of_all_agents_are_a_bound_too(most):
    assert most(max_agents=4, reading_tokens=100, max_tokens=150)["tokens_read"] == 150


def test_a_question_that_may_need_keywords_only_is_bounded_by_both_searches(desk):
    def tokens(mode, **limits):
        options = desk.options(mode=mode, max_agents=2, reading_tokens=100, **limits)
        found = estimate_run(desk.home, desk.index, QUESTION, options, warn=print)
        return found.most["tokens_read"]

    assert (tokens("deep"), tokens("auto"), tokens("auto", max_tokens=300)) == (200, 500, 300)


def test_no_agent_reaches_no_depth(most):
    assert most(max_agents=0)["depth"] == 0


def test_an_agent_of_this_machine_spends_nothing_elsewhere(most):
    assert not {"requests", "tokens_sent_and_received"} & set(most())


def test_a_question_asked_before_is_foreseen_to_its_end(desk):
    options = desk.options(use_cache=True, max_agents=4)
    before = estimate_run(desk.home, desk.index, QUESTION, options, warn=print)
    used = ask(desk.home, desk.index, QUESTION, options).budget["agents_used"]
    after = estimate_run(desk.home, desk.index, QUESTION, options, warn=print)

    assert before.to_dict()["cached"] == 0
    assert after.to_dict()["cached"] == used > 0


def test_without_a_cache_nothing_is_foreseen(desk):
    ask(desk.home, desk.index, QUESTION, desk.options(use_cache=True))
    found = estimate_run(desk.home, desk.index, QUESTION, desk.options(), warn=print)

    assert found.to_dict()["cached"] == 0


def test_a_question_without_words_has_no_seeds(desk):
    found = estimate_run(desk.home, desk.index, "???", desk.options(), warn=print).to_dict()

    assert (found["seeds"], found["most"]["agents"]) == ([], 0)


def test_nothing_is_recorded(desk):
    estimate_run(desk.home, desk.index, QUESTION, desk.options(use_cache=True), warn=print)

    assert not (desk.home / "runs").exists()


def test_a_question_must_be_asked(desk):
    with pytest.raises(UsageError, match="empty"):
        estimate_run(desk.home, desk.index, "  ", desk.options(), warn=print)


def test_a_starting_point_must_be_indexed(desk):
    with pytest.raises(InputError, match="not in the index"):
        estimate_run(desk.home, desk.index, QUESTION, desk.options(starts=("nope.md",)), warn=print)

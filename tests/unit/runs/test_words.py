from dataclasses import replace
from typing import get_args

import pytest

from docsearch_cli.explore.step_summary import StepSummary
from docsearch_cli.runs.reached import LimitName, ReachedLimit
from docsearch_cli.runs.words import (
    BRIEF_STOP_WORDS,
    DROP_WORDS,
    STOP_WORDS,
    brief_stop_words,
    edge_words,
    ended_words,
    stop_words,
)
from docsearch_cli.steps import DropReason, StopReason

STEP = StepSummary(
    id="2-traverse-aaaaaa", kind="traverse", node="b.md", path="b.md", number=2, parent=1,
    parent_id="1-traverse-aaaaaa", edge="mention", edge_text="", edge_line=0, depth=1,
    decision="answer", reason="", heading="", score=0.5, status="ok", attempts=1, cached=False,
    ms=1.0, tokens_read=1, follows=0,
)  # fmt: skip


def leaves_of(literal):
    """The words of a literal type, also of those that it is made of."""
    return {
        word
        for item in get_args(literal)
        for word in (leaves_of(item) if get_args(item) else {item})
    }


def test_every_reason_has_words():
    assert set(STOP_WORDS) == {"simple", *leaves_of(StopReason)}
    assert set(BRIEF_STOP_WORDS) == set(STOP_WORDS)
    assert set(DROP_WORDS) == set(get_args(DropReason))


@pytest.mark.parametrize("reason", STOP_WORDS)
def test_what_is_said_briefly_is_said_in_the_same_words(reason):
    assert brief_stop_words(reason, "complete") in STOP_WORDS[reason]


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (20, "stopped: answered"),
        (19, "stopped: answered; 1 agent unspent"),
        (6, "stopped: answered; 14 agents unspent"),
    ],
)
def test_agents_that_are_left_are_said(used, words):
    assert ended_words("answered", (), {"max_agents": 20, "agents_used": used}) == words


def test_a_run_that_did_not_end_was_interrupted():
    assert ended_words("", (), None) == "stopped: interrupted"


@pytest.mark.parametrize(
    ("reason", "reached", "words"),
    [
        ("answered", [], "answered"),
        ("budget", [], "budget reached"),
        ("budget", [("max_agents", 20, 20)],
         "budget reached: 20 of 20 agents (raised by --max-agents)"),
        ("budget", [("max_tokens", 11_300, 12_000)],
         "budget reached: 11,300 of 12,000 tokens read (raised by --max-tokens)"),
        ("budget", [("max_requests", 8, 8), ("max_cost", 9_000, 10_000)],
         "budget reached: 8 of 8 requests (raised by --max-requests) and"
         " $0.009 of $0.01 (raised by --max-cost)"),
        ("depth", [("max_depth", 3, 3)], "depth reached: 3 of 3 hops (raised by --max-depth)"),
        ("", [], "interrupted"),
    ],
)  # fmt: skip
def test_why_a_search_ended_is_said_in_words(reason, reached, words):
    assert stop_words(reason, [ReachedLimit(*limit) for limit in reached]) == words


def test_every_limit_that_may_end_a_run_has_words():
    for name in get_args(LimitName):
        assert "raised by" in stop_words("budget", [ReachedLimit(name, 1, 1)])


@pytest.mark.parametrize(
    ("reason", "status", "words"),
    [
        ("no_gain", "complete", "nothing new"),
        (None, "interrupted", "interrupted"),
        ("of a later version", "complete", "of a later version"),
    ],
)
def test_a_list_says_in_a_word_or_two_how_a_run_ended(reason, status, words):
    assert brief_stop_words(reason, status) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parent": None, "edge": "title"}, "named in the question"),
        ({"parent": None, "edge": "start"}, "starting point"),
        ({"parent": None, "edge": "keyword"}, ""),
        ({"edge": "follow_up"}, "follow up"),
        ({"edge": "link", "edge_line": 7}, "link, line 7"),
        ({"edge": "link", "edge_text": "the  store", "edge_line": 7}, 'link "the store", line 7'),
        ({"edge": "link", "edge_text": "x" * 99}, f'link "{"x" * 37}..."'),
    ],
)
def test_how_a_step_was_reached_is_said_in_words(changes, words):
    assert edge_words(replace(STEP, **changes)) == words

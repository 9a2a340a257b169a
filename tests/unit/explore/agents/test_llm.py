import asyncio
import json
import random
from contextlib import suppress
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.explore.agents.llm import (
    MOST_REQUESTS,
    ReadMore,
    UnusableReplyError,
    decide_by_model,
    read_reply,
)
from docsearch_cli.explore.agents.llm_prompt import (
    MOST_EDGES,
    Repair,
    ShownPage,
    build_request,
)
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.step_output import read_opened
from docsearch_cli.explore.view import Decision, EdgeView, SectionView, View
from docsearch_cli.llm.exchange import ModelReply
from docsearch_cli.llm.replies import Problem
from docsearch_cli.steps import canonical_json, estimate_tokens
from tests.unit.explore.agents.test_local import edge, section, view

LONG = "\n\n".join(f"Sentence number {count} of a long section about bread." for count in range(60))


class Scripted:
    """Replies in turn, and keeps what it was asked."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.requests = []

    async def ask(self, request):
        self.requests.append(request)
        said = self.replies.pop(0)
        if isinstance(said, Exception):
            raise said
        text = said if isinstance(said, str) else json.dumps(said)
        return ModelReply(text, 10, 5, "small", "stop")


def says(action="answer", **changes):
    base = {
        "action": action, "relevance": 0.9, "sentences": [1], "edges": [], "sections": [],
        "look_for": "", "reason": "it says so",
    }  # fmt: skip
    return base | changes


def decided(shown, *replies):
    asker = Scripted(*replies)
    return asyncio.run(decide_by_model(shown, asker)), asker.requests


def read(shown, reply, page=None, finish_reason="stop"):
    text = reply if isinstance(reply, str) else json.dumps(reply)
    return read_reply(page or ShownPage.first(shown), ModelReply(text, 1, 1, "m", finish_reason))


def told(request):
    return "\n".join(message.text for message in request.messages)


PAGE = view(
    sections=[
        section("## Retention\n\nSnapshots *are kept* for 30 days. Then they go.\n\nBread.\n")
    ],
    edges=[edge("b.md"), edge("c.md", score=0.2), edge("b.md", line=9)],
)


def test_an_answer_quotes_the_bytes_of_the_sentences_that_it_names():
    decision, requests = decided(PAGE, says(sentences=[2, 1]))

    (quote,) = decision.evidence
    assert quote.text == "Snapshots *are kept* for 30 days. Then they go."
    assert quote.text in PAGE.sections[0].text
    assert (quote.line_start, quote.line_end) == (7, 7)
    assert quote.plain == "Snapshots are kept for 30 days. Then they go."
    assert (decision.kind, decision.relevance, len(requests)) == ("answer", 0.9, 1)
    assert set(decision.covered) == {"snapshot", "kept"}


def test_sentences_apart_are_quotes_apart_the_most_telling_first():
    decision, _ = decided(PAGE, says(sentences=[3, 1]))

    assert [quote.plain for quote in decision.evidence] == [
        "Bread.", "Snapshots are kept for 30 days.",
    ]  # fmt: skip
    assert decision.evidence[0].score > decision.evidence[1].score > 0


def test_pages_are_followed_by_their_number_in_the_order_of_their_priority():
    decision, _ = decided(
        PAGE,
        says("expand", sentences=[], look_for="who keeps them",
             edges=[{"edge": 2, "promise": 1}, {"edge": 1, "promise": 0.1}]),
    )  # fmt: skip

    assert [(item.target, item.edge) for item in decision.follow] == [("c.md", 1), ("b.md", 0)]
    assert decision.follow[0].reason == "promises 1.00 of: who keeps them"
    assert decision.look_for == ("who keeps them",)


def test_words_that_were_learned_on_the_way_are_shown():
    sought = replace(PAGE, sought={"parks": 4.2, "sink": 3.1})
    _, (request,) = decided(sought, says())

    assert "\nWords from the page that led here: parks sink\n" in told(request)


def test_a_page_that_two_edges_lead_to_is_shown_once():
    assert ShownPage.first(PAGE).edges == (0, 1)


def test_the_plan_takes_the_decision_as_any_agents():
    decision, _ = decided(PAGE, says("expand", edges=[{"edge": 1, "promise": 0.5}]))
    opened = read_opened(PAGE, canonical_json(decision.to_dict()), 1_200)

    assert opened.decision == decision
    assert list(opened.neighbours) == ["b.md"]


def test_numbers_that_were_not_shown_are_left_out_and_counted():
    decision, _ = decided(
        PAGE,
        says(
            sentences=[99, 1, 0, -1, 1],
            edges=[{"edge": 7, "promise": 1}, {"edge": 1, "promise": 1}],
        ),
    )

    assert len(decision.evidence) == 1
    assert [item.target for item in decision.follow] == ["b.md"]
    assert decision.reason == "it says so; 4 numbers that were not shown left out"


@pytest.mark.parametrize(
    "reply",
    [
        "", "no", "[]", "3", "null", "{", '{"action": "answer"}', "[" * 100_000, "1" * 10_000,
        json.dumps(says(sentences=[])), json.dumps(says(sentences=[99])),
        json.dumps(says("expand")), json.dumps(says("expand", edges=[{"edge": 9, "promise": 1}])),
        json.dumps(says("read_more", sections=[1])), json.dumps(says("fly")),
        json.dumps(says(relevance="high")), json.dumps(says(relevance=True)),
        json.dumps(says(relevance=float("nan"))), json.dumps(says(relevance=None)),
        json.dumps(says(sentences=["1"])), json.dumps(says(sentences=[1.0])),
        json.dumps(says(sentences=[True])), json.dumps(says(sentences=1)),
        json.dumps(says(edges=[1])), json.dumps(says(edges=[{"edge": 1}])),
        json.dumps(says(edges=[{"edge": 1, "promise": "x"}])), json.dumps(says(edges={})),
        json.dumps(says(reason=3)), json.dumps(says(look_for=None)),
        json.dumps(says(max_agents=2_000)), json.dumps([says()]),
        json.dumps(says(reason="x" * 30_000)),
    ],
)  # fmt: skip
def test_a_reply_that_is_no_decision_is_asked_for_again_once(reply):
    decision, requests = decided(PAGE, reply, says())

    assert decision.kind == "answer"
    assert len(requests) == 2
    assert "cannot be used" in told(requests[1])
    assert len(told(requests[1])) < len(told(requests[0])) + 1_000

    with pytest.raises(UnusableReplyError):
        decided(PAGE, reply, reply)


def test_a_reply_that_was_cut_is_no_decision():
    assert isinstance(read(PAGE, says(), finish_reason="length"), Problem)


@pytest.mark.parametrize(
    ("given_relevance", "kept"), [(7, 1.0), (-1, 0.0), (10**400, 1.0), (0.5, 0.5)]
)
def test_relevance_is_cut_to_its_range(given_relevance, kept):
    outcome = read(PAGE, says(relevance=given_relevance))

    assert isinstance(outcome, Decision)
    assert outcome.relevance == kept


def test_a_fence_of_code_around_a_reply_is_no_fault():
    assert isinstance(read(PAGE, f"```json\n{json.dumps(says())}\n```"), Decision)


def test_a_dead_end_leads_nowhere():
    outcome = read(PAGE, says("dead_end", sentences=[], edges=[{"edge": 1, "promise": 1}]))

    assert isinstance(outcome, Decision)
    assert (outcome.kind, outcome.follow, outcome.evidence) == ("dead_end", (), ())


def test_words_of_a_model_are_one_short_line_without_control_characters():
    outcome = read(PAGE, says(reason="a\n\x1b[2Jb" + "c" * 400, look_for="\u202ex\x00"))

    assert isinstance(outcome, Decision)
    assert outcome.reason.isprintable()
    assert len(outcome.reason) < 260


MANY = view(
    sections=[
        section(LONG, section=place, heading=f"Part {place}", line_start=100 * place + 1)
        for place in range(4)
    ]
)


def test_more_sections_are_read_when_they_are_asked_for_twice_at_most():
    asker_says = (
        says("read_more", sections=[2, 2, 40]),
        says("read_more", sections=[3, 4]),
        says(sentences=[200]),
    )
    decision, requests = decided(MANY, *asker_says)

    assert [told(request).count("Sentence number 7 ") for request in requests] == [1, 2, 4]
    assert "Sections that are not shown yet" in told(requests[0])
    assert "read_more" not in told(requests[2])
    assert "read_more" not in json.dumps(requests[2].schema)
    assert decision.evidence[0].section == 3
    assert decision.tokens_read == sum(estimate_tokens(item.text) for item in MANY.sections)


def test_what_was_not_read_is_not_counted():
    decision, _ = decided(MANY, says())

    assert decision.tokens_read == estimate_tokens(LONG)


def test_sentences_keep_their_numbers_when_more_is_read():
    first = ShownPage.first(MANY)
    more = first.with_sections((2,), may_read_more=True)

    assert more.sentences[: len(first.sentences)] == first.sentences


def test_a_third_wish_to_read_is_a_fault():
    wish = says("read_more", sections=[2])
    with pytest.raises(UnusableReplyError):
        decided(MANY, wish, says("read_more", sections=[3]), wish, wish)


def test_no_step_asks_more_often_than_it_says():
    replies = ["no", says("read_more", sections=[2]), says("read_more", sections=[3]), says()]
    _, requests = decided(MANY, *replies)

    assert len(requests) == MOST_REQUESTS == AGENTS["llm"].may_spend.requests
    assert requests[0].max_output_tokens == AGENTS["llm"].may_spend.output_tokens


def test_a_page_with_nothing_to_choose_costs_nothing():
    decision, requests = decided(view(sections=[section("\n")]))

    assert (decision.kind, requests) == ("dead_end", [])


def test_what_the_asker_raises_passes():
    with pytest.raises(ConnectionError):
        decided(PAGE, ConnectionError())


def test_equal_views_are_asked_in_the_same_bytes():
    one, two = (
        build_request(ShownPage.first(shown), output_tokens=9) for shown in (PAGE, replace(PAGE))
    )

    assert canonical_json(one.to_dict()) == canonical_json(two.to_dict())


def changed_in(shown, part, name):
    """A view with one field of its own, of its section or of its edge changed."""
    owner = shown if part == "" else getattr(shown, part)[0]
    old = getattr(owner, name)
    others = {"markup": "text", "language": "german", "direction": "in", "kind": "mention"}
    if isinstance(old, tuple):
        new = (*old, "kept")
    elif isinstance(old, dict):
        new = {**old, "long": 7.0}
    else:
        new = others.get(name) or old + ("x" if isinstance(old, str) else 1)
    if part == "":
        return replace(shown, **{name: new})
    rest = getattr(shown, part)[1:]
    return replace(shown, **{part: (replace(owner, **{name: new}), *rest)})


NAMES = [
    (part, item.name)
    for part, kind in (("", View), ("sections", SectionView), ("edges", EdgeView))
    for item in fields(kind)
    if item.name not in ("sections", "edges", "content_hash")
]


@pytest.mark.parametrize(("part", "name"), NAMES)
def test_all_that_a_model_is_shown_is_part_of_what_its_step_is_kept_under(part, name):
    two = replace(
        view(
            sections=[section(), section("### More\n\nIt is kept.\n", section=1)],
            edges=[edge("b.md"), edge("c.md")],
        ),
        model="openai:small",
    )
    other = changed_in(two, part, name)
    reply = says(sentences=[1, 2], edges=[{"edge": 1, "promise": 0.5}])
    (one_said, one_asked), (other_said, other_asked) = (
        decided(item, reply) for item in (two, other)
    )
    is_same = (one_said, one_asked) == (other_said, other_asked)

    assert is_same or AGENTS["llm"].looks_at(two.to_dict()) != AGENTS["llm"].looks_at(
        other.to_dict()
    )


def test_a_hub_shows_the_best_of_its_edges():
    hub = view(sections=[section()], edges=[edge(f"{number}.md") for number in range(64)])

    assert len(ShownPage.first(hub).edges) == MOST_EDGES


TEXTS = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("<|[]>\u200b\n `#*")), max_size=300
)


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, st.integers(0, 10**6))
def test_no_page_makes_a_step_ask_more_often_or_breaks_out_of_its_fence(text, title, seed):
    chance = random.Random(seed)
    shown = view(
        sections=[
            section(text * chance.randint(1, 30), section=place, heading=title[:150])
            for place in range(chance.randint(0, 5))
        ],
        edges=[
            edge(f"{number}.md", title=title, text=text) for number in range(chance.randint(0, 9))
        ],
    )
    numbers = list(range(1, 7))
    replies = [
        chance.choice(["😀" * 900, says(), says("read_more", sections=chance.sample(numbers, 2))])
        for _ in range(MOST_REQUESTS + 1)
    ]
    asker = Scripted(*replies)
    with suppress(UnusableReplyError):
        asyncio.run(decide_by_model(shown, asker))

    assert len(asker.requests) <= MOST_REQUESTS
    assert len({canonical_json(item.to_dict()) for item in asker.requests}) == len(asker.requests)
    for request in asker.requests:
        data = told(request).split("\nDATA ")[1].split("\nEND DATA ")
        assert len(data) == 2
        assert data[0][:16] == data[1][:16]


@settings(max_examples=200, deadline=None)
@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(list(says())), inner, max_size=8),
    ),
    max_leaves=20,
))  # fmt: skip
def test_nothing_that_a_model_may_say_breaks_the_reading(value):
    for reply in (value, says() | (value if isinstance(value, dict) else {"edges": value})):
        outcome = read(PAGE, json.dumps(reply))
        assert isinstance(outcome, Decision | ReadMore | Problem)
        if isinstance(outcome, Decision):
            read_opened(PAGE, canonical_json(outcome.to_dict()), 1_200)


def test_a_repaired_reply_is_repeated_only_as_far_as_it_helps():
    request = build_request(
        ShownPage.first(PAGE), output_tokens=9, repair=Repair("y" * 9_000, "it is too long")
    )

    assert len(request.messages[2].text) == 600

"""An agent that asks a language model, and believes nothing of its reply but a choice of numbers.

    view --ShownPage--> request --asker--> reply --read_reply--> decision
                          ^                          |
                          `--- more sections, or ----'
                               what was wrong, once

A model chooses among what it was shown: one of three decisions, sentences, pages. What it says in
its own words is for people and leads nowhere. So a page that talks it into something can at most
make it choose badly. Quotes are cut from the page by the numbers of its sentences, so they are byte
for byte in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from docsearch_cli.explore.agents.llm_prompt import (
    MOST_FOLLOWED,
    MOST_REASON_CHARS,
    MOST_SECTIONS,
    MOST_SENTENCES,
    MOST_WORDS_CHARS,
    Repair,
    Sentence,
    ShownPage,
    build_request,
)
from docsearch_cli.explore.view import Decision, DecisionKind, Follow, View
from docsearch_cli.llm.cleaning import one_line
from docsearch_cli.llm.exchange import Asker, ModelReply
from docsearch_cli.llm.replies import Problem, read_object
from docsearch_cli.retrieval.answer_types import asked_types
from docsearch_cli.retrieval.quotes import MOST_QUOTE_CHARS, Quote
from docsearch_cli.steps import StepDeclinedError

# How often one step may ask for more sections, and how often a reply is asked for again.
_MOST_READ_MORE = 2
_MOST_REPAIRS = 1
MOST_REQUESTS = 1 + _MOST_READ_MORE + _MOST_REPAIRS
# Of a reply: a few numbers and a sentence. A model that thinks aloud first needs far more.
OUTPUT_TOKENS = 500
# Quotes of a page, as the local agent's.
_MOST_QUOTES = 4
_NEXT_QUOTE_LOSS = 0.1
# A page's priority is its own score and what the model expects of it, on the local agent's scale.
_OWN_SHARE = 0.5
_PROMISE_SHARE = 0.6
_FIELDS = ("action", "relevance", "sentences", "edges", "sections", "look_for", "reason")


class UnusableReplyError(StepDeclinedError):
    """A model's replies at a page are no decision, its second try included."""


class ReadMore(NamedTuple):
    """A model asks for sections that it was not shown yet, by their place in the view."""

    sections: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Reply:
    """A reply of the right form, its numbers not looked at yet."""

    action: str
    relevance: float
    sentences: tuple[int, ...]
    edges: tuple[tuple[int, float], ...]
    sections: tuple[int, ...]
    look_for: str
    reason: str


async def decide_by_model(view: View, asker: Asker) -> Decision:
    """Return a language model's decision at a view.

    Args:
        view: What may be shown, and which model is asked.
        asker: Sends requests, and accounts for them.

    Returns:
        The decision, of the same form as the local agent's.

    Raises:
        UnusableReplyError: If no reply was a decision. What the asker raises passes.
    """
    page = ShownPage.first(view)
    extra, repair, first_problem = 0, None, ""
    if not page.sentences and not page.edges:
        return _finish(page, _Reply("dead_end", 0.0, (), (), (), "", "nothing to read or to open"))
    while True:
        request = build_request(page, repair=repair, output_tokens=OUTPUT_TOKENS)
        reply = await asker.ask(request)
        outcome, repair = read_reply(page, reply), None
        if isinstance(outcome, Decision):
            return outcome
        if isinstance(outcome, ReadMore):
            extra += 1
            page = page.with_sections(outcome.sections, may_read_more=extra < _MOST_READ_MORE)
        elif first_problem:
            raise UnusableReplyError(f"{outcome.words}; its first reply: {first_problem}")
        else:
            repair, first_problem = Repair(reply.text, outcome.words), outcome.words


def read_reply(page: ShownPage, reply: ModelReply) -> Decision | ReadMore | Problem:
    """Return what a reply decides.

    Numbers that were not shown are left out, and counted in the decision's reason.

    Args:
        page: What the model was shown.
        reply: As it came.

    Returns:
        The decision; or what the model asks for; or why the reply is neither.
    """
    parsed = _parse(reply)
    if isinstance(parsed, Problem):
        return parsed
    if parsed.action == "read_more":
        wanted = tuple(dict.fromkeys(number - 1 for number in parsed.sections))
        known = tuple(place for place in wanted if place in page.unread)
        if known:
            return ReadMore(known[:MOST_SECTIONS])
        words = (
            "none of its sections is one that can be read" if page.unread else "no more can be read"
        )
        return Problem(f"{words}; decide by what is shown")
    return _decision(page, parsed)


def _parse(reply: ModelReply) -> _Reply | Problem:
    """Return a reply's fields, or what is wrong with them."""
    data = read_object(reply, _FIELDS)
    if isinstance(data, Problem):
        return data
    action, edges = data["action"], data["edges"]
    relevance = _share(data["relevance"])
    sentences, sections = _numbers(data["sentences"]), _numbers(data["sections"])
    if action not in ("answer", "expand", "dead_end", "read_more"):
        return Problem("action is none of those named")
    if relevance is None:
        return Problem("relevance is not a number from 0 to 1")
    if sentences is None or sections is None:
        return Problem("sentences and sections are lists of whole numbers")
    if not isinstance(data["look_for"], str) or not isinstance(data["reason"], str):
        return Problem("look_for and reason are texts")
    followed = [_edge(item) for item in edges] if isinstance(edges, list) else [None]
    known = tuple(item for item in followed if item is not None)
    if len(known) < len(followed):
        return Problem('edges is a list of {"edge": whole number, "promise": 0 to 1}')
    look_for = one_line(data["look_for"], MOST_WORDS_CHARS)
    reason = one_line(data["reason"], MOST_REASON_CHARS)
    return _Reply(action, relevance, sentences, known, sections, look_for, reason)


def _share(value: Any) -> float | None:
    """Return a number, cut to 0 to 1; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return float(min(1, max(0, value)))


def _numbers(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list) or any(type(item) is not int for item in value):
        return None
    return tuple(value)


def _edge(item: Any) -> tuple[int, float] | None:
    if not isinstance(item, dict) or set(item) != {"edge", "promise"}:
        return None
    promise = _share(item["promise"])
    return (item["edge"], promise) if type(item["edge"]) is int and promise is not None else None


def _decision(page: ShownPage, reply: _Reply) -> Decision | Problem:
    """Return the decision that a reply of the right form makes."""
    sentences = _known(reply.sentences, len(page.sentences))[:MOST_SENTENCES]
    promises = dict(reversed(reply.edges))  # of two for a page, the first counts
    followed = _known((number for number, _ in reply.edges), len(page.edges))[:MOST_FOLLOWED]
    if reply.action == "answer" and not sentences:
        return Problem("an answer names at least one sentence that is shown")
    if reply.action == "expand" and not followed:
        return Problem("expand names at least one page that can be opened")
    if reply.action == "dead_end":
        followed = []
    return _finish(page, reply, sentences, [(number, promises[number]) for number in followed])


def _known(numbers: Iterable[int], most: int) -> list[int]:
    """Return the numbers that were shown, each once, in their order."""
    return list(dict.fromkeys(number for number in numbers if 1 <= number <= most))


def _finish(
    page: ShownPage,
    reply: _Reply,
    sentences: list[int] | None = None,
    followed: list[tuple[int, float]] | None = None,
) -> Decision:
    view = page.view
    quotes = _quotes(page, sentences or [])
    here = {term for quote in quotes for term in quote.terms}
    kinds: dict[str, DecisionKind] = {"answer": "answer", "expand": "expand"}
    return Decision(
        kind=kinds.get(reply.action, "dead_end"),
        relevance=round(reply.relevance, 4),
        reason=_reason(page, reply),
        covered=tuple(term for term in view.tokens if term in here or term in view.covered),
        evidence=tuple(quotes),
        follow=_follow(page, followed or [], reply.look_for),
        tokens_read=page.tokens_read,
        look_for=(reply.look_for,) if reply.look_for else (),
        judged=True,
    )


def _quotes(page: ShownPage, numbers: list[int]) -> list[Quote]:
    """Return the quotes that some sentences make: those that stand together are one."""
    chosen = [page.sentences[number - 1] for number in numbers]
    asked = asked_types(page.view.question)
    quotes: list[Quote] = []
    taken: set[Sentence] = set()
    for sentence in chosen:
        if sentence in taken or len(quotes) == _MOST_QUOTES:
            continue
        places = _run(page, sentence, chosen, taken)
        taken.update(Sentence(sentence.section, place) for place in places)
        score = 1 - _NEXT_QUOTE_LOSS * len(quotes)
        section = page.sections[sentence.section]
        quotes.append(section.quote_of(places, score, page.view.tokens, asked))
    return quotes


def _run(
    page: ShownPage, sentence: Sentence, chosen: list[Sentence], taken: set[Sentence]
) -> range:
    """Return the chosen sentences around one that stand together, as far as a quote goes."""
    units = page.sections[sentence.section].units
    free = {item.place for item in chosen if item.section == sentence.section and item not in taken}
    start, end = sentence.place, sentence.place + 1
    left = MOST_QUOTE_CHARS - len(units[start].plain)
    while end in free and len(units[end].plain) < left:
        left -= len(units[end].plain) + 1
        end += 1
    while start - 1 in free and len(units[start - 1].plain) < left:
        left -= len(units[start - 1].plain) + 1
        start -= 1
    return range(start, end)


def _follow(
    page: ShownPage, followed: list[tuple[int, float]], look_for: str
) -> tuple[Follow, ...]:
    """Return the proposals of a reply, best first."""
    proposals: list[Follow] = []
    for number, promise in followed:
        place = page.edges[number - 1]
        edge = page.view.edges[place]
        priority = round(_OWN_SHARE * edge.score + _PROMISE_SHARE * promise, 4)
        reason = f"promises {promise:.2f}" + (f" of: {look_for}" if look_for else "")
        proposals.append(Follow(edge.target, place, priority, reason))
    return tuple(sorted(proposals, key=lambda item: (-item.priority, item.target)))


def _reason(page: ShownPage, reply: _Reply) -> str:
    """Return a decision's reason: the model's, and what was left of its reply."""
    named = [*reply.sentences, *(number for number, _ in reply.edges)]
    kept = [number for number in reply.sentences if 1 <= number <= len(page.sentences)]
    kept += [number for number, _ in reply.edges if 1 <= number <= len(page.edges)]
    notes = []
    dropped = len(named) - len(kept)
    if dropped:
        noun = "number that was" if dropped == 1 else "numbers that were"
        notes.append(f"{dropped} {noun} not shown left out")
    return "; ".join((reply.reason or "no reason given", *notes))

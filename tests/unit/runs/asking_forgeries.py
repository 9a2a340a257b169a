"""Forgeries of what a run asked of a model, by one who makes every hash and sum right again."""

from __future__ import annotations

import copy
from typing import Any

from tests.unit.runs.forgeries import Forge, refused_as
from tests.unit.runs.forging import Forgery

BY_ASKING: list[tuple[str, Forge]] = []
BY_WRITING: list[tuple[str, Forge]] = []


def asked_of(forgery: Forgery, number: int) -> list[dict[str, Any]]:
    """The requests of a step."""
    return [data for data in forgery.all("asked") if data["step"] == number]


def reply_to(forgery: Forgery, asked: dict[str, Any]) -> dict[str, Any]:
    return next(data for data in forgery.all("replied") if data["number"] == asked["number"])


def last_request(forgery: Forgery) -> tuple[dict[str, Any], dict[str, Any]]:
    """The last request of a step that decided by two of them, and its reply."""
    decided = {
        data["number"]
        for data in forgery.all("commit")
        if (data["ended"] or {}).get("status") == "ok"
    }
    asked = next(
        data
        for data in reversed(forgery.all("asked"))
        if data["step"] in decided
        and '"more": true' in str(forgery.load(data["input"])["messages"])
    )
    return asked, reply_to(forgery, asked)


def renumber(forgery: Forgery) -> None:
    """Number the requests as they stand in the record."""
    new: dict[int, int] = {}
    for kind, data in forgery.events:
        if kind == "asked":
            new[data["number"]] = data["number"] = len(new) + 1
        elif kind == "replied":
            data["number"] = new[data["number"]]


def remove(forgery: Forgery, asked: dict[str, Any]) -> None:
    """Take a request out of the record, and number the others as if it had never been."""
    gone = (asked, reply_to(forgery, asked))
    forgery.events = [event for event in forgery.events if event[1] not in gone]
    renumber(forgery)


def failed_request(forgery: Forgery) -> dict[str, Any]:
    """A request that came to nothing, the only one of its attempt."""
    failed = {data["number"] for data in forgery.all("replied") if data["output"] is None}
    alone = [
        data
        for data in forgery.all("asked")
        if data["number"] in failed
        and sum(
            (other["step"], other["attempt"]) == (data["step"], data["attempt"])
            for other in forgery.all("asked")
        )
        == 1
    ]
    return alone[0]


@refused_as(r"request \d+, of step \S+, costs something else", by=BY_ASKING)
def a_reply_that_cost_less(forgery):
    _, replied = last_request(forgery)
    replied["charged"] = {**replied["charged"], "micro_usd": 1}
    forgery.add_up()


@refused_as(r"request \d+, of step \S+, costs something else", by=BY_ASKING)
def a_reply_that_reports_less(forgery):
    _, replied = last_request(forgery)
    reply = forgery.load(replied["output"])
    replied["output"] = forgery.put({**reply, "input_tokens": 1})


@refused_as(r"request \d+, of step \S+, costs something else", by=BY_ASKING)
def a_request_that_reserved_less(forgery):
    asked, _ = last_request(forgery)
    asked["reserved"] = {**asked["reserved"], "tokens": 300}


@refused_as(r"request \d+, of step \S+, costs something else", by=BY_ASKING)
def a_cheaper_model(forgery):
    forgery.facts["model"]["price"]["input"] = 1


@refused_as(r"request \d+, of step \S+, costs something else", by=BY_ASKING)
def a_request_to_another_model(forgery):
    asked, _ = last_request(forgery)
    asked["input"] = forgery.put({**forgery.load(asked["input"]), "model": "other"})


@refused_as(r"request \d+, of step \S+, was not answered before", by=BY_ASKING)
def a_request_that_was_known_already(forgery):
    asked, replied = last_request(forgery)
    nothing = {"requests": 0, "tokens": 0, "micro_usd": 0}
    asked.update(origin="resume", reserved=nothing)
    replied["charged"] = nothing


@refused_as(r"step \S+ asked more than it might", by=BY_ASKING)
def a_smaller_grant(forgery):
    forgery.sent(1)["grant"]["tokens"] = 10


@refused_as(r"step \d+ might ask more, or less, than the rules say", by=BY_ASKING)
def a_larger_grant(forgery):
    forgery.sent(1)["grant"]["tokens"] += 10


@refused_as(r"step \S+ asked in an attempt that it did not make", by=BY_ASKING)
def a_request_of_a_later_attempt(forgery):
    asked, _ = last_request(forgery)
    asked["attempt"] = 9


@refused_as(r"step \S+ lacks a request of its attempt 1", by=BY_ASKING)
def an_attempt_without_its_request(forgery):
    remove(forgery, failed_request(forgery))
    forgery.add_up()


@refused_as(r"step \S+ lacks a request of its attempt \d", by=BY_ASKING)
def an_attempt_that_took_too_long_and_was_answered(forgery):
    asked, _ = last_request(forgery)
    ended = forgery.commit_of(asked["step"])["ended"]
    (attempt,) = ended["attempts"]
    late = {**attempt, "status": "timeout", "error": "StepTimeout: no reply"}
    ended["attempts"] = [late, {**attempt, "number": 2}]
    ended["elapsed_ms"] *= 2
    asked["attempt"] = 2


@refused_as(r"step \S+ cannot be decided again: the step asked no more .*", by=BY_ASKING)
def a_step_without_its_last_request(forgery):
    asked, _ = last_request(forgery)
    remove(forgery, asked)
    forgery.add_up()


@refused_as(r"step \S+ cannot be decided again: it asks less than was recorded", by=BY_ASKING)
def a_step_with_a_request_more(forgery):
    asked, replied = last_request(forgery)
    more = copy.deepcopy((asked, replied))
    more[0]["number"] = more[1]["number"] = 1_000
    place = forgery.events.index(("replied", replied)) + 1
    forgery.events[place:place] = [("asked", more[0]), ("replied", more[1])]
    renumber(forgery)
    forgery.add_up()


@refused_as(r"step \S+ cannot be decided again: request \d+ of the run was .*", by=BY_ASKING)
def a_request_with_other_words(forgery):
    asked, _ = last_request(forgery)
    request = forgery.load(asked["input"])
    request["messages"][0]["text"] = "decode"  # it is as long
    asked["input"] = forgery.put(request)


@refused_as(r"step \S+ gives another output than is recorded", by=BY_ASKING)
def a_reply_with_other_words(forgery):
    _, replied = last_request(forgery)
    reply = forgery.load(replied["output"])
    replied["output"] = forgery.put(
        {**reply, "text": reply["text"].replace('"why": "', '"why": "x')}
    )


@refused_as(r"request 3 of the run was made out of order", by=BY_ASKING)
def a_request_that_was_left_out(forgery):
    forgery.events = [
        (kind, data)
        for kind, data in forgery.events
        if not (kind in ("asked", "replied") and data["number"] == 2)
    ]


@refused_as(r"request \d+ of the run was made out of order", by=BY_ASKING)
def a_request_after_its_step_had_ended(forgery):
    asked, replied = last_request(forgery)
    moved = [(kind, data) for kind, data in forgery.events if data in (asked, replied)]
    rest = [(kind, data) for kind, data in forgery.events if data not in (asked, replied)]
    last = max(place for place, (kind, _) in enumerate(rest) if kind == "commit")
    forgery.events = [*rest[: last + 1], *moved, *rest[last + 1 :]]


@refused_as(r"request \d+ was answered twice, or too late", by=BY_ASKING)
def a_reply_after_its_step_had_ended(forgery):
    _, replied = last_request(forgery)
    forgery.events.remove(("replied", replied))
    last = max(place for place, (kind, _) in enumerate(forgery.events) if kind == "commit")
    forgery.events.insert(last + 1, ("replied", replied))


@refused_as(r"request \d+ was answered twice, or too late", by=BY_ASKING)
def a_second_reply(forgery):
    _, replied = last_request(forgery)
    place = next(place for place, (_, data) in enumerate(forgery.events) if data is replied)
    forgery.events.insert(place, ("replied", copy.deepcopy(replied)))


@refused_as(r"event \d+ of the run, asked, has no place there", by=BY_ASKING)
def a_request_after_the_fan_in(forgery):
    last = max(data["number"] or 0 for data in forgery.all("commit"))
    forgery.events.remove(("commit", forgery.commit_of(last)))
    moved = asked_of(forgery, last)
    moved += [reply_to(forgery, data) for data in moved]
    late = [event for event in forgery.events if event[1] in moved]
    rest = [event for event in forgery.events if event[1] not in moved]
    forgery.events = [*rest[:-1], *late, rest[-1]]
    renumber(forgery)
    forgery.ending.update(status="partial", stop_reason="cancelled")


@refused_as(r"the run's budget is not what its record adds up to", by=BY_ASKING)
def a_run_that_cost_less(forgery):
    forgery.ending["budget"]["cost_micro_usd"] -= 1


@refused_as(r"the run's budget is not what its record adds up to", by=BY_ASKING)
def a_run_with_fewer_requests(forgery):
    forgery.ending["budget"]["requests"] -= 1


@refused_as(r"the run's certificate is not what its record adds up to", by=BY_ASKING)
def a_certificate_with_less_money(forgery):
    line = next(line for line in forgery.ending["certificate"] if line["name"] == "max_cost")
    line["used"] -= 1


# An answer that a model wrote


@refused_as(r"step write-\w+ asked more than it might", by=BY_WRITING)
def a_smaller_budget(forgery):
    for name in ("limits", "requested"):
        forgery.facts[name] = {**forgery.facts[name], "max_cost": 10}


@refused_as(r"the input of step write-\w+ does not follow: evidence.*", by=BY_WRITING)
def an_answer_from_other_quotes(forgery):
    planned, _ = forgery.fixed("write")
    facts = forgery.load(planned["input"])
    facts["evidence"][0]["score"] = 0.123
    planned["input"] = forgery.put(facts)
    forgery._rename()


@refused_as(r"the run was to have an answer written, and has none", by=BY_WRITING)
def no_answer(forgery):
    planned, ended = forgery.fixed("write")
    gone = [planned, ended, *forgery.all("asked"), *forgery.all("replied")]
    forgery.events = [event for event in forgery.events if event[1] not in gone]
    renumber(forgery)
    forgery.add_up()


@refused_as(r"step write-\w+ gives another output than is recorded", by=BY_WRITING)
def another_answer(forgery):
    _, ended = forgery.fixed("write")
    output = forgery.load(ended["output"])
    output["sentences"][0]["text"] = "It is not so."
    ended["output"] = forgery.put(output)


@refused_as(r"request 1 of the run was made out of order", by=BY_WRITING)
def a_request_of_a_page_while_it_is_written(forgery):
    forgery.all("asked")[-1]["step"] = 1


@refused_as(r"event \d+ of the run, fixed_planned, has no place there", by=BY_WRITING)
def an_answer_before_the_fan_in(forgery):
    place = next(n for n, (_, data) in enumerate(forgery.events) if data.get("kind") == "aggregate")
    writing = next(n for n, (_, data) in enumerate(forgery.events) if data.get("kind") == "write")
    fan_in = forgery.events[place : place + 2]
    forgery.events[place : place + 2] = []
    forgery.events[writing + 2 : writing + 2] = fan_in

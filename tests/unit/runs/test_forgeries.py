"""One forgery for each check: a record is changed, every hash is made right, and it is refused.

A check that nobody can trip is no check. The last test here reads the checks out of the source: a
new one needs a forgery that only it refuses.
"""

from __future__ import annotations

import ast
import re
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.verify import verify_run
from tests.support import PACKAGE
from tests.unit.runs.asking_forgeries import BY_ASKING, BY_WRITING
from tests.unit.runs.forgeries import BY_INDEX, BY_RECORD, MORE_DAMAGES, ON_TRUST, rechain
from tests.unit.runs.forging import Forgery, forging

FORGERIES: list[tuple[str, Callable[[Forgery], None]]] = []
DAMAGES: list[tuple[str, Callable[[RunStore], None]]] = []


def refused_as(message: str):
    """Register a forgery with the whole message that refuses it, as a pattern."""

    def register(forge):
        FORGERIES.append((message, forge))
        return forge

    return register


def damage_refused_as(message: str):
    def register(damage):
        DAMAGES.append((message, damage))
        return damage

    return register


def names(registered) -> list[str]:
    return [forge.__name__ for _, forge in registered]


# What verify.py checks: limits and certificate


@refused_as(r"the run's window 99 is out of range")
def a_limit_above_the_most(forgery):
    forgery.facts["limits"]["window"] = 99


@refused_as(r"the run's fan_out 99 is out of range")
def a_fork_with_a_limit_above_the_most(forgery):
    forgery.facts["fork"] = {"run": "ab", "changes": [{"at": 2, "limits": {"fan_out": 99}}]}


@refused_as(r"the run passed its limits: deadline_s")
def a_run_that_took_too_long(forgery):
    forgery.ending["certificate"][-1]["used"] = 999.0


@refused_as(r"the run's certificate is not what its record adds up to")
def a_certificate_with_fewer_agents(forgery):
    forgery.ending["certificate"][0]["used"] -= 1


@refused_as(r"the run's dag is not what its record adds up to")
def another_digest_of_the_steps(forgery):
    forgery.ending["dag"] = "0" * 32


@refused_as(r"the run's answer is not what its record adds up to")
def another_digest_of_the_answer(forgery):
    forgery.ending["answer"] = "0" * 32


# What verify.py checks: each step by itself


@refused_as(r"step 2-traverse-\w+ gives another output than is recorded")
def a_decision_with_another_reason(forgery):
    ended = forgery.commit_of(2)["ended"]
    ended["output"] = forgery.put({**forgery.load(ended["output"]), "reason": "a better one"})
    forgery.add_up()


@refused_as(r"step aggregate-\w+ gives another output than is recorded")
def an_answer_with_another_text(forgery):
    _, ended = forgery.fixed("aggregate")
    ended["output"] = forgery.put({**forgery.load(ended["output"]), "answer": "FORGED"})
    forgery.add_up()


@refused_as(r"step 3-traverse-\w+ was run by a function that no plan asks for")
def a_step_of_another_agent(forgery):
    forgery.sent(3)["function"] = "explore.edges@4"


@refused_as(r"step 3-traverse-\w+ was run by a function that no plan asks for")
def an_attempt_by_no_fallback(forgery):
    forgery.commit_of(3)["ended"]["attempts"][0]["function"] = "explore.aggregate@7"


@refused_as(r"step 3-traverse-\w+ hides, or feigns, that a fallback stood in")
def a_degraded_step_without_a_fallback(forgery):
    forgery.commit_of(3)["ended"]["status"] = "degraded"


@refused_as(r"step 3-traverse-\w+ hides, or feigns, that a fallback stood in")
def a_fallback_that_is_not_said(forgery):
    forgery.commit_of(3)["ended"]["attempts"][0]["function"] = "explore.edges@4"


@refused_as(r"step 3-traverse-\w+ is shared, and the run is no fork")
def a_step_that_is_shared_with_no_run(forgery):
    forgery.commit_of(3)["ended"].update(origin="fork", attempts=[], elapsed_ms=0)


@refused_as(r"step 3-traverse-\w+ was shown something else than its node")
def a_view_of_another_node(forgery):
    forgery.sent(3)["input"] = forgery.sent(4)["input"]


@refused_as(r"step 3-traverse-\w+ was shown something else than its node")
def a_view_with_another_question(forgery):
    sent = forgery.sent(3)
    sent["input"] = forgery.put({**forgery.load(sent["input"]), "question": "what else?"})


# What verify.py checks: the ending


@refused_as(r"event 18 of the run, run_finished, has no place there")
def a_run_without_its_fan_in(forgery):
    planned, ended = forgery.fixed("aggregate")
    forgery.events = [event for event in forgery.events if event[1] not in (planned, ended)]
    forgery.add_up()


@refused_as(r"the run's budget is not what its record adds up to")
def a_budget_with_fewer_tokens(forgery):
    forgery.ending["budget"]["tokens_read"] -= 1


@refused_as(r"the run's budget is not what its record adds up to")
def a_budget_with_more_agents_allowed(forgery):
    forgery.ending["budget"]["max_agents"] += 1


@refused_as(r"the run's documents is not what its record adds up to")
def an_ending_without_its_best_document(forgery):
    forgery.ending["documents"] = forgery.ending["documents"][1:]


@refused_as(r"the input of step aggregate-\w+ does not follow: opened")
def a_step_that_is_kept_from_the_answer(forgery):
    planned, _ = forgery.fixed("aggregate")
    facts = forgery.load(planned["input"])
    forgery.rerun_fan_in({**facts, "opened": facts["opened"][1:]})
    forgery.add_up()


def with_evidence(forgery, change):
    """Change a quote in what the fan-in was given, and let it answer from that."""
    planned, _ = forgery.fixed("aggregate")
    facts = forgery.load(planned["input"])
    change(next(item for item in facts["opened"] if item["evidence"])["evidence"])
    forgery.rerun_fan_in(facts)
    forgery.add_up()


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.0\.evidence\.0\.plain")
def a_quote_that_no_step_found(forgery):
    def forge_quote(evidence):
        evidence[0]["text"] = evidence[0]["plain"] = "The moon is made of green cheese."

    with_evidence(forgery, forge_quote)


@refused_as(r"the input of step aggregate-\w+ does not follow: opened\.0\.evidence")
def a_quote_that_is_left_out(forgery):
    with_evidence(forgery, lambda evidence: evidence.pop())


# What verify.py checks: the plan


@refused_as(r"step 3 was committed out of order")
def two_commits_in_another_order(forgery):
    second, third = forgery.commit_of(2), forgery.commit_of(3)
    second["number"], third["number"] = 3, 2


@refused_as(r"step 12 was committed out of order")
def a_commit_of_a_step_that_was_never_sent(forgery):
    place = forgery.events.index(("commit", forgery.commit_of(11)))
    commit = {"number": 12, "ended": None, "drops": [], "sent": []}
    forgery.events.insert(place + 1, ("commit", commit))


@refused_as(r"what was dropped after step 2 is not what the rules say")
def a_drop_that_is_left_out(forgery):
    forgery.commit_of(2)["drops"].pop()


@refused_as(r"what was dropped after step 2 is not what the rules say")
def a_drop_with_another_reason(forgery):
    forgery.commit_of(2)["drops"][0]["reason"] = "depth"


@refused_as(r"what was dropped after step 0 is not what the rules say")
def a_drop_before_any_step(forgery):
    drop = {"parent": None, "item": 9, "subject": "x.md", "reason": "seeds", "priority": 0.1}
    forgery.commit_of(None)["drops"].append(drop)


@refused_as(r"step 4 is not the one that the rules say")
def a_step_with_another_priority(forgery):
    forgery.sent(4)["priority"] += 0.25


@refused_as(r"step 4 was sent before or after its turn")
def a_step_that_was_sent_early(forgery):
    sent = forgery.commit_of(1)["sent"].pop()
    forgery.commit_of(None)["sent"].append(sent)


def send_one_more(forgery):
    """Send a step that looks like the last one and that no rule asks for."""
    last = forgery.sent(11)
    more = {**last, "number": 12, "id": "12-traverse-abcdef"}  # renamed when it is saved
    forgery.commit_of(11)["sent"].append(more)
    return {**forgery.commit_of(11)["ended"], "id": more["id"]}


@refused_as(r"step 12 was sent against the rules")
def a_step_that_no_rule_asks_for(forgery):
    send_one_more(forgery)


@refused_as(r"step 12 was kept and never sent")
def a_kept_step_that_no_rule_asks_for(forgery):
    ended = send_one_more(forgery)
    place = forgery.events.index(("commit", forgery.commit_of(11)))
    forgery.events.insert(place + 1, ("kept", {"ended": [ended]}))


@refused_as(r"the run did not end where the rules say")
def another_reason_to_stop(forgery):
    forgery.ending["stop_reason"] = "answered"
    forgery.add_up()


@refused_as(r"the run did not end where the rules say")
def a_run_that_calls_itself_complete_too_early(forgery):
    """The last step and its commit are cut off."""
    place = forgery.events.index(("commit", forgery.commit_of(11)))
    del forgery.events[place]
    sender = next(data for data in forgery.all("commit") if forgery.sent(11) in data["sent"])
    sender["sent"].pop()


@refused_as(r"step 2-traverse-\w+ was committed and never ended")
def a_commit_without_an_end(forgery):
    forgery.commit_of(2)["ended"] = None


@pytest.fixture
def taken_as_it_is(monkeypatch):
    """No step that opened a node is run again: the agent may decide otherwise each time."""
    monkeypatch.setitem(AGENTS, "local", replace(AGENTS["local"], is_deterministic=False))


OF_AN_AGENT = {"a_decision_of_no_kind", "an_agent_that_read_more_than_it_might"}


@refused_as(r"the output of step 2-traverse-\w+ is not a decision: .*banana.*")
def a_decision_of_no_kind(forgery):
    ended = forgery.commit_of(2)["ended"]
    ended["output"] = forgery.put({**forgery.load(ended["output"]), "kind": "banana"})


@refused_as(r"the output of step 2-traverse-\w+ is not a decision: it read 9999 tokens.*")
def an_agent_that_read_more_than_it_might(forgery):
    ended = forgery.commit_of(2)["ended"]
    ended["output"] = forgery.put({**forgery.load(ended["output"]), "tokens_read": 9999})


# What trace.py checks: the events


@refused_as(r"event 2 of the run does not begin it")
def two_beginnings(forgery):
    forgery.events.insert(1, ("run_started", forgery.facts))


@refused_as(r"event 1 of the run does not begin it")
def no_beginning(forgery):
    del forgery.events[0]


@refused_as(r"'\.\./\.\./etc' is not a run id")
def a_run_id_that_is_a_path(forgery):
    forgery.facts["run_id"] = "../../etc"


@refused_as(r"event 2 of the run is of an unknown kind")
def an_event_of_no_kind(forgery):
    forgery.events.insert(1, ("party", {}))


@refused_as(r"the run was continued after its end")
def a_complete_run_that_is_continued(forgery):
    forgery.events.append(("run_resumed", dict(forgery.facts)))


@refused_as(r"the run ended twice, or in an unknown way")
def two_endings(forgery):
    forgery.events.append(("run_finished", dict(forgery.ending)))


@refused_as(r"the run ended twice, or in an unknown way")
def an_ending_of_no_kind(forgery):
    forgery.ending["status"] = "banana"


@refused_as(r"the run stopped for an unknown reason")
def a_stop_for_no_reason(forgery):
    forgery.ending["stop_reason"] = "bored"


@refused_as(r"step 2-traverse-\w+ of the run was planned twice or out of order")
def a_step_that_was_sent_twice(forgery):
    forgery.commit_of(None)["sent"].append(forgery.sent(2))


@refused_as(r"step 2-traverse-\w+ of the run was planned twice or out of order")
def steps_that_were_sent_in_another_order(forgery):
    forgery.commit_of(None)["sent"][:2] = reversed(forgery.commit_of(None)["sent"][:2])


@refused_as(r"step 2-traverse-\w+ of the run ended twice or was never planned")
def a_step_that_ended_twice(forgery):
    ended = forgery.commit_of(2)["ended"]
    forgery.events.insert(-1, ("kept", {"ended": [ended]}))


@refused_as(r"step nobody of the run ended twice or was never planned")
def an_end_of_no_step(forgery):
    forgery.commit_of(2)["ended"]["id"] = "nobody"


@refused_as(r"step 2-traverse-\w+ of the run has an unknown status")
def a_step_of_no_status(forgery):
    forgery.commit_of(2)["ended"]["status"] = "banana"


@refused_as(r"step 2-traverse-\w+ of the run has an unknown origin")
def a_step_of_no_origin(forgery):
    forgery.commit_of(2)["ended"]["origin"] = "banana"


@refused_as(r"step 2-traverse-\w+ of the run has no output that fits its status")
def a_failed_step_with_an_output(forgery):
    forgery.commit_of(2)["ended"]["status"] = "failed"


@refused_as(r"step 2-traverse-\w+ of the run has no output that fits its status")
def a_step_that_ended_well_without_an_output(forgery):
    forgery.commit_of(2)["ended"]["output"] = None


@refused_as(r"the run's events make no sense: 'bored' is no reason to drop a proposal")
def a_drop_for_no_reason(forgery):
    forgery.commit_of(2)["drops"][0]["reason"] = "bored"


# What store.py checks


@refused_as(r"the run's record holds no event")
def no_event(forgery):
    forgery.events.clear()


@refused_as(r"event 20 of the run has another shape: run_finished lacks, or has beside .*, budget")
def an_ending_without_a_budget(forgery):
    del forgery.ending["budget"]


@damage_refused_as(r"the record lacks the content sha256:\w+")
def a_blob_that_is_gone(store):
    (name,) = store.connection.execute("select max(hash) from blobs").fetchone()
    store.connection.execute("delete from blobs where hash = ?", (name,))


@damage_refused_as(r"the content sha256:\w+ is damaged: .*")
def a_blob_that_does_not_unpack(store):
    store.connection.execute("update blobs set data = x'ffffffff' where rowid = 1")


@damage_refused_as(r"the content sha256:\w+ is not what was recorded")
def a_blob_with_other_content(store):
    changed = zlib.compress(b"something else")
    store.connection.execute("update blobs set data = ? where rowid = 1", (changed,))


@damage_refused_as(r"event 3 of the run is not what was recorded")
def an_event_with_other_content(store):
    store.connection.execute("update events set data = '{}' where seq = 3")


@damage_refused_as(r"event 3 of the run is not what was recorded")
def an_event_that_is_numbered_anew(store):
    store.connection.execute("update events set seq = seq + 1000 where seq >= 3")


@damage_refused_as(r"event 4 of the run is damaged: .*")
def an_event_that_is_no_json(store):
    rechain(store, 4, "{")


@damage_refused_as(r"event 4 of the run is damaged: it is no object")
def an_event_that_is_no_object(store):
    rechain(store, 4, "[]")


@damage_refused_as(r"the run's record cannot be read: .*")
def a_table_that_is_gone(store):
    store.connection.execute("drop table blobs")


FORGERIES += BY_RECORD
DAMAGES += MORE_DAMAGES


@pytest.fixture
def index(recorded_run):
    """The index that the run was recorded on."""
    return recorded_run.world.index


def test_the_run_is_verified_before_anything_is_forged(record):
    with forging(record):
        pass

    assert len(verify_run(record).trace.steps) == 11


def test_a_forger_can_make_everything_add_up(record):
    """Else a forgery might be refused because of how it was made."""
    with forging(record) as forgery:
        planned, _ = forgery.fixed("aggregate")
        forgery.rerun_fan_in(forgery.load(planned["input"]))
        forgery.add_up()

    assert verify_run(record).rerun == 14


@pytest.mark.parametrize(("message", "forge"), FORGERIES, ids=names(FORGERIES))
def test_a_forgery_is_refused(record, message, forge, request):
    if forge.__name__ in OF_AN_AGENT:
        request.getfixturevalue("taken_as_it_is")
    with forging(record) as forgery:
        forge(forgery)

    with pytest.raises(RunCorruptError) as raised:
        verify_run(record)
    assert re.fullmatch(message, raised.value.message), raised.value.message


@pytest.mark.parametrize(("message", "forge"), BY_INDEX, ids=names(BY_INDEX))
def test_what_the_record_cannot_tell_its_index_tells(record, index, message, forge):
    with forging(record) as forgery:
        forge(forgery)

    with pytest.raises(RunCorruptError) as raised:
        verify_run(record, index)
    assert re.fullmatch(message, raised.value.message), raised.value.message
    assert any("index" in item.what for item in verify_run(record).trusted)


@pytest.mark.parametrize(("why", "forge"), ON_TRUST, ids=names(ON_TRUST))
def test_what_nothing_can_tell_is_said_to_be_taken_on_trust(record, index, why, forge):
    with forging(record) as forgery:
        forge(forgery)

    assert verify_run(record, index).trusted, why


@pytest.mark.parametrize(("message", "damage"), DAMAGES, ids=names(DAMAGES))
def test_damage_is_refused(record, message, damage):
    damage(record)

    with pytest.raises(RunCorruptError) as raised:
        verify_run(record)
    assert re.fullmatch(message, raised.value.message), raised.value.message


# Refused when the file is opened: test_store.py has a test of each.
WHEN_OPENED = {
    "the run's record {} has schema version {}, this docsearch reads {} and {}",
    "the run's record {} cannot be {}: {}",
    "the run's record {} was not written by docsearch",
}


def messages_of(module: str) -> set[str]:
    """The message of every ``raise RunCorruptError`` in a module, ``{}`` for what is filled in."""
    found = set()
    for node in ast.walk(ast.parse((PACKAGE / "runs" / module).read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RunCorruptError":
            (text, *_) = node.args
            parts = text.values if isinstance(text, ast.JoinedStr) else [text]
            found.add(
                "".join(
                    str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "{}"
                    for part in parts
                )
            )
    return found


CHECKING = (
    *("attempts", "ending", "event_order", "exchanges", "facts", "inputs", "reading_check"),
    *("replan", "shapes", "store", "trace", "verify"),
)


@pytest.mark.parametrize("module", [f"{name}.py" for name in CHECKING])
def test_every_check_has_a_forgery(module):
    known = [
        message.replace("\\", "")
        for message, _ in (*FORGERIES, *BY_INDEX, *BY_ASKING, *BY_WRITING, *DAMAGES)
    ]
    for check in messages_of(module) - WHEN_OPENED:
        pattern = re.escape(check).replace(r"\{\}", ".+")

        assert any(re.fullmatch(pattern, message) for message in known), check

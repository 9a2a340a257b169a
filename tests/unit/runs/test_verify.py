"""A run's record against its own rules: right when untouched, caught when tampered with."""

import json
import random
from dataclasses import replace

import pytest

from docsearch_cli.errors import ModelError, RunCorruptError, RunDriftError
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.runs.canonical import chain_hash
from docsearch_cli.runs.catalog import DATABASE, run_folder
from docsearch_cli.runs.certificate import answer_digest, dag_digest
from docsearch_cli.runs.events import Fingerprints
from docsearch_cli.runs.picture import picture_run
from docsearch_cli.runs.replay import replay_step
from docsearch_cli.runs.step_values import read_decision
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.steps import canonical_json
from tests.searching import ShuffledEngine, ask_deep, make_world
from tests.support import usual_or_soak
from tests.unit.runs.forging import forging, record_run


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run of several steps; nobody writes here."""
    limits = {"max_agents": 12, "max_depth": 3, "fan_out": 2, "seeds": 3, "window": 3}
    return record_run(tmp_path_factory.mktemp("finished"), 3, limits)


@pytest.fixture
def recorded(finished, tmp_path):
    """A copy of its record, which may be changed."""
    store = finished.copy_to(tmp_path)
    assert len(read_trace(store).steps) >= 6
    yield store
    store.close()


def rewrite(store, change):
    """Change events as a forger would who recomputes the whole chain; drops those made None."""
    before, seq = "", 0
    rows = [(event.kind, event.data) for event in store.events()]
    store.connection.execute("delete from events")
    for kind, data in rows:
        changed = change(kind, data)
        if changed is None:
            continue
        seq += 1
        text = canonical_json(changed).decode()
        before = chain_hash(before, kind, text)
        store.connection.execute("insert into events values (?,?,?,?)", (seq, kind, text, before))


def test_an_untouched_run_is_verified(recorded):
    verdict = verify_run(recorded)

    assert verdict.trace.status == "complete"
    assert all(line.holds for line in verdict.certificate)
    assert {line.name: line.used for line in verdict.certificate}["max_agents"] == len(
        verdict.trace.steps
    )


def commits(kind):
    return kind == "commit"


def drop_a_drop(kind, data):
    if commits(kind) and data["drops"]:
        data["drops"] = data["drops"][1:]
    return data


def raise_a_priority(kind, data):
    for step in data.get("sent", []) if commits(kind) else []:
        step["priority"] += 0.25
    return data


def hide_a_failure(kind, data):
    if commits(kind) and data["ended"] is not None:
        data["ended"]["output"], data["ended"]["status"] = None, "failed"
    return data


def lower_the_count(kind, data):
    if kind == "run_finished":
        data["certificate"][0]["used"] -= 1
    return data


def raise_a_limit(kind, data):
    if kind == "run_started":
        data["limits"]["fan_out"] += 1
    return data


def lower_a_limit(kind, data):
    if kind == "run_started":
        data["limits"]["max_agents"] -= 5
    return data


def other_reason(kind, data):
    if kind == "run_finished":
        data["stop_reason"] = "answered"
    return data


def forget_the_last_commit(kind, data):
    if commits(kind) and data["number"] is not None and not data["sent"]:
        return None
    return data


def other_order(kind, data):
    if commits(kind) and data["number"] in (2, 3):
        data["number"] = 5 - data["number"]
    return data


@pytest.mark.parametrize(
    "change",
    [
        drop_a_drop,
        raise_a_priority,
        hide_a_failure,
        lower_the_count,
        raise_a_limit,
        lower_a_limit,
        other_reason,
        forget_the_last_commit,
        other_order,
    ],
)
def test_a_forger_who_recomputes_every_hash_is_caught_by_the_rules(recorded, change):
    rewrite(recorded, change)

    with pytest.raises(RunCorruptError):
        verify_run(recorded)


def test_any_changed_byte_is_noticed(recorded):
    draw = random.Random(1)
    rows = recorded.connection.execute("select seq, data from events").fetchall()
    for seq, text in draw.sample(rows, 8):
        place = draw.randrange(len(text))
        other = "0" if text[place] != "0" else "1"
        changed = text[:place] + other + text[place + 1 :]
        recorded.connection.execute("update events set data = ? where seq = ?", (changed, seq))
        with pytest.raises(RunCorruptError, match="event"):
            verify_run(recorded)
        recorded.connection.execute("update events set data = ? where seq = ?", (text, seq))
    verify_run(recorded)


def test_a_decision_that_was_changed_is_noticed(recorded):
    row = read_trace(recorded).steps[0]
    decision = json.loads(recorded.blob(row.output))
    decision["follow"] = decision["follow"][1:]
    other = recorded.put_blob(canonical_json(decision))
    recorded.connection.execute(
        "update blobs set data = (select data from blobs where hash = ?) where hash = ?",
        (other, row.output),
    )

    with pytest.raises(RunCorruptError, match="content"):
        verify_run(recorded)


def forge_output(store, kind, change):
    """Change what a step gave, with every hash recomputed, the ending's digests included."""
    trace = read_trace(store)
    row = trace.last_fixed(kind) or trace.steps[0]
    output = json.loads(store.blob(row.output))
    change(output)
    blob = store.put_blob(canonical_json(output))

    def replace_output(event, data):
        for end in (data, data.get("ended")):
            if isinstance(end, dict) and end.get("id") == row.id and "output" in end:
                end["output"] = blob
        return data

    rewrite(store, replace_output)
    forged = read_trace(store)
    answer = store.blob(forged.last_fixed("aggregate").output)

    def redo_digests(event, data):
        if event == "run_finished":
            data["dag"] = dag_digest(forged.steps)
            data["answer"] = answer_digest(answer, data["stop_reason"])
        return data

    rewrite(store, redo_digests)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("traverse", lambda out: out.update(reason="a better one")),
        ("traverse", lambda out: out.update(kind="dead_end", relevance=0.01)),
        ("traverse", lambda out: out.update(evidence=[])),
        ("aggregate", lambda out: out.update(answer="FORGED")),
        ("aggregate", lambda out: out.update(evidence=[])),
        ("aggregate", lambda out: out.update(documents=[])),
        ("intent", lambda out: out.update(reason="because")),
        ("plan", lambda out: out["seeds"][0].update(path="lie.md")),
    ],
)
def test_an_output_that_no_step_gives_is_caught(recorded, kind, change):
    forge_output(recorded, kind, change)

    with pytest.raises(RunCorruptError):
        verify_run(recorded)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(documents=[]),
        lambda data: data["budget"].update(agents_used=2),
        lambda data: data["budget"].update(tokens_read=1),
        lambda data: data.update(status="banana"),
    ],
)
def test_an_ending_that_does_not_add_up_is_caught(recorded, change):
    def at_the_end(kind, data):
        if kind == "run_finished":
            change(data)
        return data

    rewrite(recorded, at_the_end)

    with pytest.raises(RunCorruptError):
        verify_run(recorded)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "fork"},
        {"origin": "banana"},
        {"status": "degraded"},
        {"status": "failed"},
        {"attempts": "none"},
    ],
)
def test_an_end_that_cannot_be_is_caught(recorded, change):
    def at_an_end(kind, data):
        if kind == "commit" and data["ended"] is not None:
            data["ended"].update(change)
        return data

    rewrite(recorded, at_an_end)

    with pytest.raises(RunCorruptError):
        verify_run(recorded)


def test_a_content_that_is_gone_is_noticed_wherever_it_is_named(recorded):
    row = read_trace(recorded).last_fixed("aggregate")
    recorded.connection.execute("delete from blobs where hash = ?", (row.input,))

    with pytest.raises(RunCorruptError, match="lacks"):
        verify_run(recorded)


def test_a_run_begins_once(recorded):
    recorded.append("run_started", read_trace(recorded).facts)

    with pytest.raises(RunCorruptError, match="does not begin"):
        read_trace(recorded)


@pytest.mark.parametrize(
    "statement",
    [
        "create view more as select 1",
        "create trigger t after insert on blobs begin delete from events; end",
        "create table more (x)",
    ],
)
def test_a_record_with_more_than_our_tables_is_refused(recorded, statement):
    recorded.connection.execute(statement)

    with pytest.raises(RunCorruptError, match="not written by docsearch"):
        RunStore(recorded.path)


@pytest.mark.parametrize(
    "facts", [{"run_id": "../../x"}, {"limits": {}}, {"limits": 7}, {"fork": 7}, {"roots": None}]
)
def test_facts_that_make_no_sense_are_called_so(recorded, facts):
    def begin_otherwise(kind, data):
        return {**data, **facts} if kind == "run_started" else data

    rewrite(recorded, begin_otherwise)

    with pytest.raises(RunCorruptError):
        verify_run(recorded)
        picture_run(recorded.path.parent, recorded)
        replay_step(recorded.path.parent, recorded, "1")


@pytest.mark.parametrize("seed", range(usual_or_soak(12, 200)))
def test_runs_with_failing_steps_are_verified_too(tmp_path, seed):
    world = make_world(tmp_path, seed)
    result = ask_deep(world, ShuffledEngine(seed, 3, fault_share=0.05))
    store = RunStore(run_folder(world.home, result.run_id) / DATABASE)
    verdict = verify_run(store)
    store.close()

    assert verdict.trace.ending["stop_reason"] == result.stop_reason


def recorded_by_other_code(kind, data):
    if kind == "run_started":
        data["source"] = "0" * 64
    return data


def test_a_run_by_the_rules_of_other_code_is_not_accused(recorded, monkeypatch):
    rewrite(recorded, recorded_by_other_code)
    monkeypatch.setattr("docsearch_cli.explore.plan.PARENT_SHARE", 0.9)

    with pytest.raises(RunDriftError, match="rules that may have differed"):
        verify_run(recorded)


def test_a_run_by_an_older_agent_is_not_accused(recorded, monkeypatch):
    rewrite(recorded, recorded_by_other_code)
    newer = replace(AGENTS["local"], function="explore.local@99")
    monkeypatch.setitem(AGENTS, "local", newer)

    with pytest.raises(RunDriftError, match="a function that no plan asks for"):
        verify_run(recorded)


def test_a_run_of_the_same_rules_is_verified_whatever_code_recorded_it(recorded):
    rewrite(recorded, recorded_by_other_code)

    assert verify_run(recorded).trace.status == "complete"


def test_a_run_that_never_ended_is_verified_as_far_as_it_came(record):
    with forging(record) as forgery:
        del forgery.events[-1]
    verdict = verify_run(record)

    assert verdict.trace.status == "running"
    assert {line.name: line.used for line in verdict.certificate}["deadline_s"] == 0


def stop_before(forgery, number, kept):
    """Let the run be stopped before a step was committed; gives the events to go on from."""
    place = forgery.events.index(("commit", forgery.commit_of(number)))
    del forgery.events[place:]
    forgery.events.append(("kept", {"ended": [kept]}))


def test_a_step_that_was_kept_counts_and_is_not_committed(record):
    with forging(record) as forgery:
        stop_before(forgery, 10, forgery.commit_of(11)["ended"])
    verdict = verify_run(record)

    assert verdict.trace.kept == (11,)
    assert verdict.trace.step(10).status == "running"
    used = {line.name: line.used for line in verdict.certificate}
    decided = [row for row in verdict.trace.steps if row.output is not None]
    assert used["max_tokens"] == sum(read_decision(record, row).tokens_read for row in decided)


def test_a_step_that_was_kept_and_failed_read_nothing(record):
    with forging(record) as forgery:
        ended = forgery.commit_of(11)["ended"]
        ended.update(status="failed", output=None, error="it broke")
        ended["attempts"][0].update(status="error", error="it broke")
        stop_before(forgery, 10, ended)

    assert verify_run(record).trace.step(11).status == "failed"


def test_what_was_checked_is_counted(record):
    verdict = verify_run(record)

    assert verdict.checked == verdict.trace.events + record.check_blobs()
    assert verdict.rerun == len(verdict.trace.all_steps()) == 14
    assert (verdict.dag, verdict.answer) == (
        verdict.trace.ending["dag"],
        verdict.trace.ending["answer"],
    )


@pytest.mark.parametrize("where", ["run_started", "run_resumed"])
def test_steps_are_run_again_whatever_code_recorded_them(record, where):
    with forging(record) as forgery:
        if where == "run_resumed":
            fan_in = forgery.fixed("aggregate")
            place = forgery.events.index(("fixed_planned", fan_in[0]))
            again = {name: forgery.facts[name] for name in Fingerprints.__annotations__}
            forgery.events.insert(place, ("run_resumed", again))
            forgery.ending["mode_reason"] = f"run {forgery.facts['run_id']} continues"
        forgery.all(where)[0]["step_source"] = "0" * 32

    assert verify_run(record).rerun == 14


@pytest.mark.parametrize("kind", [{"is_deterministic": False}, {"waits_on_network": True}])
def test_steps_that_cannot_be_repeated_are_taken_from_the_record(record, monkeypatch, kind):
    monkeypatch.setitem(AGENTS, "local", replace(AGENTS["local"], **kind))

    assert verify_run(record).rerun == 3


def test_the_index_of_the_run_gives_every_input_byte_for_byte(recorded_run, record):
    verdict = verify_run(record, recorded_run.world.index)

    assert verdict.rebuilt == len(verdict.trace.all_steps()) == 14
    assert not any("index" in item.what for item in verdict.trusted)


def why_not_the_index(verdict):
    return next(item.why for item in verdict.trusted if "index" in item.what)


def test_another_index_is_not_asked(recorded_run, record):
    with forging(record) as forgery:
        forgery.facts["index"] = "0" * 32
    verdict = verify_run(record, recorded_run.world.index)

    assert verdict.rebuilt == 0
    assert "not the one" in why_not_the_index(verdict)


def test_an_index_whose_model_is_not_here_is_not_asked(recorded_run, record, monkeypatch):
    def relevance(self):
        raise ModelError("it is gone")

    monkeypatch.setattr(ScoredQuestion, "relevance", property(relevance))
    verdict = verify_run(record, recorded_run.world.index)

    assert verdict.rebuilt == 0
    assert why_not_the_index(verdict) == "its index needs a model: it is gone"


def test_who_signed_a_run_is_said(record):
    assert verify_run(record, signer="SHA256:x").signer == "SHA256:x"


def gone(forgery):
    """Let the node of the last step be gone when it was sent."""
    sent, ended = forgery.sent(11), forgery.commit_of(11)["ended"]
    sent["input"] = forgery.store.put_blob(b"{}")
    error = f"{sent['subject']} is not in the index any more"
    ended.update(status="failed", output=None, error=error, attempts=[], elapsed_ms=0)
    forgery.commit_of(11)["drops"] = []
    forgery.gather_again()


def test_a_step_whose_node_was_gone_is_verified(record):
    with forging(record) as forgery:
        gone(forgery)
    verdict = verify_run(record)

    assert verdict.trace.step(11).status == "failed"
    assert "that 1 step failed" in {item.what for item in verdict.trusted}


def test_a_node_that_is_not_gone_is_in_its_index(recorded_run, record):
    with forging(record) as forgery:
        gone(forgery)

    with pytest.raises(RunCorruptError, match=r"the input of step 11-traverse-\w+ does not follow"):
        verify_run(record, recorded_run.world.index)


def test_a_step_whose_node_was_gone_is_given_nothing_by_the_index_too(
    recorded_run, record, monkeypatch
):
    with forging(record) as forgery:
        gone(forgery)
        subject = forgery.sent(11)["subject"]
    index, node_row = recorded_run.world.index, IndexReader.node_row
    monkeypatch.setattr(
        IndexReader,
        "node_row",
        lambda self, node: None if node == subject else node_row(self, node),
    )

    assert verify_run(record, index).trace.step(11).status == "failed"


def test_an_output_that_made_no_sense_is_a_failed_attempt(record):
    with forging(record) as forgery:
        ended = forgery.commit_of(11)["ended"]
        attempt = {**ended["attempts"][0], "number": 2, "status": "error", "elapsed_ms": 0}
        attempt.update(error="no sense", function="", worker=0)
        ended.update(status="failed", output=None, error="no sense")
        ended["attempts"].append(attempt)
        forgery.commit_of(11)["drops"] = []
        forgery.gather_again()

    assert verify_run(record).trace.step(11).status == "failed"


def test_a_fork_is_taken_on_trust_to_be_one(record):
    with forging(record) as forgery:
        forgery.facts["fork"] = {"run": "ab", "changes": [{"at": 2, "limits": {"fan_out": 2}}]}
        forgery.ending["mode_reason"] = "forked from run ab"

    assert "that run ab is what it forks" in {item.what for item in verify_run(record).trusted}


def test_one_page_was_given_no_more_than_all_together(tmp_path):
    recorded = record_run(tmp_path, limits={"max_tokens": 900})
    store = RunStore(recorded.path)
    verdict = verify_run(store, recorded.world.index)
    store.close()

    assert verdict.trace.limits["reading_tokens"] == 900
    assert verdict.trace.facts["clamps"] == [
        "reading_tokens 1,200 is above max_tokens; 900 is used"
    ]


def test_a_start_that_no_index_has_is_noticed_with_the_index_too(recorded_run, record):
    with forging(record) as forgery:
        forgery.facts["starts"] = ["elsewhere.md"]

    with pytest.raises(RunCorruptError, match="the seeds begin elsewhere"):
        verify_run(record, recorded_run.world.index)

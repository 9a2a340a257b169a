"""Why a document was opened in a run, or why it was not."""

import json
import re
from typing import get_args

import pytest

from docsearch_cli.errors import RunCorruptError, RunDriftError
from docsearch_cli.graph.nodes import split_node_id
from docsearch_cli.runs.step_values import read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.runs.why import _REASONS, explain_path, is_known
from docsearch_cli.steps import DropReason
from tests.unit.runs.forging import forging, record_run


def texts(store, path):
    return [reason.text for reason in explain_path(store, path).reasons]


def opened_paths(store):
    trace = read_trace(store)
    return {read_view(store, row).path: row for row in trace.steps}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A run whose limits drop much."""
    limits = {"fan_out": 2, "frontier": 3, "max_depth": 1, "seeds": 3, "max_agents": 8}
    recorded = record_run(tmp_path_factory.mktemp("narrow"), 18, limits)
    store = RunStore(recorded.path)
    yield store
    store.close()


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A run that ends while pages are waiting."""
    limits = {"fan_out": 3, "frontier": 2, "max_depth": 2, "seeds": 2, "max_agents": 5}
    recorded = record_run(tmp_path_factory.mktemp("short"), 3, limits)
    store = RunStore(recorded.path)
    yield store
    store.close()


def test_every_reason_to_drop_has_words():
    assert set(_REASONS) == set(get_args(DropReason))


def test_a_seed_was_opened_as_one(record):
    row = read_trace(record).step(2)
    found = explain_path(record, read_view(record, row).path)

    assert found.opened
    assert found.reasons[0].step == row.id
    assert found.reasons[0].text == (
        f"opened {row.planned.subject}, priority {row.planned.priority:.3f}: seed 1, by keyword"
    )


def test_the_way_to_a_page_is_told_from_its_seed_on(record):
    trace = read_trace(record)
    row = trace.step(8)
    way = [trace.step(1), trace.step(5), row]
    found = explain_path(record, read_view(record, row).path)

    assert [reason.step for reason in found.reasons[:3]] == [step.id for step in way]
    assert re.fullmatch(
        rf"opened {re.escape(row.planned.subject)}, priority {row.planned.priority:.3f}: follow 1 "
        rf"of step {way[1].id}, by entity; scores \d\.\d\d.*",
        found.reasons[2].text,
    )


def test_later_proposals_of_an_opened_page_are_told(record):
    trace = read_trace(record)
    row = next(row for row in trace.steps if len(row.proposed_by) > 1)
    found = explain_path(record, read_view(record, row).path)
    again = [reason for reason in found.reasons if reason.text.startswith("proposed again: ")]

    assert [reason.step for reason in again] == [
        trace.step(drop.parent).id for drop in row.proposed_by
    ]
    assert {reason.text for reason in again} <= {
        "proposed again: it had been opened already",
        "proposed again: a way as good was waiting already",
    }


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("depth", "it lies deeper than max_depth 1"),
        ("fan_out", "fan_out 2 was used up by better edges of that page"),
    ],
)
def test_a_limit_that_kept_a_page_out_is_named_with_its_value(narrow, reason, words):
    trace = read_trace(narrow)
    opened = opened_paths(narrow)
    dropped = [
        drop
        for drop in trace.drops
        if drop.reason == reason and split_node_id(drop.subject)[0] not in opened
    ]

    assert dropped
    for drop in dropped:
        found = explain_path(narrow, split_node_id(drop.subject)[0])
        said = f"proposed with priority {drop.priority:.3f} and not taken: {words}"
        assert not found.opened
        assert (trace.step(drop.parent).id, said) in [(one.step, one.text) for one in found.reasons]


def test_a_page_that_fell_off_a_full_frontier_is_told(short):
    opened = opened_paths(short)
    paths = [
        path
        for drop in read_trace(short).drops
        if drop.reason == "frontier_full" and (path := split_node_id(drop.subject)[0]) not in opened
    ]

    assert paths
    for path in paths:
        assert any(
            "the frontier was full (2) and it was the worst on it" in text
            for text in texts(short, path)
        )


def test_pages_that_waited_are_told_by_their_place(short):
    opened = opened_paths(short)
    docs = short.path.parents[3] / "docs"
    waited = {
        text[: text.index(", priority")]: text
        for path in docs.rglob("*")
        if path.is_file() and (name := path.relative_to(docs).as_posix()) not in opened
        for text in texts(short, name)
        if text.startswith("it waited")
    }

    assert sorted(waited) == [
        "it waited at place 1 of the frontier",
        "it waited at place 2 of the frontier",
    ]
    assert all(text.endswith("when the run ended: budget") for text in waited.values())


def test_a_page_that_was_seen_and_not_worth_following_is_told(narrow):
    trace = read_trace(narrow)
    opened = opened_paths(narrow)
    row, edge = next(
        (row, edge)
        for row in trace.steps
        for edge in read_view(narrow, row).edges
        if edge.path not in opened
        and not any(split_node_id(drop.subject)[0] == edge.path for drop in trace.drops)
    )
    view = read_view(narrow, row)
    best = max(one.score for one in view.edges if one.path == edge.path)

    found = explain_path(narrow, edge.path)

    assert (
        row.id,
        f"seen from {view.path} and not worth following: it scores {best:.3f}",
    ) in [(one.step, one.text) for one in found.reasons]
    assert "no page that was opened has an edge to it" not in texts(narrow, edge.path)


def test_nodes_are_called_as_the_reader_knows_them(record):
    row = read_trace(record).step(8)
    path = read_view(record, row).path
    told = explain_path(record, path, lambda node: f"<{node}>")

    assert told.path == path
    assert f"opened <{row.planned.subject}>, priority" in told.reasons[2].text


def test_what_a_record_names_is_known(record, narrow):
    opened = [read_view(record, row).path for row in read_trace(record).steps]
    seen = {
        edge.path for row in read_trace(narrow).steps for edge in read_view(narrow, row).edges
    } - set(opened_paths(narrow))

    assert all(is_known(record, path) for path in opened)
    assert seen
    assert all(is_known(narrow, path) for path in seen)
    assert not is_known(record, "nowhere.md")


def test_a_page_that_nothing_leads_to_is_told(record):
    plan = read_trace(record).last_fixed("plan")
    found = explain_path(record, "nowhere.md")

    assert [(reason.step, reason.text) for reason in found.reasons] == [
        (plan.id, "it was not among the 3 candidates for a seed"),
        ("", "no page that was opened has an edge to it"),
    ]


def test_a_candidate_that_was_no_seed_is_told(record):
    with forging(record) as forgery:
        planned, _ = forgery.fixed("plan")
        facts = forgery.load(planned["input"])
        facts["candidates"].append({**facts["candidates"][0], "path": "almost.md"})
        planned["input"] = forgery.put(facts)

    assert texts(record, "almost.md")[0] == (
        "it was a candidate, and no seed: seeds 3 were used up by better ones"
    )


def test_a_seed_that_was_never_opened_is_told(tmp_path):
    recorded = record_run(tmp_path, 3, {"max_agents": 1})
    store = RunStore(recorded.path)
    opened = opened_paths(store)
    plan = read_trace(store).last_fixed("plan")
    seeds = [seed["path"] for seed in json.loads(store.blob(plan.output))["seeds"]]
    path = next(path for path in seeds if path not in opened)
    said = texts(store, path)
    store.close()

    assert said[0] == "it was a seed"
    assert any(text.startswith("it waited at place") for text in said)


def test_a_run_that_was_interrupted_says_so(record):
    with forging(record) as forgery:
        forgery.events = [
            (kind, data)
            for kind, data in forgery.events
            if (
                kind in ("run_started", "fixed_planned", "fixed_ended")
                and not str(data.get("id", "")).startswith("aggregate")
            )
            or (kind == "commit" and (data["number"] or 0) <= 2)
        ]
        for data in forgery.all("commit"):
            data["sent"] = [step for step in data["sent"] if step["number"] <= 3]
    opened = opened_paths(record)
    target = read_trace(record).step(1)

    waiting = [
        text
        for edge in read_view(record, target).edges
        if edge.path not in opened
        for text in texts(record, edge.path)
    ]
    assert any(text.endswith("when the run ended: the run was interrupted") for text in waiting)


def test_a_run_that_was_not_even_planned_explains_nothing(record):
    with forging(record) as forgery:
        del forgery.events[1:]

    assert texts(record, "a.md") == ["no page that was opened has an edge to it"]


def test_a_record_that_breaks_the_rules_is_refused(record):
    with forging(record) as forgery:
        forgery.sent(4)["priority"] += 0.5

    with pytest.raises(RunCorruptError, match="not the one that the rules say"):
        explain_path(record, "a.md")


def test_a_run_by_other_rules_is_not_accused(record):
    with forging(record) as forgery:
        forgery.facts["source"] = "0" * 32
        forgery.sent(4)["priority"] += 0.5

    with pytest.raises(RunDriftError):
        explain_path(record, "a.md")


def test_a_page_that_was_seen_twice_is_told_by_its_better_edge(record):
    with forging(record) as forgery:
        sent = forgery.sent(1)
        view = forgery.load(sent["input"])
        for score in (0.1, 0.3, 0.2):
            edge = {**view["edges"][0], "target": "seen.md", "path": "seen.md", "score": score}
            view["edges"].append(edge)
        sent["input"] = forgery.put(view)

    assert any(
        text.endswith("not worth following: it scores 0.300") for text in texts(record, "seen.md")
    )

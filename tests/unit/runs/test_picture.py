"""A run as it is drawn: the record alone is enough, and every hash of it was checked."""

import pytest

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.catalog import DATABASE, run_folder
from docsearch_cli.runs.picture import picture_run, summarise_steps
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.runs.step_values import read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging


def test_a_picture_counts_the_hashes_it_checked(tmp_path, record):
    picture = picture_run(tmp_path, record)

    assert picture.checked == len(record.events()) + record.check_blobs()


def test_a_picture_counts_what_was_dropped_by_reason(tmp_path, record):
    picture = picture_run(tmp_path, record)

    assert picture.drops == {"better_way": 1, "fan_out": 7, "visited": 20}
    assert list(picture.drops) == sorted(picture.drops)


def test_a_picture_has_a_line_a_step_below_the_step_that_led_there(tmp_path, record):
    picture = picture_run(tmp_path, record)
    by_number = {step.number: step for step in picture.steps}

    assert sorted(by_number) == list(range(1, 12))
    assert by_number[1].parent_id is None
    assert by_number[4].parent_id == by_number[1].id
    assert by_number[4].edge == "link"
    assert [seed["node"] for seed in picture.seeds] == [by_number[n].node for n in (1, 2, 3)]


def test_the_line_of_a_step_says_what_its_edge_says(record):
    trace = read_trace(record)
    summaries = summarise_steps(record, trace)
    target = trace.step(4).planned.subject
    edge = next(edge for edge in read_view(record, trace.step(1)).edges if edge.target == target)

    assert (summaries[3].edge_text, summaries[3].edge_line) == (edge.text, edge.line)
    assert edge.text
    assert edge.line > 0


def test_a_step_from_the_cache_or_another_run_is_drawn_as_cached(record):
    with forging(record) as forgery:
        forgery.commit_of(2)["ended"]["origin"] = "cache"
    summaries = summarise_steps(record, read_trace(record))

    assert [step.cached for step in summaries[:3]] == [False, True, False]


def test_a_step_below_one_that_failed_is_drawn_all_the_same(record):
    with forging(record) as forgery:
        ended = forgery.commit_of(1)["ended"]
        ended.update(status="failed", output=None, error="it broke")
    summaries = summarise_steps(record, read_trace(record))

    assert (summaries[0].status, summaries[0].decision) == ("failed", "failed")
    assert (summaries[3].parent_id, summaries[3].edge_text) == (summaries[0].id, "")


def test_a_run_that_was_interrupted_can_be_drawn(tmp_path):
    facts = {"question": "q", "source": "older", "index": "d", "created_at": "then", "roots": []}
    recorder = RunRecorder.create(tmp_path, facts)
    recorder.close()
    store = RunStore(run_folder(tmp_path, recorder.run_id) / DATABASE)
    picture = picture_run(tmp_path, store)
    store.close()

    assert (picture.steps, picture.seeds) == ((), ())
    assert picture.trace.status == "running"


def test_a_record_whose_step_names_no_blob_is_damaged(tmp_path, record):
    with forging(record) as forgery:
        forgery.sent(2)["input"] = "sha256:0"

    with pytest.raises(RunCorruptError, match="lacks the content sha256:0"):
        picture_run(tmp_path, record)


@pytest.mark.parametrize(("attempts", "shown"), [(0, 1), (1, 1), (2, 2)])
def test_a_step_is_drawn_with_its_attempts_and_time(record, attempts, shown):
    with forging(record) as forgery:
        ended = forgery.commit_of(2)["ended"]
        ended.update(attempts=ended["attempts"] * attempts, elapsed_ms=1.23456)
    step = summarise_steps(record, read_trace(record))[1]

    assert (step.attempts, step.ms) == (shown, 1.235)


def test_a_picture_as_data_names_the_proposals_that_another_way_was_taken_for(tmp_path, record):
    picture = picture_run(tmp_path, record)
    data = picture.to_dict()
    late = [item for items in data["proposed_by"].values() for item in items]

    assert data["run_id"] == picture.run_id
    assert [step["id"] for step in data["steps"]] == [step.id for step in picture.steps]
    assert (data["lost"], data["hashes_checked"]) == (None, picture.checked)
    assert late
    assert {item["step"] for item in late} <= {"plan", *(step.id for step in picture.steps)}

import hashlib
from pathlib import Path

import pytest

from docsearch_cli.errors import AccessError
from docsearch_cli.runs.drift import find_document_drift, find_drift
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging


def whats(drift):
    return [item.what for item in drift]


def test_nothing_has_changed_right_after_a_run(recorded_run, record):
    assert find_drift(recorded_run.world.home, read_trace(record)) == []


def test_other_code_is_said_with_the_start_of_its_hash(recorded_run, record):
    with forging(record) as forgery:
        forgery.facts["source"] = "0123456789abcdef"
    (drift,) = find_drift(recorded_run.world.home, read_trace(record))

    assert (drift.what, drift.detail) == ("code", "recorded with 0123456789ab")


def test_another_index_is_said_and_so_is_none(tmp_path, recorded_run, record):
    assert whats(find_drift(tmp_path, read_trace(record))) == ["index"]
    with forging(record) as forgery:
        forgery.facts["index"] = "fedcba9876543210"
    (drift,) = find_drift(recorded_run.world.home, read_trace(record))

    assert (drift.what, drift.detail) == ("index", "recorded on fedcba987654")


def test_an_index_that_may_not_be_read_is_another_one(recorded_run, record, monkeypatch):
    def refuse(_home):
        raise AccessError("CURRENT: Permission denied")

    monkeypatch.setattr("docsearch_cli.runs.drift.current_digest", refuse)

    assert whats(find_drift(recorded_run.world.home, read_trace(record))) == ["index"]


def test_what_counts_is_the_process_that_wrote_last(tmp_path, record):
    facts = read_trace(record).facts
    again = {**facts, "source": "other"}
    with forging(record) as forgery:
        del forgery.events[-1]
        forgery.events.append(("run_resumed", again))

    assert whats(find_drift(tmp_path, read_trace(record))) == ["code", "index"]


@pytest.fixture
def trace(tmp_path, record):
    """The run, as if its documents lay in a folder of the test's own."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# A\n")
    with forging(record) as forgery:
        forgery.facts["roots"] = [{"name": "", "path": str(tmp_path / "docs")}]
    return read_trace(record)


HOME = Path("/elsewhere/.docsearch")


def view(path, content=b"# A\n"):
    return {"path": path, "content_hash": hashlib.sha256(content).hexdigest()}


def test_a_document_that_is_the_same_is_no_drift(trace):
    assert find_document_drift(HOME, trace, view("a.md")) == []


def test_a_document_that_was_edited_is_said(trace):
    (drift,) = find_document_drift(HOME, trace, view("a.md", b"# B\n"))

    assert (drift.what, drift.detail) == ("document", "a.md has changed since")


def test_a_document_that_is_gone_is_said(trace):
    (drift,) = find_document_drift(HOME, trace, view("b.md"))

    assert (drift.what, drift.detail) == ("document", "b.md is gone or cannot be read")


def test_a_document_outside_the_folders_is_not_looked_for(trace):
    trace.facts["roots"] = [{"name": "docs", "path": "/nowhere"}]

    assert find_document_drift(HOME, trace, view("elsewhere/a.md")) == []


def test_a_folder_that_was_moved_with_its_index_is_found_where_it_is(trace, tmp_path):
    trace.facts["roots"] = [{"name": "", "path": "docs"}]
    moved = tmp_path / "moved"
    moved.mkdir()
    (tmp_path / "docs").rename(moved / "docs")

    assert find_document_drift(moved / ".docsearch", trace, view("a.md")) == []

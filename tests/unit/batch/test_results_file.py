"""The file of answers: whole lines, whatever ends the program, and nobody else's file."""

import json
import os

import pytest

from docsearch_cli.batch.results_file import ResultsFile
from docsearch_cli.errors import InputError, UsageError

ROW = {"id": "a", "asked": "k", "data": "ü"}


def test_lines_are_there_as_soon_as_they_are_added(tmp_path):
    path = tmp_path / "out"
    with ResultsFile(path) as results:
        results.add(ROW)

        assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [ROW]


def test_half_a_line_is_cut_off_and_the_next_one_is_whole(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(json.dumps(ROW).encode() + b'\n{"id": "b", "as')
    with ResultsFile(path) as results:
        assert results.lines == [ROW]
        results.add({"id": "c", "asked": "k"})

    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == ["a", "c"]


def test_the_run_that_was_begun_last_is_known_again(tmp_path):
    path = tmp_path / "out"
    with ResultsFile(path) as results:
        results.begin("a", "11")
        results.begin("b", "22")
        results.begin("a", "33")
    with (tmp_path / "out.state").open("a") as state:
        state.write('{"id": "b", "run')
    with ResultsFile(path) as results:
        assert results.runs == {"a": "33", "b": "22"}
        results.begin("c", "44")
    with ResultsFile(path) as results:
        assert results.runs["c"] == "44"


def test_in_order_the_lines_take_the_place_of_all_others_and_nothing_is_left_to_do(tmp_path):
    path = tmp_path / "out"
    with ResultsFile(path) as results:
        results.add({"id": "b", "asked": "k"})
        results.put_in_order([ROW, {"id": "b", "asked": "k"}])

    assert [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()] == ["a", "b"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("line", ["my notes", "{", "[]", '{"id": 1}'])
def test_a_file_that_holds_something_else_is_left_alone(tmp_path, line):
    path = tmp_path / "out"
    path.write_text(f"{line}\n")

    with pytest.raises(UsageError, match="line 1"):
        ResultsFile(path)
    assert path.read_text() == f"{line}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_another_batch_writes_is_refused(tmp_path):
    with ResultsFile(tmp_path / "out"), pytest.raises(InputError, match="another batch"):
        ResultsFile(tmp_path / "out")


@pytest.mark.parametrize("name", [".", "none/out", "link"])
def test_what_cannot_be_written_is_named(tmp_path, name):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(InputError, match="cannot be written"):
        ResultsFile(tmp_path / name)


def test_a_full_disk_is_an_error_and_leaves_whole_lines(tmp_path):
    with ResultsFile(tmp_path / "out") as results:
        results.add(ROW)
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, results._descriptor)
        os.close(full)
        with pytest.raises(InputError):
            results.add(ROW)
    with ResultsFile(tmp_path / "out") as results:
        assert results.lines == [ROW]

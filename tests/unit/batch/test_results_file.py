"""The file of answers: whole lines, whatever ends the program, and nobody else's file."""

import json
import os
from pathlib import Path

import pytest

from docsearch_cli.batch import results_file
from docsearch_cli.batch.results_file import BegunRun, ResultsFile
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


def test_runs_that_were_begun_are_known_again_the_last_one_first(tmp_path):
    path = tmp_path / "out"
    with ResultsFile(path) as results:
        results.begin("a", BegunRun("11", "k"))
        results.begin("ü", BegunRun("22", "k"))
        results.begin("a", BegunRun("33", "m"))
    with (tmp_path / "out.state").open("a") as state:
        state.write('{"id": "b", "run')
    with ResultsFile(path) as results:
        assert list(results.runs["a"]) == [BegunRun("33", "m"), BegunRun("11", "k")]
        assert list(results.runs["ü"]) == [BegunRun("22", "k")]
        results.begin("c", BegunRun("44", "k"))
    with ResultsFile(path) as results:
        assert list(results.runs["c"]) == [BegunRun("44", "k")]
        assert len(results.runs) == 3


def test_in_order_the_lines_take_the_place_of_all_others_and_nothing_is_left_to_do(tmp_path):
    path = tmp_path / "out"
    with ResultsFile(path) as results:
        results.add({"id": "b", "asked": "k"})
        results.put_in_order([ROW, {"id": "b", "asked": "k"}])

    assert [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()] == ["a", "b"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("line", ["my notes", "{", "[]", '{"id": 1}', '{"id": {}, "asked": ""}'])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_file_that_holds_something_else_is_left_alone(tmp_path, line, end):
    path = tmp_path / "out"
    path.write_text(f"{line}{end}")

    with pytest.raises(UsageError, match="line 1"):
        ResultsFile(path)
    assert path.read_text() == f"{line}{end}"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_another_batch_writes_is_refused(tmp_path):
    with ResultsFile(tmp_path / "out"), pytest.raises(InputError, match="another batch"):
        ResultsFile(tmp_path / "out")


@pytest.mark.parametrize("path", [".", "..", "/"])
def test_a_folder_is_no_file_of_answers(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match="it is a folder"):
        ResultsFile(Path(path))


@pytest.mark.parametrize("name", [".", "none/out", "link"])
def test_what_cannot_be_written_is_named(tmp_path, name):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(InputError, match="cannot be written"):
        ResultsFile(tmp_path / name)


def test_a_full_disk_is_an_error_and_leaves_whole_lines(tmp_path):
    with ResultsFile(tmp_path / "out") as results:
        results.add(ROW)
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, results._answers.descriptor)
        os.close(full)
        with pytest.raises(InputError):
            results.add(ROW)
    with ResultsFile(tmp_path / "out") as results:
        assert results.lines == [ROW]


def test_half_a_line_is_known_as_one_of_a_batch_without_a_whole_one(tmp_path):
    path = tmp_path / "out"
    path.write_text('{"id": "a\\"b", "line": 1, "asked": "0123456789abcdef", "sch')
    with ResultsFile(path) as results:
        results.add(ROW)

    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == [ROW]


def test_half_a_line_stays_until_another_is_written(tmp_path):
    path = tmp_path / "out"
    data = json.dumps(ROW).encode() + b'\n{"id": "b", "as'
    path.write_bytes(data)
    with ResultsFile(path):
        pass

    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "state",
    [
        "my notes",
        '{"id": "a"}\n',
        '{"id": "a", "run_id": "11", "asked": "k"}\nmine\n',
        '{"id": "a", "run_id": "../x", "asked": "k"}\n',
        '{"id": "a", "run_id": "11", "asked": "k", "more": 1}\n',
    ],
)
@pytest.mark.parametrize("answers", ["", "mine\n", None])
def test_a_strange_file_beside_is_left_alone(tmp_path, state, answers):
    (tmp_path / "out.state").write_text(state)
    if answers is not None:
        (tmp_path / "out").write_text(answers)

    with pytest.raises(UsageError, match=r"out\.state, line"):
        ResultsFile(tmp_path / "out")
    assert (tmp_path / "out.state").read_text() == state
    assert (tmp_path / "out").exists() == (answers is not None)


def test_what_an_earlier_version_began_is_known_to_fit_no_question(tmp_path):
    (tmp_path / "out.state").write_text('{"id": "a", "run_id": "11"}\n')
    with ResultsFile(tmp_path / "out") as results:
        assert list(results.runs["a"]) == [BegunRun("11", "")]


@pytest.mark.parametrize(("name", "most"), [("out", "ANSWER"), ("out.state", "STATE_LINE")])
def test_a_line_that_no_batch_can_have_written_is_not_read_whole(tmp_path, monkeypatch, name, most):
    monkeypatch.setattr(results_file, f"_MOST_{most}_BYTES", 1000)
    begin = '{"id": "a", "run_id": "11", "asked": "'
    (tmp_path / name).write_text(begin + "k" * 200_000 + '"}\n')

    with pytest.raises(UsageError, match=rf"{name}, line 1 is longer than 1,000 bytes"):
        ResultsFile(tmp_path / "out")
    assert (tmp_path / name).stat().st_size > 200_000


def test_of_very_many_runs_of_a_question_the_last_ones_are_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(results_file, "_MOST_RUNS", 2)
    with ResultsFile(tmp_path / "out") as results:
        for run_id in ("11", "22", "33"):
            results.begin("a", BegunRun(run_id, "k"))
    with ResultsFile(tmp_path / "out") as results:
        assert [run.run_id for run in results.runs["a"]] == ["33", "22"]


def test_a_batch_that_ends_before_it_began_a_question_leaves_nothing(tmp_path):
    with pytest.raises(UsageError), ResultsFile(tmp_path / "out"):
        raise UsageError("no scheduler is named")
    assert list(tmp_path.iterdir()) == []

    (tmp_path / "out").touch()
    with ResultsFile(tmp_path / "out"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_file_that_takes_the_place_of_an_empty_one_stays(tmp_path):
    with ResultsFile(tmp_path / "out"):
        (tmp_path / "out").unlink()
        (tmp_path / "out").touch()

    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(("name", "most"), [("out", "ANSWERS"), ("out.state", "STATE")])
def test_a_file_that_no_batch_can_have_written_is_not_read_whole(tmp_path, monkeypatch, name, most):
    monkeypatch.setattr(results_file, f"_MOST_{most}_BYTES", 1000)
    (tmp_path / name).write_text('{"id": "a", "run_id": "11", "asked": "k"}\n' * 100)

    with pytest.raises(UsageError, match=f"{name} is larger than 1,000 bytes"):
        ResultsFile(tmp_path / "out")


def test_a_link_that_takes_the_files_place_is_not_followed(tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.touch()
    real = results_file.open_lock

    def swap_then_open(path):
        (tmp_path / "out").symlink_to(other)
        return real(path)

    monkeypatch.setattr(results_file, "open_lock", swap_then_open)
    with pytest.raises(InputError, match="cannot be written"):
        ResultsFile(tmp_path / "out")
    assert other.read_bytes() == b""

import json
import os
import stat

import pytest

from docsearch_cli.errors import AccessError, InputError
from docsearch_cli.search.asked import (
    ASKED_NAME,
    MOST_QUESTIONS,
    QuotedPlace,
    read_asked,
    remember_answer,
)
from tests.unit.search.results import result_of


def write(folder, document):
    (folder / ASKED_NAME).write_text(
        document if isinstance(document, str) else json.dumps(document), "utf-8"
    )


def test_the_last_answer_is_remembered_with_its_question(tmp_path):
    remember_answer(tmp_path, result_of("what is it?", ("a.md", 3, 4), ("b.md", 1, 1)))
    asked = read_asked(tmp_path)

    assert [item.question for item in asked.questions] == ["what is it?"]
    assert asked.quotes == (QuotedPlace("a.md", 3, 4), QuotedPlace("b.md", 1, 1))


def test_questions_are_remembered_once_each_the_latest_first_and_not_for_ever(tmp_path):
    for number in (*range(MOST_QUESTIONS + 5), 7):
        remember_answer(tmp_path, result_of(f"question {number}"))
    questions = [item.question for item in read_asked(tmp_path).questions]

    assert questions[:2] == ["question 7", f"question {MOST_QUESTIONS + 4}"]
    assert len(questions) == len(set(questions)) == MOST_QUESTIONS


def test_what_is_remembered_is_for_its_owner_alone(tmp_path):
    remember_answer(tmp_path, result_of("what is it?"))

    assert stat.S_IMODE((tmp_path / ASKED_NAME).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [ASKED_NAME]


@pytest.mark.parametrize("question", ["a\udcffb", "\x1b[2J\u202e", '"}\n', "é" * 9_999])
def test_any_question_can_be_remembered(tmp_path, question):
    remember_answer(tmp_path, result_of(question))

    assert read_asked(tmp_path).questions[0].question == question[:4_000]


BROKEN = {
    "empty": "",
    "no JSON": "{",
    "a list": [],
    "deep": "[" * 100_000,
    "another version": {"version": 99, "questions": [], "quotes": []},
    "no list": {"version": 1, "questions": {}, "quotes": []},
    "no object": {"version": 1, "questions": ["x"], "quotes": []},
    "no text": {"version": 1, "questions": [{"question": 1}], "quotes": []},
    "a run that is no text": {
        "version": 1,
        "questions": [{"question": "q", "asked_at": "", "mode": "simple", "run_id": 1}],
        "quotes": [],
    },
    "no lines": {"version": 1, "questions": [], "quotes": [{"path": "a.md"}]},
    "odd lines": {
        "version": 1,
        "questions": [],
        "quotes": [{"path": "a.md", "line_start": True, "line_end": 2}],
    },
    "huge lines": {
        "version": 1,
        "questions": [],
        "quotes": [{"path": "a.md", "line_start": 1, "line_end": 1 << 99}],
    },
    "too long": "[" + " " * 3_000_000 + "]",
}


@pytest.mark.parametrize("document", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_an_error_and_the_next_answer_replaces_it(tmp_path, document):
    write(tmp_path, document)

    with pytest.raises(InputError, match="cannot be used") as refused:
        read_asked(tmp_path)
    assert "docsearch ask" in refused.value.hint
    remember_answer(tmp_path, result_of("what is it?"))
    assert read_asked(tmp_path).questions[0].question == "what is it?"


def test_where_nothing_was_asked_that_is_said(tmp_path):
    with pytest.raises(InputError, match="no question asked of the index") as refused:
        read_asked(tmp_path)
    assert "docsearch ask" in refused.value.hint


def test_a_link_in_its_place_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    home = tmp_path / "home"
    home.mkdir()
    (home / ASKED_NAME).symlink_to(elsewhere)

    with pytest.raises(InputError, match="cannot be used: it is a link") as refused:
        read_asked(home)
    assert refused.value.hint == "remove it"
    said = remember_answer(home, result_of("what is it?"))
    assert said == f"this question is not remembered: {home / ASKED_NAME} is a link; remove it"
    assert elsewhere.read_text() == "mine"


def test_nothing_is_said_where_a_question_is_remembered_or_the_folder_is_not_ours(tmp_path):
    assert remember_answer(tmp_path, result_of("what is it?")) == ""
    assert remember_answer(tmp_path / "nowhere", result_of("what is it?")) == ""


def test_a_pipe_in_its_place_hangs_nothing(tmp_path):
    os.mkfifo(tmp_path / ASKED_NAME)

    assert "is no file; remove it" in remember_answer(tmp_path, result_of("what is it?"))
    with pytest.raises(InputError, match="it is no file"):
        read_asked(tmp_path)


def test_what_another_user_asked_is_neither_read_nor_replaced(tmp_path, monkeypatch):
    remember_answer(tmp_path, result_of("theirs"))
    before = (tmp_path / ASKED_NAME).read_bytes()
    monkeypatch.setattr("os.geteuid", lambda: 12_345)
    remember_answer(tmp_path, result_of("mine"))

    assert (tmp_path / ASKED_NAME).read_bytes() == before
    with pytest.raises(AccessError):
        read_asked(tmp_path)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    remember_answer(tmp_path / "gone", result_of("what is it?"))

    assert not (tmp_path / "gone").exists()

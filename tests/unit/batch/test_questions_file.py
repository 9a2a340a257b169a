"""A file of questions: what is one, what is none, and what each is called."""

import json

import pytest

from docsearch_cli.batch import questions_file
from docsearch_cli.batch.questions_file import BadLine, BatchQuestion, read_questions
from docsearch_cli.errors import InputError


def read(tmp_path, data):
    path = tmp_path / "q.jsonl"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_questions(path)


def test_a_question_is_called_by_its_id_or_by_its_line(tmp_path):
    found = read(
        tmp_path,
        '\ufeff{"question": "a?"}\n\n{"id": 7, "question": "b?", "gold": []}\r\n'
        '{"id": "x", "question": "c?"}',
    )

    assert found == [
        BatchQuestion(1, "1", "a?"),
        BatchQuestion(3, "7", "b?"),
        BatchQuestion(4, "x", "c?"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "it is no JSON (expecting property name enclosed in double quotes at column 2)"),
        ("[]", "no object"),
        ("{}", "no question"),
        ('{"question": " "}', "its question is empty"),
        ('{"question": 3}', "no text"),
        ('{"question": "q", "id": true}', "neither text nor a number"),
        ('{"question": "q", "id": ""}', "1 to 200"),
        (json.dumps({"question": "q", "id": "x" * 201}), "1 to 200"),
        ('{"question": "q", "id": "\\ud800"}', "id holds half a surrogate pair"),
        ('{"question": "q \\udfff"}', "question holds half a surrogate pair"),
        (b'{"question": "\xff"}', "UTF-8"),
        (json.dumps({"question": "q" * 1_000_001}), "longer"),
        ("[" * 100_000, ""),
    ],
)
def test_a_line_that_is_no_question_costs_no_other_line(tmp_path, line, reason):
    data = line if isinstance(line, bytes) else line.encode()
    first, bad, last = read(tmp_path, b'{"question": "a"}\n' + data + b'\n{"question": "b"}\n')

    assert (first.question, last.question, last.line) == ("a", "b", 3)
    assert isinstance(bad, BadLine)
    assert bad.line == 2
    assert reason in bad.reason


def test_an_id_that_was_there_before_is_no_question(tmp_path):
    _, bad = read(tmp_path, '{"id": "2", "question": "a"}\n{"question": "b"}')

    assert bad == BadLine(2, "its id '2' is that of line 1")


def test_a_file_without_a_line_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no question"):
        read(tmp_path, "\n \n")


def test_a_text_file_is_one_error_with_what_is_wanted(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, "\nhow is it?\nwhat is it?\n\nwhere is it?\n")

    assert caught.value.message == (
        f"'{tmp_path}/q.jsonl' holds no question: line 2: it is no JSON (expecting value at"
        " column 1); 2 more lines are none either"
    )
    assert 'such as {"question": "' in caught.value.hint
    assert f"< {tmp_path}/q.jsonl > {tmp_path}/q.jsonl.jsonl, then docsearch" in caught.value.hint


def test_a_file_of_other_objects_is_one_error(tmp_path):
    with pytest.raises(
        InputError, match="line 1: it has no question; 1 more line is none"
    ) as caught:
        read(tmp_path, '{"query": "a"}\n{"query": "b"}\n')

    assert "jq" not in caught.value.hint


@pytest.mark.parametrize("name", ["none.jsonl", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(InputError, match=name):
        read_questions(tmp_path / name)


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(questions_file, "_MOST_BYTES", 1000)

    with pytest.raises(InputError, match="larger than 1,000 bytes"):
        read(tmp_path, '{"question": "a"}\n' * 100)

import json

import pytest

QUESTIONS = [
    {"id": "1", "question": "where is it windy", "gold": ["a.md"]},
    {"id": "2", "question": "who bakes bread", "gold": ["b.md"]},
    {"id": "3", "question": "what is unanswerable", "gold": []},
]


@pytest.fixture
def home(index_of):
    home = index_of({"a.md": "# A\n\nIt is windy.\n", "b.md": "# B\n\nGreta bakes bread.\n"})
    lines = "".join(json.dumps(row) + "\n" for row in QUESTIONS)
    (home / "q.jsonl").write_text(lines)
    return home


def test_recall_is_measured_per_budget(inline, home):
    ended = inline("eval", "q.jsonl", "--agents", "0,3", "--json")

    assert ended.code == 0
    assert ended.data["questions"] == 3
    assert [row["max_agents"] for row in ended.data["budgets"]] == [0, 3]
    assert all(row["recall_at_5"] == 1 for row in ended.data["budgets"])
    assert all(row["questions"] == 2 for row in ended.data["budgets"])


def test_the_table_has_a_row_for_each_budget(inline, home):
    lines = inline("eval", "q.jsonl", "--agents", "0,3").stdout.splitlines()

    assert len(lines) == 3
    assert "R@5" in lines[0]


def test_predictions_are_written_in_the_order_of_the_questions(inline, home):
    inline("eval", "q.jsonl", "--agents", "2", "--out", "p.jsonl")
    rows = [json.loads(line) for line in (home / "p.jsonl").read_text().splitlines()]

    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["documents"][0] == "a.md"
    assert all(row["agents_used"] <= 2 for row in rows)


def test_measuring_leaves_no_runs_behind(inline, home):
    inline("eval", "q.jsonl", "--agents", "3")

    assert inline("runs", "list", "--json").data["runs"] == []


def test_an_empty_index_is_an_error(inline, index_of, tmp_path):
    index_of({})
    (tmp_path / "q.jsonl").write_text(json.dumps(QUESTIONS[0]))
    ended = inline("eval", "q.jsonl", "--json")

    assert ended.code == 3
    assert "no documents" in ended.document["errors"][0]["message"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "not json",
        "[1]",
        "3",
        '{"id": 1, "question": "q"}',
        '{"id":1,"question":"q","gold":[]}',
    ],
)
def test_a_file_without_questions_is_an_error(inline, home, content):
    (home / "bad.jsonl").write_text(content)

    assert inline("eval", "bad.jsonl").code == 3


def test_a_bad_line_is_named(inline, home):
    (home / "bad.jsonl").write_text(json.dumps(QUESTIONS[0]) + "\n\nnonsense\n")

    assert "line 3" in inline("eval", "bad.jsonl").stderr


@pytest.mark.parametrize("path", ["nope.jsonl", "docs"])
def test_a_file_that_cannot_be_read_is_an_error(inline, home, path):
    assert inline("eval", path).code == 3


@pytest.mark.parametrize("agents", ["", "x", "-1", "1e3", "99999", "1,,2"])
def test_budgets_that_make_no_sense_are_a_usage_error(inline, home, agents):
    assert inline("eval", "q.jsonl", f"--agents={agents}").code == 2


def test_gold_documents_that_are_not_indexed_are_said(inline, home):
    (home / "other.jsonl").write_text(json.dumps({**QUESTIONS[0], "gold": ["zzz.md"]}))
    ended = inline("eval", "other.jsonl", "--agents", "0")

    assert "zzz.md" in ended.stderr


def test_an_empty_question_names_its_line(inline, home):
    (home / "bad.jsonl").write_text(json.dumps({**QUESTIONS[0], "question": " "}))
    ended = inline("eval", "bad.jsonl", "--agents", "0")

    assert ended.code in (2, 3)
    assert "Traceback" not in ended.stderr

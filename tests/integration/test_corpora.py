"""The sample corpora are what their READMEs say they are."""

import json
import re

import pytest

from docsearch_cli.evaluation.questions import load_questions
from docsearch_cli.index.build import build_index
from docsearch_cli.index.ledger import read_ledger
from docsearch_cli.index.link_report import read_link_report
from docsearch_cli.index.store import open_index
from tests.support import CORPORA

FOLDERS = {"fenwick": "docs", "vault": "notes"}
COUNTS = {"fenwick": 67, "vault": 44}
FEWEST_QUESTIONS = {"fenwick": 30, "vault": 15}
TYPES = {"single", "bridge", "comparison", "temporal", "unanswerable"}


@pytest.fixture(scope="module", params=sorted(FOLDERS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def root(name):
    return CORPORA / name / FOLDERS[name]


@pytest.fixture(scope="module")
def index(root, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    build_index(home, [root])
    return open_index(home)


@pytest.fixture(scope="module")
def questions(name):
    lines = (CORPORA / name / "questions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def planted(name):
    """Links that the README lists: (file, line, target, kind)."""
    rows = set()
    for line in (CORPORA / name / "README.md").read_text("utf-8").splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[1].isdigit():
            target = cells[2].strip("!").removeprefix("[[").removesuffix("]]")
            kind = "ambiguous" if "ambiguous" in cells[3] else "broken"
            rows.add((cells[0].removeprefix(f"{FOLDERS[name]}/"), int(cells[1]), target, kind))
    return rows


def test_every_file_is_indexed_and_accounted_for(name, root, index):
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    ledger = list(read_ledger(index))

    assert sorted(row["path"] for row in ledger) == files
    assert [row for row in ledger if row["status"] != "indexed"] == []
    assert index.counts["documents"] == len(files) == COUNTS[name]


def test_exactly_the_planted_links_do_not_resolve(name, index):
    report = read_link_report(index.folder)
    found = {
        (link["source_path"], link["line"], link["target"].strip("!"), kind)
        for kind in ("broken", "ambiguous")
        for link in report[kind]
    }

    assert len(planted(name)) == 4
    assert found == planted(name)


def test_no_page_stands_alone(index):
    graph = index.graph
    touched = [
        len(graph.edges_out(node)) + len(graph.edges_in(node)) for node in range(index.node_count)
    ]

    assert min(touched) > 0


def test_questions_are_enough_and_well_formed(name, questions):
    assert len(questions) >= FEWEST_QUESTIONS[name]
    assert len({question["id"] for question in questions}) == len(questions)
    for question in questions:
        assert set(question) == {"id", "question", "answer", "gold", "hops", "type", "note"}
        assert question["question"].strip()
        assert question["type"] in TYPES
        assert (question["type"] == "unanswerable") == (question["gold"] == [])
        assert (question["answer"] == "") == (question["gold"] == [])


def test_some_questions_cannot_be_answered_and_some_need_several_pages(questions):
    assert any(not question["gold"] for question in questions)
    assert sum(len(question["gold"]) > 1 for question in questions) >= 5


def test_gold_pages_exist_and_hold_the_answer(root, questions):
    for question in questions:
        texts = [(root / path).read_text("utf-8") for path in question["gold"]]
        joined = " ".join(" ".join(text.split()) for text in texts).casefold()
        assert not texts or question["answer"].casefold() in joined, question["id"]


def test_hops_count_the_gold_pages(questions):
    for question in questions:
        assert not question["gold"] or question["hops"] == len(question["gold"]), question["id"]


def test_the_questions_are_read_by_eval(name, questions):
    loaded = load_questions(CORPORA / name / "questions.jsonl")

    assert [item.id for item in loaded] == [question["id"] for question in questions]


def test_the_corpus_is_described(name):
    text = (CORPORA / name / "README.md").read_text("utf-8")

    assert re.search(r"made[ -]up|invented", text)
    assert "MIT" in text

"""``docsearch eval``: questions in, recall per budget out."""

import json
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest

from docsearch_cli.config import load_settings
from docsearch_cli.errors import RunFailedError
from docsearch_cli.evaluation.asking import ask_questions
from docsearch_cli.evaluation.questions import load_questions
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask
from docsearch_cli.search.result import AskOptions
from docsearch_cli.steps import estimate_tokens
from tests.support import CORPORA, command_line, usual_or_soak, wait_until

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


def test_the_default_budgets_are_five(inline, home):
    data = inline("eval", "q.jsonl", "--json").data

    assert [row["max_agents"] for row in data["budgets"]] == [0, 5, 10, 20, 40]


def test_every_number_of_the_result_has_its_name(inline, home):
    data = inline("eval", "q.jsonl", "--agents", "2", "--json").data

    assert set(data) == {
        "questions",
        "scored",
        "unanswerable",
        "gold_documents",
        "not_indexed",
        "budgets",
        "whole_documents",
        "whole_tokens",
        "whole_recall",
        "suggested_max_agents",
        "conditions",
    }
    assert data["conditions"] == []
    assert set(data["budgets"][0]) == {
        "max_agents",
        "questions",
        "recall_at_2",
        "recall_at_5",
        "recall_at_10",
        "all_at_5",
        "documents_opened",
        "recall_opened",
        "recall_keyword",
        "answers_found",
        "not_found_precision",
        "not_found_recall",
        "wrongly_not_found",
        "failed",
        "agents_used",
        "tokens_read",
        "tokens_returned",
        "fewer_tokens",
        "mean_ms",
        "p95_ms",
    }


def test_the_table_has_a_row_for_each_budget(inline, home):
    ended = inline("eval", "q.jsonl", "--agents", "0,3")
    lines = ended.stdout.splitlines()

    assert lines[0].split()[:3] == ["agents", "R@2", "R@5"]
    assert [line.split()[0] for line in lines[1:3]] == ["0", "3"]
    assert lines[3] == ""
    assert lines[0].split()[-2:] == ["nf-P", "nf-R"]
    assert all(line.split()[-2:] == ["100.0", "100.0"] for line in lines[1:3])
    assert "3 questions, 1 of them unanswerable" in lines[4]
    assert ended.stderr == ""


def test_without_unanswerable_questions_the_table_has_no_columns_for_them(inline, home):
    rows = [*QUESTIONS[:2], {**QUESTIONS[2], "answer": "it has one, and no gold"}]
    (home / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = inline("eval", "q.jsonl", "--agents", "0").stdout.splitlines()

    assert lines[0].split()[-1] == "ms"
    assert "1 without gold documents left out" in lines[3]


def test_the_suggestion_says_what_it_saves(inline, home):
    ended = inline("eval", "q.jsonl", "--agents", "0,3")

    assert ended.stdout.splitlines()[-2].startswith("suggested: --simple")
    assert "than the first five documents whole" in ended.stdout.splitlines()[-1]


def test_of_one_budget_none_is_suggested(inline, home):
    printed = inline("eval", "q.jsonl", "--agents", "0").stdout

    assert "suggested" not in printed
    assert "agents opened" not in printed


def test_a_document_found_only_by_exploring_counts_for_the_agents(inline, index_of):
    folder = index_of(
        {
            "a.md": "# Mill\n\nThe mill is run by Greta Onderka.\n",
            "b.md": "# Greta Onderka\n\nShe was born in Ystad.\n",
            "c.md": "# Other\n\nA mill and a mill and a mill.\n",
        }
    )
    row = {"id": 1, "question": "which person runs the mill", "gold": ["b.md"], "answer": "Ystad"}
    (folder / "q.jsonl").write_text(json.dumps(row))
    simple, deep = inline("eval", "q.jsonl", "--agents", "0,5", "--json").data["budgets"]

    assert (simple["recall_opened"], simple["recall_keyword"]) == (None, None)
    assert deep["documents_opened"] == 3
    assert (deep["recall_opened"], deep["recall_keyword"]) == (1, 0)


def test_parts_of_a_long_document_are_one_document(inline, index_of):
    parts = "".join(f"## Oven {n}\n\n{'oven bread ' * 250}\n\n" for n in range(60))
    folder = index_of({"long.md": f"# Long\n\n{parts}", "b.md": "# B\n\nAn oven.\n"})
    row = {"id": 1, "question": "oven bread", "gold": ["b.md"]}
    (folder / "q.jsonl").write_text(json.dumps(row))
    deep = inline("eval", "q.jsonl", "--agents", "10", "--json").data["budgets"][0]

    assert deep["agents_used"] > deep["documents_opened"]
    assert deep["documents_opened"] <= 2


def test_answers_are_looked_for_in_the_quotes(inline, home):
    rows = [
        {**QUESTIONS[0], "answer": "windy"},
        {**QUESTIONS[1], "answer": "Anna", "aliases": ["Berta"]},
        {**QUESTIONS[1], "id": "4", "answer": "yes", "aliases": None},
        {**QUESTIONS[1], "id": "5", "answer": None},
    ]
    (home / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    budgets = inline("eval", "a.jsonl", "--agents", "0,3", "--json").data["budgets"]

    assert [row["answers_found"] for row in budgets] == [0.5, 0.5]


@pytest.mark.parametrize("value", [5, ["a"], {"text": "a"}])
def test_an_answer_that_is_no_text_is_an_error(inline, home, value):
    (home / "bad.jsonl").write_text(json.dumps({**QUESTIONS[0], "answer": value}))
    ended = inline("eval", "bad.jsonl")

    assert ended.code == 3
    assert "answer" in ended.stderr


def test_gold_that_is_one_text_is_an_error(inline, home):
    (home / "bad.jsonl").write_text(json.dumps({**QUESTIONS[0], "gold": "a.md"}))

    assert inline("eval", "bad.jsonl").code == 3


def test_budgets_asked_together_give_what_ask_gives_for_each(fenwick):
    home = fenwick / ".docsearch"
    index, settings = open_index(home), load_settings({})
    every = usual_or_soak(7, 3)
    questions = load_questions(CORPORA / "fenwick" / "questions.jsonl")[::every]
    budgets = [0, 1, 3, 12, 40, 60, 200]
    asked = ask_questions(home, index, questions, settings, budgets)

    for place, budget in enumerate(budgets):
        options = AskOptions(
            load_settings({"max_agents": budget}),
            mode="deep" if budget else "simple",
            engine="inline",
            use_cache=False,
            record=False,
        )
        for item in asked:
            result = ask(home, index, item.question.question, options)
            found = item.predictions[place]

            assert found.documents == tuple(d.path for d in result.findings.documents)
            assert found.agents_used == len(result.steps)
            assert found.opened == tuple(dict.fromkeys(step.path for step in result.steps))
            assert found.tokens_read == result.budget["tokens_read"]
            assert found.evidence_text == " ".join(q.plain for q in result.findings.evidence)


def test_the_keyword_ranking_is_as_long_as_the_reading_and_begins_as_the_simple_search(fenwick):
    home = fenwick / ".docsearch"
    questions = load_questions(CORPORA / "fenwick" / "questions.jsonl")[::3]
    asked = ask_questions(home, open_index(home), questions, load_settings({}), [0, 40])

    for item in asked:
        simple, deep = item.predictions
        most = min(len(simple.documents), len(item.keyword_documents))
        assert len(item.keyword_documents) >= len(deep.opened)
        assert item.keyword_documents[:most] == simple.documents[:most]


def test_one_document_with_all_the_best_sections_hides_no_other(index_of):
    text = "".join(f"## Oven {n}\n\noven oven oven\n\n" for n in range(500))
    others = {f"p{n}.md": f"# P{n}\n\n{'word ' * 50} oven\n" for n in range(8)}
    folder = index_of({"a.md": f"# All\n\n{text}", **others})
    (folder / "q.jsonl").write_text(json.dumps({"id": 1, "question": "oven", "gold": ["p7.md"]}))
    home = folder / ".docsearch"
    questions = load_questions(folder / "q.jsonl")
    (asked,) = ask_questions(home, open_index(home), questions, load_settings({}), [0])

    assert asked.keyword_documents == ("a.md", "p0.md", "p1.md", "p2.md", "p3.md")


def test_whole_pages_are_counted_whole(home):
    folder = home / ".docsearch"
    index = open_index(folder)
    questions = load_questions(home / "q.jsonl")[:1]
    (asked,) = ask_questions(folder, index, questions, load_settings({}), [0])
    texts = [index.texts[row] for row in range(len(index.texts)) if "windy" in index.texts[row]]

    assert asked.keyword_documents == ("a.md",)
    assert asked.whole_tokens == sum(estimate_tokens(text) for text in texts)


def test_the_plot_is_an_svg_of_the_budgets_above_0(inline, home):
    ended = inline("eval", "q.jsonl", "--agents", "0,2,3", "--plot", "q.svg")
    first = (home / "q.svg").read_bytes()
    inline("eval", "q.jsonl", "--agents", "0,2,3", "--plot", "q.svg", "--json")
    root = ElementTree.fromstring(first)
    circles = [item for item in root.iter() if item.tag.endswith("circle")]

    assert ended.code == 0
    assert len(circles) == 3  # two budgets and the legend
    assert b"q.jsonl" in first
    assert b"2 questions" in first
    assert (home / "q.svg").read_bytes() == first


def test_a_plot_of_the_keyword_search_alone_is_a_usage_error(inline, home):
    assert inline("eval", "q.jsonl", "--agents", "0", "--plot", "q.svg").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--out", "q.jsonl"],
        ["--plot", "docs/../q.jsonl"],
        ["--out", "x", "--plot", "x"],
        ["--html", "q.jsonl"],
        ["--html", "x", "--plot", "x"],
    ],
)
def test_nothing_is_written_over(inline, home, words):
    before = (home / "q.jsonl").read_bytes()

    assert inline("eval", "q.jsonl", *words).code == 2
    assert (home / "q.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    "words", [["--out", "none/p.jsonl"], ["--plot", "docs"], ["--html", "docs"]]
)
def test_a_file_that_cannot_be_written_is_an_error_before_anything_is_asked(
    inline, home, monkeypatch, words
):
    monkeypatch.setattr(
        "docsearch_cli.evaluation.asking.ask", lambda *_, **__: pytest.fail("it was asked")
    )

    assert inline("eval", "q.jsonl", *words).code == 3


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_an_interrupted_measurement_ends_with_130_and_writes_nothing(home, words):
    rows = [{**QUESTIONS[0], "id": str(n)} for n in range(50_000)]
    (home / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    process = subprocess.Popen(
        command_line("eval", "many.jsonl", "--out", "p.jsonl", *words),
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    mapped = psutil.Process(process.pid).memory_maps
    assert wait_until(lambda: any("texts.utf8" in item.path for item in mapped()))  # it is asking
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)

    assert process.returncode == 130
    assert b"Traceback" not in stderr
    assert not (home / "p.jsonl").exists()


def test_predictions_are_written_in_the_order_of_the_questions(inline, home):
    inline("eval", "q.jsonl", "--agents", "2", "--out", "p.jsonl")
    rows = [json.loads(line) for line in (home / "p.jsonl").read_text().splitlines()]

    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["documents"][0] == "a.md"
    assert all(row["agents_used"] <= 2 for row in rows)


def test_losses_of_a_vault_add_up_to_what_is_measured(inline, tmp_path):
    build_index(tmp_path / ".docsearch", [CORPORA / "vault" / "notes"])
    questions = str(CORPORA / "vault" / "questions.jsonl")
    words = ["eval", questions, "--losses", "--agents"]
    data = inline(*words, "0,5,20", "--out", "p.jsonl", "--json").data
    lost = data["losses"]

    assert lost["questions"] == data["scored"]
    assert lost["without_gold"] == data["questions"] - data["scored"]
    assert lost["not_indexed"] == 0
    assert [row["max_agents"] for row in lost["budgets"]] == [0, 5, 20]
    for row, scores in zip(lost["budgets"], data["budgets"], strict=True):
        stages = row["stages"]
        ranked = stages["found"] + stages["not_quoted"]
        assert sum(stages.values()) == pytest.approx(1, abs=0.001)
        assert ranked == pytest.approx(scores["recall_at_5"], abs=0.001)
        for stage, reasons in row["reasons"].items():
            assert sum(reasons.values()) == pytest.approx(stages[stage], abs=0.001)
        assert row["explored"]["recall_at_5"] == scores["recall_at_5"]
        if row["max_agents"]:
            assert row["best_ranking"] >= scores["recall_at_5"] - 0.001
            assert row["best_ranking"] == pytest.approx(ranked + stages["not_ranked"], abs=0.001)
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    gold = [json.loads(line)["gold"] for line in Path(questions).read_text().splitlines()]

    assert [[loss["gold"] for loss in row["losses"]] for row in rows] == gold
    shown = inline(*words, "0,1").stdout.splitlines()
    assert shown[0].split() == ["most", "agents", "0", "1"]
    assert any(line.split()[:3] == ["agents", "used", "R@5"] for line in shown)


def test_losses_are_shown_only_when_asked_for(inline, home):
    assert "losses" not in inline("eval", "q.jsonl", "--agents", "2", "--json").data

    inline("eval", "q.jsonl", "--agents", "2", "--out", "p.jsonl")
    assert "losses" not in json.loads((home / "p.jsonl").read_text().splitlines()[0])


def test_a_report_has_the_losses_and_every_question_and_changes_no_other_output(inline, home):
    (home / "r.html").write_text("an earlier report")
    words = ["eval", "q.jsonl", "--agents", "0,2", "--out", "p.jsonl"]
    plain = inline(*words, "--json").data
    lines = (home / "p.jsonl").read_text()
    ended = inline(*words, "--html", "r.html", "--json")
    page = (home / "r.html").read_text("utf-8")

    assert ended.code == 0
    assert ended.data.keys() == plain.keys()
    assert set(json.loads((home / "p.jsonl").read_text().splitlines()[0])) == set(
        json.loads(lines.splitlines()[0])
    )
    for question in QUESTIONS:
        assert question["question"] in page
    assert "not seeded: in keyword top 20, not opened" in page


def losses_of(home, question, budgets, **row):
    (home / "l.jsonl").write_text(json.dumps({"id": 1, "question": question, **row}))
    folder = home / ".docsearch"
    index = open_index(folder)
    questions = load_questions(home / "l.jsonl")
    (asked,) = ask_questions(folder, index, questions, load_settings({}), budgets, with_losses=True)
    return asked


def test_a_gold_document_that_nothing_leads_to_is_not_reached(index_of):
    pages = {f"p{n}.md": f"# P{n}\n\nAn oven.\n" for n in range(30)}
    home = index_of({**pages, "z.md": "# Z\n\nNothing here.\n"})
    asked = losses_of(home, "oven", [0, 3], gold=["z.md", "p15.md", "gone.md"])

    for found in asked.losses:
        assert [(loss.stage, loss.reason) for loss in found] == [
            ("not_reached", "no_edge"),
            ("not_seeded", ""),
            ("not_indexed", ""),
        ]


def test_an_edge_that_waited_when_the_agents_were_used_up_is_said(index_of):
    home = index_of(
        {
            "a.md": "# Mill\n\nThe mill is run by Greta Onderka.\n",
            "b.md": "# Greta Onderka\n\nShe was born in Ystad.\n",
        }
    )
    asked = losses_of(home, "which person runs the mill", [1, 2], gold=["b.md"], answer="Ystad")
    (few,), (enough,) = asked.losses

    assert (few.stage, few.reason) == ("not_reached", "budget")
    assert (few.edge.path, few.edge.label) == ("a.md", "mention")
    assert enough.stage in ("found", "not_quoted")
    assert asked.answer_in_gold


def test_an_answer_that_no_quote_holds_is_placed_in_its_page(index_of):
    rest = "".join(f"## Old {n}\n\n{'word ' * 240}\n\n" for n in range(9))
    home = index_of(
        {
            "near.md": "# Oven\n\nOld oven. Nobody lit it.\n\n# Walls\n\nHas Ystad bricks.\n",
            "far.md": f"# Kiln\n\nThe kiln is old.\n\n{rest}## End\n\n{'word ' * 240} Malmo\n",
        }
    )
    near = losses_of(home, "old oven lit nobody", [0, 2], gold=["near.md"], answer="Ystad")
    far = losses_of(home, "old kiln", [0, 2], gold=["far.md"], answer="Malmo")
    other = losses_of(home, "old oven", [0, 2], gold=["near.md"], answer="Uppsala")

    assert [(loss.stage, loss.reason) for (loss,) in near.losses] == [
        ("not_quoted", "near_quote")
    ] * 2
    assert [(loss.stage, loss.reason) for (loss,) in far.losses] == [("not_quoted", "not_read")] * 2
    assert [loss.stage for (loss,) in other.losses] == ["found", "found"]
    assert (near.answer_in_gold, other.answer_in_gold) == (True, False)


def test_the_keyword_ranking_is_read_by_as_many_agents_and_follows_no_edge(fenwick):
    home = fenwick / ".docsearch"
    questions = load_questions(CORPORA / "fenwick" / "questions.jsonl")[::5]
    asked = ask_questions(
        home, open_index(home), questions, load_settings({}), [5, 40], with_losses=True
    )

    for item in asked:
        for search, reading in zip(item.predictions, item.readings, strict=True):
            if item.question.gold:
                assert reading.agents_used == search.agents_used
                assert set(reading.opened[:1]) <= set(item.keyword_documents)


@pytest.mark.parametrize("words", [[], ["--losses"]])
def test_a_question_whose_search_fails_is_counted_and_the_others_are_asked(
    inline, home, monkeypatch, words
):
    def ask_or_fail(home, index, question, *args, **more):
        if "windy" in question:
            raise RunFailedError("every step failed")
        return ask(home, index, question, *args, **more)

    monkeypatch.setattr("docsearch_cli.evaluation.asking.ask", ask_or_fail)
    ended = inline("eval", "q.jsonl", "--agents", "3,5", *words)
    data = inline("eval", "q.jsonl", "--agents", "3,5", "--json", "--out", "p.jsonl", *words).data
    rows = [json.loads(line) for line in (home / "p.jsonl").read_text().splitlines()]

    assert ended.code == 0
    assert "1 question failed" in ended.stdout
    assert [row["failed"] for row in data["budgets"]] == [1, 1]
    assert [row["recall_at_5"] for row in data["budgets"]] == [0.5, 0.5]
    assert [row["failed"] for row in rows] == [True, False, False]


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


@pytest.mark.parametrize("field", ["id", "question", "answer"])
def test_half_a_character_is_an_error(inline, home, field):
    (home / "half.jsonl").write_text(json.dumps({**QUESTIONS[0], field: "bread \ud800"}))
    ended = inline("eval", "half.jsonl", "--agents", "0")

    assert ended.code == 3
    assert "half.jsonl, line 1 is not a question: it holds half a surrogate pair" in ended.stderr


@pytest.mark.parametrize("path", ["nope.jsonl", "docs"])
def test_a_file_that_cannot_be_read_is_an_error(inline, home, path):
    assert inline("eval", path).code == 3


@pytest.mark.parametrize("agents", ["", "x", "-1", "1e3", "99999", "1,,2"])
def test_budgets_that_make_no_sense_are_a_usage_error(inline, home, agents):
    assert inline("eval", "q.jsonl", f"--agents={agents}").code == 2


def test_gold_documents_of_a_larger_corpus_are_counted(inline, home):
    larger = {**QUESTIONS[0], "gold": [*QUESTIONS[0]["gold"], "zzz.md", "yyy.md"]}
    (home / "other.jsonl").write_text(json.dumps(larger))
    count = len(larger["gold"])
    ended = inline("eval", "other.jsonl", "--agents", "0")
    data = inline("eval", "other.jsonl", "--agents", "0", "--json").data

    assert ended.code == 0
    assert f"2 of {count} gold documents are not in the index, such as 'yyy.md'" in ended.stderr
    assert (data["gold_documents"], data["not_indexed"]) == (count, 2)


@pytest.mark.parametrize("option", [[], ["--json"], ["--losses"]])
def test_gold_documents_of_another_corpus_measure_nothing(inline, home, option):
    (home / "other.jsonl").write_text(json.dumps({**QUESTIONS[0], "gold": ["zzz.md"]}))
    ended = inline("eval", "other.jsonl", "--agents", "0", *option)

    assert ended.code == 3
    assert "no gold document of other.jsonl is in the index, such as 'zzz.md'" in (
        ended.stderr or ended.stdout
    )


def test_an_empty_question_names_its_line(inline, home):
    (home / "bad.jsonl").write_text(json.dumps({**QUESTIONS[0], "question": " "}))
    ended = inline("eval", "bad.jsonl", "--agents", "0")

    assert ended.code == 3
    assert "line 1" in ended.stderr


def test_a_question_without_searchable_words_is_scored_as_found_nothing(inline, home):
    (home / "stop.jsonl").write_text(json.dumps({**QUESTIONS[0], "question": "who is it?"}))
    shown = inline("eval", "stop.jsonl", "--agents", "0,3").stdout
    data = inline("eval", "stop.jsonl", "--agents", "0,3", "--json").data

    assert "no budget is suggested" in shown
    assert [row["recall_at_5"] for row in data["budgets"]] == [0, 0]
    assert data["budgets"][1]["recall_opened"] == 0
    assert data["whole_tokens"] == 0
    assert data["budgets"][0]["fewer_tokens"] is None


def test_a_file_may_begin_with_a_byte_order_mark(inline, home):
    (home / "bom.jsonl").write_text(json.dumps(QUESTIONS[0]), encoding="utf-8-sig")

    assert inline("eval", "bom.jsonl", "--agents", "0").code == 0

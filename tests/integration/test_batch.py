"""``ask --batch``: each question as if it had been asked alone, whatever ends the program."""

import json
import os
import signal
import subprocess
import time
from dataclasses import replace

import pytest

from docsearch_cli.batch import whole_question
from docsearch_cli.batch.results_file import ResultsFile
from docsearch_cli.batch.whole_question import QuestionCall, read_reply, write_call
from docsearch_cli.config import load_settings
from docsearch_cli.index.store import open_index
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.runs.catalog import opened_run, run_ids
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.search.ask import ask, prepare_question
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.run_facts import is_run_of
from tests.asking import ScriptedModel
from tests.searching import digests
from tests.support import CORPORA, command_line, wait_until

QUESTIONS = [
    json.loads(line)
    for line in (CORPORA / "fenwick" / "questions.jsonl").read_text("utf-8").splitlines()
][:4]
WORDS = ("--batch", "q.jsonl", "--out", "a.jsonl", "--deep", "--max-agents", "8")


@pytest.fixture
def asked(fenwick):
    """The folder, with an index and a file of questions."""
    write(fenwick, *QUESTIONS)
    return fenwick


def write(folder, *lines):
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "q.jsonl").write_text("\n".join(texts), "utf-8")


def rows(folder):
    return [json.loads(line) for line in (folder / "a.jsonl").read_text("utf-8").splitlines()]


def bare(data):
    """What of a result does not depend on when and by whom it was found."""
    left_out = ("run_id", "timings_ms", "mode_reason")
    steps = [{k: v for k, v in step.items() if k not in ("ms", "cached")} for step in data["steps"]]
    return {k: v for k, v in data.items() if k not in left_out} | {"steps": steps}


def test_each_line_is_what_ask_prints_and_each_run_is_recorded(inline, asked):
    ended = inline(*("ask", *WORDS, "--engine", "inline", "--json"))
    found = rows(asked)

    assert ended.code == 0
    assert [row["id"] for row in found] == [item["id"] for item in QUESTIONS]
    assert ended.data["answered"] == len(QUESTIONS)
    alone = inline("ask", QUESTIONS[1]["question"], "--deep", "--max-agents", "8", "--json")
    assert bare(found[1]["data"]) == bare(alone.data)
    for row in found:
        assert inline("runs", "verify", row["data"]["run_id"], "--json").code == 0
    assert sorted(path.name for path in asked.iterdir() if path.name[0] != ".") == [
        "a.jsonl",
        "docs",
        "q.jsonl",
    ]


def test_what_has_an_answer_is_not_asked_again(inline, asked):
    inline("ask", *WORDS, "--engine", "inline")
    before, runs = rows(asked), run_ids(asked / ".docsearch")
    lines = (asked / "a.jsonl").read_bytes().splitlines(keepends=True)
    (asked / "a.jsonl").write_bytes(b"".join([lines[2], lines[0], lines[1][:40]]))
    ended = inline("ask", *WORDS, "--engine", "inline", "--json")
    after = rows(asked)

    assert (ended.code, ended.data["kept"]) == (0, 2)
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert [after[0], after[2]] == [before[0], before[2]]
    assert len(run_ids(asked / ".docsearch")) == len(runs) + 2
    assert bare(after[1]["data"]) == bare(before[1]["data"])


def test_a_bad_line_is_named_and_costs_no_other(inline, asked):
    write(asked, QUESTIONS[0], "{", {"id": "fw01", "question": "again?"}, QUESTIONS[1])
    ended = inline("ask", *WORDS[:4], "--simple", "--engine", "inline")

    assert ended.code == 3
    assert "q.jsonl, line 2: it is no JSON" in ended.stderr
    assert "q.jsonl, line 3: its id 'fw01' is that of line 1" in ended.stderr
    assert [(row["id"], row["status"]) for row in rows(asked)] == [
        ("fw01", "success"),
        (None, "error"),
        (None, "error"),
        ("fw02", "success"),
    ]
    assert inline("ask", *WORDS[:4], "--simple", "--engine", "inline").code == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--batch", "q.jsonl"), "needs a file for the answers"),
        (("--batch", "q.jsonl", "--out", "q.jsonl"), "overwritten"),
        (("--batch", "q.jsonl", "--out", "-"), "a file is needed"),
        (("what?", "--batch", "q.jsonl", "--out", "a"), "questions of a file"),
        (("--again", "--batch", "q.jsonl", "--out", "a"), "questions of a file"),
        (("--batch", "q.jsonl", "--out", "a", "--dry-run"), "--dry-run"),
        (("--batch", "q.jsonl", "--out", "a", "--format", "csv"), "as csv"),
        (("what?", "--out", "a"), "--out is for --batch"),
        (("--batch", "q.jsonl", "--out", "a", "--agent", "llm", "--engine", "dask"), "twice"),
        (("--batch", "q.jsonl", "--out", "a", "--answer", "llm", "--engine", "dask"), "twice"),
        (("--batch", "q.jsonl", "--out", "a", "--engine", "dask"), "needs a scheduler"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(inline, asked, words, said):
    ended = inline("ask", *words)

    assert ended.code == 2
    assert said in ended.stderr


def test_answers_to_other_questions_or_options_are_left_alone(inline, asked):
    inline("ask", *WORDS, "--engine", "inline")
    before = (asked / "a.jsonl").read_bytes()
    ended = inline("ask", *WORDS[:-1], "9", "--engine", "inline")

    assert ended.code == 2
    assert "a.jsonl, line 1, is an answer from another batch: question 'fw01' was" in ended.stderr
    assert not (asked / "a.jsonl.state").exists()
    assert (asked / "a.jsonl").read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_batch_that_is_ended_goes_on_with_equal_answers(docsearch, asked, number):
    write(asked, *(item | {"id": f"{n}-{item['id']}"} for n in range(2) for item in QUESTIONS))
    words = (*WORDS, "--workers", "2", "--no-cache")
    process = subprocess.Popen(
        command_line("ask", *words), cwd=asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    out = asked / "a.jsonl"
    assert wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") >= 2, 60)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    before = {row["id"]: row for row in map(json.loads, out.read_bytes().split(b"\n")[:-1])}
    ended = docsearch("ask", *words, "--json", cwd=asked)

    if number == signal.SIGINT:
        assert process.returncode == 130
        assert b"same command goes on" in err
    assert ended.code == 0, ended.stderr
    after = {row["id"]: row for row in rows(asked)}
    assert len(after) == 8
    assert ended.data["kept"] == len(before) < 8
    assert all(after[name] == row for name, row in before.items())
    for name, row in after.items():
        assert bare(row["data"]) == bare(after[f"0-{name[2:]}"]["data"])
    assert not (asked / "a.jsonl.state").exists()


class StopsAfter(SearchObserver):
    def __init__(self, count):
        self.left = count

    def committed(self, step):
        self.left -= 1

    def stop_reason(self):
        return "cancelled" if self.left <= 0 else None


def make_call(home, **changes):
    index = open_index(home)
    call = {
        "home": str(home),
        "generation": str(index.folder),
        "digest": index.digest,
        "question": QUESTIONS[0]["question"],
        "run_id": "abc1",
        "earlier_runs": (),
        "settings": load_settings({"max_agents": 8}),
        "mode": "deep",
        "agent": "local",
        "starts": (),
        "conditions": (),
        "use_cache": False,
        "argv": (),
    }
    return QuestionCall(**{**call, **changes})


def answer(call):
    reply = read_reply(whole_question.answer(write_call(call)))
    assert reply.error is None, reply.error
    return reply.result


def recorded(home, run_id):
    with opened_run(home, run_id) as store:
        return digests(store)


def test_a_run_that_had_begun_is_continued_and_one_that_had_ended_is_read(asked):
    home = asked / ".docsearch"
    whole = answer(make_call(home))
    options = AskOptions(
        load_settings({"max_agents": 8}),
        "deep",
        engine="inline",
        use_cache=False,
        run_id="abc2",
    )
    index = open_index(home)
    stopped = ask(home, index, QUESTIONS[0]["question"], options, observer=StopsAfter(2))
    assert (stopped.run_id, stopped.complete) == ("abc2", False)
    runs = run_ids(home)
    continued = answer(make_call(home, run_id="abc3", earlier_runs=("abc2",)))
    read = answer(make_call(home, run_id="abc4", earlier_runs=("abc2",)))

    assert (whole.run_id, continued.run_id, read.run_id) == ("abc1", "abc2", "abc2")
    assert recorded(home, "abc2") == recorded(home, "abc1")
    assert continued.findings == read.findings == whole.findings
    assert read.mode_reason == "run abc2 continues"
    assert run_ids(home) == runs
    with opened_run(home, "abc2") as store:
        assert len(read_trace(store).latest) > 0


def test_of_the_runs_that_had_begun_the_last_one_that_fits_is_continued(asked):
    home = asked / ".docsearch"
    index = open_index(home)
    for run_id, agents in (("abc1", 8), ("abc2", 8), ("abc3", 9)):
        options = make_call(home, run_id=run_id).options()
        options = replace(options, settings=load_settings({"max_agents": agents}))
        ask(home, index, QUESTIONS[0]["question"], options, observer=StopsAfter(2))
    before = run_ids(home)
    result = answer(make_call(home, run_id="abc5", earlier_runs=("abc4", "abc3", "abc2", "abc1")))

    assert (result.run_id, result.complete) == ("abc2", True)
    assert run_ids(home) == before


def test_a_question_whose_run_did_not_fit_is_continued_after_the_next_interruption(inline, asked):
    """The run that is asked anew is noted too, so it is found again."""
    write(asked, QUESTIONS[0])
    home = asked / ".docsearch"
    inline("ask", *WORDS, "--engine", "inline")
    asked_hash = rows(asked)[0]["asked"]
    (asked / "a.jsonl").unlink()
    unfit = make_call(home, run_id="abc1", question=QUESTIONS[1]["question"])
    answer(unfit)
    state = {"id": QUESTIONS[0]["id"], "run_id": "abc1", "asked": asked_hash}
    (asked / "a.jsonl.state").write_text(json.dumps(state) + "\n")
    before = set(run_ids(home))
    first = read_state_after(asked, inline)
    (new,) = set(run_ids(home)) - before

    assert [line["run_id"] for line in first] == ["abc1", new]
    (asked / "a.jsonl.state").write_text("".join(json.dumps(line) + "\n" for line in first))
    (asked / "a.jsonl").unlink()
    inline("ask", *WORDS, "--engine", "inline")
    assert rows(asked)[0]["data"]["run_id"] == new


def read_state_after(folder, inline):
    """Ask the batch; return the lines of the state as they were before it was removed."""
    noted = []
    with pytest.MonkeyPatch.context() as patch:
        real = ResultsFile.put_in_order

        def put_in_order(results, ordered):
            text = (folder / "a.jsonl.state").read_text()
            noted.extend(map(json.loads, text.splitlines()))
            real(results, ordered)

        patch.setattr(ResultsFile, "put_in_order", put_in_order)
        inline("ask", *WORDS, "--engine", "inline")
    return noted


@pytest.mark.parametrize(
    "words",
    [
        ("--engine", "dask"),
        ("--engine", "dask", "--scheduler", "tcp://127.0.0.1:9"),
    ],
)
def test_a_batch_that_cannot_begin_leaves_no_file(inline, asked, monkeypatch, words):
    monkeypatch.setattr("docsearch_cli.cluster.connection._CONNECT_S", 0.2, raising=False)
    before = sorted(path.name for path in asked.iterdir())
    ended = inline("ask", *WORDS, *words)

    assert ended.code in (2, 3), ended.stderr
    assert sorted(path.name for path in asked.iterdir()) == before


def test_another_questions_run_is_not_continued(asked):
    home = asked / ".docsearch"
    answer(make_call(home))
    other = QUESTIONS[1]["question"]
    result = answer(make_call(home, question=other, run_id="abc2", earlier_runs=("abc1",)))

    assert (result.run_id, result.question) == ("abc2", other)


@pytest.mark.parametrize("is_whole", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {"settings": load_settings({"max_agents": 9})},
        {"conditions": (Condition("path", "*.md"),)},
        {"starts": ("none",)},
        {"mode": "auto"},
    ],
)
def test_a_run_that_was_begun_otherwise_is_left_alone(asked, changes, is_whole):
    home = asked / ".docsearch"
    index = open_index(home)
    if "starts" in changes:
        changes = {"starts": (index.node_id(0),)}
    options = make_call(home, run_id="abc1").options()
    observer = SearchObserver() if is_whole else StopsAfter(2)
    begun = ask(home, index, QUESTIONS[0]["question"], options, observer=observer)
    assert (begun.run_id, begun.complete) == ("abc1", is_whole)
    before = recorded(home, "abc1")
    result = answer(make_call(home, run_id="abc2", earlier_runs=("abc1",), **changes))

    assert result.run_id != "abc1"
    assert recorded(home, "abc1") == before


@pytest.mark.parametrize("other", [{"agent": "llm"}, {"answer": "llm"}])
def test_a_run_that_asked_a_model_is_not_continued_by_a_batch_that_asks_none(asked, other):
    home = asked / ".docsearch"
    index = open_index(home)
    call = make_call(home, run_id="abc1", model="test:model", **other)
    options = replace(call.options(), models=ScriptedModel().source())
    begun = ask(home, index, call.question, options, observer=StopsAfter(2))
    assert (begun.run_id, begun.complete) == ("abc1", False)
    scored = prepare_question(index, call.question).scored
    with opened_run(home, "abc1") as store:
        trace = read_trace(store)
        options = replace(options, settings=options.settings.without_look())  # as deep searches do
        assert is_run_of(trace, scored, options, ())
        assert not is_run_of(trace, scored, replace(options, model="test:other"), ())
    result = answer(make_call(home, run_id="abc2", earlier_runs=("abc1",)))

    assert (result.run_id, result.model, result.asked.requests) == ("abc2", "", 0)


def test_a_row_of_another_batchs_hash_continues_no_run(inline, asked):
    write(asked, QUESTIONS[0])
    inline("ask", *WORDS, "--engine", "inline")
    (own,) = run_ids(asked / ".docsearch")
    asked_hash = rows(asked)[0]["asked"]
    for said, is_taken in (("0" * 16, False), (asked_hash, True)):
        (asked / "a.jsonl").unlink()
        state = {"id": QUESTIONS[0]["id"], "run_id": own, "asked": said}
        (asked / "a.jsonl.state").write_text(json.dumps(state) + "\n")
        ended = inline("ask", *WORDS, "--engine", "inline")

        assert ended.code == 0
        assert (rows(asked)[0]["data"]["run_id"] == own) == is_taken
        assert ("1 run had begun" in ended.stderr) == is_taken


def test_a_question_that_cannot_be_asked_is_an_error_of_its_own(asked):
    call = make_call(asked / ".docsearch", starts=("none.md",))
    reply = read_reply(whole_question.answer(write_call(call)))

    assert (reply.result, reply.error.code, reply.error.exit_code) == (None, "input", 3)


def test_a_process_that_dies_costs_one_question_and_is_tried_once_more(inline, asked, monkeypatch):
    """A worker that is killed in the middle of a question: it is asked again, and answered."""
    from docsearch_cli.engine.local import LocalEngine

    killed = []
    real = LocalEngine.poll

    def poll(engine, timeout_s):
        if not killed and any(worker.has_begun for worker in engine._workers):
            killed.append(engine.worker_pids()[0])
            os.kill(killed[0], signal.SIGKILL)
            time.sleep(0.1)
        return real(engine, timeout_s)

    monkeypatch.setattr(LocalEngine, "poll", poll)
    ended = inline("ask", *WORDS, "--workers", "1", "--json")

    assert killed
    assert (ended.code, ended.data["answered"]) == (0, len(QUESTIONS))

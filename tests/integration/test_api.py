"""The Python interface on a real index: the same answers as the command, in threads too."""

import json
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest

from docsearch_cli import DocsearchError, open_index, open_run
from docsearch_cli.errors import (
    IndexCorruptError,
    IndexMissingError,
    InputError,
    RunCorruptError,
    RunNotFoundError,
    UsageError,
)
from docsearch_cli.index.build import build_index
from tests.support import CORPORA, usual_or_soak, wait_until, write_files

SIMPLE = "When did security fixes for the last release of the 2.x line end?"
DEEP = "Which HTTP status do senders see when a buffer is full?"
BOAT = "Who owns the boat and where is it kept?"
# Differ from one run of the same search to the next.
TIMES = ("timings_ms", "run_id")


def same_part(data):
    """The part of an answer that is the same each time."""
    left = {name: value for name, value in data.items() if name not in TIMES}
    left["steps"] = [
        {name: value for name, value in step.items() if name not in ("ms", "cached")}
        for step in data["steps"]
    ]
    return left


@pytest.fixture
def index(fenwick):
    return open_index(fenwick)


@pytest.mark.parametrize(("question", "mode"), [(SIMPLE, "simple"), (DEEP, "deep")])
def test_an_answer_is_that_of_the_command(docsearch, index, question, mode):
    by_command = docsearch("ask", question, f"--{mode}", "--max-agents", "6", "--json").data
    answer = index.ask(question, mode=mode, max_agents=6)

    assert same_part(json.loads(json.dumps(answer.to_dict()))) == same_part(by_command)
    assert answer.mode == mode
    assert answer.documents[0] == by_command["documents"][0]["path"]


def test_the_question_decides_unless_a_mode_is_given(index):
    assert index.ask(SIMPLE).mode == "simple"
    assert index.ask(SIMPLE, mode="deep", max_agents=2, engine="inline").mode == "deep"


def test_a_quote_is_in_its_file_at_its_lines(fenwick, index):
    answer = index.ask(SIMPLE)

    assert answer.found
    for quote in answer.quotes:
        lines = (fenwick / "docs" / quote.path).read_text("utf-8").split("\n")
        assert quote.state == "current"
        assert quote.text in "\n".join(lines[quote.line_start - 1 : quote.line_end])


def test_a_quote_that_no_longer_stands_says_so(fenwick, index):
    path = index.ask(SIMPLE).quotes[0].path
    (fenwick / "docs" / path).write_text("# Gone\n")

    assert index.ask(SIMPLE).quotes[0].state != "current"


def test_a_limit_that_is_given_holds(index):
    answer = index.ask(DEEP, mode="deep", max_agents=3, max_depth=1, engine="inline")

    assert answer.budget["max_agents"] == 3
    assert len(answer.steps) <= 3
    assert max(step.depth for step in answer.steps) <= 1


def test_a_limit_above_its_most_is_cut_and_that_is_said(index):
    answer = index.ask(SIMPLE, mode="simple", max_agents=999_999)

    assert "max_agents 999,999 is above" in " ".join(answer.warnings)


def test_settings_beside_the_index_count_below_what_is_given(fenwick, index):
    (fenwick / "docsearch.toml").write_text("[limits]\nmax_agents = 2\n")

    assert index.ask(DEEP, mode="deep", engine="inline").budget["max_agents"] == 2
    assert index.ask(DEEP, mode="deep", engine="inline", max_agents=3).budget["max_agents"] == 3


def test_events_are_the_steps_as_the_run_records_them(index):
    exploration = index.explore(DEEP, max_agents=6)
    events = list(exploration)
    answer = exploration.answer()

    assert events[0].kind == "started"
    assert events[0].run_id == answer.run_id
    assert events[0].seeds
    assert [event.step.id for event in events if event.step] == [step.id for step in answer.steps]
    assert all(event.drops for event in events if event.kind == "dropped")
    assert list(exploration) == []
    assert open_run(answer.run_id, index.folder).steps == answer.steps


def test_an_exploration_that_is_stopped_ends_in_order_and_can_be_resumed(docsearch, index):
    with index.explore(DEEP, engine="inline", max_agents=40, use_cache=False) as exploration:
        first = next(event.step for event in exploration if event.step)
    answer = exploration.answer()

    assert answer.stop_reason == "cancelled"
    assert not answer.complete
    assert answer.steps[0].id == first.id
    assert open_run(answer.run_id, index.folder).status == "partial"
    assert docsearch("resume", answer.run_id, "--json").data["complete"]


def test_an_exploration_that_nobody_holds_ends(index):
    before = threading.active_count()
    events = iter(index.explore(DEEP, engine="inline", max_agents=40, use_cache=False))
    assert [event.kind for event in islice(events, 1)] == ["started"]
    del events

    assert wait_until(lambda: threading.active_count() == before)


def test_an_error_of_an_exploration_comes_after_its_last_event(index):
    exploration = index.explore("  ")

    with pytest.raises(UsageError, match="empty"):
        list(exploration)
    with pytest.raises(UsageError, match="empty"):
        exploration.answer()
    with index.explore("  "):
        pass


def test_a_search_that_is_not_recorded_leaves_no_run(index):
    answer = index.ask(DEEP, mode="deep", engine="inline", max_agents=2, record=False)

    assert answer.run_id is None
    assert index.run_ids() == ()


def test_a_recorded_run_is_read_again(docsearch, fenwick, index):
    answer = index.ask(DEEP, mode="deep", engine="inline", max_agents=4)
    run = open_run(answer.run_id[:6], fenwick)

    assert index.run_ids() == (answer.run_id,)
    assert (run.run_id, run.question, run.status) == (answer.run_id, DEEP, "complete")
    assert run.limits["max_agents"] == 4
    assert run.stop_reason == answer.stop_reason
    assert json.loads(json.dumps(run.to_dict())) == docsearch("replay", run.run_id, "--json").data


def test_an_exported_run_needs_no_index(docsearch, fenwick, index, tmp_path_factory):
    answer = index.ask(DEEP, mode="deep", engine="inline", max_agents=2)
    target = tmp_path_factory.mktemp("elsewhere") / "a.docsearch-run"
    docsearch("runs", "export", answer.run_id, "--output", str(target))

    assert open_run(str(target), target.parent).question == DEEP


def test_lines_are_shown_as_they_were_indexed(index):
    passage = index.show("guides/webhook-sink.md", 48, 49)

    assert [line.number for line in passage.lines] == [48, 49]
    assert passage.headings == ("Deliver to a webhook", "What your answer means")
    assert "guides/webhook-sink.md" in index.documents


def test_an_open_index_stays_what_it_was(own_fenwick):
    before = open_index(own_fenwick)
    documents = before.ask(SIMPLE).documents
    shutil.rmtree(own_fenwick / "docs" / "release-notes")
    build_index(own_fenwick / ".docsearch", [own_fenwick / "docs"], allow_removal=True)
    after = open_index(own_fenwick)

    assert documents[0].startswith("release-notes/")
    assert before.ask(SIMPLE).documents == documents
    assert before.ask(SIMPLE).quotes[0].state == "gone"
    assert not any(path.startswith("release-notes/") for path in after.documents)


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        (UsageError, lambda index: index.ask("")),
        (UsageError, lambda index: index.ask("x", mode="quick")),
        (UsageError, lambda index: index.ask("x", max_agent=3)),
        (UsageError, lambda index: index.ask("x", max_agents=-1)),
        (UsageError, lambda index: index.ask("x", max_agents="3")),
        (UsageError, lambda index: index.ask("x", engine="cloud")),
        (UsageError, lambda index: index.ask("x", agent="nobody")),
        (UsageError, lambda index: index.ask("x", starts="a.md")),
        (UsageError, lambda index: index.explore("x", max_agents=-1)),
        (InputError, lambda index: index.ask("x", mode="deep", starts=("none.md",))),
        (InputError, lambda index: index.show("none.md")),
        (InputError, lambda index: index.show("guides/webhook-sink.md", 99_999)),
        (RunNotFoundError, lambda index: open_run("aaaa", index.folder)),
        (IndexMissingError, lambda index: open_index(index.folder.parent / "docs")),
        (UsageError, lambda index: open_index("")),
    ],
)
def test_what_a_caller_does_wrong_is_an_error_of_ours(index, kind, call):
    with pytest.raises(kind) as raised:
        call(index)

    assert isinstance(raised.value, DocsearchError)
    assert raised.value.message


def test_damage_is_an_error_of_ours(fenwick, index):
    answer = index.ask(DEEP, mode="deep", engine="inline", max_agents=2)
    (record,) = (fenwick / ".docsearch" / "runs" / answer.run_id).glob("*.db")
    record.write_bytes(record.read_bytes()[:3000])
    with pytest.raises(RunCorruptError):
        open_run(answer.run_id, fenwick)
    (texts,) = (fenwick / ".docsearch" / "index").rglob("sections.texts.utf8")
    texts.write_bytes(b"\xff" * texts.stat().st_size)

    with pytest.raises(IndexCorruptError) as raised:
        open_index(fenwick).ask(SIMPLE)
    assert isinstance(raised.value.__cause__, UnicodeDecodeError)


def test_a_program_that_ends_leaves_no_exploration_behind(fenwick):
    program = (
        "from docsearch_cli import open_index\n"
        f"exploration = open_index().explore({DEEP!r}, max_agents=40, use_cache=False)\n"
        "print(next(iter(exploration)).kind)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=fenwick, capture_output=True, text=True, timeout=60
    )

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "started\n", "")


def test_several_indexes_may_be_asked_at_once_from_many_threads(fenwick, tmp_path):
    write_files(tmp_path / "tide", {"a.md": "# Tide\n\nThe senders see the tide. [b](b.md)\n"})
    write_files(tmp_path / "tide", {"b.md": "# Buffer\n\nA buffer is full of HTTP at high tide.\n"})
    folders = {"fenwick": fenwick, "vault": tmp_path / "vault", "tide": tmp_path / "other"}
    build_index(tmp_path / "vault" / ".docsearch", [CORPORA / "vault"])
    build_index(tmp_path / "other" / ".docsearch", [tmp_path / "tide"])
    jobs = [
        (name, question, mode, engine)
        for name in folders
        for question in usual_or_soak((DEEP, BOAT), (DEEP, SIMPLE, BOAT))
        for mode, engine in (("simple", "inline"), ("deep", "inline"), ("deep", "local"))
    ]

    def answers(pool):
        indexes = {name: open_index(folder) for name, folder in folders.items()}

        def ask(job):
            name, question, mode, engine = job
            answer = indexes[name].ask(
                question, mode=mode, engine=engine, max_agents=4, workers=1, use_cache=False
            )
            return same_part(answer.to_dict())

        return list(pool(ask, jobs))

    one_by_one = answers(map)
    with ThreadPoolExecutor(8) as pool:
        at_once = answers(pool.map)

    assert at_once == one_by_one


def test_two_explorations_of_an_index_run_side_by_side(index):
    alone = index.explore(DEEP, engine="inline", max_agents=6, use_cache=False).answer()
    one = index.explore(DEEP, engine="inline", max_agents=6, use_cache=False)
    two = index.explore(SIMPLE, engine="inline", max_agents=6, use_cache=False)
    steps = [[event.step.node for event in item if event.step] for item in (one, two)]

    assert steps[0] == [step.node for step in alone.steps]
    assert steps[1] == [step.node for step in two.answer().steps]
    assert one.answer().run_id != two.answer().run_id


@pytest.mark.parametrize("folder", ["cache", "cache/steps", "runs"])
def test_a_link_that_came_since_the_index_was_opened_is_not_followed(fenwick, tmp_path, folder):
    index = open_index(fenwick)
    index.ask(DEEP, mode="deep", max_agents=2, engine="inline")
    inside, elsewhere = fenwick / ".docsearch" / folder, tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.rmtree(inside)
    inside.symlink_to(elsewhere)

    with pytest.raises(InputError, match="is a link"):
        index.ask(DEEP, mode="deep", max_agents=2, engine="inline")
    assert not list(elsewhere.iterdir())

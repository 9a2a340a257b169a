"""``docsearch open``, ``ask --again`` and ``--history``: what was asked here last."""

import json
import shlex
import stat
import subprocess
import sys

import pytest

from docsearch_cli.search.asked import ASKED_NAME
from tests.support import command_line, restrained_line, run_command

QUESTION = "how do retries and the buffer limit work together?"
HOSTILE = "-x\n\x1b]8;;a %41$(touch got)`touch got`;'\".md"


@pytest.fixture
def editor(tmp_path, monkeypatch):
    """An editor that notes what it was called with; gives where it does."""
    noted, program = tmp_path / "noted.json", tmp_path / "vim"
    program.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"json.dump([a.encode('utf-8', 'surrogateescape').hex() for a in sys.argv[1:]],"
        f" open({str(noted)!r}, 'w'))\nsys.exit(7)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("EDITOR", shlex.quote(str(program)))
    return lambda: [bytes.fromhex(word).decode() for word in json.loads(noted.read_text())]


@pytest.fixture
def asked(inline, fenwick):
    """The evidence of a question that was just asked."""
    return inline("ask", QUESTION, "--simple", "--json").data["evidence"]


def test_the_quote_is_opened_at_its_line_and_the_editors_exit_code_is_passed_on(
    docsearch, asked, editor
):
    ended = docsearch("open", "2")

    assert editor() == [f"+{asked[1]['line_start']}", asked[1]["absolute_path"]]
    assert (ended.code, ended.stdout, ended.stderr) == (7, "", "")


def test_a_file_that_has_changed_is_opened_and_said_to_have(docsearch, asked, editor, fenwick):
    file = fenwick / "docs" / asked[0]["path"]
    file.write_text("something else\n")

    assert "the file has changed since it was indexed" in docsearch("open").stderr
    assert editor()[1] == str(file)


def test_the_first_quote_is_meant_where_none_is_named(inline, asked, monkeypatch):
    monkeypatch.setenv("VISUAL", "code --wait")
    place = f"{asked[0]['absolute_path']}:{asked[0]['line_start']}"

    assert shlex.split(inline("open", "--print").stdout) == ["code", "--wait", "-g", place]
    data = inline("open", "--json").data
    assert data == {
        "path": asked[0]["path"],
        "absolute_path": asked[0]["absolute_path"],
        "line": asked[0]["line_start"],
        "command": ["code", "--wait", "-g", place],
    }


def test_a_deep_answer_and_a_resumed_one_are_last_answers_too(inline, fenwick, monkeypatch):
    monkeypatch.setenv("EDITOR", "vim")
    words = ["--deep", "--engine", "inline", "--max-agents", "3", "--json"]
    deep = inline("ask", QUESTION, *words).data
    opened = inline("open", "1", "--json").data
    inline("ask", "what is the default port?", "--simple")
    fork = ["fork", deep["run_id"], "--at", "0", "--set", "max_agents=4", "--engine", "inline"]
    forked = inline(*fork, "--json").data["evidence"][0]

    assert opened["path"] == deep["evidence"][0]["path"]
    assert inline("open", "--json").data["path"] == forked["path"]


def test_a_document_can_be_named_as_it_is_printed(inline, fenwick, monkeypatch):
    monkeypatch.setenv("EDITOR", "vim")
    for name in ("docs/reference/cli.rst:7", "reference/cli.rst:7", "./docs/reference/cli.rst:7-9"):
        words = shlex.split(inline("open", name, "--print").stdout)

        assert words == ["vim", "+7", str(fenwick / "docs/reference/cli.rst")]


@pytest.mark.parametrize("number", ["0", "99", "-1"])
def test_a_quote_that_is_not_there_is_a_usage_error(inline, asked, number):
    ended = inline("open", "--", number)

    assert ended.code == 2
    assert f"the last answer has no quote {number}: it has {len(asked)}" in ended.stderr


@pytest.mark.parametrize("words", [["open"], ["ask", "--again"], ["ask", "--history"]])
def test_where_nothing_was_asked_the_error_says_what_to_do(inline, fenwick, words):
    ended = inline(*words)

    assert ended.code == 3
    assert "no question asked of the index in" in ended.stderr
    assert 'docsearch ask "..."' in ended.stderr
    assert inline(*words, "--json").document["errors"][0]["code"] == "input"


@pytest.mark.parametrize("words", [["open"], ["ask", "--again"], ["ask", "--history"]])
def test_a_broken_memory_is_an_error_and_asking_mends_it(inline, fenwick, words):
    (fenwick / ".docsearch" / ASKED_NAME).write_text('{"version": 1, "questions": 3}')
    ended = inline(*words)

    assert ended.code == 3
    assert "cannot be used" in ended.stderr
    assert 'docsearch ask "..."' in ended.stderr
    assert inline("ask", QUESTION, "--simple").code == 0
    assert inline("ask", "--history").code == 0


def test_a_hostile_memory_opens_nothing_outside_the_index(inline, fenwick, monkeypatch):
    monkeypatch.setenv("EDITOR", "vim")
    for path in ("/etc/passwd", "../.docsearch/asked.json", "-x", "$(touch got)"):
        quotes = [{"path": path, "line_start": 1, "line_end": 1}]
        question = {"question": "\x1b[2J", "asked_at": "", "mode": "", "run_id": None}
        document = {"version": 1, "questions": [question], "quotes": quotes}
        (fenwick / ".docsearch" / ASKED_NAME).write_text(json.dumps(document))
        ended = inline("open")

        assert ended.code == 3
        assert "is not in the index any more" in ended.stderr
    assert "\x1b" not in inline("ask", "--history").stdout


def test_a_link_in_place_of_the_memory_is_named_once(inline, fenwick):
    file = fenwick / ".docsearch" / ASKED_NAME
    file.unlink(missing_ok=True)
    file.symlink_to("/dev/null")
    ended = inline("ask", "buffer", "--simple")

    assert ended.code == 0
    assert ended.stderr.count(f"{ASKED_NAME} is a link; remove it") == 1


def test_a_file_that_has_gone_or_leads_out_of_the_folder_is_not_opened(inline, asked, fenwick):
    file = fenwick / "docs" / asked[0]["path"]
    file.unlink()
    gone = inline("open", "--print")
    file.symlink_to("/etc/passwd")
    away = inline("open", "--print")

    for ended in (gone, away):
        assert ended.code == 3
        assert "is gone since it was indexed" in ended.stderr


@pytest.mark.parametrize("command", ["nowhere-to-be-found", "/etc/passwd"])
def test_an_editor_that_cannot_be_started_is_an_error(docsearch, asked, monkeypatch, command):
    monkeypatch.setenv("EDITOR", command)
    ended = docsearch("open")

    assert ended.code == 3
    assert f"'{command}' cannot be started" in ended.stderr


def test_a_hostile_file_name_is_one_word_for_the_editor(docsearch, index_of, editor):
    folder = index_of({HOSTILE: "# Zebra\n\nA zebra walks.\n"})
    docsearch("ask", "zebra", "--simple")
    printed = shlex.split(docsearch("open", "--print").stdout)
    docsearch("open")

    assert editor() == ["+3", str(folder / "docs" / HOSTILE)]
    assert len(printed) == 3
    assert not (folder / "got").exists()


def test_what_is_asked_with_no_history_is_not_remembered(inline, asked, fenwick, monkeypatch):
    before = (fenwick / ".docsearch" / ASKED_NAME).read_bytes()
    inline("ask", "what is the default port?", "--simple", "--no-history")
    monkeypatch.setenv("DOCSEARCH_HISTORY", "false")
    inline("ask", "what is the default port?", "--simple")

    assert (fenwick / ".docsearch" / ASKED_NAME).read_bytes() == before


def test_the_last_question_is_asked_again_with_other_flags(inline, asked):
    again = inline("ask", "--again", "--deep", "--engine", "inline", "--json").data
    said = inline("ask", "--again", "--simple")

    assert (again["question"], again["mode"]) == (QUESTION, "deep")
    assert f"again: {QUESTION}" in said.stderr
    assert inline("ask", "--again", "--simple", "-q").stderr == ""


@pytest.mark.parametrize(
    "words",
    [
        ["ask"],
        ["ask", "x", "--again"],
        ["ask", "x", "--history"],
        ["ask", "--again", "--history"],
        ["ask", "--history", "--format", "csv"],
    ],
)
def test_no_question_and_one_too_many_are_usage_errors(inline, asked, words):
    ended = inline(*words)

    assert ended.code == 2
    assert len(ended.stderr.splitlines()) == 2


def test_the_questions_asked_are_listed_the_latest_first(inline, asked):
    inline("ask", "what is the default port?", "--simple")
    lines = inline("ask", "--history").stdout.splitlines()

    assert [line.split("  ")[-1] for line in lines] == ["what is the default port?", QUESTION]
    assert inline("ask", "--history", "-n", "1").stdout.splitlines() == lines[:1]
    rows = inline("ask", "--history", "--json").data["questions"]
    assert [row["question"] for row in rows] == ["what is the default port?", QUESTION]


def test_a_question_on_standard_input_is_remembered_as_it_was(fenwick):
    subprocess.run(
        command_line("ask", "-", "--simple"),
        input=QUESTION.encode(),
        cwd=fenwick,
        check=True,
        capture_output=True,
    )

    document = json.loads((fenwick / ".docsearch" / ASKED_NAME).read_text())
    assert document["questions"][0]["question"] == QUESTION


def test_what_is_remembered_is_for_its_owner_alone(inline, asked, fenwick):
    mode = (fenwick / ".docsearch" / ASKED_NAME).stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_a_folder_that_cannot_be_written_is_no_error(fenwick):
    line = restrained_line()
    if line is None:
        pytest.skip("root, and nothing drops its rights")
    (fenwick / ".docsearch").chmod(0o555)
    ended = run_command("ask", QUESTION, "--simple", cwd=fenwick, line=line)
    (fenwick / ".docsearch").chmod(0o755)

    assert (ended.code, ended.stderr) == (0, "")
    assert not (fenwick / ".docsearch" / ASKED_NAME).exists()

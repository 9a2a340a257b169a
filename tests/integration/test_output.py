import shlex
import shutil
import subprocess
import sys
import time

import pytest

from tests.support import SCRIPT, command_line, run_command, write_files

QUESTION = "how do retries and the buffer limit work together?"
LONG = "a-rather-long-folder-name/" * 5 + "with-a-page-whose-name-is-long-too.md"
ODD = {
    "[slug].md": "# Zebra [red] one\n\nA zebra.\n",
    "[red].md": "# Zebra two\n\nThe zebra [bold]walks[/bold].\n",
    "a[/b].md": "# use [/items] zebra\n\nA zebra of [/items] and [link=x]y[/link].\n",
    ":smile:.md": "# Zebra four\n\nThe zebra :smile: grins.\n",
}


@pytest.fixture
def odd(index_of):
    return index_of(ODD)


@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_names_and_texts_with_brackets_are_printed_literally(inline, odd, mode):
    ended = inline("ask", "zebra [/x]", mode, "--engine", "inline")

    assert ended.code == 0
    for name in ODD:
        assert name in ended.stdout
    assert ":smile: grins" in ended.stdout or "[/items]" in ended.stdout


def test_replay_prints_brackets_literally(inline, odd):
    run_id = inline("ask", "zebra [/x]", "--deep", "--engine", "inline", "--json").data["run_id"]
    whole = inline("replay", run_id).stdout
    shown = [inline("replay", run_id, "--step", str(n)).stdout for n in range(1, 5)]

    assert "zebra [/x]" in whole
    for name in ODD:
        assert name in whole
        assert any(name in text for text in shown)


def test_an_error_message_with_brackets_is_printed_literally(inline):
    assert "[/x].md" in inline("index", "[/x].md").stderr


def test_status_and_links_print_brackets_literally(inline, index_of):
    index_of({"[a].md": "[x]([/gone].md)\n", "[b].bin": b"\0\1" * 99})

    assert "[b].bin" in inline("status", "--skipped").stdout
    assert "[a].md:1" in inline("graph", "links").stdout
    assert "[/gone].md" in inline("graph", "links").stdout


def test_marks_that_turn_the_direction_of_writing_are_made_visible(inline, index_of):
    index_of({"rtl\u202egnp.md": "# Mill\n\nThe mill \u2067turns.\n"})
    shown = inline("ask", "mill").stdout

    assert "rtl\ufffdgnp.md" in shown
    assert "\u202e" not in shown
    assert "\u2067" not in shown


@pytest.mark.parametrize("columns", [None, "20", "60", "200"])
@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_a_path_is_never_wrapped(inline, index_of, mode, columns):
    index_of({LONG: "# Zebra\n\nA zebra [x](other.md).\n", "other.md": "# Zebra too\n\nzebra\n"})
    environment = {"COLUMNS": columns} if columns else {}
    ended = inline("ask", "zebra", mode, "--engine", "inline", environment=environment)

    assert any(LONG in line for line in ended.stdout.splitlines())
    if mode == "--deep":
        assert sum(LONG in line for line in ended.stdout.splitlines()) >= 2


@pytest.mark.parametrize("columns", ["60", "200"])
def test_the_tree_keeps_every_path_on_its_line(inline, fenwick, columns):
    words = ["ask", QUESTION, "--deep", "--engine", "inline"]
    nodes = [step["node"] for step in inline(*words, "--json").data["steps"]]
    lines = inline(*words, environment={"COLUMNS": columns}).stdout.splitlines()
    tree = [line for line in lines if "──" in line]

    assert len(tree) == len(nodes) + 1
    assert all(any(node in line for line in tree) for node in nodes)


def test_a_narrow_tree_leaves_out_what_does_not_fit(inline, fenwick):
    words = ["ask", QUESTION, "--deep", "--engine", "inline"]
    lines = inline(*words, environment={"COLUMNS": "60"}).stdout.splitlines()
    tree = [line for line in lines if "──" in line]
    longest_path = 60

    assert all(len(line) <= max(60, longest_path) for line in tree)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
    ids=["ascii", "posix", "cp1252"],
)
def test_a_terminal_without_glyphs_gets_others(docsearch, index_of, environment):
    index_of({"é.md": "# Zebra é 中文\n\nUn zebra é 中文 → ok.\n"})
    ended = docsearch("ask", "zebra", "--deep", "--engine", "inline", environment=environment)

    assert ended.code == 0
    assert "Traceback" not in ended.stderr
    assert "zebra" in ended.stdout


def test_ascii_marks_stand_for_glyphs(docsearch, fenwick):
    asked = "Which port do metrics listen on?"  # its quotes are ASCII
    ended = docsearch(
        "ask", asked, "--deep", "--engine", "inline", environment={"PYTHONIOENCODING": "ascii"}
    )

    assert "\\u" not in ended.stdout
    assert " ok " in ended.stdout or " -> " in ended.stdout


def test_json_is_utf8_whatever_the_locale(docsearch, index_of):
    index_of({"é.md": "zebra 中文\n"})
    ended = docsearch(
        "ask", "zebra", "--simple", "--json", environment={"PYTHONIOENCODING": "ascii"}
    )

    assert ended.data["documents"][0]["path"] == "é.md"


@pytest.mark.parametrize(
    "words",
    [
        ["ask", QUESTION, "--deep", "--json"],
        ["ask", QUESTION, "--simple", "--json"],
        ["ask", QUESTION, "--deep", "--json", "--max-agents", "99999", "--seeds", "1"],
        ["status", "--json"],
        ["graph", "stats", "--json"],
        ["graph", "links", "--json"],
        ["runs", "list", "--json"],
        ["cache", "stats", "--json"],
        ["config", "show", "--json"],
    ],
    ids=" ".join,
)
def test_json_is_one_document_and_stderr_is_silent(inline, fenwick, words):
    ended = inline(*words)

    assert ended.code == 0
    assert list(ended.document) == [
        "docsearch_result_version",
        "command",
        "status",
        "exit_code",
        "errors",
        "data",
    ]
    assert ended.document["command"] == " ".join(words).split(" --")[0].removesuffix(f" {QUESTION}")
    assert ended.stderr == ""


def test_a_process_and_its_workers_print_json_alone(docsearch, fenwick):
    ended = docsearch("ask", QUESTION, "--deep", "--json")

    assert ended.document["status"] == "success"
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (["ask", "", "--json"], 2, "usage"),
        (["ask", "x", "--json", "--max-agent", "5"], 2, "usage"),
        (["ask", "x", "--json", "--index", "nowhere"], 3, "index_missing"),
        (["index", "nowhere", "--json"], 3, "input"),
        (["index", "--json", "--langage", "x"], 2, "usage"),
        (["replay", "abcd", "--json"], 3, "run_not_found"),
        (["graph", "links", "--json", "--index", "nowhere"], 3, "index_missing"),
        (["graph", "links", "--json", "--limit", "0"], 2, "usage"),
        (["eval", "nowhere.jsonl", "--json"], 3, "input"),
        (["nonsense", "--json"], 2, "usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_errors_are_one_json_document_too(inline, fenwick, words, code, name):
    ended = inline(*words)
    document = ended.document

    assert ended.code == code == document["exit_code"]
    assert (document["status"], document["data"]) == ("error", None)
    assert [set(error) for error in document["errors"]] == [{"code", "message", "hint"}]
    assert document["errors"][0]["code"] == name
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["graph", "links", "--json", "--index", "nowhere"], "graph links"),
        (["runs", "list", "--json", "--index", "nowhere"], "runs list"),
        (["ask", "x", "--index", "nowhere", "--json"], "ask"),
    ],
    ids=["graph links", "runs list", "ask"],
)
def test_an_error_names_the_same_command_as_a_result(inline, words, command):
    assert inline(*words).document["command"] == command


def test_json_given_as_a_value_is_no_flag(inline, fenwick):
    ended = inline("ask", "--simple", "--index", "nowhere", "--", "--json")

    assert ended.code == 3
    assert ended.stderr.startswith("docsearch: ")


def test_no_hits_are_a_valid_empty_result(inline, fenwick):
    ended = inline("ask", "zzzz", "--json")

    assert ended.code == 0
    assert ended.document["status"] == "success"
    assert ended.data["documents"] == []


@pytest.mark.parametrize("question", ["--what is x?", "-1 degrees", "--deep buffers"])
def test_a_question_that_begins_with_a_dash_goes_after_two(inline, fenwick, question):
    ended = inline("ask", "--simple", "--json", "--", question)

    assert ended.code == 0
    assert ended.data["question"] == question


@pytest.mark.parametrize("question", ["--what is x?", "-1 degrees"])
def test_a_question_taken_for_an_option_says_how_to_ask_it(inline, fenwick, question):
    ended = inline("ask", question)

    assert ended.code == 2
    assert "docsearch ask -- " in ended.stderr


@pytest.mark.parametrize("question", ["", "   ", "\n\t"])
def test_an_empty_question_is_a_usage_error(inline, fenwick, question):
    ended = inline("ask", question)

    assert ended.code == 2
    assert "empty" in ended.stderr


@pytest.mark.parametrize("question", ["???", "the of and", "[/]", "-- ..."])
@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_a_question_without_searchable_words_is_told_so(inline, fenwick, question, mode):
    ended = inline("ask", mode, "--", question)

    assert ended.code == 0
    assert "no searchable words" in ended.stdout + ended.stderr


def test_a_very_long_question_takes_no_longer_than_its_first_part(inline, fenwick):
    started = time.process_time()
    ended = inline("ask", "buffer limit " * 9_000, "--simple", "--json")

    assert ended.code == 0
    assert time.process_time() - started < 1.5


@pytest.mark.parametrize(
    "question", ["x" * 100_000, "word " * 2_000, "\0zebra", "a\udcffb", "🦓" * 50]
)
def test_odd_questions_are_answered(inline, fenwick, question):
    for mode in ("--simple", "--deep"):
        ended = inline("ask", question, mode, "--engine", "inline", "--json", "--max-agents", "3")

        assert ended.code == 0


def test_a_misspelt_option_is_an_error_with_the_right_one(inline, fenwick):
    ended = inline("ask", "x", "--max-agent", "5")

    assert ended.code == 2
    assert "--max-agents" in ended.stderr


WRONG_LINES = [
    (["runs", "lst"], "docsearch runs list"),
    (["runs", "ls"], "docsearch runs list"),
    (["graph", "lnks"], "docsearch graph links"),
    (["config", "get"], "docsearch config show"),
    (["runs", "zzzz"], "docsearch runs --help"),
    (["search", "buffer"], "docsearch ask buffer"),
    (["find", "buffer", "limit"], 'docsearch ask "buffer limit"'),
    (["query", "what is a buffer?", "--deep"], 'docsearch ask "what is a buffer?" --deep'),
    (["serch", "buffer"], "docsearch ask buffer"),
    (["search"], "docsearch ask --help"),
    (["what is a buffer?"], 'docsearch ask "what is a buffer?"'),
    (["what", "is", "a", "buffer"], 'docsearch ask "what is a buffer"'),
    (["what is a buffer?", "--deep"], 'docsearch ask "what is a buffer?" --deep'),
    (["--deep", "what is a buffer?"], 'docsearch ask "what is a buffer?" --deep'),
    (["--quiet", "ask", "buffer"], "docsearch ask buffer --quiet"),
    (["ask", "what", "is", "it"], 'docsearch ask "what is it"'),
    (["ask", "buffer", "--depth", "3"], "docsearch ask buffer --max-depth 3"),
    (["ask", "buffer", "--agents=3"], "docsearch ask buffer --max-agents=3"),
    (["ask", "buffer", "--max-agent", "3"], "docsearch ask buffer --max-agents 3"),
    (["ask", "buffer", "--bogus"], "docsearch ask --help"),
    (["ask", "what", "does", "--bogus", "do"], 'docsearch ask "what does --bogus do"'),
    (["ask", "-x"], "docsearch ask -- -x"),
    (["ask", "--agents"], "docsearch ask --help"),
    (["ask"], "docsearch ask --help"),
    (["ask", "buffer", "--max-agents", "many"], "docsearch ask --help"),
    (["ask", 'say "$HOME"', "now"], "docsearch ask 'say \"$HOME\" now'"),
    (["./docs"], "docsearch index ./docs"),
    (["docs"], "docsearch index docs"),
    (["build", "docs"], "docsearch index docs"),
    (["settings"], "docsearch config show"),
    (["links"], "docsearch graph links"),
    (["cat", "guides/webhook-sink.md"], "docsearch show guides/webhook-sink.md"),
    (["rerun"], "docsearch replay --help"),
    (["help"], "docsearch --help"),
    (["help", "ask"], "docsearch ask --help"),
    (["help", "runs", "list"], "docsearch runs list --help"),
    (["help", "zzzz"], "docsearch --help"),
    (["version"], "docsearch --version"),
    (["zzzzzz"], "docsearch --help"),
    (["--bogus"], "docsearch --help"),
    (["runs", "list", "x"], "docsearch runs list --help"),
]


@pytest.mark.parametrize(("words", "hint"), WRONG_LINES, ids=lambda value: str(value)[:60])
def test_a_wrong_line_is_told_one_that_works(inline, fenwick, words, hint):
    ended = inline(*words)
    suggested = shlex.split(ended.stderr.splitlines()[1])

    assert ended.code == 2
    assert ended.stderr.splitlines()[1].strip() == hint
    assert suggested[0] == "docsearch"
    assert inline(*suggested[1:]).code == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["rerun", "7f3a"], "docsearch replay 7f3a"),
        (["history"], "docsearch ask --history"),
        (["again", "--deep"], "docsearch ask --again --deep"),
        (["edit", "2"], "docsearch open 2"),
        (["runs", "show", "7f3a"], "docsearch replay 7f3a"),
        (["continue", "7f3a", "--workers", "1"], "docsearch resume 7f3a --workers 1"),
        (["runs", "delete", "7f3a"], "docsearch runs rm 7f3a"),
    ],
)
def test_a_line_about_a_run_that_does_not_exist_is_mended_all_the_same(
    inline, fenwick, words, hint
):
    ended = inline(*words)

    assert ended.stderr.splitlines()[1].strip() == hint
    assert inline(*shlex.split(hint)[1:]).code == 3


@pytest.mark.parametrize("word", ["build", "reindex"])
def test_an_index_that_is_there_is_updated(inline, index_of, word):
    index_of({"a.md": "# A\n"})
    ended = inline(word)

    assert ended.stderr.splitlines()[1].strip() == "docsearch index"
    assert inline("index").code == 0


def test_without_an_index_the_folder_itself_is_suggested(inline, corpus_folder):
    write_files(corpus_folder, {"a.md": "# A\n"})
    ended = inline("build")

    assert ended.stderr.splitlines()[1].strip() == "docsearch index ."
    assert inline("index", ".").code == 0


def test_a_suggestion_is_in_the_json_too(inline, fenwick):
    (fault,) = inline("ask", "what", "is", "it", "--json").document["errors"]

    assert fault["hint"] == 'docsearch ask "what is it" --json'


def test_quiet_leaves_notes_out(inline, fenwick):
    ended = inline("ask", QUESTION, "--deep", "--engine", "inline", "--quiet")

    assert ended.stderr == ""
    assert ended.stdout


def test_nothing_moves_in_a_pipe(docsearch, index_of):
    index_of({"a.md": "zebra"})
    ended = docsearch("index", "docs", "--rebuild")
    asked = docsearch("ask", "zebra", "--deep")

    for text in (ended.stdout, ended.stderr, asked.stdout, asked.stderr):
        assert "\r" not in text
        assert "\x1b" not in text


def test_no_colour_means_no_escape_codes(docsearch, fenwick):
    ended = docsearch("ask", QUESTION, "--deep", "--engine", "inline")

    assert "\x1b" not in ended.stdout


def test_a_closed_pipe_is_no_error(fenwick):
    process = subprocess.Popen(
        command_line("ask", QUESTION, "--deep", "--engine", "inline"),
        cwd=fenwick,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    stderr = process.stderr.read().decode()
    process.stderr.close()

    assert process.wait() in (0, 141)
    assert "Traceback" not in stderr
    assert "BrokenPipe" not in stderr


@pytest.mark.parametrize("words", [["ask", QUESTION, "--deep", "--json"], ["status", "--json"]])
def test_head_ends_a_command_quietly(fenwick, words):
    line = " ".join(f"'{word}'" for word in command_line(*words))
    done = subprocess.run(
        ["/bin/bash", "-c", f"{line} | head -1"], cwd=fenwick, capture_output=True, check=False
    )

    assert done.stdout == b"{\n"
    assert done.stderr == b""


def test_the_module_is_the_command(docsearch):
    ended = docsearch("--version")

    assert ended.code == 0
    assert ended.stdout.startswith("docsearch ")


def test_the_version_is_our_own(docsearch):
    from docsearch_cli import __version__

    assert docsearch("--version").stdout == f"docsearch {__version__}\n"


def test_a_bug_is_exit_code_one_and_says_so(inline, fenwick, monkeypatch):
    def fail(*_args, **_kwargs):
        raise ZeroDivisionError("oops [/x]")

    monkeypatch.setattr("docsearch_cli.index.store.open_index", fail)
    human, as_json = inline("status"), inline("status", "--json")

    assert (human.code, as_json.code) == (1, 1)
    assert "this is a bug" in human.stderr
    assert as_json.document["errors"][0]["code"] == "bug"


HOSTILE = "import pathlib\npathlib.Path({mark!r}).touch()\nraise SystemExit('hostile')\n"


@pytest.fixture
def hostile(fenwick):
    """A folder with modules that a careless ``import`` would take from here."""
    code = HOSTILE.format(mark=str(fenwick / "executed"))
    names = ("json", "typing", "sqlite3", "numpy", "yaml", "Stemmer", "sitecustomize", "typer")
    write_files(fenwick, {f"{name}.py": code for name in names})
    write_files(
        fenwick,
        {
            "docsearch_cli/__init__.py": code,
            "docsearch_cli/engine/worker.py": code,
            "docsearch_cli/explore/step_functions.py": code,
        },
    )
    return fenwick


@pytest.mark.parametrize("words", [["ask", QUESTION, "--deep", "--json"], ["status"]])
def test_code_in_the_current_folder_is_never_executed(hostile, words):
    ended = run_command(*words, cwd=hostile, line=[str(SCRIPT)])

    assert ended.code == 0
    assert not (hostile / "executed").exists()
    assert "hostile" not in ended.stderr


def test_python_m_takes_no_module_from_the_current_folder(hostile):
    shutil.rmtree(hostile / "docsearch_cli")  # that name is what was asked for
    ended = run_command("ask", QUESTION, "--deep", "--json", cwd=hostile)

    assert ended.code == 0
    assert not (hostile / "executed").exists()


def test_code_in_the_documents_is_never_executed(hostile):
    ended = run_command("index", ".", "--allow-empty", cwd=hostile, line=[str(SCRIPT)])

    assert ended.code == 0
    assert not (hostile / "executed").exists()


def test_an_interrupt_that_an_import_wrapped_is_no_bug(inline, fenwick, monkeypatch):
    def importing(*_):
        raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

    monkeypatch.setattr("docsearch_cli.index.store.open_index", importing)

    assert inline("ask", QUESTION).code == 130


def test_an_interrupt_in_executed_text_is_forgotten_at_the_end(tmp_path):
    program = (
        "import sys\n"
        "from docsearch_cli.cli import signals\n"
        "try:\n"
        "    exec('raise KeyboardInterrupt')\n"
        "except KeyboardInterrupt:\n"
        "    signals.stand_down()\n"
        "    sys.exit(130)\n"
    )

    (tmp_path / "program.py").write_text(program)

    assert run_command(cwd=tmp_path, line=[sys.executable, "-m", "program"]).code == 130


@pytest.mark.parametrize("words", [(), ("ask",), ("runs",), ("runs", "list")])
def test_help_is_short_for_a_person(inline, words):
    assert inline(*words, "-h").stdout == inline(*words, "--help").stdout


def test_in_a_pipe_no_line_is_broken_whatever_the_width_is_said_to_be(inline, fenwick, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    ended = inline("ask", "overflow_polcy", "--simple", "-n", "1")

    assert 'no document holds "overflow_polcy": searched for "overflow_policy"' in ended.stderr
    assert "simple: asked for by --simple" in ended.stdout
    assert len(inline("index", "docs").stdout.splitlines()[0]) > 40


def test_json_holds_no_character_that_a_terminal_acts_on(inline, index_of):
    odd = "lamp \x7f \x9b31m \u202e gpj \u2066 end é \u200d"
    index_of({"a.md": f"# A\n\nThe {odd} here.\n"})
    ended = inline("ask", "lamp", "--json")

    assert ended.data["evidence"][0]["quote"] == f"The {odd} here."
    assert not {*"\x7f\x9b\u202e\u2066"} & {*ended.stdout}
    assert "é \u200d" in ended.stdout


TYPED = "zq" * 2_500
PHRASE = "zq " * 1_700


@pytest.mark.parametrize(
    "words",
    [
        (TYPED,),
        (PHRASE,),
        ("ask", f'"{PHRASE}"'),
        ("ask", f'lamp -"{PHRASE}"'),
        ("ask", f"lamp title:{TYPED}"),
        ("ask", f"lamp path:{TYPED}"),
        ("ask", f"lamp tag:{TYPED}"),
        ("ask", f"lamp -{TYPED}"),
        ("ask", f"lamp after:{TYPED}"),
        ("ask", "lamp", "--since", TYPED),
        ("ask", "lamp", "--path", TYPED),
        ("ask", "lamp", "--start", TYPED),
        ("ask", "lamp", "--agent", TYPED),
        ("ask", "lamp", "--engine", TYPED),
        ("ask", "lamp", "--format", TYPED),
        ("ask", "lamp", "--index", TYPED),
        ("ask", "lamp", "--limit", TYPED),
        ("ask", "lamp", f"--{TYPED}"),
        ("ask", "lamp", "--batch", TYPED, "--out", "x"),
        ("eval", TYPED),
        ("eval", "q.jsonl", "--plot", TYPED),
        ("replay", TYPED),
        ("runs", TYPED),
        ("graph", "links", "--fail-on", TYPED),
        ("graph", "export", "--format", TYPED),
        ("graph", "path", TYPED, "a.md"),
        ("index", TYPED),
        ("index", ".", "--language", TYPED),
        ("show", TYPED),
        ("open", TYPED),
        ("mcp", "install", TYPED),
        ("mcp", "install", "vscode", "--name", TYPED),
        ("serve", "--port", TYPED),
        ("completion", TYPED),
    ],
    ids=lambda words: " ".join(word[:9] for word in words),
)
def test_what_was_typed_is_named_and_not_shown_whole(inline, index_of, words):
    home = index_of({"a.md": "# A\n\nThe lamp.\n"})
    (home / "q.jsonl").write_text('{"id": "1", "question": "lamp", "gold": ["a.md"]}\n')
    ended = inline(*words)

    assert ended.code in (0, 2, 3)
    assert "Traceback" not in ended.stderr
    assert max(map(len, (ended.stdout + ended.stderr).split("\n"))) <= 1_020

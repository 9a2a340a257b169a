"""What is completed, and by the real shells, where they are here."""

import os
import shutil
import subprocess

import pytest

from docsearch_cli.cli.completion_scripts import SCRIPTS
from docsearch_cli.index.build import build_index
from tests.support import SCRIPT, write_files

HOSTILE = [
    r"\$(touch pwned).md",
    r"`touch pwned`.md",
    'it\'s "quoted" $HOME.md',
    "a;touch pwned;.md",
    "dead letters.md",
    "\x1b[31mred.md",
]
# What runs a completion function as each shell does, without a terminal; the last line of each
# prints what is offered. {script} is what "docsearch completion" printed.
RUNNERS = {
    "bash": """
{script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_docsearch_completion docsearch
printf '%s\n' "${{COMPREPLY[@]}}"
""",
    "zsh": """
compdef() {{ }}; compset() {{ }}
compadd() {{ print -rl -- "${{values[@]}}" }}
_files() {{ print -r -- FILES }}
{script}
words=("$@"); CURRENT=$#; PREFIX=${{@[-1]}}
_docsearch
""",
    "fish": """
{script}
complete -C (string join ' ' -- $argv)
""",
}


def completed(inline, *words, shell="zsh", cwd=None):
    """Return what is offered for the last of some words, without its explanation."""
    environment = {"_DOCSEARCH_COMPLETE": shell}
    ended = inline(*words, environment=environment, **({"cwd": cwd} if cwd else {}))
    assert (ended.code, ended.stderr) == (0, "")
    return [line.partition("\t")[0] for line in ended.stdout.splitlines()]


def offered_by(shell, folder, *words):
    """Return what a real shell offers for the last of some words, as its script tells it."""
    text = RUNNERS[shell].format(script=SCRIPTS[shell])
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    name = [] if shell == "fish" else [shell]
    path = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [shell, *flags, "-c", text, *name, "docsearch", *words],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.stderr == ""
    return [line.partition("\t")[0] for line in ran.stdout.splitlines()]


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request):
    """A shell that is on this machine."""
    if shutil.which(request.param) is None:
        pytest.skip(f"there is no {request.param} here")
    return request.param


def test_commands_and_options_are_completed(inline):
    assert completed(inline, "st") == ["status"]
    assert "ask" in completed(inline)
    assert "--max-agents" in completed(inline, "ask", "--max-")


def test_each_is_offered_with_what_it_is(inline):
    ended = inline("sta", environment={"_DOCSEARCH_COMPLETE": "fish"})

    assert ended.stdout.startswith("status\tShow what is indexed")


def test_runs_steps_and_documents_are_completed(inline, fenwick):
    words = ("ask", "how do retries work?", "--deep", "--engine", "inline", "--json")
    data = inline(*words).data
    run, step = data["run_id"], data["steps"][0]["id"]

    for before in (["replay"], ["resume"], ["fork"], ["runs", "why"], ["runs", "verify"]):
        assert completed(inline, *before, run[:2]) == [run]
    for before in (["runs", "rm"], ["runs", "replay"], ["runs", "diff", run], ["cache", "explain"]):
        assert completed(inline, *before, run[:2]) == [run]
    for before in (["replay", run, "--step"], ["runs", "logs", run, "--step"]):
        assert step in completed(inline, *before, "1")
    for before in (["fork", run, "--at"], ["cache", "explain", run]):
        assert step in completed(inline, *before, "1")
    for before in (["show"], ["ask", "x", "--start"], ["runs", "why", run]):
        assert "reference/cli.rst" in completed(inline, *before, "reference/c")


def test_values_of_settings_are_completed(inline):
    assert completed(inline, "fork", "x", "--set", "fan") == ["fan_out="]
    assert completed(inline, "ask", "x", "--engine", "") == ["local", "dask", "inline"]
    assert completed(inline, "ask", "x", "--agent", "e") == ["edges"]
    assert completed(inline, "ask", "x", "--format", "m") == ["md"]
    assert completed(inline, "index", "docs", "--language", "ger") == ["german"]


def test_a_value_behind_an_equals_sign_is_completed(inline):
    assert completed(inline, "ask", "x", "--engine=l") == ["local"]
    assert completed(inline, "ask", "x", "--engine=l", shell="fish") == ["--engine=local"]
    assert completed(inline, "ask", "x", "--engine", "=", "l", shell="bash") == ["local"]


def test_quotes_that_bash_leaves_in_a_word_are_read(inline, index_of):
    index_of({"dead letters.md": "# A\n", "a\"b'c.md": "# A\n"})

    for word in ("dead\\ l", "'dead l", "dead\\"):
        found = completed(inline, "show", word, shell="bash")
        assert found == ["dead letters.md" if word.startswith("'") else "dead\\ letters.md"]
    assert completed(inline, "show", "a", shell="bash") == ["a\\\"b\\'c.md"]


@pytest.mark.parametrize(
    ("here", "typed", "offered"),
    [
        (".", "do", "docs/reference/cli.rst"),
        (".", "docs/", "docs/reference/cli.rst"),
        (".", "docs/reference/c", "docs/reference/cli.rst"),
        (".", "./docs/ref", None),
        ("docs/reference", "cl", "cli.rst"),
        ("docs/guides", "../reference/cl", "../reference/cli.rst"),
    ],
)
def test_documents_are_completed_as_the_shell_opens_them(inline, fenwick, here, typed, offered):
    found = completed(inline, "open", typed, cwd=fenwick / here)

    assert all(name.startswith(typed) for name in found)
    assert offered in found or offered is None
    assert all((fenwick / here / name).is_file() for name in found)


def test_without_an_index_nothing_is_offered_and_nothing_is_said(inline):
    assert completed(inline, "replay", "a") == []
    assert completed(inline, "show", "a") == []
    assert completed(inline, "replay", "a", "--step", "1") == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed_and_evaluates_nothing(inline, name):
    script = inline("completion", name).stdout

    assert script == SCRIPTS[name]
    assert "eval" not in script


def test_the_script_is_read_by_its_shell(inline, shell):
    script = inline("completion", shell).stdout
    before = "compdef() { }\n" if shell == "zsh" else ""

    subprocess.run([shell, "-c", before + script], check=True, capture_output=True)


def test_the_shell_is_that_of_the_environment(inline):
    by_name = inline("completion", "zsh").stdout
    assert inline("completion", environment={"SHELL": "/usr/bin/zsh"}).stdout == by_name

    unknown = inline("completion", environment={"SHELL": "/bin/dash"})
    assert (unknown.code, "docsearch completion bash" in unknown.stderr) == (2, True)
    assert inline("completion", environment={"SHELL": ""}).code == 2


def test_a_shell_completes_with_the_script(shell, fenwick):
    assert offered_by(shell, fenwick, "sho") == ["show"]
    assert offered_by(shell, fenwick, "show", "reference/cli") == ["reference/cli.rst"]
    assert offered_by(shell, fenwick, "ask", "x", "--agent", "l") == ["local", "llm"]


def test_a_shell_offers_files_where_nothing_of_ours_fits(shell, fenwick):
    files = {"bash": [""], "zsh": ["FILES"], "fish": ["docs/"]}[shell]  # bash takes its default

    assert offered_by(shell, fenwick, "index", "do") == files


def test_names_of_documents_are_never_run(shell, tmp_path):
    write_files(tmp_path / "docs", dict.fromkeys(HOSTILE, "# A\n"))
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"])
    found = offered_by(shell, tmp_path, "show", "")

    assert len(found) >= len(HOSTILE) - 1
    assert any("dead" in name for name in found)
    assert not any("\x1b" in name for name in found)
    assert not (tmp_path / "pwned").exists()

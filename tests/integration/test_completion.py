import os
import shutil
import subprocess

import pytest

from tests.support import SCRIPT


def completed(docsearch, *words, cwd=None):
    """Return what bash would offer for the last of some words."""
    environment = {
        "_DOCSEARCH_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("docsearch", *words)),
        "COMP_CWORD": str(len(words)),
    }
    ended = docsearch(environment=environment, **({"cwd": cwd} if cwd else {}))
    assert ended.stderr == ""
    return [line for line in ended.stdout.splitlines() if line]


def test_commands_and_options_are_completed(docsearch):
    assert completed(docsearch, "st") == ["status"]
    assert "--max-agents" in completed(docsearch, "ask", "--max-")


def test_runs_steps_and_documents_are_completed(docsearch, fenwick):
    words = ("ask", "how do retries work?", "--deep", "--engine", "inline", "--json")
    data = docsearch(*words).data

    assert completed(docsearch, "replay", data["run_id"][:2]) == [data["run_id"]]
    assert data["steps"][0]["id"] in completed(docsearch, "replay", data["run_id"], "--step", "1")
    assert "reference/cli.rst" in completed(docsearch, "show", "reference/c")


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
def test_documents_are_completed_as_the_shell_opens_them(docsearch, fenwick, here, typed, offered):
    found = completed(docsearch, "open", typed, cwd=fenwick / here)

    assert all(name.startswith(typed) for name in found)
    assert offered in found or offered is None
    assert all((fenwick / here / name).is_file() for name in found)


def test_without_an_index_nothing_is_offered_and_nothing_is_said(docsearch):
    assert completed(docsearch, "replay", "a") == []
    assert completed(docsearch, "show", "a") == []
    assert completed(docsearch, "replay", "a", "--step", "1") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_read_by_it(docsearch, shell):
    script = docsearch("completion", shell).stdout

    assert "_DOCSEARCH_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-c", script], check=True, capture_output=True)


def test_the_shell_is_that_of_the_environment(docsearch):
    by_name = docsearch("completion", "zsh").stdout
    assert docsearch("completion", environment={"SHELL": "/usr/bin/zsh"}).stdout == by_name

    unknown = docsearch("completion", environment={"SHELL": "/bin/dash"})
    assert (unknown.code, "docsearch completion bash" in unknown.stderr) == (2, True)
    assert docsearch("completion", environment={"SHELL": ""}).code == 2


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_with_the_script(fenwick):
    line = (
        'eval "$(docsearch completion bash)"; COMP_WORDS=(docsearch sho); COMP_CWORD=1; '
        '_docsearch_completion docsearch; echo "${COMPREPLY[@]}"'
    )
    path = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-c", line], cwd=fenwick, env={**os.environ, "PATH": path},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert ran.stdout.strip() == "show"

"""What the README shows of the commands is what they print."""

from __future__ import annotations

import re
import shlex
import shutil

from tests.support import CORPORA, REPOSITORY, run_command

# What differs from run to run and from machine to machine.
VARIES = (
    (re.compile(r"\d+(?:\.\d+)? (?:ms|s)\b"), "TIME"),
    (re.compile(r"\brun [0-9a-f]{8}\b"), "run ID"),
)


def normalised(line: str) -> str:
    for pattern, word in VARIES:
        line = pattern.sub(word, line)
    return line.rstrip()


def run_of(text: str) -> str:
    found = re.search(r"^run ([0-9a-f]{8})\b", text, re.MULTILINE)
    return found[1] if found else ""


def shown_commands() -> list[tuple[list[str], list[str]]]:
    """Each command of the README with the lines that are shown of its output."""
    shown: list[tuple[list[str], list[str]]] = []
    for block in re.findall(
        r"(?:^(?:    .*)?\n)+", (REPOSITORY / "README.md").read_text("utf-8"), re.M
    ):
        lines = [line[4:] for line in block.strip("\n").splitlines()]
        if lines and lines[0].startswith("$ docsearch "):
            shown.append((shlex.split(lines[0])[2:], [line for line in lines[1:] if line]))
    return shown


def test_the_readme_shows_the_main_commands():
    assert [words[0] for words, _ in shown_commands()] == ["index", "ask", "ask", "replay"]


def test_what_the_readme_shows_is_printed_in_this_order(tmp_path):
    shutil.copytree(CORPORA, tmp_path / "corpora")
    shown_id = printed_id = ""
    for words, lines in shown_commands():
        called = [printed_id if word == shown_id else word for word in words]
        folder = tmp_path / "corpora" / "fenwick"
        ended = run_command(*called, cwd=folder, environment={"COLUMNS": "100"})
        printed = iter([normalised(line) for line in ended.stdout.splitlines()])
        shown = [normalised(line) for line in lines if line.strip() != "..."]

        assert ended.code == 0, ended.stderr
        assert len(shown) > 1
        assert [line for line in shown if line not in printed] == []  # each after the one before
        shown_id, printed_id = run_of("\n".join(lines)), run_of(ended.stdout)

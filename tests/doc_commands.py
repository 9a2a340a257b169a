"""The commands of the documentation: fenced blocks of a page, and how each is run.

A block of ``console`` shows commands (lines that begin with ``$``) and what they print; ``...``
stands for lines that are left out. A block of ``sh`` has commands alone. A comment before the
block, which no reader sees, says how it is run; one in front of the page does for all its blocks:

    <!-- run in fenwick -->             in a copy of corpora/fenwick, indexed
    <!-- run in fresh -->               the same without the index
    <!-- run in vault -->               in a copy of corpora/vault, indexed
    <!-- run in shelf -->               beside a folder of PDF files, manuals, indexed
    <!-- run in clone -->               beside corpora, as in a clone; no index
    <!-- run in fenwick; exits with 5 -->
    <!-- not run: needs a provider -->

Python is run too where a comment says where. A block that no comment is about is an error.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

FOLDERS = ("fenwick", "fresh", "vault", "shelf", "clone")
_FENCE = re.compile(r"^( *)```([\w-]*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_COMMANDS = {"console", "sh"}


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page."""

    words: str
    """As a shell takes it."""
    shown: tuple[str, ...] = ()
    """Lines of what it prints, ``...`` for what is left out."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block that is run, or says why not."""

    line: int
    """Of its first line in the page, from 1."""
    language: str
    folder: str = ""
    """Where it is run; empty where it is not."""
    reason: str = ""
    """Why it is not run."""
    exit_code: int = 0
    """How its last command ends."""
    commands: tuple[Command, ...] = field(default=())
    code: str = ""
    """Of Python."""


class MarkError(ValueError):
    """A block that nothing is said of, or a comment that cannot be read."""


def read_blocks(page: str) -> list[Block]:
    """Return the blocks of commands, and the blocks of Python that a comment is about.

    Args:
        page: Its text.

    Returns:
        The blocks in the order of the page.

    Raises:
        MarkError: If a block of commands has no comment, or one that cannot be read.
    """
    blocks = []
    head = page.split("\n# ", 1)[0] if not page.startswith("# ") else ""
    usual = _marks(head)
    for found in _FENCE.finditer(page):
        language, text = found[2], found[3]
        line = page.count("\n", 0, found.start()) + 1
        before = re.search(r"((?:<!--(?:(?!-->).)*-->\s*)*)\Z", page[: found.start()], re.DOTALL)
        own = _marks(before[1] if before else "")
        marks = own if own.keys() & {"run in", "not run"} else {**usual, **own}
        is_python = language == "python" and marks
        if language not in _COMMANDS and not is_python:
            continue
        if not marks:
            raise MarkError(f"line {line}: no comment says how this block is run")
        text = "\n".join(part.removeprefix(found[1]) for part in text.split("\n"))
        blocks.append(
            Block(
                line,
                language,
                marks.get("run in", ""),
                marks.get("not run", ""),
                int(marks.get("exits with", "0")),
                () if is_python else tuple(_commands(text, is_console=language == "console")),
                text if is_python else "",
            )
        )
    return blocks


def _marks(text: str) -> dict[str, str]:
    marks: dict[str, str] = {}
    for comment in re.findall(r"<!--(.*?)-->", text, re.DOTALL):
        words = " ".join(comment.split())
        if words.startswith("not run:"):
            marks = {"not run": words.removeprefix("not run:").strip()}
            if not marks["not run"]:
                raise MarkError("a block is not run for no reason")
            continue
        for part in words.split(";"):
            found = re.fullmatch(r"(run in|exits with) ([\w-]+)", part.strip())
            if found:
                marks[found[1]] = found[2]
    if marks.get("run in", FOLDERS[0]) not in FOLDERS:
        raise MarkError(f"there is no folder {marks['run in']!r} to run commands in")
    return marks


def _commands(text: str, *, is_console: bool) -> Iterator[Command]:
    words, shown = "", []
    for line in text.rstrip("\n").split("\n"):
        is_command = line.startswith("$ ") if is_console else bool(line.strip())
        if words.endswith("\\"):
            words = words[:-1] + line.strip()
        elif not shown and _is_open(words):
            words += "\n" + line
        elif is_command:
            if words:
                yield Command(words, tuple(shown))
            words, shown = line.removeprefix("$ "), []
        elif is_console and not words:
            raise MarkError(f"{line!r} comes before any command")
        elif line.strip():
            shown.append(line)
    if words and not words.startswith("#"):
        yield Command(words, tuple(shown))


def _is_open(words: str) -> bool:
    """Tell whether a quotation mark of a command is still without its end."""
    try:
        shlex.split(words, comments=True)
    except ValueError:
        return True
    return False

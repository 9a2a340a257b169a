"""The manual page, docs/docsearch.1, made of the help of every command.

As a program it is ``make man``:

    python -m tests.manual check|update

The same help gives the same page: nothing of the machine or the day is in it.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import typer.main

from docsearch_cli import __version__
from docsearch_cli.cli.app import build_app
from tests.support import REPOSITORY

PAGE = REPOSITORY / "docs" / "docsearch.1"
# Escaped, a line may be a little longer: 80 is what mandoc finds too long.
_COLUMNS = 72
# What the help of no command says.
ENVIRONMENT = {
    "DOCSEARCH_INDEX": "Folder of the index, where --index is not given.",
    "DOCSEARCH_MODEL": "Embedding model for docsearch index, where --model is not given.",
    "DOCSEARCH_LANGUAGE": "Language of the documents, where --language is not given.",
    "DOCSEARCH_CONFIG_DIR": "Folder of config.toml.",
    "DOCSEARCH_STATE_DIR": "Folder that remembers which models were named on this machine.",
    "DOCSEARCH_<LIMIT>": "The value of a limit, such as DOCSEARCH_MAX_AGENTS;"
    " docsearch config show lists all limits and where each value comes from.",
    "NO_COLOR": "If set, nothing is coloured.",
}
FILES = {
    ".docsearch/": "The index, the recorded runs and the cache, where docsearch index ran.",
    "docsearch.toml": "Settings, beside .docsearch.",
    "~/.config/docsearch/config.toml": "Settings of a user.",
}


def escaped(text: str) -> str:
    """Return a text as roff shows it, character by character."""
    marks = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
    shown = "".join(marks.get(char, char) for char in text)
    return f"\\&{shown}" if shown.startswith(".") else shown


def filled(text: str) -> Iterator[str]:
    """Yield a paragraph in lines that are short enough for every editor."""
    words = " ".join(text.split())
    lines = textwrap.wrap(words, _COLUMNS, break_long_words=False, break_on_hyphens=False)
    yield from map(escaped, lines)


def lines_of(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text; one that begins with a backspace stays as it is laid."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip("\n"))):
        as_laid = paragraph.startswith("\b")
        if number:
            yield ".PP"
        lines = [line for line in paragraph.removeprefix("\b").split("\n") if line.strip()]
        if not as_laid:
            yield from filled(" ".join(lines))
            continue
        yield ".nf"
        yield from (escaped(line.rstrip()) for line in lines)
        yield ".fi"


def described(names: str, text: str) -> Iterator[str]:
    """Yield an option, a variable or a file with what it is."""
    yield ".TP"
    yield f"\\fB{escaped(names)}\\fR"
    yield from filled(text)


def commands(command: Any, context: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every command below one, with its context."""
    for name, inner in command.commands.items():
        below = inner.make_context(name, [], parent=context, resilient_parsing=True)
        if getattr(inner, "commands", {}):
            yield from commands(inner, below)
        else:
            yield inner, below


def page() -> str:
    """Return the whole page."""
    root = typer.main.get_command(build_app())
    top = root.make_context("docsearch", [], resilient_parsing=True)
    lines = [
        '.\\" Made by "make man" from the help of the commands; do not edit.',
        f'.TH DOCSEARCH 1 "" "docsearch {__version__}" "User Commands"',
        ".SH NAME",
        "docsearch \\- explore a folder of linked documents under a hard budget",
        ".SH SYNOPSIS",
        "\\fBdocsearch\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]",
        ".SH DESCRIPTION",
        *lines_of(
            "docsearch builds a graph of a folder of documents. A simple question is answered by a"
            " keyword search; for a harder one agents explore the graph, each opens one page, under"
            " limits that hold. Every deep search is recorded and can be replayed step by step."
        ),
        ".SH COMMANDS",
    ]
    for command, context in commands(root, top):
        pieces = " ".join(command.collect_usage_pieces(context)).replace("{", "").replace("}", "")
        lines.append(f'.SS "{escaped(context.command_path)}"')
        lines.append(f"\\fB{escaped(context.command_path)}\\fR {escaped(pieces)}")
        lines.append(".PP")
        lines += lines_of(command.help or "")
        for item in command.get_params(context):
            record = item.get_help_record(context)
            if record is not None and "--help" not in item.opts:
                lines += described(*record)
    lines.append(".SH EXIT STATUS")
    for line in re.split(r", (?=\d+ )", exit_codes(root)):
        lines += described(*line.split(" ", 1))
    for title, rows in (("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES)):
        lines.append(f".SH {title}")
        for name, text in rows.items():
            lines += described(name, text)
    return "\n".join([*lines, ".SH SEE ALSO", escaped("docsearch COMMAND --help")]) + "\n"


def exit_codes(root: Any) -> str:
    """Return what the help says of exit codes, in one line."""
    return " ".join(root.epilog.replace("\b", "").split()).removeprefix("Exit codes: ").rstrip(".")


def check() -> int:
    """Compare; return an exit code."""
    if PAGE.is_file() and PAGE.read_text("utf-8") == page():
        return 0
    print(f"{PAGE.name} is not what the help says; if the help is right: make man", file=sys.stderr)
    return 1


def update() -> int:
    """Write the page anew; return an exit code."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    actions = {"check": check, "update": update}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    sys.exit(actions[sys.argv[1]]())

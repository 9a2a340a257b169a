"""The help of every command, word for word, in ``tests/fixtures/help``.

As a program it is ``make help-check`` and ``make help-update``:

    python tests/unit/test_help.py check|update

How help is laid out is Typer's business and changes with it, so the files name the minor version
that wrote them. With another one a difference is reported and is no failure.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import signal
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer.main

from docsearch_cli.cli.app import build_app, main

FOLDER = Path(__file__).parents[1] / "fixtures" / "help"
WRITER = FOLDER / "written-with.txt"
# Fixed, whatever the terminal that the tests run in.
ENVIRONMENT = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "LC_ALL": "C.UTF-8"}
UNSET = ("FORCE_COLOR", "PY_COLORS", "TERMINAL_WIDTH", "_TYPER_FORCE_DISABLE_TERMINAL")


def commands() -> list[tuple[str, ...]]:
    """Return the words of every command and group, the root (no words) first."""

    def walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield words
        for name, inner in sorted(getattr(command, "commands", {}).items()):
            yield from walk(inner, (*words, name))

    return list(walk(typer.main.get_command(build_app()), ()))


def golden_file(words: tuple[str, ...]) -> Path:
    """Return where the help of a command is kept."""
    return FOLDER / ("-".join(words or ("docsearch",)) + ".txt")


def render_help(words: tuple[str, ...]) -> str:
    """Return what ``docsearch WORDS --help`` prints."""
    stream = io.StringIO()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    with _environment(), contextlib.redirect_stdout(stream):
        try:
            main([*words, "--help"])
        except SystemExit as end:
            assert end.code == 0, f"docsearch {' '.join(words)} --help ended with {end.code}"
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    lines = [line.rstrip() for line in stream.getvalue().rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)
    for name in UNSET:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def drift() -> list[str]:
    """Return one diff for each text that differs from its file; a file left over counts too."""
    expected = {golden_file(words): render_help(words) for words in commands()}
    found = sorted(FOLDER.glob("*.txt"))
    reports = [
        f"{_shown(path)}: there is no such command (any more)"
        for path in found
        if path not in expected and path != WRITER
    ]
    for path, text in expected.items():
        kept = path.read_text("utf-8") if path.exists() else ""
        if kept != text:
            reports.append("\n".join(_difference(path, kept, text)))
    return reports


def _difference(path: Path, kept: str, text: str) -> list[str]:
    lines = difflib.unified_diff(
        kept.splitlines(), text.splitlines(), _shown(path), "--help now", lineterm=""
    )
    return [f"{_shown(path)} is not what --help prints; if it should be: make help-update", *lines]


def _shown(path: Path) -> str:
    return path.relative_to(FOLDER.parents[2]).as_posix()


def writer() -> str:
    """Return the library that lays out help here, with its minor version."""
    return "typer " + ".".join(version("typer").split(".")[:2])


def written_with() -> str:
    """Return the library that laid out the files."""
    return WRITER.read_text("utf-8").strip() if WRITER.exists() else "nothing"


def check() -> int:
    """Compare; return an exit code."""
    reports = drift()
    for report in reports:
        print(report, file=sys.stderr)
    if not reports:
        print(f"help of {len(commands())} commands is as in {_shown(FOLDER)}")
    elif written_with() != writer():
        print(
            f"warning: not held against you, for the files were written with {written_with()} "
            f"and this is {writer()}: make help-update",
            file=sys.stderr,
        )
        return 0
    return int(bool(reports))


def update() -> int:
    """Write every file anew; return an exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.txt"):
        path.unlink()
    for words in commands():
        golden_file(words).write_text(render_help(words), encoding="utf-8")
    WRITER.write_text(writer() + "\n", encoding="utf-8")
    print(f"wrote the help of {len(commands())} commands to {_shown(FOLDER)}")
    return 0


def test_help_of_every_command_is_as_recorded() -> None:
    reports = drift()
    if reports and written_with() != writer():
        pytest.skip(f"help was recorded with {written_with()}, this is {writer()}")

    assert not reports, "\n\n".join(reports)


def test_help_has_a_first_line_and_two_examples_for_every_command() -> None:
    texts = {words: render_help(words) for words in commands()}

    for words, text in texts.items():
        name = " ".join(words) or "docsearch"
        assert text.startswith(f"Usage: docsearch {' '.join(words)}".rstrip()), name
        if "COMMAND" not in text.split("\n", 1)[0]:
            examples = [line for line in text.split("\n") if line.startswith("    docsearch ")]
            assert len(examples) >= 2, name


if __name__ == "__main__":
    actions = {"check": check, "update": update}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    sys.exit(actions[sys.argv[1]]())

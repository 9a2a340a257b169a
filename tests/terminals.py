"""What a new user's session prints at several widths, word for word in ``fixtures/terminal``.

As a program it is part of ``make golden-update``, for a change that is meant to change what is
printed:

    python -m tests.terminals check|update

The commands of ``session.txt`` are typed one after the other in a folder that holds the
documentation in ``corpora/fenwick``, on a terminal of each size. A command runs in a fork of this
process, so that sixty of them take seconds; its clock stands still and run ids count up, so that
the same is printed again.
"""

from __future__ import annotations

import difflib
import fcntl
import itertools
import os
import pty
import re
import select
import shlex
import shutil
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

from tests.support import FENWICK, REPOSITORY

FOLDER = REPOSITORY / "tests" / "fixtures" / "terminal"
SESSION = FOLDER / "session.txt"
# Columns and rows of each terminal.
SIZES = ((40, 24), (80, 24), (200, 50))
_MOST_SHOWN = 40
# A machine's own settings must not decide what is printed.
_KEPT_VARIABLES = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR"}
_CONTROL = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?]*[A-Za-z]")
# What differs from day to day and from machine to machine, spelled at the same width.
_VARIES = (
    (re.compile(r"\d{4}-\d\d-\d\d(?=[ T]\d\d:\d\d)"), "2026-01-01"),
    (re.compile(r"(?<=[ T])\d\d:\d\d(:\d\d)?(?!\d)"), lambda found: "12:00:00"[: len(found[0])]),
    (
        re.compile(r"\b(\d+(?:\.\d+)?|\.\d+) (ms|s)\b(?! )"),
        lambda found: f"{'0' * len(found[1])} {found[2]}",
    ),
    (re.compile(r"^(workers +)\d+", re.M), r"\g<1>2"),
    (re.compile(r"\b[\d,]+ bytes"), "0 bytes"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), lambda found: "f" * len(found[0])),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """One command, and what came of it."""

    line: str
    shown: str

    def __str__(self) -> str:
        return f"$ {self.line}\n{self.shown}\n"


def commands() -> list[str]:
    """Return the lines that are typed."""
    lines = SESSION.read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def golden_file(columns: int) -> Path:
    """Return where a session at a width is kept."""
    return FOLDER / f"{columns}.txt"


def run_session(columns: int, rows: int) -> Iterator[Typed]:
    """Type all commands on one terminal.

    Args:
        columns: Its width.
        rows: Its height.

    Yields:
        Each command with what it left on the terminal, its notes and its exit code.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(FENWICK, Path(folder) / "docs")
        for number, line in enumerate(commands(), start=1):
            yield Typed(line, _type(line, number, Path(folder), columns, rows))


def _type(line: str, number: int, folder: Path, columns: int, rows: int) -> str:
    words = shlex.split(line)
    assert words[0] == "docsearch", line
    notes = tempfile.TemporaryFile()  # noqa: SIM115  closed below
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    child = os.fork()
    if child == 0:
        os.login_tty(theirs)
        _be_command(words[1:], number, folder, notes.fileno())
    shown, code = _read_to_end(ours, child)
    os.close(ours)
    os.close(theirs)
    notes.seek(0)
    said = notes.read()
    notes.close()
    text = _settled(shown, folder)
    told = "".join(f"! {line}\n" for line in _settled(said, folder).splitlines())
    return f"{text}{told}{f'[exit {code}]' if code else ''}".rstrip("\n") + "\n"


def _be_command(words: list[str], number: int, folder: Path, notes: int) -> NoReturn:
    """Run one command here, in the forked process, and end it."""
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(notes, 2)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  as long as this
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  process lives
        os.chdir(folder)
        for name in os.environ.keys() - _KEPT_VARIABLES:
            del os.environ[name]
        os.environ |= {
            "TERM": "xterm",
            "DOCSEARCH_CONFIG_DIR": str(folder / "config"),
            "HOME": str(folder),
        }
        from docsearch_cli.cli.app import main

        with (
            patch.object(time, "perf_counter", lambda: 0.0),
            patch("docsearch_cli.runs.recorder.secrets", _Numbered(number)),
        ):
            main(words)
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 70
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class _Numbered:
    """Stands for the module that draws the ids of runs: it hands out the number of a command."""

    def __init__(self, number: int) -> None:
        self._number = number

    def token_hex(self, size: int) -> str:
        return f"{self._number:02}".ljust(2 * size, "0")


def _read_to_end(terminal: int, child: int) -> tuple[bytes, int]:
    """Return what a process wrote to a terminal, and its exit code.

    The other end stays open here: what is in between is lost with the last that closes it.
    """
    shown, code = b"", None
    while True:
        if select.select([terminal], [], [], 0.02)[0]:
            shown += os.read(terminal, 65536)
        elif code is not None:
            return shown, code
        else:
            ended, status = os.waitpid(child, os.WNOHANG)
            code = os.waitstatus_to_exitcode(status) if ended else None


def _settled(shown: bytes, folder: Path) -> str:
    """Return text without colours, and without what differs from day to day."""
    text = _CONTROL.sub("", shown.decode("utf-8", "replace")).replace("\r", "")
    text = text.replace(str(folder.resolve()), "/here").replace(str(folder), "/here")
    for pattern, spelled in _VARIES:
        text = pattern.sub(spelled, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + ("\n" if text else "")


def preload() -> None:
    """Import what the commands need, once for all of their processes."""
    import docsearch_cli.cli.app
    import docsearch_cli.index.build
    import docsearch_cli.search.ask
    import docsearch_cli.search.deep  # noqa: F401


def found_session(columns: int, rows: int) -> str:
    """Return a whole session as it is kept."""
    preload()
    return "\n".join(str(typed) for typed in run_session(columns, rows))


def report(columns: int, found: str) -> str:
    """Return what differs for a person to read: nothing if nothing does."""
    file = golden_file(columns)
    kept = file.read_text("utf-8") if file.exists() else ""
    if kept == found:
        return ""
    lines = difflib.unified_diff(
        kept.splitlines(), found.splitlines(), "kept", "now", n=2, lineterm=""
    )
    return "\n".join(
        [
            f"at {columns} columns the session is not as in {file.relative_to(REPOSITORY)};"
            " if it should be: make golden-update",
            *itertools.islice(lines, _MOST_SHOWN),
        ]
    )


def main(words: list[str]) -> int:
    """Compare or write all sessions; return an exit code."""
    if words not in (["check"], ["update"]):
        print(__doc__, file=sys.stderr)
        return 2
    reports = []
    for columns, rows in SIZES:
        found = found_session(columns, rows)
        reports.append(report(columns, found))
        if words == ["update"]:
            golden_file(columns).write_text(found, encoding="utf-8")
    print("\n".join(filter(None, reports)))
    return int(words == ["check"] and any(reports))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

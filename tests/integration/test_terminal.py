"""What a person sees of a deep search on a terminal of a known size."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from tests.support import command_line

QUESTION = "how do retries and the buffer limit work together?"
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\")


def on_terminal(columns, rows, *words, cwd):
    """Return the lines that a command leaves on a terminal's stdout, colours and links taken away.

    Beside them, the lines on stderr.
    """
    shown, notes = _run_on_terminal(columns, rows, words, cwd, {})
    return _CONTROL.sub("", shown).replace("\r", "").splitlines(), notes.splitlines()


def raw_terminal(columns, rows, *words, cwd, **variables):
    """Return what a command sends to a terminal's stdout, byte for byte."""
    return _run_on_terminal(columns, rows, words, cwd, variables)[0]


def _run_on_terminal(columns, rows, words, cwd, variables):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with subprocess.Popen(
        command_line(*words),
        cwd=cwd,
        env={**os.environ, "TERM": "xterm", **variables},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
    ) as ran:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # how Linux says that nobody writes any more
                break
            if not piece:
                break
            shown += piece
        notes = ran.stderr.read().decode()
    os.close(ours)
    assert ran.returncode == 0, notes
    return shown.decode(), notes


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (60, 30), (200, 50)])
def test_the_first_quote_and_what_led_to_it_are_on_the_screen(fenwick, columns, rows):
    words = ("ask", QUESTION, "--deep", "--engine", "inline")
    lines, notes = on_terminal(columns, rows, *words, cwd=fenwick)

    assert len(lines) + len(notes) < rows
    assert any(line.startswith("1  ") for line in lines)
    assert any("──" in line for line in lines)
    assert any(line.startswith("stopped: ") for line in lines)


def test_what_is_folded_is_said_with_how_to_see_it(fenwick):
    words = ("ask", QUESTION, "--deep", "--engine", "inline")
    folded = "\n".join(on_terminal(80, 24, *words, cwd=fenwick)[0])
    whole = "\n".join(on_terminal(80, 24, *words, "--tree", cwd=fenwick)[0])
    without = "\n".join(on_terminal(80, 24, *words, "--no-tree", cwd=fenwick)[0])

    assert re.search(r"\d+ (more )?steps: .*\(--tree shows all\)", folded)
    assert re.search(r"\d+ more quotes?: --limit \d+ shows all", folded)
    assert "--tree" not in whole
    assert whole.count("──") > folded.count("──")
    assert "──" not in without


def test_as_many_quotes_are_shown_as_were_asked_for_whatever_the_room(fenwick):
    words = ("ask", QUESTION, "--deep", "--engine", "inline", "--limit", "3")
    lines, _ = on_terminal(80, 10, *words, cwd=fenwick)

    assert sum(bool(re.match(r"\d  \S", line)) for line in lines) == 3


def test_words_are_not_broken_at_the_edge(fenwick):
    wide = on_terminal(200, 90, "ask", QUESTION, "--simple", "-n", "2", cwd=fenwick)[0]
    narrow = on_terminal(50, 90, "ask", QUESTION, "--simple", "-n", "2", cwd=fenwick)[0]

    assert " ".join(" ".join(narrow).split()) == " ".join(" ".join(wide).split())

"""A search watched on a real pseudo terminal, frame by frame, by an emulated screen."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from itertools import pairwise

import pytest

from tests.screen_emulator import Screen
from tests.support import REPOSITORY, needs

QUESTION = "how do retries and the buffer limit work together?"
# Each commit takes longer than the time between two frames, however busy the machine is.
SLOW = """
import time
from docsearch_cli.cli import live_tree
live_tree._LEAST_REST = 0
from docsearch_cli.search.agent_work import AgentWork
observe = AgentWork.observe
def slow(*given):
    observe(*given)
    time.sleep(0.11)
AgentWork.observe = slow
"""
# The commit of the first step never ends; the frame goes on.
DEAF = """
import time
from docsearch_cli.search.agent_work import AgentWork
observe = AgentWork.observe
def deaf(work, record):
    observe(work, record)
    while record.step.number == 1:
        try:
            time.sleep(0.1)
            work.stop_reason()
        except BaseException:
            pass
AgentWork.observe = deaf
"""
RUN = "\nfrom docsearch_cli.__main__ import main\nmain()\n"


class Watched:
    """A command on a terminal, until it ends."""

    def __init__(self, cwd, columns, rows, *words, script=SLOW, at_frame=None, **variables):
        self.screen = Screen(columns, rows)
        self.sent = ""
        self._ours, theirs = pty.openpty()
        self._set_size(columns, rows)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script + RUN, *words],
            cwd=cwd,
            env={
                **os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(REPOSITORY), **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        self._read(dict(at_frame or {}))
        os.close(self._ours)
        self.code = self.process.wait(30)

    @property
    def frames(self):
        return self.screen.frames

    def left(self):
        """Return all that is left on the terminal at the end."""
        return [*self.screen.scrolled, *self.screen.lines]

    def resize(self, columns, rows, *, reflow):
        self.screen.resize(columns, rows, reflow=reflow)
        self._set_size(columns, rows)

    def _set_size(self, columns, rows):
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self, at_frame):
        held = b""
        while True:
            try:
                piece = os.read(self._ours, 65536)
            except OSError:  # how Linux says that nobody writes any more
                return
            if not piece:
                return
            held += piece
            try:
                text = held.decode()
            except UnicodeDecodeError:
                continue
            held = b""
            self.sent += text
            self.screen.feed(text)
            for number in [number for number in at_frame if len(self.frames) >= number]:
                at_frame.pop(number)(self)


def ask(cwd, columns, rows, *words, **options):
    words = ("ask", QUESTION, "--deep", "--engine", "inline", "--no-cache", *words)
    return Watched(cwd, columns, rows, *words, **options)


def is_of_frames(line):
    """Tell whether a line can only have come from a frame."""
    return "━" in line or line.startswith(("open ", "agents "))


@pytest.mark.parametrize(("columns", "rows"), [(40, 24), (80, 24), (200, 50)])
def test_a_person_sees_budget_tree_and_what_is_open(fenwick, columns, rows):
    watched = ask(fenwick, columns, rows, "--max-agents", "7")
    last = watched.frames[-1].lines

    assert watched.code == 0
    assert len(watched.frames) >= 5
    assert any(re.search(r"agents ━+─* \d/7", line) for line in last)
    assert any(re.search(r"time \S+ \d/120 s", line) for line in last)
    assert any(line.startswith(("├──  ", "└──  ")) for line in last)
    opened = [line for frame in watched.frames for line in frame.lines if line.startswith("open ")]
    assert any(re.match(r"open +\d+  docs/", line) for line in opened)
    assert not [line for line in watched.left() if is_of_frames(line)]
    for before, after in pairwise(watched.frames):
        held, now = dict(enumerate(before.lines)), dict(enumerate(after.lines))
        changed = {row for row in held | now if held.get(row) != now.get(row)}

        assert set(after.written) <= changed
        assert len(after.cleared) <= len(changed)


def test_on_a_low_terminal_the_newest_steps_are_seen(fenwick):
    watched = ask(fenwick, 80, 9, "--max-agents", "12")

    for frame in watched.frames[1:]:
        numbers = [int(found[1]) for found in re.finditer(r"── +(\d+) ", "\n".join(frame.lines))]
        used = re.search(r"agents (\d+)/12", frame.lines[0])
        assert len(frame.lines) < 9
        assert max(numbers, default=0) == int(used[1])
    assert not [line for line in watched.left() if is_of_frames(line)]


@pytest.mark.parametrize("reflow", [True, False])
def test_a_terminal_that_is_resized_stays_right(fenwick, reflow):
    sizes = {3: (44, 20), 5: (120, 30), 7: (60, 12)}
    watched = ask(
        fenwick, 90, 24, "--max-agents", "9",
        at_frame={
            number: lambda run, size=size: run.resize(*size, reflow=reflow)
            for number, size in sizes.items()
        },
    )  # fmt: skip
    last = watched.frames[-1].lines

    assert watched.code == 0
    assert sum(line.startswith("run ") or "agents " in line for line in last) <= 2
    assert not [line for line in watched.left() if is_of_frames(line)]


def test_without_colour_there_is_none(fenwick):
    watched = ask(fenwick, 80, 24, "--max-agents", "4", NO_COLOR="1", FORCE_COLOR="")

    assert watched.frames
    assert watched.screen.colours == 0


def test_on_a_dumb_terminal_nothing_moves(fenwick):
    watched = ask(fenwick, 80, 24, "--max-agents", "3", TERM="dumb")

    assert not watched.frames
    assert not re.search(r"\x1b\[[0-9;?]*[A-LN-Zhl]", watched.sent)


def test_ctrl_c_leaves_what_was_found_and_how_to_go_on(fenwick):
    watched = ask(fenwick, 80, 40, at_frame={4: lambda run: run.process.send_signal(signal.SIGINT)})
    left = watched.left()

    assert watched.code == 130
    assert any(line.startswith("to continue: docsearch resume ") for line in left)
    assert any("stopping: steps under way may end" in line for line in watched.frames[-1].lines)
    assert not [line for line in left if is_of_frames(line) or "stopping" in line]


def test_a_run_that_is_ended_as_it_stands_leaves_no_frame(fenwick):
    def interrupt(run):
        run.process.send_signal(signal.SIGINT)

    watched = ask(
        fenwick, 80, 40, script=DEAF, at_frame={2: interrupt}, DOCSEARCH_CONFIG_DIR=str(fenwick)
    )  # fmt: skip

    said, command = [line for line in watched.left() if line][:2]
    run_id = said.split()[3]

    assert watched.code == 130
    assert said == f"docsearch: interrupted: run {run_id} has no answer yet"
    assert command == f"  to continue: docsearch resume {run_id}"


@pytest.mark.parametrize("columns", [40, 200])
def test_the_tree_is_left_as_replay_prints_it(fenwick, columns):
    asked = ask(fenwick, columns, 60, "--max-agents", "9", "--tree", script="").left()
    run_id = next(line.split()[1] for line in asked if line.startswith("run "))
    replayed = Watched(fenwick, columns, 60, "replay", run_id, script="").left()

    assert tree_of(asked) == tree_of(replayed)
    assert len(tree_of(asked)) > 10


def tree_of(lines):
    start = next(number for number, line in enumerate(lines) if line.startswith("run "))
    end = next(number for number, line in enumerate(lines) if line.startswith("stopped: "))
    return lines[start : end + 1]


def test_names_cannot_break_the_screen(index_of):
    names = (
        "\x1b[2J\x1b[H",
        "\u202egnp",
        "漢字" * 30,
        "e" + "\u0301" * 40,
        "👩‍👩‍👧" * 20,
        "\x9b2J\x07",
    )
    pages = {
        f"{number}{name[:20]}.md".replace("\x00", ""): f"# Retry {name} buffer\n\nretries and the"
        f" buffer limit [on]({number}.md)\n"
        for number, name in enumerate(names)
    }
    watched = ask(index_of(pages), 50, 20)

    assert watched.code == 0
    assert watched.frames
    assert not [line for line in watched.left() if is_of_frames(line)]
    assert not re.search(
        "[\u202a-\u202e\u2066-\u2069\x80-\x9f\x07]", watched.sent.replace("\x1b\\", "")
    )


def test_a_fork_has_bars_of_its_own_limits(fenwick):
    asked = ask(fenwick, 80, 60, "--max-agents", "2", script="").left()
    run_id = next(line.split()[1] for line in asked if line.startswith("run "))
    forked = Watched(fenwick, 80, 24, "fork", run_id, "--at", "0", "--set", "max_agents=7")

    assert any("/7" in line for line in forked.frames[-1].lines if "agents" in line)


def test_a_model_has_its_bars_and_agents_wait_side_by_side(fenwick):
    needs("pydantic_ai", reason="comes with the extra 'llm'")
    from tests.integration.test_ask_model import ASK, reply
    from tests.model_server import ModelServer

    with ModelServer(reply, latency_s=0.4) as server:
        watched = Watched(
            fenwick, 80, 30, *ASK, "--max-agents", "8", "--max-cost", "0.05", script="",
            OPENAI_BASE_URL=server.url, OPENAI_API_KEY="sk-test",
        )  # fmt: skip
    lines = [line for frame in watched.frames for line in frame.lines]
    waiting = [sum(line.startswith("open ") for line in frame.lines) for frame in watched.frames]

    assert watched.code == 0
    assert any(re.search(r"requests \S+ [1-9]\d*/\d+", line) for line in lines)
    assert any(re.search(r"cost \S+ \$0\.0\d+/\$0\.05", line) for line in lines)
    assert max(waiting) > 1

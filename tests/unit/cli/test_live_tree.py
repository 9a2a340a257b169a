import io
import sys
from types import SimpleNamespace

import pytest

from docsearch_cli.cli import live_tree
from docsearch_cli.cli.live_tree import LiveTree, Watcher, watching
from docsearch_cli.cli.output import Output
from docsearch_cli.cli.shell_paths import ShellPaths
from tests.unit.cli.test_live_frame import step


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True

    def fileno(self):
        raise ValueError("none")


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(live_tree, "time", clock)
    return clock


@pytest.fixture
def tree(clock, monkeypatch):
    """A live tree whose frames are counted in ``drawn``; each takes ``takes_s``."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    tree = LiveTree(Output("ask"), ShellPaths())
    tree.drawn, tree.takes_s = 0, 0.0

    def draw(*_):
        tree.drawn += 1
        clock.now += tree.takes_s

    tree._writer = SimpleNamespace(size=lambda: (80, 24), draw=draw, erase=lambda: None)
    return tree


def test_nothing_is_drawn_before_a_search_has_begun(tree):
    tree.stop_reason()

    assert tree.drawn == 0


def test_frames_are_a_tenth_of_a_second_apart(tree, clock):
    tree.started("r", [])
    for number in range(1, 101):
        clock.now += 0.01
        tree.committed(step(number))

    assert 10 <= tree.drawn <= 11


def test_drawing_takes_a_25th_of_the_time_at_most(tree, clock):
    tree.takes_s = 0.02
    tree.started("r", [])
    began = clock.now
    for number in range(1, 1001):
        clock.now += 0.01
        tree.committed(step(number))

    assert tree.takes_s * (tree.drawn - 1) <= (clock.now - began) / 24


@pytest.mark.parametrize(
    ("name", "output", "is_live"),
    [
        ("xterm", Output("ask"), True),
        ("dumb", Output("ask"), False),
        ("xterm", Output("ask", quiet=True), False),
        ("xterm", Output("ask", as_json=True), False),
    ],
)
def test_only_a_person_at_a_terminal_watches(monkeypatch, name, output, is_live):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", name)
    with watching(output, ShellPaths()) as watcher:
        assert isinstance(watcher, LiveTree) == is_live
        assert isinstance(watcher, Watcher)


def test_into_a_pipe_nothing_is_drawn(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setenv("TERM", "xterm")
    with watching(Output("ask"), ShellPaths()) as watcher:
        assert not isinstance(watcher, LiveTree)

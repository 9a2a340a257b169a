"""Signals to real commands: two seconds at most, the exit code, no process, no wrong state."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.support import REPOSITORY, is_gone, usual_or_soak, wait_until, write_files

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SOME_SIGNALS = usual_or_soak([signal.SIGTERM], SIGNALS)
# Two seconds are promised. On a busy machine the process itself has to wait for its turn.
MOST_S = 6
# A page called "slow" never ends: in C code, where no signal handler of Python's gets to run.
SLOW_READER = """
from docsearch_cli.corpus.formats import text
real = text.read_text
def read_text(path, *others):
    while "slow" in path:
        sum(range(10**9))
    return real(path, *others)
text.read_text = read_text
"""
# Work in the command's own process that nothing gets through to.
DEAF_LINKS = """
import time
from docsearch_cli.index import incremental
def resolve_links(*_):
    print("deaf", flush=True)
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            pass
incremental.resolve_links = resolve_links
"""
RUN = "\nfrom docsearch_cli.__main__ import main\nmain()\n"


class Command:
    """A command that is running, with a part of it replaced."""

    def __init__(self, folder, script, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-c", script + RUN, *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.children = []

    def has_children(self):
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        return bool(self.children)

    def end(self, *numbers):
        """Send signals; return what it wrote to stderr and the seconds that it took to end."""
        started = time.monotonic()
        for number in numbers:
            self.process.send_signal(number)
            time.sleep(0.1)
        _, stderr = self.process.communicate(timeout=60)
        return stderr.decode(), time.monotonic() - started


@pytest.fixture
def start(tmp_path):
    made = []

    def start(script, *words):
        made.append(Command(tmp_path, script, *words))
        return made[-1]

    yield start
    for command in made:
        command.process.kill()
        command.process.communicate()


@pytest.fixture
def indexed(docsearch, corpus_folder):
    """The digest of an index of one page; then there are pages whose reading never ends."""
    write_files(corpus_folder, {"a.md": "# First\n"})
    digest = docsearch("index", "docs", "--json").data["digest"]
    write_files(corpus_folder, {f"{n:03}.txt": "word\n" for n in range(600)})
    write_files(corpus_folder, {"slow.txt": "x", "050-slow.txt": "x"})
    return digest


@pytest.mark.parametrize("numbers", [[number] for number in SOME_SIGNALS] + [[signal.SIGINT] * 2])
def test_a_build_that_reads_ends_at_once_and_leaves_the_old_index(
    start, indexed, docsearch, corpus_folder, numbers
):
    command = start(SLOW_READER, "index", "docs")
    assert wait_until(command.has_children)
    stderr, seconds = command.end(*numbers)

    assert command.process.returncode == 130
    assert stderr == "docsearch: interrupted\n"
    assert seconds < MOST_S
    assert wait_until(lambda: all(is_gone(child.pid) for child in command.children))
    (corpus_folder / "slow.txt").unlink()
    (corpus_folder / "050-slow.txt").unlink()
    assert docsearch("status", "--json").data["digest"] == indexed
    assert docsearch("index", "docs", "--verify").code == 0


def test_ctrl_c_of_a_terminal_reaches_reading_processes_too(start, indexed):
    command = start(SLOW_READER, "index", "docs")
    assert wait_until(command.has_children)
    for child in command.children:
        child.send_signal(signal.SIGINT)
    stderr, seconds = command.end(signal.SIGINT)

    assert command.process.returncode == 130
    assert stderr == "docsearch: interrupted\n"
    assert seconds < MOST_S


@pytest.mark.parametrize("numbers", [[number] for number in SOME_SIGNALS] + [[signal.SIGINT] * 2])
def test_a_build_that_swallows_interrupts_is_ended_all_the_same(
    start, docsearch, corpus_folder, numbers
):
    write_files(corpus_folder, {"a.md": "# First\n"})
    command = start(DEAF_LINKS, "index", "docs")
    assert command.process.stdout.readline() == b"deaf\n"
    stderr, seconds = command.end(*numbers)

    assert command.process.returncode == 130
    assert stderr == "docsearch: interrupted\n"
    assert seconds < MOST_S
    assert docsearch("index", "docs").code == 0


@pytest.mark.parametrize("number", SOME_SIGNALS)
def test_a_watch_ends_while_it_builds(start, docsearch, corpus_folder, number):
    write_files(corpus_folder, {"a.md": "# First\n"})
    command = start(SLOW_READER, "index", "docs", "--watch")
    while b"watching" not in command.process.stderr.readline():
        pass
    write_files(corpus_folder, {"slow.txt": "x"})
    assert wait_until(command.has_children)
    stderr, seconds = command.end(number)

    assert command.process.returncode == 130
    assert "Traceback" not in stderr
    assert seconds < MOST_S
    assert wait_until(lambda: all(is_gone(child.pid) for child in command.children))
    assert docsearch("status", "--json").data["counts"]["documents"] == 1


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_the_command_is_being_loaded_has_its_exit_code(start, number):
    script = f"""
import os, sys
class Finder:
    def find_spec(self, name, *_):
        if name == "docsearch_cli.cli.app":
            os.kill(os.getpid(), {int(number)})
sys.meta_path.insert(0, Finder())
"""
    command = start(script, "status")
    _, stderr = command.process.communicate(timeout=60)

    assert command.process.returncode == 130
    assert stderr == b"docsearch: interrupted\n"


@pytest.mark.parametrize("way", ["--simple", "--deep"])
@pytest.mark.parametrize("number", SOME_SIGNALS)
def test_a_question_ended_before_its_first_step_says_that_nothing_was_recorded(
    start, docsearch, corpus_folder, number, way
):
    write_files(corpus_folder, {"a.md": "# First\n"})
    docsearch("index", "docs")
    script = f"""
import os
from docsearch_cli.index import store
def open_index(home):
    os.kill(os.getpid(), {int(number)})
store.open_index = open_index
"""
    command = start(script, "ask", "first?", way)
    _, stderr = command.process.communicate(timeout=60)

    assert command.process.returncode == 130
    assert stderr == b"docsearch: interrupted: nothing was recorded\n"
    assert docsearch("runs", "list", "--json").data["runs"] == []


def test_a_file_that_is_too_slow_is_skipped_and_listed(start, docsearch, corpus_folder):
    write_files(corpus_folder, {"a.md": "# First\n", "b.txt": "x", "slow.txt": "x"})
    limit = "from docsearch_cli.corpus import load\nload._MOST_S = 0.5\n"
    command = start(SLOW_READER + limit, "index", "docs")
    stdout, _ = command.process.communicate(timeout=60)

    assert command.process.returncode == 0
    assert b"skipped: 1 too-slow" in stdout
    listed = docsearch("status", "--skipped", "--json").data
    assert "too-slow" in str(listed)
    assert docsearch("status", "--json").data["counts"]["documents"] == 2

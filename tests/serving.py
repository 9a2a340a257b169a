"""``docsearch serve`` in a process of its own, as a person starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support import REPOSITORY

# Each step takes a while, in the process of the server, so that a search is seen to go on; while
# there is a file "hold" in its folder, the third one does not end.
SLOW_STEPS = """
import os, time
from docsearch_cli.engine import inline
real = inline.run_call
def slow(functions, call):
    time.sleep(0.12)
    while call.number > 2 and os.path.exists("hold"):
        time.sleep(0.02)
    return real(functions, call)
inline.run_call = slow
"""
_RUN = "\nfrom docsearch_cli.__main__ import main\nmain()\n"


@dataclass(slots=True)
class Server:
    """A server that is running."""

    process: subprocess.Popen[str]
    address: str
    """With the token."""
    folder: Path
    """Where it was started."""

    @property
    def origin(self) -> str:
        return self.address.partition("/?")[0]

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Let no search that has slow steps come to its end until the block does."""
        hold = self.folder / "hold"
        hold.touch()
        try:
            yield
        finally:
            hold.unlink()

    def children(self) -> list[psutil.Process]:
        """Return the processes that it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal and return the exit code and what is on stderr."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


@contextmanager
def serving(folder: Path, *words: str, script: str = "") -> Iterator[Server]:
    """Serve the index of a folder until the block ends.

    Args:
        folder: The folder.
        *words: Options of the command.
        script: What is run in the process before.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", script + _RUN, "serve", "--port", "0", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=\S{40,}", address), address
        yield Server(process, address, folder)
    finally:
        process.kill()
        process.communicate()

"""Commands that get a signal at a random moment: they end in two seconds, and no state is wrong.

    python -m tests.bench.soak.soak_signals [--minutes M] [--seed S]

Each round starts one of ``index`` (from nothing, or over an index of other files), ``--watch``,
``ask --deep``, ``resume``, ``replay`` and ``eval`` on a random corpus, and sends Ctrl-C (once or
twice), SIGTERM, SIGHUP or SIGKILL after a random part of the time that the command takes. It must
end in two seconds (and ``SLACK_S``, for a busy machine) with 130 or with the code of an end in
order, and leave no process. Then the index is the one before or that of a clean build, and the next
build is; a run can be listed, resumed and verified; a file of answers is whole or not there. The
first fault ends the soak, with the seed that shows it again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.bench.harness import DOCSEARCH, note, scratch
from tests.generated import make_corpus
from tests.support import is_gone, wait_until

MOST_S = 2.0
# What it takes a busy machine to start a thread and to reap a process.
SLACK_S = 1.0
INTERRUPTED = 130
INPUT_ERROR = 3
SIGNALS = {
    "SIGINT": (signal.SIGINT,),
    "SIGINT twice": (signal.SIGINT, signal.SIGINT),
    "SIGTERM": (signal.SIGTERM,),
    "SIGHUP": (signal.SIGHUP,),
    "SIGKILL": (signal.SIGKILL,),
}
COMMANDS = ("index", "update", "watch", "ask", "resume", "replay", "eval")
# Python itself has to start before it can answer a signal.
START_S = 0.06


class SoakError(Exception):
    """Something that must hold does not."""


@dataclass(slots=True)
class Figures:
    """What has happened so far."""

    signals: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def docsearch(folder: Path, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
    """Run a command to its end and return its JSON document."""
    line = [DOCSEARCH, *words, "--json"]
    done = subprocess.run(line, cwd=folder, capture_output=True, check=False, timeout=120)
    if done.returncode not in codes:
        raise SoakError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.decode()}")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def interrupt(
    words: list[str], folder: Path, after_s: float, numbers: tuple[int, ...], figures: Figures
) -> None:
    """Start a command and send it signals.

    Args:
        words: The command.
        folder: Where it runs.
        after_s: Seconds after its start.
        numbers: The signals.
        figures: What is counted.

    Raises:
        SoakError: If it does not end in time, or not well.
    """
    process = subprocess.Popen(
        [DOCSEARCH, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    time.sleep(after_s)
    children: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        children = psutil.Process(process.pid).children(recursive=True)
    began = time.monotonic()
    for number in numbers:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        time.sleep(0.05)
    try:
        _, stderr = process.communicate(timeout=30)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise SoakError(f"{' '.join(words)} goes on after {numbers}") from error
    seconds = time.monotonic() - began
    figures.seconds.append(seconds)
    figures.codes[process.returncode] += 1
    expected = {0, INTERRUPTED}
    if signal.SIGKILL in numbers:
        expected.add(-signal.SIGKILL)
    if words[0] == "resume":
        expected.add(INPUT_ERROR)  # the run had ended when it was killed
    said = stderr.decode("utf-8", "replace")
    if process.returncode not in expected or "Traceback" in said:
        raise SoakError(f"{' '.join(words)} ended with {process.returncode}: {said}")
    if seconds > MOST_S + SLACK_S:
        raise SoakError(f"{' '.join(words)} took {seconds:.1f} s to end")
    if not wait_until(lambda: all(is_gone(child.pid) for child in children)):
        raise SoakError(f"{' '.join(words)} left a process of {children}")


class Round:
    """A corpus, its index, and what a clean build and each command's time are.

    Args:
        draw: Decides the corpus.
        folder: An empty folder.
    """

    def __init__(self, draw: random.Random, folder: Path) -> None:
        self.folder = folder
        self.docs = folder / "docs"
        self.words = make_corpus(draw, self.docs)
        self.first = docsearch(folder, "index", "docs")["data"]["digest"]
        shutil.copytree(folder / ".docsearch", folder / "first")
        pages = sorted(self.docs.rglob("*.*"))
        for page in draw.sample(pages, max(1, len(pages) // 3)):
            with page.open("a", encoding="utf-8") as stream:
                stream.write(f"\n\nMore of {draw.choice(self.words)}.\n")
        began = time.monotonic()
        self.second = docsearch(folder, "index", "docs", "--rebuild")["data"]["digest"]
        self.index_s = time.monotonic() - began
        self.question = " ".join(["common", *draw.choices(self.words, k=3)])
        began = time.monotonic()
        self.run_id = docsearch(folder, *self.ask(), "--no-cache")["data"]["run_id"]
        self.ask_s = time.monotonic() - began
        rows = [
            {"id": str(n), "question": self.question, "gold": [pages[0].name]} for n in range(40)
        ]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "questions.jsonl").write_text(lines, "utf-8")

    def ask(self) -> list[str]:
        """Return the words of a deep question."""
        return ["ask", self.question, "--deep"]

    def attack(
        self, command: str, draw: random.Random, numbers: tuple[int, ...], figures: Figures
    ) -> None:
        """Interrupt one command and see that nothing is wrong.

        Raises:
            SoakError: If something is.
        """
        moment = START_S + draw.random()
        if command in ("index", "update", "watch"):
            self._attack_index(command, START_S + self.index_s * draw.random(), numbers, figures)
        elif command == "ask":
            moment = START_S + self.ask_s * draw.random()
            interrupt([*self.ask(), "--no-cache"], self.folder, moment, numbers, figures)
            self._check_runs()
        elif command == "resume":
            moment = START_S + self.ask_s * draw.random()
            interrupt([*self.ask(), "--no-cache"], self.folder, moment, (signal.SIGKILL,), figures)
            run_id = self._newest()
            interrupt(["resume", run_id], self.folder, moment, numbers, figures)
            self._check_runs()
        elif command == "replay":
            interrupt(["replay", self.run_id], self.folder, moment, numbers, figures)
            docsearch(self.folder, "replay", self.run_id)
        else:
            out = self.folder / "answers.jsonl"
            out.unlink(missing_ok=True)
            words = ["eval", "questions.jsonl", "--out", out.name]
            interrupt(words, self.folder, moment, numbers, figures)
            if out.exists() and len(out.read_text("utf-8").splitlines()) != 40:
                raise SoakError("eval left half a file")

    def _attack_index(
        self, command: str, moment: float, numbers: tuple[int, ...], figures: Figures
    ) -> None:
        home = self.folder / ".docsearch"
        runs = self.folder / "runs"
        if (home / "runs").exists():
            (home / "runs").rename(runs)
        shutil.rmtree(home)
        if command != "index":
            shutil.copytree(self.folder / "first", home)
        words = ["index", "docs", *(["--watch"] if command == "watch" else [])]
        interrupt(words, self.folder, moment, numbers, figures)
        if command != "index" or (home / "index" / "CURRENT").exists():
            found = docsearch(self.folder, "status", "--verify")["data"]["digest"]
            if found not in (self.first, self.second):
                raise SoakError(f"{command} left an index that is neither the old nor the new one")
        if docsearch(self.folder, "index", "docs")["data"]["digest"] != self.second:
            raise SoakError(f"the build after an interrupted {command} differs from a clean one")
        docsearch(self.folder, "index", "docs", "--verify")
        if list((home / "index").glob("*.building")):
            raise SoakError("half a generation is left")
        if runs.exists():
            shutil.rmtree(home / "runs", ignore_errors=True)
            runs.rename(home / "runs")

    def _newest(self) -> str:
        runs = docsearch(self.folder, "runs", "list", "--limit", "1")["data"]["runs"]
        return str(runs[0]["run_id"]) if runs else self.run_id

    def _check_runs(self) -> None:
        run_id = self._newest()
        docsearch(self.folder, "resume", run_id, codes=(0, 3))
        docsearch(self.folder, "runs", "verify", run_id, codes=(0, 3))


def main() -> int:
    """Go on until the time is over or something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    figures = Figures()
    seed = options.seed
    try:
        while time.monotonic() < until:
            draw = random.Random(seed)
            with scratch() as folder:
                for name in ("CACHE", "STATE", "CONFIG"):
                    os.environ[f"XDG_{name}_HOME"] = str(folder / name.lower())
                work = folder / "work"
                work.mkdir()
                corpus = Round(draw, work)
                for _ in range(20):
                    if time.monotonic() > until:
                        break
                    command, kind = draw.choice(COMMANDS), draw.choice(sorted(SIGNALS))
                    figures.signals[kind] += 1
                    figures.commands[command] += 1
                    corpus.attack(command, draw, SIGNALS[kind], figures)
            seed += 1
    except SoakError as error:
        print(f"seed {seed}, {command}, {kind}: {error}")
        return 1
    seconds = sorted(figures.seconds)
    note(f"{figures.signals.total()} rounds: {dict(sorted(figures.signals.items()))}")
    note(f"commands: {dict(sorted(figures.commands.items()))}")
    note(f"exit codes: {dict(sorted(figures.codes.items()))}")
    if seconds:
        note(f"to end: median {seconds[len(seconds) // 2]:.2f} s, at most {seconds[-1]:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

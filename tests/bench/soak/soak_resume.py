"""Runs that are killed and signalled at random, resumed, killed while resuming, resumed again.

    python -m tests.bench.soak.soak_resume [--minutes M | --runs N] [--seed S]

Each round asks a deep question of a random corpus, undisturbed. Then it asks again, ends that
process at a random moment by SIGKILL, SIGINT, SIGTERM or SIGHUP, and resumes it, ending three
resumes in four as well, until one gets through. Most are ended soon after the record has grown.
After every end ``runs verify`` must find the record right; at the end DAG and answer must be those
of the undisturbed run. A fault is printed with the seed that shows it again; the rounds go on.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.bench.harness import DOCSEARCH, run_process, scratch
from tests.bench.soak.span import read_span
from tests.generated import make_corpus

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RUNS_A_CORPUS = 10
MOST_RESUMES = 12
SIZES = (40, 90, 300)
# What is said of a record whose process was killed before its first event was in it.
NOT_BEGUN = ("holds no event", "was not written by docsearch")
AFTER_WRITING_S = 0.25


class Corpus:
    """An indexed corpus, and commands that are run on it."""

    def __init__(self, folder: Path, draw: random.Random) -> None:
        self.folder = folder
        self.words = make_corpus(draw, folder / "docs", SIZES)
        self.counts: Counter[str] = Counter()
        run_process([DOCSEARCH, "index", "docs", "--quiet"], cwd=folder)

    def command(self, *words: str) -> dict[str, Any]:
        """Run a command to its end and return its JSON."""
        ended = subprocess.run(
            [DOCSEARCH, *words, "--json"], cwd=self.folder, capture_output=True, check=False
        )
        document: dict[str, Any] = json.loads(ended.stdout)
        return document

    def disturb(self, draw: random.Random, words: list[str], within_s: float) -> None:
        """Start a command and end it at a random moment."""
        process = subprocess.Popen(
            [DOCSEARCH, *words, "--json"],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        chosen = draw.choice(SIGNALS)
        if draw.random() < 0.85:
            before = self._written()
            while process.poll() is None and self._written() == before:
                time.sleep(0.002)
            within_s = AFTER_WRITING_S
        with suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0, within_s))
            return
        self.counts[signal.Signals(chosen).name] += 1
        process.send_signal(chosen)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            self.counts["did not end within 20 s"] += 1
            process.kill()
            process.wait()

    def runs(self) -> set[str]:
        """Return the ids of the recorded runs."""
        folder = self.folder / ".docsearch" / "runs"
        return {path.name for path in folder.iterdir()} if folder.is_dir() else set()

    def _written(self) -> list[int]:
        """Return the sizes of all records: one that grows is being written."""
        folder = self.folder / ".docsearch" / "runs"
        sizes = []
        for path in sorted(folder.glob("*/run.db*")):
            with suppress(FileNotFoundError):
                sizes.append(path.stat().st_size)
        return sizes

    def check_one(self, draw: random.Random) -> Iterator[str]:
        """Ask once undisturbed and once disturbed, and yield what does not hold."""
        question = " ".join(["common", *draw.choices(self.words, k=draw.randint(1, 5))])
        flags = ["--max-agents", str(draw.choice((12, 30, 100))), "--no-cache"]
        flags += ["--workers", str(draw.choice((1, 2)))]
        ask = ["ask", question, "--deep", *flags]
        started = time.monotonic()
        whole = self.command(*ask)["data"]["run_id"]
        within_s = 1.2 * (time.monotonic() - started)
        expected = self.command("runs", "verify", whole)["data"]
        before = self.runs()
        self.disturb(draw, ask, within_s)
        for run_id in self.runs() - before:
            yield from self._resume_to_its_end(draw, run_id, expected, within_s)

    def _resume_to_its_end(
        self, draw: random.Random, run_id: str, expected: dict[str, Any], within_s: float
    ) -> Iterator[str]:
        for resumes in range(MOST_RESUMES):
            found = self.command("runs", "verify", run_id)
            if found["status"] != "success":
                if resumes == 0 and any(
                    said in found["errors"][0]["message"] for said in NOT_BEGUN
                ):
                    self.counts["killed before its first event"] += 1
                    return
                yield f"after {resumes} resumes: {found['errors'][0]['message']}"
                return
            if found["data"]["status"] == "complete":
                self.counts["complete"] += 1
                if any(found["data"][name] != expected[name] for name in ("dag", "answer")):
                    yield f"after {resumes} resumes: another result"
                return
            is_last = resumes == MOST_RESUMES - 1
            if is_last or draw.random() < 0.25:
                self.command("resume", run_id, "--no-cache")
            else:
                self.disturb(draw, ["resume", run_id, "--no-cache"], within_s)
            self.counts["resumes"] += 1
        if self.command("runs", "verify", run_id)["data"]["status"] != "complete":
            yield f"after {MOST_RESUMES} resumes: it is not complete"


def main() -> int:
    """Run, and say what did not hold."""
    span = read_span(__doc__)
    faults, counts = 0, Counter[str]()
    for seed in span.corpora():
        with scratch() as folder:
            corpus = Corpus(folder, random.Random(seed))
            for number in span.runs(RUNS_A_CORPUS):
                for fault in corpus.check_one(random.Random(f"{seed}/{number}")):
                    faults += 1
                    print(f"--seed {seed} --runs {number + 1}: {fault}")
            counts.update(corpus.counts)
    print(f"{span.done} runs, {faults} faults; {dict(sorted(counts.items()))}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""A thousand steps on workers that are killed at random: none is lost, nothing is left behind.

    python -m tests.bench.soak.soak_kills [--steps N] [--seed S]

The steps run through the coordinator on the local engine, with an agent's real work, while another
thread kills a random worker every few milliseconds. Every step must end exactly once, in the order
of dispatch, with its result (a step whose worker was killed too often ends as poison, and is
counted). Afterwards no worker is alive and no descriptor is open.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from docsearch_cli.engine.coordinator import Coordinator, EngineLimits
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.steps import (
    Dispatch,
    Finish,
    Instruction,
    PlannedStep,
    StepFailed,
    StepSucceeded,
)
from tests.step_work import ScriptedWork

WORKERS = 4
WINDOW = 8
# Rare enough that a step seldom meets it twice, often enough for some hundred kills.
KILL_EVERY_S = 0.1


@dataclass(slots=True)
class CountingPlan:
    """Sends so many steps, some at a time, and notes how each ended."""

    count: int
    sent: int = 0
    ended: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    def start(self) -> list[Instruction]:
        """Send the first."""
        return self._advance()

    def handle(self, event: StepSucceeded[bytes] | StepFailed) -> list[Instruction]:
        """Note an end and send the next."""
        self.ended.append(event.number)
        if isinstance(event, StepFailed):
            self.failed.append(event.number)
        return self._advance()

    def _advance(self) -> list[Instruction]:
        sent: list[Instruction] = []
        while self.sent < self.count and self.sent - len(self.ended) < WINDOW:
            self.sent += 1
            step = PlannedStep(self.sent, "traverse", str(self.sent), 0, 1.0, None, 0, "")
            sent.append(Dispatch(step))
        return sent if sent or self.sent > len(self.ended) else [Finish("frontier_empty")]


class NoRecorder:
    """Keeps nothing."""

    def commit(self, ended: StepRecord | None, drops: Any, sent: Any) -> None:
        """Keep nothing."""

    def keep(self, ended: Any) -> None:
        """Keep nothing."""


class Killer(threading.Thread):
    """Kills a random worker again and again until it is told to stop."""

    def __init__(self, engine: LocalEngine, seed: int) -> None:
        super().__init__(daemon=True)
        self._engine = engine
        self._draw = random.Random(seed)
        self.is_over = threading.Event()
        self.kills = 0

    def run(self) -> None:
        """Kill."""
        while not self.is_over.wait(self._draw.uniform(0, 2 * KILL_EVERY_S)):
            pids = self._engine.worker_pids()
            with suppress(ProcessLookupError, IndexError):
                os.kill(self._draw.choice(pids), signal.SIGKILL)
                self.kills += 1


def main() -> int:
    """Run, and say what did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--steps", type=int, default=1_000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    before = psutil.Process().num_fds()
    engine = LocalEngine(WORKERS, "tests.fixtures.steps")
    engine.start()
    plan, killer = CountingPlan(options.steps), Killer(engine, options.seed)
    coordinator = Coordinator(
        plan,
        engine,
        EngineLimits(attempts=6, step_timeout_s=20, deadline_s=600),
        NoRecorder(),
        None,
        ScriptedWork("test.sleep@1", prepare=lambda _: b"0.01"),
    )
    started = time.monotonic()
    killer.start()
    reason = coordinator.run()
    killer.is_over.set()
    killer.join()
    pids = list(engine.worker_pids())
    engine.close()
    seconds = time.monotonic() - started
    left = [child.pid for child in psutil.Process().children(recursive=True)]
    tries = Counter(len(record.attempts) for record in coordinator.records.values())
    faults = []
    if plan.ended != list(range(1, options.steps + 1)) or reason != "frontier_empty":
        faults.append(f"{len(plan.ended)} of {options.steps} steps ended, the run by {reason}")
    if left or any(psutil.pid_exists(pid) for pid in pids):
        faults.append(f"processes are left: {left}")
    if psutil.Process().num_fds() > before:
        faults.append("descriptors are left open")
    if len(plan.failed) > options.steps / 50:
        faults.append(f"{len(plan.failed)} steps ended as poison")
    print(
        f"{options.steps} steps, {killer.kills} workers killed in {seconds:.1f} s; "
        f"tries a step: {dict(sorted(tries.items()))}, poison: {len(plan.failed)}"
    )
    for fault in faults:
        print(f"seed {options.seed}: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""A thousand steps on a pool whose workers are killed and stopped at random, without coordinator.

    python -m tests.bench.soak.soak_pool [--steps N] [--seed S]

The steps are echoes of up to a megabyte, waits, and steps that leave a process behind. While they
run, a random worker is killed or stopped every few steps. What ends badly is submitted again, so
that every step must end well, exactly once and with its own output. Afterwards no process of any
session that a worker had is alive, and no descriptor is open.

The seed decides the steps and which worker is hit; when it is hit depends on the machine.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import StepCall, StepOutcome

WORKERS = 4
# Often enough for some hundred hits, rare enough that workers come to run something.
HIT_SHARE = 0.25
# Short, because each worker that is stopped costs so much.
TIMEOUT_S = 1.0
# A thousand steps take less than a minute; one that does not end in this time hangs.
MOST_S = 110.0
# After the end, for processes that are being killed.
GONE_S = 5.0


@dataclass(slots=True)
class Soak:
    """What was asked for, and what has come of it."""

    calls: dict[int, StepCall]
    draw: random.Random
    waiting: list[int]
    running: set[int] = field(default_factory=set)
    ended: Counter[int] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    sessions: set[int] = field(default_factory=set)
    """Every worker that was seen; each has a session of its own."""
    faults: list[str] = field(default_factory=list)

    def take(self, outcome: StepOutcome) -> None:
        """Note how a try ended; what did not end well is tried again."""
        number = outcome.number
        self.counts[outcome.status] += 1
        if number not in self.running:
            self.faults.append(f"step {number} ended without being submitted")
        self.running.discard(number)
        if outcome.status in ("crash", "timeout"):
            self.waiting.append(number)
            return
        call = self.calls[number]
        self.ended[number] += 1
        if outcome.status != "ok":
            self.faults.append(f"step {number} ended as {outcome.status}: {outcome.error}")
        elif call.function == "test.echo@1" and outcome.output != call.payload:
            self.faults.append(f"step {number} gave the output of another")

    def hit(self, engine: LocalEngine) -> None:
        """Kill a random worker, now and then stop it instead."""
        pid = self.draw.choice(engine.worker_pids())
        number = signal.SIGSTOP if self.draw.random() < 0.1 else signal.SIGKILL
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            self.counts[number.name] += 1


def make_call(number: int, draw: random.Random) -> StepCall:
    """Draw a step."""
    kind = draw.choices(("echo", "sleep", "leave_a_child"), (6, 3, 1))[0]
    payload = b""
    if kind == "echo":
        payload = draw.randbytes(draw.choice((0, 100, 10_000, 1_000_000)))
    elif kind == "sleep":
        payload = str(draw.uniform(0, 0.05)).encode()
    return StepCall(number, f"test.{kind}@1", payload, TIMEOUT_S)


def run_steps(engine: LocalEngine, soak: Soak) -> None:
    """Submit and poll until every step has ended, or too much time has gone by."""
    until = time.monotonic() + MOST_S
    while soak.waiting or soak.running:
        if time.monotonic() > until:
            soak.faults.append(f"{len(soak.waiting) + len(soak.running)} steps do not end")
            return
        while soak.waiting and engine.free_slots() > 0:
            number = soak.waiting.pop(0)
            soak.running.add(number)
            engine.submit(soak.calls[number])
        soak.sessions.update(engine.worker_pids())
        for outcome in engine.poll(0.5):
            soak.take(outcome)
            if soak.draw.random() < HIT_SHARE:
                soak.hit(engine)


def members(sessions: set[int]) -> list[int]:
    """Return the living processes of these sessions."""
    found: list[int] = []
    for process in psutil.process_iter(["status"]):
        with suppress(OSError, psutil.Error):
            is_dead = process.info["status"] == psutil.STATUS_ZOMBIE
            if not is_dead and os.getsid(process.pid) in sessions:
                found.append(process.pid)
    return sorted(found)


def main() -> int:
    """Run, and say what did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--steps", type=int, default=1_000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    calls = {number: make_call(number, draw) for number in range(1, options.steps + 1)}
    soak = Soak(calls, draw, list(calls))
    before = psutil.Process().num_fds()
    engine = LocalEngine(WORKERS, "tests.fixtures.steps")
    started = time.monotonic()
    engine.start()
    try:
        run_steps(engine, soak)
    finally:
        soak.sessions.update(engine.worker_pids())
        engine.close()
    seconds = time.monotonic() - started
    wrong = [number for number in calls if soak.ended[number] != 1]
    if wrong:
        soak.faults.append(f"{len(wrong)} steps did not end exactly once: {wrong[:5]}")
    until = time.monotonic() + GONE_S
    while (left := members(soak.sessions)) and time.monotonic() < until:
        time.sleep(0.05)
    if left:
        soak.faults.append(f"processes are left: {left}")
    if psutil.Process().num_fds() != before:
        soak.faults.append("descriptors are left open")
    counts = ", ".join(f"{count} {name}" for name, count in sorted(soak.counts.items()))
    print(f"{options.steps} steps on {len(soak.sessions)} workers in {seconds:.1f} s: {counts}")
    for fault in soak.faults:
        print(f"seed {options.seed}: {fault}")
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())

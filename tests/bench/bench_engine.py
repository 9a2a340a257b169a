"""What the engine costs beside an agent's own work, and how far a large run goes.

    python -m tests.bench.bench_engine [--index DIR]

1. Steps that do nothing (2 workers, 4 KB in and out): the round trip through the local pool and
   through the standard library's, and a step's whole way through the coordinator with its record.
2. The start of the pool: until ``start`` returns, and until a worker has answered.
3. With ``--index`` (a large one): runs of 250 to 2,000 agents on it, in one process; time and
   memory a step, size of the record. The stop for want of new findings is off for these: with it
   no run is that long.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from docsearch_cli.config import load_settings
from docsearch_cli.engine.coordinator import Coordinator, EngineLimits
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import StepCall
from docsearch_cli.engine.step_record import StepRecord
from docsearch_cli.explore import plan as plan_module
from docsearch_cli.explore.facts import intent_facts
from docsearch_cli.explore.intent import Intent
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.store import open_index
from docsearch_cli.runs.catalog import DATABASE, run_folder
from docsearch_cli.runs.recorder import RunRecorder
from docsearch_cli.search.deep import DeepSearch
from docsearch_cli.search.engines import REGISTRY
from docsearch_cli.search.result import AskOptions, SearchObserver
from tests.bench.harness import save_results, scratch, show_machine, show_table, verdict
from tests.bench.soak.soak_kills import CountingPlan
from tests.step_work import ScriptedWork

WORKERS = 2
STEPS = 2_000
PAYLOAD = b"x" * 4_096
TARGET_MS = 0.5
AGENTS = (250, 500, 1_000, 2_000)
TARGET_RECORD_MB = 20
QUESTION = (
    "How do I create, configure, use, monitor, update, secure, encrypt, copy, share and delete "
    "a service?"
)


def echo(payload: bytes) -> bytes:
    """Do nothing; what the standard pool runs."""
    return payload


def round_trips() -> tuple[float, float]:
    """Return the median of one call at a time, in microseconds: ours, and the standard pool's."""
    ours, theirs = [], []
    engine = LocalEngine(WORKERS, "tests.fixtures.steps")
    engine.start()
    try:
        for number in range(1, STEPS + 1):
            started = time.perf_counter()
            engine.submit(StepCall(number, "test.echo@1", PAYLOAD, 20))
            while not engine.poll(1):
                pass
            ours.append(time.perf_counter() - started)
    finally:
        engine.close()
    with ProcessPoolExecutor(WORKERS) as pool:
        for _ in range(STEPS):
            started = time.perf_counter()
            pool.submit(echo, PAYLOAD).result()
            theirs.append(time.perf_counter() - started)
    return statistics.median(ours) * 1e6, statistics.median(theirs) * 1e6


def step_ms(folder: Path) -> float:
    """Return the median time between two commits, in milliseconds, with record and digests."""
    engine = LocalEngine(WORKERS, "tests.fixtures.steps")
    engine.start()
    recorder = RunRecorder.create(folder, {"question": "", "created_at": ""})
    commits: list[float] = []

    def note(_record: StepRecord) -> None:
        commits.append(time.perf_counter())

    coordinator = Coordinator(
        CountingPlan(STEPS),
        engine,
        EngineLimits(attempts=3, step_timeout_s=20, deadline_s=600),
        recorder,
        None,
        ScriptedWork(
            "test.echo@1",
            prepare=lambda step: step.subject.encode() + PAYLOAD,
            observe=note,
        ),
    )
    try:
        coordinator.run()
    finally:
        recorder.close()
        engine.close()
    pairs = itertools.pairwise(commits)
    return statistics.median(later - earlier for earlier, later in pairs) * 1e3


def pool_start_ms() -> tuple[float, float]:
    """Return the median time until the pool's start returns, and until it has answered."""
    returned, answered = [], []
    for _ in range(9):
        started = time.perf_counter()
        engine = LocalEngine(WORKERS, REGISTRY)
        engine.start()
        returned.append(time.perf_counter() - started)
        engine.submit(StepCall(1, "nobody", b"", 20))
        while not engine.poll(1):
            pass
        answered.append(time.perf_counter() - started)
        engine.close()
    return statistics.median(returned) * 1e3, statistics.median(answered) * 1e3


def own_memory() -> int:
    """Return the bytes of this process that are not pages of files, as those of the index are."""
    memory = psutil.Process().memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def long_run(home: Path, agents: int) -> dict[str, Any]:
    """Search with many agents and say what it took."""
    limits = {"max_agents": agents, "max_depth": 8, "fan_out": 20, "seeds": 50, "deadline_s": 900}
    settings = load_settings({**limits, "workers": WORKERS, "frontier": 5_000}).without_look()
    options = AskOptions(settings=settings, mode="deep", use_cache=False)
    index = open_index(home)
    scored = ScoredQuestion(index, QUESTION)
    engine = LocalEngine(WORKERS, REGISTRY)
    engine.start()
    before = own_memory()
    started = time.perf_counter()
    try:
        search = DeepSearch(home, scored, options, engine, SearchObserver())
        result = search.run(
            intent_facts(scored), Intent("deep", "asked for by --deep"), [], started
        )
    finally:
        engine.close()
    seconds = time.perf_counter() - started
    return {
        "agents": len(result.steps),
        "stop": result.stop_reason,
        "seconds": seconds,
        "ms_a_step": seconds * 1e3 / max(1, len(result.steps)),
        "grown_mb": (own_memory() - before) / 1e6,
        "record_mb": (run_folder(home, result.run_id or "") / DATABASE).stat().st_size / 1e6,
    }


def main() -> int:
    """Measure and print; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--index", type=Path, help="a .docsearch folder, for the long runs")
    options, _ = parser.parse_known_args()
    show_machine()
    ours, theirs = round_trips()
    with scratch() as folder:
        whole = step_ms(folder)
    start, first = pool_start_ms()
    show_table(
        f"steps that do nothing, {WORKERS} workers, 4 KB, median of {STEPS:,}",
        ("what", "time", "target"),
        [
            ("round trip, local engine", f"{ours:.0f} us", ""),
            ("round trip, ProcessPoolExecutor", f"{theirs:.0f} us", ""),
            (
                "commit to commit, with record",
                f"{whole:.2f} ms",
                verdict(whole, TARGET_MS, at_most=True),
            ),
            ("pool: start returns", f"{start:.0f} ms", ""),
            ("pool: first answer", f"{first:.0f} ms", ""),
        ],
    )
    results: dict[str, Any] = {
        "round_trip_us": ours,
        "standard_round_trip_us": theirs,
        "step_ms": whole,
        "pool_start_ms": start,
        "pool_first_answer_ms": first,
    }
    missed = whole > TARGET_MS
    if options.index is not None:
        plan_module.NO_GAIN_STEPS = 10**9
        runs = [long_run(options.index, agents) for agents in AGENTS]
        show_table(
            "long runs",
            ("agents", "stop", "s", "ms a step", "memory grown, MB", "record, MB"),
            [
                (
                    f"{run['agents']:,}",
                    str(run["stop"]),
                    f"{run['seconds']:.1f}",
                    f"{run['ms_a_step']:.1f}",
                    f"{run['grown_mb']:.0f}",
                    f"{run['record_mb']:.1f}",
                )
                for run in runs
            ],
        )
        results["long_runs"] = runs
        missed = missed or any(run["record_mb"] > TARGET_RECORD_MB for run in runs)
    save_results("engine", results)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

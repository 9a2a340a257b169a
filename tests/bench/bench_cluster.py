"""What a cluster costs and gains, beside the local pool in the same run; all on this machine.

    python -m tests.bench.bench_cluster [--full]

1. Steps that do nothing (4 KB in and out): the way to a worker and back, one at a time and as many
   at once as there is room for, with the processor time of command, scheduler and worker; the same
   as tasks of Dask, which are what is sent where a worker is out of reach, and through the local
   pool; and a function of Python's own through Dask with nothing of docsearch.
2. Steps of 2, 10 and 50 ms (the processor works for so long): steps a second with one and two
   workers, and with as many processes of the local pool.
3. An index of the 2,809 pages of aws-docs-qa, built here and by two workers (with --full).
4. 2WikiMultihopQA in a batch: by the local pool and by two workers; all 559 questions with --full.

Scheduler, workers and the command share the cores, so what a second machine would add is not seen:
the numbers say what the way costs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import psutil

from docsearch_cli.batch.units import run_units
from docsearch_cli.cluster.engine import DaskEngine
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import Engine, StepCall
from docsearch_cli.index.store import open_index
from tests.bench.harness import (
    DOCSEARCH,
    corpus_of,
    indexed,
    run_process,
    save_results,
    scratch,
    set_is_here,
    show_machine,
    show_table,
    spread,
    verdict,
)
from tests.clusters import RealCluster, real_cluster

STEPS = "tests.fixtures.steps"
PAYLOAD = b"x" * 4_096
TARGET_MS = 15.0
MEASURED = 60
BUSY_MS = (2, 10, 50)


@contextmanager
def engines(workers: int) -> Iterator[dict[str, Any]]:
    """The dask engine on a cluster of so many workers, and a local pool of the same size."""
    with tempfile.TemporaryDirectory() as name, real_cluster(Path(name), workers) as cluster:
        local = LocalEngine(workers, STEPS)
        with closing(cluster.engine(STEPS)) as dask, closing(local):
            found: dict[str, Engine] = {"dask": dask, "local": local}
            for engine in found.values():  # children are there before anything is measured
                engine.start()
                list(run_units(engine, calls("echo", PAYLOAD, 4 * workers)))
            yield found


def calls(function: str, payload: bytes, count: int) -> list[StepCall]:
    """Return so many calls of a function."""
    return [StepCall(number, f"test.{function}@1", payload, 60) for number in range(count)]


def round_trips(engine: Engine) -> list[float]:
    """Return the milliseconds of each step, one after the other."""
    taken = []
    for call in calls("echo", PAYLOAD, MEASURED):
        began = time.perf_counter()
        list(run_units(engine, [call]))
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def bare_round_trips(engine: DaskEngine) -> list[float]:
    """Return the milliseconds of ``len(b"x")`` on the cluster, one after the other."""
    (worker, *_) = engine.cluster.workers().values()
    taken = []
    for number in range(MEASURED):
        began = time.perf_counter()
        engine.cluster.submit(worker, f"bare-{number}", len, b"x").result()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def measure_way() -> list[dict[str, Any]]:
    """Measure steps that do nothing."""
    rows = []
    with tempfile.TemporaryDirectory() as name, real_cluster(Path(name)) as cluster:
        made: dict[str, Engine] = {
            "dask": cluster.engine(STEPS),
            "dask, as tasks": cluster.engine(STEPS, is_direct=False),
            "local": LocalEngine(1, STEPS),
        }
        for label, engine in made.items():
            with closing(engine):
                engine.start()
                list(run_units(engine, calls("echo", PAYLOAD, 4)))
                rows.append({"engine": label, **way_of(engine, cluster)})
                if label == "dask":
                    bare = bare_round_trips(cast("DaskEngine", engine))
        rows.append(
            {"engine": "dask alone", "median_ms": statistics.median(bare), "least_ms": min(bare)}
        )
    return rows


def way_of(engine: Engine, cluster: RealCluster) -> dict[str, float]:
    """Measure an engine's way: one step after the other, then many at once."""
    alone = round_trips(engine)
    count = 3 * MEASURED
    cpu_began, began = processor_seconds(cluster), time.perf_counter()
    list(run_units(engine, calls("echo", PAYLOAD, count)))
    return {
        "median_ms": statistics.median(alone),
        "least_ms": min(alone),
        "at_once_ms": (time.perf_counter() - began) * 1000 / count,
        "cpu_ms": (processor_seconds(cluster) - cpu_began) * 1000 / count,
    }


def processor_seconds(cluster: RealCluster) -> float:
    """Return what this process, the scheduler, the workers and their children have used so far."""
    here = psutil.Process()
    roots = [here, *(psutil.Process(end.pid) for end in (cluster.scheduler, *cluster.workers))]
    everyone = {each for root in roots for each in (root, *root.children(recursive=True))}
    return sum(sum(each.cpu_times()[:2]) for each in everyone)


def measure_steps() -> list[dict[str, Any]]:
    """Measure steps a second, for steps that work for a while."""
    rows = []
    for workers in (1, 2):
        with engines(workers) as found:
            for milliseconds in BUSY_MS:
                for name, engine in found.items():
                    count = max(20, 1_000 // milliseconds)
                    payload = json.dumps(milliseconds / 1000).encode()
                    began = time.perf_counter()
                    list(run_units(engine, calls("sleep", payload, count)))
                    rows.append(
                        {
                            "engine": name,
                            "workers": workers,
                            "step_ms": milliseconds,
                            "steps_per_s": count / (time.perf_counter() - began),
                        }
                    )
    return rows


def measure_batch(most: int | None) -> list[dict[str, Any]]:
    """Measure a batch of questions."""
    _, questions = corpus_of("2wikimultihopqa")
    lines = [json.dumps(question) for question in spread(questions, most)]
    rows: list[dict[str, Any]] = []
    with scratch() as place, real_cluster(place, 2) as cluster:
        (place / "q.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        home = indexed("2wikimultihopqa", place, indexes=None)
        for name, words in {
            "local": ["--workers", "2"],
            "dask": ["--engine", "dask", "--scheduler", cluster.address],
        }.items():
            out = str(place / f"{name}.jsonl")
            line = [DOCSEARCH, "ask", "--batch", "q.jsonl", "--out", out, "--deep", "--no-cache"]
            done = run_process([*line, "--index", str(home), *words], cwd=place)
            rows.append({"engine": name, "questions": len(lines), "seconds": done.seconds})
        texts = [bare_lines(place / f"{name}.jsonl") for name in ("local", "dask")]
        rows[1]["equal"] = texts[0] == texts[1]
    return rows


def bare_lines(path: Path) -> list[Any]:
    """Return what was found, without times and names of runs."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [(row["id"], row["data"]["evidence"], row["data"]["documents"]) for row in rows]


def measure_index() -> list[dict[str, Any]]:
    """Measure the build of an index."""
    folder, _ = corpus_of("aws-docs-qa")
    rows: list[dict[str, Any]] = []
    with scratch() as place, real_cluster(place, 2) as cluster:
        for name, words in {
            "local": [],
            "dask": ["--engine", "dask", "--scheduler", cluster.address],
        }.items():
            line = [DOCSEARCH, "index", str(folder), "--index", name, *words]
            seconds = run_process(line, cwd=place).seconds
            made = open_index(place / name / ".docsearch")
            facts = {"documents": made.counts["documents"], "digest": made.digest[:12]}
            rows.append({"engine": name, "seconds": seconds, **facts})
        rows[1]["equal"] = rows[0]["digest"] == rows[1]["digest"]
    return rows


def show(title: str, rows: list[dict[str, Any]]) -> None:
    """Print what was measured."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cell(row.get(column, "")) for column in columns] for row in rows]
    show_table(title, columns, cells)


def _cell(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def main() -> int:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--full", action="store_true", help="all questions, and an index")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    show_machine()
    parts = {"way": measure_way, "steps": measure_steps}
    if set_is_here("2wikimultihopqa"):
        parts["batch"] = partial(measure_batch, None if options.full else 40)
    if options.full and set_is_here("aws-docs-qa"):
        parts["index"] = measure_index
    results: dict[str, Any] = {}
    for name, measure in parts.items():
        began_at = os.getloadavg()[0]
        results[name] = measure()
        show(f"{name} (load {began_at:.0f} to {os.getloadavg()[0]:.0f})", results[name])
        save_results("cluster", results)  # what is measured stays if the rest is not
    (dask,) = (row for row in results["way"] if row["engine"] == "dask")
    print(f"a step's way, many at once: {verdict(dask['at_once_ms'], TARGET_MS, at_most=True)}")
    differing = [name for name, rows in results.items() if not rows[-1].get("equal", True)]
    for name in differing:
        print(f"{name}: the cluster gave something else than this machine")
    return 1 if differing or dask["at_once_ms"] > TARGET_MS else 0


if __name__ == "__main__":
    sys.exit(main())

"""Random corpora and questions, until the time is over: any number of workers gives one result.

    python -m tests.bench.soak.soak_workers [--minutes M] [--seed S]

Each round makes a corpus from one seed, indexes it and asks deep questions with random limits: with
1, 2 and 4 workers and no cache, then twice with the cache. All five answers must be the same
JSON, apart from the fields that may differ. What every answer must keep to is checked too: the
budget, one visit a page, depth, fan-out, quotes that stand in the file where they say; and the run
must replay. The first fault ends the soak, with the seed that shows it again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.harness import DOCSEARCH, ROOT, BenchError, run_process, scratch
from tests.generated import make_corpus

WORKERS = (1, 2, 4)
QUESTIONS = 2
# What may differ between two runs of one question, as the design says.
VOLATILE = {"timings_ms", "ms", "cached", "run_id"}


class SoakError(Exception):
    """Something that must hold does not."""


def ask(index: list[str], question: str, flags: list[str]) -> dict[str, Any]:
    """Ask with the command and return the whole JSON document."""
    done = run_process([DOCSEARCH, "ask", question, "--deep", "--json", *flags, *index])
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def stable(value: Any) -> Any:
    """Return a JSON value without the fields that may differ."""
    if isinstance(value, dict):
        return {key: stable(inner) for key, inner in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [stable(inner) for inner in value]
    return value


def expect_same(first: dict[str, Any], other: dict[str, Any], what: str) -> None:
    """Compare two answers.

    Args:
        first: The answer with one worker.
        other: Another.
        what: How it was made.

    Raises:
        SoakError: If they differ; the message names the first field that does.
    """
    left, right = stable(first), stable(other)
    if json.dumps(left) != json.dumps(right):
        raise SoakError(f"{what} gives another answer than one worker: {difference(left, right)}")


def difference(left: Any, right: Any, place: str = "") -> str:
    """Return the first place where two JSON values differ, with both values."""
    if isinstance(left, dict) and isinstance(right, dict) and list(left) == list(right):
        pairs = [(f"{place}.{key}", left[key], right[key]) for key in left]
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = [(f"{place}[{n}]", *both) for n, both in enumerate(zip(left, right, strict=True))]
    else:
        return f"{place}: {json.dumps(left)[:300]} and {json.dumps(right)[:300]}"
    for inner, one, two in pairs:
        if json.dumps(one) != json.dumps(two):
            return difference(one, two, inner)
    return "nothing"


def expect_limits(data: dict[str, Any], docs: Path, limits: dict[str, int]) -> None:
    """Check what every answer must keep to.

    Args:
        data: Of the answer.
        docs: The corpus.
        limits: What was asked for.

    Raises:
        SoakError: If a limit was passed, a page opened twice, or a quote is not in its file.
    """
    visits = [step for step in data["steps"] if step["kind"] == "traverse"]
    if not len(visits) == data["budget"]["agents_used"] <= limits["max-agents"]:
        raise SoakError(f"{len(visits)} agents of {limits['max-agents']}")
    nodes = Counter(step["node"] for step in visits)
    if any(count > 1 for count in nodes.values()):
        raise SoakError(f"opened twice: {nodes.most_common(1)[0][0]}")
    if any(step["depth"] > limits["max-depth"] for step in visits):
        raise SoakError("a step is deeper than --max-depth")
    children = Counter(step["parent"] for step in visits if step["depth"] > 0)
    if any(count > limits["fan-out"] for count in children.values()):
        raise SoakError(f"more children than --fan-out: {children.most_common(1)[0]}")
    for item in data["evidence"]:
        lines = (docs / item["path"]).read_bytes().decode("utf-8").split("\n")
        between = "\n".join(lines[item["line_start"] - 1 : item["line_end"]])
        if item["quote"] not in between:
            raise SoakError(f"{item['path']}:{item['line_start']} does not hold its quote")


def one_round(seed: int, work: Path) -> int:
    """Make, index, ask and compare.

    Args:
        seed: Decides everything.
        work: Empty folder.

    Returns:
        How many agents were used, to show that there was something to compare.
    """
    draw = random.Random(seed)
    docs, index = work / "docs", ["--index", str(work / "index")]
    words = make_corpus(draw, docs)
    run_process([DOCSEARCH, "index", str(docs), "--quiet", *index])
    used = 0
    for _ in range(QUESTIONS):
        question = " ".join(["common", *draw.choices(words, k=draw.randint(1, 6))])
        limits = {
            "max-agents": draw.choice((0, 1, 5, 20, 20, 60)),
            "max-depth": draw.choice((0, 1, 3, 3, 5)),
            "fan-out": draw.choice((0, 1, 3, 3, 8)),
            "seeds": draw.randint(1, 8),
        }
        flags = [word for name, value in limits.items() for word in (f"--{name}", str(value))]
        answers = [
            ask(index, question, [*flags, "--no-cache", "--workers", str(count)])
            for count in WORKERS
        ]
        for count, answer in zip(WORKERS[1:], answers[1:], strict=True):
            expect_same(answers[0], answer, f"--workers {count}")
        for cache in ("cold", "warm"):
            expect_same(answers[0], ask(index, question, flags), f"a {cache} cache")
        expect_limits(answers[0]["data"], docs, limits)
        run_process([DOCSEARCH, "replay", answers[-1]["data"]["run_id"], "--quiet", *index])
        used += answers[0]["data"]["budget"]["agents_used"]
    return used


def source_times() -> dict[str, int]:
    """Return when each file of the package was last written."""
    package = ROOT / "docsearch_cli"
    return {str(path): path.stat().st_mtime_ns for path in package.rglob("*.py")}


def main() -> int:
    """Go on until the time is over or something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="how long (1)")
    parser.add_argument("--seed", type=int, help="do this one round only")
    options = parser.parse_args()
    first = options.seed if options.seed is not None else time.time_ns() % 1_000_000_000
    until = time.monotonic() + options.minutes * 60
    rounds = used = 0
    while True:
        seed = first + rounds
        source = source_times()
        try:
            with scratch() as work:
                used += one_round(seed, work)
        except (SoakError, BenchError) as error:
            print(f"seed {seed}: {error}")
            if source_times() != source:
                print("the source was edited during this round: try it again before you believe it")
            print(f"again: python -m tests.bench.soak.soak_workers --seed {seed}")
            return 1
        rounds += 1
        if options.seed is not None or time.monotonic() >= until:
            break
    print(
        f"{rounds} random corpora from seed {first}, {rounds * QUESTIONS} questions, "
        f"{used} agents: one result for {', '.join(map(str, WORKERS))} workers and with the cache"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Whole commands in cold processes, on aws-docs-qa, next to other ways to ask, and where time goes.

python -m tests.bench.bench_startup [--runs N]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.harness import (
    DOCSEARCH,
    Measurement,
    eval_is_here,
    import_times,
    load_questions,
    measure,
    note,
    run_process,
    save_results,
    scratch,
    show_machine,
    show_table,
    unpacked,
    verdict,
)

SET = "aws-docs-qa"
# Seconds, from the issue that asked for this bench.
TARGETS = {"--help": 0.15, "ask --simple": 0.35, "ask --deep, cold cache": 1.2}
USUAL = str(Path(__file__).with_name("rank_bm25_usual.py"))


def measure_all(folder: Path, work: Path, runs: int) -> list[Measurement]:
    """Measure every command.

    Args:
        folder: The unpacked set.
        work: Where the index is and other files may go.
        runs: Processes a command; each asks another question.

    Returns:
        One measurement a command.
    """
    questions = [row["question"] for row in load_questions(folder)]
    index = ["--index", str(work / "index")]
    deep = ["--deep", "--max-agents", "20", *index]

    def asked(flags: Sequence[str]) -> Callable[[int], list[str]]:
        return lambda number: [DOCSEARCH, "ask", questions[number % len(questions)], *flags]

    def run(name: str, command: Callable[[int], Sequence[str]], **more: Any) -> Measurement:
        note(name)
        return measure(name, command, runs, **more)

    note("rank-bm25: building the pickle")
    pickled = work / "usual.pickle"
    run_process([sys.executable, USUAL, "build", str(folder / "docs"), str(pickled)])
    found = [
        run("python -c pass", lambda _: [sys.executable, "-c", "pass"]),
        run("--version", lambda _: [DOCSEARCH, "--version"]),
        run("--help", lambda _: [DOCSEARCH, "--help"]),
        run("ask --simple", asked(["--simple", *index])),
        run(
            "ask --deep, cold cache",
            asked(deep),
            before=lambda _: run_process([DOCSEARCH, "cache", "clear", *index]),
        ),
        run(
            "ask --deep, warm cache",
            asked(deep),
            before=lambda number: run_process(asked(deep)(number)),
        ),
    ]
    run_id = newest_run(index)
    found += [
        run("replay RUN", lambda _: [DOCSEARCH, "replay", run_id, *index]),
        run("replay RUN --step 1", lambda _: [DOCSEARCH, "replay", run_id, "--step", "1", *index]),
        run(
            "rank-bm25, pickled",
            lambda number: [sys.executable, USUAL, "query", str(pickled), questions[number]],
        ),
    ]
    if shutil.which("rg"):
        found.append(
            run(
                "rg, any word",
                lambda number: ["rg", "-il", any_word(questions[number]), str(folder / "docs")],
            )
        )
    else:
        note("rg is not installed: left out")
    return found


def newest_run(index: Sequence[str]) -> str:
    """Return the id of the last recorded run."""
    listed = run_process([DOCSEARCH, "runs", "list", "--limit", "1", "--json", *index])
    return str(json.loads(listed.stdout)["data"]["runs"][0]["run_id"])


def any_word(question: str) -> str:
    """Return a pattern for any longer word of a question."""
    words = {word for word in question.split() if len(word) > 4 and word.isalnum()}
    return "|".join(sorted(words)) or question.split()[0]


def break_down(folder: Path, work: Path) -> list[dict[str, Any]]:
    """Find where the time of each command goes.

    Args:
        folder: The unpacked set.
        work: Where the index is.

    Returns:
        One row a command: milliseconds by package under ``-X importtime``, and the command's own
        timings.
    """
    question = load_questions(folder)[0]["question"]
    index = ["--index", str(work / "index")]
    deep = ["ask", question, "--deep", "--no-cache", *index]
    commands: dict[str, list[str]] = {
        "--help": ["--help"],
        "--version": ["--version"],
        "ask --simple": ["ask", question, "--simple", *index],
        "ask --deep": deep,
        "replay RUN --step 1": ["replay", newest_run(index), "--step", "1", *index],
    }
    bare = import_times(["-c", "pass"])
    rows = []
    for name, words in commands.items():
        note(f"imports of {name}")
        spent = import_times([DOCSEARCH, *words])
        # What any Python program imports is the interpreter's, not ours.
        ours = {package: ms for package, ms in spent.items() if package not in bare}
        timings: dict[str, float] = {}
        if words[0] == "ask":
            answer = json.loads(run_process([DOCSEARCH, *words, "--json"]).stdout)
            timings = answer["data"]["timings_ms"]
        rows.append({"name": name, "imports_ms": ours, "timings_ms": timings})
    return rows


def main() -> int:
    """Measure, print, save; the times of a shared machine decide no exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=9, help="processes a command (9)")
    runs = parser.parse_known_args()[0].runs
    if not eval_is_here():
        return 0
    folder = unpacked(SET)
    with scratch() as work:
        note(f"indexing {SET}")
        index = ["--index", str(work / "index")]
        run_process([DOCSEARCH, "index", str(folder / "docs"), "--quiet", *index])
        show_machine()
        measured = measure_all(folder, work, runs)
        parts = break_down(folder, work)
    show_table(
        f"whole command, {runs} cold processes, {SET}",
        ("command", "median s", "min s", "max s", "RSS MiB", "target"),
        [
            (
                item.name,
                f"{item.median:.3f}",
                f"{min(item.seconds):.3f}",
                f"{max(item.seconds):.3f}",
                f"{item.rss_mib:.0f}",
                verdict(item.median, TARGETS.get(item.name), at_most=True),
            )
            for item in measured
        ],
    )
    print("imports under -X importtime, which slows them by about a half (ms by package)")
    for row in parts:
        spent = row["imports_ms"]
        ours = sum(ms for name, ms in spent.items() if name.startswith("docsearch_cli"))
        top = ", ".join(
            f"{name.replace('docsearch_cli', '')} {ms:.0f}" for name, ms in list(spent.items())[:10]
        )
        print(f"  {row['name']:<20} {sum(spent.values()):4.0f}, ours {ours:3.0f}:   {top}")
    print("\nafter imports, as the command itself measures (ms)")
    for row in parts:
        if row["timings_ms"]:
            steps = ", ".join(f"{name} {ms:.0f}" for name, ms in row["timings_ms"].items())
            print(f"  {row['name']:<20} {steps}")
    print()
    save_results("startup", {"measured": [item.to_dict() for item in measured], "breakdown": parts})
    return 0


if __name__ == "__main__":
    sys.exit(main())

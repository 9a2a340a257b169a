"""How time, memory and size grow with the corpus, on corpora grown from the AWS documentation.

    python -m tests.bench.bench_scale [--full | --quick] [--sections N,N] [--runs N]

Up to 300,000 sections about ten minutes on two cores; ``--full`` adds a million and needs 6 GB of
disk, ``--quick`` stops at 10,000. An exponent is the slope of the line through the logarithms of
the figures, by least squares: 1 is twice as much for twice the sections. Small corpora draw it
down, since what a command costs before it reads anything counts as much for all.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.bench_index import size_mib
from tests.bench.grow_corpus import Grown, grow
from tests.bench.harness import (
    DOCSEARCH,
    Measurement,
    load_questions,
    measure,
    note,
    run_process,
    save_results,
    scratch,
    set_is_here,
    show_machine,
    show_table,
    spread,
    unpacked,
    verdict,
)
from tests.bench.seed_corpus import Seed, read_seed, seed_folder

SIZES = (10_000, 30_000, 100_000, 300_000)
QUICK_SIZES = (3_000, 10_000)
FULL_SIZE = 1_000_000
# Asked of any size: real people's questions about what the corpora are grown from.
QUESTIONS_OF = "aws-docs-qa"
RANDOM_SEED = 1
MOST_EXPONENT = 1.1
MOST_INDEX_SHARE = 1.5
MOST_SIMPLE_S = 0.6
MOST_DEEP_S = 2.0
MOST_ASKING_MIB = 1024.0


@dataclass(frozen=True, slots=True)
class Row:
    """One size of corpus."""

    sections: int
    """As the index counts them."""
    documents: int
    edges: int
    text_mib: float
    grow_s: float
    index_s: float
    index_rss_mib: float
    """All processes of the command together, as everywhere here."""
    index_mib: float
    simple_s: float
    simple_rss_mib: float
    deep_s: float
    deep_rss_mib: float

    @property
    def share(self) -> float:
        """Size of the index, in sizes of the text."""
        return self.index_mib / self.text_mib


def measure_size(seed: Seed, sections: int, questions: Sequence[str], runs: int, work: Path) -> Row:
    """Grow one corpus, index it and ask it.

    Args:
        seed: What it is grown from.
        sections: About how many sections.
        questions: One more than runs, so that no search finds the steps of an earlier one.
        runs: Cold processes that are asked.
        work: Folder for corpus and index; what is put there is removed.

    Returns:
        The figures.
    """
    corpus, home = work / f"corpus-{sections}", work / f"index-{sections}"
    note(f"{sections:,} sections: growing")
    started = time.perf_counter()
    grown: Grown = grow(seed, corpus, sections, RANDOM_SEED)
    grow_s = time.perf_counter() - started
    index = ["--index", str(home)]
    note(f"{sections:,} sections: indexing {grown.documents:,} files")
    words = [DOCSEARCH, "index", str(corpus), "--json", *index]
    built = run_process(words, whole_tree=True)
    counts = json.loads(built.stdout)["data"]["counts"]
    # Before asking: runs and cached steps lie beside the index and are no part of it.
    index_mib = size_mib(home)
    note(f"{sections:,} sections: asking")

    def asked(name: str, *flags: str) -> Measurement:
        return measure(
            name,
            lambda number: [DOCSEARCH, "ask", questions[number], *flags, *index],
            runs,
            whole_tree=True,
        )

    simple = asked("simple", "--simple")
    deep = asked("deep", "--deep", "--max-agents", "20")
    for folder in (corpus, home):
        shutil.rmtree(folder)
    return Row(
        sections=counts["sections"],
        documents=counts["documents"],
        edges=counts["edges"],
        text_mib=round(grown.bytes / (1 << 20), 2),
        grow_s=round(grow_s, 2),
        index_s=round(built.seconds, 3),
        index_rss_mib=round(built.rss_mib, 1),
        index_mib=round(index_mib, 2),
        simple_s=round(simple.median, 4),
        simple_rss_mib=round(simple.rss_mib, 1),
        deep_s=round(deep.median, 4),
        deep_rss_mib=round(deep.rss_mib, 1),
    )


def exponent(sizes: Sequence[float], figures: Sequence[float]) -> float:
    """Return how figures grow with sizes: the slope of their logarithms by least squares."""
    fitted = statistics.linear_regression(
        [math.log(size) for size in sizes], [math.log(figure) for figure in figures]
    )
    return fitted.slope


def targets_of(rows: Sequence[Row]) -> list[tuple[str, float, float]]:
    """Return each target's name, what was measured (of several, the worst) and the most allowed."""
    sizes = [row.sections for row in rows]
    found = [
        ("index, size in sizes of the text", max(row.share for row in rows), MOST_INDEX_SHARE),
        ("ask --simple, seconds", max(row.simple_s for row in rows), MOST_SIMPLE_S),
        ("ask --deep, seconds", max(row.deep_s for row in rows), MOST_DEEP_S),
        (
            "asking, memory MiB",
            max(max(row.simple_rss_mib, row.deep_rss_mib) for row in rows),
            MOST_ASKING_MIB,
        ),
    ]
    if len(rows) > 1:
        figures = {
            "index, time": [row.index_s for row in rows],
            "index, memory": [row.index_rss_mib for row in rows],
            "index, size": [row.index_mib for row in rows],
            "ask --simple, time": [row.simple_s for row in rows],
            "ask --simple, memory": [row.simple_rss_mib for row in rows],
            "ask --deep, time": [row.deep_s for row in rows],
            "ask --deep, memory": [row.deep_rss_mib for row in rows],
        }
        found += [
            (f"exponent of {name}", exponent(sizes, values), MOST_EXPONENT)
            for name, values in figures.items()
        ]
    return found


def main() -> int:
    """Measure, print, save; an index that is too large is exit code 1, times decide none."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--full", action="store_true", help=f"also {FULL_SIZE:,} sections")
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--sections", default="", help="sizes, by commas")
    parser.add_argument("--runs", type=int, default=5, help="processes a command (5)")
    options = parser.parse_known_args()[0]
    folder = seed_folder()
    if folder is None or not set_is_here(QUESTIONS_OF):
        return 0
    if options.sections:
        sizes = tuple(int(size) for size in options.sections.split(","))
    else:
        sizes = QUICK_SIZES if options.quick else SIZES + (FULL_SIZE,) * options.full
    asked = spread(load_questions(unpacked(QUESTIONS_OF)), options.runs + 1)
    questions = [asked[place % len(asked)]["question"] for place in range(options.runs + 1)]
    show_machine()
    note("reading what to grow from")
    seed = read_seed(folder)
    with scratch() as work:
        rows = [measure_size(seed, size, questions, options.runs, work) for size in sizes]
    show_table(
        f"whole commands in cold processes, median of {options.runs} questions; "
        "memory of all processes together",
        (
            "sections",
            "documents",
            "edges",
            "text MiB",
            "index s",
            "sections/s",
            "RSS MiB",
            "index MiB",
            "x text",
            "simple s",
            "RSS MiB",
            "deep s",
            "RSS MiB",
        ),
        [
            (
                f"{row.sections:,}",
                f"{row.documents:,}",
                f"{row.edges:,}",
                f"{row.text_mib:.1f}",
                f"{row.index_s:.1f}",
                f"{row.sections / row.index_s:,.0f}",
                f"{row.index_rss_mib:.0f}",
                f"{row.index_mib:.1f}",
                f"{row.share:.2f}",
                f"{row.simple_s:.2f}",
                f"{row.simple_rss_mib:.0f}",
                f"{row.deep_s:.2f}",
                f"{row.deep_rss_mib:.0f}",
            )
            for row in rows
        ],
    )
    targets = targets_of(rows)
    show_table(
        "targets, at every size",
        ("", "measured", "target"),
        [
            (name, f"{value:.2f}", verdict(value, most, at_most=True))
            for name, value, most in targets
        ],
    )
    save_results(
        "scale",
        {
            "rows": [asdict(row) for row in rows],
            "targets": [
                {"name": name, "measured": round(value, 4), "at_most": most}
                for name, value, most in targets
            ],
        },
    )
    return int(max(row.share for row in rows) > MOST_INDEX_SHARE)


if __name__ == "__main__":
    sys.exit(main())

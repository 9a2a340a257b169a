"""The keyword index beside rank-bm25: load, one question, scores that agree.

    python -m tests.bench.bench_keyword [SECTIONS]

Sections of 100 words drawn from a Zipf-like vocabulary by a fixed seed, less its most common words
(a real index drops stop words); questions of five words of one section.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from docsearch_cli.retrieval.bm25 import SectionBM25
from docsearch_cli.retrieval.keyword import best_hits, load_keyword_index, save_keyword_index
from docsearch_cli.retrieval.postings import PostingSource, count_terms

WORDS = 100
STOP_RANKS = 150
VOCABULARY = 500_000
QUESTIONS = 200
# rank-bm25 takes seconds for these; a few show the ratio.
SLOW_QUESTIONS = 5


def generate(sections: int) -> tuple[list[list[str]], list[list[str]]]:
    """Return the sections' tokens and the questions."""
    draw = np.random.default_rng(7)
    ranks = draw.zipf(1.1, size=(sections, WORDS * 3))
    ranks = np.where(ranks > STOP_RANKS, STOP_RANKS + ranks % VOCABULARY, 0)
    texts = [[f"w{rank}" for rank in row if rank][:WORDS] for row in ranks.tolist()]
    pick = random.Random(7)
    questions = [pick.sample(pick.choice(texts), 5) for _ in range(QUESTIONS)]
    return texts, questions


def main() -> None:
    """Build, load, ask, compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("sections", nargs="?", type=int, default=100_000, help="how many (100,000)")
    sections: int = parser.parse_args().sections
    texts, questions = generate(sections)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        rows = np.arange(len(texts), dtype=np.int32)
        save_keyword_index(folder, [PostingSource(count_terms(texts), rows)])
        build_s = time.perf_counter() - started
        started = time.perf_counter()
        index = load_keyword_index(folder)
        load_ms = (time.perf_counter() - started) * 1000
        times: list[float] = []
        for question in questions:
            started = time.perf_counter()
            best_hits(index.scores(question), 20)
            times.append((time.perf_counter() - started) * 1000)
        size_mb = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        model = SectionBM25(texts)
        slow: list[float] = []
        furthest = 0.0
        for question in questions[:SLOW_QUESTIONS]:
            started = time.perf_counter()
            expected = model.get_scores(question)
            slow.append((time.perf_counter() - started) * 1000)
            furthest = max(furthest, float(np.abs(expected - index.scores(question)).max()))
    fast_ms, slow_ms = statistics.median(times), statistics.median(slow)
    print(f"{sections:,} sections: built in {build_s:.1f} s, {size_mb:.0f} MB")
    print(f"opened in {load_ms:.1f} ms; one question {fast_ms:.2f} ms, rank-bm25 {slow_ms:.0f} ms")
    print(f"scores differ by at most {furthest:.1e}")


if __name__ == "__main__":
    main()

"""Fit the weights of the fan-in's ranking (``explore/aggregate.py``) on public question sets.

python -m tests.bench.fit_ranking INDEXES [INDEXES ...]

INDEXES is a folder with one index a set, ``ix-<set>``; give one made with a model beside one made
without, so that one set of weights serves both. The weights are searched by coordinates: R@5 and a
fifth of R@2, the mean over sets, with a penalty for each point of R@5 below what documents are
worth alone. Printed are the weights, every set's R@5 before and after, and each set's R@5 with
weights that were fitted on the other sets.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.config import load_settings
from docsearch_cli.explore.findings import AggregateInput
from docsearch_cli.explore.ranking import document_features
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask
from docsearch_cli.search.deep import DeepSearch
from docsearch_cli.search.result import AskOptions
from tests.bench.harness import (
    eval_is_here,
    load_questions,
    note,
    question_sets,
    show_table,
    unpacked,
)

NAMES = ("adds", "together")
STEPS = (-0.3, -0.1, -0.03, 0.03, 0.1, 0.3)
PENALTY = 6.0
# A set of fifty questions says less than one of five hundred.
FULL_SET = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One set: a question a row, a document a column, padded.

    Shapes:
        worths: (n_questions, n_documents), -inf where there is no document.
        extras: (n_questions, n_documents, 2).
        gold: (n_questions, n_documents) of 0 and 1.
        golds: (n_questions,), how many gold documents there are.
    """

    worths: NDArray[np.float64]
    extras: NDArray[np.float64]
    gold: NDArray[np.float64]
    golds: NDArray[np.float64]

    def recall(self, weights: NDArray[np.float64], k: int) -> float:
        """Return the mean share of the gold documents among the first k, in percent."""
        scores = self.worths + self.extras @ weights
        first = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(self.gold, first, axis=1).sum(axis=1)
        return float(100 * np.mean(found / self.golds))


def ask_set(index_folder: Path, questions: Sequence[dict[str, Any]]) -> Asked:
    """Explore for every question and keep what the fan-in looked at."""
    home = index_folder / ".docsearch"
    index = open_index(home)
    options = AskOptions(load_settings({}), "deep", "inline", use_cache=False, record=False)
    seen: list[AggregateInput] = []
    run_fixed = DeepSearch._run_fixed

    def spy(self: Any, recorder: Any, kind: str, function: str, facts: Any) -> bytes:
        if kind == "aggregate":
            seen.append(AggregateInput.from_dict(json.loads(json.dumps(facts))))
        return run_fixed(self, recorder, kind, function, facts)

    DeepSearch._run_fixed = spy  # type: ignore[method-assign]
    try:
        rows = []
        for question in questions:
            seen.clear()
            ask(home, index, question["question"], options)
            rows.append(document_features(seen[0]) if seen else {})
    finally:
        DeepSearch._run_fixed = run_fixed  # type: ignore[method-assign]
    width = max(map(len, rows))
    worths = np.full((len(rows), width), -np.inf)
    extras = np.zeros((len(rows), width, len(NAMES)))
    gold = np.zeros((len(rows), width))
    for row, (found, question) in enumerate(zip(rows, questions, strict=True)):
        for column, path in enumerate(sorted(found)):
            worths[row, column], *extras[row, column] = found[path]
            gold[row, column] = path in question["gold"]
    return Asked(worths, extras, gold, np.array([len(q["gold"]) for q in questions], float))


def fit(sets: Mapping[str, Asked]) -> NDArray[np.float64]:
    """Return the weights that serve all sets best."""
    alone = np.zeros(len(NAMES))
    before = {name: asked.recall(alone, 5) for name, asked in sets.items()}

    def value(weights: NDArray[np.float64]) -> float:
        total = 0.0
        for name, asked in sets.items():
            at_5 = asked.recall(weights, 5)
            gain = at_5 + 0.2 * asked.recall(weights, 2)
            share = min(1.0, (len(asked.golds) / FULL_SET) ** 0.5)
            total += share * (gain - PENALTY * max(0.0, before[name] - at_5))
        return total

    best = alone.copy()
    top = value(best)
    improved = True
    while improved:
        improved = False
        for place in range(len(NAMES)):
            for step in STEPS:
                tried = best.copy()
                tried[place] = max(0.0, round(tried[place] + step, 2))
                if (found := value(tried)) > top + 1e-9:
                    best, top, improved = tried, found, True
    return best


def main() -> int:
    """Fit, and print what it gives."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("indexes", nargs="+", type=Path, metavar="INDEXES")
    options = parser.parse_args()
    if not eval_is_here():
        return 0
    sets: dict[str, Asked] = {}
    for place, folder in enumerate(options.indexes):
        for name in question_sets():
            note(f"{folder.name}: {name}")
            sets[f"{place}:{name}"] = ask_set(folder / f"ix-{name}", load_questions(unpacked(name)))
    weights = fit(sets)
    print(dict(zip(NAMES, weights.tolist(), strict=True)))
    rows = []
    for name, asked in sets.items():
        others = {other: s for other, s in sets.items() if other[2:] != name[2:]}
        numbers = (asked.recall(w, 5) for w in (np.zeros(len(NAMES)), weights, fit(others)))
        rows.append((name, *(f"{number:.1f}" for number in numbers)))
    show_table("R@5 in percent", ("set", "alone", "fitted", "fitted on the others"), rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Is "not found in these documents" said of the right questions?

python -m tests.bench.bench_not_found [--sets NAME,NAME] [--limit N] [--model NAME] [--indexes DIR]

Each set is asked its own questions, which have an answer, and some of every other set, which have
none there, and those of ``everyday.txt``, of no set's subject; ``corpora/fenwick`` and
``corpora/vault`` also their unanswerable ones, which are on
their own subject. Printed beside the precision and recall of the product's limits is what a limit
gives that was fitted on the other sets alone: the highest that loses at most one in a hundred of
their questions. INDEXES is a folder with indexes made before, ``ix-<set>``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.explore.answerability import gather_verdict_facts, judge, margin
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import prepare_question
from tests.bench.harness import (
    OWN_CORPORA,
    corpus_of,
    eval_is_here,
    indexed,
    note,
    question_sets,
    save_results,
    scratch,
    show_machine,
    show_table,
    spread,
)

_JUDGED = ("set", "own", "lost", "foreign", "precision", "recall", "everyday", "unanswerable")
COLUMNS = (*_JUDGED, "fitted", "lost", "recall")
EVERYDAY = Path(__file__).resolve().parent / "everyday.txt"
# Questions that each set is lent of every other one.
LENT = 20
# Share of the answerable questions, mean over sets, that a fitted limit may lose.
MOST_LOST = 0.01


@dataclass(frozen=True, slots=True)
class Judged:
    """The margins of one set's questions, as ``verdict.margin`` gives them; -9 for no word."""

    name: str
    own: tuple[float, ...]
    """Of those that have an answer."""
    foreign: tuple[float, ...]
    """Of other sets' questions."""
    everyday: tuple[float, ...]
    """Of questions of everyday life."""
    unanswerable: tuple[float, ...]
    """Of those on its subject that have none."""

    def lost(self, limit: float) -> float:
        """Return the share of its own questions below a limit."""
        return sum(value < limit for value in self.own) / len(self.own)

    def caught(self, limit: float) -> float:
        """Return the share of foreign questions below a limit."""
        return sum(value < limit for value in self.foreign) / len(self.foreign)

    def precision(self, limit: float) -> float:
        """Return the share of foreign questions among all below a limit."""
        right = sum(value < limit for value in self.foreign)
        flagged = right + sum(value < limit for value in self.own)
        return right / flagged if flagged else 1.0


def margins(home: Path, questions: Sequence[dict[str, Any]]) -> tuple[float, ...]:
    """Return the margin of each question against an index."""
    index = open_index(home)
    found: list[float] = []
    for question in questions:
        prepared = prepare_question(index, question["question"])
        facts = gather_verdict_facts(prepared.scored, prepared.facts)
        value = margin(facts) if facts.best_share else -9.0
        if (value >= 0) != judge(facts).found:
            raise AssertionError("the margin and the verdict differ")
        found.append(value)
    return tuple(found)


def judge_set(
    name: str, home: Path, questions: Mapping[str, Sequence[dict[str, Any]]], limit: int
) -> Judged:
    """Ask a set its own questions and some of every other set."""
    own = [row for row in questions[name] if row["gold"]]
    foreign = [
        row
        for other in sorted(questions)
        if other != name
        for row in spread([row for row in questions[other] if row["gold"]], LENT)
    ]
    return Judged(
        name,
        margins(home, spread(own, limit)),
        margins(home, foreign),
        margins(home, [{"question": line} for line in EVERYDAY.read_text("utf-8").splitlines()]),
        margins(home, [row for row in questions[name] if not row["gold"]]),
    )


def fitted_limit(judged: Sequence[Judged]) -> float:
    """Return the highest limit that loses, over some sets, as few of their questions as it may."""
    limits = sorted({round(value, 3) for item in judged for value in item.own})
    kept = [
        limit
        for limit in limits
        if sum(item.lost(limit) for item in judged) / len(judged) <= MOST_LOST
    ]
    return kept[-1] if kept else limits[0]


def row_of(item: Judged, others: Sequence[Judged]) -> list[str]:
    """Return a set's row of the table."""
    limit = fitted_limit(others) if others else 0.0
    unanswerable = len(item.unanswerable)
    flagged = sum(value < 0 for value in item.unanswerable)
    return [
        item.name,
        str(len(item.own)),
        f"{100 * item.lost(0):.1f}",
        str(len(item.foreign)),
        f"{100 * item.precision(0):.1f}",
        f"{100 * item.caught(0):.1f}",
        f"{100 * sum(value < 0 for value in item.everyday) / len(item.everyday):.1f}",
        f"{flagged} of {unanswerable}" if unanswerable else "-",
        f"{limit:+.3f}",
        f"{100 * item.lost(limit):.1f}",
        f"{100 * item.caught(limit):.1f}",
    ]


def main() -> int:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sets", default="", help="names, by commas (all)")
    parser.add_argument("--limit", type=int, default=200, help="most own questions of a set")
    parser.add_argument("--model", help="index with embeddings of this model")
    parser.add_argument("--indexes", type=Path, help="folder with ix-<set>, to make none")
    options = parser.parse_known_args()[0]
    if not eval_is_here():
        return 0
    show_machine()
    names = options.sets.split(",") if options.sets else [*question_sets(), *OWN_CORPORA]
    questions = {name: corpus_of(name)[1] for name in names}
    judged: list[Judged] = []
    with scratch() as work:
        for name in names:
            home = indexed(name, work, indexes=options.indexes, model=options.model)
            note(f"{name}: asking")
            judged.append(judge_set(name, home, questions, options.limit))
    show_table(
        '"not found": own questions lost, others\' and unanswerable ones noticed, in percent',
        COLUMNS,
        [row_of(item, [other for other in judged if other is not item]) for item in judged],
    )
    print(
        f"mean: lost {100 * sum(item.lost(0) for item in judged) / len(judged):.1f}, "
        f"recall {100 * sum(item.caught(0) for item in judged) / len(judged):.1f}; "
        "fitted: a limit from the other sets, beside the product's\n"
    )
    save_results("not-found", {"model": options.model, "sets": judged})
    return 0


if __name__ == "__main__":
    sys.exit(main())

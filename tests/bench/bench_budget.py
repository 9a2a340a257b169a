"""What a budget buys: exploring beside the keyword ranking read as deep, and where gold is lost.

python -m tests.bench.bench_budget [--sets NAME,NAME] [--limit N] [--agents N,N,...]
                                   [--model NAME|--indexes FOLDER]

For each set and budget: R@5, All@5 and Ans of the search, and of as many agents that open the next
pages of the keyword ranking and follow no edge (``docsearch eval --losses``). Exploring that finds
less than that, or than the simple search, has spent its agents for nothing: such a row is *behind*,
and the bench ends with 1. Sets that are not beside the project are left out.

FOLDER holds ready indexes, ``ix-<set>``; with --model they are made here with embeddings.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from docsearch_cli.config import load_settings
from docsearch_cli.evaluation.asking import ask_questions
from docsearch_cli.evaluation.loss_scores import BudgetLosses, Found, Losses, score_losses
from docsearch_cli.evaluation.measures import score_questions
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.index.store import open_index
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

AGENTS = (5, 10, 20, 40)
# The budget whose losses are shown: the default one, if it is measured.
SHOWN_AGENTS = 20
# A few hundred questions cannot show a smaller difference.
NEAR = 0.01


@dataclass(frozen=True, slots=True)
class Row:
    """One set under one budget."""

    name: str
    questions: int
    simple: Found
    budget: BudgetLosses

    @property
    def behind(self) -> list[str]:
        """What finds more with as many agents or with none; empty if nothing does."""
        found = self.budget.explored
        others = {"kw": self.budget.keyword_reading, "simple": self.simple}
        return [name for name, other in others.items() if other and _is_less(found, other)]

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table."""
        budget = self.budget
        return (
            self.name,
            str(self.questions),
            str(budget.max_agents),
            f"{budget.agents_used:.1f}",
            *_cells(budget.explored),
            *_cells(budget.keyword_reading),
            ", ".join(f"behind {name}" for name in self.behind),
        )

    def loss_cells(self) -> tuple[str, ...]:
        """Return the row of the table of losses."""
        budget = self.budget
        no_edge = budget.reasons.get("not_reached", {}).get("no_edge", 0.0)
        shares = (
            self.simple.recall_at_5,
            budget.explored.recall_at_5,
            budget.stages["not_quoted"],
            budget.stages["not_ranked"],
            budget.stages["not_seeded"],
            budget.stages["not_reached"] - no_edge,
            no_edge,
            budget.best_ranking,
            budget.keyword_documents,
        )
        return (self.name, *map(_percent, shares))


def _is_less(found: Found, other: Found) -> bool:
    pairs = [
        (found.recall_at_5, other.recall_at_5),
        (found.all_at_5, other.all_at_5),
        (found.answers_found or 0.0, other.answers_found or 0.0),
    ]
    return any(round(more - less, 4) > NEAR for less, more in pairs)


def _cells(found: Found | None) -> tuple[str, ...]:
    assert found is not None  # budget 0 has no row of its own
    return tuple(map(_percent, (found.recall_at_5, found.all_at_5, found.answers_found)))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def gold_questions(name: str, limit: int | None) -> list[GoldQuestion]:
    """Return the questions of a set that have gold documents, at even distances."""
    rows = [row for row in corpus_of(name)[1] if row["gold"]]
    return [
        GoldQuestion(
            str(row["id"]),
            row["question"],
            tuple(row["gold"]),
            tuple(item for item in (row.get("answer"), *(row.get("aliases") or ())) if item),
        )
        for row in spread(rows, limit)
    ]


def measure_set(home: Path, questions: list[GoldQuestion], agents: list[int]) -> Losses:
    """Return what is found and lost under each budget, and without agents."""
    budgets = [0, *agents]
    index = open_index(home)
    asked = ask_questions(home, index, questions, load_settings({}), budgets, with_losses=True)
    return score_losses(asked, budgets, score_questions(asked, budgets))


def main() -> int:
    """Measure, print, save; a row that is behind is exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sets", default="", help="names, by commas (all that are here)")
    parser.add_argument("--limit", type=int, help="ask N questions of each set")
    parser.add_argument("--agents", default=",".join(map(str, AGENTS)), help="budgets, by commas")
    parser.add_argument("--model", help="make indexes with embeddings of this model")
    parser.add_argument("--indexes", type=Path, help="ready indexes, ix-<set>")
    options = parser.parse_known_args()[0]
    names = options.sets.split(",") if options.sets else [*OWN_CORPORA]
    if not options.sets and eval_is_here():
        names += question_sets()
    agents = sorted({int(part) for part in options.agents.split(",")})
    show_machine()
    found: dict[str, Losses] = {}
    with scratch() as work:
        for name in names:
            home = indexed(name, work, indexes=options.indexes, model=options.model)
            questions = gold_questions(name, options.limit)
            note(f"{name}: {len(questions)} questions under {len(agents)} budgets")
            found[name] = measure_set(home, questions, agents)
    rows = [
        Row(name, losses.questions, losses.budgets[0].explored, budget)
        for name, losses in found.items()
        for budget in losses.budgets[1:]
    ]
    scores = ("R@5", "All@5", "Ans")
    show_table(
        "exploring, and the keyword ranking read by as many agents (kw), percent",
        ("set", "n", "agents", "used", *scores, *(f"kw {name}" for name in scores), ""),
        [row.cells() for row in rows],
    )
    shown = SHOWN_AGENTS if SHOWN_AGENTS in agents else agents[-1]
    columns = ("simple", "deep", "not quoted", "not ranked", "not seeded", "edge seen", "no edge")
    show_table(
        f"where gold documents are lost with {shown} agents, percent; R@5, and what it could be at "
        "best by ranking what was opened, and as many documents of the keyword ranking",
        ("set", *columns, "ranked best", "kw"),
        [row.loss_cells() for row in rows if row.budget.max_agents == shown],
    )
    save_results(
        "budget",
        {
            "limit": options.limit,
            "model": options.model,
            "sets": {name: losses.to_dict() for name, losses in found.items()},
        },
    )
    behind = [row for row in rows if row.behind]
    for row in behind:
        print(f"{row.name}, {row.budget.max_agents} agents: behind {' and '.join(row.behind)}")
    return int(bool(behind))


if __name__ == "__main__":
    sys.exit(main())

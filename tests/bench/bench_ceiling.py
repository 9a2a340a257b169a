"""What a language model could find at best: an oracle in its place, beside the local agent.

python -m tests.bench.bench_ceiling [--sets NAME,NAME] [--limit N] [--agents 5,10,20,40]

The oracle (``oracle_model.py``) sees what a model is shown, and knows which pages are gold and what
the answer is. What it does not find, no model can: the page was shown by no edge, the budget was
used up, the answer stood in no sentence that was shown. A model that chooses badly finds less.
Nothing is sent anywhere.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from docsearch_cli.config import load_settings
from docsearch_cli.evaluation.asking import AskedQuestion, ask_questions
from docsearch_cli.evaluation.explorer import Explorer
from docsearch_cli.evaluation.loss_scores import Losses, score_losses
from docsearch_cli.evaluation.measures import Evaluation, score_questions
from docsearch_cli.evaluation.model_scores import ModelScores, score_model
from docsearch_cli.evaluation.questions import load_questions
from docsearch_cli.index.store import open_index
from tests.bench.harness import (
    OWN_CORPORA,
    folder_of,
    indexed,
    note,
    question_sets,
    save_results,
    scratch,
    set_is_here,
    show_machine,
    show_table,
    spread,
)
from tests.bench.oracle_model import MODEL, Oracle, shown_to_oracle

COLUMNS = ("set", "n", "agents", "R@5", "95 %", "local", "All@5", "local", "Ans", "95 %", "local",
    "in gold", "pages", "local", "requests", "tokens")  # fmt: skip
# Where a gold document or its answer is lost, in the words of the table, by stage and reason.
LOSSES = {
    "no edge to it in any view": ("not_reached", "no_edge"),
    "edge among those not shown": ("not_reached", "not_proposed"),
    "waited, budget spent": ("not_reached", "budget"),
    "waited, nothing new": ("not_reached", "no_gain"),
    "too deep": ("not_reached", "depth"),
    "fan-out used up": ("not_reached", "fan_out"),
    "in keyword top 20, not opened": ("not_seeded", ""),
    "ranked below five": ("not_ranked", ""),
    "answer not in what may be read": ("not_quoted", "not_read"),
    "answer read, not quoted": ("not_quoted", "read"),
    "answer near a quote": ("not_quoted", "near_quote"),
    "answer on a gold page not opened": ("not_quoted", "not_opened"),
}


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the oracle and the local agent found on one set."""

    name: str
    oracle: Evaluation
    local: Evaluation
    model: ModelScores
    losses: Losses

    def rows(self) -> list[tuple[str, ...]]:
        """Return the rows of the table: one a budget."""
        share = self.losses.answers_in_gold / self.losses.answers if self.losses.answers else None
        rows = []
        for own, local, cost in zip(
            self.oracle.budgets, self.local.budgets, self.model.budgets, strict=True
        ):
            recall, answers = cost.shares["recall_at_5"], cost.shares.get("answers_found")
            rows.append((
                self.name,
                str(self.oracle.scored),
                str(own.max_agents),
                _percent(recall.mean),
                f"{100 * recall.low:.0f}-{100 * recall.high:.0f}",
                _percent(local.recall_at_5),
                _percent(own.all_at_5),
                _percent(local.all_at_5),
                _percent(own.answers_found),
                "-" if answers is None else f"{100 * answers.low:.0f}-{100 * answers.high:.0f}",
                _percent(local.answers_found),
                _percent(share),
                f"{own.documents_opened:.1f}",
                f"{local.documents_opened:.1f}",
                f"{cost.requests.mean:.1f}",
                f"{cost.model_tokens.mean:,.0f}",
            ))  # fmt: skip
        return rows

    def lost(self, place: int) -> dict[str, float]:
        """Return the shares of the gold documents that are lost, by where, for one budget."""
        budget = self.losses.budgets[place]
        found = {}
        for words, (stage, reason) in LOSSES.items():
            share = (
                budget.reasons.get(stage, {}).get(reason, 0.0)  # type: ignore[call-overload]
                if reason
                else budget.stages.get(stage, 0.0)  # type: ignore[call-overload]
            )
            if share:
                found[words] = share
        return found


def measure_set(name: str, home: Path, limit: int | None, budgets: Sequence[int]) -> Ceiling:
    """Ask the oracle and the local agent the questions of a set.

    Args:
        name: The set.
        home: The ``.docsearch`` folder of its index.
        limit: Most questions; None for all.
        budgets: Most agents of each search.

    Returns:
        What they found.
    """
    folder = folder_of(name)
    with_gold = [item for item in load_questions(folder / "questions.jsonl") if item.gold]
    questions = spread(with_gold, limit)
    note(f"{name}: {len(questions)} questions")
    reader = open_index(home)
    settings = load_settings({}, beside=home.parent)
    oracle = Oracle()
    explorer = Explorer("llm", MODEL, models=oracle.source())
    asked: list[AskedQuestion] = []
    with shown_to_oracle():
        for question in questions:
            oracle.about(question)
            asked += ask_questions(
                home, reader, [question], settings, budgets, with_losses=True, explorer=explorer
            )
    own = score_questions(asked, budgets)
    return Ceiling(
        name,
        own,
        score_questions([replace(item, predictions=item.beside) for item in asked], budgets),
        score_model(asked, budgets, is_priced=True),
        score_losses(asked, budgets, own),
    )


def pooled_rows(found: Sequence[Ceiling], budgets: Sequence[int]) -> list[tuple[str, ...]]:
    """Return what the oracle gains on all sets, each counting alike: one row a budget."""
    rows = []
    for place, budget in enumerate(budgets):
        gains = [item.model.budgets[place].gains for item in found]
        means = (
            fmean(gain[name].mean for gain in gains if name in gain)
            for name in ("recall_at_5", "answers_found")
        )
        rows.append((str(budget), *(f"{100 * mean:+.1f}" for mean in means)))
    return rows


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def main() -> int:
    """Ask, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sets", default="", help="names, by commas (all)")
    parser.add_argument("--limit", type=int, help="use N questions of each set")
    parser.add_argument("--agents", default="5,10,20,40", help="budgets, by commas")
    parser.add_argument("--indexes", type=Path, help="folder with ready indexes, ix-<set>")
    options = parser.parse_known_args()[0]
    show_machine()
    budgets = sorted({int(part) for part in options.agents.split(",")})
    names = options.sets.split(",") if options.sets else [*OWN_CORPORA, *_public_sets()]
    found = []
    with scratch() as work:
        for name in names:
            home = indexed(name, work, indexes=options.indexes)
            found.append(measure_set(name, home, options.limit, budgets))
    show_table(
        "an oracle in the model's place, beside the local agent; percent, requests and tokens a "
        "question; in gold: answers that a gold page holds word for word",
        COLUMNS,
        [row for item in found for row in item.rows()],
    )
    show_table("more than the local agent, mean of sets", ("agents", "R@5", "Ans"),
               pooled_rows(found, budgets))  # fmt: skip
    show_table(
        "where gold documents are lost to the oracle, percent of them",
        ("set", "agents", "lost"),
        [
            (item.name, str(budget), "; ".join(f"{100 * s:.1f} {w}" for w, s in lost.items()))
            for item in found
            for place, budget in enumerate(budgets)
            if (lost := item.lost(place))
        ],
    )
    save_results("ceiling", {"limit": options.limit, "sets": {i.name: _saved(i) for i in found}})
    return 0


def _public_sets() -> list[str]:
    return question_sets() if set_is_here("hotpotqa") else []


def _saved(item: Ceiling) -> dict[str, Any]:
    return {
        "oracle": item.oracle.to_dict(),
        "local": item.local.to_dict(),
        "model": [budget.to_dict() for budget in item.model.budgets],
        "losses": asdict(item.losses),
    }


if __name__ == "__main__":
    sys.exit(main())

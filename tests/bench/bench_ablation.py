"""What each part of a deep search is worth: recall without it.

python -m tests.bench.bench_ablation [--sets NAME,NAME] [--limit N] [--model NAME|--indexes FOLDER]

Three families, default settings but for the part in question. *Edges*: views without one kind of
edge, without any, and shuffled: each edge leads to the node that a seeded permutation puts in its
target's place, so that every node keeps its number of edges and their kinds and the graph says
nothing. *Agents*: 5 to 40. *Embeddings*: without and with, where there is an index of each.

FOLDER holds ready indexes with embeddings, ``ix-<set>``; with --model they are made here, which
takes some twenty minutes. Without either there is no third family.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from docsearch_cli.config import load_settings
from docsearch_cli.evaluation.asking import ask_questions
from docsearch_cli.evaluation.measures import BudgetScores, score_questions
from docsearch_cli.evaluation.questions import GoldQuestion
from docsearch_cli.explore import node_step
from docsearch_cli.explore.build_view import build_view
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.view import EdgeView, View
from docsearch_cli.index.reader import IndexReader
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
DEFAULT_AGENTS = 20
DEFAULT = "default"
# What is left out of the views, by kind. A kind that no view has is not run again.
WITHOUT = {
    "no mention": ("mention",),
    "no link": ("link",),
    "no part, next": ("part", "next"),
    "no entity": ("entity",),
    "no follow_up": ("follow_up",),
}
NO_EDGES = "no edges"
SHUFFLED = "shuffled"
SEED = 20_261_125
# More edges than any node has: what is left out makes room for those that did not fit.
_ALL_EDGES = 1_000_000

Edges = Callable[[ScoredQuestion, tuple[EdgeView, ...]], tuple[EdgeView, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One set searched in one way."""

    family: str
    set: str
    variant: str
    scores: BudgetScores

    def cell(self) -> str:
        """Return R@5 and the gold documents that were opened, in percent, and the agents."""
        opened = self.scores.recall_opened or 0.0
        return (
            f"{100 * self.scores.recall_at_5:.1f} {100 * opened:5.1f} "
            f"{self.scores.agents_used:4.1f}"
        )


@dataclass(slots=True)
class Kinds:
    """Leaves edges as they are, and notes which kinds there are."""

    seen: set[str] = field(default_factory=set)

    def __call__(
        self, _scored: ScoredQuestion, edges: tuple[EdgeView, ...]
    ) -> tuple[EdgeView, ...]:
        """Return the edges."""
        self.seen.update(edge.kind for edge in edges)
        return edges


def without(kinds: Sequence[str]) -> Edges:
    """Return what leaves edges of some kinds out."""
    return lambda _scored, edges: tuple(edge for edge in edges if edge.kind not in kinds)


def shuffled(index: IndexReader) -> Edges:
    """Return what leads each edge to another node: the same one for the same target, always."""
    places = np.random.default_rng(SEED).permutation(index.node_count)

    def lead_elsewhere(scored: ScoredQuestion, edges: tuple[EdgeView, ...]) -> tuple[EdgeView, ...]:
        moved = [_led_to(scored, edge, int(places[_row(index, edge)])) for edge in edges]
        moved.sort(key=lambda edge: (-(edge.score + 0.3 * edge.weight), edge.target))
        return tuple(moved)

    return lead_elsewhere


def _row(index: IndexReader, edge: EdgeView) -> int:
    row = index.node_row(edge.target)
    assert row is not None, f"{edge.target} is in a view and not in the index"
    return row


def _led_to(scored: ScoredQuestion, edge: EdgeView, row: int) -> EdgeView:
    """Return an edge as ``explore/build_view.py`` shows it, if it led to another node."""
    index = scored.index
    document = int(index.node_documents[row])
    return replace(
        edge,
        target=index.node_id(row),
        path=index.paths[document],
        title=index.titles[document],
        score=round(min(float(scored.node_scores[row]), 1.0), 2),
        terms=scored.terms_in(row),
    )


@contextmanager
def views_with(change: Edges) -> Iterator[None]:
    """Let agents see other edges for a while."""

    def build(scored: ScoredQuestion, node: int, *, most_edges: int, **more: Any) -> View:
        view = build_view(scored, node, most_edges=_ALL_EDGES, **more)
        edges = change(scored, view.edges)
        return replace(view, edges=edges[:most_edges], edges_total=len(edges))

    assert node_step.build_view is build_view, "views are built elsewhere"
    node_step.build_view = build
    try:
        yield
    finally:
        node_step.build_view = build_view


def measure(
    home: Path, index: IndexReader, questions: Sequence[GoldQuestion], budgets: Sequence[int]
) -> tuple[BudgetScores, ...]:
    """Return the scores of each budget."""
    asked = ask_questions(home, index, questions, load_settings({}), budgets)
    return score_questions(asked, budgets).budgets


def measure_edges(
    name: str, home: Path, index: IndexReader, questions: Sequence[GoldQuestion]
) -> list[Row]:
    """Return a row for each change of the edges."""

    def scored(variant: str, change: Edges) -> Row:
        note(f"{name}: {variant}")
        with views_with(change):
            return Row("edges", name, variant, measure(home, index, questions, [DEFAULT_AGENTS])[0])

    kinds = Kinds()
    rows = [scored(DEFAULT, kinds)]
    rows += [
        scored(variant, without(left_out))
        for variant, left_out in WITHOUT.items()
        if kinds.seen.intersection(left_out)
    ]
    if kinds.seen:
        rows.append(scored(NO_EDGES, without(tuple(kinds.seen))))
        rows.append(scored(SHUFFLED, shuffled(index)))
    return rows


def measure_agents(
    name: str, home: Path, index: IndexReader, questions: Sequence[GoldQuestion]
) -> list[Row]:
    """Return a row for each budget."""
    note(f"{name}: {', '.join(map(str, AGENTS))} agents")
    scores = measure(home, index, questions, AGENTS)
    return [Row("agents", name, str(item.max_agents), item) for item in scores]


def gold_questions(name: str, limit: int | None) -> list[GoldQuestion]:
    """Return the questions of a set that have gold documents, at even distances."""
    rows = [row for row in corpus_of(name)[1] if row["gold"]]
    return [
        GoldQuestion(str(row["id"]), row["question"], tuple(row["gold"]))
        for row in spread(rows, limit)
    ]


def show_family(rows: Sequence[Row], family: str, variants: Sequence[str], title: str) -> None:
    """Print the table of a family: a set a row, a variant a column."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row.family == family:
            found.setdefault(row.set, {})[row.variant] = row
    if not found:
        return
    shown = [name for name in variants if any(name in row for row in found.values())]
    cells = [
        (
            name,
            str(next(iter(row.values())).scores.questions),
            *(row[variant].cell() if variant in row else "=" for variant in shown),
        )
        for name, row in found.items()
    ]
    cells.append(("mean", "", *(_mean_cell(found, variant) for variant in shown)))
    show_table(
        f"{title}: R@5 and gold documents opened, percent; mean agents", ("set", "n", *shown), cells
    )


def _mean_cell(found: Mapping[str, Mapping[str, Row]], variant: str) -> str:
    """Return the mean over sets; one that has no such edges counts as it is."""
    scores = [row.get(variant, next(iter(row.values()))).scores for row in found.values()]
    recall = np.mean([item.recall_at_5 for item in scores])
    opened = np.mean([item.recall_opened or 0.0 for item in scores])
    agents = np.mean([item.agents_used for item in scores])
    return f"{100 * recall:.1f} {100 * opened:5.1f} {agents:4.1f}"


def main() -> int:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sets", default="", help="names, by commas (all)")
    parser.add_argument("--limit", type=int, default=150, help="ask N questions of each set")
    parser.add_argument("--model", help="make indexes with embeddings of this model")
    parser.add_argument("--indexes", type=Path, help="ready indexes with embeddings, ix-<set>")
    options = parser.parse_known_args()[0]
    if not eval_is_here():
        return 0
    show_machine()
    names = options.sets.split(",") if options.sets else [*question_sets(), *OWN_CORPORA]
    rows: list[Row] = []
    with scratch() as work:
        for name in names:
            questions = gold_questions(name, options.limit)
            home = indexed(name, work / "words", indexes=None)
            index = open_index(home)
            rows += measure_edges(name, home, index, questions)
            rows += measure_agents(name, home, index, questions)
            if options.model or options.indexes:
                plain = next(row for row in rows if row.set == name and row.variant == DEFAULT)
                home = indexed(name, work / "vectors", indexes=options.indexes, model=options.model)
                note(f"{name}: with embeddings")
                scores = measure(home, open_index(home), questions, [DEFAULT_AGENTS])
                rows.append(Row("embeddings", name, "keywords", plain.scores))
                rows.append(Row("embeddings", name, "and embeddings", scores[0]))
    edges = (DEFAULT, *WITHOUT, NO_EDGES, SHUFFLED)
    show_family(
        rows, "edges", edges, f"edges, {DEFAULT_AGENTS} agents; = as by default: no such edges"
    )
    show_family(rows, "agents", [str(agents) for agents in AGENTS], "most agents")
    show_family(rows, "embeddings", ("keywords", "and embeddings"), "embeddings")
    save_results(
        "ablation",
        {
            "limit": options.limit,
            "model": options.model,
            "seed": SEED,
            "rows": [
                {"family": row.family, "set": row.set, "variant": row.variant, **asdict(row.scores)}
                for row in rows
            ],
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

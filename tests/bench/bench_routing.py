"""Does a question go the way that it needs, and what does a wrong way cost?

python -m tests.bench.bench_routing [--limit N] [--model NAME | --indexes FOLDER]

A question needs exploring if more than one document answers it: the ``hops`` of our own corpora,
else the number of gold documents. The mix is as many questions of vespa-docs (one page each) as of
2wikimultihopqa (several), each asked to its own corpus. The thresholds of ``explore/intent.py`` are
searched anew with each set left out, to see whether they are anybody's in particular.

Costs are of questions that were searched both ways: what routing gives, beside always simple and
always deep. FOLDER holds ready indexes, ``ix-<set>``.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from docsearch_cli.config import load_settings
from docsearch_cli.explore import intent
from docsearch_cli.explore.intent import Intent, IntentInput, detect_intent
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask, prepare_question
from docsearch_cli.search.result import AskOptions, AskResult
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
    verdict,
)

MIX = {"vespa-docs": "simple", "2wikimultihopqa": "deep"}
# Share of the mix that must go the right way.
LEAST_OF_MIX = 0.9
# What the thresholds of the rules are searched among.
GRID: dict[str, tuple[float, ...]] = {
    "_ALL_SHARE": (0.9, 0.95, 1.01),
    "_ENOUGH_SHARE": (0.6, 0.75),
    "_HELD_SHARE": (0.5, 0.75, 1.0),
    "_LONG_QUESTION": (8, 10, 12),
    "_MANY_LINKS": (1, 2, 3),
}
# A set of fewer questions says less than others of the same need.
FULL_SET = 100
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what it needs, and what is known before anything is opened."""

    text: str
    gold: tuple[str, ...]
    needs: str
    facts: IntentInput
    intent: Intent

    @property
    def is_right(self) -> bool:
        """Tell whether it goes the way that it needs."""
        return self.intent.mode == self.needs


@dataclass(frozen=True, slots=True)
class Found:
    """What one way of searching gave for a question."""

    recall: float
    documents: frozenset[str]
    """The first five."""
    tokens: int
    agents: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """A question that was searched both ways."""

    question: Question
    simple: Found
    deep: Found

    @property
    def routed(self) -> Found:
        """What the way gave that it goes by itself."""
        return self.deep if self.question.intent.mode == "deep" else self.simple


def read_set(index: IndexReader, rows: Sequence[dict[str, Any]]) -> list[Question]:
    """Return the questions of a set with their facts."""
    found = []
    for row in rows:
        facts = prepare_question(index, row["question"]).facts
        several = int(row.get("hops", len(row["gold"]))) > 1
        needs = "deep" if several else "simple"
        gold = tuple(row["gold"])
        found.append(Question(row["question"], gold, needs, facts, detect_intent(facts)))
    return found


def search_both(home: Path, index: IndexReader, questions: Sequence[Question]) -> list[Searched]:
    """Search for every question that has gold documents, both ways, at default settings."""
    settings = load_settings({})
    modes = [
        AskOptions(settings, mode, "inline", use_cache=False, record=False)
        for mode in ("simple", "deep")  # type: ignore[arg-type]
    ]
    searched = []
    for question in questions:
        if question.gold:
            prepared = prepare_question(index, question.text)
            simple, deep = (
                _found(question, ask(home, index, question.text, options, prepared=prepared))
                for options in modes
            )
            searched.append(Searched(question, simple, deep))
    return searched


def _found(question: Question, result: AskResult) -> Found:
    first = frozenset(item.path for item in result.findings.documents[:5])
    return Found(
        sum(path in first for path in question.gold) / len(question.gold),
        first,
        result.budget["tokens_read"],
        result.budget["agents_used"],
        result.notes,
    )


def share_right(questions: Sequence[Question], needs: str) -> float | None:
    """Return the share of the questions of one need that go the right way; None without any."""
    right = [question.is_right for question in questions if question.needs == needs]
    return fmean(right) if right else None


def mixed(sets: Mapping[str, Sequence[Question]]) -> tuple[int, float]:
    """Return how many questions of each kind the mix has, and the share that goes the right way."""
    count = min(len(sets[name]) for name in MIX)
    places = [
        sets[name][place * len(sets[name]) // count] for name in MIX for place in range(count)
    ]
    return count, fmean(question.is_right for question in places)


@contextmanager
def thresholds(values: Mapping[str, float]) -> Iterator[None]:
    """Let the rules have other thresholds for a while."""
    before = {name: getattr(intent, name) for name in values}
    try:
        for name, value in values.items():
            setattr(intent, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(intent, name, value)


def grid_shares(sets: Mapping[str, Sequence[Question]]) -> dict[tuple[float, ...], dict[Any, Any]]:
    """Return for each choice of thresholds the share that goes right, by set and need."""
    found: dict[tuple[float, ...], dict[Any, Any]] = {}
    for values in itertools.product(*GRID.values()):
        with thresholds(dict(zip(GRID, values, strict=True))):
            found[values] = {
                (name, needs): (fmean(right), min(1.0, (len(right) / FULL_SET) ** 0.5))
                for name, questions in sets.items()
                for needs in ("simple", "deep")
                if len(right := _right_now(questions, needs)) >= FEWEST
            }
    return found


def _right_now(questions: Sequence[Question], needs: str) -> list[bool]:
    return [
        detect_intent(question.facts).mode == needs
        for question in questions
        if question.needs == needs
    ]


def best_thresholds(
    shares: Mapping[tuple[float, ...], Mapping[Any, Any]], left_out: str
) -> tuple[float, ...]:
    """Return the thresholds that serve the other sets best, both needs counting the same."""

    def value(values: tuple[float, ...]) -> float:
        total = 0.0
        for needs in ("simple", "deep"):
            parts = [
                part
                for (name, need), part in shares[values].items()
                if name != left_out and need == needs
            ]
            total += sum(share * weight for share, weight in parts) / sum(w for _, w in parts)
        return total

    return max(shares, key=lambda values: (value(values), values))


def show_accuracy(sets: Mapping[str, Sequence[Question]]) -> list[dict[str, Any]]:
    """Print and return how many questions of each set go the way that they need."""
    rows, results = [], []
    for name, questions in sets.items():
        cells = []
        for needs in ("simple", "deep"):
            count = sum(question.needs == needs for question in questions)
            cells += [str(count), percent(share_right(questions, needs))]
        whole = fmean(question.is_right for question in questions)
        part = "own" if name in OWN_CORPORA else "mix" if name in MIX else "control"
        rows.append((name, part, *cells, percent(whole)))
        results.append(
            {
                "set": name,
                "part": part,
                "questions": len(questions),
                "simple": share_right(questions, "simple"),
                "deep": share_right(questions, "deep"),
                "all": whole,
            }
        )
    columns = ("set", "part", "need one", "right", "need several", "right", "all right")
    show_table("questions that go the way that they need, percent", columns, rows)
    return results


def show_left_out(sets: Mapping[str, Sequence[Question]]) -> list[dict[str, Any]]:
    """Print and return what thresholds give that were chosen without the set."""
    note("searching thresholds with each set left out")
    shares = grid_shares(sets)
    own = tuple(getattr(intent, name) for name in GRID)
    rows, results = [], []
    for name in sets:
        values = best_thresholds(shares, name)
        cells = [
            percent(shares[chosen].get((name, needs), (None,))[0]) if chosen in shares else "-"
            for needs in ("simple", "deep")
            for chosen in (own, values)
        ]
        rows.append((name, *cells, *(f"{value:g}" for value in values)))
        results.append({"set": name, "thresholds": dict(zip(GRID, values, strict=True))})
    columns = ("left out", "one page", "without it", "several", "without it", *GRID)
    show_table("right by the rules' thresholds, and by those that the others choose", columns, rows)
    return results


def show_costs(sets: Mapping[str, Sequence[Searched]]) -> list[dict[str, Any]]:
    """Print and return what routing gives beside searching always the same way."""
    rows, wrong, results = [], [], []
    for name, searched in sets.items():
        ways: list[Callable[[Searched], Found]] = [
            lambda item: item.simple,
            lambda item: item.deep,
            lambda item: item.routed,
        ]
        recalls = [fmean(way(item).recall for item in searched) for way in ways]
        tokens = [fmean(way(item).tokens for item in searched) for way in ways]
        agents = [fmean(way(item).agents for item in searched) for way in ways[1:]]
        rows.append(
            (
                name,
                str(len(searched)),
                *(percent(value) for value in recalls),
                *(f"{value:.0f}" for value in tokens),
                *(f"{value:.1f}" for value in agents),
            )
        )
        mistakes = _mistakes(searched)
        wrong.append((name, *(_number(value) for value in mistakes.values())))
        results.append(
            {
                "set": name,
                "questions": len(searched),
                **dict(zip(("simple", "deep", "routed"), recalls, strict=True)),
                "tokens_read": dict(zip(("simple", "deep", "routed"), tokens, strict=True)),
                "agents": dict(zip(("deep", "routed"), agents, strict=True)),
                "mistakes": mistakes,
            }
        )
    ways_said = ("simple", "deep", "routed")
    columns = (
        "set",
        "n",
        *(f"R@5 {way}" for way in ways_said),
        *(f"read {way}" for way in ways_said),
    )
    show_table(
        "what routing gives: R@5 in percent, tokens read, agents",
        (*columns, "agents deep", "agents routed"),
        rows,
    )
    columns = ("set", "simple, wrong", "R@5 lost", "said --deep", "right and said so")
    show_table(
        "what a wrong way costs: R@5 in points, agents and tokens more, shares in percent",
        (
            *columns,
            "deep, wrong",
            "R@5 lost",
            "agents",
            "tokens",
            "same five",
            "said so",
            "said falsely",
        ),
        wrong,
    )
    return results


def _mistakes(searched: Sequence[Searched]) -> dict[str, float | None]:
    """Return how often and how dearly questions go the wrong way."""
    simple = [item for item in searched if item.question.intent.mode == "simple"]
    short = [item for item in simple if not item.question.is_right]
    enough = [item for item in simple if item.question.is_right]
    dear = [
        item
        for item in searched
        if item.question.intent.mode == "deep" and not item.question.is_right
    ]
    same = [item for item in dear if item.deep.documents == item.simple.documents]
    return {
        "wrongly_simple": len(short),
        "simple_lost": _mean([100 * (item.deep.recall - item.simple.recall) for item in short]),
        "simple_said": _mean([100.0 * item.question.intent.unsure for item in short]),
        "simple_said_in_vain": _mean([100.0 * item.question.intent.unsure for item in enough]),
        "wrongly_deep": len(dear),
        "deep_lost": _mean([100 * (item.simple.recall - item.deep.recall) for item in dear]),
        "deep_agents": _mean([item.deep.agents for item in dear]),
        "deep_tokens": _mean([item.deep.tokens - item.simple.tokens for item in dear]),
        "deep_same": _mean([100.0 * (item in same) for item in dear]),
        "deep_said": _mean([100.0 * _says_nothing(item.deep) for item in dear]),
        "said_falsely": sum(
            # Of all deep searches: they say that they added nothing, and they did.
            _says_nothing(item.deep) and item.deep.documents != item.simple.documents
            for item in searched
        ),
    }


def _says_nothing(found: Found) -> bool:
    return any(said.startswith("deep added nothing") for said in found.notes)


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)


def percent(share: float | None) -> str:
    """Return a share for a table."""
    return "-" if share is None else f"{100 * share:.1f}"


def main() -> int:
    """Measure, print, save; a mix that goes the wrong way is exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--limit", type=int, default=150, help="search N questions of each set")
    parser.add_argument("--model", help="index with embeddings of this model")
    parser.add_argument("--indexes", type=Path, help="folder with ready indexes, ix-<set>")
    options = parser.parse_known_args()[0]
    names = [*OWN_CORPORA]
    if eval_is_here():
        names += [*MIX, *(name for name in question_sets() if name not in MIX)]
    show_machine()
    sets: dict[str, list[Question]] = {}
    searched: dict[str, list[Searched]] = {}
    with scratch() as work:
        for name in names:
            home = indexed(name, work, indexes=options.indexes, model=options.model)
            index = open_index(home)
            note(f"{name}: questions")
            rows = corpus_of(name)[1]
            sets[name] = read_set(index, rows)
            some = read_set(index, spread(rows, options.limit))
            searched[name] = search_both(home, index, some)
    results: dict[str, Any] = {"limit": options.limit, "model": options.model}
    results["accuracy"] = show_accuracy(sets)
    is_met = True
    if all(name in sets for name in MIX):
        count, share = mixed(sets)
        is_met = share >= LEAST_OF_MIX
        said = verdict(round(share, 4), LEAST_OF_MIX, at_most=False)
        print(f"the mix, {count} questions of each kind: {percent(share)} % go right  {said}\n")
        results["mix"] = {"each": count, "right": share}
        results["left_out"] = show_left_out(sets)
    results["costs"] = show_costs(searched)
    save_results("routing", results)
    return int(not is_met)


if __name__ == "__main__":
    sys.exit(main())

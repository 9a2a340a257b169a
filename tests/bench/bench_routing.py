"""Does a question go the way that it needs, and what does a wrong way cost?

python -m tests.bench.bench_routing [--limit N] [--model NAME | --indexes FOLDER]

A question needs exploring if more than one document answers it: the ``hops`` of our own corpora,
else the number of gold documents. It can go three ways: simple, deep, or a look of a few agents
that decides. Wrong is a question of several pages that goes simple, and one of one page that is
explored at once. Sets are of three kinds: documentation, notes, encyclopedia. The thresholds of
``explore/intent.py`` are searched anew with each kind left out, to see whether they are anybody's
in particular. The questions of a new user (``answers/``) count with those whose documents are here.

The mix is as many questions of vespa-docs (one page each) as of 2wikimultihopqa (several). Costs
are of questions that were asked every way. FOLDER holds ready indexes, ``ix-<set>``.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from docsearch_cli.config import load_settings
from docsearch_cli.explore import intent
from docsearch_cli.explore.intent import IntentInput, detect_intent
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask, prepare_question
from docsearch_cli.search.result import AskMode, AskOptions, AskResult
from tests.bench import manuals
from tests.bench.harness import (
    DOCSEARCH,
    OWN_CORPORA,
    corpus_of,
    eval_is_here,
    indexed,
    note,
    question_sets,
    run_process,
    save_results,
    scratch,
    show_machine,
    show_table,
    spread,
    verdict,
)

MIX = {"vespa-docs": "simple", "2wikimultihopqa": "deep"}
# Share of the mix that must not go the wrong way.
LEAST_OF_MIX = 0.9
# Sets that are not documentation.
KINDS = {
    "vault": "notes", "obsidian-help": "notes", "lihua-world": "notes", "musique": "encyclopedia",
    "hotpotqa": "encyclopedia", "2wikimultihopqa": "encyclopedia",
}  # fmt: skip
WAYS = ("simple", "look", "deep")
# What a way is worth: a look in vain costs a quarter of the agents of a search.
WORTH = {"simple": {"simple": 1.0, "look": 0.75}, "deep": {"deep": 1.0, "look": 1.0}}
# What the thresholds of the rules are searched among.
GRID: dict[str, tuple[float, ...]] = {
    "_ALL_SHARE": (0.9, 0.95, 1.01),
    "_ENOUGH_SHARE": (0.6, 0.75),
    "_LOOK_SHARE": (0.55, 0.65, 0.75),
    "_ADDED_SHARE": (0.0, 0.1, 0.2),
    "_COVERED_SHARE": (0.5, 0.75, 1.0),
    "_LONG_QUESTION": (8, 10, 12),
    "_MANY_LINKS": (1, 2, 3),
}
# A set of fewer questions says less than others of the same need.
FULL_SET = 100
FEWEST = 5
MODES: tuple[AskMode, ...] = ("simple", "deep", "auto")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what it needs, and what is known before anything is opened."""

    text: str
    gold: tuple[str, ...]
    needs: str
    facts: IntentInput

    @property
    def way(self) -> str:
        """Which way it goes by itself."""
        return way_of(self.facts)

    @property
    def is_wrong(self) -> bool:
        """Tell whether it goes the way that it does not need."""
        return self.way != self.needs and self.way != "look"


@dataclass(frozen=True, slots=True)
class Found:
    """What one way of searching gave for a question."""

    recall: float
    """R@5."""
    agents: int
    tokens: int
    stopped: str


def way_of(facts: IntentInput) -> str:
    """Return which way a question goes by itself."""
    found = detect_intent(facts)
    return "look" if found.looks else found.mode


def kind_of(name: str) -> str:
    """Return what kind of text a set is."""
    return KINDS.get(name.split("/")[-1], "documentation")


def read_set(index: IndexReader, rows: Sequence[dict[str, Any]]) -> list[Question]:
    """Return the questions of a set with their facts."""
    return [
        Question(
            row["question"],
            tuple(row["gold"]),
            "deep" if int(row.get("hops", len(row["gold"]))) > 1 else "simple",
            prepare_question(index, row["question"]).facts,
        )
        for row in rows
    ]


def ask_all(
    home: Path, index: IndexReader, questions: Sequence[Question]
) -> list[tuple[Question, dict[str, Found]]]:
    """Ask every question that has gold documents, in each mode, at default settings."""
    settings = load_settings({})
    options = {
        mode: AskOptions(settings, mode, "inline", use_cache=False, record=False) for mode in MODES
    }
    return [
        (
            question,
            {
                mode: _found(question, ask(home, index, question.text, options[mode]))
                for mode in MODES
            },
        )
        for question in questions
        if question.gold
    ]


def _found(question: Question, result: AskResult) -> Found:
    first = {item.path for item in result.findings.documents[:5]}
    return Found(
        sum(path in first for path in question.gold) / len(question.gold),
        result.budget["agents_used"],
        result.budget["tokens_read"],
        result.stop_reason,
    )


def mixed(sets: Mapping[str, Sequence[Question]]) -> tuple[int, float]:
    """Return how many questions of each kind the mix has, and the share that goes no wrong way."""
    count = min(len(sets[name]) for name in MIX)
    places = [
        sets[name][place * len(sets[name]) // count] for name in MIX for place in range(count)
    ]
    return count, fmean(not question.is_wrong for question in places)


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


Worths = dict[tuple[str, str], tuple[float, float]]
"""By set and need: what the ways of its questions are worth, and how much the set says."""


def worth_of(sets: Mapping[str, Sequence[Question]]) -> Worths:
    """Return what the ways of each set's questions are worth by the thresholds now."""
    return {
        (name, needs): (fmean(worths), min(1.0, (len(worths) / FULL_SET) ** 0.5))
        for name, questions in sets.items()
        for needs in WORTH
        if len(worths := [WORTH[needs].get(q.way, 0.0) for q in questions if q.needs == needs])
        >= FEWEST
    }


def mean_worth(worths: Worths, *, kind: str, within: bool) -> float:
    """Return the mean of one kind's sets, or of all others, both needs counting the same."""
    means = []
    for needs in WORTH:
        parts = [
            part
            for (name, need), part in worths.items()
            if (kind_of(name) == kind) == within and need == needs
        ]
        if parts:
            means.append(sum(value * weight for value, weight in parts) / sum(w for _, w in parts))
    return fmean(means) if means else 0.0


def show_ways(sets: Mapping[str, Sequence[Question]]) -> list[dict[str, Any]]:
    """Print and return which ways the questions of each set go."""
    rows, results = [], []
    for name, questions in sets.items():
        result: dict[str, Any] = {"set": name, "kind": kind_of(name)}
        cells = []
        for needs in WORTH:
            ways = [question.way for question in questions if question.needs == needs]
            shares = {way: ways.count(way) / len(ways) if ways else None for way in WAYS}
            result[needs] = {"questions": len(ways), **shares}
            cells += [str(len(ways)), *(percent(share) for share in shares.values())]
        rows.append((name, kind_of(name), *cells))
        results.append(result)
    columns = ("set", "kind", "need one", *WAYS, "need several", *(f"{way} " for way in WAYS))
    show_table("which way questions go by themselves, percent", columns, rows)
    return results


def show_left_out(sets: Mapping[str, Sequence[Question]]) -> list[dict[str, Any]]:
    """Print and return what thresholds give a kind of text that were chosen without it."""
    note("searching thresholds with each kind left out")
    found: dict[tuple[float, ...], Worths] = {}
    for values in itertools.product(*GRID.values()):
        with thresholds(dict(zip(GRID, values, strict=True))):
            found[values] = worth_of(sets)
    own = worth_of(sets)
    rows, results = [], []
    for kind in sorted({kind_of(name) for name in sets}):
        best = max(
            found, key=lambda values: (mean_worth(found[values], kind=kind, within=False), values)
        )
        worths = [mean_worth(item, kind=kind, within=True) for item in (own, found[best])]
        rows.append((kind, *map(percent, worths), *(f"{value:g}" for value in best)))
        chosen = dict(zip(GRID, best, strict=True))
        results.append({"kind": kind, "own": worths[0], "others": worths[1], "thresholds": chosen})
    title = "worth of the ways by the rules' thresholds, and by those that the other kinds choose"
    show_table(title, ("left out", "own", "others'", *GRID), rows)
    return results


def show_costs(
    sets: Mapping[str, Sequence[tuple[Question, dict[str, Found]]]],
) -> list[dict[str, Any]]:
    """Print and return what each mode gives, and what looks end with."""
    rows, looks, results = [], [], []
    for name, asked in sets.items():
        recalls = [fmean(found[mode].recall for _, found in asked) for mode in MODES]
        agents = [fmean(found[mode].agents for _, found in asked) for mode in MODES[1:]]
        tokens = [fmean(found[mode].tokens for _, found in asked) for mode in MODES]
        counts = (*map(percent, recalls), *(f"{value:.1f}" for value in agents))
        rows.append((name, str(len(asked)), *counts, *(f"{value:.0f}" for value in tokens)))
        looked = [found for question, found in asked if question.way == "look"]
        if looked:
            ended = sum(found["auto"].stopped == "look" for found in looked)
            gained = [found["auto"].recall - found["simple"].recall for found in looked]
            means = [fmean(found[mode].recall for found in looked) for mode in MODES]
            used = [fmean(found[mode].agents for found in looked) for mode in MODES[1:]]
            changed = (sum(value > 0 for value in gained), sum(value < 0 for value in gained))
            shown = [*map(percent, means), *(f"{value:.1f}" for value in used)]
            looks.append([name, str(len(looked)), str(ended), *shown, *map(str, changed)])
        results.append(
            {
                "set": name,
                "questions": len(asked),
                "recall": dict(zip(MODES, recalls, strict=True)),
                "agents": dict(zip(MODES[1:], agents, strict=True)),
                "tokens_read": dict(zip(MODES, tokens, strict=True)),
                "looks": looks[-1][1:] if looked else None,
            }
        )
    modes = ("simple", "deep", "routed")
    columns = ("R@5 simple", "deep", "routed", "agents deep", "routed ")
    read = tuple(f"read {mode}" for mode in modes)
    show_table("what each way gives: R@5 in percent", ("set", "n", *columns, *read), rows)
    changed_by = ("better than simple", "worse")
    show_table("what looks come to", ("set", "looks", "ended there", *columns, *changed_by), looks)
    return results


def percent(share: float | None) -> str:
    """Return a share for a table."""
    return "-" if share is None else f"{100 * share:.1f}"


def new_users(name: str) -> dict[str, list[dict[str, Any]]]:
    """Return a new user's questions about a set of documents, in the manual's words and not."""
    found = manuals.load_questions(name)
    return {
        "answers": [{"question": item.question, "gold": item.gold} for item in found],
        "vague": [{"question": item.vague, "gold": item.gold} for item in found],
    }


def manual_home(name: str, work: Path, indexes: Path | None) -> Path:
    """Return the ``.docsearch`` folder of a manual's or vault's index.

    Raises:
        NotHereError: If its documents cannot be had.
    """
    if indexes is not None and (indexes / f"ix-{name}").is_dir():
        return indexed(name, work, indexes=indexes)
    if name in OWN_CORPORA:
        return indexed(name, work, indexes=None)
    documents = manuals.documents_of(name)
    run_process([DOCSEARCH, "index", str(documents), "--quiet", "--index", str(work / name)])
    return work / name / ".docsearch"


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
    asked: dict[str, list[tuple[Question, dict[str, Found]]]] = {}

    def take(name: str, home: Path, rows: Sequence[dict[str, Any]]) -> None:
        note(f"{name}: questions")
        index = open_index(home)
        sets[name] = read_set(index, rows)
        asked[name] = ask_all(home, index, spread(sets[name], options.limit))

    with scratch() as work:
        for name in names:
            home = indexed(name, work, indexes=options.indexes, model=options.model)
            take(name, home, corpus_of(name)[1])
        for name in (*manuals.MANUALS, *manuals.VAULTS):
            try:
                home = manual_home(name, work, options.indexes)
            except manuals.NotHereError as error:
                print(f"skipped: {name} {error}")
                continue
            for wording, rows in new_users(name).items():
                take(f"{wording}/{name}", home, rows)
    results: dict[str, Any] = {"limit": options.limit, "model": options.model}
    results["ways"] = show_ways(sets)
    is_met = True
    if all(name in sets for name in MIX):
        count, share = mixed(sets)
        is_met = share >= LEAST_OF_MIX
        said = verdict(round(share, 4), LEAST_OF_MIX, at_most=False)
        print(
            f"the mix, {count} questions of each kind: {percent(share)} % go no wrong way  {said}"
        )
        results["mix"] = {"each": count, "right": share}
    results["left_out"] = show_left_out(sets)
    results["costs"] = show_costs(asked)
    save_results("routing", results)
    return int(not is_met)


if __name__ == "__main__":
    sys.exit(main())

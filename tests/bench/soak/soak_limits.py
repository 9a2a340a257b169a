"""Random hostile limits: no run passes its budget, each is verified and within its dry run's bound.

    python -m tests.bench.soak.soak_limits [--minutes M | --runs N] [--seed S]

Each run draws a mode (keyword search, deep search, or as the question needs), an agent, an engine
that may fail, and limits: at their ends, one beside them, far outside of them, or anywhere between.
A limit outside its range must be cut or refused in words, and no other. Then

- the dry run's bound is compared with what the search used,
- what was returned is counted anew,
- the record is verified,
- one run in four is stopped at a random step and resumed, and one in four is forked with other
  limits: both are checked in the same way.

A fault is printed with the seed that shows it again; the rounds go on.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from docsearch_cli.config import Settings, load_settings
from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.protocol import Engine
from docsearch_cli.errors import DocsearchError, RunFailedError, UsageError
from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.index.build import build_index
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from docsearch_cli.run_limits import LIMITS
from docsearch_cli.runs.catalog import opened_run, remove_run, run_ids
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.search import ask as asking
from docsearch_cli.search import engines
from docsearch_cli.search import resume as resuming
from docsearch_cli.search.estimate import estimate_run
from docsearch_cli.search.result import AskOptions, AskResult, SearchObserver
from docsearch_cli.steps import HaltReason, estimate_tokens
from tests.bench.harness import scratch
from tests.bench.soak.span import read_span
from tests.generated import make_corpus
from tests.searching import ShuffledEngine

RUNS_A_CORPUS = 50
SIZES = (1, 5, 12, 40, 90)
ENVIRONMENT = {"DOCSEARCH_CONFIG_DIR": "/nowhere"}
# Beside the ends of each limit: values that once let a budget be passed or half obeyed.
ODD = (0, 1, 2, 3, 49, 50, 51, 59, 60, 61, 119, 120, 121, 1_000, 1_200, 10**12, -1)
# A machine may be slow and its clock may jump: the deadline is left alone, other tests have it.
DRAWN = [limit for limit in LIMITS if limit.name not in ("deadline_s", "step_timeout_s", "workers")]
QUESTION_FORMS = (
    "{}",
    "what is {}?",
    "how do {} work together?",
    "which of {} is the one that has common?",
    "common {} and what does it do, and why?",
)


def add_odd_pages(draw: random.Random, docs: Path, words: list[str]) -> None:
    """Write pages whose sentences are long, without spaces, or mostly marks."""
    some = draw.choices(words, k=8)
    long = " ".join(draw.choices(words, k=400))
    pages = {
        "long.md": f"# {some[0]}\n\ncommon {long}.\n",
        "unspaced.md": f"# {some[1]}\n\ncommon {some[1]}{'x' * 5_000}.\n",
        "linked.md": f"# {some[2]}\n\n"
        + " ".join(f"[{word}](https://example.org/{'y' * 300}#{word})" for word in some)
        + " common.\n",
        "wide.md": f"# 共通\n\ncommon {some[3]} " + "港の灯台は毎晩点灯する" * 200 + "。\n",
        "table.md": f"# {some[4]}\n\n| common | {some[5]} |\n|---|---|\n"
        + "".join(f"| {word} | {' '.join(draw.choices(words, k=60))} |\n" for word in some),
        "code.md": f"# {some[6]}\n\n    common {' '.join(some * 40)}\n",
        "marks.md": f"# {some[7]}\n\n" + " ".join(f"**_`{word}`_**" for word in some * 30) + "\n",
        "empty.md": "",
        "spaces.txt": "common" + " " * 3_000 + f"{some[0]}.\n",
    }
    for name, text in pages.items():
        (docs / name).write_text(text, encoding="utf-8")


class StopAt(SearchObserver):
    """Cancels a search after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def committed(self, step: object) -> None:
        """Count it."""
        self.left -= 1

    def stop_reason(self) -> HaltReason | None:
        """Stop after the last of them."""
        return "cancelled" if self.left <= 0 else None


def draw_limits(draw: random.Random) -> dict[str, int | None]:
    """Return limits as a person who means ill would give them."""
    flags: dict[str, int | None] = {}
    for limit in DRAWN:
        if draw.random() < 0.4:
            continue
        near = [limit.least, limit.least + 1, limit.most - 1, limit.most, limit.most + 1]
        flags[limit.name] = draw.choice(
            [
                draw.choice(near),
                draw.choice(ODD),
                draw.randint(limit.least, min(limit.most, 40 * (limit.least + 1))),
                limit.least + draw.randint(0, 8),
            ]
        )
    if draw.random() < 0.3:
        flags["reading_tokens"] = draw.choice((50, 60, 61, 100, 1_200, 20_000))
        flags["max_tokens"] = draw.choice((50, 60, 119, 120, 121, 179, 1_000, 5_000))
    return flags


def allowed(flags: Mapping[str, int | None]) -> tuple[dict[str, int | None], list[str]]:
    """Return the limits that are not below the least, and the names of those that are."""
    least = {limit.name: limit.least for limit in LIMITS}
    below = [name for name, value in flags.items() if value is not None and value < least[name]]
    return {name: value for name, value in flags.items() if name not in below}, below


def check_settings(flags: dict[str, int | None]) -> tuple[Settings, list[str]]:
    """Load the settings, and say what is neither obeyed nor spoken of."""
    faults = []
    good, below = allowed(flags)
    for name in below:
        try:
            load_settings({name: flags[name]}, environment=ENVIRONMENT)
            faults.append(f"{name} {flags[name]} is below its least and was taken")
        except UsageError:
            pass
    settings = load_settings(good, environment=ENVIRONMENT)
    said = " ".join(settings.clamps())
    faults.extend(
        f"{name} {value} became {settings[name]} without a word"
        for name, value in good.items()
        if settings[name] != value and name not in said
    )
    return settings, faults


def over_bound(result: AskResult, most: Mapping[str, int], settings: Settings) -> Iterator[str]:
    """Yield where a search went beyond what the dry run said, or beyond its limits."""
    used = result.budget
    tries = sum(step.attempts for step in result.steps)
    pairs = {
        "agents": used["agents_used"],
        "depth": used["depth_reached"],
        "tokens_read": used["tokens_read"],
        "tokens_returned": used["tokens_returned"],
        "tries": tries,
    }
    for name, value in pairs.items():
        if value > most[name]:
            yield f"{name} {value} is above the dry run's {most[name]}"
    returned = sum(estimate_tokens(item.plain) for item in result.findings.evidence)
    if returned > settings["answer_tokens"] or returned != used["tokens_returned"]:
        yield f"{returned} tokens are returned, {settings['answer_tokens']} allowed"
    if used["tokens_read"] > settings["max_tokens"]:
        yield f"{used['tokens_read']} tokens are read, {settings['max_tokens']} allowed"
    if used["agents_used"] > settings["max_agents"]:
        yield f"{used['agents_used']} agents are used, {settings['max_agents']} allowed"
    if result.stop_reason == "look" and used["agents_used"] > settings["look_agents"]:
        yield f"a look of {settings['look_agents']} used {used['agents_used']} agents"


def verified(home: Path, run_id: str) -> Iterator[str]:
    """Yield why a run is not verified."""
    try:
        with opened_run(home, run_id) as store:
            verify_run(store)
    except DocsearchError as error:
        yield f"not verified: {error.message}"


class Rounds:
    """Searches over one corpus."""

    def __init__(self, home: Path, index: IndexReader, words: list[str]) -> None:
        self.home = home
        self.index = index
        self.words = words
        self.counts: Counter[str] = Counter()

    def run_one(self, draw: random.Random) -> Iterator[str]:
        """Search once under limits that are drawn, and yield what does not hold."""
        flags = draw_limits(draw)
        settings, faults = check_settings(flags)
        yield from (f"{fault}; limits {flags}" for fault in faults)
        words = " ".join(draw.choices([*self.words, "common"], k=draw.randint(1, 8)))
        question = draw.choice(QUESTION_FORMS).format(words)
        options = AskOptions(
            settings=settings,
            mode=draw.choice(("auto", "auto", "simple", "deep", "deep")),
            engine="inline",
            agent=draw.choice(("local", "local", "edges")),
            use_cache=draw.random() < 0.3,
        )
        for fault in self._search(draw, question, options):
            yield f"{fault}; {options.mode}, agent {options.agent}, limits {flags}: {question}"

    def check_failed(self) -> Iterator[str]:
        """Yield what does not hold of a run whose every step failed, which is all that is there."""
        for run_id in run_ids(self.home):
            yield from verified(self.home, run_id)
            remove_run(self.home, run_id)

    def _search(self, draw: random.Random, question: str, options: AskOptions) -> Iterator[str]:
        foreseen = replace(options, mode="deep" if options.mode == "deep" else "auto")
        most = estimate_run(self.home, self.index, question, foreseen, warn=lambda _: None).most
        stops = draw.random() < 0.25
        observer = StopAt(draw.randint(0, 6)) if stops else SearchObserver()
        with faulty_engine(draw):
            result = asking.ask(self.home, self.index, question, options, observer=observer)
        self.counts[f"{result.mode}, {result.stop_reason}"] += 1
        yield from over_bound(result, most, options.settings)
        if result.run_id is None:
            return
        yield from verified(self.home, result.run_id)
        if not result.complete:
            yield from self._resume(result.run_id, options, most)
        elif draw.random() < 0.25:
            yield from self._fork(draw, result, options)
        remove_run(self.home, result.run_id)

    def _resume(self, run_id: str, options: AskOptions, most: Mapping[str, int]) -> Iterator[str]:
        with opened_run(self.home, run_id) as store:
            resumed = resuming.resume_run(
                self.home, self.index, store, options=options, observer=SearchObserver()
            )
        self.counts["resumed"] += 1
        for fault in (
            *over_bound(resumed, most, options.settings),
            *verified(self.home, run_id),
        ):
            yield f"resumed: {fault}"

    def _fork(self, draw: random.Random, result: AskResult, options: AskOptions) -> Iterator[str]:
        at = draw.randint(0, len(result.steps))
        bounds = {limit.name: limit for limit in LIMITS}
        changes = {
            name: min(bounds[name].most, max(bounds[name].least, draw.choice(ODD)))
            for name in draw.sample(resuming.FORK_LIMITS, 2)
        }
        with opened_run(self.home, result.run_id or "") as store:
            forked = resuming.fork_run(
                self.home,
                self.index,
                store,
                at=str(at),
                changes=changes,
                options=options,
                observer=SearchObserver(),
            )
        self.counts["forked"] += 1
        assert forked.run_id is not None
        for fault in verified(self.home, forked.run_id):
            yield f"forked at {at} with {changes}: {fault}"
        remove_run(self.home, forked.run_id)


@contextmanager
def faulty_engine(draw: random.Random) -> Iterator[None]:
    """Put an engine in the place of the inline one whose steps fail now and then."""
    before = engines.make_engine
    share, seed, slots = draw.choice((0.0, 0.0, 0.1)), draw.randrange(10**6), draw.randint(1, 4)

    def make(_: AskOptions) -> Engine:
        return ShuffledEngine(seed, slots, fault_share=share) if share else InlineEngine(FUNCTIONS)

    engines.make_engine = make
    try:
        yield
    finally:
        engines.make_engine = before


def main() -> int:
    """Run, and say what did not hold."""
    span = read_span(__doc__)
    faults, counts = 0, Counter[str]()
    for seed in span.corpora():
        draw = random.Random(seed)
        with scratch() as folder:
            words = make_corpus(draw, folder / "docs", SIZES)
            add_odd_pages(draw, folder / "docs", words)
            build_index(folder / ".docsearch", [folder / "docs"], workers=1)
            rounds = Rounds(folder / ".docsearch", open_index(folder / ".docsearch"), words)
            for number in span.runs(RUNS_A_CORPUS):
                try:
                    found = list(rounds.run_one(random.Random(f"{seed}/{number}")))
                except UsageError as error:  # only a fork may be refused, and in these words
                    rounds.counts["fork refused"] += 1
                    found = [] if "leaves no room for one page" in error.message else [str(error)]
                except RunFailedError:
                    rounds.counts["every step failed"] += 1
                    found = list(rounds.check_failed())
                except Exception as error:
                    found = [f"{type(error).__name__}: {error}"]
                faults += bool(found)
                for fault in found:
                    print(f"--seed {seed} --runs {number + 1}: {fault}")
            counts.update(rounds.counts)
    print(f"{span.done} runs, {faults} with a fault; {dict(sorted(counts.items()))}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

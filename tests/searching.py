"""Deep searches in this process, over small random corpora, with any engine."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from docsearch_cli.config import DEFAULT_AGENT, Settings, load_settings
from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.protocol import Engine, StepCall, StepOutcome, run_call
from docsearch_cli.explore.facts import intent_facts
from docsearch_cli.explore.intent import Intent
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.index.build import build_index
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_index
from docsearch_cli.llm.accounting import Price
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.retrieval.synonyms import Synonym
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import Trace, read_trace
from docsearch_cli.search.deep import DeepSearch
from docsearch_cli.search.result import AskOptions, AskResult, SearchObserver
from tests.asking import MODEL, PRICE, ScriptedModel
from tests.generated import make_corpus


@dataclass(frozen=True, slots=True)
class World:
    """An indexed corpus and a question to it."""

    home: Path
    index: IndexReader
    question: str
    settings: Settings

    def trace(self, run_id: str | None) -> Trace:
        with opened_run(self.home, run_id or "") as store:
            return read_trace(store)


def make_world(folder: Path, seed: int, limits: Mapping[str, int] | None = None) -> World:
    """Make a corpus, a question and limits from one seed."""
    draw = random.Random(seed)
    docs = folder / "docs"
    words = make_corpus(draw, docs, (1, 5, 12, 25, 40))
    build_index(folder / ".docsearch", [docs], workers=1)
    question = " ".join(["common", *draw.choices(words, k=draw.randint(1, 5))])
    drawn = {
        "max_agents": draw.choice((1, 4, 12, 20, 40)),
        "max_depth": draw.choice((0, 1, 3, 5)),
        "fan_out": draw.choice((1, 2, 3, 8)),
        "seeds": draw.choice((1, 3, 5)),
        "window": draw.choice((1, 3, 8)),
    }
    settings = load_settings({**drawn, **(limits or {})}, environment={"DOCSEARCH_CONFIG_DIR": "/"})
    home = folder / ".docsearch"
    return World(home, open_index(home), question, settings)


def ask_deep(
    world: World,
    engine: Engine | None = None,
    *,
    use_cache: bool = False,
    observer: SearchObserver | None = None,
    agent: str = DEFAULT_AGENT,
    conditions: Sequence[Condition] = (),
    synonyms: Sequence[Synonym] = (),
    model: ScriptedModel | None = None,
    price: Price | None = PRICE,
    record: bool = True,
    answer: Literal["quotes", "llm"] = "quotes",
) -> AskResult:
    """Search with an engine that may be used for many searches."""
    settings = world.settings.without_look()
    options = AskOptions(
        settings=settings,
        mode="deep",
        use_cache=use_cache,
        agent=agent,
        record=record,
        answer=answer,
    )
    if model is not None:
        options = replace(options, model=MODEL, models=model.source(price))
    scored = ScoredQuestion(world.index, world.question, conditions=conditions, synonyms=synonyms)
    search = DeepSearch(
        world.home,
        scored,
        options,
        engine or InlineEngine(FUNCTIONS),
        observer or SearchObserver(),
    )
    return search.run(
        intent_facts(scored), Intent("deep", "asked for by --deep"), [], time.perf_counter()
    )


class ShuffledEngine:
    """A few slots in this process, whose calls end in random order and, if so wanted, badly."""

    name = "shuffled"

    def __init__(self, seed: int, slots: int, *, fault_share: float = 0.0) -> None:
        self._draw = random.Random(seed)
        self._slots = slots
        self._fault_share = fault_share
        self._waiting: list[StepCall] = []

    def start(self) -> None:
        pass

    def free_slots(self) -> int:
        return self._slots - len(self._waiting)

    def submit(self, call: StepCall) -> None:
        self._waiting.append(call)

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        if not self._waiting:
            time.sleep(min(timeout_s, 0.001))
            return []
        call = self._waiting.pop(self._draw.randrange(len(self._waiting)))
        if self._draw.random() < self._fault_share:
            return [StepOutcome(call.number, "transient")]
        return [run_call(FUNCTIONS, call)]

    def close(self) -> None:
        self._waiting.clear()


def digests(store: RunStore) -> tuple[str, str]:
    """Return the digests of a finished run's DAG and answer."""
    ending = read_trace(store).ending
    return ending["dag"], ending["answer"]

"""The steps of a search as registered functions: bytes in, bytes out, canonical JSON.

A worker, a replay and the coordinator all call a step by its name and version. Raise the version
when the meaning of an input or output changes: cached results and replays then know.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docsearch_cli.explore.agents.table import AGENTS, Agent
from docsearch_cli.explore.aggregate import aggregate
from docsearch_cli.explore.findings import AggregateInput
from docsearch_cli.explore.intent import detect_intent, intent_input_from_dict
from docsearch_cli.explore.seeds import Candidate, Seed, choose_seeds
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.steps import canonical_json, plain_data

if TYPE_CHECKING:
    from docsearch_cli.llm.exchange import Asker

INTENT = "explore.intent@5"
SEARCH_PLAN = "explore.plan@1"
AGGREGATE = "explore.aggregate@8"
WRITE = "explore.write@1"

# Imported by a worker before its first step, so that no step pays for it.
PRELOAD = ("docsearch_cli.retrieval.bm25", "docsearch_cli.corpus.plain_text", "Stemmer")


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """A step: how its input is read, what is called, how its output is written."""

    parse: Callable[[Any], Any]
    call: Callable[[Any], Any]
    dump: Callable[[Any], Any]
    declare: Callable[[Any], dict[str, Any]] = dict
    """What of an input decides the output; all of it by default."""
    ask: Callable[[Any, Asker], Awaitable[Any]] | None = None
    """What is called in place of ``call`` where the step asks a model."""

    async def run_asking(self, payload: bytes, asker: Asker) -> bytes:
        """Run a step that asks a model on bytes."""
        assert self.ask is not None  # no other step is run so
        return self.write(await self.ask(self.read(payload), asker))

    def __call__(self, payload: bytes) -> bytes:
        """Run the step on bytes."""
        return self.write(self.call(self.read(payload)))

    def read(self, payload: bytes) -> Any:
        """Return the input that bytes stand for."""
        return self.parse(json.loads(payload))

    def write(self, output: Any) -> bytes:
        """Return the bytes of an output."""
        return canonical_json(self.dump(output))


def declared_input(function: str, payload: bytes) -> dict[str, bytes]:
    """Return the parts of an input that decide a step's output.

    Args:
        function: Registered name.
        payload: The input.

    Returns:
        The canonical JSON of each part, by name: what a result is cached under. Budgets, paths and
        titles are none of it, so a result holds until something changes that the step looks at.
    """
    return declared_parts(function, json.loads(payload))


def declared_parts(function: str, data: Any) -> dict[str, bytes]:
    """Return the same of an input that is at hand as plain data."""
    parts = FUNCTIONS[function].declare(data)
    return {name: canonical_json(value) for name, value in sorted(parts.items())}


def _plan_seeds(facts: dict[str, Any]) -> list[Seed]:
    return choose_seeds([Candidate(**item) for item in facts["candidates"]], facts["most"])


def _dump_seeds(seeds: list[Seed]) -> dict[str, Any]:
    return {"seeds": [plain_data(seed) for seed in seeds]}


def _needs_replies(_input: Any) -> Any:
    raise TypeError("the step asks a model, and is run with an asker")


async def _write_answer(facts: dict[str, Any], asker: Asker) -> dict[str, Any]:
    """Have a model write an answer; a search that has none written does not load the module."""
    from docsearch_cli.explore.written_answer import AnswerInput, write

    return (await write(AnswerInput.from_dict(facts), asker)).to_dict()


_FIXED: Mapping[str, StepDefinition] = {
    INTENT: StepDefinition(intent_input_from_dict, detect_intent, plain_data),
    SEARCH_PLAN: StepDefinition(dict, _plan_seeds, _dump_seeds),
    AGGREGATE: StepDefinition(AggregateInput.from_dict, aggregate, plain_data),
    WRITE: StepDefinition(dict, _needs_replies, dict, ask=_write_answer),
}


def asking_functions(agent: Agent) -> dict[str, Callable[[bytes, Asker], Awaitable[bytes]]]:
    """Return the functions of a run's steps that ask a model, by registered name."""
    names = [WRITE, *([agent.function] if agent.asks_model else [])]
    return {name: FUNCTIONS[name].run_asking for name in names}


class _StepFunctions(Mapping[str, StepDefinition]):
    """The steps that every search has, and those of the agents' table as it is now."""

    def __getitem__(self, function: str) -> StepDefinition:
        if function in _FIXED:
            return _FIXED[function]
        for agent in AGENTS.values():
            if agent.function == function:
                decide = agent.decide or _needs_replies
                return StepDefinition(
                    View.from_dict, decide, Decision.to_dict, agent.looks_at, agent.ask
                )
        raise KeyError(function)

    def __iter__(self) -> Iterator[str]:
        yield from _FIXED
        yield from (agent.function for agent in AGENTS.values())

    def __len__(self) -> int:
        return len(_FIXED) + len(AGENTS)


FUNCTIONS: Mapping[str, StepDefinition] = _StepFunctions()

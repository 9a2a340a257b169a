"""The steps of a search as registered functions: bytes in, bytes out, canonical JSON.

A worker, a replay and the coordinator all call a step by its name and version. Raise the version
when the meaning of an input or output changes: cached results and replays then know.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from docsearch_cli.explore.agent import decide
from docsearch_cli.explore.aggregate import AggregateInput, aggregate
from docsearch_cli.explore.intent import detect_intent, intent_input_from_dict
from docsearch_cli.explore.seeds import candidate_from_dict, choose_seeds
from docsearch_cli.explore.view import View
from docsearch_cli.steps import canonical_json

INTENT = "explore.intent@1"
SEARCH_PLAN = "explore.plan@1"
LOCAL_AGENT = "explore.local@1"
AGGREGATE = "explore.aggregate@1"

# Imported by a worker before its first step, so that no step pays for it.
PRELOAD = ("docsearch_cli.retrieval.bm25", "docsearch_cli.corpus.plain", "Stemmer")


def _intent(facts: Any) -> Any:
    return asdict(detect_intent(intent_input_from_dict(facts)))


def _search_plan(facts: Any) -> Any:
    candidates = [candidate_from_dict(item) for item in facts["candidates"]]
    return {"seeds": [asdict(seed) for seed in choose_seeds(candidates, facts["most"])]}


def _local_agent(facts: Any) -> Any:
    return decide(View.from_dict(facts)).to_dict()


def _aggregate(facts: Any) -> Any:
    return aggregate(AggregateInput.from_dict(facts)).to_dict()


def _on_bytes(function: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    def run(payload: bytes) -> bytes:
        return canonical_json(function(json.loads(payload)))

    return run


FUNCTIONS: Mapping[str, Callable[[bytes], bytes]] = {
    INTENT: _on_bytes(_intent),
    SEARCH_PLAN: _on_bytes(_search_plan),
    LOCAL_AGENT: _on_bytes(_local_agent),
    AGGREGATE: _on_bytes(_aggregate),
}

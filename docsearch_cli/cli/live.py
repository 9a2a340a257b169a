"""The tree growing while a deep search goes on, on a terminal, on stderr."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.live import Live

from docsearch_cli.cli.tree import run_tree, seed_words
from docsearch_cli.explore.seeds import Seed
from docsearch_cli.explore.summary import StepSummary
from docsearch_cli.search import SearchObserver


class LiveTree(SearchObserver):
    """Redraws the tree at each commit; gone when the search ends.

    Args:
        max_agents: The budget, for the progress in the header.
    """

    def __init__(self, max_agents: int) -> None:
        self._max_agents = max_agents
        self._live = Live(console=Console(stderr=True), transient=True, auto_refresh=False)
        self._run_id = ""
        self._plan_line = ""
        self._steps: list[StepSummary] = []

    def __enter__(self) -> LiveTree:
        self._live.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._live.stop()

    def started(self, run_id: str, intent_reason: str, seeds: Sequence[Seed]) -> None:  # noqa: ARG002
        """Note what the search begins with."""
        self._run_id = run_id
        self._plan_line = seed_words([asdict(seed) for seed in seeds])
        self._draw()

    def committed(self, step: StepSummary) -> None:
        """Add a step."""
        self._steps.append(step)
        self._draw()

    def _draw(self) -> None:
        header = f"run {self._run_id}   agents {len(self._steps)}/{self._max_agents}"
        self._live.update(run_tree(header, self._plan_line, self._steps), refresh=True)

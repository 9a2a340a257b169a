"""Watching a search: warnings, Ctrl-C, and on a terminal the tree as it grows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from docsearch_cli.cli import signals
from docsearch_cli.cli.output import Output
from docsearch_cli.search.result import SearchObserver

if TYPE_CHECKING:
    from docsearch_cli.cli.shell_paths import ShellPaths
    from docsearch_cli.explore.seeds import Seed
    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.steps import HaltReason


# A tree of a thousand steps takes a tenth of a second to draw; the search must not wait for it.
_REDRAW_S = 0.25


class Watcher(SearchObserver):
    """Prints warnings; the first Ctrl-C ends a search in order, the second at once.

    Args:
        output: Where warnings go.
    """

    def __init__(self, output: Output) -> None:
        self._output = output

    def recording(self) -> None:
        """From here on, let the first signal end the run in order."""
        signals.end_gently()

    def warn(self, text: str) -> None:
        """Print a warning."""
        self._output.note(text)

    def stop_reason(self) -> HaltReason | None:
        """Return ``cancelled`` once a signal has come."""
        return "cancelled" if signals.was_asked_to_end() else None


class LiveTree(Watcher):
    """Redraws the tree at each commit, on stderr; gone when the search ends.

    Args:
        output: Where warnings go.
        max_agents: The budget, for the header.
        paths: What documents are called here.
    """

    def __init__(self, output: Output, max_agents: int, paths: ShellPaths) -> None:
        from rich.console import Console
        from rich.live import Live

        super().__init__(output)
        self._max_agents = max_agents
        self._paths = paths
        self._live = Live(console=Console(stderr=True), transient=True, auto_refresh=False)
        self._run_id = ""
        self._plan_line = ""
        self._drawn = 0.0
        self._steps: list[StepSummary] = []

    def __enter__(self) -> LiveTree:
        self._live.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._live.stop()

    def started(self, run_id: str, seeds: Sequence[Seed]) -> None:
        """Draw what the search begins with."""
        from docsearch_cli.cli.run_tree import seed_words

        self._run_id = run_id
        self._plan_line = seed_words([asdict(seed) for seed in seeds])
        self._draw()

    def committed(self, step: StepSummary) -> None:
        """Add a step."""
        self._steps.append(step)
        if time.monotonic() - self._drawn >= _REDRAW_S:
            self._draw()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        from docsearch_cli.cli.run_tree import run_tree

        header = [f"run {self._run_id}", f"agents {len(self._steps)}/{self._max_agents}"]
        self._live.update(run_tree(header, self._plan_line, self._steps, self._paths), refresh=True)

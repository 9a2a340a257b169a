"""Watching a search: warnings, Ctrl-C, and on a terminal the tree as it grows."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from docsearch_cli.cli import signals
from docsearch_cli.cli.frame_writer import FrameWriter, takes_frames
from docsearch_cli.cli.live_frame import LiveFrame, RunState
from docsearch_cli.cli.output import Output, is_ascii
from docsearch_cli.search.result import OpenPage, SearchObserver

if TYPE_CHECKING:
    from docsearch_cli.cli.shell_paths import ShellPaths
    from docsearch_cli.explore.seeds import Seed
    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.run_limits import RunLimits
    from docsearch_cli.steps import HaltReason


# More often nobody sees a difference.
_REDRAW_S = 0.1
# The search waits while a frame is drawn, so drawing gets at most a 25th of the time.
_LEAST_REST = 24


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

    def recorded(self, run_id: str) -> None:
        """From here on, whoever ends the run at once is told how it is continued."""
        if run_id:
            signals.leave_behind(
                f"run {run_id} has no answer yet", f"to continue: docsearch resume {run_id}"
            )

    def warn(self, text: str) -> None:
        """Print a warning."""
        self._output.note(text)

    def stop_reason(self) -> HaltReason | None:
        """Return ``cancelled`` once a signal has come."""
        return "cancelled" if signals.was_asked_to_end() else None


class LiveTree(Watcher):
    """Shows a search as it goes on, on stderr; gone when the search ends.

    Args:
        output: Where warnings go.
        paths: What documents are called here.
    """

    def __init__(self, output: Output, paths: ShellPaths) -> None:
        super().__init__(output)
        self._state = RunState()
        self._frame = LiveFrame(paths, fancy=not is_ascii(sys.stderr))
        self._writer = FrameWriter(sys.stderr)
        self._began = self._next = 0.0

    def __enter__(self) -> LiveTree:
        return self

    def __exit__(self, *_: Any) -> None:
        self._writer.erase()

    def limited(self, limits: RunLimits) -> None:
        """Take the limits for the bars."""
        self._state.limits = limits

    def started(self, run_id: str, seeds: Sequence[Seed]) -> None:
        """Draw what the search begins with."""
        from docsearch_cli.cli.run_tree import seed_words

        self._began = time.monotonic()
        self._state.run_id = run_id
        self._state.plan_line = seed_words([asdict(seed) for seed in seeds])
        self._draw()

    def committed(self, step: StepSummary) -> None:
        """Add a step."""
        self._state.steps.append(step)
        self._draw_in_time()

    def working(self, pages: Sequence[OpenPage]) -> None:
        """Take what the agents have open."""
        self._state.open_pages = pages

    def spending(self, budget: Mapping[str, int]) -> None:
        """Take what a model was asked."""
        self._state.spending = budget

    def warn(self, text: str) -> None:
        """Print a warning above the frame."""
        self._writer.erase()
        super().warn(text)

    def stop_reason(self) -> HaltReason | None:
        """Return ``cancelled`` once a signal has come; asked ten times a second, it draws too."""
        reason = super().stop_reason()
        if reason is not None and not self._state.is_stopping:
            self._state.is_stopping = True
            self._draw()
        self._draw_in_time()
        return reason

    def _draw_in_time(self) -> None:
        if self._began and time.monotonic() >= self._next:
            self._draw()

    def _draw(self) -> None:
        begun = time.monotonic()
        self._state.elapsed_s = begun - self._began
        columns, rows = self._writer.size()
        self._writer.draw(self._frame.lines(self._state, columns, rows), columns)
        ended = time.monotonic()
        self._next = ended + max(_REDRAW_S, _LEAST_REST * (ended - begun))


def watching(output: Output, paths: ShellPaths) -> AbstractContextManager[Watcher]:
    """Return what watches a deep search: with a live tree where a person sees it.

    Args:
        output: Where warnings go.
        paths: What documents are called here.

    Returns:
        A context manager that gives the observer.
    """
    if output.shows_progress and takes_frames(sys.stderr):
        return LiveTree(output, paths)
    return nullcontext(Watcher(output))

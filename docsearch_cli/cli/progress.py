"""A progress bar on stderr, where a person is watching it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docsearch_cli.cli import signals
from docsearch_cli.cli.output import Output


class progress_bar:  # noqa: N801  used as a context manager, like a function
    """Shows the progress of long work, on a terminal only; ends the work once a signal has come.

    Args:
        output: Says whether anybody is watching.
        checks: Whether a signal ends the work here; False where it ends in order elsewhere.
    """

    def __init__(self, output: Output, *, checks: bool = True) -> None:
        self._output = output
        self._checks = checks
        self._bar: Any = None
        self._task: Any = None
        self._stage = ""

    def __enter__(self) -> Callable[[str, int, int], None]:
        if self._output.shows_progress:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task("starting", total=None, rate="")
            self._bar.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _report(self, stage: str, done: int, total: int) -> None:
        if self._checks:
            signals.check()
        if self._bar is None:
            return
        if stage != self._stage:  # the speed of one stage says nothing of the next
            self._stage = stage
            self._bar.remove_task(self._task)
            self._task = self._bar.add_task(stage, total=total or None, rate="")
        speed = self._bar.tasks[0].speed
        self._bar.update(
            self._task,
            completed=done,
            total=total or None,
            rate=f"{speed:,.0f}/s" if speed else "",
        )

"""Searches that this server carries out: each in a thread, watched by any number of pages.

A search keeps what happened in lists that only grow, so whoever watches remembers how far they have
read, and nobody who reads slowly holds it up. Its record is that of every run: a search that is
stopped with the server can be resumed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from docsearch_cli.errors import DocsearchError
from docsearch_cli.search.result import AskResult, CheckedResult, SearchObserver

if TYPE_CHECKING:
    from docsearch_cli.explore.seeds import Seed
    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.steps import HaltReason

# Ended searches that are remembered, for a page that is loaded again; the record has them for good.
_MOST_ENDED = 50


class TooManyRunsError(DocsearchError):
    """As many searches as may be are under way."""

    code = "too_many_runs"


class LiveRun(SearchObserver):
    """One search, under way or ended.

    Args:
        key: Names it on this server.
        question: What was asked.
        search: Carries it out, told to whom it reports.
        limits: ``max_agents``, ``max_tokens`` and ``deadline_s``, for the bars; after as many
            seconds it stops, also where its record allows more.
        again: The query that asks the same by keywords.
        came_from: The run that is resumed or forked; empty for a new one.
    """

    def __init__(
        self,
        key: str,
        question: str,
        search: Callable[[SearchObserver], AskResult],
        limits: dict[str, int],
        again: str = "",
        came_from: str = "",
    ) -> None:
        self.key = key
        self.question = question
        self.limits = limits
        self.again = again
        self.came_from = came_from
        self.meanwhile: CheckedResult | None = None
        """What a keyword search found at once; None if nobody asked for it."""
        self.run_id = ""
        """Empty until the record has begun, or if there is none."""
        self.steps: list[StepSummary] = []
        self.warnings: list[str] = []
        self.result: AskResult | None = None
        """None until it has ended, or if it failed."""
        self.error: BaseException | None = None
        self._search = search
        self._began = time.monotonic()
        self._took: float | None = None
        self._stop = threading.Event()
        self._ended = threading.Event()

    @property
    def has_ended(self) -> bool:
        """Whether there is a result, or an error."""
        return self._ended.is_set()

    @property
    def was_stopped(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stop.is_set()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return self._took if self._took is not None else time.monotonic() - self._began

    @property
    def tokens_read(self) -> int:
        """What the agents have read so far."""
        return sum(step.tokens_read for step in tuple(self.steps))

    def start(self) -> None:
        """Begin, in a thread."""
        # A daemon: worker processes end with their parent, and the record is whole at any moment.
        threading.Thread(target=self._carry_out, daemon=True, name=f"run-{self.key}").start()

    def stop(self) -> None:
        """Let it end in order; it can be resumed."""
        self._stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait for its end, and tell whether it came."""
        return self._ended.wait(seconds)

    def started(self, run_id: str, seeds: Sequence[Seed]) -> None:  # noqa: ARG002  as observers are
        """Keep which run it is."""
        self.run_id = run_id

    def committed(self, step: StepSummary) -> None:
        """Keep a step."""
        self.steps.append(step)

    def warn(self, text: str) -> None:
        """Keep a warning."""
        self.warnings.append(text)

    def stop_reason(self) -> HaltReason | None:
        """Return ``cancelled`` once it is to stop, ``deadline`` once it has taken too long."""
        if self._stop.is_set():
            return "cancelled"
        most = self.limits.get("deadline_s")
        return "deadline" if most is not None and self.seconds >= most else None

    def _carry_out(self) -> None:
        try:
            self.result = self._search(self)
        except BaseException as error:  # it is shown on the page of the run
            self.error = error
        finally:
            self._took = time.monotonic() - self._began
            self._ended.set()


class LiveRuns:
    """All searches of one server.

    Args:
        most: The most that may be under way at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._count = 0
        self._runs: dict[str, LiveRun] = {}
        self._is_closed = False

    def begin(
        self,
        question: str,
        search: Callable[[SearchObserver], AskResult],
        limits: dict[str, int],
        again: str = "",
        came_from: str = "",
    ) -> LiveRun:
        """Start a search.

        Args:
            question: What is asked.
            search: Carries it out.
            limits: See ``LiveRun``.
            again: See there.
            came_from: See there.

        Returns:
            The search, which has begun.

        Raises:
            TooManyRunsError: If no more may be under way.
        """
        with self._lock:
            under_way = [run for run in self._runs.values() if not run.has_ended]
            if self._is_closed or len(under_way) >= self._most:
                raise TooManyRunsError(
                    f"{len(under_way)} searches are under way, and no more may be at once",
                    hint="wait until one has ended, or stop it",
                )
            self._count += 1
            run = LiveRun(str(self._count), question, search, limits, again, came_from)
            self._runs[run.key] = run
            ended = [key for key, item in self._runs.items() if item.has_ended]
            for key in ended[: max(0, len(ended) - _MOST_ENDED)]:
                del self._runs[key]
        run.start()
        return run

    def find(self, key: str) -> LiveRun | None:
        """Return a search by its key; None if there is none, or it ended long ago."""
        return self._runs.get(key)

    def under_way(self) -> list[LiveRun]:
        """Return the searches that have not ended, the earliest first."""
        with self._lock:
            return [run for run in self._runs.values() if not run.has_ended]

    def running(self, run_id: str) -> LiveRun | None:
        """Return the search that a record is being written of."""
        return next((run for run in self.under_way() if run.run_id == run_id), None)

    def close(self, seconds: float) -> list[LiveRun]:
        """Stop every search, and begin no other.

        Args:
            seconds: How long to wait for them.

        Returns:
            Those that had not ended when it was called.
        """
        with self._lock:
            self._is_closed = True
        stopped = self.under_way()
        for run in stopped:
            run.stop()
        until = time.monotonic() + seconds
        for run in stopped:
            run.wait(max(0.0, until - time.monotonic()))
        return stopped

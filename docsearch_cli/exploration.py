"""A deep search as it goes on: it runs in a thread, and hands over an event for each commit."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from docsearch_cli.search.result import SearchObserver

if TYPE_CHECKING:
    from types import TracebackType

    from docsearch_cli.explore.seeds import Seed
    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.steps import Drop, HaltReason

EventKind = Literal["started", "step", "dropped", "warning"]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a search; the fields that its kind does not name are empty."""

    kind: EventKind
    run_id: str = ""
    """Of ``started``: the run; empty if it is not recorded."""
    seeds: tuple[str, ...] = ()
    """Of ``started``: the nodes to begin at."""
    step: StepSummary | None = None
    """Of ``step``: a node was opened, in the order in which the run records it."""
    drops: tuple[Drop, ...] = ()
    """Of ``dropped``: proposals that were not taken, and why."""
    text: str = ""
    """Of ``warning``: what went wrong without changing the result."""


class Feed(SearchObserver):
    """Keeps a search's events until they are fetched, and passes on that it is to stop."""

    def __init__(self) -> None:
        # No bound: a search has at most some events for each of its agents.
        self.events: SimpleQueue[Event | None] = SimpleQueue()
        self.warnings: list[str] = []
        self._stop = threading.Event()

    def started(self, run_id: str, seeds: Sequence[Seed]) -> None:
        """Keep what the search begins with."""
        self.events.put(Event("started", run_id, tuple(seed.node for seed in seeds)))

    def committed(self, step: StepSummary) -> None:
        """Keep a step."""
        self.events.put(Event("step", step=step))

    def dropped(self, drops: Sequence[Drop]) -> None:
        """Keep what was not taken."""
        if drops:
            self.events.put(Event("dropped", drops=tuple(drops)))

    def warn(self, text: str) -> None:
        """Keep a warning."""
        self.warnings.append(text)
        self.events.put(Event("warning", text=text))

    def stop(self) -> None:
        """Let the search end in order."""
        self._stop.set()

    def stop_reason(self) -> HaltReason | None:
        """Return ``cancelled`` once it is to stop."""
        return "cancelled" if self._stop.is_set() else None


class Exploration(Generic[Result]):
    """A deep search that is under way; made by ``Index.explore``.

    Iterating gives its events as they happen and ends with the search; ``answer`` waits for that.
    As a context manager it stops a search that has not ended. One that nobody holds stops too.

    Args:
        search: Carries it out.
    """

    def __init__(self, search: Callable[[Feed], Result]) -> None:
        self._feed = Feed()
        self._future: Future[Result] = Future()
        # A daemon: a program that ends does not wait, and worker processes end with their parent.
        threading.Thread(
            target=_carry_out, args=(search, self._feed, self._future), daemon=True
        ).start()
        weakref.finalize(self, self._feed.stop)

    def __iter__(self) -> Iterator[Event]:
        """Hand over each event once.

        Yields:
            What happened, in the order in which the run records it.

        Raises:
            DocsearchError: After the last event, if the search failed.
        """
        events = self._feed.events
        while (event := events.get()) is not None:
            yield event
        events.put(None)  # for whoever iterates again, or in another thread
        self._future.result()

    def __enter__(self) -> Exploration[Result]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._future.exception()

    def answer(self) -> Result:
        """Wait for the end.

        Returns:
            What was found; of a search that was stopped, as far as it came.

        Raises:
            DocsearchError: If the search failed.
        """
        return self._future.result()

    def wait(self, timeout_s: float) -> bool:
        """Wait a while for the end.

        Args:
            timeout_s: How long, in seconds.

        Returns:
            Whether it has ended, well or not.
        """
        return bool(futures.wait([self._future], timeout_s).done)

    def stop(self) -> None:
        """Let the search end in order: no step is sent any more, and its record can be resumed."""
        self._feed.stop()


def _carry_out(search: Callable[[Feed], Result], feed: Feed, future: Future[Result]) -> None:
    try:
        future.set_result(search(feed))
    except BaseException as error:  # it is raised where the answer is asked for
        future.set_exception(error)
    finally:
        feed.events.put(None)

"""Engines that outlive a search: worker processes that are started once and lent to many.

Starting workers takes longer than most searches. A program that stays, such as a server, keeps
them; each search gets an engine that nobody else has meanwhile, and hands it back by closing it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import Engine, StepCall, StepOutcome
from docsearch_cli.explore.agents.table import find_agent
from docsearch_cli.search.engines import REGISTRY, start_engine
from docsearch_cli.search.result import AskOptions

# Engines without a search that are kept; what more searches at once have started is ended.
_MOST_IDLE = 2
# How long steps that a search has left behind get to end, before their workers are replaced.
_DRAIN_S = 0.5


class KeptEngines:
    """Lends started engines; safe for several threads. To be closed at the end.

    Args:
        most: How many are lent at once; a search that asks for one more waits.
    """

    def __init__(self, most: int) -> None:
        self._slots = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._idle: list[tuple[int, LocalEngine]] = []
        self._is_closed = False

    def start(self, options: AskOptions) -> Engine:
        """Return a started engine, which is handed back by its ``close``.

        Args:
            options: How to search: the engine, and of the local one the number of workers. Only
                the local one is kept: the others have nothing that is started.

        Returns:
            The engine.

        Raises:
            UsageError: If there is no engine of this name.
            WorkerStartError: If a process cannot be started.
        """
        has_steps = options.settings["max_agents"] > 0
        is_kept = options.engine == LocalEngine.name and not find_agent(options.agent).asks_model
        if not (has_steps and is_kept):
            return start_engine(options)
        self._slots.acquire()
        try:
            return self._lend(options)
        except BaseException:
            self._slots.release()
            raise

    def _lend(self, options: AskOptions) -> Engine:
        workers = options.settings["workers"]
        engine = self._take(workers)
        if engine is not None and not _is_ready(engine):
            engine.close()
            engine = None
        if engine is None:
            engine = LocalEngine(workers, REGISTRY)
            engine.start()
        return _LentEngine(engine, workers, self)

    def close(self) -> None:
        """End the workers of the engines that are not lent; those that are end with their search.

        Safe to call twice.
        """
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for _, engine in idle:
            engine.close()

    def worker_pids(self) -> Sequence[int]:
        """Return the process ids of the workers that wait for a search."""
        with self._lock:
            return [pid for _, engine in self._idle for pid in engine.worker_pids()]

    def _take(self, workers: int) -> LocalEngine | None:
        with self._lock:
            for place, (count, engine) in enumerate(self._idle):
                if count == workers:
                    del self._idle[place]
                    return engine
        return None

    def take_back(self, engine: LocalEngine, workers: int) -> None:
        """Keep an engine for the next search, or end it where there is no room for it.

        Args:
            engine: One that was lent.
            workers: How many it has.
        """
        with self._lock:
            is_kept = not self._is_closed and len(self._idle) < _MOST_IDLE
            if is_kept:
                self._idle.append((workers, engine))
        self._slots.release()
        if not is_kept:
            engine.close()


class _LentEngine:
    """An engine for one search; closing it hands it back."""

    name = LocalEngine.name

    def __init__(self, engine: LocalEngine, workers: int, home: KeptEngines) -> None:
        self._engine: LocalEngine | None = engine
        self._workers = workers
        self._home = home

    def start(self) -> None:
        """Do nothing: it is started."""

    def free_slots(self) -> int:
        """Return how many workers have nothing to do."""
        return self._lent().free_slots()

    def submit(self, call: StepCall) -> None:
        """Send a call to a free worker."""
        self._lent().submit(call)

    def poll(self, timeout_s: float) -> list[StepOutcome]:
        """Return what has ended, waiting up to ``timeout_s`` for the first."""
        return self._lent().poll(timeout_s)

    def close(self) -> None:
        """Hand it back; once."""
        engine, self._engine = self._engine, None
        if engine is not None:
            self._home.take_back(engine, self._workers)

    def _lent(self) -> LocalEngine:
        if self._engine is None:
            raise RuntimeError("the engine was handed back")
        return self._engine


def _is_ready(engine: LocalEngine) -> bool:
    """Wait a little for steps that the last search left behind, and tell whether they ended.

    What comes of them is dropped: a search takes an outcome by its step's number, and another
    search has steps of the same numbers.
    """
    until = time.monotonic() + _DRAIN_S
    while engine.free_slots() < len(engine.worker_pids()):
        left = until - time.monotonic()
        if left <= 0:
            return False
        engine.poll(left)
    return True

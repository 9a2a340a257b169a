"""The index of a folder, kept open, and opened anew when another process has indexed the folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from docsearch_cli.api import Index
from docsearch_cli.index.freshness import check_freshness
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import current_generation
from docsearch_cli.search.session import open_session

if TYPE_CHECKING:
    from docsearch_cli.engine.protocol import Engine
    from docsearch_cli.search.result import AskOptions

# How often the indexed files are looked at for changes: the stat of a file takes microseconds, but
# there may be ten thousand.
_LOOK_S = 5.0


class WarmIndex:
    """Hands out the open index of a folder; safe for several threads.

    What was handed out stays as it was, so a call that has begun ends on the index it began with.

    Args:
        folder: The folder of the index, or one that holds a ``.docsearch``; None for the nearest.
        start: Returns the started engine of a search, which closes it.
        note: Told what a person should know of how it was found.

    Raises:
        IndexMissingError: If there is none.
        IndexCorruptError: If it is damaged, or another version made it.
    """

    def __init__(
        self,
        folder: str | None,
        start: Callable[[AskOptions], Engine],
        note: Callable[[str], None],
    ) -> None:
        self._start = start
        self._note = note
        self._lock = threading.Lock()
        self._looked: float | None = None
        """When the files were looked at (monotonic seconds); None if they were not."""
        self._staleness = ""
        self._open(folder)

    @property
    def home(self) -> Path:
        """The ``.docsearch`` folder."""
        return self._session.home

    def current(self) -> tuple[Index, IndexReader]:
        """Return the index as it is on disk now.

        Returns:
            What is open already, unless another generation took its place.

        Raises:
            IndexMissingError: If there is none any more.
            IndexCorruptError: If it is damaged.
        """
        with self._lock:
            if current_generation(self.home) != self._session.reader.folder.name:
                self._open(str(self.home))
            return self._index, self._session.reader

    def staleness(self) -> str:
        """Return in words what of the files has changed since they were indexed; empty if nothing.

        They are looked at every few seconds at most.
        """
        _, reader = self.current()
        with self._lock:
            now = time.monotonic()
            if self._looked is None or now - self._looked >= _LOOK_S:
                self._looked = now
                found = check_freshness(reader, ())
                self._staleness = found.in_words() if found.is_stale else ""
            return self._staleness

    def _open(self, folder: str | None) -> None:
        self._session = open_session(folder, {}, note=self._note)
        self._index = Index(self._session, self._start)
        self._looked = None

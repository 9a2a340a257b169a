"""The service: everything that a server offers, over one index that is kept open and warm.

    client --> caps --> WarmIndex.current() --> search, show, related      milliseconds
                                            `-> explore --> KeptEngines    recorded, resumable
               runs, replay <-- .docsearch/runs

Safe for several threads. Arguments are a stranger's: each is bounded or looked up, no path leads
out of the index, and no name of a run out of the folder of runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack
from weakref import WeakSet

from docsearch_cli.api import SearchOptions, own_errors
from docsearch_cli.config import load_settings
from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.index.find_document import find_beside, find_document
from docsearch_cli.index.freshness import changed_since
from docsearch_cli.index.passage import read_passage
from docsearch_cli.index.related import Direction, Related, related_documents
from docsearch_cli.runs.catalog import DATABASE, begun_runs, find_run, opened_run, run_folder
from docsearch_cli.runs.overview import ListedRun, listed_run, newest_first
from docsearch_cli.search.ask import prepare_question
from docsearch_cli.search.best_sections import best_sections
from docsearch_cli.search.hits import Hits
from docsearch_cli.search.kept_engines import KeptEngines
from docsearch_cli.service.caps import Caps
from docsearch_cli.service.replies import (
    Explored,
    Place,
    ReplayedStep,
    Shown,
    ShownRun,
    shown_lines,
)
from docsearch_cli.service.warm_index import WarmIndex

if TYPE_CHECKING:
    from docsearch_cli.api_results import Answer
    from docsearch_cli.exploration import Event, Exploration
    from docsearch_cli.index.reader import IndexReader

# No path is longer; comparing a longer one with all paths would take long.
_MOST_NAME_CHARS = 1_000
# Nor an id.
_MOST_ID_CHARS = 100
# How long explorations get to end when the service is closed: a server has two seconds.
_CLOSE_S = 1.0
# Documents without a quote of which an exploration says where to read on.
_MOST_FURTHER = 10
# Less room than that is no help to who reads a place: it is left for the next call.
_LEAST_SHOWN_CHARS = 200
# Budgets of an exploration that have a cap.
_BUDGETS = ("max_agents", "max_depth", "fan_out", "max_tokens", "answer_tokens", "deadline_s")


class Exploring:
    """An exploration under way: iterate for its events, then ask for its reply.

    One that nobody holds stops.

    Args:
        exploration: The search.
        clamped: A line for each budget that was cut.
        read_on: Returns where to read on in documents that are not quoted.
    """

    def __init__(
        self,
        exploration: Exploration[Answer],
        clamped: Sequence[str],
        read_on: Callable[[Answer], tuple[Place, ...]],
    ) -> None:
        self._exploration = exploration
        self._clamped = tuple(clamped)
        self._read_on = read_on

    def __iter__(self) -> Iterator[Event]:
        """Hand over each event once.

        Yields:
            What happened, in the order of the run's record.

        Raises:
            DocsearchError: After the last event, if the search failed.
        """
        yield from self._exploration

    def reply(self) -> Explored:
        """Wait for the end.

        Returns:
            What was found; of a search that was stopped, as far as it came.

        Raises:
            DocsearchError: If the search failed.
        """
        answer = self._exploration.answer()
        return Explored(answer, self._clamped, self._read_on(answer))

    def stop(self) -> None:
        """Let it end in order; ``docsearch resume`` continues its run."""
        self._exploration.stop()

    def wait(self, timeout_s: float) -> bool:
        """Wait a while for the end, and tell whether it has come."""
        return self._exploration.wait(timeout_s)


class DocumentService:
    """One index, kept open for clients. To be closed at the end.

    Args:
        folder: The folder of the index, or one that holds a ``.docsearch``; None for the nearest.
        caps: The most that a client may ask for.
        note: Told what the owner should know.

    Raises:
        IndexMissingError: If there is no index.
        IndexCorruptError: If it is damaged, or another version made it.
    """

    def __init__(
        self,
        folder: str | None = None,
        caps: Caps | None = None,
        *,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.caps = caps or Caps()
        self._engines = KeptEngines(self.caps.explorations)
        with own_errors():
            self._warm = WarmIndex(folder, self._engines.start, note)
        self._lock = threading.Lock()
        self._under_way: WeakSet[Exploring] = WeakSet()
        self._listed: dict[str, tuple[tuple[int, int], ListedRun]] = {}
        self._is_closed = False

    @property
    def home(self) -> Path:
        """The ``.docsearch`` folder."""
        return self._warm.home

    def staleness(self) -> str:
        """Return in words what of the files has changed since they were indexed; empty if nothing.

        Files are looked at every few seconds at most. Indexing them again is left to a person, or
        to ``docsearch index --watch``: the service takes the new index over.
        """
        with own_errors():
            return self._warm.staleness()

    def search(
        self,
        words: str,
        *,
        limit: int = 10,
        paths: Sequence[str] = (),
        tags: Sequence[str] = (),
        since: str | None = None,
        until: str | None = None,
    ) -> Hits:
        """Rank documents by keywords; see ``Index.search``.

        Args:
            words: What to look for.
            limit: Most documents, cut to the cap.
            paths: Patterns of paths, one of which must fit.
            tags: Tags, all of which a document must have.
            since: First day that it may be dated.
            until: Last day.

        Returns:
            The hits, best first.

        Raises:
            UsageError: If there are no words, or a filter says nothing.
        """
        with own_errors():
            index, _ = self._warm.current()
        most = min(limit, self.caps.rows)
        return index.search(words, limit=most, paths=paths, tags=tags, since=since, until=until)

    def explore(self, question: str, **options: Unpack[SearchOptions]) -> Exploring:
        """Let agents explore; their steps run on workers that are kept.

        Args:
            question: In words.
            **options: As for ``Index.explore``; budgets are cut to the caps, what is not given is
                as in the settings, and never above a cap.

        Returns:
            The exploration, which has begun.

        Raises:
            UsageError: If the question is empty, or an option is out of range.
        """
        if not question.strip():
            raise UsageError("the question is empty", hint="ask something, in words")
        clamped: list[str] = []
        given = {name: value for name, value in options.items() if value is not None}
        with own_errors():
            index, reader = self._warm.current()
            own = load_settings({}, beside=self.home.parent)
        for name in _BUDGETS:
            if name in given:
                given[name] = self.caps.clamp(name, int(str(given[name])), clamped)
            else:
                given[name] = min(own[name], getattr(self.caps, name))

        def read_on(answer: Answer) -> tuple[Place, ...]:
            quoted = {quote.path for quote in answer.quotes}
            paths = [path for path in answer.documents if path not in quoted][:_MOST_FURTHER]
            if not paths:
                return ()
            scored = prepare_question(reader, question, listed=own.synonyms).scored
            return tuple(
                Place(path, section.line_start, section.line_end)
                for path, section in best_sections(scored, paths)
            )

        exploring = Exploring(
            index.explore(question, **given),  # type: ignore[arg-type]
            clamped,
            read_on,
        )
        with self._lock:
            self._under_way.add(exploring)
            if self._is_closed:
                exploring.stop()
        return exploring

    def show(
        self,
        path: str,
        first: int | None = None,
        last: int | None = None,
        *,
        context: int = 0,
        whole_section: bool = False,
        from_char: int = 0,
        most_chars: int | None = None,
    ) -> Shown:
        """Return lines of a document as they were indexed; nothing is read from a file.

        Args:
            path: As the index names it, as it is beside the index or an indexed folder, an absolute
                path of an indexed file, or the end of a path where that is clear.
            first: The first line or page; None for all of the document.
            last: The last one; None for the first one alone.
            context: How many more are wanted before and after.
            whole_section: Whether the sections that they stand in are wanted whole.
            from_char: Characters of the first line that are left out; see ``Shown.next_char``.
            most_chars: The most that is wanted, if that is less than the cap.

        Returns:
            As many of the lines as fit.

        Raises:
            InputError: If there is no such document, line or character.
        """
        most = min(most_chars or self.caps.shown_chars, self.caps.shown_chars)
        with own_errors():
            _, reader = self._warm.current()
            found = self._document(reader, path)
            passage = read_passage(
                reader, found, first, last, context=context, whole_section=whole_section
            )
            row = reader.paths.find(found)
            title = reader.titles[row] if row is not None else ""
            changed = changed_since(reader, found)
            return shown_lines(passage, title, most, changed, from_char=from_char)

    def show_more(
        self,
        places: Sequence[Place],
        most_chars: int,
        *,
        context: int = 0,
        whole_section: bool = False,
    ) -> tuple[list[Shown], list[Place], list[str]]:
        """Return several places together, as far as they fit.

        Args:
            places: What is wanted, in this order.
            most_chars: The most characters of all.
            context: As for ``show``.
            whole_section: See there.

        Returns:
            What fits, what of the places does not, and why some cannot be shown.
        """
        shown: list[Shown] = []
        left: list[Place] = []
        faults: list[str] = []
        for place in places:
            if most_chars < _LEAST_SHOWN_CHARS:
                left.append(place)
                continue
            try:
                found = self.show(
                    place.path,
                    place.first,
                    place.last,
                    context=context,
                    whole_section=whole_section,
                    most_chars=most_chars,
                )
            except InputError as error:
                faults.append(error.message)
                continue
            shown.append(found)
            most_chars -= len(found.text)
        return shown, left, faults

    def related(
        self,
        path: str,
        *,
        directions: Sequence[Direction] = ("out", "in"),
        kinds: Sequence[str] = (),
        limit: int = 20,
    ) -> Related:
        """Return what a document leads to, and what leads to it.

        Args:
            path: As for ``show``.
            directions: Which edges are wanted.
            kinds: Kinds of edges; none for all.
            limit: Most edges, cut to the cap.

        Returns:
            The edges.

        Raises:
            InputError: If there is no such document.
            UsageError: If there is no such kind.
        """
        with own_errors():
            _, reader = self._warm.current()
            found = self._document(reader, path)
            most = max(0, min(limit, self.caps.rows))
            return related_documents(reader, found, directions=directions, kinds=kinds, limit=most)

    def documents(self, first: int = 0, limit: int = 50) -> tuple[list[tuple[str, str]], int]:
        """Return the path and title of some documents, in the order of the index.

        Args:
            first: The place of the first one, from 0.
            limit: Most documents.

        Returns:
            The documents, and how many there are.
        """
        with own_errors():
            _, reader = self._warm.current()
            total = len(reader.paths)
            rows = range(min(max(0, first), total), min(max(0, first) + max(0, limit), total))
            return [(reader.paths[row], reader.titles[row]) for row in rows], total

    def runs(self, limit: int = 20) -> tuple[list[ListedRun], int]:
        """List recorded runs, the newest first.

        Args:
            limit: Most runs, cut to the cap.

        Returns:
            The runs, and how many there are.
        """
        with own_errors():
            listed = newest_first(self._listed_run(run_id) for run_id in begun_runs(self.home))
        return listed[: max(0, min(limit, self.caps.rows))], len(listed)

    def run(self, run_id: str) -> ShownRun:
        """Read a recorded run; every hash of its record is checked.

        Args:
            run_id: Its id, or the first characters of it.

        Returns:
            The run.

        Raises:
            RunNotFoundError: If there is no such run, or several.
            RunCorruptError: If the record is not what was written.
        """
        from docsearch_cli.runs.picture import picture_run

        with own_errors(), opened_run(self.home, self._run_id(run_id)) as store:
            return ShownRun(picture_run(self.home, store))

    def replay_step(self, run_id: str, step: str) -> ReplayedStep:
        """Run a recorded step again, on its recorded input; the run stays as it is.

        What a language model replied is part of the record; none is asked.

        Args:
            run_id: The run's id, or the first characters of it.
            step: The step's number or kind, or the first characters of its id.

        Returns:
            What it gave then, and what it gives now.

        Raises:
            RunNotFoundError: If there is no such run, or several.
            StepNotFoundError: If there is no such step, or several.
        """
        from docsearch_cli.explore.view import Decision
        from docsearch_cli.runs.replay import replay_step
        from docsearch_cli.runs.store import making_sense

        with own_errors(), opened_run(self.home, self._run_id(run_id)) as store:
            replay = replay_step(self.home, store, step[:_MOST_ID_CHARS])
        opens_page = replay.step.planned is not None
        with making_sense():
            decided = Decision.from_dict(replay.now) if opens_page and replay.now else None
            seen = tuple(
                (str(item["heading"]), int(item["line_start"]), int(item["line_end"]))
                for item in (replay.input["sections"] if opens_page else ())
            )
            return ReplayedStep(
                replay, decided, seen, int(replay.input["edges_total"]) if opens_page else 0
            )

    def close(self) -> None:
        """Stop explorations, give them a moment to record their end, and end all workers.

        Safe to call twice.
        """
        with self._lock:
            self._is_closed = True
            under_way = list(self._under_way)
        for exploring in under_way:
            exploring.stop()
        left = _CLOSE_S
        for exploring in under_way:
            if left > 0 and not exploring.wait(left):
                left = 0.0
        self._engines.close()

    def worker_pids(self) -> Sequence[int]:
        """Return the process ids of the workers that are kept and wait for an exploration."""
        return self._engines.worker_pids()

    def _document(self, reader: IndexReader, path: str) -> str:
        if len(path) > _MOST_NAME_CHARS:
            raise InputError(f"a path of {len(path):,} characters is not in the index")
        # Not the folder that the server happens to run in: a client does not know it.
        beside = find_beside(reader, path, self.home.parent)
        return beside if beside is not None else find_document(reader, path, Path("/"))

    def _run_id(self, wanted: str) -> str:
        """Return the whole id; the path of an exported run, which the command takes, is none."""
        return find_run(self.home, wanted[:_MOST_ID_CHARS])

    def _listed_run(self, run_id: str) -> ListedRun:
        """Return the row of a run; of one that has ended it is kept until its record changes."""
        try:
            found = (run_folder(self.home, run_id) / DATABASE).stat()
            state = (found.st_mtime_ns, found.st_size)
        except OSError:
            return listed_run(self.home, run_id)
        known = self._listed.get(run_id)
        if known is None or known[0] != state or known[1]["status"] in ("running", "interrupted"):
            known = self._listed[run_id] = (state, listed_run(self.home, run_id))
        return known[1]

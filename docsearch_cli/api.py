"""The Python interface: what the command line does, for a program.

    open_index(folder)  ->  Index    .search(words)      ->  Hits
                                     .ask(question)      ->  Answer
                                     .explore(question)  ->  Exploration, an iterator of Event
                                     .show(path, 12, 20) ->  Passage
                                     .related(path)      ->  Related
    open_run(run_id)    ->  Run      a recorded search

A thin layer: searching, budgets and records are those of ``search``, ``index`` and ``runs``. What
is not given is as for the command: from ``DOCSEARCH_*``, ``docsearch.toml``, else the default.
Whatever went wrong that is no bug is a ``DocsearchError``. Types are not checked: a number where a
text belongs is the caller's bug.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from docsearch_cli.api_results import Answer, Run
from docsearch_cli.byte_cache import KeptByteCache
from docsearch_cli.errors import DocsearchError, UsageError
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from docsearch_cli.engine.protocol import Engine
    from docsearch_cli.exploration import Exploration, Feed
    from docsearch_cli.index.passage import Passage
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.index.related import Direction, Related
    from docsearch_cli.search.hits import Hits
    from docsearch_cli.search.result import AskMode, AskOptions
    from docsearch_cli.search.session import Session

__all__ = ["Index", "SearchOptions", "open_index", "open_run"]


_FILTERS = ("paths", "tags", "since", "until")


class SearchOptions(TypedDict, total=False):
    """How to search; what is left out is as in the settings."""

    max_agents: int
    """Most nodes to open, over all branches; a deep search's."""
    max_depth: int
    """Most edges from a seed."""
    fan_out: int
    """Most edges to follow from one node."""
    seeds: int
    """Most nodes to begin at."""
    max_tokens: int
    """Most tokens that all agents read."""
    answer_tokens: int
    """Most tokens of quotes to hand back."""
    deadline_s: int
    """Seconds that a deep search may take."""
    workers: int
    """Worker processes of the local engine."""
    starts: tuple[str, ...]
    """Documents to begin at, by their paths in the index."""
    paths: Sequence[str]
    """Patterns of paths, as ``guides/*``: only documents that one of them fits are searched."""
    tags: Sequence[str]
    """Only documents that have all of these tags are searched."""
    since: str
    """Only documents dated then or later: ``2025``, ``2025-07`` or ``2025-07-14``."""
    until: str
    """Only documents dated then or earlier."""
    engine: str
    """Where steps run: ``local`` (worker processes) or ``inline`` (the calling thread)."""
    agent: str
    """The agent that decides at each node."""
    use_cache: bool
    """False to run every step again, even where its result is cached."""
    record: bool
    """False to leave no run behind."""


class Index:
    """An index, opened for reading; made by ``open_index``.

    It stays what it was when it was opened, also while the folder is indexed again. Several may be
    open at once, and one may be asked from several threads.

    Args:
        session: What was opened.
        start: Returns the started engine of a search, which closes it; None for a new one each.
    """

    def __init__(
        self, session: Session, start: Callable[[AskOptions], Engine] | None = None
    ) -> None:
        self._home = session.home
        self._reader: IndexReader = session.reader
        self._start = start
        self._step_cache = KeptByteCache()

    def __repr__(self) -> str:
        return f"<Index {str(self._home)!r}, {len(self._reader.paths)} documents>"

    @property
    def folder(self) -> Path:
        """The ``.docsearch`` folder."""
        return self._home

    @property
    def documents(self) -> tuple[str, ...]:
        """Paths of all documents, sorted as the index has them."""
        paths = self._reader.paths
        return tuple(paths[row] for row in range(len(paths)))

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
        """Rank documents by keywords, each with the passage that fits best.

        The ranking is that of ``ask`` with the mode ``simple``; files are not looked at.

        Args:
            words: What to look for; it may hold conditions, as a question may.
            limit: Most documents; at least 1.
            paths: Patterns of paths, one of which must fit.
            tags: Tags, all of which a document must have.
            since: First day that it may be dated.
            until: Last day; a year or month is meant whole.

        Returns:
            The hits, best first, and how the words were read.

        Raises:
            UsageError: If there are no words, or a filter says nothing.
        """
        from docsearch_cli.config import load_settings
        from docsearch_cli.search.filters import read_filters
        from docsearch_cli.search.hits import find_hits

        if limit < 1:
            raise UsageError(f"limit {limit} is below 1", hint="leave it out, or give 10")
        with own_errors():
            conditions = read_filters(paths, tags, since, until)
            synonyms = load_settings({}, beside=self._home.parent).synonyms
            return find_hits(self._reader, words, conditions, limit=limit, synonyms=synonyms)

    def ask(
        self, question: str, *, mode: AskMode = "auto", **options: Unpack[SearchOptions]
    ) -> Answer:
        """Answer a question.

        Args:
            question: In words.
            mode: ``simple`` for a keyword search, ``deep`` to let agents explore, ``auto`` to
                leave it to the question.
            **options: How to search.

        Returns:
            The answer, each quote looked up in its file.

        Raises:
            UsageError: If the question is empty, or an option is out of range.
            RunFailedError: If every step failed.
        """
        from docsearch_cli.exploration import Feed

        return self._search(question, mode, options, Feed())

    def explore(self, question: str, **options: Unpack[SearchOptions]) -> Exploration[Answer]:
        """Let agents explore, and watch them.

        Args:
            question: In words.
            **options: How to search.

        Returns:
            The exploration, which has begun: iterate over it, or call its ``answer``.

        Raises:
            UsageError: If an option is out of range.
        """
        from docsearch_cli.exploration import Exploration

        with own_errors():
            self._chosen("deep", options, [])  # a wrong option is an error here
        return Exploration(lambda feed: self._search(question, "deep", options, feed))

    def show(
        self,
        path: str,
        first: int | None = None,
        last: int | None = None,
        *,
        context: int = 0,
        whole_section: bool = False,
    ) -> Passage:
        """Return lines of a document as they were indexed.

        Args:
            path: As the index names it, or as the shell would open it here.
            first: The first line or page; None for all of the document.
            last: The last one; None for the first one alone.
            context: How many more are wanted before and after.
            whole_section: Whether the sections that they stand in are wanted whole.

        Returns:
            The lines, with the headings that they stand under.

        Raises:
            InputError: If there is no such document or line.
        """
        from docsearch_cli.index.find_document import find_document
        from docsearch_cli.index.passage import read_passage

        with own_errors():
            return read_passage(
                self._reader,
                find_document(self._reader, path, Path.cwd()),
                first,
                last,
                context=context,
                whole_section=whole_section,
            )

    def related(
        self,
        path: str,
        *,
        directions: Collection[Direction] = ("out", "in"),
        kinds: Collection[str] = (),
        limit: int | None = None,
    ) -> Related:
        """Return what a document leads to, and what leads to it.

        Args:
            path: As for ``show``.
            directions: ``out`` for edges that leave it, ``in`` for those that lead to it.
            kinds: Kinds of edges: ``link``, ``include``, ``mention``, ``part``, ``next``; none for
                all.
            limit: Most edges; None for all.

        Returns:
            The edges, each with the words and the sentence that carry it.

        Raises:
            InputError: If there is no such document.
            UsageError: If there is no such kind.
        """
        from docsearch_cli.index.find_document import find_document
        from docsearch_cli.index.related import related_documents

        with own_errors():
            found = find_document(self._reader, path, Path.cwd())
            return related_documents(
                self._reader, found, directions=directions, kinds=kinds, limit=limit
            )

    def run_ids(self) -> tuple[str, ...]:
        """Return the ids of the runs recorded beside this index; ``open_run`` reads one."""
        from docsearch_cli.runs.catalog import run_ids

        with own_errors():
            return tuple(run_ids(self._home))

    def _search(self, question: str, mode: AskMode, options: SearchOptions, feed: Feed) -> Answer:
        from docsearch_cli.search.ask import ask
        from docsearch_cli.search.result import check_result

        with own_errors():
            chosen = self._chosen(mode, options, feed.warnings)
            result = ask(
                self._home,
                self._reader,
                question,
                chosen,
                observer=feed,
                start=self._start,
                step_cache=self._step_cache,
            )
            return Answer(check_result(self._reader, result), tuple(feed.warnings))

    def _chosen(self, mode: AskMode, options: SearchOptions, clamps: list[str]) -> AskOptions:
        """Check what a caller gave, and add the settings; say which limits were cut."""
        from docsearch_cli.config import load_settings
        from docsearch_cli.run_limits import LIMIT_OF
        from docsearch_cli.search.engines import find_engine
        from docsearch_cli.search.filters import read_filters
        from docsearch_cli.search.result import AskOptions

        given: dict[str, Any] = dict(options)
        known = SearchOptions.__annotations__
        if unknown := [name for name in given if name not in known]:
            raise UsageError(
                f"there is no option {', '.join(unknown)}", hint=f"one of {', '.join(known)}"
            )
        if mode not in ("auto", "simple", "deep"):
            raise UsageError(f"there is no mode {brief(mode)}", hint="one of auto, simple, deep")
        limits = {name: given.pop(name) for name in known if name in given and name in LIMIT_OF}
        settings = load_settings(limits, beside=self._home.parent)
        clamps += settings.clamps()
        if "engine" in given:
            find_engine(given["engine"])
        if "agent" in given:
            from docsearch_cli.explore.agents.table import find_agent

            find_agent(given["agent"])
        conditions = read_filters(**{name: given.pop(name) for name in _FILTERS if name in given})
        starts = given.pop("starts", ())
        if isinstance(starts, str):
            raise UsageError("starts is one path", hint="give a tuple of paths")
        return AskOptions(
            settings=settings, mode=mode, starts=tuple(starts), conditions=conditions, **given
        )


def open_index(folder: str | os.PathLike[str] | None = None) -> Index:
    """Open an index that ``docsearch index`` made.

    Args:
        folder: The folder of the index, or one that holds a ``.docsearch``; None for the nearest
            one here or in a folder above.

    Returns:
        The index.

    Raises:
        IndexMissingError: If there is none.
        IndexCorruptError: If it is damaged, or another version made it.
    """
    from docsearch_cli.search.session import open_session

    with own_errors():
        return Index(open_session(_given(folder), {}, note=_ignore))


def open_run(run: str, folder: str | os.PathLike[str] | None = None) -> Run:
    """Read a recorded run.

    Args:
        run: Its id, the first characters of it, or the path of an exported file.
        folder: As for ``open_index``; nothing is looked for there if the run is in a file.

    Returns:
        The run.

    Raises:
        RunNotFoundError: If there is no such run, or several.
        RunCorruptError: If the record is not what was written.
    """
    from docsearch_cli.index.home import find_home, home_at
    from docsearch_cli.runs.catalog import is_export, opened_run
    from docsearch_cli.runs.picture import picture_run

    with own_errors():
        given = _given(folder)
        if is_export(run):
            home = home_at(Path(given or os.curdir))
        else:
            home = find_home(None, given, for_runs=True, note=_ignore)
        with opened_run(home, run) as store:
            return Run(picture_run(home, store))


def _given(folder: str | os.PathLike[str] | None) -> str | None:
    if folder is None:
        return None
    given = os.fspath(folder)
    if not given:  # as an unset variable leaves it; nobody means the current folder
        raise UsageError("the folder of the index is empty", hint="leave it out, or name one")
    return given


def _ignore(_text: str) -> None:
    """Take a note that a program has no use for."""


@contextmanager
def own_errors() -> Iterator[None]:
    """Turn what the machine refuses, and what damage in an index leads to, into our own errors."""
    try:
        yield
    except DocsearchError:
        raise
    except Exception as error:
        from docsearch_cli.environment import refusal
        from docsearch_cli.index.integrity import find_damage

        meant = refusal(error) or find_damage()
        if meant is None:
            raise
        raise meant from error

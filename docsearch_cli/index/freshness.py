"""Is an index still what the files say? A cheap check of all files, an exact one of what is quoted.

A folder's mtime changes when a file is added, removed or renamed, and when an editor saves by
renaming. A file edited in place is found by its own stat only: of all files where they are few,
and always of those that are quoted and of the ignore files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from docsearch_cli.corpus.encoding import decode, line_starts
from docsearch_cli.corpus.formats.table import PLAIN_TEXT, Format, format_named, is_paged
from docsearch_cli.corpus.gunzip import SUFFIX as GZIP
from docsearch_cli.corpus.gunzip import gunzip
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.corpus.walk.found_files import NOT_THERE
from docsearch_cli.corpus.walk.git_working_tree import GIT_EXCLUDE
from docsearch_cli.corpus.walk.ignore_rules import IGNORE_FILE_NAMES
from docsearch_cli.files import opened_file
from docsearch_cli.index.document_files import DocumentFiles, file_of, is_respelled
from docsearch_cli.index.kept_facts import kept_facts
from docsearch_cli.index.ledger import read_skipped
from docsearch_cli.index.places import absolute_path, holder_of
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.stat_cache import (
    FileStat,
    StatCache,
    is_of_these_roots,
    load_stats,
    places_of,
    stat_now,
    times_now,
)
from docsearch_cli.index.store import stat_folder
from docsearch_cli.models import Document

# The stat of a file takes five microseconds; more files than this would be felt.
MOST_CHECKED_FILES = 10_000
# A document is at most this long (the walk's limit); a longer file has changed.
_MOST_BYTES = 20_000_000
# Reasons for leaving a file out that may pass: it is written to the end, or may be read. A binary
# file changes often, and stays binary.
_MAY_BE_MENDED = frozenset(("broken", "undecodable", "unreadable"))
# How many changed files and folders are named.
_MOST_NAMED = 3

QuoteState = Literal["current", "changed", "gone", "unknown"]
"""``current``: the file holds the quote on its lines; ``changed``: it no longer does; ``gone``: the
file cannot be read; ``unknown``: its name is no UTF-8, so it cannot be found again by it."""


class Quoted(Protocol):
    """A quote, and where it stands."""

    @property
    def path(self) -> str:
        """Path of the document."""
        ...

    @property
    def line_start(self) -> int:
        """First line."""
        ...

    @property
    def line_end(self) -> int:
        """Last line."""
        ...

    @property
    def quote(self) -> str:
        """The file's own text."""
        ...

    @property
    def paged(self) -> bool:
        """True if the lines are pages."""
        ...


@dataclass(frozen=True, slots=True)
class Freshness:
    """What has changed since documents were indexed, as far as it was checked."""

    files: tuple[str, ...]
    """Documents and broken files that have changed or are gone, by path; ignore files, and
    configuration in hidden folders, absolute."""
    folders: tuple[str, ...]
    """Folders in which files were added, removed or renamed."""
    quotes: tuple[QuoteState, ...]
    """State of each quote, in order."""

    @property
    def is_stale(self) -> bool:
        """Whether anything has changed."""
        return bool(self.files or self.folders)

    def in_words(self, name: Callable[[str], str] = str) -> str:
        """Say what has changed, for a person.

        Args:
            name: Gives what a person calls a file or folder.

        Returns:
            The words.
        """
        parts = []
        if self.files:
            parts.append(f"{_named([*map(name, self.files)], 'file')} changed or gone")
        if self.folders:
            parts.append(
                f"files added, removed or renamed in {_named([*map(name, self.folders)], 'folder')}"
            )
        return "since the documents were indexed: " + "; ".join(parts)


def check_freshness(index: IndexReader, quotes: Sequence[Quoted]) -> Freshness:
    """Check whether files have changed since they were indexed.

    Args:
        index: The index.
        quotes: What is about to be shown.

    Returns:
        What has changed, among what was checked.
    """
    found = {quote.path: _file_state(index, quote.path) for quote in quotes}
    files = {path for path, (state, _) in found.items() if state in ("changed", "gone")}
    forms = {path: _format_of(index, path) for path in sorted(found)}
    texts = {path: text_of(forms[path], path, found[path][1]) for path in forms}
    folders: tuple[str, ...] = ()
    known = kept_facts(index, _KeptStats).current(index)
    if known is not None and is_of_these_roots(
        known.stats, index.folder.parent, (root.path for root in index.roots)
    ):
        files.update(_changed_files(known.files))
        times = known.times
        now = times_now(times)
        changed = sorted(path for path, time in times.items() if now.get(path, NOT_THERE) != time)
        files.update(filter(_is_read_by_walk, changed))
        folders = tuple(path for path in changed if not _is_read_by_walk(path))
    return Freshness(
        files=tuple(sorted(files)),
        folders=folders,
        quotes=tuple(
            _quote_state(found[quote.path][0], texts[quote.path], quote) for quote in quotes
        ),
    )


def changed_since(index: IndexReader, path: str) -> bool:
    """Tell whether a document's file is known to be another than the one that was indexed."""
    return _file_state(index, path)[0] in ("changed", "gone")


def is_made_here(index: IndexReader) -> bool:
    """Tell whether an index was made from the folders that have its roots' paths on this machine.

    An index that came with a cloned folder may name any folder as its root: nothing is read there
    on its word.
    """
    stats = load_stats(stat_folder(index.folder))
    if stats is None:
        return False
    now = places_of(index.folder.parent, (root.path for root in index.roots))
    return len(now) == len(index.roots) + 1 and now == stats.roots


def _is_read_by_walk(path: str) -> bool:
    """Tell whether a path is that of an ignore file, or of configuration in a hidden folder."""
    # The systems are not loaded where nothing has changed.
    from docsearch_cli.corpus.systems.configuration import HIDDEN_FOLDERS

    folder, _, name = path.rpartition("/")
    is_hidden = folder.rpartition("/")[2] in HIDDEN_FOLDERS
    return is_hidden or name in IGNORE_FILE_NAMES or path.endswith(f"/{GIT_EXCLUDE}")


def _checked_paths(index: IndexReader) -> Iterator[str]:
    """Yield the paths of files that an edit in place is likely to bring into the index."""
    for path in index.paths.rows():
        yield path.decode("utf-8")
    if not _MAY_BE_MENDED.isdisjoint(index.manifest.skipped):
        yield from (
            row["path"] for row in read_skipped(index.folder) if row["reason"] in _MAY_BE_MENDED
        )


@dataclass(frozen=True, slots=True)
class _KnownStats:
    """What files were like when they were indexed, ready to be compared."""

    stats: StatCache
    files: list[tuple[str, str | None, FileStat]]
    """Path, file and stat of each that is compared: none where there are too many. A file that its
    path does not lead to is gone."""
    times: dict[str, int]
    """The mtimes that the stats have, by absolute path."""

    @classmethod
    def of(cls, index: IndexReader, stats: StatCache) -> _KnownStats:
        """Return what an index's stats say."""
        places = DocumentFiles(index.roots)
        files = []
        for path in _checked_paths(index) if len(stats.paths) <= MOST_CHECKED_FILES else ():
            known = stats.files.get(path)
            if known is not None and not is_respelled(path):
                place = places.find(path)
                files.append((path, None if place is None else place.file, known))
        holder = holder_of(index.folder)
        times = {absolute_path(path, holder): mtime for path, mtime in stats.times.items()}
        return cls(stats, files, times)


class _KeptStats:
    """The stats of an index's files, read again where another process has put new ones there."""

    def __init__(self, _index: IndexReader) -> None:
        self._kept: tuple[tuple[int, ...], _KnownStats] | None = None

    def current(self, index: IndexReader) -> _KnownStats | None:
        """Return what is known of the files of an index; None without stats."""
        folder = stat_folder(index.folder)
        try:
            status = folder.stat()
        except OSError:
            return None
        now = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        if self._kept is not None and self._kept[0] == now:
            return self._kept[1]
        stats = load_stats(folder)
        known = None if stats is None else _KnownStats.of(index, stats)
        self._kept = None if known is None else (now, known)
        return known


def _changed_files(files: Iterable[tuple[str, str | None, FileStat]]) -> Iterator[str]:
    """Yield the files whose stat differs from the one they were indexed with."""
    for path, file, known in files:
        try:
            if file is None or stat_now(file) != known:
                yield path
        except OSError:
            yield path


def _file_state(index: IndexReader, path: str) -> tuple[QuoteState, bytes]:
    """Return whether a document's file is as it was indexed, and its content."""
    if is_respelled(path):
        return "unknown", b""
    document = index.paths.find(path)
    file = file_of(index.roots, path)
    if file is None or document is None:
        return "gone", b""
    try:
        with opened_file(file, follow=True) as handle:  # within its root, as was made sure
            data = handle.read(_MOST_BYTES + 1)
    except OSError:
        return "gone", b""
    if hashlib.sha256(data).hexdigest() == index.content_hash(document):
        return "current", data
    return "changed", data


class _Lines(NamedTuple):
    text: str
    starts: list[int]
    """Where each line starts, and where the last one ends."""

    def holds(self, quote: Quoted) -> bool:
        """Tell whether a quote stands on its lines."""
        last = len(self.starts) - 1
        first, end = min(quote.line_start - 1, last), min(quote.line_end, last)
        return quote.quote in self.text[self.starts[first] : self.starts[end]]


class _Units(NamedTuple):
    document: Document | None
    """None if it is not read again, as a PDF: its parser is native code."""

    def holds(self, quote: Quoted) -> bool:
        """Tell whether a quote stands in its page, slide, chapter or message."""
        return self.document is None or any(
            section.line_start == quote.line_start and quote.quote in section.text
            for section in self.document.sections
        )


def text_of(form: Format, path: str, data: bytes) -> _Lines | _Units | None:
    """Return a document's text with its places.

    Args:
        form: Its format.
        path: Its path.
        data: The file's content.

    Returns:
        What tells whether it holds a quote; None if it has no text, or is too long for a document.
    """
    if len(data) > _MOST_BYTES:
        return None
    try:
        if is_paged(form.name):
            return _Units(None if form.is_native else form.reader()(path, data, ""))
        unpack = form.unpacker()
        text = unpack(data) if unpack is not None else decode(_content(path, data))[0]
    except (ReaderError, RecursionError):
        return None
    return _Lines(text, [*line_starts(text), len(text)])


def _content(path: str, data: bytes) -> bytes:
    return gunzip(data) if path.lower().endswith(GZIP) else data


def _format_of(index: IndexReader, path: str) -> Format:
    document = index.paths.find(path)
    return format_named(PLAIN_TEXT if document is None else index.markup(document))


def is_in_its_place(data: bytes, quote: Quoted, form: Format) -> bool:
    """Tell whether a file holds a quote, character by character, where it says.

    Args:
        data: The file's content.
        quote: A quote.
        form: The file's format.

    Returns:
        False if the content is no text, too; True for a format that is not read again.
    """
    text = text_of(form, quote.path, data)
    return text is not None and text.holds(quote)


def _quote_state(state: QuoteState, text: _Lines | _Units | None, quote: Quoted) -> QuoteState:
    """Return whether a quote stands in its file, in its place.

    That the file is the one that was indexed says nothing of an index that strangers made.
    """
    if state not in ("current", "changed"):
        return state
    if isinstance(text, _Units) and text.document is None:
        return state
    return "current" if text is not None and text.holds(quote) else "changed"


def _named(names: Sequence[str], kind: str) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = ", ..." if len(names) > _MOST_NAMED else ""
    return f"{len(names):,} {kind}{'s' if len(names) > 1 else ''} ({shown}{more})"

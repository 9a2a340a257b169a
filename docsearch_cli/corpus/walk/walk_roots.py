"""Walk the roots: every file below them once, in an order that depends on names alone.

Every file or folder that is left out (ignored, hidden, outside the root, too large, not a regular
file, a copy) gets a ledger row, so that the ledger is complete. Symbolic links are followed after
everything else: a file has its own path if that is inside the root, and a link's path only if not.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from operator import attrgetter
from pathlib import Path

from docsearch_cli.corpus.systems.configuration import HIDDEN_FOLDERS, hidden_settings
from docsearch_cli.corpus.walk.copies import without_copies
from docsearch_cli.corpus.walk.found_files import (
    NOT_THERE,
    FoundFile,
    Walked,
    printable,
    root_names,
)
from docsearch_cli.corpus.walk.git_working_tree import find_working_tree
from docsearch_cli.corpus.walk.ignore_rules import IGNORE_FILE_NAMES, IgnoreFiles
from docsearch_cli.corpus.walk.left_alone import (
    GIT_IGNORE,
    GIT_MODULES,
    in_words,
    missing_modules,
)
from docsearch_cli.environment import raise_if_starved
from docsearch_cli.errors import InputError
from docsearch_cli.models import LedgerEntry

# An index of this program is never part of a corpus and gets no ledger row.
_INDEX_FOLDER = ".docsearch"
_SPECIAL_KINDS = (
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "character device"),
    (stat.S_ISBLK, "block device"),
)


def walk(
    roots: Sequence[Path], *, max_file_bytes: int = 20_000_000
) -> Iterator[FoundFile | LedgerEntry]:
    """Find the files below the roots.

    Args:
        roots: Folders or single files. With several, paths begin with the root's name.
        max_file_bytes: Larger files are left out.

    Yields:
        Files to read, and rows for what is left out, sorted by path.
    """
    yield from walk_in_time(roots, max_file_bytes=max_file_bytes).entries


def walk_in_time(roots: Sequence[Path], *, max_file_bytes: int = 20_000_000) -> Walked:
    """Find the files below the roots, with the times of everything that decides which are found.

    Args:
        roots: Folders or single files. With several, paths begin with the root's name.
        max_file_bytes: Larger files are left out.

    Returns:
        The files, and the times.
    """
    found: list[FoundFile | LedgerEntry] = []
    met = _Met()
    for root, name in zip(roots, root_names(roots), strict=True):
        shown = name if len(roots) > 1 else ""
        found += _RootWalk(root, shown, met, max_file_bytes).run()
    return Walked(tuple(without_copies(tuple(_in_path_order(found)))), met.times)


@dataclass(slots=True)
class _Met:
    """Real files and folders met so far in all roots, each with its path."""

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[tuple[int, int], str] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    """See ``Walked``."""

    def note_time(self, path: str) -> None:
        """Note when a folder or ignore file last changed, before it is first read."""
        if path in self.times:
            return
        try:
            self.times[path] = os.stat(path).st_mtime_ns  # noqa: PTH116
        except OSError:
            self.times[path] = NOT_THERE


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder still to be listed."""

    directory: str
    """Its real path."""
    inner: str
    """Its path below the root, ending in ``/`` unless empty; patterns are matched with it."""
    ignore_files: IgnoreFiles
    """Those of the folders above it, and its own once it has been listed."""


class _RootWalk:
    """The walk of one root."""

    def __init__(self, root: Path, shown: str, met: _Met, max_file_bytes: int) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self._shown = shown
        self._met = met
        self._max_file_bytes = max_file_bytes
        self._found: list[FoundFile | LedgerEntry] = []
        self._folders: deque[_Folder] = deque()
        self._links: deque[tuple[str, _Folder]] = deque()

    def run(self) -> list[FoundFile | LedgerEntry]:
        """Walk the root; see ``walk``."""
        try:
            status = os.stat(self._real_root)  # noqa: PTH116
            if stat.S_ISDIR(status.st_mode):
                os.scandir(self._real_root).close()
        except OSError as error:
            raise_if_starved(error, self._real_root)
            raise InputError(
                f"cannot read {printable(str(self._root))}: {error.strerror}",
                hint="give a folder or a file that exists",
            ) from error
        if stat.S_ISDIR(status.st_mode):
            self._shown += "/" if self._shown else ""
            self._enter(self._real_root, "", self._ignore_files_above(), status)
            self._list_folders()
            while self._links:
                self._follow(*self._links.popleft())
                self._list_folders()
        else:
            self._shown = self._shown or printable(os.path.basename(self._root))  # noqa: PTH119
            self._add_file("", self._real_root, status)
        return self._found

    def _ignore_files_above(self) -> IgnoreFiles:
        tree = find_working_tree(self._real_root)
        for file in tree.files:
            self._met.note_time(file.location)
        return IgnoreFiles.above(tree, self._shown)

    def _list_folders(self) -> None:
        while self._folders:
            folder = self._folders.popleft()
            self._met.note_time(folder.directory)
            try:
                with os.scandir(folder.directory) as listing:
                    entries = sorted(listing, key=_bytes_of_name)
            except OSError as error:
                raise_if_starved(error, folder.directory)
                self._skip(folder.inner, "unreadable", error.strerror or "")
                continue
            ignore_files = [entry for entry in entries if entry.name in IGNORE_FILE_NAMES]
            for entry in ignore_files:
                self._met.note_time(entry.path)
            if ignore_files:
                shown = self._show(folder.inner)
                here = folder.ignore_files.entering(folder.directory, folder.inner, shown)
                folder = replace(folder, ignore_files=here)
            for entry in entries:
                self._add_entry(entry, folder)

    def _add_entry(self, entry: os.DirEntry[str], folder: _Folder) -> None:
        name = entry.name
        inner = folder.inner + name
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            raise_if_starved(error, inner)
            self._skip(inner, "unreadable", error.strerror or "")
            return
        kind = stat.S_IFMT(status.st_mode)
        is_folder = kind == stat.S_IFDIR
        if is_folder and name == _INDEX_FOLDER:
            return
        if name == GIT_MODULES and not is_folder:
            words = in_words(missing_modules(entry.path), name)
            self._skip(inner, "hidden", words, status.st_size)
            return
        if name in HIDDEN_FOLDERS and is_folder:
            self._skip(inner + "/", "hidden", hidden_settings(entry.path, self._met.note_time))
            return
        if self._leaves_out(inner, name, folder.ignore_files, status, is_folder=is_folder):
            return
        if is_folder:
            self._enter(entry.path, inner + "/", folder.ignore_files, status)
        elif kind == stat.S_IFLNK:
            self._links.append((name, folder))
        else:
            self._add_file(inner, entry.path, status)

    def _leaves_out(
        self,
        inner: str,
        name: str,
        ignore_files: IgnoreFiles,
        status: os.stat_result,
        *,
        is_folder: bool,
    ) -> bool:
        if name == GIT_IGNORE:
            reason, detail = "hidden", in_words(ignore_files.paths_in(self._show(inner)))
        elif name.startswith("."):
            reason, detail = "hidden", ""
        elif not ignore_files.rules:
            return False
        else:
            pattern = ignore_files.reason(inner, is_folder=is_folder)
            if pattern is None:
                return False
            reason, detail = "ignored", pattern
        if is_folder:
            self._skip(inner + "/", reason, detail)
        else:
            self._skip(inner, reason, detail, status.st_size)
        return True

    def _enter(
        self, directory: str, inner: str, ignore_files: IgnoreFiles, status: os.stat_result
    ) -> None:
        identity = (status.st_dev, status.st_ino)
        known = self._met.folders.get(identity)
        if known is not None:
            self._skip(inner, "duplicate", f"the same folder as {known or '.'}")
            return
        self._met.folders[identity] = self._show(inner)
        self._folders.append(_Folder(directory, inner, ignore_files))

    def _add_file(self, inner: str, file: str, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            kinds = (kind for is_kind, kind in _SPECIAL_KINDS if is_kind(status.st_mode))
            self._skip(inner, "special", next(kinds, "not a regular file"))
            return
        shown = self._show(inner)
        known = self._met.files.get(file)
        if known is not None:
            self._skip(inner, "duplicate", f"the same file as {known}", status.st_size)
            return
        self._met.files[file] = shown
        if status.st_size > self._max_file_bytes:
            detail = f"{status.st_size:,} bytes; the limit is {self._max_file_bytes:,}"
            self._skip(inner, "too-large", detail, status.st_size)
        else:
            self._found.append(
                FoundFile(
                    path=shown,
                    location=file,
                    root=self._root,
                    size_bytes=status.st_size,
                    mtime_ns=status.st_mtime_ns,
                    ctime_ns=status.st_ctime_ns,
                    inode=status.st_ino,
                )
            )

    def _follow(self, name: str, folder: _Folder) -> None:
        """Add the target of a symbolic link, if it is inside the root and not yet known."""
        inner = folder.inner + name
        link = os.path.join(folder.directory, name)  # noqa: PTH118 - the name may be no UTF-8
        try:
            real = os.path.realpath(link, strict=True)
            status = os.stat(real)  # noqa: PTH116
        except OSError as error:
            raise_if_starved(error, link)
            loops = error.errno == errno.ELOOP
            dangles = error.errno in (errno.ENOENT, errno.ENOTDIR)
            reason = "symlink-loop" if loops else "symlink-dangling" if dangles else "unreadable"
            self._skip(inner, reason, error.strerror or "")
            return
        if not f"{real}/".startswith(self._real_root.rstrip("/") + "/"):
            self._skip(inner, "symlink-outside", "it points outside the indexed folder")
        elif not stat.S_ISDIR(status.st_mode):
            self._add_file(inner, real, status)
        elif f"{folder.directory}/".startswith(f"{real}/"):
            self._skip(inner + "/", "symlink-loop", "it points to a folder that holds it")
        elif not self._leaves_out(inner, name, folder.ignore_files, status, is_folder=True):
            self._enter(real, inner + "/", folder.ignore_files, status)

    def _show(self, inner: str) -> str:
        return printable(self._shown + inner)

    def _skip(self, inner: str, reason: str, detail: str = "", size_bytes: int = 0) -> None:
        self._found.append(
            LedgerEntry(self._show(inner) or ".", "skipped", reason, detail, size_bytes)
        )


def _bytes_of_name(entry: os.DirEntry[str]) -> bytes:
    return os.fsencode(entry.name)


def _in_path_order(
    found: list[FoundFile | LedgerEntry],
) -> Iterator[FoundFile | LedgerEntry]:
    """Sort by path; an escaped name that equals another name gets a number before its suffix."""
    found.sort(key=attrgetter("path"))
    taken = {entry.path for entry in found}
    if len(taken) == len(found):
        yield from found
        return
    named: dict[str, FoundFile | LedgerEntry] = {}
    for entry in found:
        if entry.path in named:
            stem, suffix = os.path.splitext(entry.path)  # noqa: PTH122 - it may end in a slash
            free = next(path for n in count(2) if (path := f"{stem}~{n}{suffix}") not in taken)
            taken.add(free)
            entry = replace(entry, path=free)
        named[entry.path] = entry
    yield from sorted(named.values(), key=attrgetter("path"))

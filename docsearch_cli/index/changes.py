"""The files on disk compared with those of an index: which may stay, and which must be read.

A file stays if its stat proves that it has not changed (``stat_cache.py``), or if its content has
the same hash.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk_in_time
from docsearch_cli.files import hash_file, name_in_utf8, opened_file
from docsearch_cli.index.ledger import read_skipped
from docsearch_cli.index.sources import EarlierIndex
from docsearch_cli.index.stat_cache import StatCache, load_stats
from docsearch_cli.index.store import stat_folder
from docsearch_cli.models import LedgerEntry


@dataclass(frozen=True)
class Scan:
    """Every file below the roots, once."""

    files: tuple[FoundFile, ...]
    skipped: tuple[LedgerEntry, ...]
    """What the walk leaves out."""
    roots: tuple[str, ...]
    """Absolute."""
    times: dict[str, int]
    """See ``Walked``; only where the path is UTF-8."""
    started_ns: int
    """When the walk began."""

    @cached_property
    def file_of(self) -> dict[str, FoundFile]:
        """The files by path."""
        return {file.path: file for file in self.files}


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of an index's documents.

    Shapes:
        kept: (n_documents,) bool, true where the file has not changed.
    """

    kept: NDArray[np.bool_]
    skipped: tuple[LedgerEntry, ...]
    """Files that could not be read then and have not changed."""
    to_read: tuple[FoundFile, ...]


def scan(roots: Sequence[Path]) -> Scan:
    """Walk the roots."""
    started_ns = time.time_ns()
    walked = walk_in_time(roots)
    times = ((name_in_utf8(path), time_ns) for path, time_ns in walked.times.items())
    return Scan(
        files=tuple(entry for entry in walked.entries if isinstance(entry, FoundFile)),
        roots=tuple(map(str, roots)),
        skipped=tuple(entry for entry in walked.entries if isinstance(entry, LedgerEntry)),
        times={path: time_ns for path, time_ns in times if path is not None},
        started_ns=started_ns,
    )


def find_changes(found: Scan, earlier: EarlierIndex | None) -> Changes:
    """Compare the files with an index; with none, all must be read."""
    if earlier is None:
        return Changes(np.zeros(0, np.bool_), (), found.files)
    reader = earlier.reader
    stats = load_stats(stat_folder(reader.folder))
    paths = reader.paths
    number_of = {path.decode("utf-8"): number for number, path in enumerate(paths.rows())}
    skipped_then = {row["path"]: row for row in read_skipped(reader.folder)}
    kept = np.zeros(len(paths), np.bool_)
    skipped: list[LedgerEntry] = []
    to_read: list[FoundFile] = []
    for file in found.files:
        number = number_of.get(file.path)
        if number is not None and _has_its_content(file, reader.hashes[number], stats):
            kept[number] = True
            continue
        row = skipped_then.get(file.path) if number is None else None
        if (
            row is not None
            and stats is not None
            and stats.is_unchanged(file)
            and _is_left_out_still(file, row)
        ):
            skipped.append(_entry(row))
        else:
            to_read.append(file)
    return Changes(kept, tuple(skipped), tuple(to_read))


def _is_left_out_still(file: FoundFile, row: dict[str, Any]) -> bool:
    """Tell whether an unchanged file is left out for the reason that it was left out for.

    Whether it can be opened depends on who opens it, and on more than the file itself.
    """
    if row["reason"] != "unreadable":
        return True
    try:
        with opened_file(file.location):
            return False
    except OSError as error:
        return bool(row["detail"] == (error.strerror or str(error)))


def _has_its_content(
    file: FoundFile, content_hash: NDArray[np.uint8], stats: StatCache | None
) -> bool:
    if stats is not None and stats.is_unchanged(file):
        return True
    try:
        return hash_file(file.location) == content_hash.tobytes()
    except OSError:
        return False


def _entry(row: dict[str, Any]) -> LedgerEntry:
    return LedgerEntry(row["path"], row["status"], row["reason"], row["detail"])

"""What is on disk now, against what an index holds: what may stay, and what must be read.

A file stays if it looks as it did when it was read (``stat_cache.py``), or if it looks otherwise
and its content is the same.
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

from docsearch_cli.corpus.walk.found_files import FoundFile, walk_in_time
from docsearch_cli.files import hash_file, name_in_utf8, opened_file
from docsearch_cli.index.ledger import read_skipped
from docsearch_cli.index.sources import EarlierIndex
from docsearch_cli.index.stat_cache import Seen, load_seen
from docsearch_cli.index.store import seen_folder
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
    looked_at_ns: int
    """When the walk began."""

    @cached_property
    def file_of(self) -> dict[str, FoundFile]:
        """The files by path."""
        return {file.path: file for file in self.files}


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of an index's documents.

    Shapes:
        kept: (n_documents,) bool, those whose files are as they were.
    """

    kept: NDArray[np.bool_]
    skipped: tuple[LedgerEntry, ...]
    """Files that could not be read then and are as they were."""
    to_read: tuple[FoundFile, ...]


def scan(roots: Sequence[Path]) -> Scan:
    """Walk the roots."""
    looked_at_ns = time.time_ns()
    walked = walk_in_time(roots)
    times = ((name_in_utf8(path), time_ns) for path, time_ns in walked.times.items())
    return Scan(
        files=tuple(entry for entry in walked.entries if isinstance(entry, FoundFile)),
        roots=tuple(map(str, roots)),
        skipped=tuple(entry for entry in walked.entries if isinstance(entry, LedgerEntry)),
        times={path: time_ns for path, time_ns in times if path is not None},
        looked_at_ns=looked_at_ns,
    )


def find_changes(found: Scan, earlier: EarlierIndex | None) -> Changes:
    """Compare the files with an index; with none, all must be read."""
    if earlier is None:
        return Changes(np.zeros(0, np.bool_), (), found.files)
    reader = earlier.reader
    seen = load_seen(seen_folder(reader.folder))
    paths = reader.paths
    number_of = {path.decode("utf-8"): number for number, path in enumerate(paths.rows())}
    skipped_then = {row["path"]: row for row in read_skipped(reader.folder)}
    kept = np.zeros(len(paths), np.bool_)
    skipped: list[LedgerEntry] = []
    to_read: list[FoundFile] = []
    for file in found.files:
        number = number_of.get(file.path)
        if number is not None and _is_as_read(file, reader.hashes[number], seen):
            kept[number] = True
            continue
        row = skipped_then.get(file.path) if number is None else None
        if row is not None and seen is not None and seen.is_same(file) and _is_so_still(file, row):
            skipped.append(_entry(row))
        else:
            to_read.append(file)
    return Changes(kept, tuple(skipped), tuple(to_read))


def _is_so_still(file: FoundFile, row: dict[str, Any]) -> bool:
    """Tell whether a file that looks as it did is left out as it was.

    Whether it can be opened depends on who opens it, and on more than itself.
    """
    if row["reason"] != "unreadable":
        return True
    try:
        with opened_file(file.location):
            return False
    except OSError as error:
        return bool(row["detail"] == (error.strerror or str(error)))


def _is_as_read(file: FoundFile, content_hash: NDArray[np.uint8], seen: Seen | None) -> bool:
    if seen is not None and seen.is_same(file):
        return True
    try:
        return hash_file(file.location) == content_hash.tobytes()
    except OSError:
        return False


def _entry(row: dict[str, Any]) -> LedgerEntry:
    return LedgerEntry(row["path"], row["status"], row["reason"], row["detail"])

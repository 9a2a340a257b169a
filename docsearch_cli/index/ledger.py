"""The ledger: what became of every file that the walk found."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docsearch_cli.arrays import damaged
from docsearch_cli.files import opened_file
from docsearch_cli.index.documents import DocumentRow, Remarks, remarks_of
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.update_tables import UpdateTables
from docsearch_cli.models import LedgerEntry

_FILE = "ledger.jsonl"
PARTLY = "partly"
"""Reason of an indexed file of which something was not read."""
FRONT_MATTER = "front-matter"
"""Reason of an indexed file whose front matter could not be read."""
GENERATED = "generated"
"""Reason of an indexed page that a program made of other pages."""


def save_ledger(folder: Path, entries: Iterable[LedgerEntry]) -> None:
    """Write what is not in the index: one JSON object a line, in the order given.

    Sizes are left out: a file that is not read may grow without a change of the index.
    """
    with (folder / _FILE).open("w", encoding="utf-8", errors="replace") as handle:
        for entry in entries:
            row = {
                "path": entry.path,
                "status": entry.status,
                "reason": entry.reason,
                "detail": entry.detail,
            }
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")


def count_by_reason(
    entries: Iterable[LedgerEntry], documents: Iterable[DocumentRow] = ()
) -> dict[str, int]:
    """Return how much was skipped, by reason, sorted.

    Args:
        entries: Files, and folders left out whole.
        documents: What is indexed; a part of it may be skipped.

    Returns:
        How many files and folders, by reason; indexed files of which a part was skipped included.
    """
    counts = Counter(entry.reason for entry in entries if entry.status == "skipped")
    for document in documents:
        reason = _remark(document)[0]
        if reason:
            counts[reason] += 1
    return dict(sorted(counts.items()))


def read_ledger(index: IndexReader) -> Iterator[dict[str, Any]]:
    """Yield one row a file, by path: path, status, reason, detail; size_bytes if indexed."""
    others = UpdateTables(index.folder).other_names
    indexed = (
        asdict(_indexed(index.paths[row], remarks_of(others[row]), int(size)))
        for row, size in enumerate(index.document_sizes[:, 0])
    )
    yield from heapq.merge(indexed, read_skipped(index.folder), key=lambda row: str(row["path"]))


def _indexed(path: str, remarks: Remarks, size_bytes: int) -> LedgerEntry:
    return LedgerEntry(path, "indexed", *_remark(remarks), size_bytes)


def _remark(document: DocumentRow | Remarks) -> tuple[str, str]:
    """Return what is to be said of an indexed document: a reason and details, or nothing."""
    if document.made_by:
        return (
            GENERATED,
            f"made by {document.made_by} of other pages: found by its file's name alone",
        )
    if document.front_matter_fault:
        return FRONT_MATTER, f"front matter that cannot be read: {document.front_matter_fault}"
    return PARTLY if document.unread else "", "; ".join(document.unread)


def read_skipped(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of what is not in the index.

    Args:
        folder: The generation's folder.

    Yields:
        One row a file (or folder left out whole), by path.

    Raises:
        IndexCorruptError: If the file is damaged.
    """
    try:
        with opened_file(folder / _FILE) as handle:
            yield from map(json.loads, handle)
    except (OSError, ValueError) as error:
        raise damaged(folder / _FILE, error) from error

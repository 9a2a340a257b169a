"""The ledger: what became of every file that the walk met."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from docsearch_cli.models import LedgerEntry


def save_ledger(path: Path, entries: Iterable[LedgerEntry]) -> None:
    """Write one JSON object a line, in the order given.

    Sizes are left out: a file that is not read may grow without a change of the index.
    """
    with path.open("w", encoding="utf-8", errors="replace") as handle:
        for entry in entries:
            row = {
                "path": entry.path,
                "status": entry.status,
                "reason": entry.reason,
                "detail": entry.detail,
            }
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")


def count_by_reason(entries: Iterable[LedgerEntry]) -> dict[str, int]:
    """Return how many files (or folders left out whole) were skipped, by reason, sorted."""
    counts = Counter(entry.reason for entry in entries if entry.status == "skipped")
    return dict(sorted(counts.items()))

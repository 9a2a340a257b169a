"""The ledger: what became of every file that the walk met."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from docsearch_cli.models import LedgerEntry


def save_ledger(path: Path, entries: Iterable[LedgerEntry]) -> None:
    """Write one JSON object a line, in the order given."""
    with path.open("w", encoding="utf-8") as handle:
        for entry in entries:
            handle.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")


def count_by_reason(entries: Iterable[LedgerEntry]) -> dict[str, int]:
    """Return how many files (or folders left out whole) were skipped, by reason, sorted."""
    counts = Counter(entry.reason for entry in entries if entry.status == "skipped")
    return dict(sorted(counts.items()))

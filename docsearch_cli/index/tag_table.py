"""Tags and dates of an index: what pages say of themselves, to be filtered by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from docsearch_cli.arrays import rows_of, save_array
from docsearch_cli.string_table import save_strings

if TYPE_CHECKING:
    from docsearch_cli.index.documents import DocumentRow


def tag_key(tag: str) -> str:
    """Return what a tag is compared by: without case, a ``#`` before it and ``/`` around it."""
    return tag.strip().lstrip("#").strip("/").casefold()


def save_tags(folder: Path, documents: Sequence[DocumentRow]) -> None:
    """Write the tags, sorted, with the documents that have each, and the days of all documents."""
    by_tag: dict[str, list[int]] = {}
    for row, document in enumerate(documents):
        for tag in sorted({tag_key(tag) for tag in document.tags}):
            if tag:
                by_tag.setdefault(tag, []).append(row)
    tags = sorted(by_tag, key=lambda tag: tag.encode("utf-8", "replace"))
    starts, rows = rows_of([by_tag[tag] for tag in tags])
    save_strings(folder, "tags", tags)
    save_array(folder, "tags.starts", starts)
    save_array(folder, "tags.documents", rows)
    days = [date.fromisoformat(item.dated).toordinal() if item.dated else 0 for item in documents]
    save_array(folder, "documents.dates", np.array(days, dtype=np.int32))

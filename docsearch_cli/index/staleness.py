"""Would a build give another index than the one that is there? Found out without building."""

from __future__ import annotations

import os
from pathlib import Path

from docsearch_cli.corpus.load import read_outcomes
from docsearch_cli.index.changes import Scan, find_changes, scan
from docsearch_cli.index.identity import BuildSettings, generation_digest, indexer_digest
from docsearch_cli.index.ledger import read_skipped
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.sources import EarlierIndex
from docsearch_cli.models import LedgerEntry


def is_of_other_code(reader: IndexReader) -> bool:
    """Tell whether another version of docsearch, of Python or of a library made an index."""
    return reader.manifest.indexer != indexer_digest()


def usable_index(current: IndexReader | None, settings: BuildSettings) -> EarlierIndex | None:
    """Return the current generation if a new one can be built upon it."""
    if (
        current is None
        or current.manifest.indexer != settings.indexer
        or current.roots != settings.roots
        or settings.systems != current.manifest.systems
    ):
        return None
    return EarlierIndex(current)


def is_stale(reader: IndexReader) -> bool:
    """Tell whether the files, or the code that indexes them, differ from those of an index.

    Args:
        reader: The index.

    Returns:
        Whether indexing again would give another one. Files whose size, times or inode differ are
        hashed for it; only those that were left out are read.
    """
    model = reader.model
    settings = BuildSettings(
        roots=reader.roots,
        indexer=indexer_digest(),
        encoder=None,
        revision=model.revision if model is not None else "",
        languages=reader.set_languages,
        systems=reader.manifest.systems,
    )
    earlier = usable_index(reader, settings)
    # Path.exists raises if a folder above may not be entered, or a name is too long.
    are_there = all(os.path.exists(root.path) for root in reader.roots)  # noqa: PTH110
    if earlier is None or not are_there:
        return True
    return _differs(scan([Path(root.path) for root in reader.roots]), earlier, settings)


def _differs(found: Scan, earlier: EarlierIndex, settings: BuildSettings) -> bool:
    changes = find_changes(found, earlier)
    left_out = {row["path"] for row in read_skipped(earlier.reader.folder)}
    if any(file.path not in left_out for file in changes.to_read):
        return True
    again = read_outcomes(changes.to_read)
    rows = [outcome for outcome in again if isinstance(outcome, LedgerEntry)]
    documents = [earlier.documents[row] for row in changes.kept.nonzero()[0].tolist()]
    skipped = (*found.skipped, *changes.skipped, *rows)
    digest = generation_digest(settings, documents, skipped)
    return len(rows) < len(again) or digest != earlier.reader.digest

"""A whole corpus in memory, as tests and measurements of the readers want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docsearch_cli.corpus.load import FilesDone, read_outcomes
from docsearch_cli.corpus.walk.found_files import FoundFile, root_names
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.models import Document, LedgerEntry


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a walk and the readers made of the roots."""

    documents: tuple[Document, ...]
    ledger: tuple[LedgerEntry, ...]
    roots: tuple[str, ...]


def load_corpus(
    roots: Sequence[Path],
    *,
    workers: int | None = None,
    progress: FilesDone | None = None,
) -> Corpus:
    """Walk the roots and read what they hold.

    Args:
        roots: Folders or single files.
        workers: Reading processes; by default one per processor. The result does not depend on it.
        progress: Called with the files read so far and their total.

    Returns:
        Documents and ledger, both sorted by path; the ledger has a row for every file met.
    """
    entries = list(walk(roots))
    files = [entry for entry in entries if isinstance(entry, FoundFile)]
    skipped = [entry for entry in entries if isinstance(entry, LedgerEntry)]
    outcomes = read_outcomes(files, workers=workers, progress=progress)
    documents = tuple(outcome for outcome in outcomes if isinstance(outcome, Document))
    ledger = skipped + [
        LedgerEntry(outcome.path, "indexed", "", size_bytes=outcome.size_bytes)
        if isinstance(outcome, Document)
        else outcome
        for outcome in outcomes
    ]
    return Corpus(
        documents=documents,
        ledger=tuple(sorted(ledger, key=lambda row: row.path)),
        roots=root_names(roots),
    )

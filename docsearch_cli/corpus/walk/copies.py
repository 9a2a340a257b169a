"""Copies: files that say what another file says, so that a budget would be spent twice on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.systems.table import pages_made_of
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.same_page import copies_among
from docsearch_cli.models import LedgerEntry


def without_copies(
    found: Sequence[FoundFile | LedgerEntry],
) -> Iterator[FoundFile | LedgerEntry]:
    """Leave out the sources and copies of pages that are there too.

    Args:
        found: All entries of all roots, whether they will be indexed or not.

    Yields:
        The same entries, with a ledger row for each copy.
    """
    path_of: dict[str, str] | None = None
    same = copies_among([entry for entry in found if isinstance(entry, FoundFile)])
    for entry in found:
        if isinstance(entry, FoundFile):
            if entry.location in same:
                yield _copy(entry, same[entry.location])
                continue
            for page in pages_made_of(entry.location):
                if path_of is None:  # made only when it is needed: few corpora have such files
                    files = (file for file in found if isinstance(file, FoundFile))
                    path_of = {file.location: file.path for file in files}
                if page in path_of:
                    entry = _copy(entry, f"the source of {path_of[page]}")
                    break
        yield entry


def _copy(file: FoundFile, detail: str) -> LedgerEntry:
    return LedgerEntry(file.path, "skipped", "copy", detail, file.size_bytes)

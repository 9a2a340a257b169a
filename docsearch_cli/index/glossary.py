"""The glossary of an index: short forms that its documents explain, and what they stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from docsearch_cli.index.kept_facts import kept_facts
from docsearch_cli.retrieval.synonyms import ShortForm
from docsearch_cli.string_table import save_strings

if TYPE_CHECKING:
    from docsearch_cli.index.documents import DocumentRow
    from docsearch_cli.index.reader import IndexReader

# Long forms that are kept of one short form: those that most documents give.
_MOST_LONG = 2
# Short forms that are kept, those of most documents: a question is compared with each.
_MOST_SHORT = 5_000


def short_forms_of(index: IndexReader) -> tuple[ShortForm, ...]:
    """Return the short forms that an index's documents explain."""
    return kept_facts(index, _read_glossary)


def _read_glossary(index: IndexReader) -> tuple[ShortForm, ...]:
    return tuple(ShortForm.read(row.decode()) for row in index.glossary.rows())


def save_glossary(folder: Path, documents: Sequence[DocumentRow]) -> None:
    """Write a row for each pair: the short form in lower case, a tab, the long form as spelled."""
    counts: dict[str, Counter[str]] = {}
    spelled: dict[tuple[str, str], str] = {}
    for document in documents:
        for short, long in document.short_forms:
            key = " ".join(long.casefold().split())
            counts.setdefault(short.casefold(), Counter())[key] += 1
            known = spelled.get((short.casefold(), key))
            spelled[short.casefold(), key] = long if known is None else min(known, long)
    frequent = sorted(counts, key=lambda short: (-counts[short].total(), short))[:_MOST_SHORT]
    rows = [
        f"{short}\t{' '.join(spelled[short, key].split())}"
        for short in frequent
        for key, _ in sorted(counts[short].items(), key=lambda item: (-item[1], item[0]))[
            :_MOST_LONG
        ]
    ]
    save_strings(folder, "glossary", sorted(rows, key=lambda row: row.encode("utf-8", "replace")))

"""Whether documents write a word with a hyphen before it, as the option of a command."""

from __future__ import annotations

import re
from collections.abc import Iterable

from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.covering_terms import covering_terms

# What may stand before an option. A word before the hyphen, or a sign of markup behind one, makes
# it a part of a compound: low\-level, **Iowa**-class.
_BEFORE = r"""(?:(?<![^\s`(\[|])|(?<=\s["']))"""


def is_written_option(index: IndexReader, word: str) -> bool:
    """Tell whether a word behind a single hyphen is something to search for, not to leave out.

    Args:
        index: The index.
        word: Letters and digits.

    Returns:
        True if a document writes ``-word``, in the same case; also for a word that nearly every
        page has, which nobody leaves out.
    """
    keyword = index.keyword

    def contains(part: str) -> Iterable[str]:
        return (keyword.terms[row] for row in keyword.terms.find_all(part))

    terms = covering_terms(word, index.language, contains)
    written = re.compile(rf"{_BEFORE}-{re.escape(word)}(?![\w-])")
    return not terms or any(
        written.search(index.texts[int(section)]) is not None
        for term in sorted(terms)
        for section in keyword.sections_with(term)
    )

"""From a word to the terms of an index that every text with this word has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from docsearch_cli.retrieval.word_forms import IDEOGRAM, UNSPACED, forms_of, whole_form

# What only tokens with marks, with signs or as spelled hold.
_NOT_PLAIN = re.compile(r"[^\w.\-]")


def covering_terms(
    word: str, language: str, contains: Callable[[str], Iterable[str]]
) -> frozenset[str]:
    """Return tokens of which every text that holds a word has at least one.

    A text holds a word if one of the longest runs of ``\\w`` in it, after NFKC, is the word in
    whatever case.

    Args:
        word: Word characters, in any case, as NFKC leaves them.
        language: The index's.
        contains: Gives the terms of the index that contain a string.

    Returns:
        The tokens; none if no tokens tell the texts that hold the word: it is a stop word or
        underscores. Texts that do not hold it may have them too.
    """
    folded = word.casefold()
    unspaced = UNSPACED.findall(folded)
    if unspaced:
        longest = max(unspaced, key=len)
        if len(longest) > 1 or IDEOGRAM.match(longest):
            return frozenset((longest[:2],))
        return frozenset(
            term for term in contains(longest) if len(term) <= 2 and UNSPACED.match(term)
        )
    bare = folded.strip("_")
    forms = (whole_form(folded),) if "_" in bare else forms_of(bare, language) if bare else ()
    if not forms or folded.isascii():
        return frozenset(forms[:1])
    # Beside a mark it is not a word: then only the spelling of the whole run holds it.
    marked = (term for term in contains(folded) if _NOT_PLAIN.search(term))
    return frozenset((forms[0], *marked))

"""Phrases: words that follow each other in a text, in whatever case, as they are spelled.

Between two words of a phrase may stand whatever is no word: white space, line ends, hyphens,
underscores. Where a script puts no spaces between words, a phrase may begin and end inside a run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from docsearch_cli.retrieval.covering_terms import covering_terms
from docsearch_cli.retrieval.folding import IGNORED
from docsearch_cli.retrieval.surfaces import surfaces_of
from docsearch_cli.retrieval.word_forms import UNSPACED

_WORD = re.compile(r"[^\W_]+")


class Phrase:
    """A phrase to be looked for in texts.

    Args:
        text: The phrase as it was typed; it has a word character.
    """

    def __init__(self, text: str) -> None:
        self.words = tuple(_WORD.findall(_folded(text))) or (_folded(text).strip(),)
        self._signed = tuple(dict.fromkeys(surfaces_of(text)[1]))
        begin = "" if UNSPACED.match(self.words[0]) else r"(?<![^\W_])"
        end = "" if UNSPACED.match(self.words[-1][-1]) else r"(?![^\W_])"
        joined = r"[\W_]+".join(map(re.escape, self.words))
        self._pattern = re.compile(f"{begin}{joined}{end}")

    def is_in(self, text: str) -> bool:
        """Tell whether a text that a person reads holds the phrase."""
        folded = _folded(text)
        return (
            all(name in folded for name in self._signed)
            and self._pattern.search(folded) is not None
        )

    def may_be_in(self, source: str) -> bool:
        """Tell whether a text with its markup may hold the phrase; false is certain."""
        if not source.isascii():
            return True
        folded = source.casefold()
        return all(word in folded for word in self.words)

    def covering(
        self, language: str, contains: Callable[[str], Iterable[str]]
    ) -> list[frozenset[str]]:
        """Return sets of terms, of each of which every text that holds the phrase has one.

        Args:
            language: The index's.
            contains: Gives the terms of the index that contain a string.

        Returns:
            One set a word; none for a phrase of stop words.
        """
        found = (covering_terms(word, language, contains) for word in dict.fromkeys(self.words))
        return [terms for terms in found if terms]


def _folded(text: str) -> str:
    if text.isascii():
        return text.casefold()
    return IGNORED.sub("", unicodedata.normalize("NFKC", text)).casefold()

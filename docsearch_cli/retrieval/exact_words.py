"""How much of a question's words a text holds exactly as they were asked.

The keyword index knows stems, so that every form of a word is found. Among what it finds, a text
that holds the very form that was asked is the better hit more often than not. No index is needed
for it: the few texts that a question finds first are looked through when it is asked.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from docsearch_cli.retrieval.word_forms import UNSPACED, forms_of

_WORD = re.compile(r"\w+")
# Of the characters of ASCII, capitals as small letters, and whatever no word is made of as a space.
_ASCII_WORDS = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() or code == ord("_") else ord(" ")
    for code in range(128)
).ljust(256)
# Signs that stand in texts of ASCII else, in UTF-8: spaces, quotation marks, dashes, dots, arrows.
# None of them is of a word, in any form.
_SIGNS = re.compile(
    rb"\xc2[\xa0\xa9\xae\xb7]|\xe2(?:\x80[\x90-\x95\x98-\x9f\xa2\xa6]|\x86[\x90-\x93])"
)


class ExactWords:
    """A question's words in lower case, to be looked for in texts as they are.

    Left out are stop words, words whose stem is in no text, and what is of a script without spaces,
    whose runs of characters are no words.

    Args:
        question: In words.
        language: The index's.
        idf: Gives a stem's weight; None for one that is in no text.
    """

    def __init__(self, question: str, language: str, idf: Callable[[str], float | None]) -> None:
        weights: dict[str, float] = {}
        self.words_of: dict[str, set[str]] = {}
        """By stem, the words of the question that have it."""
        for word in _WORD.findall(_plain(question)):
            stems = () if UNSPACED.search(word) else forms_of(word, language)
            known = {stem: weight for stem in stems if (weight := idf(stem)) is not None}
            if known:
                weights[word] = max(known.values())
            for stem in known:
                self.words_of.setdefault(stem, set()).add(word)
        total = math.fsum(weights.values())
        self.shares = {word: weight / total for word, weight in weights.items()}
        """How much of the question each word is, by its rarity; they sum to 1."""

    def scores(self, texts: Sequence[bytes], lengths: Sequence[float]) -> list[float]:
        """Return how much of the words each text holds.

        Args:
            texts: Each with its title, in UTF-8.
            lengths: Of the texts, 1 being the mean: a longer one holds more by chance.

        Returns:
            The shares of the words that it holds, one that it holds often counting a little more,
            by the square root of its length; 0 for none.
        """
        ascii_texts = [text if text.isascii() else _SIGNS.sub(b" ", text) for text in texts]
        counts = self._counted_in_ascii([text if text.isascii() else b"" for text in ascii_texts])
        for place, text in enumerate(ascii_texts):
            if not text.isascii():
                counts[place] = self._counted(texts[place].decode())
        shares = self.shares
        return [
            math.fsum([shares[word] * (1 + math.log(times)) for word, times in held.items()])
            / math.sqrt(length)
            for held, length in zip(counts, lengths, strict=True)
        ]

    def held(self, stems: Iterable[str], text: str) -> list[str]:
        """Return those of some stems that a text holds as they were asked.

        Args:
            stems: Of which the text holds some form.
            text: With its title.

        Returns:
            They, without those of which it has only other forms. A stem that is of no single word,
            such as a run of characters or an identifier kept whole, counts as asked.
        """
        is_ascii = text.isascii()
        held = self._counted_in_ascii([text.encode()])[0] if is_ascii else self._counted(text)
        return [
            stem
            for stem in stems
            if stem not in self.words_of or not self.words_of[stem].isdisjoint(held)
        ]

    def _counted(self, text: str) -> dict[str, int]:
        plain = _plain(text)
        counts = {word: _count_whole(word, plain) for word in self.shares if word in plain}
        return {word: times for word, times in counts.items() if times}

    def _counted_in_ascii(self, texts: Sequence[bytes]) -> list[dict[str, int]]:
        """Return the same of several texts at once, in a fraction of the time.

        In one long text, in which spaces part words, each word is looked for between spaces.
        """
        counts: list[dict[str, int]] = [{} for _ in texts]
        joined = (b"\n%s\n" % b"\n\n".join(texts)).translate(_ASCII_WORDS)
        ends = list(accumulate(len(text) + 2 for text in texts))
        for word in self.shares:
            whole = f" {word} ".encode()
            step = len(whole) - 1  # two words may stand beside the same space
            place = joined.find(whole)
            while place >= 0:
                held = counts[bisect_right(ends, place)]
                held[word] = held.get(word, 0) + 1
                place = joined.find(whole, place + step)
        return counts


def _count_whole(word: str, text: str) -> int:
    """Return how often a word stands in a text as one, and not in a longer one.

    An expression that looks for all words at once takes six times as long.
    """
    count, start, size = 0, text.find(word), len(word)
    while start >= 0:
        end = start + size
        count += not (_in_word(text[start - 1 : start]) or _in_word(text[end : end + 1]))
        start = text.find(word, end)
    return count


def _in_word(character: str) -> bool:
    """Return whether a character is one that words are made of: as ``\\w``, none is not."""
    return character.isalnum() or character == "_"


def _plain(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()

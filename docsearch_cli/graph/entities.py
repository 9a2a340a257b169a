"""Entities: the names, identifiers and dates in a text that another document may speak of too.

A *name* is a run of capitalised words ("Van Hook Township"), an identifier (``snake_case``,
``camelCase``, ``--flag``, ``E1234``, ``1.0.21``) or a date. Scripts without capitals have no names
here; their words are found by keyword all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docsearch_cli.retrieval.languages import STOP_WORDS

# A word that does not begin with a small letter of ASCII; joined ones by "of", "the" and the like.
_WORD = r"(?![a-z])[^\W\d_][\w'’\-]*"
_JOINING = ("of", "the", "de", "la", "van", "von")
_NAME = re.compile(rf"\b{_WORD}(?:(?: (?:{'|'.join(_JOINING)}))? {_WORD})*")
# All but the first begin a word: where none begins, one look is enough.
_IDENTIFIER = re.compile(
    r"-(?<![\w.]-)-?[a-z][\w\-]+"
    r"|\b(?=\w)(?:"
    r"(?=[^\W\d_]*+[\d_])(?=\d*+[^\W\d])\w{3,}\b"
    r"|[A-Z][A-Za-z]*+(?:-\d+)+\b"
    r"|\d++(?:\.\d++){2,}\b"
    r"|[a-z]++(?:[A-Z][a-z0-9]++)++\b"
    r"|(?:[A-Z][a-z0-9]++){2,}+\b"
    r")"
)
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = re.compile(
    rf"\b(?=[\dA-Z])(?:\d{{1,2}} {_MONTH},? \d{{4}}\b|{_MONTH} \d{{1,2}}, \d{{4}}\b"
    r"|\d{4}-\d\d-\d\d\b)"
)
# What ends in four digits, and nothing else, may be a date.
_YEAR = re.compile(r"\d{4}")
_ENDS_SENTENCE = frozenset(".!?:")
_POSSESSIVE = re.compile(r"['’]s$")
# A run of more words, or of more letters, is a heading or a table, not a name.
_MOST_WORDS = 6
_MOST_CHARS = 80
# A shorter word alone is no name.
_LEAST_CHARS = 3


def names_in(text: str) -> Iterator[str]:
    """Yield the names of a readable text as spelled, identifiers and dates first.

    Args:
        text: What a person reads of a section.

    Yields:
        Names, repeats included.
    """
    for pattern in (_IDENTIFIER, _DATE) if _YEAR.search(text) else (_IDENTIFIER,):
        for match in pattern.finditer(text):
            if len(match.group()) <= _MOST_CHARS:
                yield match.group()
    for match in _NAME.finditer(text):
        yield from _capitalised(text, match)


def _capitalised(text: str, match: re.Match[str]) -> Iterator[str]:
    """Yield the names in a run of capitalised words.

    Only a place in a sentence's middle tells a single word from one that is capitalised because
    the sentence begins; of several words, the first may be part of the name or not.
    """
    word = match.group()
    if " " not in word:
        if word[0].isupper() and word.casefold() not in STOP_WORDS:
            yield from _name_of_word(text, match.start(), word)
        return
    for start, words in _capital_runs(match):
        yield from _names_of_run(text, start, words)


def _capital_runs(match: re.Match[str]) -> Iterator[tuple[int, list[str]]]:
    """Cut a run at words that begin with a small letter of whatever script, and say where."""
    start = run_start = match.start()
    run: list[str] = []
    for word in match.group().split(" "):
        if word[0].isupper() or (run and word in _JOINING):
            run_start = run_start if run else start
            run.append(word)
        elif run:
            yield run_start, run
            run = []
        start += len(word) + 1
    if run:
        yield run_start, run


def _names_of_run(text: str, start: int, words: list[str]) -> Iterator[str]:
    while words[-1] in _JOINING:
        words = words[:-1]
    skipped = next((n for n, word in enumerate(words) if word.casefold() not in STOP_WORDS), None)
    if skipped is None or len(words) - skipped > _MOST_WORDS:
        return
    start += sum(len(word) + 1 for word in words[:skipped])
    words = words[skipped:]
    if len(words) == 1:
        yield from _name_of_word(text, start, words[0])
        return
    is_first = _begins_sentence(text, start)
    name = _POSSESSIVE.sub("", " ".join(words))
    if len(name) <= _MOST_CHARS:
        yield name
        if is_first and len(words) > 2 and words[1][0].isupper():
            yield name.partition(" ")[2]


def _name_of_word(text: str, start: int, word: str) -> Iterator[str]:
    if len(word) >= _LEAST_CHARS and not _begins_sentence(text, start):
        name = _POSSESSIVE.sub("", word)
        if len(name) <= _MOST_CHARS:
            yield name


def _begins_sentence(text: str, start: int) -> bool:
    """Return whether what stands right before a place ends a sentence or a line."""
    before = text[max(0, start - 3) : start]
    bare = before.rstrip()
    gap = before[len(bare) :]
    return not bare or (gap != "" and (bare[-1] in _ENDS_SENTENCE or "\n" in gap))

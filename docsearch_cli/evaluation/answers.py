"""Whether a text holds a known answer, and where in a document it stands.

An answer is looked for word for word: case, markup and punctuation between its words do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.corpus.plain_text import plain_text
from docsearch_cli.index.reader import IndexReader

_NO_ANSWERS = ("yes", "no")
# An answer that stands so few lines from a quote is one that a longer quote would have held.
NEAR_LINES = 6

AnswerPlace = Literal["near_quote", "read", "not_read", "not_opened"]
"""Where an answer stands that no quote holds: within ``NEAR_LINES`` lines of a quote, elsewhere in
what was read, in a part of an opened page that was not read, or on a page that nobody opened."""


@dataclass(frozen=True, slots=True)
class AnswerLines:
    """Lines of a document that hold an answer; pages for a format that has pages."""

    first: int
    last: int
    exact: bool = True
    """False if the section holds it and its lines in there are not known."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a search did at one document."""

    opened: bool
    read: Sequence[tuple[int, int]]
    """First and last line of each stretch that was read."""
    quoted: Sequence[tuple[int, int]]
    """First and last line of each quote that was handed back."""
    paged: bool = False
    """True if the lines are pages."""


def searchable_answers(answers: Iterable[str]) -> list[str]:
    """Return the answers that can be looked for, as words: not yes, no or a single letter."""
    wanted = [_words(answer) for answer in answers]
    return [answer for answer in wanted if len(answer) > 1 and answer not in _NO_ANSWERS]


def holds_answer(answers: Iterable[str], evidence: str) -> bool | None:
    """Tell whether a text contains one of several answers, word for word.

    Args:
        answers: The answer and its aliases.
        evidence: The quotes, one after another.

    Returns:
        None if there is nothing to look for: no answer, or only yes, no or a single letter.
    """
    wanted = searchable_answers(answers)
    if not wanted:
        return None
    text = f" {_words(evidence)} "
    return any(f" {answer} " in text for answer in wanted)


def find_answer(index: IndexReader, path: str, answers: Iterable[str]) -> list[AnswerLines]:
    """Return where a document holds one of several answers.

    Args:
        index: The index.
        path: The document.
        answers: The answer and its aliases.

    Returns:
        Each place; none if the document does not hold it, or is not in the index.
    """
    wanted = searchable_answers(answers)
    nodes = index.nodes_of_document(path)
    if not wanted or not nodes:
        return []
    markup = index.markup(int(index.node_documents[nodes.start]))
    found: list[AnswerLines] = []
    for row in range(int(index.node_starts[nodes.start]), int(index.node_starts[nodes.stop])):
        text, section = index.texts[row], index.section(row)
        if is_paged(markup):
            here = [AnswerLines(section.line_start, section.line_start)] * holds(wanted, text)
        else:
            here = list(_lines_of(wanted, text, section.line_start))
        if not here and holds(wanted, plain_text(text, markup)):
            here = [AnswerLines(section.line_start, section.line_end, exact=False)]
        found.extend(here)
    return found


def place_answer(places: Sequence[AnswerLines], looked: Looked) -> AnswerPlace | None:
    """Return how near a search came to an answer that no quote of it holds.

    Args:
        places: Where the document holds the answer.
        looked: What the search did there.

    Returns:
        The nearest of the places; None if there is none.
    """
    if not places:
        return None
    near = 0 if looked.paged else NEAR_LINES
    exact = [place for place in places if place.exact]
    if any(_distance(place, span) <= near for place in exact for span in looked.quoted):
        return "near_quote"
    if any(_distance(place, span) == 0 for place in places for span in looked.read):
        return "read"
    return "not_read" if looked.opened else "not_opened"


def holds(wanted: Sequence[str], text: str) -> bool:
    """Tell whether a text contains one of several answers that are given as words."""
    spaced = f" {_words(text)} "
    return any(f" {answer} " in spaced for answer in wanted)


def _lines_of(wanted: Sequence[str], text: str, line_start: int) -> Iterator[AnswerLines]:
    """Yield the lines of each place where a text holds one of several answers."""
    words: list[str] = []
    lines: list[int] = []
    for number, line in enumerate(text.split("\n"), start=line_start):
        here = _words(line).split()
        words.extend(here)
        lines.extend([number] * len(here))
    for answer in wanted:
        parts = answer.split()
        for place in range(len(words) - len(parts) + 1):
            if words[place : place + len(parts)] == parts:
                yield AnswerLines(lines[place], lines[place + len(parts) - 1])


def _distance(place: AnswerLines, span: tuple[int, int]) -> int:
    """Return the lines from an answer to a stretch of lines; 0 where they meet."""
    return max(0, place.first - span[1], span[0] - place.last)


def _words(text: str) -> str:
    """Return a text's words in lower case, a space between them."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))

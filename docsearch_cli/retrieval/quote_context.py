"""What a sentence stands under, inside its section, and what completes it.

A list item has a lead-in, a table row a header, a line of code the sentence before it, a
definition its term, an answer its question. A sentence inherits their words as it inherits its
headings', and a quote is *grown* to its neighbours while they complete it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from docsearch_cli.corpus.plain_text import Sentence

# A question or bold line longer than this is a sentence of the text.
_MOST_TITLE_CHARS = 120
# How many sentences after its term a definition may go on.
_MOST_UNDER_TERM = 12
_BOLD = re.compile(r"(?:\*\*|__|<(?:strong|b)\b[^<>]*>)[^*<>]+(?:\*\*|__|</(?:strong|b)>)[:.]?")
_LEADS = (":", "：")
_ASKS = ("?", "？")
# Words that a sentence begins with if it is not understood without the one before.
_POINTING = re.compile(
    r"(?:It|Its|This|These|That|Those|They|Their|Them|He|She|His|Her|Such|Otherwise|Then|So|Both"
    r"|However|Instead|In (?:that|this|such|both) cases?|If (?:so|not|it|they|this))\b"
)


@dataclass(frozen=True, slots=True)
class Context:
    """What the sentences of a section stand under.

    Each has a row for every sentence: the place of a sentence, or -1.
    """

    lead: list[int]
    """The lead-in of its list, code or table."""
    header: list[int]
    """The first row of its table."""
    title: list[int]
    """The question, bold line or term above it."""

    def above(self, place: int) -> list[int]:
        """Return the places of all that a sentence inherits words from."""
        found = (self.lead[place], self.header[place], self.title[place])
        return [other for other in found if other >= 0]


def read_context(units: Sequence[Sentence], text: str) -> Context:
    """Return what each sentence of a section stands under.

    Args:
        units: Its sentences, in order.
        text: Its raw text.

    Returns:
        The places of their lead-ins, headers and titles.
    """
    context = Context([-1] * len(units), [-1] * len(units), [-1] * len(units))
    lead = header = title = -1
    for place, unit in enumerate(units):
        before = units[place - 1].kind if place else "heading"
        if unit.kind in ("heading", "field"):
            lead = header = title = -1
            continue
        if title >= 0 and units[title].kind == "term" and place - title > _MOST_UNDER_TERM:
            title = -1
        if _is_title(units, place, text):
            title, lead = place, -1
            continue
        context.title[place] = title
        if unit.kind == "text":
            lead = place
        elif unit.kind == "item":
            if lead >= 0 and not units[lead].plain.endswith(_LEADS):
                lead = -1
            context.lead[place] = lead
        else:
            if unit.kind == "row" and before != "row":
                header = place
            context.header[place] = header if unit.kind == "row" and header != place else -1
            context.lead[place] = lead
    return context


def _is_title(units: Sequence[Sentence], place: int, text: str) -> bool:
    unit = units[place]
    if unit.kind == "term":
        return True
    if unit.kind not in ("text", "item") or len(unit.plain) > _MOST_TITLE_CHARS:
        return False
    if unit.plain.endswith(_ASKS):
        return True
    is_alone = place + 1 == len(units) or units[place + 1].block != unit.block
    return is_alone and _BOLD.fullmatch(text[unit.start : unit.end]) is not None


def grow(units: Sequence[Sentence], context: Context, place: int, most_chars: int) -> range:
    """Return the consecutive sentences that a quote of one is made of.

    First comes what completes it: all of its code, what it stands under, what it points back to,
    the list that it leads to, the rest of its paragraph. What room is left goes to the blocks
    beside it, after and before in turn, as long as they fit whole.

    Args:
        units: The sentences of a section, in order.
        context: What they stand under.
        place: The one that is quoted.
        most_chars: Most characters of all of them together, as a person reads them; one that is
            longer stays alone.

    Returns:
        Their places.
    """
    span = _Span(units, place, most_chars)
    unit = units[place]
    if unit.kind == "field":  # what the text beside it says is another matter
        span.take_while(lambda other: other.block == unit.block)
        span.take_while(lambda other: other.block == unit.block, backwards=True)
        return range(span.start, span.end)
    if unit.kind == "code":
        span.take_while(lambda other: other.kind == "code", backwards=True)
        span.take_while(lambda other: other.kind == "code")
    for above in (context.lead[place], context.header[place], context.title[place]):
        if above >= 0:
            span.take_back_to(above)
    if _POINTING.match(unit.plain):
        span.take_while(lambda other: other.block == unit.block, backwards=True, most=1)
    if unit.kind == "term" or unit.plain.endswith(_ASKS):
        span.take_block()
    elif unit.plain.endswith(_LEADS):
        span.take_run()
    if unit.kind in ("text", "item"):
        span.take_while(lambda other: other.block == unit.block)
        span.take_while(lambda other: other.block == unit.block, backwards=True)
        if units[span.end - 1].plain.endswith(_LEADS):
            span.take_run()
    span.fill()
    return range(span.start, span.end)


def pieces_of(units: Sequence[Sentence]) -> list[str]:
    """Return how consecutive sentences read, each with what parts it from the one before.

    Those of one block stand on one line; lines of code are set in as in the file.
    """
    margin = min((unit.indent for unit in units if unit.kind == "code"), default=0)
    pieces = []
    for place, unit in enumerate(units):
        if place and unit.block == units[place - 1].block:
            parting = " "
        else:
            parting = ("\n" if place else "") + " " * max(0, unit.indent - margin)
        pieces.append(parting + unit.plain)
    return pieces


class _Span:
    """Consecutive sentences that fit into an allowance."""

    def __init__(self, units: Sequence[Sentence], place: int, most_chars: int) -> None:
        self._units = units
        self.start, self.end = place, place + 1
        self._left = most_chars - len(units[place].plain)

    def take_back_to(self, place: int) -> None:
        """Take all from a place on, if it fits."""
        if place < self.start:
            self._take(place, self.end)

    def take_while(
        self, fits: Callable[[Sentence], bool], *, backwards: bool = False, most: int = 1_000
    ) -> None:
        """Take the next ones, one by one, while they are of a kind."""
        for _ in range(most):
            place = self.start - 1 if backwards else self.end
            if not 0 <= place < len(self._units) or not fits(self._units[place]):
                return
            if not self._take(min(place, self.start), max(place + 1, self.end)):
                return

    def take_block(self) -> None:
        """Take what follows up to the end of its block."""
        if self.end < len(self._units):
            block = self._units[self.end].block
            self.take_while(lambda other: other.block == block)

    def take_run(self) -> None:
        """Take the list, the code or the table that follows, else the paragraph."""
        if self.end == len(self._units):
            return
        kind = self._units[self.end].kind
        if kind in ("item", "code", "row"):
            self.take_while(lambda other: other.kind == kind)
        else:
            self.take_block()

    def fill(self) -> None:
        """Take blocks after and before in turn while one fits; of a table before it, all."""
        kinds = (unit.kind for unit in self._units)
        first = sum(1 for _ in itertools.takewhile(lambda kind: kind == "field", kinds))
        first += self._units[first].kind == "heading"
        takes = True
        while takes:
            end, start = self._end_of_block(self.end), self.start
            takes = end > self.end and self._take(start, end)
            while start > first and self._is_together(start - 1, self.start - 1):
                start -= 1
            takes = (start < self.start and self._take(start, self.end)) or takes

    def _end_of_block(self, place: int) -> int:
        """Return where the block ends that begins at a place: a term's with what defines it."""
        end = place
        while end < len(self._units) and self._units[end].block == self._units[place].block:
            end += 1
        is_term = place < end < len(self._units) and self._units[end - 1].kind == "term"
        return self._end_of_block(end) if is_term else end

    def _is_together(self, place: int, other: int) -> bool:
        """Tell whether one sentence says little without the one before it.

        So of the rest of a block, of a table, and of what defines a term.
        """
        one, two = self._units[place], self._units[other]
        is_split = one.block == two.block or one.kind == "term"
        return is_split or (one.kind == two.kind and one.kind in ("row", "code"))

    def _take(self, start: int, end: int) -> bool:
        """Widen the span, if there is room; say whether there is."""
        added = (*self._units[start : self.start], *self._units[self.end : end])
        cost = sum(len(unit.plain) + 1 for unit in added)
        if cost > self._left:
            return False
        self._left -= cost
        self.start, self.end = start, end
        return True

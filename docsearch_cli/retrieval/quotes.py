"""Quotes: the sentences of a few sections that say most about a question.

A quote is a slice of the file's own text, so it can be checked against the lines it names.
Sentences are ranked by rank-bm25 with the corpus's own term weights. An answer is often in the
sentence after the one that repeats the question, so that one counts as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docsearch_cli.models import Markup
from docsearch_cli.retrieval.answer_types import held_share, sharp_types
from docsearch_cli.retrieval.cut_text import cut_text
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from docsearch_cli.retrieval.quote_context import grow, pieces_of
from docsearch_cli.retrieval.stems import NO_STEMS, Stems, as_asked
from docsearch_cli.retrieval.tokens import remembered_tokens

# Two sentences that share this much of their words say the same.
_DUPLICATE_SHARE = 0.8
# A quote scoring below this share of the best one on the page is noise beside it.
_LEAST_SCORE_SHARE = 0.35
# How much of a sentence's score the next one gets as well. Measured on six sets with short answers:
# .25 to .75 all give more quotes that hold the answer, .4 about the most over all of them.
_NEXT_SHARE = 0.4
# What has fewer tokens, such as a table's head, says too little to count for what stands before it.
_LEAST_TOKENS = 3
# A single token says too little to be of what it stands under, unless it is asked for.
_LEAST_INHERITING = 2
# What a term counts in a heading or lead-in that a sentence stands under; 1 in the sentence itself.
_INHERITED_SHARE = 0.5
# What the first sentences of a section gain on their scores, those after them ever less: what is
# said first under a heading is seldom beside its point.
_FIRST_SHARE = 0.3
# What a sentence gains that alone on its page holds the kind of thing asked for, as a share of the
# page's best score.
_TYPE_SHARE = 0.7
# What a word counts that was learned on the way, beside the rarest of the question. On four sets .4
# to .8 give more quotes that hold the answer.
_SOUGHT_SHARE = 0.8
# What a row gains, as a share of all that the question weighs: it says in fewer words what a
# sentence says, so that fewer of them are the question's.
_ROW_SHARE = 0.1
# A quote grows up to this many characters, as a person reads them.
MOST_QUOTE_CHARS = 360

Also = tuple[tuple[str, tuple[str, ...]], ...]
"""For tokens of a question, others that stand for one of them where a text has all of them."""


@dataclass(frozen=True, slots=True)
class Quotable:
    """A section to quote from."""

    section: int
    """Its place in its document, from 0."""
    heading: str
    text: str
    """The file's own text."""
    line_start: int
    paged: bool = False
    """True if lines are pages: a quote is then on the section's one page."""
    above: tuple[str, ...] = ()
    """The headings that its own one stands below, topmost first."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, with its lines."""

    section: int
    """Its section's place in the document, from 0: sections may share a heading."""
    heading: str
    line_start: int
    line_end: int
    text: str
    """Byte for byte as in the file."""
    plain: str
    """The same without markup; a list item, row or line of code is on a line of its own."""
    score: float
    terms: tuple[str, ...]
    """The question's tokens that occur in it or in what it stands under, in the question's
    order."""
    above: tuple[str, ...] = ()
    """The headings that its section's one stands below, topmost first."""
    core: tuple[int, int, int, int] | None = None
    """The sentence that fits, without what the quote has grown to: where it begins and ends in
    ``text``, and in ``plain``; None where it is all of it."""
    holds: float = 1.0
    """0 to 1: how many of the kinds of thing asked for it holds; 1 where no kind is asked for."""
    lacks: float = 0.0
    """0 to 1: how many of those that tell an answer from other text it does not hold."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Quote:
        """Return the quote that ``dataclasses.asdict`` made."""
        core = data.get("core")
        return cls(
            **{
                **data,
                "terms": tuple(data["terms"]),
                "above": tuple(data.get("above", ())),
                "core": tuple(core) if core else None,
            }
        )


def best_quotes(
    sections: Sequence[Quotable],
    markup: Markup,
    question: Sequence[str],
    idf: Mapping[str, float],
    limit: int,
    *,
    asked: tuple[str, ...] = (),
    language: str = DEFAULT_LANGUAGE,
    stems: Stems = NO_STEMS,
    also: Also = (),
    most_chars: int = MOST_QUOTE_CHARS,
    sought: Sequence[str] = (),
) -> list[Quote]:
    """Return the quotes that fit a question best, best first, near-duplicates left out.

    Args:
        sections: Where to look, most promising first.
        markup: How their text is marked up.
        question: The question's tokens, each once.
        idf: Weight of each of them in the corpus.
        limit: Most quotes to return.
        asked: The answer types that the question asks for.
        language: The document's.
        stems: The question's tokens that its words stand for.
        also: Tokens that stand for one of the question's, where a sentence has all of them.
        most_chars: How far a quote grows beyond its sentence, in characters that a person reads.
        sought: Tokens beside the question's that a sentence is better for.

    Returns:
        Quotes with a score above zero: a sentence without any of the question's tokens has one if
        it stands after or under one with some and is more than a word or two. Ties go to the
        earlier section and line.
    """
    read = [ReadSection(section, markup, question, language, stems, also) for section in sections]
    found = list(_worth_quoting(read))
    scores = _score(found, question, idf, asked, sought)
    is_lone_word = {
        row: found[row][0].is_lone_word(found[row][1])
        for row, score in enumerate(scores)
        if score > 0
    }
    order = sorted(is_lone_word, key=lambda row: (is_lone_word[row], -scores[row], row))
    chosen: list[Quote] = []
    seen: list[frozenset[str]] = []
    for row in order:
        if len(chosen) == limit:
            break
        if chosen and (is_lone_word[row] or scores[row] < _LEAST_SCORE_SHARE * chosen[0].score):
            break
        own, place = found[row]
        words = frozenset(own.tokens[place])
        if place in own.taken or any(is_near_duplicate(words, other) for other in seen):
            continue
        seen.append(words)
        chosen.append(own.quote(place, scores[row], question, asked, most_chars))
    return chosen


def _worth_quoting(read: Sequence[ReadSection]) -> Iterator[tuple[ReadSection, int]]:
    """Yield the sentences that may be quoted.

    A field of the front matter labels a page: it is quoted for what no sentence says.
    """
    if all(own.is_all_text for own in read):
        yield from ((own, place) for own in read for place in own.quotable)
        return
    said: set[str] = set()
    for own in read:
        said.update(own.path, *(own.held[place] for place in own.quotable if own.is_text(place)))
    for own in read:
        for place in own.quotable:
            if own.is_text(place) or not own.held[place] <= said:
                yield own, place


def _score(
    found: Sequence[tuple[ReadSection, int]],
    question: Sequence[str],
    idf: Mapping[str, float],
    asked: tuple[str, ...],
    sought: Sequence[str],
) -> list[float]:
    """Return how well each of some sentences fits a question."""
    from docsearch_cli.retrieval.bm25 import rank_texts

    weight = _SOUGHT_SHARE * max(idf.values(), default=0.0)
    own_scores = rank_texts(
        [*question, *sought],
        [own.tokens[place] for own, place in found],
        {**dict.fromkeys(sought, weight), **idf},
    )
    scores = list(own_scores)
    for row, (own, place) in enumerate(found):
        count = len(own.tokens[place])
        before = own_scores[row - 1] if row and found[row - 1][0] is own else 0.0
        if before > 0 and count >= _LEAST_TOKENS and own.leads_on(found[row - 1][1]):
            scores[row] += _NEXT_SHARE * before
        if count >= _LEAST_INHERITING or scores[row] > 0:
            inherited = own.inherited(place) - own.held[place]
            if inherited:
                scores[row] += _INHERITED_SHARE * math.fsum([idf[term] for term in inherited])
        if scores[row] > 0:
            scores[row] *= 1 + _FIRST_SHARE / (1 + own.sentences_before(place) // 2)
    gain = _TYPE_SHARE * max(scores, default=0.0)
    if asked and gain:
        held = [held_share(asked, own.shown(place)) for own, place in found]
        gain *= 1 - sum(held) / len(held)  # what every sentence holds distinguishes none of them
        for row, share in enumerate(held):
            scores[row] += gain * share if scores[row] > 0 else 0.0
    whole = math.fsum(idf.values())
    for row, (own, place) in enumerate(found):
        if scores[row] > 0 and own.units[place].kind == "row":
            scores[row] += _ROW_SHARE * whole
    return scores


class ReadSection:
    """A section, cut into sentences.

    Args:
        section: The section.
        markup: How its text is marked up.
        question: The question's tokens.
        language: The document's.
        stems: The question's tokens that its words stand for.
        also: Tokens that stand for one of the question's.
    """

    def __init__(
        self,
        section: Quotable,
        markup: Markup,
        question: Sequence[str],
        language: str,
        stems: Stems = NO_STEMS,
        also: Also = (),
    ) -> None:
        self.section = section
        cut = cut_text(section.text, markup, language)
        self.units, self.context, self._under = cut.units, cut.context, cut.under
        self.is_all_text = cut.is_all_text
        is_as_asked = not stems and not also
        self.tokens: Sequence[Sequence[str]] = (
            cut.tokens if is_as_asked else [_as_asked(own, stems, also) for own in cut.tokens]
        )
        self.quotable = [
            place
            for place, unit in enumerate(self.units)
            if unit.plain != section.heading  # it names the subject and says nothing of it
        ]
        self.taken: set[int] = set()
        """Places that a quote has been made of."""
        wanted = frozenset(question)
        self.held = [wanted.intersection(tokens) for tokens in self.tokens]
        """The question's tokens in each sentence."""
        path = " ".join((*section.above, section.heading))
        self.path = wanted.intersection(_as_asked(remembered_tokens(path, language), stems, also))
        """The question's tokens in the headings that it stands under."""
        self._first = next((p for p in self.quotable if self.is_text(p)), 0)

    def sentences_before(self, place: int) -> int:
        """Return how many sentences of the section stand before one."""
        return max(0, place - self._first)

    def is_text(self, place: int) -> bool:
        """Return whether a sentence is of the text, and not a field of the front matter."""
        return self.units[place].kind != "field"

    def leads_on(self, place: int) -> bool:
        """Return whether the sentence after one may answer what that one repeats."""
        return self.is_text(place) and not self.is_lone_word(place)

    def is_lone_word(self, place: int) -> bool:
        """Return whether a sentence is a word of the question alone, as in a tree of folders."""
        return bool(self.held[place]) and len(set(self.tokens[place])) == 1

    def inherited(self, place: int) -> frozenset[str]:
        """Return the question's tokens in all that a sentence stands under."""
        above = self._under[place]
        return self.path.union(*(self.held[other] for other in above)) if above else self.path

    def shown(self, place: int) -> str:
        """Return how a sentence reads, and its marks: both say what kind of thing it holds."""
        unit = self.units[place]
        return unit.plain + "\n" + self.section.text[unit.start : unit.end]

    def quote(
        self,
        place: int,
        score: float,
        question: Sequence[str],
        asked: tuple[str, ...],
        most_chars: int,
    ) -> Quote:
        """Return the quote of a sentence, grown to what completes it and is not quoted yet."""
        places = grow(self.units, self.context, place, most_chars)
        start, end = places.start, places.stop
        while start < place and not self.taken.isdisjoint(range(start, place)):
            start += 1
        while end > place + 1 and not self.taken.isdisjoint(range(place + 1, end)):
            end -= 1
        if self._is_answered_by_heading(start, end, asked, most_chars):
            start = 0
        self.taken.update(range(start, end))
        return self.quote_of(range(start, end), score, question, asked, core=place)

    def quote_of(
        self,
        places: range,
        score: float,
        question: Sequence[str],
        asked: tuple[str, ...],
        *,
        core: int | None = None,
    ) -> Quote:
        """Return the quote that consecutive sentences make.

        Args:
            places: The sentences, at least one.
            score: How well they fit the question.
            question: The question's tokens.
            asked: The answer types that it asks for.
            core: The one that fits, where the others complete it; None where all of them fit.

        Returns:
            The quote.
        """
        section, units = self.section, self.units[places.start : places.stop]
        present = self.inherited(places.start if core is None else core).union(
            *self.held[places.start : places.stop]
        )
        first, last = units[0], units[-1]
        return Quote(
            section=section.section,
            heading=section.heading,
            line_start=section.line_start + (0 if section.paged else first.line_offset_start),
            line_end=section.line_start + (0 if section.paged else last.line_offset_end),
            text=section.text[first.start : last.end],
            plain="".join(pieces_of(units)),
            score=round(score, 4),
            terms=tuple(term for term in question if term in present),
            above=section.above,
            core=None if core is None else self._core(places.start, places.stop, core),
            holds=self._holds(places.start, places.stop, asked),
            lacks=round(1 - self._holds(places.start, places.stop, sharp_types(asked)), 4),
        )

    def _is_answered_by_heading(
        self, start: int, end: int, asked: tuple[str, ...], most_chars: int
    ) -> bool:
        """Return whether only the section's heading holds what is asked for, and has room.

        So of the entry of a changelog, where a release or its date is asked for.
        """
        units = self.units[:end]
        return (
            start > 0
            and units[0].kind == "heading"
            and self.taken.isdisjoint(range(start))
            and sum(len(unit.plain) + 1 for unit in units) <= most_chars
            and bool(asked)
            and not self._holds(start, end, asked)
            and self._holds(0, 1, asked) > 0
        )

    def _holds(self, start: int, end: int, asked: tuple[str, ...]) -> float:
        shown = "\n".join(self.shown(place) for place in range(start, end))
        return round(held_share(asked, shown), 4) if asked else 1.0

    def _core(self, start: int, end: int, place: int) -> tuple[int, int, int, int] | None:
        """Return where a sentence stands in the quote that it has grown to."""
        if end - start == 1:
            return None
        unit, begin = self.units[place], self.units[start].start
        last = len("".join(pieces_of(self.units[start:end])[: place - start + 1]))
        return unit.start - begin, unit.end - begin, last - len(unit.plain), last


def _as_asked(own: Sequence[str], stems: Stems, also: Also) -> list[str]:
    """Return the tokens of a text, with those of the question that others in it stand for."""
    tokens = as_asked(own, stems)
    held = set(tokens) if also else set()
    return tokens + [term for term, others in also if term not in held and held.issuperset(others)]


def is_near_duplicate(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two sets of words are nearly the same (Jaccard)."""
    both = len(one & other)
    return both > 0 and both >= _DUPLICATE_SHARE * len(one | other)

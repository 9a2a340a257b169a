"""Quotes: the sentences of a few sections that say most about a question.

A quote is a slice of the file's own text, so it can be checked against the lines it names.
Sentences are ranked by rank-bm25 with the corpus's own term weights. An answer is often in the
sentence after the one that repeats the question, so that one counts as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docsearch_cli.corpus.plain_text import sentences
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from docsearch_cli.retrieval.tokens import tokenize

# Two sentences that share this much of their words say the same.
_DUPLICATE_SHARE = 0.8
# A quote scoring below this share of the best one on the page is noise beside it.
_LEAST_SCORE_SHARE = 0.35
# How much of a sentence's score the next one gets as well. Measured on six sets with short answers:
# .25 to .75 all give more quotes that hold the answer, .4 about the most over all of them.
_NEXT_SHARE = 0.4
# What has fewer tokens, such as a table's head, says too little to count for what stands before it.
_LEAST_TOKENS = 3


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
    """The same without markup, on one line."""
    score: float
    terms: tuple[str, ...]
    """The question's tokens that occur in it or in its heading, in the question's order."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Quote:
        """Return the quote that ``dataclasses.asdict`` made."""
        return cls(**{**data, "terms": tuple(data["terms"])})


def best_quotes(
    sections: Sequence[Quotable],
    markup: Markup,
    question: Sequence[str],
    idf: Mapping[str, float],
    limit: int,
    *,
    language: str = DEFAULT_LANGUAGE,
) -> list[Quote]:
    """Return the sentences that fit a question best, best first, near-duplicates left out.

    Args:
        sections: Where to look, most promising first.
        markup: How their text is marked up.
        question: The question's tokens, each once.
        idf: Weight of each of them in the corpus.
        limit: Most quotes to return.
        language: The index's.

    Returns:
        Quotes with a score above zero: a sentence without any of the question's tokens has one if
        it stands after one with some and is more than a word or two. Ties go to the earlier
        section and line.
    """
    from docsearch_cli.retrieval.bm25 import rank_texts

    found = [
        (section, sentence, tokenize(sentence.plain, language))
        for section in sections
        for sentence in sentences(section.text, markup)
        if sentence.plain != section.heading  # it names the subject and says nothing of it
    ]
    own = rank_texts(question, [tokens for _, _, tokens in found], idf)
    # A word of the question alone, as in a drawn tree of folders, says nothing beside a sentence.
    is_lone_word = [len(set(tokens)) == 1 and tokens[0] in question for _, _, tokens in found]
    scores = list(own)
    for row in range(1, len(found)):
        section, _, tokens = found[row]
        follows = section is found[row - 1][0] and not is_lone_word[row - 1]
        if follows and len(tokens) >= _LEAST_TOKENS:
            scores[row] += _NEXT_SHARE * own[row - 1]
    order = sorted(
        (row for row, score in enumerate(scores) if score > 0),
        key=lambda row: (is_lone_word[row], -scores[row], row),
    )
    chosen: list[Quote] = []
    seen: list[frozenset[str]] = []
    for row in order:
        if len(chosen) == limit:
            break
        if chosen and (is_lone_word[row] or scores[row] < _LEAST_SCORE_SHARE * chosen[0].score):
            break
        section, sentence, tokens = found[row]
        words = frozenset(tokens)
        if any(is_near_duplicate(words, other) for other in seen):
            continue
        seen.append(words)
        present = words.union(tokenize(section.heading, language))
        first, last = sentence.line_offset_start, sentence.line_offset_end
        chosen.append(
            Quote(
                section=section.section,
                heading=section.heading,
                line_start=section.line_start + (0 if section.paged else first),
                line_end=section.line_start + (0 if section.paged else last),
                text=section.text[sentence.start : sentence.end],
                plain=sentence.plain,
                score=round(scores[row], 4),
                terms=tuple(term for term in question if term in present),
            )
        )
    return chosen


def is_near_duplicate(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two sets of words are nearly the same (Jaccard)."""
    both = len(one & other)
    return both > 0 and both >= _DUPLICATE_SHARE * len(one | other)

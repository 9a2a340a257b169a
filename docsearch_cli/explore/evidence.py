"""The quotes that a search returns, chosen over the whole DAG, not step by step.

They are taken in turn. Each time, a quote counts by its page, by how well it fits the question
beside the others of its page, by whether it lacks the kind of thing asked for, and by what it
covers of the question that those taken before it do not. A page on which an answer was found has
its quote before another page has a second one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from docsearch_cli.corpus.encoding import count_line_ends
from docsearch_cli.corpus.graphemes import whole_until
from docsearch_cli.explore.findings import AggregateInput, Citation, OpenedNode
from docsearch_cli.explore.ranking import naming_of
from docsearch_cli.explore.scored_question import Terms
from docsearch_cli.retrieval.quotes import Quote, is_near_duplicate
from docsearch_cli.retrieval.stems import as_asked
from docsearch_cli.retrieval.tokens import tokenize
from docsearch_cli.steps import TOKEN_CHARS, estimate_tokens

# Most quotes handed back.
_MOST_EVIDENCE = 12
# Most quotes of one document.
_MOST_PER_DOCUMENT = 3
# A quote with a score below this share of the best one's does not help.
_LEAST_QUOTE_SHARE = 0.3
# How much of a quote's score is its page's, and how much what it covers of the question; the rest
# is its own, as a share of its page's best. On seven sets .6 to .75 and .1 to .25 give as many
# answers.
_PAGE_SHARE = 0.7
_COVERED_SHARE = 0.2
# What it loses that holds nothing of the kind asked for: .2 to .3 give about as many answers.
_LACKING_LOSS = 0.25
# What a quote gains by the share of the question that nothing chosen before it covers, and what it
# loses for each quote of its page that was.
_NEW_SHARE = 0.3
_SAME_PAGE_LOSS = 0.05
# A quote that speaks to this share of the question is an answer; looked for on so many pages.
_ANSWER_SHARE = 0.5
_MOST_WAITING = 3


class Chosen(NamedTuple):
    """A quote that is handed back."""

    citation: Citation
    quote: Quote
    """As it is handed back: cut where there was no more room."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    value: float
    opened: OpenedNode
    item: Quote

    @property
    def path(self) -> str:
        return self.opened.path


def choose_evidence(facts: AggregateInput, scores: Mapping[str, float]) -> list[Chosen]:
    """Return the quotes that are handed back, none of which repeats another.

    Args:
        facts: Everything that the fan-in is given.
        scores: Each document's score, by path.

    Returns:
        The quotes in the order in which they were chosen, within the answer's tokens.
    """
    left = _candidates(facts, scores)
    chooser = _Chooser(facts, _answering(left, facts, scores))
    while left and not chooser.is_full:
        tried = chooser.take_next(sorted(left, key=chooser.rank, reverse=True))
        left = [entry for entry in left if id(entry) not in tried]
    return chooser.chosen


def _candidates(facts: AggregateInput, scores: Mapping[str, float]) -> list[_Candidate]:
    """Return all quotes that may help, in an order that is always the same."""
    top = max(scores.values(), default=1.0)
    told = 1 - naming_of(facts.name_share)  # where titles are names, a page's words say more
    found = [
        _Candidate(
            _quote_score(
                scores.get(opened.path, 0.0) / top,
                item.score / (max(other.score for other in opened.evidence) or 1.0),
                facts.terms.share(item.terms),
                0.0 if opened.judged else told * item.lacks,
            ),
            opened,
            item,
        )
        for opened in facts.opened
        for item in opened.evidence
    ]
    least = _LEAST_QUOTE_SHARE * max((entry.value for entry in found), default=0.0)
    return sorted(
        (entry for entry in found if entry.value >= least),
        key=lambda entry: (entry.opened.node, entry.item.line_start, entry.item.text),
    )


def _answering(
    candidates: list[_Candidate], facts: AggregateInput, scores: Mapping[str, float]
) -> set[str]:
    """Return the best ranked pages that have a quote which answers by itself, or is said to."""
    judged = facts.judged
    answering = {entry.path for entry in candidates if entry.path in judged}
    answering |= {
        entry.path
        for entry in candidates
        if facts.terms.share(entry.item.terms) * facts.known_share >= _ANSWER_SHARE
    }
    ranked = sorted(answering, key=lambda path: (-scores.get(path, 0.0), path))
    return set(ranked[:_MOST_WAITING])


class _Chooser:
    """Takes quotes in turn.

    Args:
        facts: Everything that the fan-in is given.
        waiting: Paths of the pages that have a quote each before others have more.
    """

    def __init__(self, facts: AggregateInput, waiting: set[str]) -> None:
        self.chosen: list[Chosen] = []
        self._terms: Terms = facts.terms
        self._language = facts.language
        self._left = facts.answer_tokens
        self._waiting = waiting
        self._covered: set[str] = set()
        self._seen: list[frozenset[str]] = []
        self._count: dict[str, int] = {}

    def rank(self, entry: _Candidate) -> tuple[bool, float]:
        """Return what the next quote is chosen by."""
        count = self._count.get(entry.path, 0)
        new = self._terms.share(term for term in entry.item.terms if term not in self._covered)
        gain = entry.value + _NEW_SHARE * new - _SAME_PAGE_LOSS * count
        return not (count and self._waiting), gain / (1 + _NEW_SHARE)

    @property
    def is_full(self) -> bool:
        """Whether no more quotes are handed back."""
        return len(self.chosen) == _MOST_EVIDENCE

    def take_next(self, ordered: Sequence[_Candidate]) -> set[int]:
        """Take the first quote of some that there is room for.

        Args:
            ordered: The best first; of equals the first one given.

        Returns:
            The ids of those that were tried. It ends with the first by which the ranks of the
            others change.
        """
        tried: set[int] = set()
        before = len(self.chosen), len(self._waiting)
        for entry in ordered:
            tried.add(id(entry))
            self._take(entry, self.rank(entry)[1])
            if before != (len(self.chosen), len(self._waiting)):
                break
        return tried

    def _take(self, entry: _Candidate, gain: float) -> None:
        """Take a quote, if there is room for it and it says something else than the others.

        Its score is what it adds where it stands, and never above that of one before it.
        """
        self._waiting.discard(entry.path)
        count = self._count.get(entry.path, 0)
        if self.is_full or count == _MOST_PER_DOCUMENT:
            return
        item = fit_quote(entry.item, self._left, is_cut=not self.chosen, paged=entry.opened.paged)
        if item is None:
            return
        language, stems = entry.opened.language or self._language, entry.opened.stems
        words = frozenset(as_asked(tokenize(item.plain, language), stems))
        if item.text != entry.item.text:  # what was cut away is not covered
            under = as_asked(tokenize(" ".join((item.heading, *item.above)), language), stems)
            item = replace(item, terms=tuple(t for t in item.terms if t in words.union(under)))
        if any(is_near_duplicate(words, other) for other in self._seen):
            return
        self._left -= estimate_tokens(item.plain)
        self._seen.append(words)
        self._covered.update(item.terms)
        self._count[entry.path] = count + 1
        score = min(round(gain, 4), self.chosen[-1].citation.score if self.chosen else 1.0)
        citation = _citation(len(self.chosen) + 1, score, entry.opened, item)
        self.chosen.append(Chosen(citation, item))


def fit_quote(item: Quote, tokens: int, *, is_cut: bool, paged: bool) -> Quote | None:
    """Return a quote as far as there is room for it.

    Args:
        item: The quote.
        tokens: Most tokens of what a person reads of it.
        is_cut: Whether it is cut between words if even its best sentence is too long.
        paged: True if its lines are pages.

    Returns:
        The quote, or its best sentence, or the beginning of that; None if it does not fit.
    """
    if estimate_tokens(item.plain) <= tokens:
        return item
    if item.core is not None:
        start, end, plain_start, plain_end = item.core
        item = _slice_quote(item, start, end, item.plain[plain_start:plain_end], paged=paged)
        if estimate_tokens(item.plain) <= tokens:
            return item
    if not is_cut:
        return None
    most = tokens * TOKEN_CHARS
    cut = item.plain.rfind(" ", 0, most + 1)
    plain = item.plain[: cut if cut > 0 else whole_until(item.plain, most)].rstrip()
    return _slice_quote(item, 0, _end_of_words(item.text, plain), plain, paged=paged)


def _end_of_words(text: str, plain: str) -> int:
    """Return where the words that a text begins with end in it, marks between them or not."""
    end = 0
    for word in plain.split():
        place = text.find(word, end)
        end = place + len(word) if place >= 0 else end
    return end or len(plain)


def _slice_quote(item: Quote, start: int, end: int, plain: str, *, paged: bool) -> Quote:
    """Return a part of a quote, with its own lines."""
    first = item.line_start + (0 if paged else count_line_ends(item.text, 0, start))
    last = first + (0 if paged else count_line_ends(item.text, start, end))
    return replace(
        item,
        text=item.text[start:end],
        plain=plain,
        line_start=first,
        line_end=last,
        core=None,
    )


def _quote_score(page: float, own: float, covered: float, lacks: float) -> float:
    """Return a quote's score, 0 to 1.

    Args:
        page: Its page's score, as a share of the best page's.
        own: How well it fits the question, as a share of the page's best quote.
        covered: How much of the question it covers.
        lacks: How many of the kinds of thing that tell an answer it does not hold, as a share.

    Returns:
        The score, to four decimals.
    """
    rest = 1 - _PAGE_SHARE - _COVERED_SHARE
    score = _PAGE_SHARE * page + rest * own + _COVERED_SHARE * covered
    return round(max(0.0, score - _LACKING_LOSS * lacks), 4)


def _citation(n: int, score: float, opened: OpenedNode, item: Quote) -> Citation:
    return Citation(
        n=n,
        path=opened.path,
        node=opened.node,
        step=opened.step,
        heading=item.heading,
        line_start=item.line_start,
        line_end=item.line_end,
        quote=item.text,
        plain=item.plain,
        score=score,
        via=opened.via,
        paged=opened.paged,
        above=item.above,
    )

"""The quotes that a search returns, chosen over the whole DAG, not step by step.

A quote is kept if it comes from a good page, covers part of the question and does not repeat the
kept ones.
"""

from __future__ import annotations

from docsearch_cli.explore.findings import AggregateInput, Citation, OpenedNode
from docsearch_cli.retrieval.quotes import Quote, is_near_duplicate
from docsearch_cli.retrieval.tokens import tokenize
from docsearch_cli.steps import estimate_tokens

# Most quotes handed back.
_MOST_EVIDENCE = 8
# Most quotes of one document.
_MOST_PER_DOCUMENT = 3
# A quote with a score below this share of the best one's does not help.
_LEAST_QUOTE_SHARE = 0.55
# How much of a quote's score is its page's; the rest is its own, as a share of the page's best.
_PAGE_SHARE = 0.73
# What a quote covers of the question counts little: the sentence that answers seldom repeats it.
# But of pages with about the same score, the one with the whole identifier is meant.
_COVERED_SHARE = 0.09


def choose_evidence(facts: AggregateInput, scores: dict[str, float]) -> list[Citation]:
    """Take the quotes with the best scores in turn, leaving out those that repeat one.

    Args:
        facts: Everything that the fan-in is given.
        scores: Each document's score, by path.

    Returns:
        The quotes, best first.
    """
    top = max(scores.values(), default=1.0)
    terms = facts.terms
    valued = [
        (
            _quote_score(
                scores.get(opened.path, 0.0) / top,
                item.score / (max(other.score for other in opened.evidence) or 1.0),
                terms.share(item.terms),
            ),
            opened,
            item,
        )
        for opened in facts.opened
        for item in opened.evidence
    ]
    valued.sort(key=lambda entry: (-entry[0], entry[1].node, entry[2].line_start, entry[2].text))
    chosen: list[Citation] = []
    seen: list[frozenset[str]] = []
    per_document: dict[str, int] = {}
    left = facts.answer_tokens
    for value, opened, item in valued:
        cost = estimate_tokens(item.text)
        words = frozenset(tokenize(item.plain, facts.language))
        if value < _LEAST_QUOTE_SHARE * valued[0][0]:
            break
        if len(chosen) == _MOST_EVIDENCE or per_document.get(opened.path, 0) == _MOST_PER_DOCUMENT:
            continue
        if (chosen and cost > left) or any(is_near_duplicate(words, other) for other in seen):
            continue
        left -= cost
        seen.append(words)
        per_document[opened.path] = per_document.get(opened.path, 0) + 1
        chosen.append(_citation(len(chosen) + 1, value, opened, item))
    return chosen


def _quote_score(page: float, own: float, covered: float) -> float:
    """Return a quote's score, 0 to 1.

    Args:
        page: Its page's score, as a share of the best page's.
        own: How well it fits the question, as a share of the page's best quote.
        covered: How much of the question it covers.

    Returns:
        The score, to four decimals.
    """
    rest = 1 - _PAGE_SHARE - _COVERED_SHARE
    return round(_PAGE_SHARE * page + rest * own + _COVERED_SHARE * covered, 4)


def _citation(n: int, value: float, opened: OpenedNode, item: Quote) -> Citation:
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
        score=value,
        via=opened.via,
        paged=opened.paged,
    )

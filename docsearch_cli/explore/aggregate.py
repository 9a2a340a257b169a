"""Fan-in: from all opened nodes to a ranking, a few quotes and an answer.

Evidence is chosen over the whole DAG, not step by step: a quote is kept if it comes from a good
page, covers part of the question and does not repeat the kept ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.explore.answerability import Verdict, judge
from docsearch_cli.explore.findings import AggregateInput, Citation, Findings, OpenedNode
from docsearch_cli.explore.ranking import rank_documents
from docsearch_cli.retrieval.quotes import Quote, is_near_duplicate
from docsearch_cli.retrieval.tokens import tokenize
from docsearch_cli.steps import estimate_tokens

# Most quotes handed back, and most that make up the answer's text.
_MOST_EVIDENCE = 8
_MOST_CITED = 3
# Most quotes of one document.
_MOST_PER_DOCUMENT = 3
# A quote with a score below this share of the best one's does not help.
_LEAST_QUOTE_SHARE = 0.55
# How much of a quote's score is its page's; the rest is its own, as a share of the page's best.
_PAGE_SHARE = 0.73
# What a quote covers of the question counts little: the sentence that answers seldom repeats it.
# But of pages with about the same score, the one with the whole identifier is meant.
_COVERED_SHARE = 0.09


def aggregate(facts: AggregateInput) -> Findings:
    """Return the ranking, the evidence and the answer of a search."""
    documents = rank_documents(facts)
    evidence = _choose_evidence(facts, {item.path: item.score for item in documents})
    verdict = judge(facts.verdict) if documents else Verdict(False, "no page matches the question")
    cited = _cite(evidence) if verdict.found else []
    return Findings(
        documents=tuple(documents[: facts.most_documents]),
        evidence=tuple(evidence),
        answer=" ".join(f"{evidence[n - 1].plain} [{n}]" for n in cited),
        cited=tuple(cited),
        tokens_returned=sum(estimate_tokens(item.quote) for item in evidence),
        found=verdict.found,
        reason=verdict.reason,
    )


def _choose_evidence(facts: AggregateInput, scores: dict[str, float]) -> list[Citation]:
    """Take the quotes with the best scores in turn, leaving out those that repeat one."""
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


def _cite(evidence: Sequence[Citation]) -> list[int]:
    """Return the best quote of each of the first documents."""
    paths: set[str] = set()
    cited: list[int] = []
    for item in evidence:
        if item.path not in paths and len(cited) < _MOST_CITED:
            paths.add(item.path)
            cited.append(item.n)
    return cited

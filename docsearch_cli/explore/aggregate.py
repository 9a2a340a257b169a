"""Fan-in: from all opened nodes to a ranking, a few quotes and an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docsearch_cli.explore.answerability import QuotedFacts, Verdict, judge
from docsearch_cli.explore.evidence import Chosen, choose_evidence
from docsearch_cli.explore.findings import AggregateInput, Citation, Findings, answer_text
from docsearch_cli.explore.ranking import rank_documents
from docsearch_cli.retrieval.quotes import Quote
from docsearch_cli.steps import estimate_tokens

_NO_PAGE = "no page matches the question"
# Most quotes that make up the answer's text.
_MOST_CITED = 3


def aggregate(facts: AggregateInput) -> Findings:
    """Return the ranking, the evidence and the answer of a search."""
    documents = rank_documents(facts)
    chosen = choose_evidence(facts, {item.path: item.score for item in documents})
    evidence = [item.citation for item in chosen]
    verdict = _verdict(facts, chosen) if documents else Verdict(False, _NO_PAGE)
    cited = _cite(evidence) if verdict.found else []
    return Findings(
        documents=tuple(documents[: facts.most_documents]),
        evidence=tuple(evidence),
        answer=answer_text(evidence, cited),
        cited=tuple(cited),
        tokens_returned=sum(estimate_tokens(item.plain) for item in evidence),
        found=verdict.found,
        reason=verdict.reason,
        weak=verdict.weak,
    )


def _verdict(facts: AggregateInput, chosen: Sequence[Chosen]) -> Verdict:
    """Return whether there is an answer: by words, unless an agent has read one."""
    verdict = judge(facts.verdict, _quoted_facts(facts, [item.quote for item in chosen]))
    pages = len(facts.judged)
    if not pages or (verdict.found and not verdict.weak):
        return verdict
    if verdict.found:
        return replace(verdict, weak=False)
    pages_words = "a page" if pages == 1 else f"{pages} pages"
    return Verdict(True, f"an agent read an answer on {pages_words}, though {verdict.reason}")


def _quoted_facts(facts: AggregateInput, quotes: Sequence[Quote]) -> QuotedFacts | None:
    """Return what the one of the quotes handed back says that speaks to most of the question.

    Those that hold the kind of thing it asks for come first.
    """
    answering = [item for item in quotes if item.holds > 0]
    if not quotes:
        return None
    most = max(facts.terms.share(item.terms) for item in answering or quotes)
    return QuotedFacts(round(most * facts.known_share, 4), bool(answering))


def _cite(evidence: Sequence[Citation]) -> list[int]:
    """Return the best quote of each of the first documents."""
    paths: set[str] = set()
    cited: list[int] = []
    for item in evidence:
        if item.path not in paths and len(cited) < _MOST_CITED:
            paths.add(item.path)
            cited.append(item.n)
    return cited

"""Opened pages and what the fan-in is given of them, for tests."""

from dataclasses import replace

from docsearch_cli.explore.answerability import VerdictFacts
from docsearch_cli.explore.coverage import Coverage
from docsearch_cli.explore.findings import AggregateInput, OpenedNode, PageFacts, RankedPath
from docsearch_cli.retrieval.quotes import Quote


def evidence(text, *, line=1, terms=("oven",), score=1.0):
    return Quote(0, "H", line, line, text, text, score, tuple(terms))


def node(path, *quotes, priority=0.5, **changes):
    base = OpenedNode(
        step=f"1-traverse-{path}",
        node=path,
        path=path,
        edge="keyword",
        lift=1.0,
        priority=priority,
        node_score=priority,
        evidence=tuple(evidence(q) if isinstance(q, str) else q for q in quotes),
        via=(),
    )
    return replace(base, **changes)


def facts(*opened, hits=(), answer_tokens=600, most_documents=20, terms=("oven",), share=1.0):
    return AggregateInput(
        tokens=tuple(terms),
        idf=dict.fromkeys(terms, 1.0),
        opened=tuple(opened),
        hits=tuple(RankedPath(path, score) for path, score in hits),
        answer_tokens=answer_tokens,
        most_documents=most_documents,
        verdict=VerdictFacts(share, coverage=Coverage(share, share, rarity=1.0)),
    )


def page(path, *held):
    return PageFacts(path, held)

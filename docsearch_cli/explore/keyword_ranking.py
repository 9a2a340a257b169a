"""The keyword ranking of documents: the simple search's own, and what a deep one starts from."""

from __future__ import annotations

from docsearch_cli.explore.findings import RankedPath
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.retrieval.keyword import best_hits

# Sections of the keyword ranking that are looked at for documents.
_MOST_HITS = 400


def simple_ranking(
    scored: ScoredQuestion, most: int, *, sections: int = _MOST_HITS
) -> list[RankedPath]:
    """Return the documents ranked by their best section, whose relevance is their score.

    Ties go to the smaller path.

    Args:
        scored: The question against the corpus.
        most: Most documents to return.
        sections: Sections of the keyword ranking that are looked at for them.

    Returns:
        The ranking, best first.
    """
    best = best_section_of_each(scored, most, sections=sections)
    index = scored.index
    return [
        RankedPath(index.paths[int(index.node_documents[index.node_of_section(section)])], score)
        for section, score in best
    ]


def best_section_of_each(
    scored: ScoredQuestion, most: int, *, sections: int = _MOST_HITS
) -> list[tuple[int, float]]:
    """Return the best section of each document, in the order of the documents' ranking.

    Args:
        scored: The question against the corpus.
        most: Most documents to return.
        sections: Sections of the keyword ranking that are looked at for them.

    Returns:
        Rows of sections, each with its relevance to four decimals.
    """
    index = scored.index
    hits = best_hits(scored.hit_relevance, sections)
    best: dict[int, tuple[int, float]] = {}
    documents = index.documents_of_sections([hit.section for hit in hits])
    for hit, document in zip(hits, documents, strict=True):
        best.setdefault(document, (hit.section, hit.score))
    ranked = sorted(best.items(), key=lambda item: (-item[1][1], index.paths[item[0]]))
    return [(section, round(score, 4)) for _, (section, score) in ranked[:most]]

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
    index = scored.index
    best: dict[str, float] = {}
    for hit in best_hits(scored.hit_relevance, sections):
        node = index.node_of_section(hit.section)
        path = index.paths[int(index.node_documents[node])]
        best.setdefault(path, hit.score)
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return [RankedPath(path, round(score, 4)) for path, score in ranked[:most]]

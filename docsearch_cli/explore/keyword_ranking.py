"""The keyword ranking of documents: the simple search's own, and what a deep one starts from."""

from __future__ import annotations

from docsearch_cli.explore.findings import RankedPath
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.retrieval.keyword import best_rows

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
    rows = best_rows(scored.hit_relevance, sections)
    scores = scored.hit_relevance[rows].tolist()
    best: dict[int, tuple[int, float]] = {}
    documents = index.documents_of_sections(rows)
    for document, section, score in zip(documents, rows, scores, strict=True):
        best.setdefault(document, (section, score))
    found = list(best.items())  # best first, so that few paths are looked up
    if len(found) > most:
        least = found[most - 1][1][1]
        found = [item for item in found if item[1][1] >= least]
    ranked = sorted(found, key=lambda item: (-item[1][1], index.paths[item[0]]))
    return [(section, round(score, 4)) for _, (section, score) in ranked[:most]]

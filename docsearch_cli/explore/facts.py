"""Facts about a question from the keyword index, before any page is opened."""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.explore.intent import IntentInput
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.seeds import Candidate, gather_candidates
from docsearch_cli.retrieval.keyword import best_hits
from docsearch_cli.retrieval.tokens import spelled, spellings, unique_tokens

# Sections of the keyword ranking that are searched for one that answers by itself.
_MOST_SECTIONS = 20


def intent_facts(scored: ScoredQuestion) -> IntentInput:
    """Return what the intent of a question is detected from."""
    # A name of one word is often just a word.
    named = [item for item in gather_candidates(scored, count=0) if " " in item.named]
    best, together, most_terms = _covered_by_sections(scored)
    missing = [token for token in scored.tokens if token not in scored.terms.idf]
    return IntentInput(
        question=scored.question,
        term_count=len(scored.tokens),
        best_share=round(best * scored.in_vocabulary_share, 4),
        named=tuple(item.path for item in named),
        missing=tuple(spelled(missing, _spellings(scored))),
        together_share=round(together * scored.in_vocabulary_share, 4),
        rest_share=round(_covered_beside_names(scored, named), 4),
        most_terms=most_terms,
    )


def _spellings(scored: ScoredQuestion) -> dict[str, str]:
    """Return how each of the question's tokens is spelled in it."""
    spelling_of: dict[str, str] = {}
    for language in (scored.language, *scored.index.languages.names):
        stems = scored.stems_in(language)
        spelling_of = {**spellings(scored.question, language, stems), **spelling_of}
    return spelling_of


def _covered_by_sections(scored: ScoredQuestion) -> tuple[float, float, int]:
    """Return how much the best section covers, and how much with the best other document's.

    The third is how many of the question's tokens a section holds at most.
    """
    hits = best_hits(scored.hit_scores, _MOST_SECTIONS)
    covered = scored.terms_of_sections([hit.section for hit in hits])
    shares = [scored.terms.share(terms) for terms in covered]
    if not shares:
        return 0.0, 0.0, 0
    best = shares.index(max(shares))
    document_of = [
        int(scored.index.node_documents[scored.index.node_of_section(hit.section)]) for hit in hits
    ]
    others = [
        scored.terms.share([*covered[best], *terms])
        for terms, document in zip(covered, document_of, strict=True)
        if document != document_of[best]
    ]
    return shares[best], max([shares[best], *others]), max(map(len, map(set, covered)))


def _covered_beside_names(scored: ScoredQuestion, named: Sequence[Candidate]) -> float:
    """Return how much of a question's other words the documents that it names cover."""
    names = {token for item in named for token in unique_tokens(item.named, scored.language)}
    rest = {token for token in scored.terms.tokens if token not in names}
    covered = {
        token
        for path in {item.path for item in named}
        for node in scored.index.nodes_of_document(path)
        for token in scored.terms_in(node)
    }
    asked = scored.terms.share(rest)
    return scored.terms.share(rest & covered) / asked if named and asked else 1.0

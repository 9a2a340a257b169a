"""A question scored against a corpus: its terms, and the score of every section and node.

Keywords find what is named, embeddings what is meant. Where the index has embeddings, a section's
relevance is half of each: measured on seven public question sets, a half is within a point of the
best share on each of them, and better than either alone on six. A chance match of one word in
five must not weigh as much as that: where no section covers half of the question, the keywords'
part is less. A node's relevance is that of its best section.

Conditions keep pages out (``index/filtered_pages.py``): their sections and nodes have no score, and
no edge leads to them. The words' rarity stays that of the whole corpus.

Source:
    Callan 1994, passage-level evidence: a document is ranked by its best passage.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.explore.held_terms import HeldTerms
from docsearch_cli.explore.widened_terms import WidenedTerms
from docsearch_cli.index.filtered_pages import FilteredPages
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.retrieval.asked_terms import AskedTerms
from docsearch_cli.retrieval.conditions import Condition
from docsearch_cli.retrieval.exact_words import ExactWords
from docsearch_cli.retrieval.idf import quantise
from docsearch_cli.retrieval.keyword import best_rows
from docsearch_cli.retrieval.quotes import Also
from docsearch_cli.retrieval.stems import Stems
from docsearch_cli.retrieval.synonyms import Synonym

# Share of the question that a section must cover for keywords to count in full.
_TRUSTED_SHARE = 0.5
# Similarity is counted from the cosine that this share of the sections stay below: what it is for
# an unrelated text depends on the model. With fewer sections there may be no unrelated one.
_UNRELATED_SHARE = 0.05
_LEAST_SECTIONS = 40
# Rows of vectors that are converted to single precision at once.
_BLOCK_ROWS = 8_192
# Share of a section's relevance that is the cosine of its vector; the rest is its keyword score.
_VECTOR_SHARE = 0.5
# Share of a section's keyword score that is how much of the question it holds word for word.
_EXACT_SHARE = 0.2
# The best sections by their stems are looked through for it, so many of them.
_COMPARED_SECTIONS = 100
# What a section without a phrase of the question counts, where another one of its page has it.
_BESIDE_PHRASE = np.float32(0.5)
# Best hits that are found without following anything: as many as a search begins with.
_FIRST_NODES = 5
# Nodes whose terms are remembered: many pages lead to the same ones.
_MOST_NODES = 32_768
# A question longer than this is cut: scores of thousands of terms say nothing.
MOST_QUESTION_CHARS = 4_000
# A run of letters longer than this is no word: text without spaces is cut wherever it must be.
_MOST_WORD_CHARS = 100


def whole_words(question: str, most: int = MOST_QUESTION_CHARS) -> str:
    """Return a question, or the words that it begins with: as many as are searched for.

    Args:
        question: In words.
        most: Characters of it at most.

    Returns:
        Its beginning, which ends in no part of a word: half of one is another word, or none.
    """
    if len(question) <= most:
        return question
    end = most
    while end and not (question[end - 1].isspace() or question[end].isspace()):
        end -= 1
    return question[: end if most - end <= _MOST_WORD_CHARS else most].rstrip()


@dataclass(frozen=True)  # no slots: the weight is added up once
class Terms:
    """A question's tokens that occur in the corpus, and how rare each is.

    A word that is in no document cannot be found: it says nothing of how well a page answers.
    """

    tokens: tuple[str, ...]
    idf: dict[str, float]

    @cached_property
    def weight(self) -> float:
        """The rarity of all of them together; ``fsum`` is exact in any order."""
        return math.fsum(self.idf.values())

    @cached_property
    def share_of(self) -> dict[str, float]:
        """How much of the question each of its tokens is."""
        return {token: self.share([token]) for token in self.tokens}

    def share(self, tokens: Iterable[str]) -> float:
        """Return how much of the question some of its tokens cover, weighted by rarity: 0 to 1."""
        if not tokens:
            return 0.0
        total = self.weight
        idf = self.idf
        return math.fsum([idf[token] for token in idf.keys() & tokens]) / total if total else 0.0


class ScoredQuestion:
    """Everything that the corpus's index says about one question.

    Args:
        index: The index to ask.
        question: In words; its tokens are kept in ``tokens``, those the corpus has in ``terms``.
        encode: Gives a text's vector by the index's model, of unit length; needed only where the
            index has embeddings.
        conditions: What pages must have to be searched.
        synonyms: Other words that words of the question are searched as.
    """

    def __init__(
        self,
        index: IndexReader,
        question: str,
        *,
        encode: Callable[[str], NDArray[np.float32]] | None = None,
        conditions: Sequence[Condition] = (),
        synonyms: Sequence[Synonym] = (),
    ) -> None:
        self.index = index
        self.pages = FilteredPages(index, conditions, question) if conditions else None
        """The pages that may be searched; None for all."""
        self.question = question
        self._encode = encode
        self.asked = AskedTerms(question[:MOST_QUESTION_CHARS], index.keyword, index.languages)
        self._stems: dict[str, Stems] = {}
        self._sections: dict[str, NDArray[np.int32]] = {}
        self.tokens = self.asked.tokens
        self.synonyms = tuple(synonyms)
        self.widened = (
            WidenedTerms(index.keyword, index.language, self.tokens, synonyms) if synonyms else None
        )
        """Where the synonyms stand; None without any."""
        weights = {
            token: self.asked.term_idf(token) or self._idf_by_synonyms(token)
            for token in self.tokens
        }
        known = {token: round(idf, 6) for token, idf in weights.items() if idf is not None}
        self.terms = Terms(tuple(known), known)
        self._terms_in: dict[int, tuple[str, ...]] = {}
        self.opened: dict[tuple[int, int, int], Any] = {}
        """What ``build_view.py`` keeps of the nodes that were opened last."""

    def _idf_by_synonyms(self, token: str) -> float | None:
        return self.widened.idf(token) if self.widened is not None else None

    @property
    def shown_synonyms(self) -> tuple[Synonym, ...]:
        """Those of the synonyms that stand in a section: the others change nothing."""
        return self.widened.found if self.widened is not None else ()

    @property
    def also(self) -> Also:
        """The tokens of the synonyms that stand for terms."""
        return self.widened.also if self.widened is not None else ()

    def sections_with(self, token: str) -> NDArray[np.int32]:
        """Return the sections that hold a term, or a synonym of it, ascending."""
        holding = self._sections.get(token)
        if holding is None:
            holding = self._sections[token] = self._find_sections(token)
        return holding

    def _find_sections(self, token: str) -> NDArray[np.int32]:
        holding = self.asked.sections_with(token)
        if self.widened is None:
            return holding
        others = self.widened.sections(token)
        return np.union1d(holding, others) if len(others) else holding

    @property
    def language(self) -> str:
        """The language that the question is read in."""
        return self.asked.language

    def stems_of(self, document: int) -> Stems:
        """Return the question's tokens that the words of a document stand for."""
        return self.stems_in(self.index.language_of(document))

    def stems_in(self, language: str) -> Stems:
        """Return the question's tokens that the words of a text in a language stand for."""
        found = self._stems.get(language)
        if found is None:
            found = self._stems[language] = self.asked.stems(language)
        return found

    @property
    def in_vocabulary_share(self) -> float:
        """How much of the question the corpus's words are; a missing one is as rare as any."""
        total = self.terms.weight
        missing = len(self.tokens) - len(self.terms.tokens)
        return total / (total + missing * max(self.terms.idf.values())) if total else 0.0

    def section_shares(self, sections: Sequence[int]) -> list[float]:
        """Return how much of the question's known words each of some sections covers."""
        return [self.terms.share(tokens) for tokens in self.terms_of_sections(sections)]

    def best_section(self, nodes: range) -> int | None:
        """Return the most relevant section of consecutive nodes; the first of equals."""
        first = int(self.index.node_starts[nodes.start])
        end = int(self.index.node_starts[nodes.stop])
        return first + int(self.relevance[first:end].argmax()) if end > first else None

    @cached_property
    def held(self) -> HeldTerms:
        """Which of the question's terms each section holds."""
        return HeldTerms(self.terms.tokens, self.sections_with, self.index.keyword.section_count)

    def terms_of_sections(self, sections: Sequence[int]) -> list[tuple[str, ...]]:
        """Return which of the question's terms occur in each of some sections."""
        return self.held.of_sections(sections)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What pages must have to be searched."""
        return self.pages.conditions if self.pages is not None else ()

    @cached_property
    def allowed_nodes(self) -> NDArray[np.bool_] | None:
        """(n_nodes,): which nodes may be opened; None for all."""
        return self.pages.nodes_in(self.pages.allowed) if self.pages is not None else None

    @cached_property
    def _allowed_sections(self) -> NDArray[np.bool_] | None:
        return self.pages.sections_in(self.pages.allowed) if self.pages is not None else None

    @cached_property
    def _beginning_sections(self) -> NDArray[np.bool_] | None:
        return self.pages.sections_in(self.pages.beginning) if self.pages is not None else None

    @cached_property
    def beginning_nodes(self) -> NDArray[np.bool_] | None:
        """(n_nodes,): at which nodes a search may begin; None for all."""
        return self.pages.nodes_in(self.pages.beginning) if self.pages is not None else None

    @cached_property
    def section_scores(self) -> NDArray[np.float32]:
        """BM25 of every section that may be searched, else 0: (n_sections,) float32."""
        scores = self.asked.scores(self.terms.tokens)
        if self.widened is not None:
            scores += self.widened.scores(self.terms.idf)
        return _only(scores, self._allowed_sections)

    @cached_property
    def hit_scores(self) -> NDArray[np.float32]:
        """BM25 of every section that a search may begin at, else 0: (n_sections,) float32."""
        return _only(self.section_scores, self._beginning_sections)

    @cached_property
    def hit_relevance(self) -> NDArray[np.float32]:
        """Relevance of every section that a search may begin at, else 0: (n_sections,) float32.

        It is what pages are ranked by before anything is opened.
        """
        return _only(self.relevance, self._beginning_sections)

    @cached_property
    def relevance(self) -> NDArray[np.float32]:
        """Relevance of every section, the corpus's best being 1: (n_sections,) float32.

        Its keyword score, and the cosine of its vector if there is one, each as a share of the
        best. A question without a word of the corpus has no hits: nothing is guessed.
        """
        keyword = _share_of_best(self.keyword_scores * self._phrase_weights)
        if self.cosines is None:
            return keyword
        cosines = _only(np.maximum(self.cosines, np.float32(0)), self._allowed_sections)
        covered = self.section_shares([int(keyword.argmax())])[0] * self.in_vocabulary_share
        trust = np.float32((1 - _VECTOR_SHARE) * min(1.0, covered / _TRUSTED_SHARE))
        mixed = np.float32(_VECTOR_SHARE) * _share_of_best(cosines) + trust * keyword
        return _share_of_best(mixed * self._phrase_weights)

    @cached_property
    def _phrase_weights(self) -> NDArray[np.float32] | np.float32:
        """Weight of each section: less beside one that holds a phrase of the question."""
        whole = np.float32(1)
        held = self.pages.phrase_sections if self.pages is not None else None
        if held is None or self._beginning_sections is None:
            return whole
        return np.where(held | ~self._beginning_sections, whole, _BESIDE_PHRASE)

    @cached_property
    def exact_words(self) -> ExactWords:
        """The question's words as they were asked."""
        question = self.question[:MOST_QUESTION_CHARS]
        return ExactWords(question, self.language, self.asked.term_idf)

    @cached_property
    def keyword_scores(self) -> NDArray[np.float32]:
        """BM25 of every section, and of the best how much they hold word for word, as shares.

        A share of the best score quantised, so that an edit of the best page seldom changes what
        every other section has: the highest is 1 but for that rounding, (n_sections,) float32.
        """
        stems = _share_of_quantised_best(self.section_scores)
        exact = np.zeros_like(stems)
        index = self.index
        best = best_rows(stems, _COMPARED_SECTIONS)
        lengths = np.maximum(1, index.keyword.lengths[best]) / index.keyword.mean_length
        texts = [
            b"%s\n%s" % (index.titles.raw(document), index.texts.raw(section))
            for section, document in zip(best, index.documents_of_sections(best), strict=True)
        ]
        exact[best] = self.exact_words.scores(texts, lengths.tolist())
        if not exact.any():
            return stems
        of_stems, of_exact = np.float32(1 - _EXACT_SHARE), np.float32(_EXACT_SHARE)
        return of_stems * stems + of_exact * _share_of_quantised_best(exact)

    @cached_property
    def cosines(self) -> NDArray[np.float32] | None:
        """Cosine of every section's vector with the question's: (n_sections,) float32.

        None without embeddings, and for a question without a word of the corpus. An index with
        embeddings and nothing to encode the question is an error, not a keyword search.
        """
        if self.index.model is None or not self.terms.tokens:
            return None
        if self._encode is None:
            raise ValueError("an index with embeddings needs what encodes the question")
        return _products(self.index.vectors, self._encode(self.question[:MOST_QUESTION_CHARS]))

    @property
    def nearest_similarity(self) -> float | None:
        """How similar the most similar section is: 1 the same text, 0 as an unrelated one.

        None if there are no cosines, or too few to say what an unrelated one has.
        """
        if self.cosines is None or len(self.cosines) < _LEAST_SECTIONS:
            return None
        place = int(_UNRELATED_SHARE * len(self.cosines))
        unrelated = float(np.partition(self.cosines, place)[place])
        room = 1 - unrelated
        if room <= 0:
            return None
        cosines = self.cosines if self.pages is None else self.cosines[self._beginning_sections]
        # Half precision goes a little beyond 1.
        nearest = min(1.0, float(cosines.max(initial=-1.0)))
        return round((nearest - unrelated) / room, 4)

    @cached_property
    def node_scores(self) -> NDArray[np.float32]:
        """Relevance of every node's best section, the corpus's best being 1: (n_nodes,) float32."""
        starts = self.index.node_starts
        result = np.zeros(len(starts) - 1, np.float32)
        filled = np.flatnonzero(starts[1:] > starts[:-1])
        if len(filled):
            result[filled] = np.maximum.reduceat(self.relevance, starts[:-1][filled])
        return result

    def best_nodes(self, count: int) -> list[int]:
        """Return the best nodes that a search may begin at, best first."""
        return best_rows(_only(self.node_scores, self.beginning_nodes), count)

    @cached_property
    def is_first_node(self) -> NDArray[np.bool_]:
        """(n_nodes,): which nodes are the best hits, found without following anything."""
        is_first = np.zeros(self.index.node_count, np.bool_)
        is_first[self.best_nodes(_FIRST_NODES)] = True
        return is_first

    def terms_in(self, node: int) -> tuple[str, ...]:
        """Return the question's terms that occur in a node."""
        found = self._terms_in.get(node)
        if found is None:
            if len(self._terms_in) >= _MOST_NODES:
                self._terms_in.clear()
            first, end = self.index.node_starts[node : node + 2].tolist()
            found = self._terms_in[node] = self.held.between(first, end)
        return found


def _only(scores: NDArray[np.float32], is_kept: NDArray[np.bool_] | None) -> NDArray[np.float32]:
    """Return scores with those that are not kept as 0."""
    return scores if is_kept is None else np.where(is_kept, scores, np.float32(0))


def _share_of_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    top = scores.max(initial=np.float32(0))
    return scores / top if top > 0 else scores


def _share_of_quantised_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    return scores / np.float32(quantise(float(scores.max(initial=np.float32(0)))) or 1.0)


def _products(rows: NDArray[np.float16], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply rows in half precision with a vector, a block at a time to save memory.

    Shapes:
        rows: (n, dimensions).
        vector: (dimensions,).
        result: (n,) float32.
    """
    found = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = rows[start : start + _BLOCK_ROWS].astype(np.float32)
        found[start : start + _BLOCK_ROWS] = block @ vector
    return found

"""Do these documents answer a question at all?

A search always has a best page, for a question of another subject too. Three signs tell it from an
answer: how much of the question the best section speaks to, words that no document holds counted;
whether one of those words is a name or a number; and, with embeddings, how close the closest
section is in meaning. Gathering the facts reads the index; judging them is pure, and is part of the
fan-in. What the quotes hold together was measured beside them and tells nothing more: a handful of
pages between them speak to half of any question.

With these limits fewer than one in a hundred questions of nine sets that have an answer are lost
(``tests/bench/bench_not_found.py``). A question on the documents' own subject whose answer
nobody wrote down looks like any other: it is noticed only by a name or number that is not there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from docsearch_cli.explore.intent import IntentInput
from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS, ScoredQuestion
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from docsearch_cli.retrieval.surfaces import WORD
from docsearch_cli.retrieval.tokens import asked_tokens

# Least that the best section must speak to, without embeddings: .25 loses questions in other words
# than the documents' (one in seventeen of corpora/vault), .2 lets half of the foreign ones pass.
_LEAST_SHARE = 0.23
# With embeddings: similarity of the nearest section, and what a share of 1 adds to it.
_LEAST_SIMILARITY = 0.46
_SHARE_WEIGHT = 0.3
# How much more it takes if a name or number of the question stands nowhere.
_NAME_PENALTY = 0.2
# Words that a reason lists.
_MOST_LISTED = 5
_SENTENCE_ENDS = ".?!:"


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """What the verdict on a question is reached by."""

    best_share: float
    """0 to 1: how much of the question, missing words included, the best section speaks to."""
    closeness: float | None = None
    """How near the closest section is, 0 being an unrelated one; None without embeddings."""
    missing: tuple[str, ...] = ()
    """Words of the question that no document holds, as they are spelled in it."""
    missing_names: tuple[str, ...] = ()
    """Names, numbers and identifiers among them."""
    named: bool = False
    """True if the question names a document by its title or alias."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> VerdictFacts:
        """Return the facts that ``dataclasses.asdict`` made."""
        return cls(
            data["best_share"],
            data["closeness"],
            tuple(data["missing"]),
            tuple(data["missing_names"]),
            data["named"],
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the documents answer a question, and what says so."""

    found: bool
    reason: str


def gather_verdict_facts(scored: ScoredQuestion, facts: IntentInput) -> VerdictFacts:
    """Return what the verdict on a question is reached by.

    Args:
        scored: The question against the corpus.
        facts: What is known of it before anything is opened.

    Returns:
        The facts, the same for the same index and question.
    """
    return VerdictFacts(
        best_share=facts.best_share,
        closeness=scored.nearest_similarity,
        missing=facts.missing,
        named=bool(facts.named),
        missing_names=missing_names(
            scored.question[:MOST_QUESTION_CHARS], scored.terms.idf, scored.index.language
        ),
    )


def judge(facts: VerdictFacts) -> Verdict:
    """Return whether the documents answer a question, as far as its words and meaning tell.

    Args:
        facts: What is known of it.

    Returns:
        The verdict; its reason says in words what the best section holds and what is missing.
    """
    if facts.best_share == 0:
        if facts.named:
            return Verdict(True, "the question names a document")
        return Verdict(False, "none of the question's words occurs in them")
    found = margin(facts) >= 0
    most = "one section covers" if found else "no section covers more than"
    parts = [f"{most} {facts.best_share:.0%} of the question"]
    if facts.closeness is not None and not found:
        parts.append("none is close to it in meaning")
    if facts.missing:
        parts.append(f"no document holds {_listed(facts.missing_names, facts.missing)}")
    return Verdict(found, "; ".join(parts))


def margin(facts: VerdictFacts) -> float:
    """Return by how much more speaks for an answer than it takes; below 0 there is none."""
    penalty = _NAME_PENALTY if facts.missing_names else 0.0
    if facts.closeness is None:
        return facts.best_share - _LEAST_SHARE - penalty
    return facts.closeness + _SHARE_WEIGHT * facts.best_share - _LEAST_SIMILARITY - penalty


def missing_names(
    question: str, known: Collection[str], language: str = DEFAULT_LANGUAGE
) -> tuple[str, ...]:
    """Return the names, numbers and identifiers of a question that no document holds.

    A capital tells a name except where a sentence begins, and nothing where no word is without.

    Args:
        question: In words.
        known: The tokens of it that the corpus has.
        language: The index's.

    Returns:
        The words as they are spelled, each once, in the question's order.
    """
    text = unicodedata.normalize("NFKC", question)
    words = list(WORD.finditer(text))
    capitals_tell = any(word.group()[0].islower() for word in words)
    found: list[str] = []
    for word in words:
        before = text[: word.start()].rstrip()
        begins = not before or before[-1] in _SENTENCE_ENDS
        if _is_name(word.group(), begins=begins, capitals_tell=capitals_tell):
            tokens = asked_tokens(word.group(), language, known.__contains__)
            missing = sum(token not in known for token in tokens)
            if 2 * missing > len(tokens):  # of a range of years, each may stand somewhere
                found.append(word.group())
    return tuple(dict.fromkeys(found))


def _is_name(word: str, *, begins: bool, capitals_tell: bool) -> bool:
    if "_" in word or any(character.isdigit() for character in word):
        return True
    looked_at = word[1:] if begins else word
    return capitals_tell and any(character.isupper() for character in looked_at)


def _listed(first: tuple[str, ...], then: tuple[str, ...]) -> str:
    """Return words in a row, those that count most first, each once."""
    words = tuple(dict.fromkeys((*first, *then)))
    more = len(words) - _MOST_LISTED
    return ", ".join(words[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")

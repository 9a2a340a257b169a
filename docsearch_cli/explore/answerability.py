"""Do these documents answer a question at all?

A search always has a best page, even for a question on another subject. Signs distinguish it from
an answer: how much of the question the best sections cover, word for word and in one sentence, and
whether chance would cover as much (``coverage.py``); whether any section holds two of its words,
where one is missing; whether a missing word is a name or a number; whether the question names a
document; and, with embeddings, how similar the nearest section is.

The signs add up to one number, and two limits cut it into three: no answer, a *weak* match, which
may be related to the question, and an answer. Gathering the facts reads the index; judging them is
pure, and is part of the fan-in. What all quotes cover together was measured as well and adds
nothing: a handful of pages together cover half of any question.

``tests/bench/bench_not_found.py`` measures the limits. A question on the documents' own subject
without an answer in them looks like any other: only a missing name or number gives it away.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from docsearch_cli.explore.coverage import Coverage, measure_coverage
from docsearch_cli.explore.intent import IntentInput, words_share
from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS, ScoredQuestion
from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from docsearch_cli.retrieval.numbers import without_marks
from docsearch_cli.retrieval.surfaces import WORD
from docsearch_cli.retrieval.tokens import asked_tokens

# What the signs weigh, without embeddings: of a logistic regression over ten sets of documentation,
# notes and encyclopedias, rounded; each set left out in turn, the others choose nearly the same.
_EXACT_WEIGHT = 0.6
_SENTENCE_WEIGHT = 0.4
_RARITY_WEIGHT = 0.4
_NAMED_BONUS = 0.4
_LONE_NAME_PENALTY = 0.4
# Least of them together: below it lies one in a hundred of the sets' own questions, most of them in
# other words than the documents'.
_LEAST_SIGNS = 0.8
# With less held of a question, rare words do not count: of a long list some are met anywhere.
_LEAST_HELD = 0.15
# From this share of its words in no document on, they do not either: what is rare here is then
# another thing of that name, such as the apple pie's apple in a manual of backups.
_MOST_MISSING = 0.5
# From this share on, a match is weak at most. Neither loses one of 485 questions of seventeen sets.
_MISSING_WEAK = 0.25
# Less than so much above it is a weak match: four in a hundred of the sets' own questions, and half
# of the foreign ones that pass.
_WEAK_MARGIN = 0.2
# With embeddings: similarity of the nearest section, and what a share of 1 adds to it.
_LEAST_SIMILARITY = 0.46
_SHARE_WEIGHT = 0.3
# How much more it takes if a name or number of the question is missing.
_NAME_PENALTY = 0.2
# More than any share makes up for.
_CHANCE_PENALTY = 1.0
# Words that a reason lists.
_MOST_LISTED = 5
_SENTENCE_ENDS = ".?!:"
_NOTHING_HELD = Coverage()


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """The facts that the verdict on a question is based on."""

    best_share: float
    """0 to 1: how much of the question, missing words included, the best section covers."""
    closeness: float | None = None
    """Similarity of the nearest section, 0 being an unrelated one; None without embeddings."""
    missing: tuple[str, ...] = ()
    """Words of the question that are in no document, as the question spells them."""
    missing_names: tuple[str, ...] = ()
    """Names, numbers and identifiers among them."""
    named: bool = False
    """True if the question names a document by its title or alias."""
    most_terms: int = 0
    """How many of the question's tokens a section holds at most; 0 where it was not looked at."""
    coverage: Coverage = _NOTHING_HELD
    """How much of it the best sections cover, and whether chance would cover as much."""
    missing_share: float = 0.0
    """0 to 1: how many of the question's tokens are in no document."""

    @property
    def is_chance(self) -> bool:
        """Whether no section holds more than one word of a question that has another one.

        Without embeddings nothing tells such a match from chance.
        """
        is_lone = self.most_terms == 1 and bool(self.missing) and not self.named
        return is_lone and self.closeness is None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> VerdictFacts:
        """Return the facts that ``dataclasses.asdict`` made."""
        return cls(
            data["best_share"],
            data["closeness"],
            tuple(data["missing"]),
            tuple(data["missing_names"]),
            data["named"],
            data.get("most_terms", 0),
            Coverage(**data.get("coverage", {})),
            data.get("missing_share", 0.0),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the documents answer a question, and why."""

    found: bool
    reason: str
    weak: bool = False
    """True if what was found may only be related to the question."""


def gather_verdict_facts(scored: ScoredQuestion, facts: IntentInput) -> VerdictFacts:
    """Return the facts that the verdict on a question is based on.

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
        most_terms=facts.most_terms,
        missing_names=missing_names(
            scored.question[:MOST_QUESTION_CHARS], scored.terms.idf, scored.language
        ),
        coverage=measure_coverage(scored),
        missing_share=round(1 - len(scored.terms.tokens) / max(1, len(scored.tokens)), 4),
    )


@dataclass(frozen=True, slots=True)
class QuotedFacts:
    """What the quote says that speaks to most of a question."""

    share: float
    """0 to 1: how much of the question it covers, missing words included."""
    has_kind: bool
    """Whether it holds the kind of thing that is asked for."""


def judge(facts: VerdictFacts, quoted: QuotedFacts | None = None) -> Verdict:
    """Return whether the documents answer a question, judged by its words and meaning.

    Args:
        facts: What is known of it.
        quoted: The best quote; None without any.

    Returns:
        The verdict; its reason says how much the best quote covers (the best section, where there
        is no quote or no answer; what is lacking, where the match is weak) and which words are
        missing.
    """
    if facts.best_share == 0:
        if facts.named:
            return Verdict(True, "the question names a document")
        return Verdict(False, "none of the question's words occurs in them")
    left = margin(facts)
    found = left >= 0
    is_doubtful = left < _WEAK_MARGIN or facts.missing_share >= _MISSING_WEAK
    weak = found and facts.closeness is None and is_doubtful
    if facts.is_chance:
        parts = ["no section holds more than one word of the question"]
    elif not found:
        parts = [_most_held(facts)]
    elif weak:
        parts = [_what_is_weak(facts.coverage)]
    elif quoted is None:
        parts = [f"one section holds {words_share(facts.best_share)}"]
    else:
        parts = [f"one quote holds {words_share(quoted.share)}"]
    if found and quoted is not None and not quoted.has_kind:
        parts.append("no quote holds the kind of thing it asks for")
    if facts.closeness is not None and not found:
        parts.append("none is close to it in meaning")
    if facts.missing:
        parts.append(f"no document holds {_listed(facts.missing_names, facts.missing)}")
    return Verdict(found, "; ".join(parts), weak)


def _what_is_weak(held: Coverage) -> str:
    """Return why a match may not be an answer: never how much it holds, which sounds like one."""
    if held.exact < 1:
        return f"no section holds more than {words_share(held.exact)} as they were asked"
    if held.sentence < 1:
        return f"no sentence holds more than {words_share(held.sentence)}"
    return "words as common as the question's stand together by chance, too"


def _most_held(facts: VerdictFacts) -> str:
    """Return how little is held of a question that is not answered."""
    sentence = facts.coverage.sentence
    if facts.closeness is None and sentence < facts.best_share:
        return f"no sentence holds more than {words_share(sentence)}"
    return f"no section holds more than {words_share(facts.best_share)}"


def margin(facts: VerdictFacts) -> float:
    """Return by how much the signs exceed what an answer takes; below 0 there is none."""
    penalty = _CHANCE_PENALTY if facts.is_chance else 0.0
    if facts.closeness is None:
        held = facts.coverage
        signs = _EXACT_WEIGHT * held.exact + _SENTENCE_WEIGHT * held.sentence
        is_held = max(held.exact, held.sentence) >= _LEAST_HELD
        if facts.named or (is_held and facts.missing_share < _MOST_MISSING):
            signs += _RARITY_WEIGHT * held.rarity
        signs += _NAMED_BONUS * facts.named
        penalty += _LONE_NAME_PENALTY if facts.missing_names else 0.0
        return signs - _LEAST_SIGNS - penalty
    penalty += _NAME_PENALTY if facts.missing_names else 0.0
    return facts.closeness + _SHARE_WEIGHT * facts.best_share - _LEAST_SIMILARITY - penalty


def missing_names(
    question: str, known: Collection[str], language: str = DEFAULT_LANGUAGE
) -> tuple[str, ...]:
    """Return the names, numbers and identifiers of a question that are in no document.

    A capital is the sign of a name except where a sentence begins, or where every word has one.

    Args:
        question: In words.
        known: The tokens of it that the corpus has.
        language: The one that the question is read in.

    Returns:
        The words as the question spells them, each once, in its order.
    """
    question = without_marks(question, language, known.__contains__)
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
            if 2 * missing > len(tokens):  # each year of a range may be somewhere
                found.append(word.group())
    return tuple(dict.fromkeys(found))


def _is_name(word: str, *, begins: bool, capitals_tell: bool) -> bool:
    if "_" in word or any(character.isdigit() for character in word):
        return True
    rest = word[1:] if begins else word
    return capitals_tell and any(character.isupper() for character in rest)


def _listed(first: tuple[str, ...], then: tuple[str, ...]) -> str:
    """Return words as a list in a sentence, those of ``first`` first, each once."""
    words = tuple(dict.fromkeys((*first, *then)))
    more = len(words) - _MOST_LISTED
    return ", ".join(words[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")

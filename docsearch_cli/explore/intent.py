"""Does a question need exploring, or is one keyword search enough?

Two things decide: the question's words, always whole ones; and what the keyword index says before
anything is opened. Words are signs of a question about more than one thing: it compares, it asks
two things at once, or it reaches what it asks through something else ("the director of the film
X", "the county where Y lies"). A *link* is one such step. The index says whether one section covers
all of it anyway, and whether a document that the question names covers the rest of it.

A section's share of the question overrules the words only where it is nearly whole: words and names
decide better than any share alone. Between the two lies what cannot be decided before something is
opened. No section covers two thirds of the question, and that of another document adds to it;
or the only sign is a weak one, which as many questions of one page have. Such a search is deep and
*unsure*: it begins with a look of a few agents, and ends there unless the look says to go on
(``look.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from docsearch_cli.explore.scored_question import MOST_QUESTION_CHARS
from docsearch_cli.explore.sign_words import joined_question, signs_by_words

Mode = Literal["simple", "deep"]

# Phrases that ask about more than one thing at once, as whole words.
_RELATING = (
    "compare", "compared", "comparison", "versus", "vs", "difference between",
    "differences between", "differ", "differs", "relate", "relates", "related to", "relationship",
    "depend on", "depends on", "both", "interact", "instead of", "as well as",
)  # fmt: skip
# Which of two: one of these, and further on "or". Listed, since "server or" ends in -er as well.
_COMPARING = (
    "first", "last", "more", "most", "less", "least", "fewer", "better", "best", "worse", "worst",
    "earlier", "earliest", "later", "latest", "sooner", "older", "oldest", "elder", "younger",
    "youngest", "newer", "newest", "longer", "longest", "shorter", "shortest", "larger", "largest",
    "bigger", "biggest", "smaller", "smallest", "greater", "greatest", "higher", "highest", "lower",
    "lowest", "taller", "tallest", "faster", "fastest", "slower", "slowest", "nearer", "nearest",
    "closer", "closest", "cheaper", "cheapest", "stronger", "strongest", "safer", "safest",
)  # fmt: skip


def _any_of(phrases: tuple[str, ...]) -> str:
    return r"(?<!\w)(?:" + "|".join(re.escape(phrase) for phrase in phrases) + r")(?!\w)"


# "at the same time" relates nothing.
_RELATES = re.compile(_any_of(_RELATING) + r"|(?<!\w)same(?! time(?!\w))(?!\w)")
# "longer for the first byte than a probe does", not "more than 5" and not "anything other than".
_THAN = re.compile(
    r"(" + _any_of(_COMPARING) + r")[^.,:;?!]*(?<! other)(?<! rather) than (?!\d|one(?!\w))"
)
_WHICH_OF = re.compile(r"(" + _any_of(_COMPARING) + r").*(?<!\w)or(?!\w)")
# A second question in the same sentence: "..., and what did it end up as?"
_AND_ASKS = re.compile(
    r"(?<!\w)(?:and|or|but|against) (?:(?:at|by|for|from|in|of|on|through|to|with) )?"
    r"(?:how|what|when|where|which|who|whom|whose|why"
    r"|are|can|did|do|does|is|was|were|will)(?!\w)"
)
_WORD = re.compile(r"\w+(?:'\w+)*|[.,:;?!]")
# "one of", "a kind of": it measures, and leads to nothing else.
_MEASURES = frozenset(
    """all amount any because both couple each front half instead kind kinds list lot many most
    name names none number one out pair part parts rest set some sort sorts type types""".split()  # noqa: SIM905  a list of 30 strings is worse to read
)
_RELATIVE = frozenset(("that", "where", "which", "who", "whom", "whose"))
# After one of these a relative word begins no relative clause: "does it say that", "and who".
_BEFORE_NO_CLAUSE = frozenset(
    """after and are at but by do does for from in is know mean means of on or said say says so sure
    to told was were with""".split()  # noqa: SIM905  see above
)
# Prepositions go before a relative clause with these, though: "the league in which".
_AFTER_PREPOSITION = frozenset(("which", "whom", "whose"))
_CONJUNCTIONS = frozenset(("and", "but", "or"))
_SHORT_FOR_IS = frozenset(
    """he's here's how's it's let's she's that's there's what's when's where's who's""".split()  # noqa: SIM905  see above
)
# So many steps from what is asked, one page seldom has both ends. One is no sign: "the default of
# X" is as often as not on the page of X.
_MANY_LINKS = 2

# One section that covers this share of the question answers it, whatever its words are.
_ALL_SHARE = 0.95
# One that covers this share answers a question without a sign of being about two things.
_ENOUGH_SHARE = 0.75
# A named document that covers less of the rest leaves it to other documents.
_COVERED_SHARE = 0.75
# Above this many words that matter, a question seldom has its answer in one place.
_LONG_QUESTION = 10
# Where the best section covers less than this, and another document's adds so much to it, a look is
# worth its agents: there it found more for nine questions of 146 and less for one; from this share
# up to three quarters more for four of 95 and less for four.
_LOOK_SHARE = 0.65
_ADDED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class IntentInput:
    """What is known of a question before anything is opened."""

    question: str
    term_count: int
    best_share: float
    """0 to 1: how much of the question, missing words included, the best section covers."""
    named: tuple[str, ...]
    """Documents that the question names, by title or alias."""
    missing: tuple[str, ...] = ()
    """Words of the question that are in no document."""
    together_share: float = 0.0
    """As ``best_share``, of the best section and the one of another document that adds most."""
    rest_share: float = 1.0
    """0 to 1: how much of the question's other words the documents that it names cover."""
    most_terms: int = 0
    """How many of the question's tokens a section holds at most; 0 where it was not looked at."""


@dataclass(frozen=True, slots=True)
class Intent:
    """How to search, and why."""

    mode: Mode
    reason: str
    unsure: bool = False
    """True for a deep search that may not be needed: a look of a few agents decides. True also for
    a simple one that may not be enough."""

    @property
    def looks(self) -> bool:
        """True if the search begins with a look."""
        return self.mode == "deep" and self.unsure


def detect_intent(facts: IntentInput) -> Intent:
    """Return how a question is best searched."""
    mode, reason, unsure = _detect(facts)
    if facts.missing and facts.best_share > 0:
        reason += f"; not in these documents: {', '.join(facts.missing[:5])}"
    return Intent(mode, reason, unsure)


def find_links(question: str) -> list[str]:
    """Return the words that lead a question from one thing to another, in order.

    They are *of* (but not "one of"), the possessive *'s*, and what begins a relative clause:
    *who*, *where*, *that*.

    Args:
        question: In words.

    Returns:
        The words in lower case; of a possessive the whole word.
    """
    words = _WORD.findall(question.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    pairs = zip(["", *words], words, strict=False)
    return [word for before, word in pairs if _is_link(before, word)]


def _is_link(before: str, word: str) -> bool:
    if word == "of":
        return before not in _MEASURES
    if word.endswith("'s"):
        return word not in _SHORT_FOR_IS
    if word not in _RELATIVE or not before[:1].isalnum():
        return False
    if before in _BEFORE_NO_CLAUSE:
        return word in _AFTER_PREPOSITION and before not in _CONJUNCTIONS
    return True


def words_share(share: float) -> str:
    """Return how much of a question something holds, in words; rare words count more."""
    if share >= 1:
        return "all words of the question"
    return f"{share:.0%} of the question's words" if share > 0 else "no word of the question"


def _detect(facts: IntentInput) -> tuple[Mode, str, bool]:
    """Return the mode, why, and whether that is unsure."""
    covered = f"one section holds {words_share(facts.best_share)}"
    if facts.best_share == 0 and not facts.named:
        return "simple", "none of its words occurs in these documents", False
    if facts.best_share == 0:
        return "deep", "it names a document, and none of its words occurs in the text", False
    if facts.best_share < _ALL_SHARE and (sign := next(_signs(facts), "")):
        most = f"no section holds more than {words_share(facts.best_share)}"
        return "deep", f"{sign}, and {most}", False
    if doubt := next(_doubts(facts), ""):
        return "deep", f"{covered}, {doubt}", True
    return "simple", covered, facts.best_share < _ENOUGH_SHARE


def _doubts(facts: IntentInput) -> Iterator[str]:
    """Yield what leaves it open whether a question without a plain sign needs one page."""
    question = _normalised(facts.question)
    if facts.best_share >= _ALL_SHARE:
        # Its words are in one place. Of two questions in one, the answers need not be.
        asking = _AND_ASKS.search(question)
        if second := asking.group() if asking else joined_question(question):
            yield f"and it asks two things ({second!r})"
        return
    for link in find_links(question):
        if link in _RELATIVE:
            yield f"and it asks by way of something else ({link!r})"
    if facts.term_count > _LONG_QUESTION:
        yield f"and it is long ({facts.term_count} terms)"
    added = round(facts.together_share - facts.best_share, 4)
    if added >= _ADDED_SHARE and facts.best_share < _LOOK_SHARE:
        yield f"two of different documents hold {facts.together_share:.0%} together"


def _normalised(question: str) -> str:
    """Return the part of a question that is looked at: lower case, one space between words."""
    return " ".join(question[:MOST_QUESTION_CHARS].casefold().split())


def _signs(facts: IntentInput) -> Iterator[str]:
    """Yield the signs that it takes more than one page, the plainest first."""
    question = _normalised(facts.question)
    if len(facts.named) > 1:
        yield f"it names {len(facts.named)} documents"
    if relating := _RELATES.search(question):
        yield f"it relates things ({relating.group()!r})"
    if comparing := _WHICH_OF.search(question):
        yield f"it asks which of several ({comparing.group(1)!r}, 'or')"
    if than := _THAN.search(question):
        yield f"it compares ({than.group(1)!r}, 'than')"
    if asking := _AND_ASKS.search(question):
        yield f"it asks two things ({asking.group()!r})"
    yield from signs_by_words(question)
    links = find_links(question)
    if len(links) >= _MANY_LINKS:
        yield "it asks by way of something else (" + ", ".join(map(repr, links[:3])) + ")"
    if facts.named and facts.rest_share < _COVERED_SHARE:
        yield f"the document that it names holds {facts.rest_share:.0%} of its other words"
    if facts.best_share < _ENOUGH_SHARE and facts.term_count > _LONG_QUESTION:
        yield f"it is long ({facts.term_count} terms)"


def intent_input_from_dict(data: dict[str, Any]) -> IntentInput:
    """Return the input that ``asdict`` made."""
    return IntentInput(**{**data, "named": tuple(data["named"]), "missing": tuple(data["missing"])})

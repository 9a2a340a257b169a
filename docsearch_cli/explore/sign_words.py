"""Words by which a question asks about several things, in other languages than English.

One row a language. Only words that seldom say anything else are listed, so a row finds fewer signs
than the rules for English (``intent.py``); what is asked by way of something else ("the X of the
Y") is not looked for. A row is used where no other language has more function words in the
question, so none is in an English one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from docsearch_cli.retrieval.languages import LANGUAGES, vote


@dataclass(frozen=True, slots=True)
class SignWords:
    """The words of a language; each an expression of alternatives, as whole words."""

    language: str
    relating: str
    """What relates or compares things."""
    comparing: str
    """Words that compare by a degree."""
    either: str
    """*Or*: with a comparing word before it, the question asks which of several."""
    than: str
    """*Than*, after a comparing word; empty where it also begins a clause ("el mayor que ...")."""
    joining: str
    """*And*, *or*, *but*."""
    before: str
    """Prepositions that may stand between one of those and a question word."""
    asking: str
    """Question words; none that begins a clause of another kind as often."""


SIGN_WORDS = (
    SignWords(
        "german",
        "vergleich|vergleichen?|verglichen mit|unterschiede? zwischen|unterscheide(?:n|t)|sowohl"
        "|statt|anstatt",
        "zuerst|länger|kürzer|grösser|kleiner|mehr|weniger|besser|schlechter|früher|eher|später"
        "|älter|jünger|neuer|höher|niedriger|schneller|langsamer|näher|billiger|teurer|stärker"
        "|schwächer|sicherer|öfter|seltener",
        "oder",
        "als",
        "und|oder|aber",
        "mit|von|vor|für|auf|in|an|aus|bei|zu|nach|seit|bis|um|ab|über|durch",
        "wie|wieviele?|was|wann|wo|wer|wem|wen|wessen|welche[mnrs]?|warum|wieso|weshalb|woher|wohin"
        "|womit|wofür|wodurch|wovon|woran",
    ),
    SignWords(
        "french",
        "différences? entre|comparer|comparaison|comparée?s? (?:à|avec)|par rapport (?:à|aux?)"
        "|au lieu d[eu']",
        "plus|moins|meilleure?s?|mieux|pire|d'abord",
        "ou",
        "",
        "et|ou|mais",
        "de|à|par|pour|avec|dans|sur|en|depuis|jusqu'à",
        "comment|combien|quand|où|pourquoi|quoi|quel(?:le)?s?|qu'est-ce|est-ce|lequel|laquelle"
        "|lesquel(?:le)?s",
    ),
    SignWords(
        "spanish",
        "diferencias? entre|comparar|comparación|comparad[oa]s? con|en (?:lugar|vez) de",
        "más|menos|mayor|menor|mejor|peor|antes",
        "o|u",
        "",
        "y|e|o|u|pero",
        "a|de|en|con|por|para|desde|hasta|sobre",
        "cómo|cuándo|dónde|qué|qui[eé]n(?:es)?|cu[aá]l(?:es)?|cu[aá]nt[oa]s?",
    ),
    SignWords(
        "italian",
        "differenz[ae] (?:tra|fra)|confront(?:o|are)|rispetto (?:a|al|allo|alla|ai|agli|alle)"
        "|invece d(?:i|el|ella)",
        "più|meno|maggiore|minore|migliore|meglio|peggiore|peggio|prima",
        "o",
        "",
        "e|ed|o|ma",
        "a|di|da|in|con|per|su",
        "come|quando|dove|chi|che cosa|cosa|qual[ei]?|quant[oaie]|perché",
    ),
    SignWords(
        "portuguese",
        "diferenças? entre|comparar|comparação|comparad[oa]s? com|em vez d[aeo]",
        "mais|menos|maior|menor|melhor|pior|antes",
        "ou",
        "do que",
        "e|ou|mas",
        "a|de|em|com|por|para|desde|até|sobre",
        "como|quando|onde|quem|o que|qual|quais|quant[oa]s?|porquê|por que",
    ),
    SignWords(
        "dutch",
        "verschil(?:len)? tussen|vergelijk|vergelijken|vergeleken met|in plaats van",
        "eerst|langer|korter|groter|kleiner|meer|minder|beter|slechter|eerder|later|ouder|jonger"
        "|nieuwer|hoger|lager|sneller|langzamer|dichter|goedkoper|duurder|sterker|zwakker|veiliger"
        "|vaker",
        "of",
        "dan",
        "en|of|maar",
        "met|van|voor|op|in|aan|uit|bij|naar|sinds|tot|door",
        "hoe|hoeveel|wat|wanneer|waar|waarom|waarmee|waarvoor|wie|wiens|welke?",
    ),
)
"""The words of each language but English, whose rules know more."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """The expressions of a language, see ``SignWords``."""

    relates: re.Pattern[str]
    which_of: re.Pattern[str]
    compares: re.Pattern[str] | None
    asks_two: re.Pattern[str]


def signs_by_words(question: str) -> Iterator[str]:
    """Yield the signs that a question in another language than English is about several things.

    Args:
        question: In lower case, one space between words.

    Yields:
        Each as a part of a sentence, the plainest of a language first.
    """
    text = _plain(question)
    for rules in _rules_for(text):
        if relating := rules.relates.search(text):
            yield f"it relates things ({relating.group()!r})"
        if which := rules.which_of.search(text):
            yield f"it asks which of several ({which.group(1)!r})"
        if rules.compares and (compares := rules.compares.search(text)):
            yield f"it compares ({compares.group(1)!r})"
        if asking := rules.asks_two.search(text):
            yield f"it asks two things ({asking.group()!r})"


def joined_question(question: str) -> str:
    """Return the words by which a question asks a second thing, in other languages than English.

    Args:
        question: In lower case, one space between words.

    Returns:
        The words; empty if there are none.
    """
    text = _plain(question)
    found = (rules.asks_two.search(text) for rules in _rules_for(text))
    return next((match.group() for match in found if match is not None), "")


def _plain(question: str) -> str:
    return question.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _rules_for(question: str) -> list[_Rules]:
    """Return the rules of the languages that a question may be in: those of most function words."""
    votes = dict(zip(LANGUAGES, vote([question]), strict=True))
    most = max(votes.values())
    if not most or votes["english"] == most:
        return []
    return [_compiled(row) for row in SIGN_WORDS if votes[row.language] == most]


@cache
def _compiled(row: SignWords) -> _Rules:
    comparing = rf"(?<!\w)({row.comparing})(?!\w)"
    return _Rules(
        re.compile(rf"(?<!\w)(?:{row.relating})(?!\w)"),
        re.compile(rf"{comparing}.* (?:{row.either}) "),
        # Not of numbers: "longer than 5 minutes" compares no two things.
        re.compile(rf"{comparing}[^.,:;?!]* {row.than} (?!\d)") if row.than else None,
        re.compile(rf"(?<!\w)(?:{row.joining}) (?:(?:{row.before}) )?(?:{row.asking})(?!\w)"),
    )

"""What a sentence claims that can be looked up: its numbers, its identifiers, its names.

A sentence is supported by quotes that hold each of them. That shows what is made up, not what is
twisted: "is" for "is not" passes. A sentence without any of them has nothing to look up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from docsearch_cli.retrieval.numbers import grouped_numbers
from docsearch_cli.retrieval.tokens import tokenize

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_OUTER = "".join(chr(code) for code in range(0x21, 0x30)) + ":;<=>?@[\\]^`{|}~„“”‚‘’«»…–—·•"
# Within a word, what prose does not have: a mark between letters, or before a flag or a path.
_MARKS_INSIDE = re.compile(r"\w(?:::|[_@#=\\.:+])\w|\w\(\)|://")
_FLAG = re.compile(r"(?:^|(?<=\s))(--?[A-Za-z][\w-]*)")
_ABBREVIATED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?\.?")
_WITH_UNIT = re.compile(r"[\d.,]+[-–]?[^\W\d_]+")
_SENTENCE_ENDS = ".!?:;"
# In these every noun has a capital.
_CAPITALS_TELL_NOTHING = frozenset(("german",))
# What begins a sentence is a name if one of these follows it, or another capital; but an order or
# a word that leads on may stand before a name.
_SUBJECT = re.compile(
    r"([A-Z][\w-]*)(?:['’]s\b|\s+(?:is|are|was|were|has|had|and|or|of|in|from|by)\b|\s+[A-Z])"
)
_ORDERS = (
    "use run set see add call open start stop install configure enable disable check edit create"
    " delete remove raise lower increase decrease change choose select click press pass give write"
    " read make put get go log sign connect restart update upgrade export import copy move send"
    " visit contact ask define declare load save"
)
_LEADING_WORDS = (
    "yes no only also however then first next finally therefore otherwise both each every all any"
    " when if since because although while note according with without unlike like via per using"
    " by default"
)
_LEADS_ON = frozenset((*_ORDERS.split(), *_LEADING_WORDS.split()))
_ONES = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
_COUNTS = {word: str(number) for number, word in enumerate(_ONES.split(), 2)} | {
    word: str(10 * number) for number, word in enumerate(_TENS.split(), 3)
}


def unsupported_claims(sentence: str, quotes: Sequence[str], language: str) -> tuple[str, ...]:
    """Return what of a sentence can be looked up in some quotes and is in none.

    Args:
        sentence: In words.
        quotes: The texts that it is said to follow from, with what they stand under.
        language: In which words are stemmed; also says whether capitals tell names.

    Returns:
        Numbers, identifiers and names as the sentence spells them, each once, in its order.
    """
    said = "\n".join(quotes)
    identifiers = list(_missing_identifiers(sentence, said))
    others = (
        *_missing_numbers(sentence, said, language),
        *_missing_names(sentence, said, language),
    )
    claims = identifiers + [
        claim for claim in others if not any(claim in whole for whole in identifiers)
    ]
    return tuple(dict.fromkeys(sorted(claims, key=sentence.find)))


def _missing_numbers(sentence: str, said: str, language: str) -> Iterator[str]:
    known = set(_numbers(said, language).values())
    for spelled, number in _numbers(sentence, language).items():
        if number not in known:
            yield spelled


def _numbers(text: str, language: str) -> dict[str, str]:
    """Return the numbers of a text in figures, by how they are spelled."""
    text = unicodedata.normalize("NFKC", text)
    found: dict[str, str] = {}
    grouped = {item.start: item for item in grouped_numbers(text, language)}
    end = 0
    for match in _NUMBER.finditer(text):
        if match.start() < end:
            continue
        group = grouped.get(match.start())
        end = match.end() if group is None else max(match.end(), group.fraction_end)
        whole = match.group() if group is None else group.whole
        found[text[match.start() : end]] = whole.replace(",", ".")
    if language == "english":
        for word in re.findall(r"[A-Za-z]+", text):
            if word.lower() in _COUNTS:
                found[word] = _COUNTS[word.lower()]
    return found


def _missing_identifiers(sentence: str, said: str) -> Iterator[str]:
    known = _flat(said)
    for word in _identifiers(sentence):
        pattern = rf"(?<!\w){re.escape(_flat(word))}(?!\w)"
        if not re.search(pattern, known):
            yield word


def _identifiers(sentence: str) -> Iterator[str]:
    """Yield the words of a sentence that are spelled as no word of prose is."""
    for match in _FLAG.finditer(sentence):
        yield match.group(1)
    for raw in sentence.split():
        word = raw.strip(_OUTER)
        if not _ABBREVIATED.fullmatch(word) and (
            _MARKS_INSIDE.search(word) or _has_figures(word) or _has_a_hump(word)
        ):
            yield word


def _has_figures(word: str) -> bool:
    """Tell whether letters and figures make one word; a number with its unit is a number."""
    is_mixed = any(map(str.isalpha, word)) and any(map(str.isdigit, word))
    return is_mixed and not _WITH_UNIT.fullmatch(word)


def _has_a_hump(word: str) -> bool:
    """Tell whether a word has small letters, and a capital after its first."""
    return any(map(str.isupper, word[1:])) and any(map(str.islower, word))


def _flat(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _missing_names(sentence: str, said: str, language: str) -> Iterator[str]:
    """Yield the names of a sentence that are in no quote.

    A capital is the sign of a name except where a sentence begins; there a word is one if the
    sentence is about it.
    """
    if language in _CAPITALS_TELL_NOTHING:
        return
    text = unicodedata.normalize("NFKC", sentence)
    known = set(tokenize(said, language))
    spelled = set(re.findall(r"\w+", _flat(said)))
    subject = _SUBJECT.match(text) if language == "english" else None
    is_about = subject is not None and subject.group(1).lower() not in _LEADS_ON
    for match in re.finditer(r"[^\W\d_][\w-]*", text):
        before = text[: match.start()].rstrip(" \t\n\"'“‘(*")
        begins = not before or before[-1] in _SENTENCE_ENDS
        word = match.group()
        has_capital = any(map(str.isupper, word[1:] if begins else word))
        if not has_capital and not (is_about and match.start() == 0):
            continue
        tokens = tokenize(word, language)
        parts = [part for part in _flat(word).split("-") if part]
        is_known = any(token in known for token in tokens) and len(parts) == 1
        if tokens and not is_known and not all(part in spelled for part in parts):
            yield word

"""Tokens: what a text is searched by.

Texts and questions go through the same function. A word becomes its Unicode-normalised,
case-folded English stem. An identifier or a version (``snake_case``, ``camelCase``, ``1.0.21``,
``FW-2104``) is kept whole *and* split. Chinese, Japanese and Korean are character bigrams, since
they do not put spaces between words. Stop words are dropped on both sides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

# English function words only: they carry no subject in any corpus. Question words are among them.
STOP_WORDS = frozenset(
    """a about above after again against all also am an and any are as at be because been before
    being below between both but by can cannot could d did do does doing don down during each few
    for from further had has have having he her here hers herself him himself his how i if in into
    is it its itself just ll m me more most my myself no nor not now of off on once only or other
    our ours ourselves out over own re s same shall she should so some such t than that the their
    theirs them themselves then there these they this those through to too under until up ve very
    was we were what when where which while who whom whose why will with would you your yours
    yourself yourselves""".split()  # noqa: SIM905  a list of 150 strings is worse to read
)

# A run of word characters, with the marks that hold identifiers, versions and options together.
WORD = re.compile(r"\w+(?:[.\-]\w+)*")
_PART = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_CJK = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]+"
)
# Surface forms remembered per process: a large corpus repeats a few hundred thousand.
_MEMORY_LIMIT = 1_000_000
_memory: dict[str, tuple[str, ...]] = {}


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


def tokenize(text: str) -> list[str]:
    """Return the tokens of a text in order, repeats included."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    tokens: list[str] = []
    remembered = _memory
    for surface in WORD.findall(text):
        known = remembered.get(surface)
        if known is None:
            known = _remember(surface)
        tokens.extend(known)
    return tokens


def unique_tokens(text: str) -> list[str]:
    """Return the tokens of a question, each once, in the order they first stand in."""
    return list(dict.fromkeys(tokenize(text)))


def spellings(text: str) -> dict[str, str]:
    """Return how each token of a text is spelled in it, for showing it to a person."""
    spelling_of: dict[str, str] = {}
    for surface in WORD.findall(unicodedata.normalize("NFKC", text)):
        for token in tokenize(surface):
            spelling_of.setdefault(token, surface)
    return spelling_of


def spelled(tokens: Iterable[str], spelling_of: Mapping[str, str]) -> list[str]:
    """Return tokens as a person spells them, each spelling once: a split identifier is one word."""
    return list(dict.fromkeys(spelling_of.get(token, token) for token in tokens))


def covering_terms(word: str, contains: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Return terms of which every text that holds a word, in any letter case, has at least one.

    Args:
        word: A maximal run of word characters of a normalised text, case-folded; neither a stop
            word nor only digits.
        contains: Gives the index's terms that contain a text: a word in camel case is split, and
            only the whole identifier that it is part of tells its spelling.

    Returns:
        The terms.
    """
    terms = {token for part in _PART.findall(word) for token in tokenize(part)}
    return frozenset(terms.union(contains(word)))


def _remember(surface: str) -> tuple[str, ...]:
    if len(_memory) >= _MEMORY_LIMIT:
        _memory.clear()
    tokens = tuple(_expand(surface))
    _memory[surface] = tokens
    return tokens


def _expand(surface: str) -> Iterable[str]:
    if surface.isascii() and surface.isalpha() and (surface.islower() or surface[1:].islower()):
        return _plain_word(surface.casefold())
    if _CJK.search(surface):
        return _expand_cjk(surface)
    parts = _PART.findall(surface)
    pieces = [piece for part in parts for piece in _split_camel(part)]
    tokens = [token for piece in pieces for token in _plain_word(piece.casefold())]
    if _is_identifier(surface, parts, pieces) and surface.casefold() not in STOP_WORDS:
        tokens.append(surface.casefold())
    return tokens


def _is_identifier(surface: str, parts: list[str], pieces: list[str]) -> bool:
    """Tell a compound worth keeping whole from two words that a hyphen joins."""
    if len(pieces) < 2:
        return False
    has_digit = any(character.isdigit() for character in surface)
    return has_digit or "_" in surface or "." in surface or len(pieces) > len(parts)


def _split_camel(part: str) -> list[str]:
    if part.isalpha() and (part.islower() or part.isupper() or part[1:].islower()):
        return [part]
    if part.isdigit():
        return [part]
    return _CAMEL.findall(part) or [part]


def _plain_word(folded: str) -> tuple[str, ...]:
    if folded in STOP_WORDS:
        return ()
    return (str(_stemmer().stemWord(folded)),)


def _expand_cjk(surface: str) -> list[str]:
    tokens: list[str] = []
    end = 0
    for match in _CJK.finditer(surface):
        tokens.extend(tokenize(surface[end : match.start()]))
        run = match.group()
        tokens.extend(run[i : i + 2] for i in range(max(1, len(run) - 1)))
        end = match.end()
    tokens.extend(tokenize(surface[end:]))
    return tokens

"""Tokens: what a text is searched by.

Texts and questions go through the same function, in the language of the text. A *word* becomes its
Unicode-normalised, case-folded stem without accents. What is lost by that is kept beside it where
it tells words apart: a word spelled with accents is also a token as it is spelled, after ``=``, so
that both spellings find it and the same one finds it first. An identifier or a version
(``snake_case``, ``camelCase``, ``1.0.21``, ``FW-2104``, ``C++``, ``--flag``) is kept whole *and*
split; a number with thousands marks (``1,048,576``) is also a token without them. Scripts that put
no spaces between words are character bigrams; a Chinese character or a Korean syllable may be a
word and is a token alone as well. Stop words are dropped on both sides, unless their spelling says
that they are names (``lone_names.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from itertools import chain
from threading import local

from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE
from docsearch_cli.retrieval.lone_names import asked_names, lone_names, spelled_like_names
from docsearch_cli.retrieval.numbers import grouped_numbers, without_marks
from docsearch_cli.retrieval.stems import NO_STEMS, Stems
from docsearch_cli.retrieval.surfaces import surfaces_of
from docsearch_cli.retrieval.word_forms import all_words_of, whole_form, words_of

# Surface forms remembered per process and language: a large corpus repeats a few hundred thousand.
_MEMORY_LIMIT = 1_000_000
# Sentences whose tokens are remembered: pages are opened repeatedly.
_MOST_SENTENCES = 8_192


class _LikelyNames(local):
    """Of each thread, the surfaces asked for that may be lone names."""

    def __init__(self) -> None:
        self.surfaces: list[str] = []


class _Memory(dict[str, tuple[str, ...]]):
    """The forms of surfaces in a language; filled when one is asked for that is not there."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._names = spelled_like_names(language)
        self.likely = _LikelyNames()
        """What is told to be a name or not by the text around it."""

    def __missing__(self, surface: str) -> tuple[str, ...]:
        if surface in self._names:  # never remembered, so that it comes here
            self.likely.surfaces.append(surface)
            return _forms_of_name(surface, self._language)
        if len(self) >= _MEMORY_LIMIT:
            self.clear()
        self[surface] = forms = _forms(surface, self._language)
        return forms


def tokenize(text: str, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """Return the tokens of a text, repeats included: in order, then of numbers and lone names."""
    if text.isascii() and text.isalnum():  # a word alone, as names are looked up
        surfaces, signed = [text], list[str]()
    else:
        surfaces, signed = surfaces_of(text)
        surfaces += [number.whole for number in grouped_numbers(text, language)]
    remembered = _memory(language)
    likely = remembered.likely.surfaces
    tokens = [*chain.from_iterable(map(remembered.__getitem__, surfaces)), *signed]
    if likely:
        likely_names = frozenset(likely)
        likely.clear()
        tokens += lone_names(text, likely_names, language)
    return tokens


@lru_cache(maxsize=_MOST_SENTENCES)
def remembered_tokens(text: str, language: str) -> tuple[str, ...]:
    """Return what ``tokenize`` does of a sentence, remembered from one call to the next."""
    return tuple(tokenize(text, language))


def title_tokens(title: str, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """Return the tokens of a title: one that is made of stop words alone ("The Who") keeps them."""
    return tokenize(title, language) or [
        whole_form(surface) for surface in surfaces_of(title)[0] if whole_form(surface)
    ]


def unique_tokens(text: str, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """Return the tokens of a question, each once, in the order of their first places."""
    return asked_tokens(text, language, lambda _: True)


def asked_tokens(text: str, language: str, is_known: Callable[[str], bool]) -> list[str]:
    """Return what a corpus is asked for: a question's tokens, each once, in order.

    Args:
        text: The question.
        language: The index's.
        is_known: Tells whether the corpus has a token.

    Returns:
        Of each word the forms that the corpus has, and the first one where it has none: a word is
        not missing because one of its forms is.
    """
    surfaces, signed = surfaces_of(without_marks(text, language, is_known))
    asked: dict[str, None] = {}
    for surface in surfaces:
        for forms in words_of(surface, language, is_asked=True):
            asked.update(dict.fromkeys([form for form in forms if is_known(form)] or forms[:1]))
    asked.update(dict.fromkeys(token for token in signed if is_known(token)))
    for name, is_certain in asked_names(text, surfaces, language):
        if is_certain or is_known(name):
            asked[name] = None
    return list(asked)


def spellings(
    text: str,
    language: str = DEFAULT_LANGUAGE,
    stems: Stems = NO_STEMS,
) -> dict[str, str]:
    """Return how each token of a question is spelled in it, for showing it to a person.

    Args:
        text: The question.
        language: The language to stem its words in.
        stems: The question's tokens that they stand for there.

    Returns:
        Spellings by token.
    """
    spelling_of: dict[str, str] = {}
    for number in grouped_numbers(text, language, is_asked=True):
        spelling_of.setdefault(number.integer, text[number.start : number.end])
    for surface in surfaces_of(text)[0]:
        for token in tokenize(surface, language):
            for asked in stems.get(token, (token,)):
                spelling_of.setdefault(asked, surface)
    return spelling_of


def spelled(tokens: Iterable[str], spelling_of: Mapping[str, str]) -> list[str]:
    """Return tokens as a person spells them, each spelling once: a split identifier is one word."""
    return list(dict.fromkeys(spelling_of.get(token, token) for token in tokens))


@cache
def _memory(language: str) -> _Memory:
    return _Memory(language)


@cache
def _forms_of_name(surface: str, language: str) -> tuple[str, ...]:
    return _forms(surface, language)


def _forms(surface: str, language: str) -> tuple[str, ...]:
    return tuple(form for forms in all_words_of(surface, language) for form in forms)

"""Tokens: what a text is searched by.

Texts and questions go through the same function, in the language of the index. A *word* becomes its
Unicode-normalised, case-folded stem without accents. What is lost by that is kept beside it where
it tells words apart: a word spelled with accents is also a token as it is spelled, after ``=``, so
that both spellings find it and the same one finds it first. An identifier or a version
(``snake_case``, ``camelCase``, ``1.0.21``, ``FW-2104``, ``C++``, ``--flag``) is kept whole *and*
split. Scripts that put no spaces between words are character bigrams; a Chinese character or a
Korean syllable may be a word and is a token alone as well. Stop words are dropped on both sides.

    surface   a run of word characters, with the dots and hyphens that hold an identifier together
    run       a piece of it between dots and hyphens
    part      a piece of a run between underscores
    word      a piece of a part between changes of case or between letters and digits
    forms     the tokens of one word: any of them finds it
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache

from docsearch_cli.retrieval.folding import IGNORED, fold, marks, needs_closer_look
from docsearch_cli.retrieval.languages import (
    DEFAULT_LANGUAGE,
    NO_LANGUAGE,
    language_of_word,
    stop_words,
)

# Begins the token of a word as it is spelled. No other token begins with it.
AS_SPELLED = "="
# A run of word characters, with the marks that hold identifiers, versions and options together.
WORD = re.compile(r"\w+(?:[.\-]\w+)*")
_ASCII_WORD = re.compile(WORD.pattern, re.ASCII)  # the same of such a text, and faster
_ASCII_CASES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CASES = re.compile(r"A+(?!a)|A?a+|0+")
# Thai and Lao, Burmese, Khmer, Chinese, Japanese, Korean; their digits are numbers as any other.
_UNSPACED = re.compile(
    "[\u0e01-\u0e4f\u0e81-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1100-\u11ff"
    "\u1780-\u17df\u3005-\u3007\u3021-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U000323af]+"
)
# A character that is often a word by itself.
_IDEOGRAM = re.compile(
    "[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]"
)
# What is one thing with signs that no surface holds: a sign that it holds, and how it is written.
# An expression that begins with its sign is fast; the others are tried around their signs only,
# which are looked for where their first character occurs at all.
_SIGNED_FIRST = (
    ("--", re.compile(r"--(?<![\w\-]--)[^\W\d_]\w*(?:-\w+)*")),
    (".", re.compile(r"\.(?<![\w.]\.)[^\W\d_]\w*")),
)
_SIGNED_INSIDE = (
    ("+", "++", re.compile(r"[^\W\d_]\w*\+\+")),
    ("#", "#", re.compile(r"[^\W\d_]\w*#(?!\w)")),
    (":", "::", re.compile(r"\w+(?:::\w+)+")),
    ("@", "@", re.compile(r"\w+(?:[.+\-]\w+)*@\w+(?:[.\-]\w+)+")),
)
# Characters before and behind a sign that are looked at: no name is longer.
_SIGN_REACH = 80
# What only tokens with marks, with signs or as spelled hold.
_NOT_PLAIN = re.compile(r"[^\w.\-]")
_VERSION = re.compile(r"v(\d[\w.]*)")
# Surface forms remembered per process and language: a large corpus repeats a few hundred thousand.
_MEMORY_LIMIT = 1_000_000
# Words are fewer: a surface is made of some.
_WORDS_REMEMBERED = 1 << 17
_memory: dict[str, dict[str, tuple[str, ...]]] = {}


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    if language == NO_LANGUAGE:
        return str
    import Stemmer

    stem: Callable[[str], str] = Stemmer.Stemmer(language).stemWord
    return stem


@cache
def _latin(language: str) -> tuple[frozenset[str], Callable[[str], str]]:
    """Return the stop words and the stemmer of Latin words in an index of some language."""
    own_language = language_of_word("a", language)
    return stop_words(own_language), _stemmer(own_language)


def tokenize(text: str, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """Return the tokens of a text in order, repeats included; those of signed words at the end."""
    surfaces, signed = _surfaces(text)
    tokens: list[str] = []
    remembered = _memory.setdefault(language, {})
    for surface in surfaces:
        try:  # costs nothing where nothing is raised, and a method would cost a fifth of the loop
            tokens += remembered[surface]
        except KeyError:
            tokens += _remember(surface, language)
    return tokens + signed if signed else tokens


def unique_tokens(text: str, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """Return the tokens of a question, each once, in the order they first stand in."""
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
    surfaces, signed = _surfaces(text)
    asked: dict[str, None] = {}
    for surface in surfaces:
        for forms in _words(surface, language, is_asked=True):
            asked.update(dict.fromkeys([form for form in forms if is_known(form)] or forms[:1]))
    asked.update(dict.fromkeys(token for token in signed if is_known(token)))
    return list(asked)


def spellings(text: str, language: str = DEFAULT_LANGUAGE) -> dict[str, str]:
    """Return how each token of a text is spelled in it, for showing it to a person."""
    spelling_of: dict[str, str] = {}
    for surface in _surfaces(text)[0]:
        for token in tokenize(surface, language):
            spelling_of.setdefault(token, surface)
    return spelling_of


def spelled(tokens: Iterable[str], spelling_of: Mapping[str, str]) -> list[str]:
    """Return tokens as a person spells them, each spelling once: a split identifier is one word."""
    return list(dict.fromkeys(spelling_of.get(token, token) for token in tokens))


def covering_terms(
    word: str, language: str, contains: Callable[[str], Iterable[str]]
) -> frozenset[str]:
    """Return tokens of which every text that holds a word has at least one.

    A text holds a word if one of the longest runs of ``\\w`` in it, after NFKC, is the word in
    whatever case.

    Args:
        word: Word characters, in any case, as NFKC leaves them.
        language: The index's.
        contains: Gives the terms of the index that contain a string.

    Returns:
        The tokens; none if texts that hold the word cannot be told by tokens: it is a stop word or
        underscores. Texts that do not hold it may have them too.
    """
    folded = word.casefold()
    unspaced = _UNSPACED.findall(folded)
    if unspaced:
        longest = max(unspaced, key=len)
        if len(longest) > 1 or _IDEOGRAM.match(longest):
            return frozenset((longest[:2],))
        return frozenset(
            term for term in contains(longest) if len(term) <= 2 and _UNSPACED.match(term)
        )
    bare = folded.strip("_")
    forms = (_whole(folded),) if "_" in bare else _forms(bare, language) if bare else ()
    if not forms or folded.isascii():
        return frozenset(forms[:1])
    # Beside a mark it is not a word: then only the spelling of the whole run holds it.
    marked = (term for term in contains(folded) if _NOT_PLAIN.search(term))
    return frozenset((forms[0], *marked))


def _remember(surface: str, language: str) -> tuple[str, ...]:
    remembered = _memory[language]
    if len(remembered) >= _MEMORY_LIMIT:
        remembered.clear()
    remembered[surface] = tuple(form for forms in _words(surface, language) for form in forms)
    return remembered[surface]


def _surfaces(text: str) -> tuple[list[str], list[str]]:
    """Return the surfaces of a text, and the tokens of what has signs that no surface holds."""
    if text.isascii():
        return _ASCII_WORD.findall(text), _signed(text)
    text = unicodedata.normalize("NFKC", text)
    if not needs_closer_look(text):
        return WORD.findall(text), _signed(text)
    if not IGNORED.search(text):
        return _marked_word().findall(text), _signed(text)
    # What ignored characters join is a surface, and so is each of the pieces: a soft hyphen stands
    # in a word, a joiner may stand between two.
    joined = unicodedata.normalize("NFKC", IGNORED.sub("", text))
    surfaces, signed = _surfaces(joined)
    for spaced in text.split():
        if IGNORED.search(spaced):
            surfaces.extend(_broken_pieces(spaced))
    return surfaces, signed


def _broken_pieces(text: str) -> Iterator[str]:
    """Yield the surfaces of the pieces that ignored characters break words into."""
    for run in _broken_run().findall(text):
        pieces = IGNORED.split(run)
        for piece in pieces if len(pieces) > 1 else ():
            yield from _marked_word().findall(unicodedata.normalize("NFKC", piece))


@cache
def _marked_word() -> re.Pattern[str]:
    """Return the pattern of a surface whose words have marks."""
    run = rf"\w+(?:[{marks()}]+\w*)*"
    return re.compile(rf"{run}(?:[.\-]{run})*")


@cache
def _broken_run() -> re.Pattern[str]:
    """Return the pattern of a run that may have marks and ignored characters."""
    return re.compile(rf"(?:\w+|[{marks()}]+|{IGNORED.pattern}+)+")


def _signed(text: str) -> list[str]:
    """Return the tokens of what has signs."""
    found = [
        match for sign, pattern in _SIGNED_FIRST if sign in text for match in pattern.findall(text)
    ]
    for first, sign, pattern in _SIGNED_INSIDE:
        place = text.find(sign, 1) if first in text else 0
        while place > 0:
            end = place + len(sign)
            if text[place - 1].isalnum():
                start = max(0, place - _SIGN_REACH)
                start = max(start, text.rfind(" ", start, place), text.rfind("\n", start, place))
                match = pattern.search(text, start, place + _SIGN_REACH)
                if match is not None and match.end() >= end:
                    found.append(match.group())
                    end = match.end()
            place = text.find(sign, end)
    return [name.casefold() for name in found]


def _words(surface: str, language: str, *, is_asked: bool = False) -> list[tuple[str, ...]]:
    """Return the forms of each word of a surface, those of what is kept whole at the end.

    Args:
        surface: As it stands in the text.
        language: The index's.
        is_asked: True for a question: a character that stands in a bigram is not asked for alone.

    Returns:
        For each word its forms, the first being the one that it is usually found by.
    """
    if surface.isascii() and surface.isalnum():  # nine of ten: the way below gives the same
        words = _split_case(surface)
        wholes = words if len(words) == 1 else [*words, surface]
        return [forms for word in wholes if (forms := _forms(word.casefold(), language))]
    if not surface.isascii() and _UNSPACED.search(surface):
        return _words_without_spaces(surface, language, is_asked=is_asked)
    runs = surface.replace("-", ".").split(".")
    parts_of = [[_split_case(part) for part in run.split("_") if part] for run in runs]
    words = [word for parts in parts_of for part in parts for word in part]
    found = [forms for word in words if (forms := _forms(word.casefold(), language))]
    if whole := _kept_whole(surface, runs, parts_of, language):
        found.append(whole)
    if not surface.isascii() and (marked := _marked_forms(runs, language)):
        found[-1:] = [tuple(dict.fromkeys((*(found[-1] if found else ()), *marked)))]
    return found


def _words_without_spaces(surface: str, language: str, *, is_asked: bool) -> list[tuple[str, ...]]:
    """Return the bigrams of a surface, and the words of other scripts that it holds."""
    found: list[tuple[str, ...]] = []
    end = 0
    for match in _UNSPACED.finditer(surface):
        found.extend(_words_between(surface[end : match.start()], language))
        run = match.group()
        found.extend((run[i : i + 2],) for i in range(max(1, len(run) - 1)))
        if len(run) > 1 and not is_asked:
            found.extend((character,) for character in run if _IDEOGRAM.match(character))
        end = match.end()
    return found + _words_between(surface[end:], language)


def _words_between(text: str, language: str) -> list[tuple[str, ...]]:
    pattern = _marked_word() if needs_closer_look(text) else WORD
    return [forms for surface in pattern.findall(text) for forms in _words(surface, language)]


@lru_cache(maxsize=_WORDS_REMEMBERED)
def _forms(word: str, language: str) -> tuple[str, ...]:
    """Return the forms of one word in lower case; none of a stop word."""
    if word.isascii():
        ignored, stem = _latin(language)
        return () if word in ignored else (stem(word),)
    plain = fold(word)
    own_language = language_of_word(plain or word, language)
    ignored, stem = stop_words(own_language), _stemmer(own_language)
    if word in ignored:
        return ()
    # Most stemmers know endings by their accents; who leaves the accents out is found by the other.
    stems = map(fold, (stem(word), stem(plain)))
    forms = dict.fromkeys(form for form in stems if form and plain not in ignored)
    if plain != word or not forms:
        forms[AS_SPELLED + word] = None
    return tuple(forms)


def _kept_whole(
    surface: str, runs: list[str], parts_of: list[list[list[str]]], language: str
) -> tuple[str, ...]:
    """Return the forms of what is kept whole of a surface: more than plain words and hyphens."""
    in_runs = [
        form
        for run, parts in zip(runs, parts_of, strict=True)
        for form in _whole_run(run, parts, language)
    ]
    if len(runs) == 1 or not (
        in_runs or "." in surface or any(character.isdigit() for character in surface)
    ):
        return tuple(in_runs)
    wholes = [_whole(surface)]
    if "-" in surface and "." in surface:
        wholes.extend(_whole(piece) for piece in surface.split("-") if "." in piece)
    versions = [match.group(1) for whole in wholes if (match := _VERSION.fullmatch(whole))]
    return tuple(dict.fromkeys((*wholes, *versions, *in_runs)))


def _whole_run(run: str, parts: list[list[str]], language: str) -> tuple[str, ...]:
    """Return the forms of a run of several words, as those of one that is written in lower case."""
    if len(parts) > 1:
        return (_whole(run),)
    if parts and len(parts[0]) > 1:
        return _forms(run.strip("_").casefold(), language)
    return ()


def _whole(text: str) -> str:
    return fold(text.casefold().strip("_"))


def _marked_forms(runs: list[str], language: str) -> list[str]:
    """Return runs with marks as they are spelled, and what of them stands alone between marks."""
    forms: list[str] = []
    for run in runs:
        between = re.findall(r"\w+", run)
        if between != [run]:
            forms.append(AS_SPELLED + run.casefold())
            for word in between:
                if word.casefold().isascii():
                    forms.extend(form for found in _words(word, language) for form in found)
    return forms


def _split_case(part: str) -> list[str]:
    """Split a part where its case changes as in ``camelCase``, and at digits."""
    if part.isalpha():
        if part.islower() or part.isupper() or part[1:].islower():
            return [part]
    elif part.isdecimal():
        return [part]
    if part.isascii():
        return _ASCII_CASES.findall(part)
    cases = ""
    for character in part:
        if character.isupper():
            cases += "A"
        elif character.isdecimal():
            cases += "0"
        else:  # a mark goes with its letter
            cases += "a" if character.isalnum() or not cases else cases[-1]
    return [part[match.start() : match.end()] for match in _CASES.finditer(cases)]

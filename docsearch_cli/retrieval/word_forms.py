"""Word forms: from a surface to the tokens that find it.

surface   a run of word characters, with the dots and hyphens that hold an identifier together
run       a piece of it between dots and hyphens
part      a piece of a run between underscores
word      a piece of a part between changes of case or between letters and digits
forms     the tokens of one word: any of them finds it
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from docsearch_cli.retrieval.folding import fold, needs_closer_look
from docsearch_cli.retrieval.languages import NO_LANGUAGE, language_of_word, stop_words
from docsearch_cli.retrieval.lone_names import is_joined_name
from docsearch_cli.retrieval.surfaces import WORD, marked_word

# Begins the token of a word as it is spelled. No other token begins with it.
AS_SPELLED = "="
_ASCII_CASES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CASES = re.compile(r"A+(?!a)|A?a+|0+")
# Thai and Lao, Burmese, Khmer, Chinese, Japanese, Korean; their digits are numbers as any other.
UNSPACED = re.compile(
    "[\u0e01-\u0e4f\u0e81-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1100-\u11ff"
    "\u1780-\u17df\u3005-\u3007\u3021-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U000323af]+"
)
# A character that is often a word by itself.
IDEOGRAM = re.compile(
    "[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]"
)
_VERSION = re.compile(r"v(\d[\w.]*)")
# Words remembered per process: fewer than surfaces, which are made of them.
_WORDS_REMEMBERED = 1 << 17


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    if language == NO_LANGUAGE:
        return str
    import Stemmer

    stem: Callable[[str], str] = Stemmer.Stemmer(language).stemWord
    return stem


@cache
def _latin(language: str) -> tuple[frozenset[str], Callable[[str], str]]:
    """Return the stop words and the stemmer of Latin words in a text of some language."""
    own_language = language_of_word("a", language)
    return stop_words(own_language), _stemmer(own_language)


def words_of(surface: str, language: str, *, is_asked: bool = False) -> list[tuple[str, ...]]:
    """Return the forms of each word of a surface, those of what is kept whole at the end.

    Args:
        surface: As it stands in the text.
        language: The text's.
        is_asked: True for a question: a character that stands in a bigram is not asked for alone.

    Returns:
        For each word its forms, the first being the one that it is usually found by.
    """
    return [forms for forms in all_words_of(surface, language, is_asked=is_asked) if forms]


def all_words_of(surface: str, language: str, *, is_asked: bool = False) -> list[tuple[str, ...]]:
    """Return the same with the stop words, which have no forms: alike in each language."""
    if surface.isascii() and surface.isalnum():  # nine of ten: the way below gives the same
        words = _split_case(surface)
        wholes = words if len(words) == 1 else [*words, surface]
        return [forms_of(word.casefold(), language) for word in wholes]
    if not surface.isascii() and UNSPACED.search(surface):
        return _words_without_spaces(surface, language, is_asked=is_asked)
    runs = surface.replace("-", ".").split(".")
    parts_of = [[_split_case(part) for part in run.split("_") if part] for run in runs]
    words = [word for parts in parts_of for part in parts for word in part]
    found = [
        forms_of(word.casefold(), language) or _of_joined_name(word, surface) for word in words
    ]
    found.append(_kept_whole(surface, runs, parts_of, language))
    if not surface.isascii() and (marked := _marked_forms(runs, language)):
        last = max((place for place, forms in enumerate(found) if forms), default=0)
        found[last] = tuple(dict.fromkeys((*found[last], *marked)))
    return found


def _of_joined_name(word: str, surface: str) -> tuple[str, ...]:
    return (fold(word.casefold()),) if is_joined_name(word, surface) else ()


def _words_without_spaces(surface: str, language: str, *, is_asked: bool) -> list[tuple[str, ...]]:
    """Return the bigrams of a surface, and the words of other scripts that it holds."""
    found: list[tuple[str, ...]] = []
    end = 0
    for match in UNSPACED.finditer(surface):
        found.extend(_words_between(surface[end : match.start()], language))
        run = match.group()
        found.extend((run[i : i + 2],) for i in range(max(1, len(run) - 1)))
        if len(run) > 1 and not is_asked:
            found.extend((character,) for character in run if IDEOGRAM.match(character))
        end = match.end()
    return found + _words_between(surface[end:], language)


def _words_between(text: str, language: str) -> list[tuple[str, ...]]:
    pattern = marked_word() if needs_closer_look(text) else WORD
    return [forms for surface in pattern.findall(text) for forms in all_words_of(surface, language)]


@lru_cache(maxsize=_WORDS_REMEMBERED)
def forms_of(word: str, language: str) -> tuple[str, ...]:
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
    wholes = [whole_form(surface)]
    if "-" in surface and "." in surface:
        wholes.extend(whole_form(piece) for piece in surface.split("-") if "." in piece)
    versions = [match.group(1) for whole in wholes if (match := _VERSION.fullmatch(whole))]
    return tuple(dict.fromkeys((*wholes, *versions, *in_runs)))


def _whole_run(run: str, parts: list[list[str]], language: str) -> tuple[str, ...]:
    """Return the forms of a run of several words, as those of one that is written in lower case."""
    if len(parts) > 1:
        return (whole_form(run),)
    if parts and len(parts[0]) > 1:
        return forms_of(run.strip("_").casefold(), language)
    return ()


def whole_form(text: str) -> str:
    """Return the token of what is kept whole."""
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
                    forms.extend(form for found in words_of(word, language) for form in found)
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

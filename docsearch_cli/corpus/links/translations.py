"""Translations: the language that a page is in, as far as its path says it.

Sites keep translations in folders named by the language (``de/guide.md``, ``zh-Hant/guide.md``) or
put it before the suffix (``guide.de.md``).
"""

from __future__ import annotations

import re

from docsearch_cli.corpus.formats.suffixes import split_suffix

_CODE_WORDS = (
    "af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fil fr ga gl gu he hi hr hu hy "
    "id is it ja jv ka kk km kn ko ku ky lo lt lv mk ml mn mr ms my nb ne nl nn no pa pl ps pt ro "
    "ru si sk sl sq sr sv sw ta te tg th tk tl tr uk ur uz vi yo zh zu cn jp kr ua"
)
_CODES = frozenset(_CODE_WORDS.split())
_TAG = re.compile(r"([a-z]{2,3})(?:[-_](?:[A-Za-z]{4}|[A-Za-z]{2}|\d{3}))?")
_DEFAULT = "en"


def is_language(name: str) -> bool:
    """Tell whether a folder or suffix of this name is one of a language."""
    found = _TAG.fullmatch(name)
    return found is not None and found[1] in _CODES


def language_of(path: str) -> str:
    """Return the language that a document's path names; empty if it names none."""
    *folders, name = split_suffix(path)[0].split("/")
    bare, dot, suffix = name.rpartition(".")
    if bare and dot and is_language(suffix):
        return suffix.lower()
    return next((folder.lower() for folder in reversed(folders) if is_language(folder)), "")


def without_language(stem: str) -> str:
    """Return a path without suffix, and without the language before it."""
    bare, _, suffix = stem.rpartition(".")
    return bare if bare and not bare.endswith("/") and is_language(suffix) else stem


def in_same_language(source: str, paths: list[str]) -> list[str]:
    """Return those of some documents that a link means in the language of its own document.

    Args:
        source: The linking document.
        paths: Documents that the link may mean.

    Returns:
        Those of its language; else those of no language, then English ones; all if there are none.
    """
    languages = {path: language_of(path) for path in paths}
    for language in dict.fromkeys((language_of(source), "", _DEFAULT)):
        same = [path for path in paths if languages[path] == language]
        if same:
            return same
    return paths

"""What documents and sections are called: titles, headings on one line, anchor slugs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from docsearch_cli.corpus.formats.suffixes import name_in, suffix_of
from docsearch_cli.corpus.graphemes import whole_until

# A longer heading is a paragraph that was marked up as a heading.
_MOST_NAME_CHARS = 300
INDEX_NAMES = ("index", "readme", "_index")
"""Names of the page that stands for its folder, the first that exists: they say where a page is,
not what it is about."""
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_NAMESPACE = re.compile(r"(?<=[^_])___(?=[^_])")
_SLUG_DROPS = re.compile(r"[^\w\- ]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def one_line(text: str) -> str:
    """Return ``text`` as a printable name: white space folded, lone surrogates replaced."""
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    flat = " ".join(text.replace("\x00", " ").split())
    if len(flat) <= _MOST_NAME_CHARS:
        return flat
    return flat[: whole_until(flat, _MOST_NAME_CHARS)].rstrip()


def title_of_path(path: str) -> str:
    """Return a title made from a file's name.

    Where a name has spaces it is written as a title, and its hyphens are hyphens; else ``-`` and
    ``_`` stand for spaces. Three of ``_`` stand for a slash, and ``%3F`` for a question mark, which
    no name may have everywhere.

    Args:
        path: The file's path.

    Returns:
        The title, on one line; never empty.
    """
    stem = _stem_of(path)
    name = _unescaped(stem)
    if " " not in name.strip():
        name = re.sub("[-_]+", " ", _NAMESPACE.sub("/", name))
    return one_line(name) or stem or path


def _unescaped(name: str) -> str:
    """Return a name with its percent escapes as the characters they stand for."""
    if "%" not in name:
        return name

    def character(found: re.Match[str]) -> str:
        decoded = unquote(found[0], errors="surrogateescape")
        return decoded if decoded.isprintable() else found[0]

    return _ESCAPES.sub(character, name)


def first_name(candidates: Iterable[str], path: str) -> str:
    """Return the first candidate that is not blank, else a title made from the path."""
    for candidate in candidates:
        name = one_line(candidate)
        if name:
            return name
    return title_of_path(path)


def fold(name: str) -> str:
    """Return a name normalised for comparison: NFC, case folded."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def compose(name: str) -> str:
    """Return a name in its own case, but composed: two spellings of an accent are the same."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def label_spelling(label: str) -> str:
    """Return a reference label in its own case, white space folded."""
    return " ".join(compose(label).split())


def label_key(label: str) -> str:
    """Return a reference label normalised for comparison: lower case, white space folded."""
    return " ".join(label.lower().split())


def is_named_by_its_file(path: str) -> bool:
    """Tell whether a file's name describes its content."""
    return _stem_of(path).lower() not in INDEX_NAMES


def _stem_of(path: str) -> str:
    name = name_in(path)
    return name[: len(name) - len(suffix_of(name))]


@lru_cache(maxsize=1024)  # several tools begin with it, and the anchors' table asks again
def heading_slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading, before repeats are numbered."""
    return _SLUG_DROPS.sub("", heading.strip().lower()).replace(" ", "-")

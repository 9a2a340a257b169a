"""Two files of one page: ``page.html`` beside the ``page.txt`` that it was made of.

Both stand in one folder and differ in their suffix alone; that they say the same is seen by the
three words in a row that both hold. So two pages that share nothing but a name stay two pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.formats.html_plain import plain_html
from docsearch_cli.corpus.formats.table import FORMATS, PLAIN_TEXT, format_named
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.files import read_file

# Larger files are data; comparing them would be felt.
_MOST_BYTES = 2_000_000
_WORD = re.compile(r"\w+")
# Markup, addresses and what a program adds break some rows of words.
_HELD_SHARE = 0.6
_FEWEST_ROWS = 10
_PAGES = format_named("html").suffixes
_SOURCES = tuple(
    suffix
    for row in FORMATS
    if row.name in ("markdown", "rst", "asciidoc", "org", "text")
    for suffix in row.suffixes
)


def copies_among(files: Sequence[FoundFile]) -> dict[str, str]:
    """Find the files that say what another file of the same name says.

    Args:
        files: All files.

    Returns:
        Why each copy is one, by its location: the page, or the source of a page that says more.
    """
    by_stem: dict[str, list[FoundFile]] = {}
    for file in files:
        stem, dot, suffix = file.location.rpartition(".")
        if dot and f".{suffix.lower()}" in _PAGES and file.size_bytes <= _MOST_BYTES:
            by_stem.setdefault(stem, []).append(file)
    copies: dict[str, str] = {}
    for source in files if by_stem else ():
        stem, dot, suffix = source.location.rpartition(".")
        if dot and f".{suffix.lower()}" in _SOURCES and source.size_bytes <= _MOST_BYTES:
            for page in by_stem.get(stem, ()):
                copies.update(_copy(source, page))
    return copies


def _copy(source: FoundFile, page: FoundFile) -> Iterator[tuple[str, str]]:
    """Yield the one of two files that says nothing beside the other, and why."""
    try:
        rows = _rows(read_file(source.location).decode("utf-8", "replace"))
        shown = _rows(plain_html(read_file(page.location).decode("utf-8", "replace")))
    except OSError:
        return
    both = len(rows & shown)
    if len(rows) < _FEWEST_ROWS or both < _HELD_SHARE * len(rows):
        return
    # Plain text has neither the headings nor the places that links lead to.
    is_plain = source.location.lower().endswith(format_named(PLAIN_TEXT).suffixes)
    if both >= _HELD_SHARE * len(shown) and not is_plain:
        yield page.location, f"the page made of {source.path}"
    else:
        yield source.location, f"the source of {page.path}"


def _rows(text: str) -> set[tuple[str, str, str]]:
    words = _WORD.findall(text.casefold())
    return set(zip(words, words[1:], words[2:], strict=False))

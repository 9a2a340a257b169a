"""Addresses that a site, or its host, sends on to others.

Files ``_redirects`` have one rule a line; Netlify, Cloudflare and others read them:

    /old/page   /new/page   301
    /old/*      https://example.org/:splat

Configuration files have tables of them: of mdBook, MkDocs, Docusaurus, Netlify, Vercel. Such a file
is no document, so its row in the ledger keeps them, in words that a person reads too:

    no reader for .toml files; sends on: ch17.html, old/intro.html

Where a rule leads to may be anywhere, so an address that one sends on is not broken, and that is
all that is known of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from docsearch_cli.corpus.systems import mkdocs
from docsearch_cli.corpus.systems.configuration import is_one_of

# Hugo makes the file of a template.
_FILES = ("_redirects", "index.redirects")
_LABEL = "redirect:"
_MOST_RULES = 20_000
_MOST_CHARS = 500
_QUOTED = r"[\"']([^\"'\n]{1,300})[\"']"
_MDBOOK = re.compile(r"^\[output\.html\.redirect\][ \t]*\n((?:(?!\[)[^\n]*\n?)*)", re.MULTILINE)
_MKDOCS = re.compile(
    r"^([ \t]*)redirect_maps:[ \t]*\n((?:\1[ \t]+[^\n]*\n?|[ \t]*\n)*)", re.MULTILINE
)
_KEY = re.compile(rf"^[ \t]*{_QUOTED}[ \t]*[=:]|^[ \t]*([^\s\"':#]{{1,300}}):[ \t]", re.MULTILINE)
_FROM = re.compile(rf"\bfrom[\"']?\s*[:=]\s*(?:{_QUOTED}|\[([^\[\]]{{1,2000}})\])")
_SOURCE = re.compile(rf"[\"']source[\"']\s*:\s*{_QUOTED}")
_ADDRESS = re.compile(r"/?[\w.%~+@-][\w./%~+@-]*\*?")
_WORDS = "sends on: "
_IN_WORDS = re.compile(rf"; {_WORDS}([^;]+)")
# A row of more is not one that a person reads.
_MOST_WORDS_CHARS = 4000


def redirects_in(path: str, source: str) -> tuple[str, ...]:
    """Return the labels of the addresses that a file sends on.

    Args:
        path: The file.
        source: Its text.

    Returns:
        The labels; none if it is no file of redirects.
    """
    if path.rpartition("/")[2] not in _FILES:
        return ()
    labels: dict[str, None] = {}
    for line in source.splitlines()[:_MOST_RULES]:
        words = line.split()
        if len(words) > 1 and words[0].startswith("/") and len(words[0]) <= _MOST_CHARS:
            labels[_label(words[0])] = None
    return tuple(labels)


def redirect_labels(address: str) -> Iterator[str]:
    """Yield the labels of the rules that would send an address on.

    Args:
        address: A path from the site's root, without what follows ``?`` or ``#``.

    Yields:
        The labels, the nearest first; ``/*`` is the site's page for what is missing.
    """
    yield _label(address)
    parts = address.strip("/").split("/")
    for count in range(len(parts) - 1, 0, -1):
        yield _label(f"/{'/'.join(parts[:count])}/*")


def _label(address: str) -> str:
    return _LABEL + address.rstrip("/").removesuffix(".html")


def _in_mdbook(text: str) -> Iterator[str]:
    for table in _MDBOOK.finditer(text):
        yield from (found[1] or "" for found in _KEY.finditer(table[1]))


def _in_mkdocs(text: str) -> Iterator[str]:
    for table in _MKDOCS.finditer(text):
        yield from (found[1] or found[2] for found in _KEY.finditer(table[2]))


def _after_from(text: str) -> Iterator[str]:
    for found in _FROM.finditer(text):
        yield from [found[1]] if found[1] else re.findall(_QUOTED, found[2])


def _after_source(text: str) -> Iterator[str]:
    yield from _SOURCE.findall(text)


_DOCUSAURUS = tuple(f"docusaurus.config.{suffix}" for suffix in ("js", "ts", "mjs", "cjs", "mts"))


_TABLES: dict[str, Callable[[str], Iterator[str]]] = {
    "book.toml": _in_mdbook,
    "netlify.toml": _after_from,
    "vercel.json": _after_source,
    **dict.fromkeys(_DOCUSAURUS, _after_from),
}
# Where the pages of the site are, seen from the file.
_FOLDERS = ("", "src/", "docs/")


def redirects_in_words(path: str, read: Callable[[], str]) -> str:
    """Return the addresses that a configuration file sends on, in words.

    Args:
        path: The file's path.
        read: Returns its text.

    Returns:
        The words; empty if there are none.
    """
    name = path.rpartition("/")[2]
    find = _TABLES.get(name)
    if find is None and is_one_of(name, mkdocs.CONFIG_FILES):
        find = _in_mkdocs
    if find is None:
        return ""
    kept = ""
    for address in dict.fromkeys(find(read())):
        if _ADDRESS.fullmatch(address) and len(kept) + len(address) < _MOST_WORDS_CHARS:
            kept += f", {address}" if kept else address
    return f"{_WORDS}{kept}" if kept else ""


def redirects_from_words(path: str, detail: str) -> Iterator[str]:
    """Yield the paths that the ledger row of a configuration file says are sent on.

    Args:
        path: The file, or one that inherits from it.
        detail: The row's detail.

    Yields:
        Paths of the corpus as pages; one that ends in ``/`` includes all that is below, one that
        ends in ``*`` stands for all that begin so.
    """
    found = _IN_WORDS.search(detail)
    folder = path[: path.rfind("/") + 1]
    for address in found[1].split(", ") if found is not None else ():
        bare = address.strip("/")
        for suffix in (".html", ".md"):
            bare = bare.removesuffix(suffix)
        if bare in ("", "*"):
            continue
        path = bare[:-1] if bare.endswith("/*") else bare if bare.endswith("*") else f"{bare}.html"
        yield from (f"{folder}{place}{path}" for place in _FOLDERS)

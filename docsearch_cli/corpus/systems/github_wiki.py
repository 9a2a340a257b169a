"""GitHub's wikis: pages have one flat space of names, whatever folder their files lie in.

A page is served by its file's name, with hyphens for spaces; upper case counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.naming import fold

# What may stand before a page's name: the wiki itself, as seen from one of its pages or from the
# root of the site.
_WIKI = re.compile(r"(?:\./)?(?:\.\./)?(?:(?:/?[\w.-]+/[\w.-]+/)?wiki/|/)?(?=[^/]+/?$)")


def served_path(path: str) -> str:
    """Return the path at which a page is served: with hyphens for spaces."""
    return path.replace(" ", "-")


def page_name(name: str) -> str:
    """Return the spelling of a page's name that differs from no other one of the same page."""
    bare = split_suffix(unquote(name).strip().rstrip("/"))[0]
    return fold(bare).replace(" ", "-").replace("/", "-")


def page_names(stem: str) -> Iterator[str]:
    """Yield the names of a page, given its file's path without suffix."""
    yield page_name(stem.rpartition("/")[2])


def name_in_address(address: str) -> str | None:
    """Return the page that an address names; None if it leads to no page of the wiki."""
    found = _WIKI.match(address)
    return address[found.end() :] if found is not None else None

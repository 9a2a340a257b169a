"""Ways to write a link: what the sites of one system read in one way of their own."""

from __future__ import annotations

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.models import Link

WAYS = ("name", "root", "file", "route", "place")
"""``name`` for what is no path, such as ``[[note]]`` or a label; ``root`` for a path from the
site's root; ``file`` and ``route`` for a relative one with and without a suffix; ``place`` for what
follows ``#``, whatever stands before it."""


def way_of(link: Link) -> str:
    """Return the way of ``WAYS`` that the page of a link is written in."""
    if link.syntax not in ("url", "include", "snippet") or link.target.startswith("[["):
        return "name"
    address = link.target.partition("#")[0].partition("?")[0]
    if address.startswith("/"):
        return "root"
    return "file" if split_suffix(address)[1] else "route"

"""Addresses that a site's host sends on to others: files ``_redirects``, one rule a line.

    /old/page   /new/page   301
    /old/*      https://example.org/:splat

Netlify, Cloudflare and others read them. Where a rule leads to may be anywhere, so an address that
one sends on is not broken, and that is all that is known of it.
"""

from __future__ import annotations

from collections.abc import Iterator

_FILE = "_redirects"
_LABEL = "redirect:"
_MOST_RULES = 20_000
_MOST_CHARS = 500


def redirects_in(path: str, source: str) -> tuple[str, ...]:
    """Return the labels of the addresses that a file sends on.

    Args:
        path: The file.
        source: Its text.

    Returns:
        The labels; none if it is no file of redirects.
    """
    if path.rpartition("/")[2] != _FILE:
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

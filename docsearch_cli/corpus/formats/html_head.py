"""What the head of an HTML page says: where it sends its readers, its neighbours, what it is about.

A description and keywords are read as front matter is. Addresses of neighbours (``rel="next"``) are
of a menu: they count only on a page without any other links.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.formats.html_tags import Tag

_REFRESH = re.compile(r"\s*\d+\s*;\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.IGNORECASE)
_NEIGHBOURS = frozenset(("next", "prev", "previous", "up", "contents", "start", "index"))
_ABOUT = ("description", "keywords")
_CONTENT = re.compile(r"(?<![\w-])content\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


def refreshes(tags: Sequence[Tag]) -> Iterator[tuple[int, str, str]]:
    """Yield where a page sends its readers: ``<meta http-equiv="refresh" content="0; url=x">``."""
    for tag in tags:
        if tag.name == "meta" and "refresh" in tag.attribute_text.lower():
            attributes = tag.attributes()
            found = _REFRESH.match(attributes.get("content") or "")
            if found is not None and (attributes.get("http-equiv") or "").lower() == "refresh":
                yield tag.start, found[1].strip(), ""


def neighbours(tags: Sequence[Tag]) -> Iterator[tuple[int, str, str]]:
    """Yield the pages beside and above a page: offset, target, and its title if that is given."""
    for tag in tags:
        if tag.name == "link" and not tag.is_end:
            attributes = tag.attributes()
            kinds = (attributes.get("rel") or "").lower().split()
            if attributes.get("href") and not _NEIGHBOURS.isdisjoint(kinds):
                yield tag.start, attributes["href"].strip(), attributes.get("title") or ""


def about_spans(source: str, tags: Sequence[Tag]) -> Iterator[tuple[int, int]]:
    """Yield where the description and the keywords of a page stand, the first of each."""
    missing = set(_ABOUT)
    for tag in tags:
        if tag.name != "meta" or not missing:
            continue
        name = (tag.attributes().get("name") or "").lower()
        content = _CONTENT.search(source, tag.start, tag.end) if name in missing else None
        if content is not None:
            missing.discard(name)
            yield content.span(1 if content[1] is not None else 2)


def base_of(tags: Sequence[Tag]) -> str:
    """Return the address that a page's relative ones are seen from, as ``<base href>`` says."""
    for tag in tags:
        if tag.name == "base" and not tag.is_end:
            href = tag.attributes().get("href")
            if href:
                return href.strip()
    return ""


def seen_from(base: str, target: str) -> str:
    """Return an address as it is seen from the page, given what it is relative to.

    Args:
        base: See ``base_of``.
        target: The address. One of a place alone is meant in the page itself, as those who write
            it mean it, though a browser opens the base.

    Returns:
        The address; the same one if there is no base, or it is whole.
    """
    folder = base.partition("#")[0].partition("?")[0].rpartition("/")[0]
    if not base or not target or target.startswith(("#", "/")) or _SCHEME.match(target):
        return target
    if not folder and not base.startswith("/"):
        return target
    address, mark, place = target.partition("#")
    if _SCHEME.match(base):
        return f"{folder}/{target}"
    end = "/" if address.endswith("/") else ""
    return posixpath.normpath(f"{folder}/{address}").replace("//", "/") + end + mark + place

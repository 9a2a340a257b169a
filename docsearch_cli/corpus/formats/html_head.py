"""What the head of an HTML page says: where it sends its readers, its neighbours, what it is about.

A description is read, as front matter is; keywords are tags, since a section of them alone would be
quoted before the text that they are of. Addresses of neighbours (``rel="next"``) are
of a menu: they count only on a page without any other links.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.formats.html_tags import Tag
from docsearch_cli.corpus.naming import one_line

TAGS_OF_PAGES = frozenset(("base", "link", "meta"))
"""Names of the tags that say something of the whole page."""
_REFRESH = re.compile(r"\s*\d+\s*;\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.IGNORECASE)
_MOST_KEYWORDS = 100
_NEIGHBOURS = frozenset(("next", "prev", "previous", "up", "contents", "start", "index"))
_CONTENT = re.compile(r"(?<![\w-])content\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/]+")
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


def description_spans(source: str, tags: Sequence[Tag]) -> Iterator[tuple[int, int]]:
    """Yield where the description of a page stands, if it has one."""
    for tag in tags:
        if tag.name == "meta" and _named(tag) == "description":
            content = _CONTENT.search(source, tag.start, tag.end)
            if content is not None:
                yield content.span(1 if content[1] is not None else 2)
            return


def keywords(tags: Sequence[Tag]) -> Iterator[str]:
    """Yield the keywords of a page."""
    for tag in tags:
        if tag.name == "meta" and _named(tag) == "keywords":
            words = (tag.attributes().get("content") or "").split(",")
            yield from filter(None, map(one_line, words[:_MOST_KEYWORDS]))


def _named(tag: Tag) -> str:
    return (tag.attributes().get("name") or "").lower()


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
    base = base.partition("#")[0].partition("?")[0]
    if _HOST.fullmatch(base):  # its root is meant
        base += "/"
    folder = base.rpartition("/")[0]
    if not base or not target or target.startswith(("#", "/")) or _SCHEME.match(target):
        return target
    if not folder and not base.startswith("/"):
        return target
    address, mark, place = target.partition("#")
    if _SCHEME.match(base):
        return f"{folder}/{target}"
    end = "/" if address.endswith("/") else ""
    return posixpath.normpath(f"{folder}/{address}").replace("//", "/") + end + mark + place

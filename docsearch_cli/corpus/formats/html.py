"""HTML pages, static sites' sources with front matter included.

Sections begin at ``h1`` to ``h6``, and in a reference at each term that can be linked to. What
nobody reads (``head``, ``script``, ``style``, ``nav`` and
whatever has its role) is cut out: a section around it continues in a second piece. Links in ``nav``
count only on a page without any others, since a menu repeated on every page says nothing about
this one.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from docsearch_cli.corpus.anchor_rules import ANY_PLACE
from docsearch_cli.corpus.decoded_file import DecodedFile, document_of, parse_file
from docsearch_cli.corpus.encoding import line_number
from docsearch_cli.corpus.formats.html_head import (
    TAGS_OF_PAGES,
    base_of,
    description_spans,
    keywords,
    neighbours,
    refreshes,
    seen_from,
)
from docsearch_cli.corpus.formats.html_plain import UNREAD_ELEMENTS, is_blank_html, plain_html
from docsearch_cli.corpus.formats.html_tags import Comment, Tag, scan_markup
from docsearch_cli.corpus.formats.shortcodes import made_shortcode
from docsearch_cli.corpus.formats.templates import join_templates, show_templates
from docsearch_cli.corpus.naming import one_line
from docsearch_cli.corpus.systems.generated import maker_of
from docsearch_cli.models import Document, Link, Section

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CUT_ELEMENTS = UNREAD_ELEMENTS | {"nav"}
# Drawings and fallbacks stand inside paragraphs; cutting there would break sentences.
_CUT_OUT_OF_SECTIONS = frozenset(("head", "script", "style", "nav"))
_NAVIGATION = re.compile(r"\brole\s*=\s*[\"']?navigation\b")
# What the root element says; it stands before the head.
_LANGUAGE = re.compile(
    r"<html\s(?:[^<>]*?\s)?(?:xml:)?lang\s*=\s*[\"']?([a-z-]{2,20})", re.IGNORECASE
)
_MOST_CHARS_TO_LANGUAGE = 2000
# What separates a page's own title from the name of its site.
_SITE_NAME = re.compile(r"\s*(?:[|\u2014\u2013\u00b7\u00bb\u2022]|(?<=\s)[-:](?=\s)|::)\s*\S")
# A heading or link that is never closed ends at the next of these.
_MOST_NAME_CHARS = 400
# The tags in a heading are often longer than its text: every word of code has a class or two.
_MOST_NAME_SOURCE_CHARS = 4000
# A page with fewer terms that can be linked to is no reference.
_FEWEST_TERMS = 3
# What generators put behind a term: links to the source and to the term itself.
_TERM_END = re.compile(r"(?:\s*(?:\[source\]|[¶#\uf0c1]))+\s*$")
# The id of a wrapper belongs to the heading right inside it, not to what precedes.
_MOST_CHARS_TO_HEADING = 500


@dataclass(slots=True)
class _Heading:
    start: int
    level: int
    text: str = ""


@dataclass(slots=True)
class _Page:
    """What one pass over the tags finds."""

    titles: list[str] = field(default_factory=list)
    headings: list[_Heading] = field(default_factory=list)
    anchors: list[tuple[int, str]] = field(default_factory=list)
    """Offset after the tag that bears the id, and the id."""
    links: list[tuple[int, str, str]] = field(default_factory=list)
    """Offset, target, text."""
    nav_links: list[tuple[int, str, str]] = field(default_factory=list)
    base: str = ""
    """What its relative addresses are relative to; empty for the page itself."""
    about: list[tuple[int, int]] = field(default_factory=list)
    """Where its head says what it is about."""
    tags: list[str] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)


def read_html(path: str, text: str, content_hash: str) -> Document:
    """Read one HTML file.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, its sections not yet cut to size.
    """
    file = parse_file(text)
    page = _scan(join_templates(text), file.matter.end)
    document = document_of(
        file,
        path,
        "html",
        content_hash,
        names=_titles(page),
        tags=page.tags,
        language=_declared_language(text),
        sections=_sections(file, page),
        links=(
            Link(
                show_templates(seen_from(page.base, target)),
                name,
                line_number(file.starts, offset),
            )
            for offset, target, name in page.links or page.nav_links
        ),
        labels=made_shortcode(path, text),
    )
    maker = maker_of(path, text, document)
    return replace(document, made_by=maker) if maker else document


def _declared_language(text: str) -> str:
    found = _LANGUAGE.search(text, 0, _MOST_CHARS_TO_LANGUAGE)
    return found[1] if found is not None else ""


def _titles(page: _Page) -> Iterator[str]:
    """Yield the names that a page gives itself, the best first."""
    top = [heading.text for heading in page.headings if heading.level == 1]
    for title in page.titles:
        whole = title.casefold()
        for heading in top:
            if whole.startswith(heading.casefold()) and _SITE_NAME.match(title, len(heading)):
                yield heading
        yield title
    yield from top
    yield from (heading.text for heading in page.headings)


def _scan(source: str, begin: int) -> _Page:
    page = _Page()
    tags = [tag for tag in scan_markup(source, begin) if not isinstance(tag, Comment)]
    unread = _unread_spans(tags, begin)
    page.cuts = [(start, end) for name, start, end in unread if name in _CUT_OUT_OF_SECTIONS]
    spans = iter([*unread, ("", len(source), len(source))])
    name, start, end = next(spans)
    read, in_nav = [], []
    for tag in tags:
        while tag.start >= end and name:
            name, start, end = next(spans)
        if tag.start < start:
            read.append(tag)
        elif name == "nav":
            in_nav.append(tag)
        if tag.name == "title" and not tag.is_end and name in ("head", ""):
            page.titles += filter(None, (_text_after(source, tag),))
    _add_headings(source, read, page)
    of_page = [tag for tag in tags if tag.name in TAGS_OF_PAGES]
    page.links = [*refreshes(of_page), *_links(source, read)]
    page.nav_links = [*_links(source, in_nav), *neighbours(of_page)]
    page.base = base_of(of_page)
    if not begin:  # front matter says it
        page.about = list(description_spans(source, of_page))
    page.tags = list(keywords(of_page))
    if "{{<" in source or "{{%" in source:  # shortcodes, of which programs make ids
        page.anchors.append((begin, ANY_PLACE))
    for tag in read:
        if not tag.is_end and "=" in tag.attribute_text:
            attributes = tag.attributes()
            for key in ("id", "name"):
                if attributes.get(key) and (key == "id" or tag.name == "a"):
                    page.anchors.append((tag.end, attributes[key]))
    return page


def _unread_spans(tags: Sequence[Tag], begin: int) -> list[tuple[str, int, int]]:
    """Find the elements that are not read; one that is never closed is read after all."""
    spans: list[tuple[str, int, int]] = []
    last_end = {tag.name: tag.start for tag in tags if tag.is_end}
    opened: Tag | None = None
    depth = 0
    for tag in tags:
        if opened is None:
            closes = last_end.get(tag.name, -1) > tag.start
            is_empty = tag.attribute_text.endswith("/")
            if not tag.is_end and closes and not is_empty and _cut_name(tag):
                opened, depth = tag, 1
        elif tag.name == opened.name:
            depth += -1 if tag.is_end else 1
            if depth == 0 or (tag.is_end and tag.start == last_end[tag.name]):
                spans.append((_cut_name(opened), max(opened.start, begin), tag.end))
                opened = None
    return spans


def _cut_name(tag: Tag) -> str:
    """Return the name of the unread element that a tag opens, empty if it opens none."""
    if tag.name in _CUT_ELEMENTS:
        return tag.name
    is_menu = "navigation" in tag.attribute_text and _NAVIGATION.search(tag.attribute_text)
    return "nav" if is_menu else ""


def _text_after(source: str, tag: Tag) -> str:
    end = source.find("<", tag.end, tag.end + _MOST_NAME_CHARS)
    return one_line(plain_html(source[tag.end : end if end >= 0 else tag.end]))


def _name_between(source: str, start: int, end: int) -> str:
    """Return the text of a heading or link as a name, without a tag that was cut off."""
    text = source[start : min(end, start + _MOST_NAME_SOURCE_CHARS)]
    if end > start + _MOST_NAME_SOURCE_CHARS and text.rfind("<") > text.rfind(">"):
        text = text[: text.rfind("<")]
    return one_line(plain_html(text))


def _add_headings(source: str, tags: Sequence[Tag], page: _Page) -> None:
    opened: Tag | None = None
    for tag in tags:
        if tag.name not in _HEADINGS:
            continue
        if not tag.is_end:
            page.headings.append(_Heading(tag.start, _HEADINGS[tag.name]))
            opened = tag
        elif opened is not None:
            page.headings[-1].text = _name_between(source, opened.end, tag.start)
            opened = None
    page.headings = [heading for heading in page.headings if heading.text]
    if not any(tag.name == "dt" for tag in tags):
        return
    terms = list(_named_terms(source, tags))
    if sum(bool(term.text) for term in terms) >= _FEWEST_TERMS:
        page.headings = list(_with_terms(page.headings, terms))


@dataclass(frozen=True, slots=True)
class _Term:
    """A term that can be linked to, as a reference of options or functions is made of them."""

    start: int
    text: str
    depth: int
    """How many lists of definitions it stands in; 0 for the end of the outermost one."""


def _named_terms(source: str, tags: Sequence[Tag]) -> Iterator[_Term]:
    """Yield the terms that bear an id, and where the outermost lists with some end."""
    depth = 0
    opened: Tag | None = None
    is_named = has_terms = False
    for tag in tags:
        if opened is not None and tag.name in ("dt", "dd", "dl"):
            text = _TERM_END.sub("", _name_between(source, opened.end, tag.start)).strip()
            if is_named and text:
                yield _Term(opened.start, text, depth)
                has_terms = True
            opened = None
        if tag.name == "dl":
            depth = max(0, depth + (-1 if tag.is_end else 1))
            if tag.is_end and not depth and has_terms:
                yield _Term(tag.end, "", 0)
                has_terms = False
        elif tag.name == "dt" and not tag.is_end:
            opened, is_named = tag, "id" in tag.attributes()
        elif opened is not None and not tag.is_end:
            attributes = tag.attributes() if "=" in tag.attribute_text else {}
            is_named = is_named or "id" in attributes or (tag.name == "a" and "name" in attributes)


def _with_terms(headings: Sequence[_Heading], terms: Sequence[_Term]) -> Iterator[_Heading]:
    """Yield headings and terms in order; what follows a list stands under the heading before."""
    above = _Heading(0, 0)
    waiting = iter(headings)
    heading = next(waiting, None)
    for term in terms:
        while heading is not None and heading.start < term.start:
            yield heading
            above, heading = heading, next(waiting, None)
        if term.depth:
            yield _Heading(term.start, above.level + term.depth, term.text)
        else:
            yield _Heading(term.start, above.level, above.text)
    if heading is not None:
        yield heading
        yield from waiting


def _links(source: str, tags: Sequence[Tag]) -> Iterator[tuple[int, str, str]]:
    opened: tuple[Tag, str] | None = None
    for tag in tags:
        if tag.name != "a":
            continue
        if opened is not None:
            start, target = opened
            yield start.start, target, _name_between(source, start.end, tag.start)
            opened = None
        href = None if tag.is_end else tag.attributes().get("href")
        if href is not None:
            opened = tag, href.strip()
    if opened is not None:
        yield opened[0].start, opened[1], ""


def _sections(file: DecodedFile, page: _Page) -> list[Section]:
    sections: list[Section] = []
    for start, end in page.about:
        sections += _section(file, _Heading(start, 0), start, end, ())
    headings = [_Heading(file.matter.end, 0), *page.headings]
    anchors = _anchors_by_heading(file.text, page)
    names: dict[str, None] = {}  # with those of what stands before it and says nothing
    for index, heading in enumerate(headings):
        end = headings[index + 1].start if index + 1 < len(headings) else len(file.text)
        names |= dict.fromkeys(anchors[index])
        for first, last in _without_cuts(heading.start, end, page.cuts):
            found = list(_section(file, heading, first, last, tuple(names)))
            sections += found
            names = {} if found else names
    if names and sections:  # places at the end
        own = sections[-1].anchors
        sections[-1] = replace(sections[-1], anchors=tuple(dict.fromkeys((*own, *names))))
    return sections


def _section(
    file: DecodedFile, heading: _Heading, start: int, end: int, anchors: tuple[str, ...]
) -> Iterator[Section]:
    """Yield the section of a span, if a person reads anything in it."""
    text = file.text[start:end]
    skipped = len(text) - len(text.lstrip())
    text = text.strip()
    if text and not is_blank_html(text):
        yield Section(
            heading=heading.text,
            level=heading.level,
            line_start=line_number(file.starts, start + skipped),
            line_end=line_number(file.starts, start + skipped + len(text) - 1),
            text=text,
            anchors=anchors,
        )


def _anchors_by_heading(source: str, page: _Page) -> list[list[str]]:
    groups: list[list[str]] = [[] for _ in range(len(page.headings) + 1)]
    index = 0
    for offset, name in page.anchors:
        while index < len(page.headings) and page.headings[index].start < offset:
            index += 1
        owner = index
        if index < len(page.headings):
            gap = page.headings[index].start - offset
            if gap <= _MOST_CHARS_TO_HEADING:
                owner += is_blank_html(source[offset : offset + gap])
        groups[owner].append(name)
    return groups


def _without_cuts(
    start: int, end: int, cuts: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    nearest = bisect.bisect_right(cuts, start, key=lambda cut: cut[1])
    for first, last in islice(cuts, nearest, None):
        if first >= end:
            break
        if first > start:
            yield start, first
        start = max(start, last)
    if start < end:
        yield start, end

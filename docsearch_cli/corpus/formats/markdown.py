"""Markdown: CommonMark with tables, front matter, wiki links and HTML inside.

Sections begin at the headings of the document itself; a heading inside a list or a quotation gives
an anchor, not a section.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from docsearch_cli.corpus.anchor_rules import ANY_PLACE, HeadingAnchors
from docsearch_cli.corpus.decoded_file import DecodedFile, document_of, parse_file
from docsearch_cli.corpus.encoding import line_number
from docsearch_cli.corpus.formats.cross_references import ids_in
from docsearch_cli.corpus.formats.markdown_anchors import anchors_in
from docsearch_cli.corpus.formats.markdown_directives import with_directives
from docsearch_cli.corpus.formats.markdown_glossaries import terms_in
from docsearch_cli.corpus.formats.markdown_includes import includes_in
from docsearch_cli.corpus.formats.markdown_leaf_blocks import Leaf, leaves_of
from docsearch_cli.corpus.formats.markdown_links import (
    links_in,
    links_in_fence,
    links_in_html,
    plain_inline,
)
from docsearch_cli.corpus.formats.markdown_plain import plain_markdown
from docsearch_cli.corpus.formats.shortcodes import used_shortcodes
from docsearch_cli.corpus.formats.templates import join_templates, show_templates
from docsearch_cli.corpus.naming import is_named_by_its_file, label_key, one_line
from docsearch_cli.corpus.page_properties import NO_PROPERTIES, parse_page_properties
from docsearch_cli.models import Document, Link, Section

# What gives a heading an id or a class: {#id .class}, {: #id}, {.class}, {-}; {/* #id */} in MDX.
_ATTRIBUTES = re.compile(
    r"\{(?::|/\*)?[ \t]*(?:[.#][^\s{}]+|-|\w[\w-]*=(?:\"[^\"{}]*\"|[^\s{}\"]+))"
    r"(?:[ \t][^{}\r\n]{0,200})?\}[ \t]*$"
)
_ID_IN_ATTRIBUTES = re.compile(r"(?<=[{\s:*])(?:#|id=[\"']?)([^\s{}#*\"']+)")
# Hugo's shortcodes around code, each on a line of its own.
_CODE_SHORTCODE = re.compile(
    r"^([ \t]*+)\{\{[<%][ \t]*+(/?)[ \t]*+(code(?:-\w+)?|highlight|output)\b"
    r"[^{}\r\n]*[>%]\}\}[ \t]*+$",
    re.MULTILINE,
)
_CODE_FENCE = "~~~~~~~~"
# A paragraph of MyST's comments alone: beside other lines, the sign is more often one of percent.
_COMMENT = re.compile(r"%[ \t][^\n]*+(?:\n[ \t]*+%[ \t][^\n]*+)*+")
# MyST's targets.
_LABEL_LINE = re.compile(r"\(([^()\r\n]{1,300})\)=[ \t]*")
_LABEL_LINES = re.compile(rf"^{_LABEL_LINE.pattern}$", re.MULTILINE)
_INLINE_SIGNS = re.compile(r"[\[\]<>`\\&*_~!]")
_MADE_HEADING = re.compile(r"(?:[^`<{]|`[^`]*`|\{(?![{%])|<(?![!%A-Z]))*+[<{]")


class _Heading(NamedTuple):
    text: str
    level: int
    line: int
    """Index of the heading's line in the file, from 0."""
    anchors: tuple[str, ...]
    opens_section: bool


def read_markdown(path: str, text: str, content_hash: str) -> Document:
    """Read one Markdown file.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, its sections not yet cut to size.
    """
    file = parse_file(text)
    env: dict[str, Any] = {}
    body = text[file.matter.end :]
    markup = _fence_shortcodes(join_templates(body))
    leaves = with_directives(leaves_of(markup, env), env)
    headings = list(_headings(leaves, env, file.first_line))
    labels = list(_labels(leaves, file.first_line)) if ")=" in text else []
    for offset, name in ids_in(body):
        labels.append((line_number(file.starts, file.matter.end + offset) - 1, name))
    labels.extend((file.first_line + line, term) for line, term in terms_in(body))
    shortcodes = used_shortcodes(body) if "{{" in body else ()
    properties = parse_page_properties(body) if ":: " in body else NO_PROPERTIES
    sections = tuple(_sections(file, headings, labels))
    links = _links(file, leaves, env)
    if "{.external" in body:
        links = (_external(body, link) for link in links)
    document = document_of(
        file,
        path,
        "markdown",
        content_hash,
        names=chain((properties.title,), _names(headings, path)),
        sections=sections,
        links=(
            *map(_as_written, links),
            *includes_in(body, file.first_line + 1),
        ),
        labels=(*(label for _, label in labels), *shortcodes),
        aliases=properties.aliases,
        tags=properties.tags,
    )
    if not file.matter.end or body.strip():
        return document
    # What is shown of a page of front matter alone, its layout makes.
    made = (replace(section, anchors=(ANY_PLACE,)) for section in document.sections)
    return replace(document, sections=tuple(made))


def _fence_shortcodes(body: str) -> str:
    """Replace shortcodes around code by fences, so that nothing in it is a heading or a link."""
    if "{{" not in body:
        return body
    parts: list[str] = []
    position = 0
    opened: re.Match[str] | None = None
    for found in _CODE_SHORTCODE.finditer(body):
        if not found[2]:
            opened = found
        elif opened is not None and opened[3] == found[3]:
            parts += (
                body[position : opened.start()] + opened[1] + _CODE_FENCE,
                body[opened.end() : found.start()] + found[1] + _CODE_FENCE,
            )
            position, opened = found.end(), None
    return "".join(parts) + body[position:]


def _labels(leaves: Sequence[Leaf], first_line: int) -> Iterator[tuple[int, str]]:
    """Yield the labels ``(label)=`` with the index of their line; one may end a paragraph."""
    for leaf in leaves:
        if leaf.is_html or leaf.directive or ")=" not in leaf.content:
            continue
        content = _without_id(leaf.content)[0] if leaf.level else leaf.content
        for offset, line in enumerate(content.split("\n")):
            found = _LABEL_LINE.fullmatch(line)
            if found is None:
                continue
            yield first_line + leaf.line + offset, found[1].strip()


def _names(headings: list[_Heading], path: str) -> Iterator[str]:
    yield from (heading.text for heading in headings if heading.level == 1)
    # A lower heading names a part; the note has the name of its file.
    if not is_named_by_its_file(path):
        yield from (heading.text for heading in headings)


def _headings(leaves: Sequence[Leaf], env: dict[str, Any], first_line: int) -> Iterator[_Heading]:
    given = HeadingAnchors()
    for leaf in leaves:
        if not leaf.level:
            continue
        content, custom_id = _without_id(leaf.content)
        if _INLINE_SIGNS.search(content):
            text = plain_inline(content, env)
        else:
            text = one_line(content)
        text = show_templates(text)
        anchors = given.anchors_of(text)
        if "[[" in content and (turned := _TURNED.sub(r"\1", content)) != content:
            # Dendron's links show what stands first in them.
            anchors += HeadingAnchors().anchors_of(plain_inline(turned, env))
        if custom_id:
            anchors.append(custom_id)
        elif ("<" in content or "{" in content) and _MADE_HEADING.match(content):
            anchors.append(ANY_PLACE)
        yield _Heading(text, leaf.level, first_line + leaf.line, tuple(anchors), not leaf.is_nested)


_TURNED = re.compile(r"\[\[([^\[\]|]{1,200})\|[^\[\]|]{1,200}\]\]")


def _without_id(heading: str) -> tuple[str, str]:
    """Split a heading into its text and the id that the attributes at its end give it, if any."""
    brace = heading.rfind("{")
    found = _ATTRIBUTES.match(heading, brace) if brace >= 0 else None
    if found is None:
        return heading, ""
    custom_id = _ID_IN_ATTRIBUTES.search(found[0])
    return heading[:brace].rstrip(" \t"), custom_id[1] if custom_id else ""


def _sections(
    file: DecodedFile, headings: list[_Heading], labels: list[tuple[int, str]]
) -> Iterator[Section]:
    opening = [heading for heading in headings if heading.opens_section]
    if not opening or opening[0].line > file.first_line:
        opening.insert(0, _Heading("", 0, file.first_line, (), True))
    anchors: list[list[str]] = [[] for _ in opening]
    owner = -1
    for heading in headings:
        while owner + 1 < len(opening) and opening[owner + 1].line <= heading.line:
            owner += 1
        anchors[owner].extend(heading.anchors)
    owners = _owners_of_labels(file, opening, labels)
    for owner, (_, label) in zip(owners, labels, strict=True):
        anchors[owner].append(label_key(label))
    above: tuple[str, ...] = ()  # anchors that stand alone before the first heading
    for index, heading in enumerate(opening):
        begin = file.offset_of(heading.line)
        is_last = index + 1 == len(opening)
        end = len(file.text) if is_last else file.offset_of(opening[index + 1].line)
        text = file.text[begin:end].rstrip()
        if not text or not (heading.level or _says_something(text)):
            above = tuple(anchors_in(text))
            continue
        yield Section(
            heading=heading.text,
            level=heading.level,
            line_start=heading.line + 1,
            line_end=line_number(file.starts, begin + len(text) - 1),
            text=text,
            anchors=tuple(
                dict.fromkeys((*anchors[index], *above, *anchors_in(text, heading.text)))
            ),
        )
        above = ()


def _says_something(text: str) -> bool:
    if ")=" in text:
        text = _LABEL_LINES.sub("", text)
    return bool(plain_markdown(text).strip())


def _owners_of_labels(
    file: DecodedFile, opening: list[_Heading], labels: list[tuple[int, str]]
) -> Iterator[int]:
    """Yield the section that each label is in, or the one whose heading it is above."""
    first_above: dict[int, int] = {}  # searched for once: there may be very many labels
    for line, _ in labels:
        owner = bisect.bisect_right(opening, line, key=lambda heading: heading.line) - 1
        after = owner + 1
        if after < len(opening) and after not in first_above:
            first_above[after] = _first_label_above(file, opening[after].line)
        yield after if line >= first_above.get(after, len(file.starts)) else max(owner, 0)


def _first_label_above(file: DecodedFile, line: int) -> int:
    """Return the first of the lines right above a heading that are labels or blank."""
    while line:
        text = file.text[file.starts[line - 1] : file.starts[line]].strip()
        if text and not _LABEL_LINE.fullmatch(text):
            break
        line -= 1
    return line


def _external(text: str, link: Link) -> Link:
    """Return a link, of another project if the page says that it leads out of its own (MyST)."""
    marked = f"]({link.target}){{.external"
    is_out = link.syntax == "url" and link.target and marked in text
    return replace(link, target=f"external:{link.target}") if is_out else link


def _as_written(link: Link) -> Link:
    target = show_templates(link.target)
    return link if target == link.target else replace(link, target=target)


def _links(file: DecodedFile, leaves: Sequence[Leaf], env: dict[str, Any]) -> Iterator[Link]:
    starts = file.starts
    for leaf in leaves:
        line, after = file.first_line + leaf.line, file.first_line + leaf.after
        if leaf.directive:
            yield from links_in_fence(leaf.directive, leaf.content, line + 1)
            continue
        if leaf.is_html:
            yield from links_in_html(leaf.content, line + 1)
            continue
        content = _without_id(leaf.content)[0] if leaf.level else leaf.content
        if leaf.content.count("\n") + 1 < after - line:
            # Lines of no-break spaces have been dropped from the ends of its content.
            beginning = content.partition("\n")[0]
            while line + 1 < after and beginning not in file.text[starts[line] : starts[line + 1]]:
                line += 1
        if _COMMENT.fullmatch(content):
            continue
        yield from links_in(content, env, line + 1)

"""Markdown: CommonMark with tables, front matter, wiki links and HTML inside.

Sections begin at the headings of the document itself; a heading inside a list or a quotation gives
an anchor, not a section.
"""

from __future__ import annotations

import bisect
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.front_matter import FrontMatter, parse_front_matter, related_links
from docsearch_cli.corpus.markdown_links import (
    inline_tokens,
    links_of_block,
    links_of_fence,
    parser,
    plain_inline,
)
from docsearch_cli.corpus.naming import Slugs, first_name, is_named_by_its_file, label_key, one_line
from docsearch_cli.corpus.plain_markdown import plain_markdown
from docsearch_cli.models import Document, Link, Section

if TYPE_CHECKING:
    from markdown_it.token import Token

_CUSTOM_ID = re.compile(
    r"[ \t]*\{(?::|/\*)?[ \t]*#([\w.:-]+)[^{}\r\n]{0,200}\}[ \t]*$"  # {/* #id */} in MDX
)
_TEMPLATE = re.compile(r"(?<=\]\()(?:\{\{[^{}\r\n]*\}\}|\{%[^{}\r\n]*%\})")
# Hugo's shortcodes around code, each on a line of its own.
_CODE_SHORTCODE = re.compile(
    r"^([ \t]*)\{\{[<%][ \t]*(/?)[ \t]*(code(?:-\w+)?|highlight)\b[^{}\r\n]*[>%]\}\}[ \t]*$",
    re.MULTILINE,
)
_CODE_FENCE = "~~~~~~~~"
# MyST's targets.
_LABEL_LINE = re.compile(r"\(([^()\r\n]{1,300})\)=[ \t]*")
_LABEL_LINES = re.compile(rf"^{_LABEL_LINE.pattern}$", re.MULTILINE)
_INLINE_SIGNS = re.compile(r"[\[\]<>`\\&*_~!]")
_TAG_ID = re.compile(r"<[a-zA-Z][^<>]{0,300}?\s(?:name|id)\s*=\s*[\"']?([^\s\"'<>]+)")
_BLOCK_ID = re.compile(r"(?:^|[ \t]|(?<=\]\]))\^([A-Za-z0-9-]+)[ \t]*$", re.MULTILINE)


class _Heading(NamedTuple):
    text: str
    level: int
    line: int
    """Index of the heading's line in the file, from 0."""
    anchors: tuple[str, ...]
    opens_section: bool


def read_markdown(path: str, source: str | bytes, content_hash: str) -> Document:
    """Read one Markdown file.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        source: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, its sections not yet cut to size.
    """
    assert isinstance(source, str)
    matter = parse_front_matter(source)
    starts = line_starts(source)
    first_line = line_number(starts, matter.end) - 1 if matter.end < len(source) else len(starts)
    env: dict[str, Any] = {}
    tokens = parser().parse(_fence_shortcodes(_join_templates(source[matter.end :])), env)
    headings = list(_headings(tokens, env, first_line))
    labels = list(_labels(tokens, first_line)) if ")=" in source else []
    sections = tuple(_sections(source, starts, first_line, headings, labels))
    return Document(
        path=path,
        title=_title(matter, headings, sections, path),
        markup="markdown",
        content_hash=content_hash,
        sections=sections,
        links=(
            *related_links(source, matter),
            *_links(source, starts, tokens, env, first_line),
        ),
        aliases=matter.aliases,
        tags=matter.tags,
        labels=tuple(dict.fromkeys(label for _, label in labels)),
        routes=matter.routes,
    )


def _join_templates(body: str) -> str:
    """Make ``[x]({{ base }}/y)`` a link: no space may stand in a destination, Jekyll's do."""
    if "]({" not in body:
        return body
    return _TEMPLATE.sub(lambda found: found[0].replace(" ", "\u00a0"), body)


def _fence_shortcodes(body: str) -> str:
    """Put fences for shortcodes around code, so that nothing in it is a heading or a link."""
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


def _labels(tokens: list[Token], first_line: int) -> Iterator[tuple[int, str]]:
    """Yield the labels ``(label)=`` with the index of their line."""
    for token in tokens:
        if token.type != "inline" or token.map is None or not token.content.startswith("("):
            continue
        for offset, line in enumerate(token.content.split("\n")):
            found = _LABEL_LINE.fullmatch(line)
            if found is None:
                break
            yield first_line + token.map[0] + offset, found[1].strip()


def _title(
    matter: FrontMatter, headings: list[_Heading], sections: Sequence[Section], path: str
) -> str:
    top = [heading.text for heading in headings if heading.level == 1]
    # A lesser heading below some text names a part; the note goes by the name of its file.
    begins_with_text = bool(sections) and sections[0].level == 0
    others = [heading.text for heading in headings]
    if begins_with_text and is_named_by_its_file(path):
        others = []
    return first_name([matter.title, *top, *others], path)


def _headings(tokens: list[Token], env: dict[str, Any], first_line: int) -> Iterator[_Heading]:
    slugs = Slugs()
    for index, token in enumerate(tokens):
        if token.type != "heading_open" or token.map is None:
            continue
        inline = tokens[index + 1]
        custom_id = _CUSTOM_ID.search(inline.content)
        if custom_id:
            inline.content = inline.content[: custom_id.start()]
        if _INLINE_SIGNS.search(inline.content):
            text = plain_inline(inline_tokens(inline, env))
        else:
            text = one_line(inline.content)
        anchors = [slugs.slug_of(text)]
        if custom_id:
            anchors.append(custom_id[1])
        yield _Heading(
            text, int(token.tag[1]), first_line + token.map[0], tuple(anchors), token.level == 0
        )


def _sections(
    source: str,
    starts: list[int],
    first_line: int,
    headings: list[_Heading],
    labels: list[tuple[int, str]],
) -> Iterator[Section]:
    opening = [heading for heading in headings if heading.opens_section]
    if not opening or opening[0].line > first_line:
        opening.insert(0, _Heading("", 0, first_line, (), True))
    anchors: list[list[str]] = [[] for _ in opening]
    owner = -1
    for heading in headings:
        while owner + 1 < len(opening) and opening[owner + 1].line <= heading.line:
            owner += 1
        anchors[owner].extend(heading.anchors)
    for line, label in labels:
        anchors[_owner_of_label(source, starts, opening, line)].append(label_key(label))
    for index, heading in enumerate(opening):
        begin = starts[heading.line] if heading.line < len(starts) else len(source)
        after = opening[index + 1].line if index + 1 < len(opening) else len(starts)
        end = starts[after] if after < len(starts) else len(source)
        text = source[begin:end].rstrip()
        if not text or not (heading.level or plain_markdown(_LABEL_LINES.sub("", text)).strip()):
            continue
        yield Section(
            heading=heading.text,
            level=heading.level,
            line_start=heading.line + 1,
            line_end=line_number(starts, begin + len(text) - 1),
            text=text,
            anchors=tuple(dict.fromkeys((*anchors[index], *_anchors_in(text)))),
        )


def _owner_of_label(source: str, starts: list[int], opening: list[_Heading], line: int) -> int:
    """Return the section that a label stands in, or the one whose heading it stands above."""
    owner = bisect.bisect_right(opening, line, key=lambda heading: heading.line) - 1
    if owner + 1 < len(opening):
        between = source[starts[line] : starts[opening[owner + 1].line]].split("\n")
        if all(not text.strip() or _LABEL_LINE.fullmatch(text.strip()) for text in between):
            return owner + 1
    return max(owner, 0)


def _anchors_in(text: str) -> Iterable[str]:
    if "<" in text:
        for found in _TAG_ID.findall(text):
            yield html.unescape(found)
    if "^" in text:
        for block_id in _BLOCK_ID.findall(text):
            yield "^" + block_id


def _links(
    source: str, starts: list[int], tokens: list[Token], env: dict[str, Any], first_line: int
) -> Iterator[Link]:
    for token in tokens:
        if token.map is None or token.type not in ("inline", "html_block", "fence"):
            continue
        if token.type == "fence":
            if token.info.startswith("{"):
                yield from links_of_fence(token, first_line + token.map[0] + 1)
            continue
        line, after = first_line + token.map[0], first_line + token.map[1]
        if token.type == "inline" and token.content.count("\n") + 1 < after - line:
            # Lines of no-break spaces have been dropped from the ends of its content.
            beginning = token.content.partition("\n")[0]
            while line + 1 < after and beginning not in source[starts[line] : starts[line + 1]]:
                line += 1
        yield from links_of_block(token, env, line + 1)

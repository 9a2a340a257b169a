"""AsciiDoc, read line by line: headings, ids, cross-references, Antora's page names included.

No light and maintained Python library reads it. Listings, literal blocks and comments are blanked
out first, so what is found afterwards is a heading or a reference.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from docsearch_cli.corpus.decoded_file import document_of, parse_file
from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.formats.asciidoc_plain import (
    ATTRIBUTE,
    BLOCK_ATTRIBUTES,
    COMMENT,
    NESTED,
    UNDERLINE,
    VERBATIM,
    parse_heading,
    plain_asciidoc,
    plain_asciidoc_inline,
)
from docsearch_cli.corpus.formats.table import format_named
from docsearch_cli.corpus.naming import heading_slug, one_line
from docsearch_cli.corpus.outline import Heading, cut_at_headings
from docsearch_cli.models import Document, Link

_UNDERLINE_LEVELS = "=-~^+"
_FEWEST_UNDERLINE_CHARS = 2
_IDS = re.compile(
    r"\[\[([^\[\],\r\n]{1,300})(?:,[^\[\]\r\n]{0,300})?\]\]"
    r"|\banchor:([^\s\[\]]{1,300})\["
    r"|^\[[\w., -]{0,60}#([\w:.-]{1,300})[^\]\r\n]{0,300}\]"
    r"|^\[(?:[^\]\r\n]{0,300},)?[ \t]*id=[\"']?([\w:.{}-]{1,300})"
)
_REFERENCE = re.compile(
    r"(?<![\w\\])(?P<macro>xref|link):(?P<target>[^\s\[\]]{1,1000})\[(?P<text>[^\[\]]{0,500})\]"
    r"|(?<!\\)<<(?P<id>[^<>,`\n]{1,300})(?:,(?P<label>[^<>]{0,300}))?>>"
    r"|(?<![\w\\:\"'=])(?P<address>(?:https?|ftp)://[^\s\[\]<>\"']{1,1000})"
    r"(?:\[(?P<named>[^\[\]]{0,500})\])?"
    r"|^include::(?P<included>[^\[\n]{1,500})\[",
    re.MULTILINE,
)
# Text that is passed through as it is.
_PASSED = re.compile(
    r"`\+[^\n]{1,500}?\+`|\+\+\+[^\n]{0,500}?\+\+\+|\bpass:\w{0,20}\[[^\]\n]{0,500}\]"
)
_ATTRIBUTE_REFERENCE = re.compile(r"\{([\w-]{1,60})\}")
# A reference with one of these names a file; without, it may be an id.
_SUFFIXES = (*format_named("asciidoc").suffixes, ".html")
# An attribute stands for a part of an address, not for a page of text.
_MOST_VALUE_CHARS = 500
_ID_DROPS = re.compile(r"[^\w .-]")


@dataclass(slots=True)
class _Reading:
    """What the lines of a file hold."""

    parsed: list[str]
    """Lines; what is not AsciiDoc is blanked out."""
    headings: list[Heading]
    attributes: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    repeats: Counter[str] = field(default_factory=Counter)
    """How many sections have each automatic id."""


def read_asciidoc(path: str, text: str, content_hash: str) -> Document:
    """Read one AsciiDoc file.

    Args:
        path: The document's path, for its title when the file has none.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, its sections not yet cut to size.
    """
    file = parse_file(text)
    reading = _read_lines(file.lines(), file.first_line)
    keywords = [one_line(name) for name in reading.attributes.get("keywords", "").split(",")]
    former = reading.attributes.get("page-aliases", "").split(",")
    return document_of(
        file,
        path,
        "asciidoc",
        content_hash,
        names=[heading.text for heading in reading.headings[1:]],
        sections=cut_at_headings(file, reading.headings, plain_asciidoc),
        links=_links(reading),
        labels=reading.ids,
        tags=filter(None, keywords),
        routes=(_without_suffix(name.strip()) for name in former if name.strip()),
    )


def _read_lines(lines: Sequence[str], first_line: int) -> _Reading:
    reading = _Reading([""] * first_line, [Heading("", 0, first_line, [])])
    closing = ""
    nested: list[str] = []
    pending: list[str] = []  # ids of the next block
    number = first_line
    while number < len(lines):
        line = lines[number].rstrip()
        fence = VERBATIM.match(line)
        if closing or COMMENT.match(line):
            closing = "" if line == closing else closing
            reading.parsed.append("")
        elif title := _title_at(lines, number, nested):
            text, level, height = title
            ids = [*pending, *_ids_of(line, reading.attributes)]
            pending = []
            reading.ids += ids
            anchors = [*ids, *_automatic_ids(text, reading.repeats)]
            reading.headings.append(Heading(text, level, number, anchors))
            reading.parsed += [line, *[""] * (height - 1)]
            number += height - 1
        elif fence:
            closing = fence[1]
            reading.parsed.append("")
        elif (entry := ATTRIBUTE.match(line)) is not None:
            reading.attributes[entry[1]] = entry[2] or ""
            reading.parsed.append("")
        else:
            if NESTED.match(line):
                _toggle(nested, line)
            pending += _ids_of(line, reading.attributes)
            if line and not BLOCK_ATTRIBUTES.match(line):
                reading.headings[-1].anchors.extend(pending)
                reading.ids += pending
                pending = []
            reading.parsed.append(line)
        number += 1
    return reading


def _toggle(nested: list[str], line: str) -> None:
    if line in nested:
        del nested[nested.index(line) :]
    else:
        nested.append(line)


def _title_at(
    lines: Sequence[str], number: int, nested: Sequence[str]
) -> tuple[str, int, int] | None:
    """Return a title's text, level and number of lines; in a nested block there are none."""
    if nested:
        return None
    line = lines[number].rstrip()
    found = parse_heading(line)
    if found:
        level, text = found
        return _plain_title(text), level, 1
    if number + 1 >= len(lines) or not line or not (line[0].isalnum() or line[0] in "\"'`_*{"):
        return None
    under = lines[number + 1].rstrip()
    if (
        len(under) < _FEWEST_UNDERLINE_CHARS
        or not UNDERLINE.match(under)
        or abs(len(under) - len(line)) > 1
    ):
        return None
    above = lines[number - 1].strip() if number else ""
    if above and not BLOCK_ATTRIBUTES.match(above) and not ATTRIBUTE.match(above):
        return None
    return _plain_title(line), _UNDERLINE_LEVELS.index(under[0]) + 1, 2


def _plain_title(text: str) -> str:
    return one_line(plain_asciidoc_inline(text))


def _ids_of(line: str, attributes: dict[str, str]) -> list[str]:
    if "[" not in line:
        return []
    ids = (next(name for name in found if name) for found in _IDS.findall(line))
    return [_substitute(name, attributes) if "{" in name else name for name in ids]


def _automatic_ids(title: str, repeats: Counter[str]) -> list[str]:
    """Return the ids that tools give a section by themselves, numbered where they are repeated.

    Args:
        title: The section's title.
        repeats: How often each id was given before; counted up.

    Returns:
        That of Asciidoctor, then those that GitHub and Antora give.
    """
    words = _ID_DROPS.sub("", title.lower())
    own, slug = "_" + re.sub(r"[ ._-]+", "_", words).strip("_"), heading_slug(title)
    hyphened = re.sub(r"[ .-]+", "-", words).strip("-")  # Antora, of "retention.ms"
    others = [slug] if hyphened == slug or not hyphened else [slug, hyphened]
    repeats[own] += 1
    count = repeats[own]
    if count == 1:
        return [own, *others]
    numbered = [f"{other}-{n}" for n in (count - 1, count) for other in others]
    return [f"{own}_{count}", *numbered, own, *others]


def _links(reading: _Reading) -> Iterator[Link]:
    text = "\n".join(reading.parsed)
    if "+" in text or "pass:" in text:
        text = _PASSED.sub(lambda found: " " * len(found[0]), text)
    starts = line_starts(text)
    own = {anchor for heading in reading.headings for anchor in heading.anchors}
    for found in _REFERENCE.finditer(text):
        link = _link(found, reading.attributes, own, line_number(starts, found.start()))
        if link is not None:
            yield link


def _link(
    found: re.Match[str], attributes: dict[str, str], own: set[str], line: int
) -> Link | None:
    written = found["target"] or found["id"] or found["address"] or found["included"]
    target = _substitute(written.strip().strip("+"), attributes)
    text = one_line((found["text"] or found["label"] or found["named"] or "").strip("\"'^"))
    if found["included"]:
        return Link(f"include::{target}" if "$" in target else target, "", line, "include")
    if found["address"] or found["macro"] == "link":
        target = target if found["named"] else target.rstrip(".,;:!?)")
        return Link(target, text or target, line)
    path, sign, fragment = target.partition("#")
    # Between angle brackets even a name with a colon is an id: <<sec:limits>>.
    is_id = "/" not in path and (":" not in path or (found["id"] and "$" not in path))
    if not sign and not path.endswith(_SUFFIXES) and is_id:
        path, fragment = "", path
    if not path:
        is_own = fragment in own or heading_slug(fragment) in own
        return Link(f"#{fragment}" if is_own else fragment, text, line, "url" if is_own else "any")
    path = f"xref:{path}" if ":" in path and "//" not in path else path
    return Link(f"{path}#{fragment}" if fragment else path, text, line)


def _substitute(target: str, attributes: dict[str, str]) -> str:
    return _ATTRIBUTE_REFERENCE.sub(
        lambda found: attributes.get(found[1], found[0])[:_MOST_VALUE_CHARS], target
    )


def _without_suffix(name: str) -> str:
    return name.removesuffix(".adoc")

"""Texts whose places count paragraphs: one line each, as a packed document is unpacked to.

A Word or OpenDocument text has no lines. What is searched and quoted is its paragraphs, one a line;
the same text is made again when a quote is looked up in its file. A row of a table is one
paragraph, its cells apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from docsearch_cli.corpus.blocks import Block, line_spans, on_one_line, trimmed
from docsearch_cli.corpus.naming import first_name, heading_slug, one_line
from docsearch_cli.models import Document, Link, Markup, Section

CELL_MARK = " | "
"""Stands between the cells of a row."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph that is not blank."""

    text: str
    """On one line."""
    level: int = 0
    """Of a heading; 0 for any other."""
    anchors: tuple[str, ...] = ()


@dataclass(slots=True)
class PackedText:
    """What was unpacked of a document."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    """With the number of their paragraph as line."""
    names: list[str] = field(default_factory=list)
    """Titles that its properties give it."""
    unread: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The paragraphs, one a line."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)

    def add(self, text: str, level: int = 0, anchors: Sequence[str] = ()) -> None:
        """Add a paragraph, unless it is blank."""
        line = on_one_line(text)
        if line:
            self.paragraphs.append(Paragraph(line, level, tuple(anchors)))


def document_of_paragraphs(
    packed: PackedText, path: str, markup: Markup, content_hash: str
) -> Document:
    """Return a document whose sections begin at the headings among its paragraphs.

    Args:
        packed: What was unpacked.
        path: The document's path, for its title when nothing in the file gives one.
        markup: Its format.
        content_hash: Hash of the file's bytes.

    Returns:
        The document.
    """
    paragraphs = packed.paragraphs
    begins = [place for place, paragraph in enumerate(paragraphs) if paragraph.level]
    if paragraphs and (not begins or begins[0]):
        begins.insert(0, 0)
    sections = []
    for first, after in pairwise([*begins, len(paragraphs)]):
        opening = paragraphs[first]
        heading = one_line(opening.text) if opening.level else ""
        inside = [anchor for paragraph in paragraphs[first:after] for anchor in paragraph.anchors]
        anchors = ([heading_slug(heading)] if heading else []) + inside
        text = "\n".join(paragraph.text for paragraph in paragraphs[first:after])
        unique = tuple(dict.fromkeys(anchors))
        sections.append(Section(heading, opening.level, first + 1, after, text, unique))
    titles = [section.heading for section in sections if section.level == 1]
    others = [section.heading for section in sections]
    return Document(
        path=path,
        title=first_name([*packed.names, *titles, *others], path),
        markup=markup,
        content_hash=content_hash,
        sections=tuple(sections),
        links=tuple(packed.links),
        unread=tuple(packed.unread),
    )


def paragraph_blocks(text: str) -> Iterator[Block]:
    """Find the paragraphs of a text that has one a line.

    Args:
        text: The text of a section.

    Yields:
        A block for each line.
    """
    for start, end in line_spans(text):
        yield from trimmed(text, start, end, "row" if CELL_MARK in text[start:end] else "text")

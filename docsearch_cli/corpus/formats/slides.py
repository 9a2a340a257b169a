"""Slides: a presentation as a document with one section a slide, its title the heading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from docsearch_cli.corpus.blocks import on_one_line
from docsearch_cli.corpus.naming import first_name, one_line
from docsearch_cli.models import Document, Link, Markup, Section


@dataclass(slots=True)
class Slide:
    """What one slide shows, and what its speaker notes."""

    lines: list[str] = field(default_factory=list)
    title: str = ""
    has_picture: bool = False
    """Or a chart, or another thing whose words are not read."""
    links: list[tuple[str, str]] = field(default_factory=list)
    """Addresses and words."""

    def add(self, text: str, *, is_title: bool = False) -> None:
        """Add a paragraph, unless it is blank."""
        line = on_one_line(text)
        if line:
            self.lines.append(line)
            self.title = self.title or (line if is_title else "")


def document_of_slides(
    slides: Sequence[Slide],
    names: Iterable[str],
    path: str,
    markup: Markup,
    content_hash: str,
) -> Document:
    """Return a document of slides.

    Args:
        slides: In order; a slide without text has no section, but a number.
        names: Titles that its properties give it.
        path: The document's path, for its title when nothing in the file gives one.
        markup: Its format.
        content_hash: Hash of the file's bytes.

    Returns:
        The document; its places count slides.
    """
    pages = [(number, slide) for number, slide in enumerate(slides, 1) if slide.lines]
    pictures = sum(slide.has_picture and not slide.lines for slide in slides)
    many = "s" if pictures > 1 else ""
    return Document(
        path=path,
        title=first_name([*names, *(slide.title for slide in slides[:1])], path),
        markup=markup,
        content_hash=content_hash,
        sections=tuple(
            Section(
                heading=one_line(slide.title),
                level=1 if slide.title else 0,
                line_start=number,
                line_end=number,
                text="\n\n".join(slide.lines),
            )
            for number, slide in pages
        ),
        links=tuple(
            Link(target, words, number) for number, slide in pages for target, words in slide.links
        ),
        unread=(f"{pictures:,} slide{many}: pictures without text",) if pictures else (),
    )

"""A decoded text file: its lines, its front matter, and where its own text begins.

A reader skips the lines of front matter but counts them; they become the beginning of the first
section. What front matter says of the document is the same in every format that may have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain

from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.front_matter import (
    NO_FRONT_MATTER,
    FrontMatter,
    parse_front_matter,
    related_links,
)
from docsearch_cli.corpus.front_matter_plain import says_something
from docsearch_cli.corpus.naming import first_name
from docsearch_cli.models import Document, Link, Markup, Section


@dataclass(frozen=True, slots=True)
class DecodedFile:
    """A decoded file."""

    text: str
    starts: list[int]
    """Where its lines start, see ``line_starts``."""
    matter: FrontMatter = NO_FRONT_MATTER
    first_line: int = 0
    """Index of the first line below the front matter; the number of lines if there is none."""

    def lines(self) -> list[str]:
        """Return all lines without their line ends, those of the front matter included."""
        ends = [*self.starts[1:], len(self.text)]
        spans = zip(self.starts, ends, strict=True)
        return [self.text[start:end].rstrip("\r\n") for start, end in spans]

    def offset_of(self, line: int) -> int:
        """Return the offset of a line, given its index; past the last line, the end of the text."""
        return self.starts[line] if line < len(self.starts) else len(self.text)


def parse_file(text: str) -> DecodedFile:
    """Find the lines and the front matter of a file.

    Args:
        text: The decoded file.

    Returns:
        The file with both; for a format without front matter, make a ``DecodedFile`` instead.
    """
    matter = parse_front_matter(text)
    starts = line_starts(text)
    return DecodedFile(text, starts, matter, _first_line_below(matter, text, starts))


def document_of(
    file: DecodedFile,
    path: str,
    markup: Markup,
    content_hash: str,
    *,
    names: Iterable[str],
    sections: Iterable[Section],
    links: Iterable[Link],
    labels: Iterable[str] = (),
    aliases: Iterable[str] = (),
    tags: Iterable[str] = (),
    routes: Iterable[str] = (),
    language: str = "",
) -> Document:
    """Return a document of what its text holds and what its front matter says.

    Args:
        file: The file.
        path: The document's path, for its title when nothing in the file gives one.
        markup: Its format.
        content_hash: Hash of the file's bytes.
        names: Titles in the text, the best first; one in the front matter is better. No more of
            them are asked for than it takes to find one.
        sections: The sections.
        links: Links in the text.
        labels: Names by which other documents may refer to it; repeated ones are dropped.
        aliases: Other titles in the text.
        tags: Tags in the text.
        routes: Addresses in the text that it has on its site.
        language: The one that the text says it is in; the front matter's is better.

    Returns:
        The document.
    """
    matter = file.matter
    return Document(
        path=path,
        title=first_name(chain([matter.title], names), path),
        markup=markup,
        content_hash=content_hash,
        sections=with_front_matter(file, tuple(sections)),
        links=(*related_links(file.text, matter), *links),
        aliases=tuple(dict.fromkeys((*matter.aliases, *aliases))),
        tags=tuple(dict.fromkeys((*matter.tags, *tags))),
        dated=matter.dated,
        labels=tuple(dict.fromkeys((*matter.labels, *labels))),
        routes=(*matter.routes, *routes),
        language=matter.language or language,
        front_matter_fault=matter.fault,
    )


def with_front_matter(file: DecodedFile, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Return sections of which the first begins with the file's front matter.

    As a section of its own it would be short, and a short section that holds a word ranks above
    the text that the word is about.

    Args:
        file: The file.
        sections: Its sections below the front matter.

    Returns:
        The sections; a file that is nothing but front matter has one.
    """
    end = file.matter.end
    if not end or not says_something(file.text[:end]):
        return sections
    if not sections:
        text = file.text[:end].rstrip()
        return (Section("", 0, 1, line_number(file.starts, len(text) - 1), text),)
    first = sections[0]
    place = file.text.find(first.text, max(end, file.offset_of(first.line_start - 1)))
    text = file.text[: place + len(first.text)] if place >= 0 else first.text
    line = 1 if place >= 0 else first.line_start
    return (replace(first, line_start=line, text=text), *sections[1:])


def _first_line_below(matter: FrontMatter, text: str, starts: list[int]) -> int:
    if not matter.end:
        return 0
    return line_number(starts, matter.end) - 1 if matter.end < len(text) else len(starts)

"""The values that the parts of docsearch hand to each other.

A *document* is one file. It has *sections*: heading-bounded parts with a line span; a long one is
split into several with the same heading. A section's ``text`` is the file's own text, markup
included, so that a quote cut from it is found byte for byte in the file; what a person reads, and
what is searched, is derived from it by ``corpus/plain_text.py``. A *node* is what one agent opens:
a document, or a part of one too long to open at once. An *edge* joins two nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Markup = str
"""Name of a document's format: a row of ``corpus/formats/table.py``."""
LinkSyntax = Literal[
    "url", "wiki", "doc", "entry", "ref", "glob", "any", "title", "include", "snippet", "listing"
]


@dataclass(frozen=True, slots=True)
class Link:
    """A pointer from a document to something else, as it stands in the text."""

    target: str
    """Destination as written, entities decoded; percent-escapes are left to the resolver."""
    text: str
    """What a person sees of the link, on one line; may be empty."""
    line: int
    """Where it stands, counted from 1 (the page for a PDF)."""
    syntax: LinkSyntax = "url"
    """``url`` a path or URL, ``wiki`` a note name, ``doc`` a document name, ``entry`` one in a
    table of contents, ``ref`` a label, ``glob`` a pattern of document names. ``any`` is a label,
    document or heading and ``title`` a title or heading, if there is one of this name; else it is
    no link. ``include`` is a file that is part of the page, and ``snippet`` one if there is a
    document of this name. ``listing`` is a folder or a pattern of files that a page lists."""
    is_excused: bool = False
    """Whether the page says that it may lead nowhere, see ``corpus/link_exceptions.py``."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading-bounded part of a document, or a piece of a long one: the retrieval unit."""

    heading: str
    """Plain text of the heading; empty before the first one."""
    level: int
    """1 for the topmost heading, 0 before the first one."""
    line_start: int
    """First line of the section, the heading's own included, counted from 1."""
    line_end: int
    """Last line, inclusive."""
    text: str
    """The file's own characters of these lines."""
    anchors: tuple[str, ...] = ()
    """Names by which a link can point here: ids, heading slugs, labels, block ids."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read."""

    path: str
    """Relative to the root, with forward slashes, as the file system spells it."""
    title: str
    markup: Markup
    content_hash: str
    """sha256 of the file's bytes, in hex."""
    sections: tuple[Section, ...]
    links: tuple[Link, ...] = ()
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dated: str = ""
    """The day that its front matter gives it, ``YYYY-MM-DD``; empty for none."""
    labels: tuple[str, ...] = ()
    """Names that other documents may use to point here without a path (reStructuredText)."""
    routes: tuple[str, ...] = ()
    """Addresses that its front matter gives it on the site: from the site's root if they begin
    with ``/``, else in the place of its file's name."""
    size_bytes: int = 0
    """Of what was read: the file may have had another size when the walk found it."""
    made_by: str = ""
    """Name of the program that made it of other documents, as an index or a list of tags; empty for
    any other. It is found by its file's name alone, and no edge touches it."""
    unread: tuple[str, ...] = ()
    """What of the file is not in the sections though a person may read it, each with the reason."""
    language: str = ""
    """Name or tag of the language that it says to be in; empty if it does not say."""
    front_matter_fault: str = ""
    """Why its front matter could not be read, so that it is text or has a title at most; with the
    line. Empty if it could, or there is none."""

    @property
    def includes(self) -> tuple[str, ...]:
        """Addresses of the files that are part of it, as they are written."""
        targets = (link.target for link in self.links if link.syntax in ("include", "snippet"))
        return tuple(dict.fromkeys(targets))


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What became of one file (or one whole folder left out) that the walk found."""

    path: str
    status: Literal["indexed", "skipped"]
    reason: str
    """Empty for an indexed file, ``partly`` if not all of it was read, ``front-matter`` if that
    could not be, ``generated`` for a page that a program made; else a stable word such as
    ``ignored``, ``binary`` or ``copy`` (the source of a page that is there too)."""
    detail: str = ""
    """Details for a person: a pattern, an error message."""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A section with its score; higher is better."""

    section: int
    score: float

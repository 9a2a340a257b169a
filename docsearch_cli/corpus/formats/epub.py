"""Books (.epub): the text of each chapter, in the order in which they are read.

A chapter is a file of the book's spine; its number is the place of a quote. The text is what a
person reads of its XHTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from docsearch_cli.corpus.blocks import on_one_line
from docsearch_cli.corpus.encoding import decode
from docsearch_cli.corpus.formats.html import read_html
from docsearch_cli.corpus.formats.html_plain import plain_html
from docsearch_cli.corpus.formats.packed import Archive, name_in
from docsearch_cli.corpus.naming import first_name
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document, Link, Section

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_TEXT_TYPES = frozenset(("application/xhtml+xml", "text/html", "application/xml"))


def read_epub(path: str, data: bytes, content_hash: str) -> Document:
    """Read one book.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        data: The file's bytes.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, a section or more a chapter.

    Raises:
        ReaderError: If it is no book, damaged, or locked.
    """
    archive = Archive(data)
    container = _Package()
    archive.parse(_CONTAINER, container)
    if container.root not in archive:
        raise ReaderError("no book: its package file is missing")
    package = _Package()
    archive.parse(container.root, package)
    locked = archive.read(_ENCRYPTION) if _ENCRYPTION in archive else b""
    sections: list[Section] = []
    links: list[Link] = []
    unread: list[str] = []
    folder = container.root.rpartition("/")[0]
    read: set[str] = set()
    for number, key in enumerate(package.spine, 1):
        target, kind = package.items.get(key, ("", ""))
        name = name_in(archive, folder, target) if target else ""
        if not name or kind not in _TEXT_TYPES:
            unread.append(f"chapter {number}: missing or no text")
            continue
        if name in read:  # what a book reads twice says nothing new
            continue
        read.add(name)
        if name.encode() in locked:
            raise ReaderError("it is locked", reason="encrypted")
        chapter = read_html(name, decode(archive.read(name))[0], "")
        sections += _chapter(chapter, number)
        links += [Link(link.target, link.text, number) for link in _outside(chapter)]
    return Document(
        path=path,
        title=first_name(package.titles, path),
        markup="epub",
        content_hash=content_hash,
        sections=tuple(sections),
        links=tuple(links),
        unread=tuple(unread),
    )


def _chapter(chapter: Document, number: int) -> Iterator[Section]:
    for section in chapter.sections:
        lines = map(on_one_line, plain_html(section.text).split("\n"))
        text = "\n\n".join(filter(None, lines))
        if text:
            yield Section(section.heading, section.level, number, number, text)


def _outside(chapter: Document) -> Iterator[Link]:
    """Yield the links that lead out of the book."""
    for link in chapter.links:
        if link.target.startswith(("http:", "https:")):
            yield link


class _Package:
    """Gathers what the container, or the package file, says of a book."""

    def __init__(self) -> None:
        self.root = ""
        self.titles: list[str] = []
        self.items: dict[str, tuple[str, str]] = {}
        self.spine: list[str] = []
        self._title: list[str] | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""
        if name == "rootfile":
            self.root = self.root or attributes.get("full-path", "")
        elif name == "title":
            self._title = []
        elif name == "item":
            item = (attributes.get("href", ""), attributes.get("media-type", ""))
            self.items[attributes.get("id", "")] = item
        elif name == "itemref":
            self.spine.append(attributes.get("idref", ""))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "title" and self._title is not None:
            self.titles.append("".join(self._title))
            self._title = None

    def text(self, data: str) -> None:
        """Take text."""
        if self._title is not None:
            self._title.append(data)

"""OpenDocument: texts (.odt), whose places count paragraphs, and presentations (.odp), slides.

Read from the archive's ``content.xml`` as the standard (ISO/IEC 26300) has it. odfpy and its like
build the whole tree, and are licensed in ways that this package is not.
"""

from __future__ import annotations

from collections.abc import Mapping

from docsearch_cli.corpus.formats.packed import Archive, titles_in
from docsearch_cli.corpus.formats.paragraphs import CELL_MARK, PackedText, document_of_paragraphs
from docsearch_cli.corpus.formats.slides import Slide, document_of_slides
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document, Link

_CONTENT = "content.xml"
_META = "meta.xml"
_MANIFEST = "META-INF/manifest.xml"
# What was deleted while changes were tracked, remarks, and what is repeated on every page.
_UNREAD = frozenset(("tracked-changes", "annotation", "tracked-change", "bibliography-source"))
_PARAGRAPHS = frozenset(("p", "h"))
_MOST_LEVEL = 9
_MOST_SPACES = 100


def read_odt(path: str, data: bytes, content_hash: str) -> Document:
    """Read one OpenDocument text.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        data: The file's bytes.
        content_hash: Hash of the file's bytes.

    Returns:
        The document; its places count paragraphs.
    """
    return document_of_paragraphs(_unpack(data).packed, path, "odt", content_hash)


def text_of_odt(data: bytes) -> str:
    """Return the paragraphs of an OpenDocument text, one a line."""
    return _unpack(data).packed.text


def read_odp(path: str, data: bytes, content_hash: str) -> Document:
    """Read one OpenDocument presentation.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        data: The file's bytes.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, a section a slide.
    """
    body = _unpack(data)
    return document_of_slides(body.slides, body.packed.names, path, "odp", content_hash)


def _unpack(data: bytes) -> _Body:
    archive = Archive(data)
    if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST):
        raise ReaderError("it needs a password", reason="encrypted")
    body = _Body()
    body.packed.names += titles_in(archive, _META)
    archive.parse(_CONTENT, body)
    return body


class _Body:
    """Gathers paragraphs, and slides with theirs."""

    def __init__(self) -> None:
        self.packed = PackedText()
        self.slides: list[Slide] = []
        self._open: list[list[str]] = []
        """Pieces of the paragraphs that are open, the innermost last."""
        self._levels: list[int] = []
        """Level of each of them."""
        self._cells: list[list[str]] = []
        self._anchors: list[str] = []
        self._link = ""
        self._link_from = 0
        self._links: list[tuple[str, str]] = []
        self._is_title = False
        self._unread = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""
        if name in _UNREAD:
            self._unread += 1
        elif name in _PARAGRAPHS:
            self._open.append([])
            level = attributes.get("outline-level", "1") if name == "h" else "0"
            self._levels.append(min(int(level), _MOST_LEVEL) if level.isdecimal() else 1)
        elif name == "s" and self._open:
            count = attributes.get("c", "1")
            self._open[-1].append(" " * min(int(count) if count.isdecimal() else 1, _MOST_SPACES))
        elif name in ("tab", "line-break") and self._open:
            self._open[-1].append(" ")
        elif name == "table":
            self._cells.append([])
        elif name == "table-row" and self._cells:
            self._cells[-1] = []
        elif name == "page":
            self.slides.append(Slide())
        elif name in ("image", "object") and self.slides:
            self.slides[-1].has_picture = True
        elif name == "frame":
            self._is_title = attributes.get("class") == "title"
        elif name in ("bookmark", "bookmark-start") and "name" in attributes:
            self._anchors.append(attributes["name"])
        elif name == "a" and self._open:
            self._link = attributes.get("href", "")
            self._link_from = len(self._open[-1])

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name in _UNREAD:
            self._unread -= 1
        elif name in _PARAGRAPHS and self._open:
            self._end_paragraph("".join(self._open.pop()), self._levels.pop())
        elif name == "a" and self._open and self._link:
            words = " ".join("".join(self._open[-1][self._link_from :]).split())
            self._links.append((self._link, words))
            self._link = ""
        elif name == "table-row" and self._cells:
            self._add(CELL_MARK.join(filter(None, self._cells[-1])), 0)
        elif name == "table" and self._cells:
            self._cells.pop()
        elif name == "frame":
            self._is_title = False

    def text(self, data: str) -> None:
        """Take text."""
        if self._open and not self._unread:
            self._open[-1].append(data)

    def _end_paragraph(self, text: str, level: int) -> None:
        if self._open:  # a note stands inside of the paragraph that it belongs to
            self._open[-1].append(f" {text.strip()} ")
        elif self._cells:
            self._cells[-1].append(" ".join(text.split()))
        else:
            self._add(text, level)

    def _add(self, text: str, level: int) -> None:
        if self.slides:
            self.slides[-1].add(text, is_title=self._is_title)
            return
        self.packed.add(text, level, self._anchors)
        if text.strip():
            number = len(self.packed.paragraphs)
            self.packed.links += [Link(target, words, number) for target, words in self._links]
            self._anchors, self._links = [], []

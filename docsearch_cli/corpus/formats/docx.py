"""Word documents (.docx): paragraphs, headings by their styles, tables, notes, links, bookmarks.

Read from the archive's XML as the standard (ECMA-376) has it. Of python-docx, which would bring
lxml (5 MB) for it, only this part would be used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from docsearch_cli.corpus.formats.packed import Archive, relations_of, titles_in
from docsearch_cli.corpus.formats.paragraphs import CELL_MARK, PackedText, document_of_paragraphs
from docsearch_cli.models import Document, Link
from docsearch_cli.whole_numbers import read_number

_MAIN = "word/document.xml"
_STYLES = "word/styles.xml"
_PROPERTIES = "docProps/core.xml"
_NOTES = ("word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
_HEADING_STYLE = re.compile(r"heading ?([1-9])", re.IGNORECASE)
_TITLE_STYLE = re.compile(r"title", re.IGNORECASE)
_TEXT_LEVEL = 9
# What was deleted while changes were tracked, and what a field is computed from.
_UNREAD = frozenset(("del", "moveFrom", "instrText", "Fallback"))


def read_docx(path: str, data: bytes, content_hash: str) -> Document:
    """Read one Word document.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        data: The file's bytes.
        content_hash: Hash of the file's bytes.

    Returns:
        The document; its places count paragraphs.
    """
    return document_of_paragraphs(_unpack(data), path, "docx", content_hash)


def text_of_docx(data: bytes) -> str:
    """Return the paragraphs of a Word document, one a line."""
    return _unpack(data).text


def _unpack(data: bytes) -> PackedText:
    archive = Archive(data)
    packed = PackedText()
    packed.names += titles_in(archive, _PROPERTIES)
    styles = _Styles()
    if _STYLES in archive:
        archive.parse(_STYLES, styles)
    for part in (_MAIN, *_NOTES):
        if part == _MAIN or part in archive:
            addresses = {key: rel[1] for key, rel in relations_of(archive, part).items()}
            archive.parse(part, _Body(packed, styles.levels, addresses))
    return packed


class _Styles:
    """Gathers which styles are headings: by their outline level, or by their name."""

    def __init__(self) -> None:
        self.levels: dict[str, int] = {}
        self._style = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if name == "style":
            self._style = attributes.get("styleId", "")
        elif name == "name" and (level := _level_of_style(value)):
            self.levels[self._style] = level
        elif name == "outlineLvl" and (level := _level_of_outline(value)):
            self.levels.setdefault(self._style, level)

    def end(self, name: str) -> None:
        del name

    def text(self, data: str) -> None:
        del data


def _level_of_style(name: str) -> int:
    heading = _HEADING_STYLE.fullmatch(name)
    return int(heading[1]) if heading else int(_TITLE_STYLE.fullmatch(name) is not None)


def _level_of_outline(value: str) -> int:
    """Return the level of a heading that an outline level means; 0 for text."""
    number = read_number(value)
    return number + 1 if number is not None and 0 <= number < _TEXT_LEVEL else 0


class _Body:
    """Gathers the paragraphs of one part."""

    def __init__(
        self, packed: PackedText, levels: Mapping[str, int], addresses: Mapping[str, str]
    ) -> None:
        self._packed = packed
        self._levels = levels
        self._addresses = addresses
        self._pieces: list[str] = []
        self._cells: list[list[str]] = []
        """Of each table that is open, the cells of the row so far."""
        self._level = 0
        self._anchors: list[str] = []
        self._link = ""
        self._link_from = 0
        self._links: list[tuple[str, str]] = []
        self._is_text = False
        self._unread = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        value = attributes.get("val", "")
        if name in _UNREAD:
            self._unread += 1
        elif name == "pStyle":
            self._level = self._levels.get(value) or _level_of_style(value)
        elif name == "outlineLvl" and (level := _level_of_outline(value)):
            self._level = level
        elif name == "t":
            self._is_text = True
        elif name in ("tab", "br", "cr"):
            self._pieces.append(" ")
        elif name == "noBreakHyphen":
            self._pieces.append("-")
        elif name == "tbl":
            self._cells.append([])
        elif name == "bookmarkStart" and not attributes.get("name", "_").startswith("_"):
            self._anchors.append(attributes["name"])
        elif name == "hyperlink":
            anchor = attributes.get("anchor", "")
            address = self._addresses.get(attributes.get("id", ""), "")
            self._link = f"{address}#{anchor}" if anchor else address
            self._link_from = len(self._pieces)

    def end(self, name: str) -> None:
        if name in _UNREAD:
            self._unread -= 1
        elif name == "t":
            self._is_text = False
        elif name == "hyperlink":
            if self._link:
                words = " ".join("".join(self._pieces[self._link_from :]).split())
                self._links.append((self._link, words))
            self._link = ""
        elif name == "p":
            self._end_paragraph()
        elif name == "tc" and self._cells:
            self._cells[-1].append(" ".join("".join(self._pieces).split()))
            self._pieces = []
        elif name == "tr" and self._cells:
            row = CELL_MARK.join(filter(None, self._cells[-1]))
            self._cells[-1] = []
            self._add(row, 0)
        elif name == "tbl" and self._cells:
            self._cells.pop()

    def text(self, data: str) -> None:
        if self._is_text and not self._unread:
            self._pieces.append(data)

    def _end_paragraph(self) -> None:
        if self._cells:
            self._pieces.append(" ")
        else:
            text = "".join(self._pieces)
            self._pieces = []
            self._add(text, self._level)
        self._level = 0

    def _add(self, text: str, level: int) -> None:
        if len(self._cells) > 1:  # a table in a cell is text of that cell
            self._pieces.append(f"{text} ")
            return
        self._packed.add(text, level, self._anchors)
        if text.strip():
            number = len(self._packed.paragraphs)
            self._packed.links += [Link(target, words, number) for target, words in self._links]
            self._anchors, self._links = [], []
